// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {Agreement} from "./Agreement.sol";
import {IAgreementEvents} from "./interfaces/IAgreementEvents.sol";
import {IAgreementFactory} from "./interfaces/IAgreementFactory.sol";
import {ICourse} from "./interfaces/ICourse.sol";
import {Phase, Terms} from "./interfaces/Types.sol";
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
    function open(Terms calldata terms, bytes32[] calldata hashes, Phase[] calldata disclosed)
        external
        returns (address agreement)
    {
        return _open(terms, hashes, disclosed);
    }

    /// @inheritdoc IAgreementFactory
    function launch(Terms calldata terms, bytes32[] calldata hashes, Phase[] calldata disclosed, uint8, uint32)
        external
        payable
        returns (address agreement)
    {
        agreement = _open(terms, hashes, disclosed);
        bytes memory forwarded = abi.encodePacked(ICourse.launch.selector, msg.data[4:], msg.sender);
        Address.functionCallWithValue(agreement, forwarded, msg.value);
    }

    /// @inheritdoc IAgreementFactory
    function disclose(Terms calldata terms, bytes32[] calldata hashes, Phase[] calldata disclosed) external {
        _checkDisclosed(terms, hashes, disclosed);
        (bytes32 termsHash, address agreement) = _addressOf(terms, hashes);
        if (agreement.code.length == 0) revert NotOpen(agreement);
        emit Disclosed(agreement, termsHash, terms, hashes, disclosed);
    }

    /// @inheritdoc IAgreementFactory
    function addressOf(Terms calldata terms, bytes32[] calldata hashes) external view returns (address agreement) {
        (, agreement) = _addressOf(terms, hashes);
    }

    function _open(Terms calldata terms, bytes32[] calldata hashes, Phase[] calldata disclosed)
        private
        returns (address agreement)
    {
        (bytes32 flaw, uint256 index) = TermsCheck.flaw(terms, hashes.length);
        if (flaw != 0) revert TermsMalformed(flaw, index);
        if (disclosed.length == 0) revert NothingDisclosed();
        _checkDisclosed(terms, hashes, disclosed);

        (bytes32 termsHash, bytes32 commitment) = _commit(terms, hashes);
        agreement = Clones.cloneDeterministicWithImmutableArgs(implementation, abi.encode(commitment), termsHash);
        // The arguments go out as they came, which costs a third of encoding them anew; who reads them checks the hash.
        emit Opened(agreement, termsHash, terms.document, msg.data[4:]);
    }

    function _addressOf(Terms calldata terms, bytes32[] calldata hashes)
        private
        view
        returns (bytes32 termsHash, address agreement)
    {
        bytes32 commitment;
        (termsHash, commitment) = _commit(terms, hashes);
        agreement =
            Clones.predictDeterministicAddressWithImmutableArgs(implementation, abi.encode(commitment), termsHash);
    }

    function _checkDisclosed(Terms calldata terms, bytes32[] calldata hashes, Phase[] calldata disclosed) private pure {
        for (uint256 i; i < disclosed.length; ++i) {
            bytes32 actual = TermsHash.hash(disclosed[i]);
            bytes32 expected = i < hashes.length ? hashes[i] : bytes32(0);
            if (actual != expected) revert IAgreementEvents.PhaseMismatch(expected, actual);
            (bytes32 flaw, uint256 index) = TermsCheck.flaw(disclosed[i], terms);
            if (flaw != 0) revert IAgreementEvents.PhaseFlawed(i, flaw, index);
        }
    }

    /// @dev What the clone commits to: the terms hash, and the hash chain of its phases.
    function _commit(Terms calldata terms, bytes32[] calldata hashes)
        private
        pure
        returns (bytes32 termsHash, bytes32 commitment)
    {
        bytes32 phases = keccak256(abi.encodePacked(hashes));
        if (phases != terms.phases) revert PhasesMismatch(terms.phases, phases);
        bytes32 agenda;
        for (uint256 i = hashes.length; i != 0; --i) {
            agenda = TermsHash.chain(hashes[i - 1], agenda);
        }
        termsHash = TermsHash.hash(terms);
        commitment = TermsHash.chain(termsHash, agenda);
    }
}
