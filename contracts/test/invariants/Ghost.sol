// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Status, Verdict} from "../../src/interfaces/Types.sol";

/// @dev What has become of an agreement, as noted from the calls that were made.
struct Ghost {
    Status status;
    uint256 phase;
    uint256 members;
    uint256 joining;
    uint256 openedAt;
    uint256 funded;
    uint256 paid;
    /// @dev Of each party, what it has in the account as bond.
    uint256[4] bonds;
}

/// @dev What has been said on an obligation of the phase at hand, and when.
struct Fact {
    Verdict verdict;
    bool conceded;
    uint256 value;
    uint256 decidedAt;
    uint256 challengedAt;
    uint256 ruledAt;
    uint256 disputeId;
    /// @dev Seats that have spoken; and for which verdict and value each.
    uint256 voted;
    bytes32[3] said;
}
