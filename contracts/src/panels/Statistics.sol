// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The middle of a few numbers, and how far they are apart
/// @notice `pyledger/terms/ballots.py` is its twin.
library Statistics {
    /// @notice Sorts in place, the least first.
    function sort(uint256[] memory values) internal pure {
        for (uint256 i = 1; i < values.length; ++i) {
            uint256 value = values[i];
            uint256 slot = i;
            for (; slot != 0 && values[slot - 1] > value; --slot) {
                values[slot] = values[slot - 1];
            }
            values[slot] = value;
        }
    }

    /// @notice The middle of sorted numbers; of an even count half-way between the two in the middle, rounded down.
    function median(uint256[] memory sorted) internal pure returns (uint256) {
        uint256 last = sorted.length - 1;
        return Math.average(sorted[last / 2], sorted[last - last / 2]);
    }

    /// @notice Between the quartiles of sorted numbers, each being one of them: a quarter of the way, rounded down, from
    /// either end.
    function spread(uint256[] memory sorted) internal pure returns (uint256) {
        uint256 last = sorted.length - 1;
        return sorted[last - last / 4] - sorted[last / 4];
    }
}
