// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Panel} from "../interfaces/Types.sol";

/// @title When a panel has spoken
library Quorum {
    /// @notice Whether a set of seats reaches the threshold, and the quota of every chamber.
    function reached(Panel memory panel, uint256 seats) internal pure returns (bool) {
        uint256 total;
        uint256[] memory present = new uint256[](panel.quotas.length);
        for (uint256 i; seats >> i != 0; ++i) {
            if ((seats >> i) & 1 == 0) continue;
            ++total;
            if (present.length != 0) ++present[panel.seats[i].chamber];
        }
        if (total < panel.threshold) return false;
        for (uint256 i; i < present.length; ++i) {
            if (present[i] < panel.quotas[i]) return false;
        }
        return true;
    }
}
