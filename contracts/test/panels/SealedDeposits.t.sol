// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";

import {Verdict} from "../../src/interfaces/Types.sol";
import {IBallot} from "../../src/panels/IBallot.sol";
import {ISealedBallot} from "../../src/panels/ISealedBallot.sol";
import {Recipient} from "../actors/Recipient.sol";
import {Reenterer} from "../actors/Reenterer.sol";
import {vm} from "../base/Vm.sol";
import {BallotTest} from "./BallotTest.sol";

contract SealedDepositsTest is BallotTest {
    function nothing(uint256 place) private pure returns (bytes memory) {
        return because(ISealedBallot.NothingToReturn.selector, place);
    }

    function twoOfThreeReveal() private {
        for (uint256 i; i < 3; ++i) {
            commit(i, Verdict.Met, 0);
        }
        vm.warp(COMMITTED + 1);
        reveal(0, Verdict.Met, 0);
        reveal(1, Verdict.Met, 0);
    }

    function test_withdraw_WhoRevealedHasItsOwnBackAtOnce() public {
        twoOfThreeReveal();
        withdraw(peers[0], 0, charity, "");
        assertEq(charity.balance, 1 ether + DEPOSIT, "to where it likes");
        withdraw(peers[0], 0, charity, nothing(0));
        vm.warp(REVEALED + 1000 days);
        withdraw(peers[1], 1, peers[1], "");
        assertEq(peers[1].balance, 1 ether, "however late");
    }

    function test_withdraw_RevertWhen_ThereIsNothing() public {
        commit(0, Verdict.Met, 0);
        withdraw(peers[0], 0, peers[0], nothing(0));
        withdraw(peers[1], 1, peers[1], nothing(1));
        vm.warp(REVEALED + 1);
        withdraw(peers[0], 0, peers[0], nothing(0));
        forfeit("");
        withdraw(peers[0], 0, peers[0], nothing(0));
    }

    function test_withdraw_RevertWhen_ItIsAnothers() public {
        twoOfThreeReveal();
        withdraw(peers[1], 0, peers[1], abi.encodeWithSelector(ISealedBallot.NotCaller.selector, peers[0]));
        withdraw(anyone, 0, anyone, abi.encodeWithSelector(ISealedBallot.NotCaller.selector, peers[0]));
        withdraw(peers[0], 0, address(0), abi.encodeWithSelector(ISealedBallot.ZeroAddress.selector));
    }

    function test_forfeit_OnceAndAfterTheWindow() public {
        twoOfThreeReveal();
        vm.warp(REVEALED);
        forfeit(early(REVEALED + 1));
        vm.warp(REVEALED + 1);
        forfeit("");
        assertEq(charity.balance, 1 ether + DEPOSIT, "one deposit");
        forfeit(abi.encodeWithSelector(ISealedBallot.NothingToForfeit.selector, round));
        withdraw(peers[0], 0, peers[0], "");
        withdraw(peers[1], 1, peers[1], "");
        assertEq(address(ballot).balance, 0, "nothing is left");
    }

    function test_forfeit_RevertWhen_AllRevealed() public {
        commit(0, Verdict.Met, 0);
        vm.warp(COMMITTED + 1);
        reveal(0, Verdict.Met, 0);
        vm.warp(REVEALED + 1);
        forfeit(abi.encodeWithSelector(ISealedBallot.NothingToForfeit.selector, round));
    }

    /// @dev Who gets what is forfeited may not take it; that is nobody else's concern.
    function test_forfeit_ToOneWhoRefuses() public {
        Recipient recipient = new Recipient();
        ballot = ISealedBallot(create(peers, asked(), 3, DEPOSIT, address(recipient), ""));
        ballot.open(address(agreement), PHASE, OBLIGATION);
        twoOfThreeReveal();
        commitLate();
        recipient.behave(Recipient.Manner.Reverts);
        forfeit(abi.encodeWithSignature("Error(string)", "no, thank you"));
        tally("");
        withdraw(peers[0], 0, peers[0], "");
        recipient.behave(Recipient.Manner.Takes);
        forfeit("");
        assertEq(address(recipient).balance, DEPOSIT, "once it does");
    }

    function commitLate() private {
        vm.warp(REVEALED + 1);
    }

    function test_withdraw_WhoIsPaidCallsBackIn() public {
        twoOfThreeReveal();
        vm.warp(REVEALED + 1);
        Reenterer reenterer = new Reenterer();
        reenterer.aim(address(ballot), abi.encodeCall(ISealedBallot.forfeit, (round)));
        withdraw(peers[0], 0, address(reenterer), "");
        assertTrue(reenterer.called(), "it did");
        assertEq(charity.balance, 1 ether + DEPOSIT, "each its own");
        assertEq(address(reenterer).balance, DEPOSIT, "each its own");
        forfeit(abi.encodeWithSelector(ISealedBallot.NothingToForfeit.selector, round));
        withdraw(peers[0], 0, peers[0], nothing(0));
        withdraw(peers[1], 1, peers[1], "");
        assertEq(address(ballot).balance, 0, "nothing is left");
    }

    function test_forfeit_WhoIsPaidCallsBackIn() public {
        Reenterer reenterer = new Reenterer();
        ballot = ISealedBallot(create(peers, asked(), 3, DEPOSIT, address(reenterer), ""));
        ballot.open(address(agreement), PHASE, OBLIGATION);
        twoOfThreeReveal();
        vm.warp(REVEALED + 1);
        reenterer.aim(address(ballot), abi.encodeCall(ISealedBallot.forfeit, (round)));
        forfeit("");
        assertTrue(reenterer.called(), "it did");
        assertEq(uint32(reenterer.answer()), uint32(ISealedBallot.NothingToForfeit.selector), "in vain");
        assertEq(address(reenterer).balance, DEPOSIT, "once");
    }

    /// @dev A voter that is a contract votes again while it is given its deposit back.
    function test_withdraw_AVoterCallsBackIn() public {
        Reenterer reenterer = new Reenterer();
        vm.deal(address(reenterer), 1 ether);
        peers[0] = address(reenterer);
        ballot = ballotOf(peers, 3, DEPOSIT);
        ballot.open(address(agreement), PHASE, OBLIGATION);
        twoOfThreeReveal();
        reenterer.aim(address(ballot), abi.encodeCall(ISealedBallot.withdraw, (round, 0, address(reenterer))));
        withdraw(peers[0], 0, peers[0], "");
        assertEq(uint32(reenterer.answer()), uint32(ISealedBallot.NothingToReturn.selector), "in vain");
        assertEq(address(reenterer).balance, 1 ether, "once");
    }

    function test_withNoDepositAtAll() public {
        ballot = ballotOf(peers, 3, 0);
        ballot.open(address(agreement), PHASE, OBLIGATION);
        twoOfThreeReveal();
        vm.warp(REVEALED + 1);
        withdraw(peers[0], 0, peers[0], "");
        forfeit("");
        assertEq(peers[0].balance, 1 ether, "nothing moved");
    }
}
