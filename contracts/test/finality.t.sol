// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Status, Verdict} from "../src/interfaces/Types.sol";
import {Building, Deal, MET, OUTSIDE, all} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

/// @dev Verdicts that can be contested, and what waits for them.
contract FinalityTest is RecourseTest {
    using Building for Deal;

    /// @dev Nothing that waits for the verdict goes through at this moment or one second before; both do a second later.
    function assertFinalAfter(Deal memory d, uint256 finalAt) private {
        for (uint256 time = finalAt - 1; time <= finalAt; ++time) {
            when(time);
            refuseNotFinal(0, finalAt);
            release(d, 1);
            refuseNotFinal(0, finalAt);
            settle(d);
        }
        when(finalAt + 1);
        uint256 id = vm.snapshotState();
        settle(d);
        vm.revertToState(id);
        release(d, 1);
        settle(d);
        assertTrue(d.account.state().status != Status.InForce, "ended");
        assertEq(held(d), 0, "nothing stays");
    }

    // How a verdict becomes final

    function test_finality_ByQuorum() public {
        Deal memory d = funded(contestable());
        when(START + 3 days);
        attest(d, 0, Verdict.Met);
        assertFinalAfter(d, START + 3 days + CHALLENGE_WINDOW);
        assertBalance(performer, AMOUNT + BOND, "paid");
    }

    function test_finality_ByQuorumOfABreach() public {
        Deal memory d = funded(contestable());
        attest(d, 0, Verdict.Breached);
        assertFinalAfter(d, START + CHALLENGE_WINDOW);
        assertStatus(d, Status.Terminated);
        assertBalance(payer, AMOUNT + BOND + BOND * 6 / 10, "payer");
    }

    function test_finality_BySilence() public {
        Deal memory d = funded(contestable());
        assertFinalAfter(d, deadline(d, 0) + CHALLENGE_WINDOW);
        assertStatus(d, Status.Terminated);
    }

    function test_finality_BySilenceForThePromisor() public {
        Deal memory d = contestable();
        d.phases[0].obligations[0].presumption = uint8(Verdict.Met);
        funded(d);
        assertFinalAfter(d, deadline(d, 0) + CHALLENGE_WINDOW);
        assertStatus(d, Status.Completed);
    }

    function test_finality_ContestedAndNeverRuledOn() public {
        Deal memory d = funded(contestable());
        attest(d, 0, Verdict.Met);
        when(START + CHALLENGE_WINDOW);
        challenge(d, payer, 0);
        assertFinalAfter(d, START + CHALLENGE_WINDOW + RULING_WINDOW);
        assertBalance(performer, AMOUNT + BOND, "the verdict stands");
    }

    function test_finality_SilenceContestedAndNeverRuledOn() public {
        Deal memory d = funded(contestable());
        uint256 contestedAt = deadline(d, 0) + 1;
        when(contestedAt);
        challenge(d, performer, 0);
        assertFinalAfter(d, contestedAt + RULING_WINDOW);
        assertBalance(payer, AMOUNT + BOND + BOND * 6 / 10, "silence stands");
    }

    function test_finality_RuledOnInTheLastSecond() public {
        Deal memory d = funded(contestable());
        attest(d, 0, Verdict.Met);
        challenge(d, payer, 0);
        when(START + RULING_WINDOW);
        rule(1, 2);
        refuseNotFinal(0, START + RULING_WINDOW);
        settle(d);
        when(START + RULING_WINDOW + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
    }

    function test_finality_ConcededIsFinalFromTheNextSecond() public {
        Deal memory d = funded(contestable());
        concede(d, performer, 0);
        refuseNotFinal(0, START);
        settle(d);
        refuseNotFinal(0, START);
        release(d, 1);
        when(START + 1);
        release(d, 1);
        settle(d);
        assertStatus(d, Status.Terminated);
    }

    function test_finality_TheDecidingCallCannotPay() public {
        Deal memory d = funded(contestable());
        refuseNotFinal(0, START + CHALLENGE_WINDOW);
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1);
        assertVerdict(d, 0, Verdict.Undecided);
    }

    /// @dev What a call decides may pay what another verdict, final by now, has left.
    function test_finality_TheDecidingCallPaysWhatIsFinal() public {
        Deal memory d = contestable();
        d.obligation(PAYER, Verdict.Breached, false, 0);
        funded(d);
        attest(d, 0, Verdict.Met);
        when(START + CHALLENGE_WINDOW + 1);
        attest(d, 1, Verdict.Met, 0, voices(d, 1, Verdict.Met, 0, 1), 1);
        assertBalance(performer, AMOUNT, "paid");
    }

    function test_finality_NobodyDecidesAgainWhileItIsOpen() public {
        Deal memory d = funded(contestable());
        attest(d, 0, Verdict.Met);
        bytes memory again = abi.encodeWithSelector(IAgreementEvents.AlreadyDecided.selector, uint256(0), Verdict.Met);
        refuse(again);
        attest(d, 0, Verdict.Breached);
        refuse(again);
        concede(d, performer, 0);
    }

    // Cut-offs

    /// @dev A promise of the payer's beside the performer's, and a payment on it.
    function twofold() private view returns (Deal memory d) {
        d = contestable();
        d.obligation(PAYER, Verdict.Breached, true, 2_500);
        d.payment(PERFORMER, address(token), 40, all(charity), MET);
    }

    function test_finality_ABreachCutsOffWhenItIsFinal() public {
        Deal memory d = funded(twofold());
        attest(d, 0, Verdict.Breached);
        when(START + CHALLENGE_WINDOW);
        attest(d, 1, Verdict.Met);
        assertVerdict(d, 1, Verdict.Met);
        when(START + CHALLENGE_WINDOW + 1);
        refuseNotFinal(1, START + 2 * CHALLENGE_WINDOW);
        settle(d);
        release(d, 1);
        refuseNotFinal(1, START + 2 * CHALLENGE_WINDOW);
        release(d, 2);
        when(START + 2 * CHALLENGE_WINDOW + 1);
        settle(d);
        assertBalance(charity, 40, "decided in time");
        assertStatus(d, Status.Terminated);
    }

    function test_finality_WhatIsUndecidedLapsesAtTheCutOff() public {
        Deal memory d = funded(twofold());
        attest(d, 0, Verdict.Breached);
        when(START + CHALLENGE_WINDOW + 1);
        refuse(IAgreementEvents.PastCutOff.selector, START + CHALLENGE_WINDOW);
        attest(d, 1, Verdict.Met);
        refuse(IAgreementEvents.PastCutOff.selector, START + CHALLENGE_WINDOW);
        concede(d, payer, 1);
        release(d, 2);
        assertBalance(performer, 40, "back to who paid it in");
        settle(d);
        assertBalance(performer, 40 + BOND * 4 / 10, "performer");
        assertBalance(payer, AMOUNT + BOND + BOND * 6 / 10, "payer loses nothing");
    }

    /// @dev The ruling on another verdict comes after the cut-off, and counts.
    function test_finality_WhatIsContestedAtTheCutOffWaitsForItsRuling() public {
        Deal memory d = funded(twofold());
        attest(d, 1, Verdict.Met);
        concede(d, performer, 0);
        challenge(d, payer, 1);
        when(START + RULING_WINDOW);
        rule(1, 2);
        when(START + RULING_WINDOW + 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, 2 | (2 << 2), 0, uint40(START));
        settle(d);
        assertBalance(performer, 40 + BOND * 4 / 10 + BOND / 4, "performer");
        assertBalance(payer, AMOUNT + BOND * 3 / 4 + BOND * 6 / 10, "payer");
    }

    /// @dev Given first, contested, so final last.
    function test_finality_TheEarlierOfTwoBreachesCutsOff() public {
        Deal memory d = twofold();
        d.obligation(OUTSIDE, Verdict.Met, false, 0);
        funded(d);
        attest(d, 0, Verdict.Breached);
        challenge(d, performer, 0);
        when(START + 1 days);
        attest(d, 1, Verdict.Breached);
        when(START + 1 days + CHALLENGE_WINDOW + 1);
        refuse(IAgreementEvents.PastCutOff.selector, START + 1 days + CHALLENGE_WINDOW);
        attest(d, 2, Verdict.Breached);
        rule(1, 2);
        when(START + 1 days + CHALLENGE_WINDOW + 2);
        vm.expectEmit(address(d.account));
        uint64 verdicts = 2 | (2 << 2) | (3 << 4);
        emit IAgreementEvents.PhaseSettled(0, verdicts, 0, uint40(START + 1 days + CHALLENGE_WINDOW));
        settle(d);
    }

    /// @dev A breach is contested, and before the court is done the other side's is final: settling waits for the court.
    function test_finality_ABreachBeforeTheCourtDoesNotCutOff() public {
        Deal memory d = funded(twofold());
        attest(d, 0, Verdict.Breached);
        challenge(d, performer, 0);
        when(START + CHALLENGE_WINDOW + 1);
        attest(d, 1, Verdict.Met);
        rule(1, 3);
        when(START + 2 * CHALLENGE_WINDOW + 2);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(payer, AMOUNT + BOND, "payer");
        assertBalance(performer, BOND, "performer");
    }

    /// @dev Contests are of one phase.
    function test_finality_TheNextPhaseStartsAfresh() public {
        Deal memory d = funded(contestable(2));
        attest(d, 0, Verdict.Met);
        challenge(d, payer, 0);
        rule(1, 1);
        when(START + 1);
        settle(d);
        fund(d, 1);
        assertContest(d, 0, 0, 0, 0);
        attest(d, 0, Verdict.Met);
        challenge(d, payer, 0);
        assertContest(d, 0, START + 1, START + 1, 0);
        assertFinalAfter(d, START + 1 + RULING_WINDOW);
    }
}
