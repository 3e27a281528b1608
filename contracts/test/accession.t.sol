// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Status, Verdict} from "../src/interfaces/Types.sol";
import {Building, Deal, MET, all} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

contract AccessionTest is RecourseTest {
    using Building for Deal;

    /// @dev Two of three in a deal of two phases, in each of which the third would promise and pay something.
    function admitting() private view returns (Deal memory d) {
        return admitting(2);
    }

    function admitting(uint256 phases) private view returns (Deal memory d) {
        d = between(address(token));
        d.party(latecomer, address(token), BOND, all(charity));
        d.terms.minParties = 2;
        d.terms.accession = true;
        for (uint256 i; i < phases; ++i) {
            addPhase(d, address(token));
            d.obligation(LATECOMER, Verdict.Breached, false, 5_000);
            d.payment(LATECOMER, address(token), 70, all(community), MET);
        }
    }

    /// @dev In force without the latecomer, the payer's payment in escrow.
    function running(Deal memory d) private returns (Deal memory) {
        entered(d);
        fund(d, 1);
        return d;
    }

    function toNextPhase(Deal memory d) private {
        attest(d, 0, Verdict.Met);
        settle(d);
    }

    // Until the next phase

    function test_accession_PostsTheBondAndWaits() public {
        Deal memory d = running(admitting());
        provide(latecomer, address(token), BOND, d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Accepted(LATECOMER, latecomer, BOND);
        accept(d, LATECOMER);
        assertEq(d.account.joining(), 1 << LATECOMER, "joining");
        assertEq(d.account.state().members, 3, "members are those before");
        assertEq(d.account.state().short, 0, "nobody is short");
        assertEq(held(d), 3 * BOND + AMOUNT, "held");
    }

    function test_accession_ItIsNoMemberYet() public {
        Deal memory d = running(admitting());
        accept(d, LATECOMER);
        refuse(IAgreementEvents.NotMember.selector, LATECOMER);
        fund(d, 2);
        bytes memory lapsed =
            abi.encodeWithSelector(IAgreementEvents.AlreadyDecided.selector, uint256(1), Verdict.Lapsed);
        refuse(lapsed);
        attest(d, 1, Verdict.Breached);
        refuse(lapsed);
        concede(d, latecomer, 1);
        topUp(d, LATECOMER);
        assertEq(held(d), 3 * BOND + AMOUNT, "nothing is missing of its bond");
    }

    function test_accession_BeforeTheClocksRun() public {
        Deal memory d = admitting();
        d.phases[0].notBefore = uint40(START + 90 days);
        entered(d);
        accept(d, LATECOMER);
        assertEq(d.account.joining(), 1 << LATECOMER, "joining");
    }

    function test_accession_WithTheExtendedPhase() public {
        Deal memory d = running(admitting());
        extend(d, false, 0, 40 days);
        accept(d, LATECOMER);
        toNextPhase(d);
        assertEq(d.account.state().members, 7, "members");
    }

    // When the next phase opens

    function test_accession_BoundByTheNextPhase() public {
        Deal memory d = running(admitting());
        accept(d, LATECOMER);
        attest(d, 0, Verdict.Met);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseOpened(1, uint40(vm.getBlockTimestamp()), 7, 0);
        settle(d);
        assertEq(d.account.joining(), 0, "joining");
        assertEq(d.account.state().members, 7, "members");
        assertEq(held(d), 3 * BOND, "held");
        fund(d, 3);
        concede(d, latecomer, 1);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(latecomer, BOND / 2 + 70, "half its bond, and its payment back");
        assertBalance(charity, BOND / 2, "who gets what it forfeits");
    }

    function test_accession_ItsPaymentIsOwedInTheNextPhase() public {
        Deal memory d = running(admitting());
        accept(d, LATECOMER);
        toNextPhase(d);
        fund(d, 1);
        when(openedAt(d) + 7 days + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(charity, BOND / 2, "it defaulted");
        assertBalance(latecomer, BOND / 2, "what is left");
    }

    function test_accession_TheBondMovesToTheLevelOfThePhase() public {
        uint128[3] memory levels = [BOND / 4, BOND, BOND + 500];
        for (uint256 i; i < levels.length; ++i) {
            uint256 id = vm.snapshotState();
            Deal memory d = admitting();
            d.phases[1].bonds = new uint128[](3);
            d.phases[1].bonds[LATECOMER] = levels[i];
            running(d);
            accept(d, LATECOMER);
            toNextPhase(d);
            uint256 left = levels[i] < BOND ? levels[i] : BOND;
            assertEq(bondOf(d, LATECOMER), left, "bond");
            assertBalance(latecomer, BOND - left, "surplus");
            assertEq(d.account.state().short, levels[i] > BOND ? 1 << LATECOMER : 0, "short");
            if (levels[i] > BOND) topUp(d, LATECOMER);
            assertEq(held(d), levels[i], "held");
            vm.revertToState(id);
        }
    }

    /// @dev The phase at hand may ask less of members, or more: who is joining is not asked.
    function test_accession_TheLevelOfThePhaseAtHandIsNothingToIt() public {
        Deal memory d = admitting();
        d.phases[0].bonds = new uint128[](3);
        d.phases[0].bonds[LATECOMER] = 5 * BOND;
        running(d);
        accept(d, LATECOMER);
        assertEq(held(d), BOND + AMOUNT, "the header's bond");
        toNextPhase(d);
        assertEq(d.account.state().short, (1 << PAYER) | (1 << PERFORMER), "short are the others");
        assertEq(bondOf(d, LATECOMER), BOND, "bond");
    }

    function test_accession_SeveralInSeveralPhases() public {
        Deal memory d = admitting(3);
        d.party(actor("later"), NATIVE, BOND, all(charity));
        d.terms.minParties = 2;
        open(d);
        accept(d, PAYER);
        accept(d, PERFORMER);
        when(d.terms.joinBy + 1);
        enterForce(d);
        fund(d, 1);
        accept(d, LATECOMER);
        toNextPhase(d);
        fund(d, 1);
        accept(d, 3);
        assertEq(d.account.joining(), 8, "joining");
        fund(d, 2);
        attest(d, 1, Verdict.Lapsed);
        toNextPhase(d);
        assertEq(d.account.state().members, 15, "members");
        assertEq(address(d.account).balance, BOND, "in its own asset");
    }

    // When the agreement ends before

    function assertWholeBack(Deal memory d, Status status) private view {
        assertStatus(d, status);
        assertBalance(latecomer, BOND, "whole");
        assertBalance(charity, 0, "nothing of it is forfeited");
        assertEq(held(d), 0, "nothing stays");
    }

    function joinedAndRunning() private returns (Deal memory d) {
        d = running(admitting());
        accept(d, LATECOMER);
    }

    function test_accession_BackByABreach() public {
        Deal memory d = joinedAndRunning();
        concede(d, performer, 0);
        when(vm.getBlockTimestamp() + 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(latecomer, address(token), BOND, Cause.Bond, LATECOMER, false);
        settle(d);
        assertWholeBack(d, Status.Terminated);
    }

    function test_accession_BackByADefault() public {
        Deal memory d = entered(admitting());
        accept(d, LATECOMER);
        when(openedAt(d) + 7 days + 1);
        settle(d);
        assertWholeBack(d, Status.Terminated);
    }

    function test_accession_BackByAMalformedPhase() public {
        Deal memory d = admitting();
        d.phases[1].payments[0].amount = 0;
        open(d, 1);
        accept(d, PAYER);
        accept(d, PERFORMER);
        when(d.terms.joinBy + 1);
        enterForce(d);
        fund(d, 1);
        accept(d, LATECOMER);
        toNextPhase(d);
        assertWholeBack(d, Status.Terminated);
    }

    function test_accession_BackByTheLongStop() public {
        Deal memory d = running(under(address(court), admitting()));
        accept(d, LATECOMER);
        attest(d, 0, Verdict.Met);
        when(d.terms.longStop + 1);
        settle(d);
        assertWholeBack(d, Status.Unwound);
    }

    function test_accession_BackByUnwinding() public {
        Deal memory d = joinedAndRunning();
        when(end(d) + 1);
        unwind(d);
        assertWholeBack(d, Status.Unwound);
    }

    // By dissolving: dissolve.t.sol

    // When

    function test_accession_UntilTheSecondOfTheCutOff() public {
        Deal memory d = running(admitting());
        concede(d, performer, 0);
        uint256 now_ = vm.getBlockTimestamp();
        when(now_ + 1);
        refuse(IAgreementEvents.PastCutOff.selector, now_);
        accept(d, LATECOMER);
        when(now_);
        accept(d, LATECOMER);
        when(now_ + 1);
        settle(d);
        assertWholeBack(d, Status.Terminated);
    }

    function test_accession_UntilTheEnd() public {
        Deal memory d = running(under(address(court), admitting()));
        attest(d, 0, Verdict.Met);
        when(end(d) + 1);
        refuse(IAgreementEvents.TooLate.selector, end(d));
        accept(d, LATECOMER);
        when(end(d));
        accept(d, LATECOMER);
        settle(d);
        assertWholeBack(d, Status.Unwound);
    }

    function test_accession_RevertWhen_NothingFollows() public {
        Deal memory d = running(admitting());
        toNextPhase(d);
        refuse(IAgreementEvents.TooLate.selector, d.terms.joinBy);
        accept(d, LATECOMER);
    }

    function test_accession_RevertWhen_NobodyHasEntered() public {
        Deal memory d = open(admitting());
        accept(d, PAYER);
        accept(d, PERFORMER);
        when(d.terms.joinBy + 1);
        refuse(IAgreementEvents.TooLate.selector, d.terms.joinBy);
        accept(d, LATECOMER);
    }

    // What it refuses

    function test_accession_RevertWhen_TheTermsDoNotAllowIt() public {
        Deal memory d = admitting();
        d.terms.accession = false;
        running(d);
        refuseStatus(Status.InForce);
        accept(d, LATECOMER);
    }

    function test_accession_RevertWhen_TheAgreementHasEnded() public {
        Deal memory d = running(admitting());
        dissolve(d, splitOf(address(token), all(charity)));
        refuseStatus(Status.Dissolved);
        accept(d, LATECOMER);
    }

    function test_accession_RevertWhen_Repeated() public {
        Deal memory d = joinedAndRunning();
        refuse(IAgreementEvents.AlreadyAccepted.selector, LATECOMER);
        accept(d, LATECOMER);
        refuse(IAgreementEvents.AlreadyAccepted.selector, PAYER);
        accept(d, PAYER);
        refuse(IAgreementEvents.UnknownParty.selector, 3);
        acceptFrom(anyone, d, 3, "");
    }

    /// @dev Its signature over the terms never expires, and must not bind it when it no longer wants to be.
    function test_accession_RevertWhen_AnybodyElseCalls() public {
        Deal memory d = running(admitting());
        bytes memory signature = sign(latecomer, termsDigest(d));
        refuseFor(IAgreementEvents.NotCaller.selector, latecomer);
        acceptFrom(anyone, d, LATECOMER, signature);
        refuseFor(IAgreementEvents.NotCaller.selector, latecomer);
        acceptFrom(payer, d, LATECOMER, "");
        acceptFrom(latecomer, d, LATECOMER, signature);
        assertEq(d.account.joining(), 1 << LATECOMER, "by itself");
    }

    function test_accession_RevertWhen_TheCoinIsNotTheBond() public {
        Deal memory d = admitting();
        d.terms.parties[LATECOMER].asset = NATIVE;
        d.phases[0].bonds = new uint128[](3);
        running(d);
        vm.deal(latecomer, 2 * BOND);
        uint256[3] memory values = [uint256(0), BOND - 1, BOND + 1];
        for (uint256 i; i < values.length; ++i) {
            refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, BOND, values[i]));
            act(latecomer, d, values[i], accepting(d, LATECOMER, ""));
        }
        accept(d, LATECOMER);
        assertEq(address(d.account).balance, BOND, "posted");
    }

    function test_accession_RevertWhen_ThePhaseIsAnother() public {
        Deal memory d = running(admitting());
        d.phases[0].notBefore = 1;
        refuseTerms(d, d.phases[0], later(d, 0));
        accept(d, LATECOMER);
        d.phases[0].notBefore = 0;
        toNextPhase(d);
        d.phases[1] = d.phases[0];
        refuseTerms(d, d.phases[0], 0);
        accept(d, LATECOMER);
    }
}
