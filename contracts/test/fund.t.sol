// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Verdict} from "../src/interfaces/Types.sol";
import {Recipient} from "./actors/Recipient.sol";
import {InPhaseTest} from "./base/InPhaseTest.sol";
import {Building, Deal, MET, all} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";
import {FeeToken} from "./tokens/FeeToken.sol";
import {TestToken} from "../src/tokens/TestToken.sol";

contract FundTest is InPhaseTest {
    using Building for Deal;

    function enter(Deal memory d) internal override {
        fundWith(d, 1, 0);
    }

    function test_fund_PutsIntoEscrow() public {
        Deal memory d = inForce(usual());
        provide(payer, address(token), AMOUNT, d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Funded(0, payer, 1);
        fund(d, 1);
        assertEq(d.account.state().funded, 1, "funded");
        assertEq(held(d), 2 * BOND + AMOUNT, "held");
        assertBalance(payer, 0, "paid");
    }

    function test_fund_ChosenPaymentsOfSeveral() public {
        Deal memory d = usual();
        d.payment(PAYER, address(token), 7, all(charity), MET);
        d.payment(PERFORMER, address(token), 9, all(charity), MET);
        inForce(d);
        fund(d, 5);
        assertEq(d.account.state().funded, 5, "funded");
        assertEq(held(d), 2 * BOND + AMOUNT + 9, "held");
        fund(d, 2);
        assertEq(d.account.state().funded, 7, "funded");
    }

    function test_fund_SeveralAssetsInTurn() public {
        TestToken other = new TestToken("Other", "OTHER", 18);
        Deal memory d = usual();
        d.payment(PAYER, NATIVE, 3, all(charity), MET);
        d.payment(PAYER, address(other), 5, all(charity), MET);
        d.payment(PAYER, NATIVE, 4, all(charity), MET);
        d.payment(PAYER, address(token), 11, all(charity), MET);
        d.payment(PAYER, address(token), 13, all(charity), MET);
        inForce(d);
        fund(d, setOf(6));
        assertEq(address(d.account).balance, 7, "coin");
        assertEq(other.balanceOf(address(d.account)), 5, "other token");
        assertEq(held(d), 2 * BOND + AMOUNT + 24, "token");
    }

    function test_fund_TheLargestSet() public {
        Deal memory d = usual();
        for (uint256 i; i < 31; ++i) {
            d.payment(PAYER, address(token), 1, all(charity), MET);
        }
        inForce(d);
        fund(d, setOf(32));
        assertEq(d.account.state().funded, type(uint32).max, "funded");
    }

    function test_fund_BeforeTheClocksRun() public {
        Deal memory d = usual();
        d.phases[0].notBefore = uint40(START + 90 days);
        funded(d);
        assertEq(d.account.state().funded, 1, "funded");
    }

    function test_fund_UntilItIsDue() public {
        Deal memory d = inForce(usual());
        when(openedAt(d) + 7 days);
        fund(d, 1);
        assertEq(d.account.state().funded, 1, "funded");
    }

    function test_fund_RevertWhen_OverdueAndOwed() public {
        Deal memory d = inForce(usual());
        uint256 due = openedAt(d) + 7 days;
        when(due + 1);
        refuse(IAgreementEvents.PastCutOff.selector, due);
        fund(d, 1);
    }

    function test_fund_RevertWhen_OverdueAndNoLongerOwed() public {
        Deal memory d = inForce(usual());
        attest(d, 0, Verdict.Lapsed);
        uint256 due = openedAt(d) + 7 days;
        when(due + 1);
        refuse(IAgreementEvents.TooLate.selector, due);
        fund(d, 1);
    }

    function test_fund_RevertWhen_NoSuchPayment() public {
        Deal memory d = inForce(usual());
        refuse(IAgreementEvents.UnknownPayment.selector, 1);
        fund(d, 2);
        refuse(IAgreementEvents.UnknownPayment.selector, 1);
        fund(d, 1 << 31);
    }

    // What somebody else was faster with

    /// @dev Who gains by the payer's default funds the least of its payments in its last second.
    function test_fund_WhatIsFundedAlreadyIsPassedOver() public {
        Deal memory d = usual();
        d.payment(PAYER, address(token), 1, all(performer), MET);
        inForce(d);
        when(START + 7 days);
        provide(performer, address(token), 1, d);
        act(performer, d, 0, funding(d, 2));
        provide(payer, address(token), AMOUNT + 1, d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Funded(0, payer, 1);
        fundWith(d, 3, 0);
        assertEq(d.account.state().funded, 3, "funded");
        assertBalance(payer, 1, "paid what was missing, no more");
        when(START + 7 days + 1);
        refuse(IAgreementEvents.NotDecided.selector, 0);
        settle(d);
    }

    function test_fund_WhatIsFundedAlreadyMayBeOverdue() public {
        Deal memory d = usual();
        d.payment(PAYER, address(token), 7, all(charity), MET);
        d.phases[0].payments[1].due = 8 days;
        inForce(d);
        fund(d, 1);
        when(START + 8 days);
        fund(d, 3);
        assertEq(d.account.state().funded, 3, "funded");
    }

    function test_fund_SurplusCoinGoesBackToTheCaller() public {
        Deal memory d = usual();
        d.payment(PAYER, NATIVE, 5, all(charity), MET);
        d.payment(PAYER, NATIVE, 6, all(charity), MET);
        inForce(d);
        vm.deal(anyone, 5);
        act(anyone, d, 5, funding(d, 2));
        vm.deal(payer, 20);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, NATIVE, 5, Cause.Surplus, 0, false);
        fundWith(d, 6, 11);
        assertEq(payer.balance, 14, "paid what was missing, no more");
        assertEq(address(d.account).balance, 11, "held");
    }

    function test_fund_SurplusCoinIsCreditedToACallerThatTakesNone() public {
        Recipient caller = new Recipient();
        caller.behave(Recipient.Manner.Reverts);
        Deal memory d = usual();
        d.payment(PAYER, NATIVE, 5, all(charity), MET);
        inForce(d);
        vm.deal(address(caller), 8);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(address(caller), NATIVE, 3, Cause.Surplus, 0, true);
        act(address(caller), d, 8, funding(d, 2));
        assertEq(d.account.state().funded, 2, "funded");
        assertEq(d.account.credit(address(caller), NATIVE), 3, "credited");
    }

    function test_fund_CoinSentForTokensGoesBackToTheCaller() public {
        Deal memory d = inForce(usual());
        provide(payer, address(token), AMOUNT, d);
        vm.deal(payer, 20);
        fundWith(d, 1, 20);
        assertEq(payer.balance, 20, "coin");
        assertEq(address(d.account).balance, 0, "coin held");
        assertEq(held(d), 2 * BOND + AMOUNT, "tokens held");
    }

    // Refusals

    function test_fund_RevertWhen_CoinIsLessThanTheSum() public {
        Deal memory d = usual();
        d.payment(PAYER, NATIVE, 5, all(charity), MET);
        d.payment(PAYER, NATIVE, 6, all(charity), MET);
        inForce(d);
        vm.deal(payer, 20);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, 11, 10));
        fundWith(d, 6, 10);
        fundWith(d, 2, 5);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, 6, 5));
        fundWith(d, 6, 5);
    }

    function test_fund_RevertWhen_LessArrivesThanWasSent() public {
        address fee = address(new FeeToken());
        Deal memory d = usual();
        d.payment(PAYER, fee, 1_000, all(charity), MET);
        inForce(d);
        refuse(abi.encodeWithSelector(IAgreementEvents.DepositMismatch.selector, fee, 1_000, 990));
        fund(d, 2);
    }

    function test_fund_RevertWhen_CutOff() public {
        Deal memory d = usual();
        d.payment(PAYER, address(token), 7, all(charity), MET);
        inForce(d);
        concede(d, performer, 0);
        fund(d, 1);
        when(START + 1);
        refuse(IAgreementEvents.PastCutOff.selector, START);
        fund(d, 2);
    }
}
