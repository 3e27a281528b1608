// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Phase, Share, Split, Terms, Verdict} from "../../src/interfaces/Types.sol";
import {TermsHash} from "../../src/libraries/TermsHash.sol";

/// @dev The library's functions for callers that hold the terms in memory.
contract Hashing {
    function hashTerms(Terms memory terms) external pure returns (bytes32) {
        return TermsHash.hash(terms);
    }

    function hashPhase(Phase memory phase) external pure returns (bytes32) {
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

    /// @dev EIP-712 written out. `TermsHash.t.sol` holds the library's against it.
    function hashDissolution(uint8 phase, Split[] memory splits, uint40 expiry) external pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](splits.length);
        for (uint256 i; i < words.length; ++i) {
            words[i] = hashSplit(splits[i]);
        }
        bytes32 typeHash = keccak256(
            "Dissolution(uint8 phase,Split[] splits,uint40 expiry)Share(address to,uint16 bps)Split(address asset,Share[] shares)"
        );
        return keccak256(abi.encode(typeHash, phase, keccak256(abi.encodePacked(words)), expiry));
    }

    function hashSplit(Split memory split_) public pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](split_.shares.length);
        for (uint256 i; i < words.length; ++i) {
            Share memory share = split_.shares[i];
            words[i] = keccak256(abi.encode(keccak256("Share(address to,uint16 bps)"), share.to, share.bps));
        }
        bytes32 typeHash = keccak256("Split(address asset,Share[] shares)Share(address to,uint16 bps)");
        return keccak256(abi.encode(typeHash, split_.asset, keccak256(abi.encodePacked(words))));
    }

    /// @dev EIP-712 written out. `TermsHash.t.sol` holds the library's against it.
    function hashExtension(uint8 phase, bool payment, uint8 index, uint32 from, uint32 to, uint40 expiry)
        external
        pure
        returns (bytes32)
    {
        bytes32 typeHash =
            keccak256("Extension(uint8 phase,bool payment,uint8 index,uint32 from,uint32 to,uint40 expiry)");
        return keccak256(abi.encode(typeHash, phase, payment, index, from, to, expiry));
    }

    /// @dev The library's own.
    function libraryDissolution(uint8 phase, Split[] memory splits, uint40 expiry) external pure returns (bytes32) {
        return TermsHash.dissolution(phase, splits, expiry);
    }

    /// @dev The library's own.
    function libraryExtension(uint8 phase, bool payment, uint8 index, uint32 from, uint32 to, uint40 expiry)
        external
        pure
        returns (bytes32)
    {
        return TermsHash.extension(phase, payment, index, from, to, expiry);
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
