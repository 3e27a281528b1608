// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrable} from "../src/arbitration/IArbitrable.sol";
import {IArbitrator} from "../src/arbitration/IArbitrator.sol";
import {IEvidence} from "../src/arbitration/IEvidence.sol";
import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Hearing, Status, Verdict} from "../src/interfaces/Types.sol";
import {Recipient} from "./actors/Recipient.sol";
import {Building, Deal, MET, all} from "./base/Deal.sol";
import {OnPhaseTest} from "./base/OnPhaseTest.sol";
import {vm} from "./base/Vm.sol";

contract ChallengeTest is OnPhaseTest {
    using Building for Deal;

    uint256 private constant FEE = 0.01 ether;

    function enter(Deal memory d) internal override {
        challenge(d, payer, 0);
    }

    /// @dev Decided for the performer, a day after the phase opened.
    function decided() private returns (Deal memory d) {
        d = funded(contestable());
        when(START + 1 days);
        attest(d, 0, Verdict.Met);
    }

    /// @dev In coin, so that the account holds plenty of what a court wants.
    function decidedInCoin() private returns (Deal memory d) {
        d = between(NATIVE);
        addPhase(d, NATIVE);
        d.phases[0].payments[0].amount = 1 ether;
        funded(under(address(court), d));
        attest(d, 0, Verdict.Met);
    }

    // What it does

    function test_challenge_AsksTheCourt() public {
        Deal memory d = contestable();
        d.terms.arbitratorData = hex"0bad5eed";
        funded(d);
        attest(d, 0, Verdict.Met);
        vm.expectEmit(address(court));
        emit IArbitrator.DisputeCreation(1, IArbitrable(address(d.account)));
        challenge(d, payer, 0);

        assertEq(address(court.arbitrables(1)), address(d.account), "who asks");
        assertEq(court.choices(), 3, "choices");
        assertEq(keccak256(court.extraData()), keccak256(hex"0bad5eed"), "data");
        assertEq(address(court).balance, FEE, "fee");
        assertEq(payer.balance, 0, "the challenger paid it");
        assertContest(d, 0, START, START, 0);
    }

    function test_challenge_SaysSo() public {
        Deal memory d = decided();
        when(START + 2 days);
        uint40 until = uint40(START + 2 days + RULING_WINDOW);
        string memory document = string.concat("urn:pyledger:", vm.toString(d.terms.document));
        vm.expectEmit(address(d.account));
        emit IEvidence.MetaEvidence(0, document);
        vm.expectEmit(address(d.account));
        emit IEvidence.Dispute(IArbitrator(address(court)), 1, 0, 0);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Challenged(0, 0, community, Verdict.Met, 1, until);
        challenge(d, community, 0);

        Hearing memory asked = d.account.hearing(1);
        assertEq(asked.arbitrator, address(court), "arbitrator");
        assertEq(asked.until, until, "until");
        assertTrue(!asked.ruled, "not ruled");
    }

    /// @dev What the court is told tells phase and obligation.
    function test_challenge_OfALaterPhaseAndObligation() public {
        Deal memory d = contestable(2);
        d.obligation(PAYER, Verdict.Met, false, 100);
        funded(d);
        attest(d, 0, Verdict.Met);
        when(START + CHALLENGE_WINDOW + 1);
        settle(d);
        attest(d, 1, Verdict.Breached);
        vm.expectEmit(address(d.account));
        emit IEvidence.Dispute(IArbitrator(address(court)), 1, 257, 257);
        challenge(d, payer, 1);
        assertEq(d.account.hearing(1).phase, 1, "phase");
        assertEq(d.account.hearing(1).obligation, 1, "obligation");
    }

    function test_challenge_LeavesVerdictAndValue() public {
        Deal memory d = funded(contestable());
        attest(d, 0, Verdict.Met, 77, voices(d, 0, Verdict.Met, 77, 1), 0);
        challenge(d, payer, 0);
        assertVerdict(d, 0, Verdict.Met);
        assertEq(d.account.attested(0, 0), 77, "value");
    }

    function test_challenge_SilenceIsRecordedAsOfTheDeadline() public {
        Deal memory d = funded(contestable());
        uint256 silent = deadline(d, 0);
        when(silent + 3 days);
        assertVerdict(d, 0, Verdict.Undecided);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Challenged(0, 0, performer, Verdict.Breached, 1, uint40(silent + 3 days + RULING_WINDOW));
        challenge(d, performer, 0);
        assertVerdict(d, 0, Verdict.Breached);
        assertContest(d, 0, silent, silent + 3 days, 0);
    }

    function test_challenge_ByEachMemberAndWhoHasStanding() public {
        address[3] memory callers = [payer, performer, community];
        for (uint256 i; i < callers.length; ++i) {
            uint256 id = vm.snapshotState();
            Deal memory d = decided();
            challenge(d, callers[i], 0);
            assertEq(court.disputes(), 1, "asked");
            vm.revertToState(id);
        }
    }

    // Money

    function test_challenge_SurplusComesBack() public {
        Deal memory d = decided();
        vm.deal(payer, 1 ether);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, NATIVE, 1 ether - FEE, Cause.Surplus, 0, false);
        challengeWith(d, payer, 0, 1 ether);
        assertEq(payer.balance, 1 ether - FEE, "all but the fee");
        assertEq(address(court).balance, FEE, "the fee and no more");
        assertEq(address(d.account).balance, 0, "nothing stays");
    }

    function test_challenge_SurplusIsCreditedToWhoWouldNotHaveIt() public {
        Recipient surly = new Recipient();
        surly.behave(Recipient.Manner.Reverts);
        Deal memory d = contestable();
        d.terms.standing[0] = address(surly);
        funded(d);
        attest(d, 0, Verdict.Met);
        challengeWith(d, address(surly), 0, FEE + 5);
        assertEq(court.disputes(), 1, "asked");
        assertEq(d.account.credit(address(surly), NATIVE), 5, "credit");
        withdraw(d, address(surly), NATIVE, charity);
        assertEq(charity.balance, 5, "withdrawn");
    }

    function test_challenge_ThatCostsNothing() public {
        court.charge(0);
        Deal memory d = decided();
        challengeWith(d, payer, 0, 0);
        assertEq(court.disputes(), 1, "asked");
    }

    /// @dev The account is full of coin, none of which is the challenger's.
    function test_challenge_NeverSpendsTheAccountsCoin() public {
        Deal memory d = decidedInCoin();
        uint256 before = address(d.account).balance;
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, FEE, FEE - 1));
        challengeWith(d, performer, 0, FEE - 1);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, FEE, 0));
        challengeWith(d, performer, 0, 0);
        challengeWith(d, performer, 0, FEE + 1);
        assertEq(address(d.account).balance, before, "all of it is still there");
        assertEq(address(court).balance, FEE, "fee");
    }

    // When

    function test_challenge_UntilTheLastSecondOfTheWindow() public {
        Deal memory d = decided();
        when(START + 1 days + CHALLENGE_WINDOW);
        challenge(d, payer, 0);
        assertContest(d, 0, START + 1 days, START + 1 days + CHALLENGE_WINDOW, 0);
    }

    function test_challenge_SilenceUntilTheLastSecondOfTheWindow() public {
        Deal memory d = funded(contestable());
        when(deadline(d, 0) + CHALLENGE_WINDOW);
        challenge(d, performer, 0);
        assertVerdict(d, 0, Verdict.Breached);
    }

    function test_challenge_FromTheSecondAfterTheDeadline() public {
        Deal memory d = funded(contestable());
        when(deadline(d, 0));
        refuse(IAgreementEvents.NotDecided.selector, 0);
        challenge(d, performer, 0);
        when(deadline(d, 0) + 1);
        challenge(d, performer, 0);
        assertContest(d, 0, deadline(d, 0), deadline(d, 0) + 1, 0);
    }

    /// @dev In the second of the deadline a seat speaks and a member contests: both are in time.
    function test_challenge_InTheSecondOfTheAttestation() public {
        Deal memory d = funded(contestable());
        when(deadline(d, 0));
        attest(d, 0, Verdict.Met);
        challenge(d, payer, 0);
        assertContest(d, 0, deadline(d, 0), deadline(d, 0), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    /// @dev The payer's breach is final and ends the phase; what was decided on the performer can still be contested.
    function test_challenge_PastACutOff() public {
        Deal memory d = contestable();
        d.obligation(PAYER, Verdict.Breached, true, 5_000);
        funded(d);
        attest(d, 0, Verdict.Met);
        concede(d, payer, 1);
        when(START + CHALLENGE_WINDOW);
        challenge(d, payer, 0);
        rule(1, 2);
        when(START + CHALLENGE_WINDOW + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(payer, AMOUNT + BOND / 2 + BOND * 6 / 10, "payment back, half its bond, the other's forfeiture");
    }

    function test_challenge_PastTheLongStop() public {
        Deal memory d = contestable();
        d.phases[0].obligations[0].within = 717 days;
        funded(d);
        when(d.terms.longStop);
        attest(d, 0, Verdict.Met);
        when(uint256(d.terms.longStop) + CHALLENGE_WINDOW);
        challenge(d, payer, 0);
        when(end(d));
        rule(1, 2);
        assertVerdict(d, 0, Verdict.Breached);
        when(end(d) + 1);
        unwind(d);
        assertBalance(payer, AMOUNT + BOND + BOND * 6 / 10, "the ruling counts");
    }

    // What it refuses

    function test_challenge_RevertWhen_ThereIsNoArbitrator() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Met);
        refuse(abi.encodeWithSelector(IAgreementEvents.NoArbitrator.selector));
        challenge(d, payer, 0);
    }

    function test_challenge_RevertWhen_TheCallerIsAStranger() public {
        Deal memory d = decided();
        address[3] memory strangers = [anyone, verifier, address(court)];
        for (uint256 i; i < strangers.length; ++i) {
            refuseFor(IAgreementEvents.NoStanding.selector, strangers[i]);
            challenge(d, strangers[i], 0);
        }
    }

    function test_challenge_RevertWhen_ThePartyIsAbsentOrJoining() public {
        Deal memory d = entered(under(address(court), coalition(2)));
        attest(d, 0, Verdict.Met);
        refuseFor(IAgreementEvents.NoStanding.selector, latecomer);
        challenge(d, latecomer, 0);
        accept(d, LATECOMER);
        refuseFor(IAgreementEvents.NoStanding.selector, latecomer);
        challenge(d, latecomer, 0);
    }

    function test_challenge_RevertWhen_ThereIsNoSuchObligation() public {
        Deal memory d = decided();
        refuse(IAgreementEvents.UnknownObligation.selector, 1);
        challenge(d, payer, 1);
        refuse(IAgreementEvents.UnknownObligation.selector, 255);
        challenge(d, payer, 255);
    }

    function test_challenge_RevertWhen_NothingIsDecided() public {
        Deal memory d = funded(contestable());
        refuse(IAgreementEvents.NotDecided.selector, 0);
        challenge(d, payer, 0);
    }

    function test_challenge_RevertWhen_Repeated() public {
        Deal memory d = decided();
        challenge(d, payer, 0);
        refuse(IAgreementEvents.AlreadyChallenged.selector, 0);
        challenge(d, payer, 0);
        refuse(IAgreementEvents.AlreadyChallenged.selector, 0);
        challenge(d, community, 0);
        rule(1, 2);
        refuse(IAgreementEvents.AlreadyChallenged.selector, 0);
        challenge(d, performer, 0);
    }

    function test_challenge_RevertWhen_TheWindowIsOver() public {
        Deal memory d = decided();
        when(START + 1 days + CHALLENGE_WINDOW + 1);
        refuse(IAgreementEvents.TooLate.selector, START + 1 days + CHALLENGE_WINDOW);
        challenge(d, payer, 0);
    }

    function test_challenge_RevertWhen_TheWindowAfterSilenceIsOver() public {
        Deal memory d = funded(contestable());
        when(deadline(d, 0) + CHALLENGE_WINDOW + 1);
        refuse(IAgreementEvents.TooLate.selector, deadline(d, 0) + CHALLENGE_WINDOW);
        challenge(d, performer, 0);
    }

    function test_challenge_RevertWhen_Conceded() public {
        Deal memory d = funded(contestable());
        concede(d, performer, 0);
        assertContest(d, 0, START, 0, START);
        refuse(IAgreementEvents.TooLate.selector, START);
        challenge(d, performer, 0);
        when(START + 1);
        refuse(IAgreementEvents.TooLate.selector, START);
        challenge(d, community, 0);
    }

    function test_challenge_RevertWhen_ThePartyIsAbsent() public {
        Deal memory d = under(address(court), coalition(1));
        d.obligation(LATECOMER, Verdict.Breached, true, 10_000);
        entered(d);
        refuse(IAgreementEvents.TooLate.selector, 0);
        challenge(d, payer, 1);
    }

    function test_challenge_RevertWhen_LapsedByACutOff() public {
        Deal memory d = contestable();
        d.obligation(PAYER, Verdict.Breached, true, 5_000);
        funded(d);
        concede(d, payer, 1);
        when(START + 1);
        refuse(IAgreementEvents.TooLate.selector, START);
        challenge(d, payer, 0);
    }

    function test_challenge_RevertWhen_LapsedByTheLongStop() public {
        Deal memory d = contestable();
        d.phases[0].obligations[0].within = 720 days;
        d.payment(PAYER, address(token), 1, all(charity), MET);
        funded(d);
        when(d.terms.longStop);
        refuse(IAgreementEvents.NotDecided.selector, 0);
        challenge(d, payer, 0);
        when(d.terms.longStop + 1);
        refuse(IAgreementEvents.TooLate.selector, d.terms.longStop);
        challenge(d, payer, 0);
    }
}
