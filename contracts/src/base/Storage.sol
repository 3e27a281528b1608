// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Contest, Hearing, State, Status} from "../interfaces/Types.sol";

/// @title Everything an agreement stores
/// @notice `Agreement` and `Recourse` run over the same storage, so all of it is declared here, and nowhere else.
abstract contract Storage {
    /// @dev The state in one word: see `_load`.
    uint256 private _packed;
    /// @dev What the agreement is committed to from the phase at hand on, once that is not what the code of the clone says.
    bytes32 internal _commitment;
    /// @dev The set of parties that have joined since the phase at hand opened. Written only where the terms allow it.
    uint16 internal _joining;
    /// @dev Sets of seats: by phase and obligation who has attested at all; by motion who has attested exactly that.
    mapping(bytes32 motion => uint256 seats) internal _tallies;
    /// @dev What a party still holds of its bond, written only where it falls short of the level of the phase at hand.
    /// A bond that is not short is exactly at its level, so that its amount follows from the terms.
    mapping(uint256 party => uint256 amount) internal _shortBonds;
    mapping(address account => mapping(address asset => uint256)) internal _credits;
    /// @dev By `Outcome.key`: values attested, where they are not zero.
    mapping(uint256 key => uint256 value) internal _values;
    /// @dev By `Outcome.key`: written only where there is an arbitrator.
    mapping(uint256 key => Contest) internal _contests;
    mapping(uint256 disputeId => Hearing) internal _hearings;

    // The compiler would write a struct to its slot field by field, at 250 gas each.

    function _load() internal view returns (State memory s) {
        uint256 word = _packed;
        s.status = Status(word & 0xff);
        s.phase = uint8(word >> 8);
        s.marks = uint8(word >> 16);
        s.members = uint16(word >> 24);
        s.short = uint16(word >> 40);
        s.openedAt = uint40(word >> 56);
        s.cutOff = uint32(word >> 96);
        s.verdicts = uint64(word >> 128);
        s.funded = uint32(word >> 192);
        s.paid = uint32(word >> 224);
    }

    function _save(State memory s) internal {
        uint256 word = uint256(s.status) | (uint256(s.phase) << 8) | (uint256(s.marks) << 16);
        word |= (uint256(s.members) << 24) | (uint256(s.short) << 40) | (uint256(s.openedAt) << 56);
        word |= (uint256(s.cutOff) << 96) | (uint256(s.verdicts) << 128);
        _packed = word | (uint256(s.funded) << 192) | (uint256(s.paid) << 224);
    }
}
