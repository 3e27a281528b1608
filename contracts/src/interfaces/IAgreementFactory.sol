// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Phase, Terms} from "./Types.sol";

/// @title Opens agreements at the addresses that their terms determine
interface IAgreementFactory {
    /// @param terms packed
    /// @param hashes the struct hashes of all phases, in order
    /// @param disclosed the first phases, packed
    event Opened(
        address indexed agreement,
        bytes32 indexed termsHash,
        bytes32 indexed document,
        bytes terms,
        bytes32[] hashes,
        bytes[] disclosed
    );

    /// @notice The terms of an agreement and its first phases, packed, once more.
    event Disclosed(
        address indexed agreement, bytes32 indexed termsHash, bytes terms, bytes32[] hashes, bytes[] disclosed
    );

    error TermsMalformed(bytes32 flaw, uint256 index);
    /// @dev The first phase has to be disclosed: nothing publishes it later.
    error NothingDisclosed();
    error NotOpen(address agreement);
    error AlreadyOpen(address agreement);
    error PhasesMismatch(bytes32 expected, bytes32 actual);

    /// @notice Opens the agreement of these terms. Anyone may.
    /// @param hashes the struct hashes of all phases, in order
    /// @param disclosed the first phases, at least one, each packed: they are checked, and emitted for observers
    function open(bytes calldata packedTerms, bytes32[] calldata hashes, bytes[] calldata disclosed)
        external
        returns (address agreement);

    /// @notice Opens an agreement that the caller joins, and, if nobody else has to, funds: the same as `open`, `accept` and
    /// `fund`. Tokens are taken from the caller by the agreement, which they must have approved; coin beyond what is
    /// due goes back. If somebody else has opened it before, the caller joins and funds all the same.
    /// @param party whose account calls
    /// @param payments a set of payments of the first phase
    function launch(
        bytes calldata packedTerms,
        bytes32[] calldata hashes,
        bytes[] calldata disclosed,
        uint8 party,
        uint32 payments
    ) external payable returns (address agreement);

    /// @notice Emits terms and first phases of an agreement, at least one, anew: so phases that were not disclosed at its
    /// opening can be before they open. Anyone may who knows them.
    function disclose(bytes calldata packedTerms, bytes32[] calldata hashes, bytes[] calldata disclosed) external;

    /// @notice The address of the agreement of these terms, opened or not.
    function addressOf(bytes calldata packedTerms, bytes32[] calldata hashes, bytes calldata packedFirst)
        external
        view
        returns (address agreement);

    /// @notice The terms that bytes mean, for explorers.
    function decodeTerms(bytes calldata packedTerms) external pure returns (Terms memory);

    /// @notice The phase that bytes mean, for explorers.
    function decodePhase(bytes calldata packedPhase) external pure returns (Phase memory);

    /// @notice The contract that every agreement is a minimal clone of.
    function implementation() external view returns (address);
}
