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
    /// @dev What the agreement is committed to from the phase at hand on. Unset in the first phase, where the code of the
    /// clone holds it.
    bytes32 internal _commitment;

    /// @inheritdoc IAgreement
    function commitment() public view returns (bytes32) {
        if (_state.phase != 0) return _commitment;
        return bytes32(Clones.fetchCloneArgs(address(this)));
    }

    /// @inheritdoc IAgreement
    function domainSeparator() external view returns (bytes32) {
        return TermsHash.domainSeparator();
    }

    /// @dev These terms, with these phases from the one at hand on.
    function _identify(Terms calldata terms, bytes32 agenda) internal view returns (bytes32 termsHash) {
        termsHash = TermsHash.hash(terms);
        bytes32 actual = TermsHash.chain(termsHash, agenda);
        bytes32 expected = commitment();
        if (actual != expected) revert TermsMismatch(expected, actual);
    }

    /// @dev Whether an account has signed a struct; an empty signature says that the account itself is calling.
    function _signed(address account, bytes32 structHash, bytes calldata signature) internal view returns (bool) {
        if (signature.length == 0) return msg.sender == account;
        return SignatureChecker.isValidSignatureNowCalldata(account, TermsHash.digest(structHash), signature);
    }

    function _requireCaller(address account) internal view {
        if (msg.sender != account) revert NotCaller(account);
    }

    /// @dev These terms and this phase, in force. `cutOff` is that of the phase.
    function _identifyPhase(Terms calldata terms, Phase calldata phase, bytes32 later)
        internal
        view
        returns (State memory s, bytes32 termsHash, uint256 cutOff)
    {
        termsHash = _identify(terms, TermsHash.chain(TermsHash.hash(phase), later));
        s = _state;
        if (s.status != Status.InForce) revert WrongStatus(s.status);
        cutOff = s.cut(terms, phase);
    }

    /// @dev Past the end nothing is left but to release and to unwind.
    function _requireNotOver(Terms calldata terms) internal view {
        uint256 end = Outcome.end(terms);
        if (block.timestamp > end) revert TooLate(end);
    }

    /// @dev As `_identifyPhase`, and neither past the end nor cut off.
    function _enter(Terms calldata terms, Phase calldata phase, bytes32 later) internal view returns (State memory s) {
        uint256 cutOff;
        (s,, cutOff) = _identifyPhase(terms, phase, later);
        _requireNotOver(terms);
        if (cutOff != Outcome.NEVER) revert PastCutOff(cutOff);
    }
}
