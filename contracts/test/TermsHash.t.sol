// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {packPhase, packTerms} from "./base/Packing.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {IAgreement} from "../src/interfaces/IAgreement.sol";
import {Phase, Share, Split, Terms, Verdict} from "../src/interfaces/Types.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal} from "./base/Deal.sol";
import {Vm, vm} from "./base/Vm.sol";

/// @dev As it is signed.
struct Dissolution {
    uint8 phase;
    Split[] splits;
    uint40 expiry;
}

/// @dev The hashes of the contracts against the vectors that the Python side and a wallet's library agree on.
contract TermsHashTest is AgreementTest {
    using Building for Deal;

    string private constant FOLDER = "../tests/vectors";

    function test_hash_TheVectors() public {
        Vm.DirEntry[] memory entries = vm.readDir(FOLDER);
        assertTrue(entries.length >= 4, "there are vectors");
        for (uint256 i; i < entries.length; ++i) {
            if (!entries[i].isDir) check(vm.readFile(entries[i].path));
        }
    }

    function check(string memory vector) private {
        Terms memory terms = abi.decode(vm.parseJsonBytes(vector, ".follows.encodedTerms"), (Terms));
        bytes32 termsHash = vm.parseJsonBytes32(vector, ".follows.termsHash");
        assertEq(hashing.hashTerms(terms), termsHash, "terms hash");

        bytes[] memory encoded = vm.parseJsonBytesArray(vector, ".follows.encodedPhases");
        bytes32[] memory hashes = vm.parseJsonBytes32Array(vector, ".follows.phaseHashes");
        bytes32[] memory agendas = vm.parseJsonBytes32Array(vector, ".follows.agendas");
        assertEq(encoded.length, hashes.length, "phases");
        bytes32 chain;
        for (uint256 i = encoded.length; i != 0; --i) {
            assertEq(agendas[i], chain, "hash chain of the phases");
            bytes32 hash = hashing.hashPhase(abi.decode(encoded[i - 1], (Phase)));
            assertEq(hash, hashes[i - 1], "phase hash");
            chain = hashing.chain(hash, chain);
        }
        assertEq(agendas[0], chain, "hash chain of all phases");
        assertEq(keccak256(abi.encodePacked(hashes)), terms.phases, "phases in the header");
        assertEq(terms.phases, vm.parseJsonBytes32(vector, ".follows.phasesHash"), "hash of the phases");

        bytes memory packed = packTerms(terms);
        assertEq(keccak256(packed), keccak256(vm.parseJsonBytes(vector, ".follows.packedTerms")), "packed terms");
        bytes[] memory phases = vm.parseJsonBytesArray(vector, ".follows.packedPhases");
        for (uint256 i; i < phases.length; ++i) {
            bytes memory again = packPhase(abi.decode(encoded[i], (Phase)));
            assertEq(keccak256(phases[i]), keccak256(again), "packed phase");
        }
        bytes32 commitment = hashing.chain(keccak256(packed), hashing.chain(keccak256(phases[0]), agendas[1]));
        assertEq(commitment, vm.parseJsonBytes32(vector, ".follows.commitment"), "commitment");
        checkAddress(vector, commitment, termsHash);
        checkFactory(terms, hashes, phases[0], commitment, termsHash);
        checkDigests(vector, termsHash);
        checkConsents(vector);
    }

    function checkAddress(string memory vector, bytes32 commitment, bytes32 termsHash) private pure {
        address predicted = Clones.predictDeterministicAddressWithImmutableArgs(
            vm.parseJsonAddress(vector, ".inputs.implementation"),
            abi.encode(commitment),
            termsHash,
            vm.parseJsonAddress(vector, ".inputs.factory")
        );
        assertEq(predicted, vm.parseJsonAddress(vector, ".follows.agreement"), "address of the agreement");
    }

    /// @dev The factory as it ships hashes the same terms to the same commitment.
    function checkFactory(
        Terms memory terms,
        bytes32[] memory hashes,
        bytes memory first,
        bytes32 commitment,
        bytes32 termsHash
    ) private view {
        address predicted = Clones.predictDeterministicAddressWithImmutableArgs(
            factory.implementation(), abi.encode(commitment), termsHash, address(factory)
        );
        assertEq(factory.addressOf(packTerms(terms), hashes, first), predicted, "address by the factory");
    }

    function checkDigests(string memory vector, bytes32 termsHash) private {
        address account = vm.parseJsonAddress(vector, ".follows.agreement");
        uint256 chainId = vm.parseJsonUint(vector, ".inputs.chainId");
        assertEq(
            hashing.domainSeparator(chainId, account),
            vm.parseJsonBytes32(vector, ".follows.domainSeparator"),
            "domain separator"
        );
        bytes32 digest = vm.parseJsonBytes32(vector, ".follows.termsDigest");
        assertEq(hashing.digest(chainId, account, termsHash), digest, "digest of the terms");

        (uint8 phase, uint8 obligation, Verdict verdict, uint256 value, bytes32 evidence, uint40 expiry) = abi.decode(
            vm.parseJsonBytes(vector, ".follows.encodedAttestation"), (uint8, uint8, Verdict, uint256, bytes32, uint40)
        );
        bytes32 hash = hashing.hashAttestation(phase, obligation, verdict, value, evidence, expiry);
        assertEq(hash, vm.parseJsonBytes32(vector, ".follows.attestationHash"), "attestation hash");
        digest = vm.parseJsonBytes32(vector, ".follows.attestationDigest");
        assertEq(hashing.digest(chainId, account, hash), digest, "digest of the attestation");

        // As the contract itself says it, were it at that address on that chain.
        uint256 here = block.chainid;
        vm.chainId(chainId);
        vm.etch(account, factory.implementation().code);
        assertEq(
            IAgreement(account).domainSeparator(),
            hashing.domainSeparator(chainId, account),
            "the contract's own domain"
        );
        vm.chainId(here);
    }

    /// @dev What members sign together: as the vectors have it, as EIP-712 written out has it, as the library has it.
    function checkConsents(string memory vector) private view {
        address account = vm.parseJsonAddress(vector, ".follows.agreement");
        uint256 chainId = vm.parseJsonUint(vector, ".inputs.chainId");
        Dissolution memory d = abi.decode(vm.parseJsonBytes(vector, ".follows.encodedDissolution"), (Dissolution));
        bytes32 hash = hashing.hashDissolution(d.phase, d.splits, d.expiry);
        assertEq(hash, vm.parseJsonBytes32(vector, ".follows.dissolutionHash"), "hash of the dissolution");
        assertEq(hashing.libraryDissolution(d.phase, d.splits, d.expiry), hash, "dissolution by the library");
        bytes32 digest = vm.parseJsonBytes32(vector, ".follows.dissolutionDigest");
        assertEq(hashing.digest(chainId, account, hash), digest, "digest of the dissolution");

        (uint8 phase, bool payment, uint8 index, uint32 from, uint32 to, uint40 expiry) = abi.decode(
            vm.parseJsonBytes(vector, ".follows.encodedExtension"), (uint8, bool, uint8, uint32, uint32, uint40)
        );
        hash = hashing.hashExtension(phase, payment, index, from, to, expiry);
        assertEq(hash, vm.parseJsonBytes32(vector, ".follows.extensionHash"), "hash of the extension");
        bytes32 own = hashing.libraryExtension(phase, payment, index, from, to, expiry);
        assertEq(own, hash, "extension by the library");
        digest = vm.parseJsonBytes32(vector, ".follows.extensionDigest");
        assertEq(hashing.digest(chainId, account, hash), digest, "digest of the extension");
    }

    // Against EIP-712 written out

    function testFuzz_hash_Dissolutions(uint8 phase, uint8[3] memory shares, address to, uint16 bps, uint40 expiry)
        public
        view
    {
        Split[] memory splits = new Split[](phase % 4);
        for (uint256 i; i < splits.length; ++i) {
            splits[i] = Split(address(uint160(expiry) + uint160(i)), new Share[](shares[i] % 9));
            for (uint256 j; j < splits[i].shares.length; ++j) {
                splits[i].shares[j] = Share(to, uint16(bps ^ j));
            }
        }
        bytes32 writtenOut = hashing.hashDissolution(phase, splits, expiry);
        assertEq(hashing.libraryDissolution(phase, splits, expiry), writtenOut, "hash");
    }

    function testFuzz_hash_Extensions(uint8 phase, bool payment, uint8 index, uint32 from, uint32 to, uint40 expiry)
        public
        view
    {
        bytes32 writtenOut = hashing.hashExtension(phase, payment, index, from, to, expiry);
        assertEq(hashing.libraryExtension(phase, payment, index, from, to, expiry), writtenOut, "hash");
    }

    function testFuzz_hash_EveryFieldCounts(uint256 seed) public view {
        Deal memory d = usual(2);
        seal(d);
        bytes32 before = hashing.hashTerms(d.terms);
        uint256 field = seed % 20;
        if (field == 0) d.terms.document = ~d.terms.document;
        else if (field == 1) d.terms.joinBy ^= 1;
        else if (field == 2) d.terms.longStop ^= 1;
        else if (field == 3) d.terms.topUpWithin ^= 1;
        else if (field == 4) d.terms.defaultForfeitBps ^= 1;
        else if (field == 5) d.terms.parties[1].bond ^= 1;
        else if (field == 6) d.terms.parties[1].forfeiture[0].bps ^= 1;
        else if (field == 7) d.terms.panels[0].threshold ^= 1;
        else if (field == 8) d.terms.panels[0].seats[0].chamber ^= 1;
        else if (field == 9) d.terms.predecessor = address(1);
        else if (field == 10) d.terms.minParties ^= 1;
        else if (field == 11) d.terms.accession = !d.terms.accession;
        else if (field == 12) d.terms.challengeWindow ^= 1;
        else if (field == 13) d.terms.rulingWindow ^= 1;
        else if (field == 14) d.terms.arbitrator = address(1);
        else if (field == 15) d.terms.arbitratorData = hex"00";
        else if (field == 16) d.terms.standing = new address[](1);
        else if (field == 17) d.terms.parties[0].asset = address(1);
        else if (field == 18) d.terms.panels[0].quotas = new uint8[](1);
        else d.terms.phases = ~d.terms.phases;
        assertTrue(hashing.hashTerms(d.terms) != before, "another hash");
    }
}
