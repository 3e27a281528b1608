// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Obligation, Status, Verdict, Voice} from "../src/interfaces/Types.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {BREACHED, Building, Deal, LAPSED, MET, all, split} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";
import {MoodyToken} from "./tokens/MoodyToken.sol";

contract UnwindTest is AgreementTest {
    using Building for Deal;

    /// @dev Silence decides the usual promise in the very second of the long stop.
    function silentAtTheLongStop(Verdict presumption) private view returns (Deal memory d) {
        d = usual();
        d.terms.longStop = uint40(START + 33 days);
        d.phases[0].obligations[0].presumption = uint8(presumption);
    }

    /// @dev Nothing is due before the long stop.
    function endless() private view returns (Deal memory d) {
        d = usual();
        d.phases[0].obligations[0].within = 800 days;
        d.phases[0].payments[0].due = 800 days;
    }

    // What is undecided lapses

    function test_unwind_SendsEverythingBackToWhoPaidIt() public {
        Deal memory d = endless();
        d.payment(PERFORMER, NATIVE, 9, all(charity), MET);
        d.payment(PAYER, address(token), 5, all(charity), MET);
        d.phases[0].payments[2].due = 800 days;
        inForce(d);
        fund(d, 3);
        when(d.terms.longStop + 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, uint64(Verdict.Lapsed), 0, 0);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Ended(Status.Unwound);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, address(token), AMOUNT, Cause.Return, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(performer, NATIVE, 9, Cause.Return, 1, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, address(token), BOND, Cause.Bond, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(performer, address(token), BOND, Cause.Bond, 1, false);
        unwind(d);
        assertStatus(d, Status.Unwound);
        assertEq(held(d), 0, "tokens held");
        assertEq(address(d.account).balance, 0, "coin held");
    }

    function test_unwind_PaysWhatIsPromisedOnALapse() public {
        Deal memory d = endless();
        d.payment(PAYER, address(token), 5, all(charity), LAPSED);
        funded(d);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(charity, 5, "paid");
        assertBalance(payer, AMOUNT + BOND, "payer");
    }

    function test_unwind_WhatSilenceWouldDecideLaterLapses() public {
        Deal memory d = silentAtTheLongStop(Verdict.Met);
        d.phases[0].obligations[0].grace += 1;
        funded(d);
        when(START + 400 days);
        unwind(d);
        assertBalance(payer, AMOUNT + BOND, "payer");
    }

    function test_unwind_BeforeThePhaseOpened() public {
        Deal memory d = usual();
        d.phases[0].notBefore = d.terms.longStop + 300 days;
        funded(d);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(payer, AMOUNT + BOND, "payer");
        assertBalance(performer, BOND, "performer");
    }

    // What was decided by then stands

    /// @dev In the last second the payer relays the verdict, without having it paid.
    function test_unwind_PaysWhatWasDecidedInTheLastSecond() public {
        Deal memory d = funded(endless());
        when(d.terms.longStop);
        attestFrom(payer, d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 0);
        when(d.terms.longStop + 1);
        unwind(d);
        assertStatus(d, Status.Unwound);
        assertBalance(performer, BOND + AMOUNT, "performer");
        assertBalance(payer, BOND, "payer");
    }

    function test_unwind_ForfeitsForABreachInTheLastSecond() public {
        Deal memory d = funded(endless());
        when(d.terms.longStop);
        attest(d, 0, Verdict.Breached);
        refuse(IAgreementEvents.TooEarly.selector, d.terms.longStop + 1);
        settle(d);
        when(d.terms.longStop + 1);
        refuse(IAgreementEvents.TooLate.selector, d.terms.longStop);
        settle(d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, uint64(Verdict.Breached), 0, d.terms.longStop);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Ended(Status.Unwound);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, address(token), 600, Cause.Forfeiture, PERFORMER, false);
        unwind(d);
        assertStatus(d, Status.Unwound);
        assertBalance(payer, AMOUNT + BOND + 600, "payer");
        assertBalance(performer, 400, "performer");
    }

    function test_unwind_PaysByASilenceThatEndsInTheLastSecond() public {
        Deal memory d = funded(silentAtTheLongStop(Verdict.Met));
        when(d.terms.longStop);
        refuse(IAgreementEvents.NotDecided.selector, 0);
        release(d, 1);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(performer, BOND + AMOUNT, "performer");
    }

    function test_unwind_ForfeitsByASilenceThatEndsInTheLastSecond() public {
        Deal memory d = funded(silentAtTheLongStop(Verdict.Breached));
        when(d.terms.longStop + 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, uint64(Verdict.Breached), 0, d.terms.longStop);
        unwind(d);
        assertBalance(payer, AMOUNT + BOND + 600, "payer");
        assertBalance(performer, 400, "performer");
    }

    function test_unwind_ForfeitsForADefaultThatNobodySettled() public {
        Deal memory d = inForce(usual());
        when(d.terms.longStop + 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, uint64(Verdict.Lapsed), uint16(1 << PAYER), uint40(START + 7 days));
        unwind(d);
        assertBalance(payer, 500, "half of the payer's bond is lost");
        assertBalance(performer, BOND + 500, "and gained");
    }

    /// @dev A payment that its verdict releases but that may be funded for longer than the agreement lasts keeps the phase from
    /// being settled. Its payer does not keep what it forfeits by that.
    function test_unwind_ForfeitsThoughAReleasedPaymentIsMissing() public {
        Deal memory d = endless();
        d.obligation(Obligation(PAYER, 0, uint8(Verdict.Breached), false, 2 days, 0, 7_000));
        inForce(d);
        attest(d, 0, Verdict.Met);
        when(d.terms.longStop);
        refuse(IAgreementEvents.NotFunded.selector, 0);
        settle(d);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(payer, 300, "payer");
        assertBalance(performer, BOND + 700, "performer");
    }

    /// @dev Whoever would have settled before the end would have come to the same.
    function testFuzz_unwind_GivesWhatSettlementWouldHaveGiven(uint8[3] memory verdicts, uint8 fundedOnly, uint32 delay)
        public
    {
        Deal memory d = usual();
        d.obligation(PAYER, Verdict.Breached, false, 2_000);
        d.payment(PERFORMER, address(token), 70, all(charity), BREACHED);
        d.obligation(PERFORMER, Verdict.Lapsed, true, 3_000);
        d.payment(PAYER, address(token), 90, split(charity, 5_000, performer), LAPSED);
        d.levels(BOND, 2 * BOND);
        inForce(d);
        topUp(d, PERFORMER);
        if (fundedOnly & 7 != 0) fund(d, fundedOnly & 7);
        for (uint8 i; i < 3; ++i) {
            if (verdicts[i] % 4 != 0) attest(d, i, Verdict(verdicts[i] % 4));
        }
        uint256 id = vm.snapshotState();
        when(d.terms.longStop);
        settle(d);
        uint256[3] memory expected = [token.balanceOf(payer), token.balanceOf(performer), token.balanceOf(charity)];
        vm.revertToState(id);
        when(uint256(d.terms.longStop) + 1 + delay);
        unwind(d);
        assertBalance(payer, expected[0], "payer");
        assertBalance(performer, expected[1], "performer");
        assertBalance(charity, expected[2], "charity");
        assertEq(held(d), 0, "held");
    }

    function test_unwind_WhatWasPaidStaysPaid() public {
        Deal memory d = funded(endless());
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
    }

    function test_unwind_AShortBond() public {
        Deal memory d = endless();
        d.levels(BOND, 2 * BOND);
        d.terms.topUpWithin = 800 days;
        inForce(d);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(performer, BOND, "what it had posted");
        assertEq(held(d), 0, "held");
    }

    function test_unwind_AShortBondThatWasNotToppedUpInTime() public {
        Deal memory d = endless();
        d.levels(BOND, 2 * BOND);
        inForce(d);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(performer, 0, "half of the level is all it had");
        assertBalance(payer, 2 * BOND, "payer");
    }

    function test_unwind_InALaterPhase() public {
        Deal memory d = usual();
        d.phase();
        d.phases[1] = endless().phases[0];
        funded(d);
        attest(d, 0, Verdict.Met);
        settle(d);
        fund(d, 1);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertBalance(payer, AMOUNT + BOND, "payer");
    }

    function test_unwind_ABlockedPartyIsCredited() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = between(address(moody));
        addPhase(d, address(moody));
        d.phases[0].obligations[0].within = 800 days;
        funded(d);
        moody.setMood(payer, MoodyToken.Mood.Reverts);
        when(d.terms.longStop + 1);
        unwind(d);
        assertEq(d.account.credit(payer, address(moody)), AMOUNT + BOND, "credited");
        assertEq(moody.balanceOf(performer), BOND, "the other has its bond");
    }

    // Refusals

    function test_unwind_RevertWhen_BeforeTheLongStop() public {
        Deal memory d = funded(endless());
        when(d.terms.longStop);
        refuse(IAgreementEvents.TooEarly.selector, d.terms.longStop + 1);
        unwind(d);
    }

    function test_unwind_RevertWhen_NotInForce() public {
        Status[5] memory others = [Status.Open, Status.Completed, Status.Terminated, Status.Void, Status.Unwound];
        for (uint256 i; i < others.length; ++i) {
            Deal memory d = reached(others[i]);
            when(d.terms.longStop + 1);
            refuseStatus(others[i]);
            unwind(d);
        }
    }

    function test_unwind_RevertWhen_TermsOrPhasesAreOthers() public {
        Deal memory d = funded(endless());
        when(d.terms.longStop + 1);
        d.terms.longStop -= 1;
        refuseTerms(d, d.phases[0], 0);
        unwind(d);
        d.terms.longStop += 1;
        d.phases[0].payments[0].payer = PERFORMER;
        refuseTerms(d, d.phases[0], 0);
        unwind(d);
    }
}
