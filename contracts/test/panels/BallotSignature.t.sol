// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Verdict} from "../../src/interfaces/Types.sol";
import {IBallot} from "../../src/panels/IBallot.sol";
import {vm} from "../base/Vm.sol";
import {BallotTest} from "./BallotTest.sol";

contract BallotSignatureTest is BallotTest {
    uint40 private constant NEVER = type(uint40).max;
    bytes32 private _evidence;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < 3; ++i) {
            commit(i, Verdict.Met, uint128(40 + i));
        }
        vm.warp(COMMITTED + 1);
        for (uint256 i; i < 3; ++i) {
            reveal(i, Verdict.Met, uint128(40 + i));
        }
    }

    function counted() private {
        tally("");
        (, _evidence) = ballot.resultOf(round);
    }

    function right() private view returns (bytes32) {
        return attestationOf(PHASE, OBLIGATION, Verdict.Met, 41, _evidence, NEVER);
    }

    function test_isValidSignature_WhatWasFound() public {
        (IBallot.Result memory r) = IBallot.Result(3, Verdict.Met, 3, 41, 2);
        _evidence = keccak256(abi.encode(round, r));
        assertSigned(right(), false, "before it is counted");
        counted();
        assertEq(_evidence, keccak256(abi.encode(round, r)), "known beforehand");
        assertSigned(right(), true, "what was found");
        vm.warp(REVEALED + 10_000 days);
        assertSigned(right(), true, "for good");
    }

    function test_isValidSignature_NothingElse() public {
        counted();
        assertSigned(attestationOf(PHASE, OBLIGATION, Verdict.Breached, 41, _evidence, NEVER), false, "verdict");
        assertSigned(attestationOf(PHASE, OBLIGATION, Verdict.Undecided, 41, _evidence, NEVER), false, "verdict");
        assertSigned(attestationOf(PHASE, OBLIGATION, Verdict.Met, 42, _evidence, NEVER), false, "value");
        assertSigned(attestationOf(PHASE, OBLIGATION, Verdict.Met, 41, "none", NEVER), false, "evidence");
        assertSigned(attestationOf(PHASE, OBLIGATION, Verdict.Met, 41, _evidence, NEVER - 1), false, "expiry");
        assertSigned(attestationOf(PHASE, 0, Verdict.Met, 41, _evidence, NEVER), false, "obligation");
        assertSigned(attestationOf(1, OBLIGATION, Verdict.Met, 41, _evidence, NEVER), false, "phase");
        bytes32 elsewhere = digestOf(block.chainid, address(this), PHASE, OBLIGATION, Verdict.Met, 41, _evidence, NEVER);
        assertSigned(elsewhere, false, "agreement");
        elsewhere =
            digestOf(block.chainid + 1, address(agreement), PHASE, OBLIGATION, Verdict.Met, 41, _evidence, NEVER);
        assertSigned(elsewhere, false, "chain");
        assertSigned(bytes32(0), false, "nothing");
    }

    function testFuzz_isValidSignature_NoOtherDigest(bytes32 digest) public {
        counted();
        assertSigned(digest, digest == right(), "any other");
    }

    function test_isValidSignature_AForkOfTheChain() public {
        counted();
        bytes32 here = right();
        vm.chainId(block.chainid + 1);
        assertSigned(here, false, "what was signed before");
        assertSigned(right(), true, "what it signs there");
    }

    function test_isValidSignature_ASignatureOfAnotherForm() public {
        counted();
        bytes memory good = signature();
        assertRefused("");
        assertRefused(abi.encodePacked(good, uint8(0)));
        assertRefused(new bytes(65));
        assertRefused(new bytes(96));
        assertRefused(abi.encode(address(agreement), PHASE, 0));
        assertRefused(abi.encode(address(this), PHASE, OBLIGATION));
        bytes memory dirty = abi.encode(uint256(uint160(address(agreement))) | (1 << 200), PHASE, OBLIGATION);
        (bool success,) = address(ballot).staticcall(abi.encodeCall(ballot.isValidSignature, (right(), dirty)));
        assertTrue(!success, "an address with more to it");
    }

    function assertRefused(bytes memory given) private view {
        assertEq(uint32(ballot.isValidSignature(right(), given)), type(uint32).max, "not signed");
    }
}
