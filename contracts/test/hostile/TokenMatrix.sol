// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Share, Split, Status, Verdict} from "../../src/interfaces/Types.sol";
import {TestToken} from "../../src/tokens/TestToken.sol";
import {Building, Deal, MET, all, split} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {HostileTest} from "./HostileTest.sol";

/// @dev One token against every way money moves. It behaves until it turns. Then a deposit is either taken to the unit or
/// refused whole; a push either arrives or is credited to the unit; and those who are paid in something else, by the
/// same calls, get all that is theirs. When it behaves again, who was credited has its money.
abstract contract TokenMatrix is HostileTest {
    using Building for Deal;

    TestToken internal bad;

    function setUp() public virtual override {
        super.setUp();
        bad = TestToken(create());
    }

    function create() internal virtual returns (address);

    /// @dev The token begins to misbehave, or ceases to.
    function turn(bool misbehaves) internal virtual;

    /// @dev Whether deposits are taken while it misbehaves.
    function taken() internal view virtual returns (bool) {
        return true;
    }

    /// @dev Whether pushes go through while it misbehaves.
    function sent() internal view virtual returns (bool) {
        return true;
    }

    /// @dev What arrives of a push that goes through.
    function arriving(uint256 amount) internal view virtual returns (uint256) {
        return amount;
    }

    // Money comes in

    function test_accept() public {
        Deal memory d = endowed(mixed(address(bad), 1), address(bad));
        accept(d, PERFORMER);
        acceptFrom(latecomer, d, LATECOMER, "");
        turn(true);
        assertDeposit(attempt(payer, d, 0, accepting(d, PAYER, "")), "accepted");
        turn(false);
        assertEq(d.account.state().members, taken() ? 7 : 6, "members");
        assertHeld(d, taken() ? BOND : 0, BOND, BOND);
        assertEq(bad.balanceOf(payer), WEALTH - (taken() ? BOND : 0), "payer");
        if (taken()) return;
        when(d.terms.joinBy + 1);
        void(d);
        assertEq(token.balanceOf(performer), WEALTH, "performer");
        assertEq(latecomer.balance, WEALTH, "latecomer");
    }

    function test_fund() public {
        Deal memory d = entered3(1);
        turn(true);
        assertDeposit(attempt(payer, d, 0, funding(d, 1)), "funded");
        if (!taken()) assertTrue(!attempt(payer, d, AMOUNT, funding(d, 7)), "all or nothing");
        assertTrue(attempt(payer, d, AMOUNT, funding(d, 6)), "the others");
        turn(false);
        assertEq(d.account.state().funded, taken() ? 7 : 6, "funded");
        assertHeld(d, BOND + (taken() ? AMOUNT : 0), BOND + AMOUNT, BOND + AMOUNT);
    }

    function test_topUp() public {
        Deal memory d = inSecondPhase();
        turn(true);
        assertDeposit(attempt(anyone, d, 0, toppingUp(d, PAYER)), "topped up");
        turn(false);
        assertEq(d.account.state().short, taken() ? 0 : 1, "short");
        assertHeld(d, taken() ? 2 * BOND : BOND, BOND, BOND);
        if (!taken()) topUp(d, PAYER);
        assertHeld(d, 2 * BOND, BOND, BOND);
    }

    function test_launch() public {
        Deal memory d = blank();
        d.party(payer, address(bad), BOND, all(charity));
        d.judge(verifier);
        d.phase();
        d.obligation(PAYER, Verdict.Breached, false, 4_000);
        d.payment(PAYER, address(bad), AMOUNT, all(performer), MET);
        d.payment(PAYER, NATIVE, AMOUNT, all(performer), MET);
        addressed(d);
        bad.mint(payer, WEALTH);
        vm.deal(payer, WEALTH);
        approve(payer, address(bad), address(d.account));
        turn(true);
        assertDeposit(attempt(payer, address(factory), AMOUNT + 5, launching(d, 1, PAYER, 3)), "launched");
        turn(false);
        assertEq(address(d.account).code.length == 0 ? 0 : 1, taken() ? 1 : 0, "there is an account");
        assertHeld(d, taken() ? BOND + AMOUNT : 0, 0, taken() ? AMOUNT : 0);
        assertEq(payer.balance, WEALTH - (taken() ? AMOUNT : 0), "coin of the payer");
    }

    // Money goes out

    function test_accept_SendsSurplusBack() public {
        Deal memory d = mixed(address(bad), 1);
        d.phases[0].bonds = new uint128[](3);
        endowed(d, address(bad));
        accept(d, PERFORMER);
        acceptFrom(payer, d, PAYER, "");
        leave(d, 0);
        acceptFrom(latecomer, d, LATECOMER, "");
        turn(false);
        assertPushed(d, payer, BOND);
        assertGot(address(token), performer, BOND, "performer");
        assertHeld(d, sent() ? 0 : BOND, 0, 0);
        claim(d, payer);
    }

    function test_release() public {
        Deal memory d = decided(Verdict.Met, Verdict.Met);
        leave(d, 0);
        release(d, 7);
        turn(false);
        assertPushed(d, performer, third(AMOUNT));
        assertPushed(d, charity, AMOUNT - third(AMOUNT));
        assertOthersPaid();
        assertHeld(d, sent() ? BOND : BOND + AMOUNT, BOND, BOND);
        claim(d, performer);
        claim(d, charity);
    }

    function test_release_BackToThePayer() public {
        Deal memory d = decided(Verdict.Breached, Verdict.Met);
        leave(d, 0);
        release(d, 7);
        turn(false);
        assertPushed(d, payer, AMOUNT);
        assertGot(address(token), payer, AMOUNT, "the other payment");
        assertHeld(d, sent() ? BOND : BOND + AMOUNT, BOND, BOND);
        claim(d, payer);
    }

    function test_attest_ReleasesWhatHangsOnIt() public {
        Deal memory d = entered3(1);
        pay(d);
        leave(d, 0);
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 7);
        turn(false);
        assertPushed(d, performer, third(AMOUNT));
        assertPushed(d, charity, AMOUNT - third(AMOUNT));
        assertOthersPaid();
        claim(d, performer);
        claim(d, charity);
    }

    function test_settle() public {
        Deal memory d = decided(Verdict.Met, Verdict.Breached);
        leave(d, 0);
        settle(d);
        turn(false);
        assertStatus(d, Status.Completed);
        assertSettled(d);
    }

    function test_unwind() public {
        Deal memory d = decided(Verdict.Met, Verdict.Breached);
        leave(d, d.terms.longStop + 1);
        unwind(d);
        turn(false);
        assertStatus(d, Status.Unwound);
        assertSettled(d);
    }

    function test_void() public {
        Deal memory d = endowed(mixed(address(bad), 1), address(bad));
        accept(d, PERFORMER);
        acceptFrom(payer, d, PAYER, "");
        leave(d, d.terms.joinBy + 1);
        void(d);
        turn(false);
        assertPushed(d, payer, BOND);
        assertGot(address(token), performer, BOND, "performer");
        assertHeld(d, sent() ? 0 : BOND, 0, 0);
        claim(d, payer);
    }

    function test_dissolve() public {
        Deal memory d = decided(Verdict.Met, Verdict.Breached);
        leave(d, 0);
        dissolve(d, splitsFor(all(performer), all(charity), split(performer, 2_500, charity)));
        turn(false);
        assertStatus(d, Status.Dissolved);
        uint256 whole = BOND + AMOUNT;
        assertPushed(d, performer, whole / 4);
        assertPushed(d, charity, whole - whole / 4);
        assertGot(address(token), performer, whole, "the honest token");
        assertGot(NATIVE, charity, whole, "coin");
        claim(d, performer);
        claim(d, charity);
        assertHeld(d, 0, 0, 0);
    }

    // How it got there

    /// @dev All three have joined.
    function entered3(uint256 phases) internal returns (Deal memory d) {
        d = mixed(address(bad), phases);
        if (phases == 2) {
            d.phases[1].bonds = new uint128[](3);
            (d.phases[1].bonds[0], d.phases[1].bonds[1], d.phases[1].bonds[2]) = (2 * BOND, BOND, BOND);
        }
        endowed(d, address(bad));
        accept(d, PERFORMER);
        acceptFrom(payer, d, PAYER, "");
        acceptFrom(latecomer, d, LATECOMER, "");
    }

    function pay(Deal memory d) internal {
        fundWith(d, 7, AMOUNT);
    }

    function decided(Verdict first, Verdict second) internal returns (Deal memory d) {
        d = entered3(1);
        pay(d);
        attest(d, 0, first);
        attest(d, 1, second);
    }

    /// @dev The second phase asks of the payer twice its bond.
    function inSecondPhase() internal returns (Deal memory d) {
        d = entered3(2);
        pay(d);
        attest(d, 0, Verdict.Met);
        attest(d, 1, Verdict.Met);
        settle(d);
        assertEq(d.account.state().short, 1, "short");
    }

    /// @dev From now on the token misbehaves, and what everybody gets is counted.
    function leave(Deal memory, uint256 time) internal {
        if (time != 0) when(time);
        mark(address(bad));
        turn(true);
    }

    function splitsFor(Share[] memory honest, Share[] memory coin, Share[] memory other)
        internal
        view
        returns (Split[] memory list_)
    {
        list_ = new Split[](3);
        list_[0] = Split(NATIVE, coin);
        bool first = address(bad) < address(token);
        list_[1] = first ? Split(address(bad), other) : Split(address(token), honest);
        list_[2] = first ? Split(address(token), honest) : Split(address(bad), other);
    }

    // What came of it

    function assertDeposit(bool success, string memory what) internal view {
        assertTrue(success == taken(), what);
    }

    /// @dev What the account holds, to the unit.
    function assertHeld(Deal memory d, uint256 inBad, uint256 inHonest, uint256 inCoin) internal view {
        assertEq(bad.balanceOf(address(d.account)), inBad, "held of the bad token");
        assertEq(token.balanceOf(address(d.account)), inHonest, "held of the honest token");
        assertEq(address(d.account).balance, inCoin, "coin held");
    }

    /// @dev What was due to an account in the bad token either came or is credited.
    function assertPushed(Deal memory d, address account, uint256 amount) internal view {
        assertEq(d.account.credit(account, address(bad)), sent() ? 0 : amount, "credit");
        assertGot(address(bad), account, sent() ? arriving(amount) : 0, "received");
    }

    function assertOthersPaid() internal view {
        assertGot(address(token), performer, AMOUNT, "the payment in the honest token");
        assertGot(NATIVE, charity, AMOUNT, "the payment in coin");
    }

    /// @dev The payments were released, and the payer lost 40 % of its bond.
    function assertSettled(Deal memory d) internal {
        uint256 lost = BOND * 4 / 10;
        uint256 toPerformer = third(AMOUNT) + third(lost);
        assertEq(d.account.credit(performer, address(bad)), sent() ? 0 : toPerformer, "credit");
        uint256 arrived = arriving(third(AMOUNT)) + arriving(third(lost));
        assertGot(address(bad), performer, sent() ? arrived : 0, "received");
        assertPushed(d, payer, BOND - lost);
        assertGot(address(token), performer, AMOUNT + BOND, "the performer in the honest token");
        assertGot(NATIVE, charity, AMOUNT, "the payment in coin");
        assertGot(NATIVE, latecomer, BOND, "the latecomer's bond");
        claim(d, performer);
        claim(d, charity);
        claim(d, payer);
        assertHeld(d, 0, 0, 0);
    }

    /// @dev While the token misbehaves the credit can be neither delivered nor withdrawn, and stays; then it can: delivered by
    /// anyone, or withdrawn to another address.
    function claim(Deal memory d, address account) internal {
        uint256 credited = d.account.credit(account, address(bad));
        if (credited == 0) return;
        turn(true);
        assertTrue(!attempt(anyone, d, 0, delivering(account, address(bad))), "it cannot be delivered yet");
        assertTrue(!attempt(account, d, 0, withdrawing(address(bad), community)), "nor withdrawn");
        assertEq(d.account.credit(account, address(bad)), credited, "the credit stays");
        turn(false);
        uint256 before = bad.balanceOf(account);
        uint256 there = bad.balanceOf(community);
        if (account == charity) deliver(d, account, address(bad));
        else withdraw(d, account, address(bad), community);
        uint256 arrived = account == charity ? bad.balanceOf(account) - before : bad.balanceOf(community) - there;
        assertEq(arrived, credited, "claimed");
        assertEq(d.account.credit(account, address(bad)), 0, "no credit is left");
    }
}
