// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Status, Verdict} from "../src/interfaces/Types.sol";
import {Building, Deal} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

/// @dev Payments that are due while the verdict they hang on can still change, and what the long stop leaves: the rest of
/// `finality.tree`.
contract FinalityOfDebtsTest is RecourseTest {
    using Building for Deal;

    uint256 private constant DUE = START + 7 days;

    /// @dev The performer's promise is not material, so that only the missing payment can end the phase.
    function lenient() private view returns (Deal memory d) {
        d = contestable();
        d.phases[0].obligations[0].material = false;
    }

    function decidedAt(Deal memory d, uint256 time, Verdict verdict) private {
        inForce(d);
        when(time);
        attest(d, 0, verdict);
    }

    /// @dev Whether the payer is in default in the second after the payment was due; until then nobody is. It then has
    /// the money that is not taken any more.
    function assertOwed(Deal memory d, bool owed) private {
        when(DUE);
        uint256 id = vm.snapshotState();
        fund(d, 1);
        vm.revertToState(id);
        when(DUE + 1);
        if (owed) refuse(IAgreementEvents.PastCutOff.selector, DUE);
        else refuse(IAgreementEvents.TooLate.selector, DUE);
        fund(d, 1);
    }

    // A verdict against it

    function test_finality_AgainstAPaymentBeforeTheSecondItIsDue() public {
        Deal memory d = lenient();
        decidedAt(d, DUE - CHALLENGE_WINDOW - 1, Verdict.Breached);
        assertOwed(d, false);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, BOND * 4 / 10, "performer");
        assertBalance(payer, AMOUNT + BOND + BOND * 6 / 10, "payer loses nothing");
    }

    /// @dev Else whoever has standing could challenge it in that second, and nobody could pay any more.
    function test_finality_AgainstAPaymentASecondLater() public {
        Deal memory d = lenient();
        decidedAt(d, DUE - CHALLENGE_WINDOW, Verdict.Breached);
        assertOwed(d, true);
        when(DUE + 2);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, 2, 1, uint40(DUE));
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(payer, AMOUNT + BOND / 2 + BOND * 6 / 10, "payer");
        assertBalance(performer, BOND * 4 / 10 + BOND / 2, "performer");
    }

    function test_finality_AgainstAPaymentButContested() public {
        Deal memory d = lenient();
        decidedAt(d, START, Verdict.Breached);
        challenge(d, performer, 0);
        assertOwed(d, true);
        // Whatever the court says now, the money was due before it said so.
        rule(1, 2);
        refuse(IAgreementEvents.PastCutOff.selector, DUE);
        fund(d, 1);
    }

    function test_finality_AgainstAPaymentByTheCourtBeforeTheSecondItIsDue() public {
        Deal memory d = lenient();
        decidedAt(d, START, Verdict.Met);
        challenge(d, payer, 0);
        when(DUE - 1);
        rule(1, 2);
        assertOwed(d, false);
    }

    function test_finality_AgainstAPaymentByTheCourtASecondLater() public {
        Deal memory d = lenient();
        decidedAt(d, START, Verdict.Met);
        challenge(d, payer, 0);
        when(DUE);
        rule(1, 2);
        when(DUE + 1);
        refuse(IAgreementEvents.PastCutOff.selector, DUE);
        fund(d, 1);
    }

    function test_finality_AgainstAPaymentByConcession() public {
        Deal memory d = inForce(lenient());
        when(DUE - 1);
        concede(d, performer, 0);
        assertOwed(d, false);
    }

    /// @dev Silence speaks when the payment has long been due.
    function test_finality_AgainstAPaymentBySilenceIsTooLate() public {
        Deal memory d = lenient();
        d.phases[0].obligations[0].within = 4 days;
        inForce(d);
        assertEq(deadline(d, 0), DUE, "due by the deadline");
        assertOwed(d, true);
    }

    // A verdict for it

    function test_finality_ForAPaymentIsOwed() public {
        Deal memory d = lenient();
        decidedAt(d, START, Verdict.Met);
        assertOwed(d, true);
    }

    function test_finality_ForAPaymentByTheCourtIsOwed() public {
        Deal memory d = lenient();
        decidedAt(d, START, Verdict.Breached);
        challenge(d, performer, 0);
        rule(1, 1);
        assertOwed(d, true);
    }

    /// @dev A verdict for it is final and the money not there yet: settling waits as long as it may come.
    function test_finality_SettlingWaitsForAPaymentThatIsReleased() public {
        Deal memory d = lenient();
        decidedAt(d, START, Verdict.Met);
        when(START + CHALLENGE_WINDOW + 1);
        refuse(IAgreementEvents.NotFunded.selector, 0);
        settle(d);
        when(DUE);
        refuse(IAgreementEvents.NotFunded.selector, 0);
        settle(d);
        fund(d, 1);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, AMOUNT + BOND, "performer");
    }

    // Past the long stop

    /// @dev The deadline is the long stop itself.
    function late(Deal memory d) private returns (Deal memory) {
        d.phases[0].obligations[0].within = 717 days;
        funded(d);
        when(d.terms.longStop);
        return d;
    }

    function test_finality_PastTheLongStopThePhaseCanBeFinished() public {
        Deal memory d = late(contestable());
        attest(d, 0, Verdict.Met);
        when(uint256(d.terms.longStop) + CHALLENGE_WINDOW);
        refuseNotFinal(0, uint256(d.terms.longStop) + CHALLENGE_WINDOW);
        settle(d);
        when(uint256(d.terms.longStop) + CHALLENGE_WINDOW + 1);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, AMOUNT + BOND, "performer");
    }

    function test_finality_PastTheLongStopNoPhaseOpens() public {
        Deal memory d = late(contestable(2));
        attest(d, 0, Verdict.Met);
        when(uint256(d.terms.longStop) + CHALLENGE_WINDOW + 1);
        settle(d);
        assertStatus(d, Status.Unwound);
        assertEq(d.account.state().phase, 0, "phase");
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
    }

    function test_finality_PastTheLongStopABreachTerminates() public {
        Deal memory d = late(contestable(2));
        attest(d, 0, Verdict.Breached);
        challenge(d, performer, 0);
        when(uint256(d.terms.longStop) + RULING_WINDOW);
        rule(1, 2);
        when(uint256(d.terms.longStop) + RULING_WINDOW + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(performer, BOND * 4 / 10, "performer");
    }

    /// @dev Silence whose deadline is the long stop counts; a second later it lapses instead.
    function test_finality_SilenceAtTheLongStopCounts() public {
        Deal memory d = late(contestable());
        when(d.terms.longStop + 1);
        refuseNotFinal(0, uint256(d.terms.longStop) + CHALLENGE_WINDOW);
        settle(d);
        challenge(d, performer, 0);
        assertVerdict(d, 0, Verdict.Breached);

        Deal memory other = contestable();
        other.phases[0].obligations[0].within = 717 days + 1;
        when(START);
        funded(other);
        when(other.terms.longStop + 1);
        settle(other);
        assertStatus(other, Status.Completed);
        assertVerdict(other, 0, Verdict.Lapsed);
    }

    function test_finality_SettlingUpToTheEnd() public {
        Deal memory d = late(contestable());
        attest(d, 0, Verdict.Met);
        when(end(d));
        uint256 id = vm.snapshotState();
        settle(d);
        vm.revertToState(id);
        refuse(IAgreementEvents.TooEarly.selector, end(d) + 1);
        unwind(d);
        when(end(d) + 1);
        refuse(IAgreementEvents.TooLate.selector, end(d));
        settle(d);
        release(d, 1);
        unwind(d);
        assertStatus(d, Status.Unwound);
        assertBalance(performer, AMOUNT + BOND, "performer");
    }

    /// @dev Contested and ruled on in the last seconds there are, and final when it can be unwound.
    function test_finality_AllIsFinalPastTheEnd() public {
        Deal memory d = late(contestable());
        attest(d, 0, Verdict.Met);
        when(uint256(d.terms.longStop) + CHALLENGE_WINDOW);
        challenge(d, payer, 0);
        when(end(d));
        refuseNotFinal(0, end(d));
        settle(d);
        when(end(d) + 1);
        refuse(IAgreementEvents.TooLate.selector, end(d));
        rule(1, 2);
        unwind(d);
        assertBalance(performer, AMOUNT + BOND, "performer");
    }
}
