// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Cause, IAgreement, Status, Verdict} from "../src/interfaces/IAgreement.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal, MET, all} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";
import {MoodyToken} from "./tokens/MoodyToken.sol";

contract UnwindTest is AgreementTest {
    using Building for Deal;

    /// @dev Nothing is due before the long stop.
    function endless() private view returns (Deal memory d) {
        d = usual();
        d.phases[0].obligations[0].within = 800 days;
        d.phases[0].payments[0].due = 800 days;
    }

    function test_unwind_SendsEverythingBackToWhoPaidIt() public {
        Deal memory d = endless();
        d.payment(PERFORMER, NATIVE, 9, all(charity), MET);
        d.payment(PAYER, address(token), 5, all(charity), MET);
        inForce(d);
        fund(d, 3);
        when(d.terms.longStop + 1);
        vm.expectEmit(address(d.account));
        emit IAgreement.Ended(Status.Unwound);
        vm.expectEmit(address(d.account));
        emit IAgreement.Paid(payer, address(token), AMOUNT, Cause.Return, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreement.Paid(performer, NATIVE, 9, Cause.Return, 1, false);
        vm.expectEmit(address(d.account));
        emit IAgreement.Paid(payer, address(token), BOND, Cause.Bond, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreement.Paid(performer, address(token), BOND, Cause.Bond, 1, false);
        unwind(d);
        assertStatus(d, Status.Unwound);
        assertEq(held(d), 0, "tokens held");
        assertEq(address(d.account).balance, 0, "coin held");
    }

    function test_unwind_WhateverWasDecided() public {
        Deal memory d = funded(endless());
        when(d.terms.longStop);
        attest(d, 0, Verdict.Breached);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(payer, AMOUNT + BOND, "payer");
        assertBalance(performer, BOND, "performer");
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

    function test_unwind_InALaterPhase() public {
        Deal memory d = funded(usual(2));
        attest(d, 0, Verdict.Met);
        settle(d);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
    }

    function test_unwind_ABlockedPartyIsCredited() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = between(address(moody));
        addPhase(d, address(moody));
        funded(d);
        moody.setMood(payer, MoodyToken.Mood.Reverts);
        when(d.terms.longStop + 1);
        unwind(d);
        assertEq(d.account.credit(payer, address(moody)), AMOUNT + BOND, "credited");
        assertEq(moody.balanceOf(performer), BOND, "the other has its bond");
    }

    function test_unwind_RevertWhen_BeforeTheLongStop() public {
        Deal memory d = funded(endless());
        when(d.terms.longStop);
        refuse(IAgreement.TooEarly.selector, d.terms.longStop + 1);
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
