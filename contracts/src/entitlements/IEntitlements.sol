// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreement} from "../interfaces/IAgreement.sol";

/// @dev What entitles parties, the set `parties`, each if it is a member: that the agreement is in force with `phase` at hand
/// or, if `completed`, has been completed with it; that all in the set `givers` are members, too, and so bound to what they
/// give; that of this phase's obligations those in the set `met` stand met, and none in the set `kept` stands breached, nor,
/// if `own`, any of the party's own. A verdict counts as it stands, also while it can still be overruled: what it takes away
/// comes back if it is.
struct Condition {
    uint16 parties;
    uint16 givers;
    uint8 phase;
    bool completed;
    bool own;
    uint32 met;
    uint32 kept;
}

/// @title Who is entitled to what, by the state of an agreement
/// @notice For contracts that give something while an agreement says so. Answers follow from the agreement's own state, the
/// terms it is committed to, and the time; nothing is kept here. An entitlement ends by itself: with a breach of what must be
/// kept, a cut-off, the long stop, the end of the phase or of the agreement, whether or not anybody has settled.
/// Every function takes terms and phase at hand as calls of the agreement do, and refuses others with `TermsMismatch`.
/// An entitlement needs to hold by one of the conditions. One that names a giver or an obligation that is not there never
/// holds.
/// @dev The caller vouches for `agreement`: it has its address from its own code or storage, or from the factory's `addressOf`.
interface IEntitlements {
    /// @notice Whether an account, which may be anybody's, is entitled now.
    function holds(
        IAgreement agreement,
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        address account,
        Condition[] calldata conditions
    ) external view returns (bool);

    /// @notice The last second at which an account entitled now is sure to be, if nobody does anything: the largest number if
    /// there is none, zero if it is not entitled now. What others do can end it earlier.
    function until(
        IAgreement agreement,
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        address account,
        Condition[] calldata conditions
    ) external view returns (uint256);

    /// @notice The accounts of all parties that are entitled now, in the order of the terms.
    function holders(
        IAgreement agreement,
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        Condition[] calldata conditions
    ) external view returns (address[] memory);
}
