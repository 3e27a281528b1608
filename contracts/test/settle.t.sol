// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {packPhase, packTerms} from "./base/Packing.sol";
import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Obligation, Payment, Phase, Status, Verdict} from "../src/interfaces/Types.sol";
import {Recipient} from "./actors/Recipient.sol";
import {InPhaseTest} from "./base/InPhaseTest.sol";
import {BREACHED, Building, Deal, LAPSED, MET, OUTSIDE, all, split} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";
import {MoodyToken} from "./tokens/MoodyToken.sol";

contract SettleTest is InPhaseTest {
    using Building for Deal;

    uint256 private constant DEADLINE = START + 33 days;

    function enter(Deal memory d) internal override {
        settle(d);
    }

    // Completion

    function test_settle_TheLastPhaseReturnsAllBonds() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Met);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, uint64(Verdict.Met), 0, 0);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Ended(Status.Completed);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(performer, address(token), AMOUNT, Cause.Payment, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, address(token), BOND, Cause.Bond, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(performer, address(token), BOND, Cause.Bond, 1, false);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(payer, BOND, "payer");
        assertBalance(performer, BOND + AMOUNT, "performer");
        assertEq(held(d), 0, "held");
    }

    function test_settle_WhatWasPaidBeforeIsNotPaidAgain() public {
        Deal memory d = usual();
        d.payment(PAYER, address(token), 7, all(charity), MET);
        funded(d);
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1);
        settle(d);
        assertBalance(performer, BOND + AMOUNT, "performer");
        assertBalance(charity, 7, "charity");
        assertEq(held(d), 0, "held");
    }

    function test_settle_SomePartiesInCoinAndOthersInTokens() public {
        Deal memory d = blank();
        d.party(payer, NATIVE, BOND, all(performer));
        d.party(performer, address(token), BOND, all(payer));
        d.judge(verifier);
        addPhase(d, NATIVE);
        funded(d);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertEq(payer.balance, BOND, "payer");
        assertEq(performer.balance, AMOUNT, "performer, coin");
        assertBalance(performer, BOND, "performer, token");
    }

    // Silence

    function test_settle_SilenceGivesMet() public {
        Deal memory d = presuming(Verdict.Met, true);
        when(DEADLINE + 1);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, BOND + AMOUNT, "paid, bond back");
    }

    function test_settle_SilenceGivesLapsed() public {
        Deal memory d = presuming(Verdict.Lapsed, true);
        when(DEADLINE + 1);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, BOND, "bond back");
        assertBalance(payer, BOND + AMOUNT, "payment and bond back");
    }

    function test_settle_SilenceGivesBreachedWithoutEndingTheDeal() public {
        Deal memory d = presuming(Verdict.Breached, false);
        when(DEADLINE + 1);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, 400, "60 % are lost");
        assertBalance(payer, BOND + AMOUNT + 600, "and gained");
    }

    function test_settle_SilenceOnAMaterialPromiseEndsTheDeal() public {
        Deal memory d = funded(usual(2));
        when(DEADLINE);
        refuse(IAgreementEvents.NotDecided.selector, 0);
        settle(d);
        when(DEADLINE + 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, uint64(Verdict.Breached), 0, uint40(DEADLINE));
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Ended(Status.Terminated);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(performer, 400, "performer");
        assertBalance(payer, BOND + AMOUNT + 600, "payer");
    }

    function test_settle_SilenceOnAnOutsideEventEndsTheDealAtNobodysExpense() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].obligor = OUTSIDE;
        d.phases[0].obligations[0].forfeitBps = 0;
        funded(d);
        when(DEADLINE + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(payer, BOND + AMOUNT, "payer");
        assertBalance(performer, BOND, "performer");
    }

    function test_settle_RevertWhen_ObligationUndecided() public {
        Deal memory d = usual();
        d.obligation(PERFORMER, Verdict.Lapsed, false, 0);
        funded(d);
        attest(d, 0, Verdict.Met);
        when(DEADLINE);
        refuse(IAgreementEvents.NotDecided.selector, 1);
        settle(d);
        when(DEADLINE + 1);
        settle(d);
    }

    // Breach

    function test_settle_AMaterialBreachEndsTheDeal() public {
        Deal memory d = funded(usual(3));
        attest(d, 0, Verdict.Breached);
        when(START + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertEq(held(d), 0, "held");
        assertBalance(performer, 400, "performer");
        assertBalance(payer, BOND + AMOUNT + 600, "payer");
    }

    function test_settle_RevertWhen_InTheSecondOfTheCutOff() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Breached);
        refuse(IAgreementEvents.TooEarly.selector, START + 1);
        settle(d);
    }

    function test_settle_AnImmaterialBreachForfeitsAndGoesOn() public {
        Deal memory d = usual(2);
        d.phases[0].obligations[0].material = false;
        funded(d);
        attest(d, 0, Verdict.Breached);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseDisclosed(1, packPhase(d.phases[1]));
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseOpened(1, uint40(START), 3, uint16(1 << PERFORMER));
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, address(token), AMOUNT, Cause.Return, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, address(token), 600, Cause.Forfeiture, PERFORMER, false);
        settle(d);
        assertStatus(d, Status.InForce);
        assertEq(bondOf(d, PERFORMER), 400, "bond left");
        assertEq(bondOf(d, PAYER), BOND, "the payer's bond stays");
        assertEq(held(d), BOND + 400, "held");
    }

    function test_settle_BreachesForfeitTogetherAtMostWhatIsHeld() public {
        Deal memory d = usual();
        d.obligation(PERFORMER, Verdict.Breached, false, 3_000);
        d.obligation(PERFORMER, Verdict.Breached, false, 2_500);
        funded(d);
        attest(d, 0, Verdict.Breached);
        attest(d, 1, Verdict.Breached);
        attest(d, 2, Verdict.Breached);
        when(START + 1);
        settle(d);
        assertBalance(payer, BOND + AMOUNT + BOND, "all of the bond, no more");
        assertBalance(performer, 0, "nothing left");
        assertEq(held(d), 0, "held");
    }

    function test_settle_ForfeituresRoundDown() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].forfeitBps = 3_333;
        d.levels(BOND, 999);
        funded(d);
        attest(d, 0, Verdict.Breached);
        when(START + 1);
        settle(d);
        assertBalance(payer, BOND + AMOUNT + 332, "999 * 0.3333 = 332.9667");
    }

    function test_settle_TheLastRecipientOfAForfeitureTakesTheRemainder() public {
        Deal memory d = usual();
        d.terms.parties[PERFORMER].forfeiture = split(charity, 3_333, payer);
        d.phases[0].obligations[0].forfeitBps = 100;
        funded(d);
        attest(d, 0, Verdict.Breached);
        when(START + 1);
        settle(d);
        assertBalance(charity, 3, "3.333 of 10");
        assertBalance(payer, BOND + AMOUNT + 7, "the rest");
    }

    function test_settle_ForfeituresAreOfTheLevelOfThePhase() public {
        Deal memory d = usual();
        d.levels(BOND, BOND / 2);
        funded(d);
        concede(d, performer, 0);
        when(START + 1);
        settle(d);
        assertBalance(payer, BOND + AMOUNT + 300, "60 % of 500");
        assertBalance(performer, BOND / 2 + 200, "surplus, then what is left");
    }

    function test_settle_WhoMeetsEverythingLosesNothing() public {
        Deal memory d = usual();
        d.obligation(PAYER, Verdict.Breached, true, 10_000);
        d.phases[0].obligations[1].within = 10 days;
        funded(d);
        attest(d, 1, Verdict.Met);
        attest(d, 0, Verdict.Breached);
        when(START + 300 days);
        settle(d);
        assertBalance(payer, BOND + AMOUNT + 600, "payer");
    }

    // Cut-off

    /// @dev Besides the usual promise: one that silence decides in 10 days, and one in 40.
    function staggered() private returns (Deal memory d) {
        d = usual(2);
        d.phases[1] = d.phases[0];
        d.phases[0].salt = "first";
        d.phases = only(d.phases[0], d.phases[1]);
        Obligation[] memory obligations = new Obligation[](3);
        obligations[0] = d.phases[0].obligations[0];
        obligations[1] = Obligation(PERFORMER, 0, uint8(Verdict.Breached), false, 10 days, 0, 1_000);
        obligations[2] = Obligation(PERFORMER, 0, uint8(Verdict.Breached), false, 40 days, 0, 2_000);
        d.phases[0].obligations = obligations;
        funded(d);
    }

    function only(Phase memory first, Phase memory second) private pure returns (Phase[] memory phases) {
        phases = new Phase[](2);
        (phases[0], phases[1]) = (first, second);
    }

    function test_settle_AfterTheCutOffWhatWasUndecidedLapses() public {
        uint256[3] memory delays = [uint256(1), 50 days, 600 days];
        for (uint256 i; i < delays.length; ++i) {
            uint256 id = vm.snapshotState();
            Deal memory d = staggered();
            when(START + 10 days);
            concede(d, performer, 0);
            when(START + 10 days + delays[i]);
            vm.expectEmit(address(d.account));
            // Breached, breached by silence at the cut-off itself, lapsed.
            emit IAgreementEvents.PhaseSettled(0, 2 | (2 << 2) | (3 << 4), 0, uint40(START + 10 days));
            settle(d);
            assertBalance(performer, 300, "60 % and 10 % are lost");
            assertBalance(payer, BOND + AMOUNT + 700, "gained");
            vm.revertToState(id);
        }
    }

    function test_settle_BeforeSilenceASecondEarlierAllElseLapses() public {
        Deal memory d = staggered();
        when(START + 10 days - 1);
        concede(d, performer, 0);
        when(START + 600 days);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, 2 | (3 << 2) | (3 << 4), 0, uint40(START + 10 days - 1));
        settle(d);
        assertBalance(performer, 400, "60 % are lost");
    }

    function test_settle_TheEarliestCutOffCounts() public {
        Deal memory d = usual();
        d.obligation(PERFORMER, Verdict.Breached, true, 1_000);
        d.phases[0].obligations[1].within = 6 days;
        funded(d);
        when(START + 8 days);
        concede(d, performer, 0);
        when(START + 8 days + 1);
        refuse(IAgreementEvents.PastCutOff.selector, START + 8 days);
        concede(d, performer, 1);
        settle(d);
        assertBalance(performer, 400, "60 % are lost; the other promise was not due before the ninth day");
    }

    // Financial default

    function test_settle_AnUnfundedPaymentIsADefault() public {
        Deal memory d = inForce(usual());
        when(START + 7 days);
        refuse(IAgreementEvents.NotDecided.selector, 0);
        settle(d);
        when(START + 7 days + 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, uint64(Verdict.Lapsed), uint16(1 << PAYER), uint40(START + 7 days));
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(payer, 500, "half of the payer's bond is lost");
        assertBalance(performer, BOND + 500, "and gained");
        assertEq(held(d), 0, "held");
    }

    function test_settle_AShortBondIsADefault() public {
        Deal memory d = usual();
        d.levels(BOND, 2 * BOND);
        funded(d);
        when(START + 7 days + 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, uint64(Verdict.Lapsed), uint16(1 << PERFORMER), uint40(START + 7 days));
        settle(d);
        assertBalance(performer, 0, "half of the level is all it had");
        assertBalance(payer, BOND + AMOUNT + BOND, "payer");
    }

    /// @dev Everything is met on the first day, but a bond is short: nobody can settle before the party has either topped
    /// it up or defaulted, so that the time of the call decides nothing.
    function test_settle_TheTimeOfTheCallDecidesNoDefault() public {
        Deal memory d = withShortBond();
        attest(d, 0, Verdict.Met);
        uint256[3] memory early = [START, START + 3 days, START + 7 days];
        for (uint256 i; i < early.length; ++i) {
            when(early[i]);
            refuse(IAgreementEvents.NotToppedUp.selector, PERFORMER);
            settle(d);
        }
        uint256[3] memory late = [START + 7 days + 1, START + 100 days, START + 700 days];
        for (uint256 i; i < late.length; ++i) {
            uint256 id = vm.snapshotState();
            when(late[i]);
            settle(d);
            assertStatus(d, Status.Terminated);
            assertBalance(performer, 0, "half of the level is all it had");
            vm.revertToState(id);
        }
        when(START + 7 days);
        topUp(d, PERFORMER);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, 2 * BOND, "topped up in time, all of it is back");
    }

    /// @dev A breach forfeits 60 % of the level. Settled before the missing half is there, it would forfeit less.
    function test_settle_ATopUpInTheSameSecondChangesNoForfeiture() public {
        Deal memory d = withShortBond();
        attest(d, 0, Verdict.Breached);
        refuse(IAgreementEvents.NotToppedUp.selector, PERFORMER);
        settle(d);
        topUp(d, PERFORMER);
        settle(d);
        assertBalance(payer, BOND + 1_200, "60 % of 2,000");
        assertBalance(performer, 800, "the rest");
    }

    function test_settle_RevertWhen_SeveralBondsMayStillBeToppedUp() public {
        Deal memory d = usual();
        d.levels(BOND + 1, BOND + 1);
        funded(d);
        attest(d, 0, Verdict.Met);
        refuse(IAgreementEvents.NotToppedUp.selector, PAYER);
        settle(d);
        topUp(d, PAYER);
        refuse(IAgreementEvents.NotToppedUp.selector, PERFORMER);
        settle(d);
        topUp(d, PERFORMER);
        settle(d);
        assertStatus(d, Status.Completed);
    }

    function test_settle_AShortBondDoesNotHoldUpACutOff() public {
        Deal memory d = usual();
        d.levels(BOND, 2 * BOND);
        funded(d);
        concede(d, performer, 0);
        when(START + 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, uint64(Verdict.Breached), 0, uint40(START));
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(payer, BOND + AMOUNT + BOND, "60 % of the level are more than all it had");
    }

    function test_settle_SeveralDefaultsOfAPartyForfeitOnce() public {
        Deal memory d = usual();
        d.payment(PAYER, address(token), 5, all(charity), MET);
        d.payment(PAYER, address(token), 6, all(charity), LAPSED);
        d.levels(2 * BOND, BOND);
        d.terms.defaultForfeitBps = 2_500;
        inForce(d);
        when(START + 7 days + 1);
        settle(d);
        assertBalance(payer, 500, "a quarter of 2,000, once");
        assertBalance(performer, BOND + 500, "performer");
    }

    function test_settle_EachDefaultingPartyForfeits() public {
        Deal memory d = usual();
        d.payment(PERFORMER, address(token), 5, all(charity), MET);
        d.terms.defaultForfeitBps = 3_000;
        inForce(d);
        when(START + 8 days);
        settle(d);
        assertBalance(payer, BOND, "lost and gained 300");
        assertBalance(performer, BOND, "gained and lost 300");
    }

    function test_settle_ADefaultAfterTheCutOffIsNone() public {
        Deal memory d = inForce(usual());
        when(START + 7 days - 1);
        concede(d, performer, 0);
        when(START + 100 days);
        settle(d);
        assertBalance(payer, BOND + 600, "the payer has not defaulted");
    }

    function test_settle_ADefaultInTheSecondOfTheCutOffIsOne() public {
        Deal memory d = inForce(usual());
        when(START + 7 days);
        attest(d, 0, Verdict.Breached);
        when(START + 7 days + 1);
        settle(d);
        assertBalance(payer, BOND + 600, "a breach released the payer: nothing was owed any more");
    }

    function test_settle_WhatIsDecidedAgainstIsNotOwed() public {
        Deal memory d = inForce(usual(2));
        attest(d, 0, Verdict.Lapsed);
        when(START + 30 days);
        settle(d);
        assertStatus(d, Status.InForce);
        assertEq(bondOf(d, PAYER), BOND, "payer's bond");
    }

    function test_settle_BreachAndDefaultTogetherAtMostWhatIsHeld() public {
        Deal memory d = usual();
        d.obligation(Obligation(PAYER, 0, uint8(Verdict.Breached), false, 2 days, 0, 7_000));
        inForce(d);
        when(START + 8 days);
        settle(d);
        assertBalance(payer, 0, "70 % for the breach, 50 % for the default");
        assertBalance(performer, 2 * BOND, "performer");
    }

    function test_settle_RevertWhen_AReleasedPaymentMayStillBeFunded() public {
        Deal memory d = inForce(usual());
        attest(d, 0, Verdict.Met);
        refuse(IAgreementEvents.NotFunded.selector, 0);
        settle(d);
        when(START + 7 days);
        fund(d, 1);
        settle(d);
        assertStatus(d, Status.Completed);
    }

    function test_settle_AReleasedPaymentNeverFundedIsADefault() public {
        Deal memory d = inForce(usual());
        attest(d, 0, Verdict.Met);
        when(START + 7 days + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(payer, 500, "payer");
    }

    // The next phase

    function test_settle_OpensTheNextPhase() public {
        Deal memory d = funded(usual(3));
        attest(d, 0, Verdict.Met);
        when(START + 3 days);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseDisclosed(1, packPhase(d.phases[1]));
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseOpened(1, uint40(START + 3 days), 3, 0);
        settle(d);
        assertEq(d.account.state().phase, 1, "phase");
        assertEq(openedAt(d), START + 3 days, "opened at");
        assertEq(d.account.state().funded, 0, "funded");
        assertEq(d.account.state().paid, 0, "paid");
        assertEq(d.account.state().verdicts, 0, "verdicts");
        bytes32 rest = hashing.chain(keccak256(packPhase(d.phases[1])), later(d, 1));
        assertEq(d.account.commitment(), hashing.chain(keccak256(packTerms(d.terms)), rest), "commitment");
        assertEq(held(d), 2 * BOND, "held");
    }

    function test_settle_ThroughAllPhases() public {
        Deal memory d = inForce(usual(5));
        for (uint256 i; i < 5; ++i) {
            fund(d, 1);
            attest(d, 0, Verdict.Met);
            when(START + (i + 1) * 1 days);
            settle(d);
        }
        assertStatus(d, Status.Completed);
        assertBalance(performer, 5 * AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
    }

    function test_settle_PhasesNotDisclosedAtOpening() public {
        Deal memory d = usual(2);
        open(d, 1);
        accept(d, PAYER);
        accept(d, PERFORMER);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertEq(d.account.state().phase, 1, "phase");
    }

    function test_settle_TheNextPhaseWaitsForNotBefore() public {
        Deal memory d = usual(2);
        d.phases[1].notBefore = uint40(START + 60 days);
        funded(d);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertEq(openedAt(d), START + 60 days, "opened at");
        when(START + 60 days + 7 days);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
    }

    function test_settle_BondsFollowTheirSchedule() public {
        Deal memory d = usual(4);
        d.phases[1].bonds = pair(400, 3_000);
        d.phases[2].bonds = pair(900, 0);
        d.phases[3].bonds = pair(900, 0);
        funded(d);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertBalance(payer, 600, "the payer's surplus is back");
        assertEq(bondOf(d, PAYER), 400, "payer's bond");
        assertEq(d.account.state().short, 1 << PERFORMER, "the performer is short");
        topUp(d, PERFORMER);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertBalance(performer, 2 * AMOUNT + 3_000, "all of the performer's bond is back");
        assertEq(d.account.state().short, 1 << PAYER, "the payer is short");
        topUp(d, PAYER);
        fund(d, 1);
        attest(d, 0, Verdict.Breached);
        when(START + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertEq(held(d), 0, "held");
    }

    function test_settle_AShortBondDoesNotCarryOverToTheNextPhase() public {
        Deal memory d = usual(3);
        d.phases[1].bonds = pair(BOND, BOND + 100);
        d.phases[2].bonds = pair(BOND, BOND - 100);
        funded(d);
        attest(d, 0, Verdict.Met);
        settle(d);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        refuse(IAgreementEvents.NotToppedUp.selector, PERFORMER);
        settle(d);
        topUp(d, PERFORMER);
        settle(d);
        assertEq(bondOf(d, PERFORMER), BOND - 100, "bond");
        assertBalance(performer, 2 * AMOUNT + 200, "and the surplus is back");
    }

    function test_settle_AFlawedNextPhaseEndsTheDealWithBondsBack() public {
        Deal memory d = usual(2);
        d.phases[1].payments[0].amount = 0;
        open(d, 1);
        accept(d, PAYER);
        accept(d, PERFORMER);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseRejected(1, "amount", 0);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Ended(Status.Terminated);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
    }

    function test_settle_RevertWhen_TheNextPhaseIsMissing() public {
        Deal memory d = funded(usual(2));
        attest(d, 0, Verdict.Met);
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseMismatch.selector, later(d, 0), bytes32(0)));
        settleWith(d, new Phase[](0), 0);
    }

    function test_settle_RevertWhen_TheNextPhaseIsAnother() public {
        Deal memory d = funded(usual(3));
        attest(d, 0, Verdict.Met);
        Phase[] memory next = new Phase[](1);
        next[0] = d.phases[2];
        bytes32 actual = hashing.chain(d.hashes[2], later(d, 1));
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseMismatch.selector, later(d, 0), actual));
        settleWith(d, next, later(d, 1));
        next[0] = d.phases[1];
        actual = hashing.chain(d.hashes[1], 0);
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseMismatch.selector, later(d, 0), actual));
        settleWith(d, next, 0);
        settleWith(d, next, later(d, 1));
    }

    // Recipients

    function test_settle_ABlockedPartyCostsTheOthersNothing() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = between(address(moody));
        addPhase(d, address(moody));
        funded(d);
        moody.setMood(performer, MoodyToken.Mood.Reverts);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertStatus(d, Status.Completed);
        assertEq(moody.balanceOf(payer), BOND, "payer");
        assertEq(d.account.credit(performer, address(moody)), AMOUNT + BOND, "credited");
    }

    function test_settle_AGasBurnerAmongTheRecipientsOfAForfeiture() public {
        Recipient burner = new Recipient();
        burner.behave(Recipient.Manner.BurnsGas);
        Deal memory d = between(NATIVE);
        d.terms.parties[PERFORMER].forfeiture = split(address(burner), 5_000, charity);
        addPhase(d, NATIVE);
        funded(d);
        concede(d, performer, 0);
        when(START + 1);
        uint256 before = gasleft();
        settle(d);
        assertTrue(before - gasleft() < 400_000, "a burner burns its own stipend only");
        assertEq(charity.balance, 300, "the other recipient");
        assertEq(d.account.credit(address(burner), NATIVE), 300, "credited");
        assertEq(payer.balance, BOND + AMOUNT, "payer");
    }

    function test_settle_WhatIsGivenUnaskedChangesNothing() public {
        Deal memory d = funded(usual());
        token.mint(address(d.account), 5);
        vm.deal(address(d.account), 6);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertBalance(payer, BOND, "payer");
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertEq(held(d), 5, "it stays");
    }

    // Order

    /// @dev Whoever calls what first, and however late anybody settles, everybody gets the same in the end.
    function testFuzz_settle_TheOrderOfCallsChangesNothing(
        uint8[3] memory verdicts,
        uint8 first,
        uint32 released,
        uint32 delay,
        bool toppedUp
    ) public {
        Deal memory d = usual();
        d.levels(BOND, 2 * BOND);
        d.obligation(PAYER, Verdict.Breached, false, 2_000);
        d.payment(PERFORMER, address(token), 70, all(charity), BREACHED);
        d.obligation(PERFORMER, Verdict.Lapsed, true, 3_000);
        d.payment(PAYER, address(token), 90, split(charity, 5_000, performer), LAPSED);
        funded(d);
        uint256 id = vm.snapshotState();

        if (toppedUp) topUp(d, PERFORMER);
        decide(d, verdicts, 0);
        when(DEADLINE + 1);
        settle(d);
        uint256[3] memory expected = [token.balanceOf(payer), token.balanceOf(performer), token.balanceOf(charity)];
        uint256 topped = toppedUp ? BOND : 0;
        assertEq(expected[0] + expected[1] + expected[2], 2 * BOND + topped + AMOUNT + 160, "all is paid out");
        vm.revertToState(id);

        decide(d, verdicts, first % 3);
        (bool settled,) = address(d.account).call(settling(d));
        assertTrue(!settled, "not while a bond is short");
        if (toppedUp) topUp(d, PERFORMER);
        when(DEADLINE + 1 + delay % 600 days);
        if (released & 7 != 0) release(d, released & 7);
        settle(d);
        assertBalance(payer, expected[0], "payer");
        assertBalance(performer, expected[1], "performer");
        assertBalance(charity, expected[2], "charity");
    }

    /// @dev Verdicts given in one second, beginning with the obligation `first`; none where the number says so.
    function decide(Deal memory d, uint8[3] memory verdicts, uint8 first) private {
        for (uint8 i; i < 3; ++i) {
            uint8 obligation = (first + i) % 3;
            if (verdicts[obligation] % 4 != 0) attest(d, obligation, Verdict(verdicts[obligation] % 4));
        }
    }

    // Shorthand

    /// @dev An immaterial promise of the performer, of whose bond half is missing.
    function withShortBond() private returns (Deal memory d) {
        d = between(address(token));
        d.phase();
        d.obligation(PERFORMER, Verdict.Breached, false, 6_000);
        d.levels(BOND, 2 * BOND);
        inForce(d);
    }

    function presuming(Verdict verdict, bool material) private returns (Deal memory d) {
        d = usual();
        d.phases[0].obligations[0].presumption = uint8(verdict);
        d.phases[0].obligations[0].material = material;
        funded(d);
    }

    function pair(uint128 first, uint128 second) private pure returns (uint128[] memory bonds) {
        bonds = new uint128[](2);
        (bonds[0], bonds[1]) = (first, second);
    }
}
