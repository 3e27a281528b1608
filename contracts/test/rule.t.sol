// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrable} from "../src/arbitration/IArbitrable.sol";
import {IArbitrator} from "../src/arbitration/IArbitrator.sol";
import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Status, Tier, Verdict} from "../src/interfaces/Types.sol";
import {StubCourt} from "./actors/StubCourt.sol";
import {BREACHED, Building, Deal, LAPSED, MET, all} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

contract RuleTest is RecourseTest {
    using Building for Deal;

    uint256 private constant HEARD = START + 2 days;

    /// @dev Decided at once, contested by the payer after two days.
    function contested(Deal memory d, Verdict verdict, uint256 value) private returns (Deal memory) {
        funded(d);
        attest(d, 0, verdict, value, voices(d, 0, verdict, value, 1), 0);
        when(HEARD);
        challenge(d, payer, 0);
        return d;
    }

    function contested(Verdict verdict) private returns (Deal memory) {
        return contested(contestable(), verdict, 0);
    }

    // What it does

    function test_rule_SaysSo() public {
        Deal memory d = contested(Verdict.Met);
        vm.expectEmit(address(d.account));
        emit IArbitrable.Ruling(IArbitrator(address(court)), 1, 2);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Ruled(0, 0, Verdict.Breached, 1);
        rule(1, 2);
        assertTrue(d.account.hearing(1).ruled, "ruled");
        assertContest(d, 0, START, HEARD, HEARD);
    }

    function test_rule_EachAnswerHasItsVerdict() public {
        Verdict[4] memory verdicts = [Verdict.Lapsed, Verdict.Met, Verdict.Breached, Verdict.Lapsed];
        for (uint256 given = 1; given <= 3; ++given) {
            for (uint256 answer; answer <= 3; ++answer) {
                uint256 id = vm.snapshotState();
                Deal memory d = contested(Verdict(given));
                rule(court.disputes(), answer);
                assertVerdict(d, 0, verdicts[answer]);
                vm.revertToState(id);
            }
        }
    }

    /// @dev Not the silence of a court that was asked: it said that it will not say.
    function test_rule_NeitherPaysNorForfeitsOnALapse() public {
        Deal memory d = contested(Verdict.Breached);
        rule(1, 0);
        when(HEARD + 1);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(payer, AMOUNT + BOND, "payer has its own");
        assertBalance(performer, BOND, "performer has its own");
    }

    function test_rule_ConfirmedIsFinalFromTheNextSecond() public {
        Deal memory d = contested(Verdict.Met);
        when(HEARD + 1 days);
        rule(1, 1);
        refuseNotFinal(0, HEARD + 1 days);
        release(d, 1);
        refuseNotFinal(0, HEARD + 1 days);
        settle(d);
        when(HEARD + 1 days + 1);
        release(d, 1);
        assertBalance(performer, AMOUNT, "paid");
        settle(d);
        assertStatus(d, Status.Completed);
    }

    /// @dev The challenge window may still run: who had something against the verdict has been heard.
    function test_rule_EndsTheWindow() public {
        Deal memory d = contested(Verdict.Met);
        rule(1, 1);
        when(HEARD + 1);
        assertTrue(HEARD + 1 < START + CHALLENGE_WINDOW, "the window still runs");
        settle(d);
        assertStatus(d, Status.Completed);
    }

    // Values

    function test_rule_ConfirmingKeepsTheValue() public {
        Deal memory d = contested(under(address(court), tiered(oneTier(100, 10, 10_000))), Verdict.Met, 150);
        rule(1, 1);
        assertEq(d.account.attested(0, 0), 150, "value");
        when(HEARD + 1);
        release(d, 1);
        assertBalance(performer, 60, "paid by the value");
    }

    function test_rule_ChangingClearsTheValue() public {
        Tier[] memory tiers = new Tier[](2);
        (tiers[0], tiers[1]) = (Tier(0, 7, 0), Tier(100, 10, 10_000));
        Deal memory d = under(address(court), tiered(tiers));
        d.phases[0].payments[0].on = MET | LAPSED;
        contested(d, Verdict.Met, 150);
        rule(1, 3);
        assertEq(d.account.attested(0, 0), 0, "value");
        when(HEARD + 1);
        release(d, 1);
        assertBalance(performer, 7, "paid by a value of zero");
        assertBalance(payer, AMOUNT - 7, "the rest goes back");
    }

    // Cut-offs

    /// @dev What follows while the court deliberates counts; from the second after the ruling on nothing does.
    function test_rule_ABreachCutsOffInItsSecond() public {
        Deal memory d = contestable();
        d.obligation(PAYER, Verdict.Met, false, 1_000);
        d.payment(PERFORMER, address(token), 30, all(charity), BREACHED);
        d.obligation(PAYER, Verdict.Breached, false, 2_000);
        contested(d, Verdict.Met, 0);
        when(HEARD + 1 days);
        rule(1, 2);
        attest(d, 1, Verdict.Breached);
        when(HEARD + 1 days + 1);
        refuse(IAgreementEvents.PastCutOff.selector, HEARD + 1 days);
        attest(d, 2, Verdict.Breached);
        refuseNotFinal(1, HEARD + 1 days + CHALLENGE_WINDOW);
        settle(d);
        when(HEARD + 1 days + CHALLENGE_WINDOW + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(charity, 30, "decided in the second of the ruling");
        assertBalance(performer, BOND * 4 / 10 + BOND / 10, "lost 60 %, has the other's 10 %");
        assertBalance(payer, AMOUNT + BOND * 9 / 10 + BOND * 6 / 10, "what lapsed costs it nothing");
    }

    function test_rule_ThatThereWasNoBreachLetsThePhaseGoOn() public {
        Deal memory d = contestable(2);
        d.phases[0].obligations[0].grace = 40 days;
        contested(d, Verdict.Breached, 0);
        when(HEARD + RULING_WINDOW);
        rule(1, 1);
        when(HEARD + RULING_WINDOW + 1);
        settle(d);
        assertStatus(d, Status.InForce);
        assertEq(d.account.state().phase, 1, "phase");
        assertBalance(performer, AMOUNT, "paid");
    }

    function test_rule_ABreachAfterAllOfThePhaseIsOver() public {
        Deal memory d = funded(contestable(2));
        uint256 silent = deadline(d, 0);
        when(silent);
        attest(d, 0, Verdict.Met);
        when(silent + CHALLENGE_WINDOW);
        challenge(d, payer, 0);
        when(silent + CHALLENGE_WINDOW + RULING_WINDOW);
        rule(1, 2);
        refuseNotFinal(0, silent + CHALLENGE_WINDOW + RULING_WINDOW);
        settle(d);
        when(silent + CHALLENGE_WINDOW + RULING_WINDOW + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(payer, AMOUNT + BOND + BOND * 6 / 10, "payer");
    }

    // Several at once

    function test_rule_EachByItsNumber() public {
        Deal memory d = contestable();
        d.obligation(PAYER, Verdict.Breached, false, 1_000);
        funded(d);
        attest(d, 0, Verdict.Met);
        attest(d, 1, Verdict.Breached);
        challenge(d, performer, 1);
        challenge(d, payer, 0);
        rule(2, 3);
        assertVerdict(d, 0, Verdict.Lapsed);
        assertVerdict(d, 1, Verdict.Breached);
        rule(1, 1);
        assertVerdict(d, 0, Verdict.Lapsed);
        assertVerdict(d, 1, Verdict.Met);
    }

    // What it refuses

    function test_rule_RevertWhen_NothingWasAsked() public {
        Deal memory d = contested(Verdict.Met);
        refuse(IAgreementEvents.UnknownDispute.selector, 2);
        ruleFrom(address(court), d, 2, 1);
        refuse(IAgreementEvents.UnknownDispute.selector, 0);
        ruleFrom(address(court), d, 0, 1);
    }

    function test_rule_RevertWhen_TheCallerIsNotTheCourt() public {
        Deal memory d = contested(Verdict.Met);
        address[5] memory strangers = [anyone, payer, performer, verifier, community];
        for (uint256 i; i < strangers.length; ++i) {
            refuseFor(IAgreementEvents.NotCaller.selector, address(court));
            ruleFrom(strangers[i], d, 1, 2);
        }
        StubCourt another = new StubCourt();
        refuseFor(IAgreementEvents.NotCaller.selector, address(court));
        ruleFrom(address(another), d, 1, 2);
    }

    /// @dev One court, two agreements: what it is asked by one it cannot answer to the other.
    function test_rule_RevertWhen_AnotherAccountAsked() public {
        Deal memory d = contested(Verdict.Met);
        Deal memory other = contestable();
        other.terms.document = "other";
        when(START);
        contested(other, Verdict.Met, 0);
        refuse(IAgreementEvents.UnknownDispute.selector, 2);
        ruleFrom(address(court), d, 2, 2);
        rule(2, 2);
        assertVerdict(d, 0, Verdict.Met);
        assertVerdict(other, 0, Verdict.Breached);
    }

    function test_rule_RevertWhen_Repeated() public {
        contested(Verdict.Met);
        rule(1, 1);
        refuse(IAgreementEvents.AlreadyRuled.selector, 1);
        rule(1, 1);
        refuse(IAgreementEvents.AlreadyRuled.selector, 1);
        rule(1, 2);
    }

    function test_rule_RevertWhen_TheRulingWindowIsOver() public {
        contested(Verdict.Met);
        when(HEARD + RULING_WINDOW + 1);
        refuse(IAgreementEvents.TooLate.selector, HEARD + RULING_WINDOW);
        rule(1, 2);
    }

    function test_rule_RevertWhen_TheNextPhaseHasOpened() public {
        Deal memory d = contested(contestable(2), Verdict.Met, 0);
        when(HEARD + RULING_WINDOW + 1);
        settle(d);
        refuse(IAgreementEvents.TooLate.selector, HEARD + RULING_WINDOW);
        rule(1, 2);
        assertVerdict(d, 0, Verdict.Undecided);
    }

    function test_rule_RevertWhen_ItIsNoChoice() public {
        contested(Verdict.Met);
        refuse(IAgreementEvents.UnknownRuling.selector, 4);
        rule(1, 4);
        refuse(IAgreementEvents.UnknownRuling.selector, type(uint256).max);
        rule(1, type(uint256).max);
    }

    function test_rule_RevertWhen_TheAgreementIsDissolved() public {
        Deal memory d = contested(Verdict.Met);
        dissolve(d, splitOf(address(token), all(charity)));
        refuseStatus(Status.Dissolved);
        rule(1, 2);
    }

    function test_rule_RevertWhen_TheAgreementHasEnded() public {
        Deal memory d = contested(Verdict.Met);
        rule(1, 1);
        when(HEARD + 1);
        settle(d);
        refuseStatus(Status.Completed);
        rule(1, 2);
    }

    function test_rule_RevertWhen_CoinIsSent() public {
        Deal memory d = contested(Verdict.Met);
        vm.deal(address(court), 1 ether);
        vm.prank(address(court));
        (bool success,) = address(d.account).call{value: 1}(ruling(1, 2));
        assertTrue(!success, "refused");
        assertVerdict(d, 0, Verdict.Met);
    }
}
