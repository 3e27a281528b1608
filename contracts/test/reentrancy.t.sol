// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAgreement} from "../src/interfaces/IAgreement.sol";
import {Status, Verdict} from "../src/interfaces/Types.sol";
import {Reenterer} from "./actors/Reenterer.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal, all} from "./base/Deal.sol";
import {HookToken} from "./tokens/HookToken.sol";
import {vm} from "./base/Vm.sol";

/// @dev A payee that calls back while it is being paid gets nowhere, and is paid once.
contract ReentrancyTest is AgreementTest {
    using Building for Deal;

    Reenterer private attacker;

    function setUp() public override {
        super.setUp();
        attacker = new Reenterer();
    }

    function payingAttackerIn(address asset) private returns (Deal memory d) {
        d = between(asset);
        addPhase(d, asset);
        d.phases[0].payments[0].payees = all(address(attacker));
        funded(d);
    }

    /// @dev Being called back into is what every entry point refuses first.
    function assertHarmless(Deal memory d, address asset) private {
        attest(d, 0, Verdict.Met);
        bytes[] memory calls = everyCall(d);
        for (uint256 i; i < calls.length; ++i) {
            uint256 id = vm.snapshotState();
            attacker.aim(address(d.account), calls[i]);
            release(d, 1);
            assertTrue(attacker.called(), "it did call back");
            bytes4 expected = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
            assertEq(bytes32(attacker.answer()), bytes32(expected), vm.toString(i));
            assertEq(balance(asset, address(attacker)), AMOUNT, "paid once");
            assertEq(balance(asset, address(d.account)), 2 * BOND, "the bonds are untouched");
            vm.revertToState(id);
        }
    }

    function test_release_ReenteredThroughCoin() public {
        assertHarmless(payingAttackerIn(NATIVE), NATIVE);
    }

    function test_release_ReenteredThroughATokensHook() public {
        address hook = address(new HookToken());
        assertHarmless(payingAttackerIn(hook), hook);
    }

    function test_settle_ReenteredThroughCoin() public {
        Deal memory d = payingAttackerIn(NATIVE);
        attest(d, 0, Verdict.Met);
        attacker.aim(address(d.account), settling(d));
        settle(d);
        assertEq(address(attacker).balance, AMOUNT, "paid once");
        assertEq(payer.balance, BOND, "payer");
        assertStatus(d, Status.Completed);
    }

    function test_withdraw_ReenteredThroughCoin() public {
        Deal memory d = payingAttackerIn(NATIVE);
        attest(d, 0, Verdict.Met);
        bytes memory code = address(attacker).code;
        vm.etch(address(attacker), hex"fe");
        release(d, 1);
        vm.etch(address(attacker), code);
        attacker.aim(address(d.account), withdrawing(NATIVE, address(attacker)));
        withdraw(d, address(attacker), NATIVE, address(attacker));
        assertTrue(attacker.called(), "it did call back");
        assertEq(address(attacker).balance, AMOUNT, "withdrawn once");
        assertEq(address(d.account).balance, 2 * BOND, "the bonds are untouched");
    }

    function test_deliver_ReenteredThroughCoin() public {
        Deal memory d = payingAttackerIn(NATIVE);
        attest(d, 0, Verdict.Met);
        bytes memory code = address(attacker).code;
        vm.etch(address(attacker), hex"fe");
        release(d, 1);
        vm.etch(address(attacker), code);
        attacker.aim(address(d.account), delivering(address(attacker), NATIVE));
        deliver(d, address(attacker), NATIVE);
        assertTrue(attacker.called(), "it did call back");
        assertEq(address(attacker).balance, AMOUNT, "delivered once");
        assertEq(address(d.account).balance, 2 * BOND, "the bonds are untouched");
    }

    /// @dev Who funds gets surplus coin back, and is called by it.
    function test_fund_ReenteredThroughSurplusCoin() public {
        Deal memory d = between(NATIVE);
        addPhase(d, NATIVE);
        inForce(d);
        bytes memory funding = funding(d, 1);
        attacker.aim(address(d.account), funding);
        vm.deal(address(attacker), AMOUNT + 5);
        act(address(attacker), d, AMOUNT + 5, funding);
        assertTrue(attacker.called(), "it did call back");
        bytes4 expected = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        assertEq(bytes32(attacker.answer()), bytes32(expected), "answer");
        assertEq(address(attacker).balance, 5, "surplus");
        assertEq(address(d.account).balance, 2 * BOND + AMOUNT, "held");
    }

    /// @dev Books before money: a callback that only looks sees the payment as paid already.
    function test_release_BooksAreClosedBeforeMoneyMoves() public {
        Deal memory d = payingAttackerIn(NATIVE);
        attest(d, 0, Verdict.Met);
        StateWatcher watcher = new StateWatcher(d.account);
        vm.etch(address(attacker), address(watcher).code);
        release(d, 1);
        assertEq(StateWatcher(payable(address(attacker))).paid(), 1, "paid, as seen while being paid");
    }
}

contract StateWatcher {
    IAgreement private immutable _watched;
    uint256 public paid;

    constructor(IAgreement watched) {
        _watched = watched;
    }

    receive() external payable {
        paid = _watched.state().paid;
    }
}
