// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Status, Verdict} from "../../src/interfaces/Types.sol";
import {IBallot} from "../../src/panels/IBallot.sol";
import {ISealedBallot} from "../../src/panels/ISealedBallot.sol";
import {vm} from "../base/Vm.sol";
import {BallotTest} from "./BallotTest.sol";
import {StubAgreement} from "./StubAgreement.sol";

contract SealedBallotTest is BallotTest {
    function refuseCreation(
        address[] memory panel,
        IBallot.Question[] memory questions,
        uint256 quorum,
        address forfeitTo,
        bytes memory refusal
    ) private {
        create(panel, questions, quorum, DEPOSIT, forfeitTo, refusal);
    }

    // Creation

    function test_create_FixesItsRules() public view {
        assertEq(ballot.quorum(), 3, "quorum");
        assertEq(ballot.deposit(), DEPOSIT, "deposit");
        assertEq(ballot.forfeitTo(), charity, "forfeit to");
        address[] memory panel = ballot.voters();
        assertEq(panel.length, 5, "voters");
        for (uint256 i; i < 5; ++i) {
            assertEq(panel[i], peers[i], "voter");
        }
        IBallot.Question[] memory list = ballot.questions();
        assertEq(list.length, 1, "questions");
        assertEq(keccak256(abi.encode(list)), keccak256(abi.encode(asked())), "question");
    }

    function test_create_RevertWhen_TheVotersAreNotRight() public {
        bytes4 number = IBallot.WrongNumberOfVoters.selector;
        refuseCreation(actors("few", 2), asked(), 3, charity, abi.encodeWithSelector(number, 3, 32, 2));
        refuseCreation(actors("many", 33), asked(), 3, charity, abi.encodeWithSelector(number, 3, 32, 33));
        address[] memory panel = actors("peer", 4);
        panel[3] = panel[1];
        refuseCreation(panel, asked(), 3, charity, because(ISealedBallot.VoterRepeated.selector, 3));
        panel[3] = address(0);
        refuseCreation(panel, asked(), 3, charity, abi.encodeWithSelector(ISealedBallot.ZeroAddress.selector));
    }

    function test_create_RevertWhen_WhatIsForfeitedWouldGoWrong() public {
        refuseCreation(peers, asked(), 3, address(0), abi.encodeWithSelector(ISealedBallot.ZeroAddress.selector));
        refuseCreation(peers, asked(), 3, peers[4], because(ISealedBallot.ForfeitToVoter.selector, 4));
    }

    function test_create_RevertWhen_TheQuorumIsOutOfRange() public {
        bytes4 selector = IBallot.QuorumOutOfRange.selector;
        refuseCreation(peers, asked(), 2, charity, abi.encodeWithSelector(selector, 3, 5, 2));
        refuseCreation(peers, asked(), 6, charity, abi.encodeWithSelector(selector, 3, 5, 6));
    }

    function test_create_RevertWhen_TheQuestionsAreNotRight() public {
        bytes4 number = IBallot.WrongNumberOfQuestions.selector;
        refuseCreation(peers, new IBallot.Question[](0), 3, charity, abi.encodeWithSelector(number, 32, 0));
        refuseCreation(peers, new IBallot.Question[](33), 3, charity, abi.encodeWithSelector(number, 32, 33));
        IBallot.Question[] memory list = asked();
        list[0].commitFor = 0;
        refuseCreation(peers, list, 3, charity, because(IBallot.QuestionMalformed.selector, 0));
        (list[0].commitFor, list[0].revealFor) = (1, 0);
        refuseCreation(peers, list, 3, charity, because(IBallot.QuestionMalformed.selector, 0));
        list = new IBallot.Question[](2);
        (list[0], list[1]) = (asked()[0], asked()[0]);
        list[1].from += 1;
        refuseCreation(peers, list, 3, charity, because(IBallot.QuestionRepeated.selector, 1));
    }

    function test_create_WithThirtyTwoVoters() public {
        peers = actors("of many", 32);
        ballot = ballotOf(peers, 32, DEPOSIT);
        round = ballot.open(address(agreement), PHASE, OBLIGATION);
        commit(31, Verdict.Met, 0);
        vm.warp(COMMITTED + 1);
        reveal(31, Verdict.Met, 0);
        assertEq(ballot.roundAt(round).revealed, 1 << 31, "the last place");
    }

    // Opening

    function test_open_HasTheSameWindowsWheneverItIsOpened() public {
        IBallot.Round memory r = ballot.roundAt(round);
        assertEq(r.commitFrom, FROM, "from");
        assertEq(r.commitUntil, COMMITTED, "commit until");
        assertEq(r.revealUntil, REVEALED, "reveal until");
        StubAgreement other = new StubAgreement();
        other.set(Status.InForce, PHASE, uint40(START));
        vm.warp(REVEALED + 100 days);
        vm.prank(anyone);
        bytes32 late = ballot.open(address(other), PHASE, OBLIGATION);
        assertEq(ballot.roundAt(late).revealUntil, REVEALED, "however late");
    }

    function test_open_RevertWhen_ItCannotBeAsked() public {
        bytes memory unknown = abi.encodeWithSelector(IBallot.UnknownQuestion.selector, PHASE, 0);
        act(anyone, 0, abi.encodeCall(IBallot.open, (address(agreement), PHASE, 0)), unknown);
        unknown = abi.encodeWithSelector(IBallot.UnknownQuestion.selector, 1, OBLIGATION);
        act(anyone, 0, abi.encodeCall(IBallot.open, (address(agreement), 1, OBLIGATION)), unknown);
        bytes memory again = abi.encodeWithSelector(IBallot.AlreadyOpened.selector, round);
        act(anyone, 0, abi.encodeCall(IBallot.open, (address(agreement), PHASE, OBLIGATION)), again);
    }

    function test_open_RevertWhen_ThePhaseIsNotAtHand() public {
        StubAgreement other = new StubAgreement();
        bytes memory data = abi.encodeCall(IBallot.open, (address(other), PHASE, OBLIGATION));
        bytes memory refusal = abi.encodeWithSelector(IBallot.NotAtHand.selector, other, PHASE);
        other.set(Status.Open, PHASE, 0);
        act(anyone, 0, data, refusal);
        other.set(Status.InForce, PHASE + 1, uint40(START));
        act(anyone, 0, data, refusal);
        other.set(Status.Completed, PHASE, uint40(START));
        act(anyone, 0, data, refusal);
        other.set(Status.InForce, PHASE, uint40(START));
        act(anyone, 0, data, "");
    }

    /// @dev An agreement goes on to its next phase while a round is under way; the round keeps its windows.
    function test_open_TheAgreementMovesOn() public {
        commit(0, Verdict.Met, 1);
        agreement.set(Status.InForce, PHASE + 1, uint40(FROM));
        commit(1, Verdict.Met, 1);
        vm.warp(COMMITTED + 1);
        reveal(0, Verdict.Met, 1);
        reveal(1, Verdict.Met, 1);
        tally("");
    }

    // Committing

    function test_commit_InTheWindowToTheSecond() public {
        vm.warp(FROM - 1);
        put(peers[0], 0, "sealed", outside(FROM, COMMITTED));
        vm.warp(FROM);
        put(peers[0], 0, "sealed", "");
        vm.warp(COMMITTED);
        put(peers[1], 1, "sealed", "");
        vm.warp(COMMITTED + 1);
        put(peers[2], 2, "sealed", outside(FROM, COMMITTED));
        assertEq(ballot.roundAt(round).committed, 3, "two of them");
        assertEq(address(ballot).balance, 2 * DEPOSIT, "with their deposits");
    }

    function test_commit_RevertWhen_ThereIsABallot() public {
        put(peers[0], 0, "sealed", "");
        put(peers[0], 0, "otherwise", because(IBallot.AlreadyCommitted.selector, 0));
        assertEq(ballot.ballotAt(round, 0), "sealed", "as it was");
    }

    function test_commit_RevertWhen_TheCallerIsNotTheVoter() public {
        put(anyone, 0, "sealed", abi.encodeWithSelector(ISealedBallot.NotCaller.selector, peers[0]));
        put(peers[1], 0, "sealed", abi.encodeWithSelector(ISealedBallot.NotCaller.selector, peers[0]));
        bytes memory nobody = abi.encodeWithSelector(ISealedBallot.NotCaller.selector, address(0));
        put(peers[0], 5, "sealed", nobody);
        put(peers[0], 32, "sealed", nobody);
        put(peers[0], 255, "sealed", nobody);
    }

    function test_commit_RevertWhen_TheDepositIsNotExact() public {
        bytes memory data = abi.encodeCall(ISealedBallot.commit, (round, 0, "sealed"));
        bytes4 selector = ISealedBallot.WrongValue.selector;
        act(peers[0], 0, data, abi.encodeWithSelector(selector, DEPOSIT, 0));
        act(peers[0], DEPOSIT - 1, data, abi.encodeWithSelector(selector, DEPOSIT, DEPOSIT - 1));
        act(peers[0], DEPOSIT + 1, data, abi.encodeWithSelector(selector, DEPOSIT, DEPOSIT + 1));
    }

    function test_commit_RevertWhen_TheRoundIsNotOpen() public {
        round = ballot.roundOf(address(agreement), PHASE, 0);
        put(peers[0], 0, "sealed", abi.encodeWithSelector(IBallot.NotOpened.selector, round));
        reveal(0, Verdict.Met, 0, "", abi.encodeWithSelector(IBallot.NotOpened.selector, round));
        tally(abi.encodeWithSelector(IBallot.NotOpened.selector, round));
        forfeit(abi.encodeWithSelector(IBallot.NotOpened.selector, round));
        withdraw(peers[0], 0, peers[0], abi.encodeWithSelector(IBallot.NotOpened.selector, round));
    }

    // Revealing

    function test_reveal_InTheWindowToTheSecond() public {
        for (uint256 i; i < 3; ++i) {
            commit(i, Verdict.Met, 7);
        }
        bytes memory refusal = outside(COMMITTED + 1, REVEALED);
        vm.warp(COMMITTED);
        reveal(0, Verdict.Met, 7, saltOf(0), refusal);
        vm.warp(COMMITTED + 1);
        reveal(0, Verdict.Met, 7);
        vm.warp(REVEALED);
        reveal(1, Verdict.Met, 7);
        vm.warp(REVEALED + 1);
        reveal(2, Verdict.Met, 7, saltOf(2), refusal);
        assertEq(ballot.roundAt(round).revealed, 3, "two of them");
        assertEq(uint256(ballot.ballotAt(round, 0)), (1 << 128) | 7, "what it says");
    }

    function test_reveal_RevertWhen_ItIsNotThisBallot() public {
        commit(0, Verdict.Met, 7);
        commit(1, Verdict.Met, 7);
        vm.warp(COMMITTED + 1);
        bytes memory refusal = because(IBallot.NotThisBallot.selector, 0);
        reveal(0, Verdict.Breached, 7, saltOf(0), refusal);
        reveal(0, Verdict.Met, 8, saltOf(0), refusal);
        reveal(0, Verdict.Met, 7, saltOf(1), refusal);
        reveal(1, Verdict.Met, 7, saltOf(0), because(IBallot.NotThisBallot.selector, 1));
        reveal(2, Verdict.Met, 7, saltOf(2), because(IBallot.NotCommitted.selector, 2));
        reveal(255, Verdict.Met, 7, saltOf(2), because(IBallot.NotCommitted.selector, 255));
        reveal(0, Verdict.Met, 7);
        reveal(0, Verdict.Met, 7, saltOf(0), because(IBallot.AlreadyRevealed.selector, 0));
    }

    function test_reveal_RevertWhen_ItIsOfAnotherRound() public {
        StubAgreement other = new StubAgreement();
        other.set(Status.InForce, PHASE, uint40(START));
        bytes32 another = ballot.open(address(other), PHASE, OBLIGATION);
        bytes32 commitment = sealedBy(0, Verdict.Met, 7);
        round = another;
        put(peers[0], 0, commitment, "");
        vm.warp(COMMITTED + 1);
        reveal(0, Verdict.Met, 7, saltOf(0), because(IBallot.NotThisBallot.selector, 0));
    }

    function test_reveal_RevertWhen_ItIsOfAnotherChainOrSeat() public {
        ISealedBallot twin = ballotOf(peers, 3, 0);
        put(peers[0], 0, twin.commitmentOf(round, id(peers[0]), Verdict.Met, 7, saltOf(0)), "");
        put(peers[1], 1, sealedBy(1, Verdict.Met, 7), "");
        vm.warp(COMMITTED + 1);
        reveal(0, Verdict.Met, 7, saltOf(0), because(IBallot.NotThisBallot.selector, 0));
        vm.chainId(block.chainid + 1);
        reveal(1, Verdict.Met, 7, saltOf(1), because(IBallot.NotThisBallot.selector, 1));
    }

    /// @dev Who copies the hidden ballot of another cannot show what it says, and loses the deposit.
    function test_reveal_RevertWhen_ItIsACopy() public {
        commit(0, Verdict.Met, 7);
        put(peers[1], 1, sealedBy(0, Verdict.Met, 7), "");
        vm.warp(COMMITTED + 1);
        reveal(0, Verdict.Met, 7);
        reveal(1, Verdict.Met, 7, saltOf(0), because(IBallot.NotThisBallot.selector, 1));
        vm.warp(REVEALED + 1);
        forfeit("");
        assertEq(charity.balance, 1 ether + DEPOSIT, "the copy's deposit");
    }

    function test_reveal_RevertWhen_ItFindsNothing() public {
        commit(0, Verdict.Undecided, 7);
        vm.warp(COMMITTED + 1);
        reveal(0, Verdict.Undecided, 7, saltOf(0), abi.encodeWithSelector(IBallot.NotAVerdict.selector));
    }

    /// @dev Ballots that say the same, of different voters or with different salts, have nothing in common.
    function testFuzz_commitmentOf_EqualBallotsAreUnlinkable(bytes32 salt, bytes32 another, uint8 found, uint128 value)
        public
        view
    {
        Verdict verdict = Verdict(found % 4);
        bytes32 first = ballot.commitmentOf(round, id(peers[0]), verdict, value, salt);
        assertTrue(first != ballot.commitmentOf(round, id(peers[1]), verdict, value, salt), "of another voter");
        bytes32 same = ballot.commitmentOf(round, id(peers[0]), verdict, value, another);
        assertTrue((first == same) == (salt == another), "with another salt");
    }

    // What goes on without whom

    function test_AVoterWhoNeverRevealsBlocksNobody() public {
        for (uint256 i; i < 4; ++i) {
            commit(i, Verdict.Met, uint128(10 * i));
        }
        vm.warp(COMMITTED + 1);
        for (uint256 i; i < 3; ++i) {
            reveal(i, Verdict.Met, uint128(10 * i));
        }
        tally(early(REVEALED + 1));
        vm.warp(REVEALED + 1);
        tally("");
        assertResult(3, Verdict.Met, 3, 10, 20);
        for (uint256 i; i < 3; ++i) {
            withdraw(peers[i], i, peers[i], "");
            assertEq(peers[i].balance, 1 ether, "has its own back");
        }
        forfeit("");
        assertEq(charity.balance, 1 ether + DEPOSIT, "the silent one's");
        assertEq(address(ballot).balance, 0, "nothing is left");
    }
}
