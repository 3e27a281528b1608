// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Phase, Terms, Verdict} from "../../src/interfaces/Types.sol";
import {TermsHash} from "../../src/libraries/TermsHash.sol";

/// @dev The library's functions for callers that hold the terms in memory.
contract Hashing {
    function hashTerms(Terms calldata terms) external pure returns (bytes32) {
        return TermsHash.hash(terms);
    }

    function hashPhase(Phase calldata phase) external pure returns (bytes32) {
        return TermsHash.hash(phase);
    }

    function hashAttestation(
        uint8 phase,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        bytes32 evidence,
        uint40 expiry
    ) external pure returns (bytes32) {
        return TermsHash.attestation(phase, obligation, verdict, value, evidence, expiry);
    }

    function chain(bytes32 phase, bytes32 later) external pure returns (bytes32) {
        return TermsHash.chain(phase, later);
    }

    /// @dev EIP-712 written out, for any chain and account.
    function domainSeparator(uint256 chainId, address account) public pure returns (bytes32) {
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(domainType, keccak256("pyledger"), keccak256("1"), chainId, account));
    }

    function digest(uint256 chainId, address account, bytes32 structHash) external pure returns (bytes32) {
        return keccak256(abi.encodePacked("\x19\x01", domainSeparator(chainId, account), structHash));
    }
}
