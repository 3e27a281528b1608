// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IAgreement, Phase, State, Status, Terms} from "../interfaces/IAgreement.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {TermsHash} from "../libraries/TermsHash.sol";

/// @title What an agreement is committed to and where it stands: every call is identified here first
abstract contract Commitment is IAgreement {
    using Outcome for State;

    State internal _state;
    /// @dev Hash chain of the phases from the one at hand on; unset in the first phase, where the code holds it.
    bytes32 internal _agenda;

    /// @inheritdoc IAgreement
    function termsHash() external view returns (bytes32 hash) {
        (hash,) = _commitment();
    }

    /// @inheritdoc IAgreement
    function agenda() external view returns (bytes32) {
        return _agendaOf(_state);
    }

    /// @inheritdoc IAgreement
    function domainSeparator() external view returns (bytes32) {
        return TermsHash.domainSeparator();
    }

    /// @dev Terms hash and hash chain of all phases, held by the clone's own code.
    function _commitment() internal view returns (bytes32, bytes32) {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (bytes32, bytes32));
    }

    function _agendaOf(State memory s) internal view returns (bytes32 chain) {
        if (s.phase != 0) return _agenda;
        (, chain) = _commitment();
    }

    function _identify(Terms calldata terms) internal view returns (bytes32 hash) {
        hash = TermsHash.hash(terms);
        (bytes32 expected,) = _commitment();
        if (hash != expected) revert TermsMismatch(expected, hash);
    }

    function _checkPhase(Phase calldata phase, bytes32 later, bytes32 expected) internal pure {
        bytes32 actual = TermsHash.chain(TermsHash.hash(phase), later);
        if (actual != expected) revert PhaseMismatch(expected, actual);
    }

    function _authorize(address account, bytes32 structHash, bytes calldata signature) internal view {
        if (signature.length == 0) {
            _requireCaller(account);
        } else if (
            !SignatureChecker.isValidSignatureNowCalldata(account, TermsHash.digest(structHash), signature)
        ) {
            revert BadSignature(account);
        }
    }

    function _requireCaller(address account) internal view {
        if (msg.sender != account) revert NotCaller(account);
    }

    /// @dev In force, these terms, this phase, not past the end.
    function _identify(Terms calldata terms, Phase calldata phase, bytes32 later)
        internal
        view
        returns (State memory s, uint256 cut)
    {
        _identify(terms);
        s = _state;
        if (s.status != Status.InForce) revert WrongStatus(s.status);
        _checkPhase(phase, later, _agendaOf(s));
        uint256 end = Outcome.end(terms);
        if (block.timestamp > end) revert TooLate(end);
        cut = s.cut(terms, phase);
    }

    /// @dev As `_identify`, and the phase has not been cut off.
    function _enter(Terms calldata terms, Phase calldata phase, bytes32 later)
        internal
        view
        returns (State memory s, uint256 cut)
    {
        (s, cut) = _identify(terms, phase, later);
        if (cut != Outcome.NEVER) revert PastCutOff(cut);
    }
}
