// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {Agreement} from "./Agreement.sol";
import {IAgreementEvents} from "./interfaces/IAgreementEvents.sol";
import {IAgreementFactory} from "./interfaces/IAgreementFactory.sol";
import {ICourse} from "./interfaces/ICourse.sol";
import {Phase, Terms} from "./interfaces/Types.sol";
import {Packed} from "./libraries/Packed.sol";
import {TermsCheck} from "./libraries/TermsCheck.sol";
import {TermsHash} from "./libraries/TermsHash.sol";

/// @title AgreementFactory
/// @notice Ownerless. Makes each agreement a minimal clone whose code, and so whose address, holds the hash of its terms.
contract AgreementFactory is IAgreementFactory {
    /// @inheritdoc IAgreementFactory
    address public immutable implementation;

    /// @param recourse the other half of every agreement
    constructor(address recourse) {
        implementation = address(new Agreement(recourse));
    }

    /// @inheritdoc IAgreementFactory
    function open(bytes calldata packedTerms, bytes32[] calldata hashes, bytes[] calldata disclosed)
        external
        returns (address agreement)
    {
        bool opened;
        (agreement, opened) = _open(packedTerms, hashes, disclosed);
        if (!opened) revert AlreadyOpen(agreement);
    }

    /// @inheritdoc IAgreementFactory
    function launch(bytes calldata packedTerms, bytes32[] calldata hashes, bytes[] calldata disclosed, uint8, uint32)
        external
        payable
        returns (address agreement)
    {
        (agreement,) = _open(packedTerms, hashes, disclosed);
        bytes memory forwarded = abi.encodePacked(ICourse.launch.selector, msg.data[4:], msg.sender);
        Address.functionCallWithValue(agreement, forwarded, msg.value);
    }

    /// @inheritdoc IAgreementFactory
    function disclose(bytes calldata packedTerms, bytes32[] calldata hashes, bytes[] calldata disclosed) external {
        if (disclosed.length == 0) revert NothingDisclosed();
        Terms memory terms = Packed.terms(packedTerms);
        _checkDisclosed(terms, hashes, disclosed);
        bytes32 termsHash = _hash(terms, hashes);
        address agreement = _addressOf(_commit(packedTerms, hashes, disclosed[0]), termsHash);
        if (agreement.code.length == 0) revert NotOpen(agreement);
        emit Disclosed(agreement, termsHash, packedTerms, hashes, disclosed);
    }

    /// @inheritdoc IAgreementFactory
    function addressOf(bytes calldata packedTerms, bytes32[] calldata hashes, bytes calldata packedFirst)
        external
        view
        returns (address agreement)
    {
        Terms memory terms = Packed.terms(packedTerms);
        _identify(packedFirst, hashes, 0);
        return _addressOf(_commit(packedTerms, hashes, packedFirst), _hash(terms, hashes));
    }

    /// @inheritdoc IAgreementFactory
    function decodeTerms(bytes calldata packedTerms) external pure returns (Terms memory) {
        return Packed.terms(packedTerms);
    }

    /// @inheritdoc IAgreementFactory
    function decodePhase(bytes calldata packedPhase) external pure returns (Phase memory) {
        return Packed.phase(packedPhase);
    }

    /// @dev Makes the agreement unless it is there: a second attempt would burn nearly all the gas that it is given.
    function _open(bytes calldata packedTerms, bytes32[] calldata hashes, bytes[] calldata disclosed)
        private
        returns (address agreement, bool opened)
    {
        Terms memory terms = Packed.terms(packedTerms);
        (bytes32 flaw, uint256 index) = TermsCheck.flaw(terms, hashes.length);
        if (flaw != 0) revert TermsMalformed(flaw, index);
        if (disclosed.length == 0) revert NothingDisclosed();
        _checkDisclosed(terms, hashes, disclosed);

        bytes32 termsHash = _hash(terms, hashes);
        bytes memory committed = _commit(packedTerms, hashes, disclosed[0]);
        agreement = _addressOf(committed, termsHash);
        if (agreement.code.length != 0) return (agreement, false);
        opened = true;
        Clones.cloneDeterministicWithImmutableArgs(implementation, committed, termsHash);
        emit Opened(agreement, termsHash, terms.document, packedTerms, hashes, disclosed);
    }

    function _addressOf(bytes memory committed, bytes32 termsHash) private view returns (address) {
        return Clones.predictDeterministicAddressWithImmutableArgs(implementation, committed, termsHash);
    }

    function _checkDisclosed(Terms memory terms, bytes32[] calldata hashes, bytes[] calldata disclosed) private pure {
        for (uint256 i; i < disclosed.length; ++i) {
            Phase memory phase = _identify(disclosed[i], hashes, i);
            (bytes32 flaw, uint256 index) = TermsCheck.flaw(phase, terms);
            if (flaw != 0) revert IAgreementEvents.PhaseFlawed(i, flaw, index);
        }
    }

    /// @dev The phase that bytes mean, if it has the hash that the list says.
    function _identify(bytes calldata packedPhase, bytes32[] calldata hashes, uint256 index)
        private
        pure
        returns (Phase memory phase)
    {
        phase = Packed.phase(packedPhase);
        bytes32 actual = TermsHash.hash(phase);
        bytes32 expected = index < hashes.length ? hashes[index] : bytes32(0);
        if (actual != expected) revert IAgreementEvents.PhaseMismatch(expected, actual);
    }

    /// @dev The terms hash, if these are the hashes of its phases.
    function _hash(Terms memory terms, bytes32[] calldata hashes) private pure returns (bytes32) {
        bytes32 phases = keccak256(abi.encodePacked(hashes));
        if (phases != terms.phases) revert PhasesMismatch(terms.phases, phases);
        return TermsHash.hash(terms);
    }

    /// @dev What the clone commits to: terms and first phase as they are packed, and the hash chain of the later phases.
    function _commit(bytes calldata packedTerms, bytes32[] calldata hashes, bytes calldata packedFirst)
        private
        pure
        returns (bytes memory)
    {
        bytes32 later;
        for (uint256 i = hashes.length; i > 1; --i) {
            later = TermsHash.chain(hashes[i - 1], later);
        }
        return abi.encode(Packed.commitment(packedTerms, Packed.outlook(packedFirst, later)));
    }
}
