// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Verdict} from "../../src/interfaces/Types.sol";
import {IBallot} from "../../src/panels/IBallot.sol";
import {Statistics} from "../../src/panels/Statistics.sol";
import {vm} from "../base/Vm.sol";
import {BallotTest} from "./BallotTest.sol";

contract BallotCountTest is BallotTest {
    function five(Verdict a, Verdict b, Verdict c, Verdict d, Verdict e) private pure returns (Verdict[] memory list) {
        list = new Verdict[](5);
        (list[0], list[1], list[2], list[3], list[4]) = (a, b, c, d, e);
    }

    function saying(uint128 a, uint128 b, uint128 c, uint128 d, uint128 e)
        private
        pure
        returns (uint128[] memory list)
    {
        list = new uint128[](5);
        (list[0], list[1], list[2], list[3], list[4]) = (a, b, c, d, e);
    }

    function test_tally_TheValueIsThatOfTheMajority() public {
        Verdict met = Verdict.Met;
        Verdict broken = Verdict.Breached;
        vote(five(met, broken, met, broken, met), saying(30, 1, 10, 999, 20));
        assertResult(5, Verdict.Met, 3, 20, 20);
    }

    function test_tally_OfAnEvenNumberHalfWayBetween() public {
        Verdict met = Verdict.Met;
        vote(five(met, met, met, met, Verdict.Lapsed), saying(1, 4, 7, 100, 5));
        assertResult(5, Verdict.Met, 4, 5, 99);
    }

    function test_tally_WithoutAMajorityNothingIsFound() public {
        Verdict met = Verdict.Met;
        Verdict broken = Verdict.Breached;
        vote(five(met, met, broken, broken, Verdict.Lapsed), saying(1, 1, 1, 1, 1));
        assertResult(5, Verdict.Undecided, 0, 0, 0);
        assertNothingSigned();
    }

    function test_tally_OfTooFewNothingIsFound() public {
        commit(0, Verdict.Met, 9);
        commit(1, Verdict.Met, 9);
        vm.warp(COMMITTED + 1);
        reveal(0, Verdict.Met, 9);
        reveal(1, Verdict.Met, 9);
        tally("");
        assertResult(2, Verdict.Undecided, 0, 0, 0);
        assertNothingSigned();
    }

    function test_tally_OfNobodyNothingIsFound() public {
        vm.warp(COMMITTED + 1);
        tally("");
        assertResult(0, Verdict.Undecided, 0, 0, 0);
    }

    function test_tally_ExactlyHalfIsNoMajority() public {
        for (uint256 i; i < 4; ++i) {
            commit(i, i < 2 ? Verdict.Met : Verdict.Breached, 0);
        }
        vm.warp(COMMITTED + 1);
        for (uint256 i; i < 4; ++i) {
            reveal(i, i < 2 ? Verdict.Met : Verdict.Breached, 0);
        }
        tally("");
        assertResult(4, Verdict.Undecided, 0, 0, 0);
    }

    function test_tally_OnceAndToTheSecond() public {
        for (uint256 i; i < 4; ++i) {
            commit(i, Verdict.Met, 0);
        }
        vm.warp(COMMITTED);
        tally(early(REVEALED + 1));
        vm.warp(COMMITTED + 1);
        for (uint256 i; i < 3; ++i) {
            reveal(i, Verdict.Met, 0);
        }
        vm.warp(REVEALED);
        tally(early(REVEALED + 1));
        vm.warp(REVEALED + 1);
        act(
            anyone,
            0,
            abi.encodeCall(IBallot.resultOf, (round)),
            abi.encodeWithSelector(IBallot.NotTallied.selector, round)
        );
        tally("");
        tally(abi.encodeWithSelector(IBallot.AlreadyTallied.selector, round));
        assertResult(3, Verdict.Met, 3, 0, 0);
    }

    function test_tally_AtOnceWhenAllHaveRevealed() public {
        for (uint256 i; i < 3; ++i) {
            commit(i, Verdict.Breached, 0);
        }
        vm.warp(COMMITTED);
        tally(early(REVEALED + 1));
        vm.warp(COMMITTED + 1);
        for (uint256 i; i < 3; ++i) {
            reveal(i, Verdict.Breached, 0);
        }
        tally("");
        assertResult(3, Verdict.Breached, 3, 0, 0);
    }

    function test_tally_BeforeTheFirstWindowIsOver_NobodyHasCommitted() public {
        tally(early(COMMITTED + 1));
    }

    /// @dev Whoever reveals first or last: the same is found.
    function testFuzz_tally_NoOrderOfRevealsChangesIt(uint8[7] memory verdicts, uint128[7] memory values, uint256 seed)
        public
    {
        peers = actors("of seven", 7);
        ballot = ballotOf(peers, 3, DEPOSIT);
        ballot.open(address(agreement), PHASE, OBLIGATION);
        uint256[7] memory order = [uint256(0), 1, 2, 3, 4, 5, 6];
        for (uint256 i; i < 7; ++i) {
            uint256 other = uint256(keccak256(abi.encode(seed, i))) % 7;
            (order[i], order[other]) = (order[other], order[i]);
            commit(i, found(verdicts[i]), values[i]);
        }
        vm.warp(COMMITTED + 1);
        uint256 before = vm.snapshotState();
        for (uint256 i; i < 7; ++i) {
            reveal(i, found(verdicts[i]), values[i]);
        }
        tally("");
        (IBallot.Result memory straight, bytes32 evidence) = ballot.resultOf(round);
        vm.revertToState(before);
        for (uint256 i; i < 7; ++i) {
            reveal(order[i], found(verdicts[order[i]]), values[order[i]]);
        }
        tally("");
        (IBallot.Result memory shuffled, bytes32 same) = ballot.resultOf(round);
        assertEq(keccak256(abi.encode(straight)), keccak256(abi.encode(shuffled)), "result");
        assertEq(evidence, same, "evidence");
    }

    /// @dev Nor does it matter who voted what.
    function testFuzz_tally_NoPermutationOfVotersChangesIt(uint128[5] memory values, uint256 turn) public {
        Verdict met = Verdict.Met;
        uint256 before = vm.snapshotState();
        vote(five(met, met, met, met, met), saying(values[0], values[1], values[2], values[3], values[4]));
        (IBallot.Result memory first,) = ballot.resultOf(round);
        vm.revertToState(before);
        uint128[5] memory turned;
        for (uint256 i; i < 5; ++i) {
            turned[i] = values[(i + turn % 5) % 5];
        }
        vote(five(met, met, met, met, met), saying(turned[0], turned[1], turned[2], turned[3], turned[4]));
        (IBallot.Result memory second,) = ballot.resultOf(round);
        assertEq(keccak256(abi.encode(first)), keccak256(abi.encode(second)), "result");
    }

    function testFuzz_Statistics(uint256[] memory values) public pure {
        if (values.length == 0) return;
        uint256 sum;
        for (uint256 i; i < values.length; ++i) {
            values[i] >>= 128;
            sum += values[i] % 1e9;
        }
        Statistics.sort(values);
        uint256 after_ = values[0] % 1e9;
        uint256 below;
        uint256 median = Statistics.median(values);
        for (uint256 i = 1; i < values.length; ++i) {
            if (values[i - 1] > values[i]) revert NotTrue("sorted");
            after_ += values[i] % 1e9;
        }
        if (after_ != sum) revert NotTrue("the same numbers");
        for (uint256 i; i < values.length; ++i) {
            if (values[i] <= median) ++below;
        }
        if (2 * below < values.length) revert NotTrue("half of them at most the median");
        if (Statistics.spread(values) > values[values.length - 1] - values[0]) revert NotTrue("within the range");
    }

    function found(uint8 verdict) private pure returns (Verdict) {
        return Verdict(1 + verdict % 3);
    }

    function assertNothingSigned() private view {
        (IBallot.Result memory r, bytes32 evidence) = ballot.resultOf(round);
        for (uint8 verdict; verdict < 4; ++verdict) {
            bytes32 digest = attestationOf(PHASE, OBLIGATION, Verdict(verdict), r.median, evidence, type(uint40).max);
            assertSigned(digest, false, "nothing");
        }
    }
}
