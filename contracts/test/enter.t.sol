// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Status, Verdict} from "../src/interfaces/Types.sol";
import {BREACHED, Building, Deal, LAPSED, MET, all} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

contract EnterTest is RecourseTest {
    using Building for Deal;

    /// @dev Two of three have joined, and joining is over.
    function joinedBy(Deal memory d) private returns (Deal memory) {
        open(d);
        accept(d, PAYER);
        accept(d, PERFORMER);
        when(d.terms.joinBy + 1);
        return d;
    }

    /// @dev The latecomer promises something too, and somebody pays on it, whether it is kept or nobody's fault.
    function withItsPart(Deal memory d, uint8 on) private view returns (Deal memory) {
        d.obligation(LATECOMER, Verdict.Breached, true, 10_000);
        d.payment(PAYER, address(token), 70, all(charity), on);
        return d;
    }

    function test_enter_OpensThePhaseWithThoseWhoJoined() public {
        Deal memory d = joinedBy(coalition(1));
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseOpened(0, uint40(d.terms.joinBy + 1), 3, 0);
        enterForce(d);
        assertStatus(d, Status.InForce);
        assertEq(d.account.state().members, 3, "members");
        assertEq(openedAt(d), d.terms.joinBy + 1, "opened at");
        assertEq(held(d), 2 * BOND, "held");
    }

    function test_enter_WithMoreThanItTakes() public {
        Deal memory d = coalition(1);
        d.terms.minParties = 1;
        joinedBy(d);
        enterForce(d);
        assertEq(d.account.state().members, 3, "members");
    }

    function test_enter_ClocksWaitForNotBefore() public {
        Deal memory d = coalition(1);
        d.phases[0].notBefore = uint40(START + 90 days);
        joinedBy(d);
        enterForce(d);
        assertEq(openedAt(d), START + 90 days, "opened at");
    }

    function test_enter_ClocksDoNotRunBeforeIt() public {
        Deal memory d = coalition(1);
        d.phases[0].notBefore = uint40(START + 14 days);
        joinedBy(d);
        when(START + 50 days);
        enterForce(d);
        assertEq(openedAt(d), START + 50 days, "opened at");
    }

    function test_enter_UntilTheLongStop() public {
        Deal memory d = joinedBy(coalition(1));
        when(d.terms.longStop);
        enterForce(d);
        assertStatus(d, Status.InForce);
    }

    function test_enter_SurplusOverTheLevelGoesBackAtOnce() public {
        Deal memory d = coalition(1);
        d.phases[0].bonds = levels(BOND, BOND / 4, BOND);
        joinedBy(d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(performer, address(token), BOND - BOND / 4, Cause.Bond, PERFORMER, false);
        enterForce(d);
        assertEq(bondOf(d, PERFORMER), BOND / 4, "bond");
        assertEq(held(d), BOND + BOND / 4, "held");
        assertEq(d.account.state().short, 0, "nobody is short");
    }

    function test_enter_ShortOfTheLevelIsFlagged() public {
        Deal memory d = coalition(1);
        d.phases[0].bonds = levels(BOND, BOND + 1, BOND + 1);
        joinedBy(d);
        enterForce(d);
        assertEq(d.account.state().short, 1 << PERFORMER, "short: the one who is there");
        assertEq(d.account.shortBond(PERFORMER), BOND, "what it has");
    }

    // Who is absent

    function test_enter_WhoIsAbsentCannotJoinAnyMore() public {
        Deal memory d = joinedBy(coalition(1));
        enterForce(d);
        refuseStatus(Status.InForce);
        accept(d, LATECOMER);
    }

    function test_enter_NobodyDecidesOnWhoIsAbsent() public {
        Deal memory d = entered(withItsPart(coalition(1), MET));
        bytes memory lapsed =
            abi.encodeWithSelector(IAgreementEvents.AlreadyDecided.selector, uint256(1), Verdict.Lapsed);
        refuse(lapsed);
        attest(d, 1, Verdict.Breached);
        refuse(lapsed);
        concede(d, latecomer, 1);
        assertVerdict(d, 1, Verdict.Undecided);
    }

    function test_enter_WhatHangsOnWhoIsAbsentCanBeReleasedAtOnce() public {
        Deal memory d = entered(withItsPart(coalition(1), LAPSED));
        fund(d, 3);
        release(d, 2);
        assertBalance(charity, 70, "paid though its promise lapsed, as the terms have it");
        refuse(IAgreementEvents.NotDecided.selector, 0);
        release(d, 1);
    }

    function test_enter_WhatHangsOnWhoIsAbsentGoesBackAtOnce() public {
        Deal memory d = entered(withItsPart(coalition(1), MET | BREACHED));
        fund(d, 3);
        release(d, 2);
        assertBalance(payer, 70, "returned");
        assertBalance(charity, 0, "not paid");
    }

    /// @dev A payer need not fund what can only go back; one that will be paid must be funded.
    function test_enter_WhatIsPaidOnALapseIsOwed() public {
        Deal memory d = entered(withItsPart(coalition(1), LAPSED));
        fund(d, 1);
        when(openedAt(d) + 7 days + 1);
        refuse(IAgreementEvents.PastCutOff.selector, openedAt(d) + 7 days);
        fund(d, 2);

        d = withItsPart(coalition(1), MET);
        when(START);
        d = entered(d);
        fund(d, 1);
        when(openedAt(d) + 7 days + 1);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertStatus(d, Status.Completed);
    }

    function test_enter_PaymentsOfWhoIsAbsentCannotBeFunded() public {
        Deal memory d = coalition(1);
        d.payment(LATECOMER, address(token), 70, all(charity), MET);
        entered(d);
        refuse(IAgreementEvents.NotMember.selector, LATECOMER);
        fund(d, 3);
        refuse(IAgreementEvents.NotMember.selector, LATECOMER);
        fund(d, 2);
        fund(d, 1);
        assertEq(d.account.state().funded, 1, "funded");
    }

    /// @dev It neither defaults, nor loses anything, nor holds up the others.
    function test_enter_WhoIsAbsentOwesNothing() public {
        Deal memory d = withItsPart(coalition(1), MET);
        d.payment(LATECOMER, address(token), 70, all(charity), BREACHED);
        d.phases[0].bonds = levels(BOND, BOND, 2 * BOND);
        entered(d);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        uint64 verdicts = uint64(uint256(Verdict.Met) | (uint256(Verdict.Lapsed) << 2));
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseSettled(0, verdicts, 0, 0);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
        assertEq(held(d), 0, "nothing stays");
    }

    // What it refuses

    function test_enter_RevertWhen_JoiningIsNotOver() public {
        Deal memory d = joinedBy(coalition(1));
        when(d.terms.joinBy);
        refuse(IAgreementEvents.TooEarly.selector, d.terms.joinBy + 1);
        enterForce(d);
    }

    function test_enter_RevertWhen_TheLongStopIsPast() public {
        Deal memory d = joinedBy(coalition(1));
        when(d.terms.longStop + 1);
        refuse(IAgreementEvents.TooLate.selector, d.terms.longStop);
        enterForce(d);
    }

    function test_enter_RevertWhen_TooFewHaveJoined() public {
        Deal memory d = open(coalition(1));
        accept(d, LATECOMER);
        when(d.terms.joinBy + 1);
        refuse(abi.encodeWithSelector(IAgreementEvents.NotEnoughMembers.selector, 1, 2));
        enterForce(d);
    }

    function test_enter_RevertWhen_NobodyHasJoined() public {
        Deal memory d = coalition(1);
        d.terms.minParties = 1;
        open(d);
        when(d.terms.joinBy + 1);
        refuse(abi.encodeWithSelector(IAgreementEvents.NotEnoughMembers.selector, 0, 1));
        enterForce(d);
    }

    function test_enter_RevertWhen_NotOpen() public {
        for (uint8 i = uint8(Status.InForce); i <= uint8(Status.Dissolved); ++i) {
            Deal memory d = reached(Status(i));
            if (vm.getBlockTimestamp() <= d.terms.joinBy) when(d.terms.joinBy + 1);
            refuseStatus(Status(i));
            enterForce(d);
        }
    }

    function test_enter_RevertWhen_Repeated() public {
        Deal memory d = joinedBy(coalition(1));
        enterForce(d);
        refuseStatus(Status.InForce);
        enterForce(d);
    }

    function test_enter_RevertWhen_TermsAreOthers() public {
        Deal memory d = joinedBy(coalition(2));
        d.terms.minParties = 1;
        refuseTerms(d, d.phases[0], later(d, 0));
        enterForce(d);
    }

    function test_enter_RevertWhen_PhaseIsAnother() public {
        Deal memory d = joinedBy(coalition(1));
        d.phases[0].notBefore = 1;
        refuseTerms(d, d.phases[0], 0);
        enterForce(d);
    }

    function test_enter_RevertWhen_LaterPhasesAreOthers() public {
        Deal memory d = joinedBy(coalition(2));
        d.hashes[1] = "another";
        refuseTerms(d, d.phases[0], later(d, 0));
        enterForce(d);
    }

    function test_enter_RevertWhen_CoinIsSent() public {
        Deal memory d = joinedBy(coalition(1));
        vm.prank(anyone);
        (bool success,) = address(d.account).call{value: 1}(entering(d));
        assertTrue(!success, "refused");
        assertStatus(d, Status.Open);
    }

    function levels(uint128 first, uint128 second, uint128 third) private pure returns (uint128[] memory bonds) {
        bonds = new uint128[](3);
        (bonds[0], bonds[1], bonds[2]) = (first, second, third);
    }
}
