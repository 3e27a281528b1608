// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreement, Verdict} from "../src/interfaces/IAgreement.sol";
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
        emit IAgreement.Funded(0, 0, payer, AMOUNT);
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
        refuse(IAgreement.PastCutOff.selector, due);
        fund(d, 1);
    }

    function test_fund_RevertWhen_OverdueAndNoLongerOwed() public {
        Deal memory d = inForce(usual());
        attest(d, 0, Verdict.Lapsed);
        uint256 due = openedAt(d) + 7 days;
        when(due + 1);
        refuse(IAgreement.TooLate.selector, due);
        fund(d, 1);
    }

    function test_fund_RevertWhen_NoSuchPayment() public {
        Deal memory d = inForce(usual());
        refuse(IAgreement.UnknownPayment.selector, 1);
        fund(d, 2);
        refuse(IAgreement.UnknownPayment.selector, 1);
        fund(d, 1 << 31);
    }

    function test_fund_RevertWhen_AlreadyFunded() public {
        Deal memory d = funded(usual());
        refuse(IAgreement.AlreadyFunded.selector, 0);
        fund(d, 1);
    }

    function test_fund_RevertWhen_CoinIsNotExactlyTheSum() public {
        Deal memory d = usual();
        d.payment(PAYER, NATIVE, 5, all(charity), MET);
        d.payment(PAYER, NATIVE, 6, all(charity), MET);
        inForce(d);
        vm.deal(payer, 20);
        refuse(abi.encodeWithSelector(IAgreement.WrongValue.selector, 11, 10));
        fundWith(d, 6, 10);
        refuse(abi.encodeWithSelector(IAgreement.WrongValue.selector, 11, 12));
        fundWith(d, 6, 12);
        refuse(abi.encodeWithSelector(IAgreement.WrongValue.selector, 0, 1));
        fundWith(d, 1, 1);
    }

    function test_fund_RevertWhen_LessArrivesThanWasSent() public {
        address fee = address(new FeeToken());
        Deal memory d = usual();
        d.payment(PAYER, fee, 1_000, all(charity), MET);
        inForce(d);
        refuse(abi.encodeWithSelector(IAgreement.DepositMismatch.selector, fee, 1_000, 990));
        fund(d, 2);
    }

    function test_fund_RevertWhen_CutOff() public {
        Deal memory d = usual();
        d.payment(PAYER, address(token), 7, all(charity), MET);
        inForce(d);
        concede(d, performer, 0);
        fund(d, 1);
        when(START + 1);
        refuse(IAgreement.PastCutOff.selector, START);
        fund(d, 2);
    }
}
