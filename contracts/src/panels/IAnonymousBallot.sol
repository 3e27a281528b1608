// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ISemaphoreVerifier} from "@semaphore-protocol/contracts/interfaces/ISemaphoreVerifier.sol";

import {IBallot} from "./IBallot.sol";

/// @title A ballot of members of a group, none of whom is told apart
interface IAnonymousBallot is IBallot {
    /// @notice The members, once: whoever votes or accepts the seat checks that they are the leaves under `root`.
    event Formed(uint256[] members, uint256 root, uint256 depth);

    error MembersUnordered(uint256 member);
    error NotAnIdentity(uint256 member);
    error AlreadyVoted(uint256 nullifier);
    error BadProof();

    /// @notice Puts a ballot in the next free place, hidden, with a proof that a member made it and has not made another.
    /// Whoever sends it is seen, and need not be the member.
    /// @param nullifier what stands for the voter in this round, and cannot be brought together with the member
    /// @param points the proof, over `commitment` as the message and `scopeOf(round)` as the scope
    function commit(bytes32 round, uint256 nullifier, bytes32 commitment, uint256[8] calldata points) external;

    function verifier() external view returns (ISemaphoreVerifier);

    /// @notice Root of the tree of members (LeanIMT over Poseidon), as it was given.
    function root() external view returns (uint256);

    function depth() external view returns (uint256);

    function members() external view returns (uint256[] memory);

    /// @notice What a member can vote on once: this round, of this contract, on this chain.
    function scopeOf(bytes32 round) external view returns (uint256);

    /// @notice Who voted in each place, as nullifiers.
    function nullifiers(bytes32 round) external view returns (uint256[] memory);
}
