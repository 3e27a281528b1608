// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Status, Verdict} from "../../src/interfaces/Types.sol";
import {IAnonymousBallot} from "../../src/panels/IAnonymousBallot.sol";
import {ISealedBallot} from "../../src/panels/ISealedBallot.sol";
import {vm} from "../base/Vm.sol";
import {BallotTest} from "./BallotTest.sol";
import {StubAgreement} from "./StubAgreement.sol";

/// @dev Hashes and counts as `tests/terms/test_ballots.py` has them from the same file.
contract BallotVectorsTest is BallotTest {
    string private constant FILE = "../tests/vectors/ballots/ballots.json";
    uint256 private constant COMMITMENTS = 4;
    uint256 private constant COUNTS = 10;

    string private _vectors;

    function setUp() public override {
        super.setUp();
        _vectors = vm.readFile(FILE);
        address place = vm.parseJsonAddress(_vectors, ".agreement");
        vm.etch(place, address(agreement).code);
        agreement = StubAgreement(place);
        agreement.set(Status.InForce, PHASE, uint40(START));
        vm.warp(START);
    }

    function word(string memory list, uint256 index, string memory field) private view returns (bytes32) {
        return vm.parseJsonBytes32(_vectors, path(list, index, field));
    }

    function number(string memory list, uint256 index, string memory field) private view returns (uint256) {
        return vm.parseJsonUint(_vectors, path(list, index, field));
    }

    function path(string memory list, uint256 index, string memory field) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(index), "].", field);
    }

    function test_commitmentOf_AsInPython() public {
        address place = vm.parseJsonAddress(_vectors, ".ballot");
        vm.chainId(vm.parseJsonUint(_vectors, ".chainId"));
        uint256[] memory group = new uint256[](3);
        (group[0], group[1], group[2]) = (1, 2, 3);
        bytes memory arguments = abi.encode(group, 1, address(this), asked(), 3);
        vm.etch(place, createWith("AnonymousBallot.sol:AnonymousBallot", arguments, "").code);
        IAnonymousBallot there = IAnonymousBallot(place);
        for (uint256 i; i < COMMITMENTS; ++i) {
            uint8 phase = uint8(number("commitments", i, "phase"));
            uint8 obligation = uint8(number("commitments", i, "obligation"));
            bytes32 asked_ = there.roundOf(address(agreement), phase, obligation);
            assertEq(asked_, word("commitments", i, "round"), "round");
            bytes32 hidden = there.commitmentOf(
                asked_,
                word("commitments", i, "voter"),
                Verdict(number("commitments", i, "verdict")),
                uint128(number("commitments", i, "value")),
                word("commitments", i, "salt")
            );
            assertEq(hidden, word("commitments", i, "commitment"), "commitment");
            assertEq(there.scopeOf(asked_), number("commitments", i, "scope"), "scope");
            bytes memory signed = vm.parseJsonBytes(_vectors, path("commitments", i, "signature"));
            assertEq(keccak256(signed), keccak256(abi.encode(agreement, phase, obligation)), "signature");
        }
    }

    function test_tally_AsInPython() public {
        uint256 before = vm.snapshotState();
        for (uint256 i; i < COUNTS; ++i) {
            count(i);
            vm.revertToState(before);
            before = vm.snapshotState();
        }
    }

    function count(uint256 index) private {
        uint256[] memory verdicts = numbers(path("counts", index, "verdicts"));
        uint256[] memory values = numbers(path("counts", index, "values"));
        peers = actors("of many", verdicts.length < 3 ? 3 : verdicts.length);
        ballot = ballotOf(peers, 3, 0);
        round = ballot.open(address(agreement), PHASE, OBLIGATION);
        vm.warp(FROM);
        Verdict[] memory found = new Verdict[](verdicts.length);
        uint128[] memory said = new uint128[](verdicts.length);
        for (uint256 i; i < verdicts.length; ++i) {
            (found[i], said[i]) = (Verdict(verdicts[i]), uint128(values[i]));
        }
        vote(found, said);
        assertResult(
            number("counts", index, "voted"),
            Verdict(number("counts", index, "verdict")),
            number("counts", index, "agreed"),
            number("counts", index, "median"),
            number("counts", index, "spread")
        );
        (, bytes32 evidence) = ballot.resultOf(round);
        assertEq(evidence, word("counts", index, "evidence"), "evidence");
    }

    function numbers(string memory key) private view returns (uint256[] memory) {
        return VmList(address(vm)).parseJsonUintArray(_vectors, key);
    }
}

/// @dev A cheatcode that only this test uses.
interface VmList {
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
}
