// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {State, Status, Verdict, Voice} from "../src/interfaces/Types.sol";
import {Building, Deal, all} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

contract MulticallTest is RecourseTest {
    using Building for Deal;

    /// @dev The payer joins last and funds at once.
    function test_multicall_AcceptAndFund() public {
        Deal memory d = open(usual());
        accept(d, PERFORMER);
        provide(payer, address(token), BOND + AMOUNT, d);
        multicall(d, payer, list(accepting(d, PAYER, ""), funding(d, 1)));
        assertEq(d.account.state().funded, 1, "funded");
        assertEq(held(d), 2 * BOND + AMOUNT, "held");
    }

    /// @dev What is in one half of the account and what is in the other.
    function test_multicall_AcrossBothHalves() public {
        Deal memory d = funded(usual());
        bytes memory attestation = attesting(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 0);
        multicall(d, payer, list(commenting(d, 0, "well done"), attestation, settling(d)));
        assertStatus(d, Status.Completed);
        assertBalance(performer, AMOUNT + BOND, "performer");
    }

    /// @dev A settlement, and then a call on the phase that it opens.
    function test_multicall_AcrossPhases() public {
        Deal memory d = funded(usual(2));
        attest(d, 0, Verdict.Met);
        provide(payer, address(token), AMOUNT, d);
        bytes memory settlement = settling(d);
        uint256 id = vm.snapshotState();
        settle(d);
        bytes memory next = funding(d, 1);
        vm.revertToState(id);
        multicall(d, payer, list(settlement, next));
        assertEq(d.account.state().phase, 1, "phase");
        assertEq(d.account.state().funded, 1, "funded");
    }

    function test_multicall_GivesBackTheAnswers() public {
        Deal memory d = funded(contestable());
        attest(d, 0, Verdict.Met);
        bytes memory state = abi.encodeWithSelector(d.account.state.selector);
        bytes memory contest = abi.encodeWithSelector(d.account.contest.selector, 0, 0);
        vm.prank(payer);
        bytes[] memory results = d.account.multicall(list(state, contest));
        assertEq(results.length, 2, "answers");
        State memory s = abi.decode(results[0], (State));
        assertEq(uint256(s.status), uint256(Status.InForce), "status, of one half");
        (uint256 decidedAt,,) = abi.decode(results[1], (uint256, uint256, uint256));
        assertEq(decidedAt, START, "decided at, of the other");
    }

    function test_multicall_OfSeveralCallsInOne() public {
        Deal memory d = funded(usual());
        concede(d, performer, 0);
        when(START + 1);
        multicall(d, anyone, list(multicalling(list(releasing(d, 1))), multicalling(new bytes[](0)), settling(d)));
        assertStatus(d, Status.Terminated);
        multicall(d, anyone, new bytes[](0));
    }

    function test_multicall_EachIsTheCallersOwn() public {
        Deal memory d = funded(usual());
        refuseFor(IAgreementEvents.NotCaller.selector, performer);
        multicall(d, anyone, list(conceding(d, 0)));
        multicall(d, performer, list(conceding(d, 0)));
        assertVerdict(d, 0, Verdict.Breached);
    }

    /// @dev A seat that calls has to sign nothing; in somebody else's calls it does.
    function test_multicall_ASeatsOwnVoice() public {
        Deal memory d = funded(usual());
        bytes memory voice = attesting(d, 0, Verdict.Met, 0, one(Voice(0, "evidence", uint40(START), "")), 1);
        refuseFor(IAgreementEvents.NotCaller.selector, verifier);
        multicall(d, performer, list(voice));
        multicall(d, verifier, list(voice));
        assertBalance(performer, AMOUNT, "paid");
    }

    // What it refuses

    function test_multicall_RevertWhen_OneCallFails() public {
        Deal memory d = funded(usual());
        bytes memory attestation = attesting(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1);
        refuse(IAgreementEvents.UnknownParty.selector, 2);
        multicall(d, payer, list(attestation, toppingUp(d, 2), settling(d)));
        assertVerdict(d, 0, Verdict.Undecided);
        assertBalance(performer, 0, "nothing was done");
        refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, payer, NATIVE));
        multicall(d, payer, list(attestation, withdrawing(NATIVE, payer)));
        assertVerdict(d, 0, Verdict.Undecided);
    }

    function test_multicall_RevertWhen_ACallIsUnknown() public {
        Deal memory d = funded(usual());
        bytes[2] memory unknown = [bytes(hex"deadbeef"), bytes("")];
        for (uint256 i; i < 2; ++i) {
            refuse(abi.encodeWithSelector(Errors.FailedCall.selector));
            multicall(d, payer, list(unknown[i]));
        }
    }

    /// @dev One payment's coin for two payments, two bonds, or a court's fee.
    function test_multicall_RevertWhen_CoinIsSent() public {
        Deal memory d = between(NATIVE);
        addPhase(d, NATIVE);
        d.payment(PAYER, NATIVE, AMOUNT, all(performer), 2);
        inForce(d);
        vm.deal(payer, AMOUNT);
        vm.prank(payer);
        (bool success,) = address(d.account).call{value: AMOUNT}(multicalling(list(funding(d, 1), funding(d, 2))));
        assertTrue(!success, "refused");
        vm.prank(payer);
        (success,) = address(d.account).call{value: 1}(multicalling(new bytes[](0)));
        assertTrue(!success, "refused even so");
        assertEq(address(d.account).balance, 2 * BOND, "nothing came");
        assertEq(d.account.state().funded, 0, "funded");
    }

    function test_multicall_RevertWhen_ACallNeedsCoin() public {
        Deal memory d = between(NATIVE);
        addPhase(d, NATIVE);
        funded(under(address(court), d));
        attest(d, 0, Verdict.Met);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, court.fee(), 0));
        multicall(d, payer, list(challenging(d, 0)));

        Deal memory other = between(NATIVE);
        addPhase(other, NATIVE);
        open(other);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, BOND, 0));
        multicall(other, payer, list(accepting(other, PAYER, "")));
    }

    function test_multicall_RevertWhen_OnlyOthersMayCall() public {
        Deal memory d = open(usual());
        refuseFor(IAgreementEvents.NotCaller.selector, address(factory));
        multicall(d, payer, list(abi.encodePacked(launchingIt(d, PAYER, 0), payer)));
        d = funded(contestable());
        attest(d, 0, Verdict.Met);
        challenge(d, payer, 0);
        refuseFor(IAgreementEvents.NotCaller.selector, address(court));
        multicall(d, payer, list(ruling(1, 2)));
    }

    /// @dev Coin that comes without a call is nobody's and does not come in.
    function test_receive_RevertWhen_CoinComesWithoutACall() public {
        Deal memory d = funded(usual());
        bytes[2] memory data = [bytes(""), bytes(hex"deadbeef")];
        for (uint256 i; i < 2; ++i) {
            vm.prank(anyone);
            (bool success,) = address(d.account).call{value: 1}(data[i]);
            assertTrue(!success, "refused");
        }
    }
}
