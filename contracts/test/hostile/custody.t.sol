// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {Share, Status, Tier, Verdict} from "../../src/interfaces/Types.sol";
import {TestToken} from "../../src/tokens/TestToken.sol";
import {BREACHED, Building, Deal, MET, all, split} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {BlocklistToken} from "../tokens/BlocklistToken.sol";
import {MaxMagicToken} from "../tokens/MaxMagicToken.sol";
import {RebasingToken} from "../tokens/RebasingToken.sol";
import {HostileTest} from "./HostileTest.sol";

/// @dev Gives coin to whom it will, asked or not.
contract Donor {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}

/// @dev Money that changes while it is held, that came unasked, that is more than fits: what is in another asset is whole.
contract CustodyTest is HostileTest {
    using Building for Deal;

    /// @dev The payments are decided for, the payer has lost 40 % of its bond.
    function decided(address asset) private returns (Deal memory d) {
        d = endowed(mixed(asset, 1), asset);
        accept(d, PERFORMER);
        acceptFrom(payer, d, PAYER, "");
        acceptFrom(latecomer, d, LATECOMER, "");
        fundWith(d, 7, AMOUNT);
        attest(d, 0, Verdict.Met);
        attest(d, 1, Verdict.Breached);
        mark(asset);
    }

    function assertOthersWhole(Deal memory d) private view {
        assertStatus(d, Status.Completed);
        assertGot(address(token), performer, AMOUNT + BOND, "the performer in the honest token");
        assertGot(NATIVE, charity, AMOUNT, "the payment in coin");
        assertGot(NATIVE, latecomer, BOND, "the latecomer's bond");
        assertEq(token.balanceOf(address(d.account)), 0, "no honest token is left");
        assertEq(address(d.account).balance, 0, "no coin is left");
    }

    // Rebasing

    /// @dev Everybody gets what the terms say; what has grown is nobody's, and stays.
    function test_settle_WhenTheTokenHasGrown() public {
        RebasingToken rebasing = new RebasingToken();
        Deal memory d = decided(address(rebasing));
        rebasing.rebase(2 * rebasing.ONE());
        mark(address(rebasing));
        settle(d);
        assertOthersWhole(d);
        assertNear(got(address(rebasing), performer), third(AMOUNT) + third(400), "performer");
        assertNear(got(address(rebasing), charity), AMOUNT - third(AMOUNT) + 400 - third(400), "charity");
        assertNear(got(address(rebasing), payer), BOND - 400, "payer");
        assertNear(rebasing.balanceOf(address(d.account)), BOND + AMOUNT, "what has grown");
        refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, payer, address(rebasing)));
        withdraw(d, payer, address(rebasing), payer);
    }

    /// @dev Who is paid first is paid; who is not is credited, and has it as soon as it is there again.
    function test_settle_WhenTheTokenHasShrunk() public {
        RebasingToken rebasing = new RebasingToken();
        Deal memory d = decided(address(rebasing));
        rebasing.rebase(rebasing.ONE() / 2);
        mark(address(rebasing));
        settle(d);
        assertOthersWhole(d);
        assertGot(address(rebasing), performer, third(AMOUNT) + third(400), "performer");
        uint256 owed = AMOUNT - third(AMOUNT);
        assertEq(d.account.credit(charity, address(rebasing)), owed, "charity");
        assertTrue(!attempt(anyone, d, 0, delivering(charity, address(rebasing))), "it is not there");
        assertEq(d.account.credit(charity, address(rebasing)), owed, "the credit stays");
        rebasing.mint(address(d.account), owed);
        deliver(d, charity, address(rebasing));
        assertGot(address(rebasing), charity, owed + 400 - third(400), "charity");
    }

    /// @dev It has shrunk by one in a hundred: who comes last takes what there is, and the rest when it is there again.
    function test_withdraw_WhatIsLeftOfATokenThatHasShrunk() public {
        RebasingToken rebasing = new RebasingToken();
        Deal memory d = between(address(token));
        d.phase();
        d.obligation(PERFORMER, Verdict.Breached, false, 0);
        d.payment(PAYER, address(rebasing), AMOUNT, all(performer), MET);
        inForce(d);
        rebasing.mint(payer, AMOUNT);
        approve(payer, address(rebasing), address(d.account));
        act(payer, d, 0, funding(d, 1));
        attest(d, 0, Verdict.Met);
        rebasing.rebase(rebasing.ONE() * 99 / 100);
        settle(d);
        assertEq(d.account.credit(performer, address(rebasing)), AMOUNT, "credited");
        assertTrue(!attempt(performer, d, 0, withdrawing(address(rebasing), performer)), "it is not all there");
        uint256 there = rebasing.balanceOf(address(d.account));
        withdraw(d, performer, address(rebasing), performer, there);
        assertNear(rebasing.balanceOf(performer), AMOUNT * 99 / 100, "all there was");
        assertEq(d.account.credit(performer, address(rebasing)), AMOUNT - there, "the rest stays credited");
        rebasing.mint(address(d.account), AMOUNT);
        deliver(d, performer, address(rebasing));
        assertNear(rebasing.balanceOf(performer), AMOUNT, "all of it");
    }

    /// @dev The token itself rounds what it moves.
    function assertNear(uint256 actual, uint256 expected, string memory what) private pure {
        assertTrue(actual + 8 >= expected && actual <= expected + 8, what);
    }

    /// @dev It shrinks, and all are credited at most what they are owed: together exactly that.
    /// forge-config: default.fuzz.runs = 32
    function testFuzz_unwind_WhenTheTokenHasChanged(uint256 index) public {
        RebasingToken rebasing = new RebasingToken();
        Deal memory d = decided(address(rebasing));
        rebasing.rebase(1 + index % (4 * rebasing.ONE()));
        mark(address(rebasing));
        when(d.terms.longStop + 1);
        unwind(d);
        assertGot(address(token), performer, AMOUNT + BOND, "the performer in the honest token");
        assertGot(NATIVE, charity, AMOUNT, "the payment in coin");
        address[3] memory accounts = [payer, performer, charity];
        uint256[3] memory owed =
            [uint256(BOND - 400), third(AMOUNT) + third(400), AMOUNT - third(AMOUNT) + 400 - third(400)];
        for (uint256 i; i < 3; ++i) {
            uint256 credit = d.account.credit(accounts[i], address(rebasing));
            assertNear(got(address(rebasing), accounts[i]), owed[i] - credit, "came or credited");
        }
    }

    // Lists

    /// @dev The account itself is on the list, until it is not.
    function test_settle_WhileTheAccountIsBlocked() public {
        BlocklistToken listed = new BlocklistToken();
        Deal memory d = decided(address(listed));
        listed.block_(address(d.account), true);
        settle(d);
        assertOthersWhole(d);
        address[3] memory accounts = [payer, performer, charity];
        uint256 credits;
        for (uint256 i; i < 3; ++i) {
            credits += d.account.credit(accounts[i], address(listed));
        }
        assertEq(credits, BOND + AMOUNT, "all is credited");
        when(d.terms.longStop + 10_000 days);
        listed.block_(address(d.account), false);
        for (uint256 i; i < 3; ++i) {
            deliver(d, accounts[i], address(listed));
        }
        assertEq(listed.balanceOf(address(d.account)), 0, "all is delivered");
    }

    /// @dev Who is listed for ever has its money sent elsewhere.
    function test_settle_WhileOnePayeeIsBlocked() public {
        BlocklistToken listed = new BlocklistToken();
        Deal memory d = decided(address(listed));
        listed.block_(charity, true);
        settle(d);
        assertOthersWhole(d);
        assertGot(address(listed), performer, third(AMOUNT) + third(400), "performer");
        assertGot(address(listed), payer, BOND - 400, "payer");
        uint256 owed = AMOUNT - third(AMOUNT) + 400 - third(400);
        withdraw(d, charity, address(listed), community);
        assertEq(listed.balanceOf(community), owed, "withdrawn to another address");
        assertEq(listed.balanceOf(address(d.account)), 0, "nothing is left");
    }

    // Amounts

    /// @dev The largest bonds and payments there are, forfeited, tiered and split: nothing overflows, nothing is lost.
    function test_settle_LargestAmounts() public {
        TestToken fine = new TestToken("Fine", "FINE", 30);
        uint128 most = type(uint128).max;
        Deal memory d = blank();
        d.party(payer, address(fine), most, split(performer, 3_333, charity));
        d.judge(verifier);
        d.phase();
        d.obligation(PAYER, Verdict.Breached, false, 9_999);
        for (uint256 i; i < 4; ++i) {
            d.payment(PAYER, address(fine), most, split(performer, 3_333, charity), BREACHED);
        }
        d.phases[0].payments[1].tiers = oneTier(0, type(uint256).max, 10_000);
        d.phases[0].payments[2].tiers = oneTier(type(uint256).max, most / 2, 9_999);
        d.phases[0].payments[3].tiers = oneTier(1, 0, 9_999);
        open(d);
        accept(d, PAYER);
        fund(d, 15);
        attest(d, 0, Verdict.Breached, type(uint256).max, voices(d, 0, Verdict.Breached, type(uint256).max, 1), 0);
        settle(d);
        uint256 lost = uint256(most) * 9_999 / 10_000;
        uint256 out = uint256(most) * 3 + most / 2;
        uint256 toPerformer = 3 * third(most) + third(most / 2) + third(lost);
        assertEq(fine.balanceOf(performer), toPerformer, "performer");
        assertEq(fine.balanceOf(charity), out + lost - toPerformer, "charity");
        assertEq(fine.balanceOf(payer), 5 * uint256(most) - out - lost, "payer");
        assertEq(fine.balanceOf(address(d.account)), 0, "nothing is left");
    }

    function test_settle_OneUnit() public {
        TestToken whole = new TestToken("Whole", "WHOLE", 0);
        Deal memory d = blank();
        d.party(payer, address(whole), 1, split(performer, 3_333, charity));
        d.judge(verifier);
        d.phase();
        d.obligation(PAYER, Verdict.Breached, false, 10_000);
        d.payment(PAYER, address(whole), 1, split(performer, 9_999, charity), BREACHED);
        open(d);
        accept(d, PAYER);
        fund(d, 1);
        attest(d, 0, Verdict.Breached);
        settle(d);
        assertEq(whole.balanceOf(charity), 2, "the last takes the remainder");
        assertEq(whole.balanceOf(address(d.account)), 0, "nothing is left");
    }

    /// @dev Who has more than an amount that means "all there is" cannot pay it in.
    function test_fund_RevertWhen_TheAmountMeansAllThereIs() public {
        MaxMagicToken magic = new MaxMagicToken();
        Deal memory d = endowed(mixed(address(magic), 1), address(magic));
        accept(d, PERFORMER);
        acceptFrom(payer, d, PAYER, "");
        acceptFrom(latecomer, d, LATECOMER, "");
        magic.setMagic(AMOUNT);
        uint256 rest = magic.balanceOf(payer);
        refuse(abi.encodeWithSelector(IAgreementEvents.DepositMismatch.selector, address(magic), AMOUNT, rest));
        fundWith(d, 1, 0);
        assertEq(magic.balanceOf(address(d.account)), BOND, "held");
    }

    /// @dev Going out, it takes the bond in the same token along, whose owner is credited. The others are whole.
    function test_settle_AnAmountThatMeansAllThereIs() public {
        MaxMagicToken magic = new MaxMagicToken();
        Deal memory d = decided(address(magic));
        magic.setMagic(third(AMOUNT));
        settle(d);
        assertOthersWhole(d);
        assertGot(address(magic), performer, AMOUNT + BOND, "all there was");
        uint256 credits = d.account.credit(payer, address(magic)) + d.account.credit(charity, address(magic))
            + d.account.credit(performer, address(magic));
        assertEq(credits, AMOUNT + BOND - third(AMOUNT), "the others are credited");
    }

    // Money nobody asked for

    function test_settle_CoinAndTokensThatCameUnasked() public {
        TestToken other = new TestToken("Other", "OTHER", 6);
        Deal memory d = decided(address(other));
        new Donor{value: 1 ether}(payable(address(d.account)));
        token.mint(address(d.account), 77);
        TestToken foreign = new TestToken("Foreign", "FOREIGN", 6);
        foreign.mint(address(d.account), 5);
        settle(d);
        assertStatus(d, Status.Completed);
        assertGot(address(token), performer, AMOUNT + BOND, "performer");
        assertGot(NATIVE, charity, AMOUNT, "charity");
        assertGot(NATIVE, latecomer, BOND, "latecomer");
        assertEq(address(d.account).balance, 1 ether, "the coin stays");
        assertEq(token.balanceOf(address(d.account)), 77, "the tokens stay");
        address[4] memory all_ = [payer, performer, charity, anyone];
        for (uint256 i; i < 4; ++i) {
            refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, all_[i], NATIVE));
            withdraw(d, all_[i], NATIVE, all_[i]);
            refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, all_[i], address(foreign)));
            deliver(d, all_[i], address(foreign));
        }
    }

    /// @dev Forced in before anybody has joined, it is nobody's bond.
    function test_accept_CoinThatCameUnaskedPaysForNobody() public {
        Deal memory d = open(between2());
        new Donor{value: 1 ether}(payable(address(d.account)));
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, BOND, 0));
        act(payer, d, 0, accepting(d, PAYER, ""));
    }

    function between2() private view returns (Deal memory d) {
        d = between(NATIVE);
        addPhase(d, NATIVE);
    }

    function test_RevertWhen_CoinIsSentPlainly() public {
        Deal memory d = funded(between2());
        vm.deal(anyone, 1 ether);
        assertTrue(!attempt(anyone, d, 1, ""), "nothing takes it");
        assertTrue(!attempt(anyone, d, 1, hex"deadbeef"), "nor this");
        assertTrue(!attempt(anyone, d, 1, releasing(d, 1)), "nor what asks for none");
    }
}
