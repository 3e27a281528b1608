// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Phase, Terms} from "./Types.sol";

/// @title Opens agreements at the addresses that their terms determine
interface IAgreementFactory {
    /// @param arguments the ABI-encoded arguments of `open` or `launch`, as they came: terms, hashes, disclosed phases
    /// come first in both
    event Opened(address indexed agreement, bytes32 indexed termsHash, bytes32 indexed document, bytes arguments);

    /// @notice The terms of an agreement, in clear; `disclosed` are its first phases.
    event Disclosed(
        address indexed agreement, bytes32 indexed termsHash, Terms terms, bytes32[] hashes, Phase[] disclosed
    );

    error TermsMalformed(bytes32 flaw, uint256 index);
    /// @dev The first phase has to be disclosed: nothing publishes it later.
    error NothingDisclosed();
    error NotOpen(address agreement);
    error PhasesMismatch(bytes32 expected, bytes32 actual);

    /// @notice Opens the agreement of these terms. Anyone may.
    /// @param hashes the struct hashes of all phases, in order
    /// @param disclosed the first phases in clear, at least one: they are checked, and emitted for observers
    function open(Terms calldata terms, bytes32[] calldata hashes, Phase[] calldata disclosed)
        external
        returns (address agreement);

    /// @notice Opens an agreement that the caller joins, and, if nobody else has to, funds: the same as `open`, `accept` and
    /// `fund`. Tokens are taken from the caller by the agreement, which they must have approved; coin beyond what is
    /// due goes back.
    /// @param party whose account calls
    /// @param payments a set of payments of the first phase
    function launch(
        Terms calldata terms,
        bytes32[] calldata hashes,
        Phase[] calldata disclosed,
        uint8 party,
        uint32 payments
    ) external payable returns (address agreement);

    /// @notice Emits terms and first phases of an agreement anew. Anyone may, so that whoever opened it, and however, cannot
    /// keep observers from reading what it is.
    function disclose(Terms calldata terms, bytes32[] calldata hashes, Phase[] calldata disclosed) external;

    /// @notice The address of the agreement of these terms, opened or not.
    function addressOf(Terms calldata terms, bytes32[] calldata hashes) external view returns (address agreement);

    /// @notice The contract that every agreement is a minimal clone of.
    function implementation() external view returns (address);
}
