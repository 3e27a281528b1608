// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "./IAgreementEvents.sol";
import {ICourse} from "./ICourse.sol";
import {IRecourse} from "./IRecourse.sol";

/// @title One agreement between parties, holding their bonds and payments
/// @notice The account's address commits to its terms, which are never stored: every call brings them, and is refused
/// if they are not what the address commits to. Terms and phases travel packed, as `Packed` has it. `later` is the hash
/// chain of the phases after the one at hand: keccak256(struct hash of the next phase, hash chain of those after it), zero
/// when there is none.
/// Nobody owns, upgrades or pauses it.
interface IAgreement is IAgreementEvents, ICourse, IRecourse {
    /// @notice Runs several calls of one caller, all or none. None of them can bring coin.
    function multicall(bytes[] calldata data) external returns (bytes[] memory results);
}
