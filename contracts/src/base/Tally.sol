// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreement, Panel, Verdict, Voice} from "../interfaces/IAgreement.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {Quorum} from "../libraries/Quorum.sol";
import {TermsHash} from "../libraries/TermsHash.sol";
import {Commitment} from "./Commitment.sol";

/// @title Counting the voices of panels
abstract contract Tally is Commitment {
    /// @dev Sets of seats: by phase and obligation who has attested at all; by motion who has attested exactly that.
    mapping(bytes32 motion => uint256 seats) private _tallies;

    /// @inheritdoc IAgreement
    function tally(uint8 phase, uint8 obligation, Verdict verdict, uint256 value)
        external
        view
        returns (uint256 voted, uint256 agreed)
    {
        voted = _tallies[_subject(phase, obligation)];
        agreed = _tallies[_motion(phase, obligation, verdict, value)];
    }

    /// @dev Adds seats' attestations to the tally of a motion. A quorum reached in one call stores nothing.
    function _count(
        uint8 phase,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        Panel calldata panel,
        Voice[] calldata voices
    ) internal returns (bool) {
        uint256 voted = _tallies[_subject(phase, obligation)];
        uint256 heard;
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
        if (heard == 0 && failed != 0) _refuse(panel, voices[failed - 1]);
        if (heard == 0) revert NoNewVoice(obligation);
        bytes32 motion = _motion(phase, obligation, verdict, value);
        uint256 agreed = voted == 0 ? heard : heard | _tallies[motion];
        if (Quorum.reached(panel, agreed)) return true;
        _tallies[_subject(phase, obligation)] = voted | heard;
        _tallies[motion] = agreed;
        return false;
    }

    /// @dev Says why a voice does not count.
    function _refuse(Panel calldata panel, Voice calldata voice) private view {
        if (block.timestamp > voice.expiry) revert AttestationExpired(voice.seat, voice.expiry);
        address verifier = panel.seats[voice.seat].verifier;
        if (voice.signature.length == 0) revert NotCaller(verifier);
        revert BadSignature(verifier);
    }

    function _subject(uint8 phase, uint8 obligation) internal pure returns (bytes32) {
        return keccak256(abi.encode(phase, obligation));
    }

    function _motion(uint8 phase, uint8 obligation, Verdict verdict, uint256 value) internal pure returns (bytes32) {
        return keccak256(abi.encode(phase, obligation, verdict, value));
    }
}
