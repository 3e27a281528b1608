// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ISemaphoreVerifier} from "@semaphore-protocol/contracts/interfaces/ISemaphoreVerifier.sol";

import {Ballot} from "./Ballot.sol";
import {IAnonymousBallot} from "./IAnonymousBallot.sol";

/// @title AnonymousBallot
/// @notice Members of a group vote in secret, once each, and nobody learns who voted what: a ballot comes with a proof
/// (Semaphore) that some member made it. It says which nullifier the member has in this round and nothing else of it.
contract AnonymousBallot is IAnonymousBallot, Ballot {
    /// @dev Identities are numbers of the field that the proof is over.
    uint256 private constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @inheritdoc IAnonymousBallot
    ISemaphoreVerifier public immutable verifier;
    /// @inheritdoc IAnonymousBallot
    uint256 public immutable root;
    /// @inheritdoc IAnonymousBallot
    uint256 public immutable depth;

    uint256[] private _members;
    mapping(bytes32 round => uint256[]) private _nullifiers;
    mapping(bytes32 round => mapping(uint256 nullifier => bool)) private _used;

    /// @param group three to 32 identity commitments, in ascending order
    /// @param root_ what the tree over them has for its root, which would be dear to compute here
    constructor(
        uint256[] memory group,
        uint256 root_,
        ISemaphoreVerifier verifier_,
        Question[] memory asked,
        uint256 quorum_
    ) Ballot(asked, quorum_, group.length) {
        uint256 last;
        for (uint256 i; i < group.length; ++i) {
            if (group[i] >= FIELD) revert NotAnIdentity(i);
            if (group[i] <= last) revert MembersUnordered(i);
            last = group[i];
        }
        uint256 levels;
        while (1 << levels < group.length) {
            ++levels;
        }
        (_members, root, depth, verifier) = (group, root_, levels, verifier_);
        emit Formed(group, root_, levels);
    }

    /// @inheritdoc IAnonymousBallot
    function commit(bytes32 round, uint256 nullifier, bytes32 commitment, uint256[8] calldata points) external {
        Round memory r = _opened(round);
        if (_used[round][nullifier]) revert AlreadyVoted(nullifier);
        uint256[4] memory signals = [root, nullifier, _hash(uint256(commitment)), _hash(scopeOf(round))];
        if (!_verified(signals, points)) revert BadProof();

        // There are as many nullifiers as members, and so no more ballots than places.
        uint256 place = _nullifiers[round].length;
        _used[round][nullifier] = true;
        _nullifiers[round].push(nullifier);
        _put(round, r, place, bytes32(nullifier), commitment);
    }

    /// @inheritdoc IAnonymousBallot
    function members() external view returns (uint256[] memory) {
        return _members;
    }

    /// @inheritdoc IAnonymousBallot
    function nullifiers(bytes32 round) external view returns (uint256[] memory) {
        return _nullifiers[round];
    }

    /// @inheritdoc IAnonymousBallot
    function scopeOf(bytes32 round) public view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this), round)));
    }

    function _voter(bytes32 round, uint256 place) internal view override returns (bytes32) {
        return bytes32(_nullifiers[round][place]);
    }

    function _verified(uint256[4] memory signals, uint256[8] calldata points) private view returns (bool) {
        return verifier.verifyProof(
            [points[0], points[1]],
            [[points[2], points[3]], [points[4], points[5]]],
            [points[6], points[7]],
            signals,
            depth
        );
    }

    /// @dev As Semaphore makes a message or a scope a number of the field.
    function _hash(uint256 message) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(message))) >> 8;
    }
}
