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
        bytes32 motion = _motion(s.phase, obligation, verdict, value);
        uint256 agreed = voted == 0 ? heard : heard | _tallies[motion];
        if (Quorum.reached(panel, agreed)) return true;
        _tallies[_subject(s.phase, obligation)] = voted | heard;
        _tallies[motion] = agreed;
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
        uint256 failed;
        for (uint256 i; i < voices.length; ++i) {
            Voice calldata voice = voices[i];
            if (voice.seat >= panel.seats.length) revert UnknownSeat(voice.seat);
            if (Outcome.contains(heard, voice.seat)) revert SeatRepeated(voice.seat);
            if (Outcome.contains(voted, voice.seat)) continue;
            bytes32 said = TermsHash.attestation(phase, obligation, verdict, value, voice.evidence, voice.expiry);
            if (block.timestamp > voice.expiry || !_signed(panel.seats[voice.seat].verifier, said, voice.signature)) {
                failed = i + 1;
                continue;
            }
            heard |= 1 << voice.seat;
            emit Attested(phase, obligation, voice.seat, verdict, value, voice.evidence);
        }
        if (heard != 0) return heard;
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
