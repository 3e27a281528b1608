// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Panel, State, Verdict, Voice} from "../interfaces/Types.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {Quorum} from "../libraries/Quorum.sol";
import {TermsHash} from "../libraries/TermsHash.sol";
import {Commitment} from "./Commitment.sol";

/// @title Counting the voices of panels
abstract contract Tally is Commitment {
    using Outcome for State;

    /// @dev Adds seats' attestations to the tally of a motion. A quorum reached in one call stores nothing.
    function _count(
        State memory s,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        Panel memory panel,
        Voice[] calldata voices
    ) internal returns (bool) {
        uint256 voted = s.marked(Outcome.POLLED) ? _tallies[_subject(s.phase, obligation)] : 0;
        uint256 heard = _hear(s.phase, obligation, verdict, value, panel, voices, voted);
        uint256 agreed = voted == 0 ? heard : heard | _tallies[_motion(s.phase, obligation, verdict, value)];
        if (heard == 0) {
            _requireRepeated(obligation, panel, voices, voted, agreed);
            return false;
        }
        if (Quorum.reached(panel, agreed)) return true;
        _tallies[_subject(s.phase, obligation)] = voted | heard;
        _tallies[_motion(s.phase, obligation, verdict, value)] = agreed;
        if (!s.marked(Outcome.POLLED)) {
            s.marks |= Outcome.POLLED;
            _save(s);
        }
        return false;
    }

    /// @dev The set of seats whose voices count and have not been heard before.
    function _hear(
        uint8 phase,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        Panel memory panel,
        Voice[] calldata voices,
        uint256 voted
    ) private returns (uint256 heard) {
        for (uint256 i; i < voices.length; ++i) {
            Voice calldata voice = voices[i];
            uint8 seat = voice.seat;
            if (seat >= panel.seats.length) revert UnknownSeat(seat);
            if (Outcome.contains(heard, seat)) revert SeatRepeated(seat);
            uint40 expiry = voice.expiry;
            if (Outcome.contains(voted, seat) || block.timestamp > expiry) continue;
            bytes32 evidence = voice.evidence;
            bytes32 said = TermsHash.attestation(phase, obligation, verdict, value, evidence, expiry);
            if (!_signed(panel.seats[seat].verifier, said, voice.signature)) continue;
            heard |= 1 << seat;
            emit Attested(phase, obligation, seat, verdict, value, evidence);
        }
    }

    /// @dev No voice counts that has not been heard before. Somebody must have been, and all who were must have said the same:
    /// then it has been relayed already, and nothing is left to do.
    function _requireRepeated(
        uint8 obligation,
        Panel memory panel,
        Voice[] calldata voices,
        uint256 voted,
        uint256 agreed
    ) private view {
        uint256 before;
        uint256 failed;
        for (uint256 i; i < voices.length; ++i) {
            if (Outcome.contains(voted, voices[i].seat)) before |= 1 << voices[i].seat;
            else failed = i + 1;
        }
        if (before != 0 && before & ~agreed == 0) return;
        if (failed == 0) revert NoNewVoice(obligation);
        Voice calldata last = voices[failed - 1];
        if (block.timestamp > last.expiry) revert AttestationExpired(last.seat, last.expiry);
        _refuseSignature(panel.seats[last.seat].verifier, last.signature);
    }

    function _subject(uint8 phase, uint8 obligation) internal pure returns (bytes32) {
        return keccak256(abi.encode(phase, obligation));
    }

    function _motion(uint8 phase, uint8 obligation, Verdict verdict, uint256 value) internal pure returns (bytes32) {
        return keccak256(abi.encode(phase, obligation, verdict, value));
    }
}
