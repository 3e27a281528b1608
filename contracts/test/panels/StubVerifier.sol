// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ISemaphoreVerifier} from "@semaphore-protocol/contracts/interfaces/ISemaphoreVerifier.sol";

/// @dev Takes one proof of one statement, which the test says. Real proofs: `tests/chain/test_anonymous_ballots.py`.
contract StubVerifier is ISemaphoreVerifier {
    bytes32 private _accepted;

    function accept(uint256[4] memory signals, uint256[8] memory points, uint256 depth) external {
        _accepted = keccak256(abi.encode(signals, points, depth));
    }

    function verifyProof(
        uint256[2] calldata a,
        uint256[2][2] calldata b,
        uint256[2] calldata c,
        uint256[4] calldata signals,
        uint256 depth
    ) external view returns (bool) {
        uint256[8] memory points = [a[0], a[1], b[0][0], b[0][1], b[1][0], b[1][1], c[0], c[1]];
        return keccak256(abi.encode(signals, points, depth)) == _accepted;
    }
}
