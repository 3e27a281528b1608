// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {Split, Status, Verdict, Voice} from "../../src/interfaces/Types.sol";
import {Reenterer} from "../actors/Reenterer.sol";
import {Reentrant} from "../arbitration/HostileArbitrators.sol";
import {BREACHED, Building, Deal, LAPSED, MET, all} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {HookToken} from "../tokens/HookToken.sol";
import {HostileTest} from "./HostileTest.sol";

/// @dev Whoever is called in the middle of a call, because coin or a token with hooks comes to it or leaves it, or because it is
/// the court, can call any entry point back: each refuses, and the money moves once.
contract ReentryTest is HostileTest {
    using Building for Deal;

    Reenterer private attacker;
    HookToken private hook;

    function setUp() public override {
        super.setUp();
        attacker = new Reenterer();
        hook = new HookToken();
        vm.deal(address(attacker), WEALTH);
        hook.mint(address(attacker), WEALTH);
    }

    /// @dev The attacker is a party with a bond, is paid, has paid back, and receives what others forfeit.
    function entangled(address asset, uint256 phases) private view returns (Deal memory d) {
        d = blank();
        d.party(address(attacker), asset, BOND, all(charity));
        d.party(performer, asset, BOND, all(address(attacker)));
        d.judge(verifier);
        for (uint256 i; i < phases; ++i) {
            d.phase();
            d.obligation(PERFORMER, Verdict.Breached, false, 6_000);
            d.payment(PAYER, asset, AMOUNT, all(address(attacker)), MET | BREACHED);
            d.payment(PAYER, asset, AMOUNT, all(charity), LAPSED);
        }
    }

    function prepared(Deal memory d) private returns (Deal memory) {
        open(d);
        approve(address(attacker), address(hook), address(d.account));
        return d;
    }

    function joined_(Deal memory d) private returns (Deal memory) {
        prepared(d);
        accept(d, PERFORMER);
        acceptFrom(address(attacker), d, PAYER, "");
        return d;
    }

    function paid(Deal memory d) private returns (Deal memory) {
        joined_(d);
        uint256 value = d.terms.parties[0].asset == NATIVE ? 2 * uint256(AMOUNT) : 0;
        act(address(attacker), d, value, funding(d, 3));
        return d;
    }

    /// @dev Every entry point but `comment`, which has no money to guard. Being called back into is what each refuses first.
    function attempts(Deal memory d) private view returns (bytes[] memory calls) {
        uint40 expiry = uint40(vm.getBlockTimestamp() + 1);
        calls = new bytes[](19);
        calls[0] = accepting(d, PAYER, "");
        calls[1] = funding(d, 3);
        calls[2] = toppingUp(d, PAYER);
        calls[3] = attesting(d, 0, Verdict.Met, 0, new Voice[](0), 0);
        calls[4] = conceding(d, 0);
        calls[5] = releasing(d, 3);
        calls[6] = settling(d);
        calls[7] = launchingIt(d, PAYER, 0);
        calls[8] = permitting(address(hook), 1, expiry, sign(charity, bytes32(0)));
        calls[9] = entering(d);
        calls[10] = voiding(d);
        calls[11] = unwinding(d);
        calls[12] = challenging(d, 0);
        calls[13] = ruling(1, 1);
        calls[14] = dissolving(d, new Split[](0), expiry, new bytes[](0));
        calls[15] = extending(d, false, 0, 40 days, expiry, new bytes[](0));
        calls[16] = withdrawing(NATIVE, address(attacker));
        calls[17] = delivering(address(attacker), NATIVE);
        calls[18] = multicalling(list(releasing(d, 3)));
    }

    /// @dev `data` by `caller` has the attacker called, who calls back each entry point in turn; afterwards it has gained
    /// `gain`, as if it had not.
    function assertHarmless(Deal memory d, address caller, uint256 value, bytes memory data, int256 gain) private {
        bytes[] memory calls = attempts(d);
        address asset = d.terms.parties[0].asset;
        for (uint256 i; i < calls.length; ++i) {
            uint256 id = vm.snapshotState();
            attacker.aim(address(d.account), calls[i]);
            int256 before = int256(balance(asset, address(attacker)));
            act(caller, d, value, data);
            assertTrue(attacker.called(), string.concat("it did call back: ", vm.toString(i)));
            bytes4 guard = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
            assertEq(bytes32(attacker.answer()), bytes32(guard), vm.toString(i));
            int256 gained = int256(balance(asset, address(attacker))) - before;
            assertEq(bytes32(uint256(gained)), bytes32(uint256(gain)), "gained");
            vm.revertToState(id);
        }
    }

    function plus(uint256 amount) private pure returns (int256) {
        return int256(amount);
    }

    function minus(uint256 amount) private pure returns (int256) {
        return -int256(amount);
    }

    function bothAssets(uint256 which) private view returns (address) {
        return which == 0 ? NATIVE : address(hook);
    }

    // Money that comes to it

    function test_release() public {
        for (uint256 i; i < 2; ++i) {
            Deal memory d = paid(entangled(bothAssets(i), 1));
            attest(d, 0, Verdict.Met);
            assertHarmless(d, anyone, 0, releasing(d, 1), plus(AMOUNT));
            assertHarmless(d, anyone, 0, releasing(d, 2), plus(AMOUNT));
        }
    }

    function test_attest() public {
        for (uint256 i; i < 2; ++i) {
            Deal memory d = paid(entangled(bothAssets(i), 1));
            bytes memory data = attesting(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1);
            assertHarmless(d, anyone, 0, data, plus(AMOUNT));
        }
    }

    /// @dev A payment, one that comes back, its bond, and 60 % of the other's.
    function test_settle() public {
        for (uint256 i; i < 2; ++i) {
            Deal memory d = paid(entangled(bothAssets(i), 1));
            attest(d, 0, Verdict.Breached);
            assertHarmless(d, anyone, 0, settling(d), plus(2 * AMOUNT + BOND + BOND * 6 / 10));
        }
    }

    function test_unwind() public {
        for (uint256 i; i < 2; ++i) {
            Deal memory d = paid(entangled(bothAssets(i), 2));
            attest(d, 0, Verdict.Breached);
            when(d.terms.longStop + 1);
            assertHarmless(d, anyone, 0, unwinding(d), plus(2 * AMOUNT + BOND + BOND * 6 / 10));
            when(START);
        }
    }

    function test_void() public {
        for (uint256 i; i < 2; ++i) {
            Deal memory d = prepared(entangled(bothAssets(i), 1));
            acceptFrom(address(attacker), d, PAYER, "");
            when(d.terms.joinBy + 1);
            assertHarmless(d, anyone, 0, voiding(d), plus(BOND));
            when(START);
        }
    }

    function test_enter() public {
        for (uint256 i; i < 2; ++i) {
            Deal memory d = entangled(bothAssets(i), 1);
            d.terms.minParties = 1;
            d.phases[0].bonds = new uint128[](2);
            prepared(d);
            acceptFrom(address(attacker), d, PAYER, "");
            when(d.terms.joinBy + 1);
            assertHarmless(d, anyone, 0, entering(d), plus(BOND));
            when(START);
        }
    }

    function test_dissolve() public {
        for (uint256 i; i < 2; ++i) {
            Deal memory d = entangled(bothAssets(i), 1);
            d.party(payer, bothAssets(i), BOND, all(charity));
            d.terms.minParties = 2;
            prepared(d);
            accept(d, PERFORMER);
            accept(d, 2);
            when(d.terms.joinBy + 1);
            enterForce(d);
            Split[] memory splits = splitOf(bothAssets(i), all(address(attacker)));
            uint40 expiry = uint40(vm.getBlockTimestamp() + 1);
            bytes memory data = dissolving(d, splits, expiry, dissolutionSignatures(d, splits, expiry));
            assertHarmless(d, anyone, 0, data, plus(2 * BOND));
            when(START);
        }
    }

    function test_fund_ThroughSurplusCoin() public {
        Deal memory d = joined_(entangled(NATIVE, 1));
        assertHarmless(d, address(attacker), 2 * AMOUNT + 5, funding(d, 3), minus(2 * AMOUNT));
    }

    function test_challenge_ThroughSurplusCoin() public {
        Deal memory d = joined_(under(address(court), entangled(NATIVE, 1)));
        attest(d, 0, Verdict.Breached);
        uint256 fee = court.fee();
        assertHarmless(d, address(attacker), fee + 5, challenging(d, 0), minus(fee));
    }

    /// @dev With all the gas there is.
    function test_withdrawAndDeliver() public {
        for (uint256 i; i < 2; ++i) {
            Deal memory d = paid(entangled(bothAssets(i), 1));
            attest(d, 0, Verdict.Met);
            bytes memory code = address(attacker).code;
            vm.etch(address(attacker), hex"fe");
            release(d, 1);
            vm.etch(address(attacker), code);
            bytes memory data = withdrawing(bothAssets(i), address(attacker));
            assertHarmless(d, address(attacker), 0, data, plus(AMOUNT));
            data = delivering(address(attacker), bothAssets(i));
            assertHarmless(d, anyone, 0, data, plus(AMOUNT));
        }
    }

    // Money that leaves it

    function asked() private {
        vm.prank(address(attacker));
        hook.ask();
    }

    function test_accept_ThroughTheSendersHook() public {
        Deal memory d = prepared(entangled(address(hook), 1));
        asked();
        assertHarmless(d, address(attacker), 0, accepting(d, PAYER, ""), minus(BOND));
    }

    function test_fund_ThroughTheSendersHook() public {
        Deal memory d = joined_(entangled(address(hook), 1));
        asked();
        assertHarmless(d, address(attacker), 0, funding(d, 3), minus(2 * AMOUNT));
    }

    function test_topUp_ThroughTheSendersHook() public {
        Deal memory d = entangled(address(hook), 1);
        d.levels(BOND, 2 * BOND);
        joined_(d);
        asked();
        assertHarmless(d, address(attacker), 0, toppingUp(d, PERFORMER), minus(BOND));
    }

    /// @dev The factory has no lock: it holds nothing. Opening the same terms again inside fails, as they are open.
    function test_launch_ThroughTheSendersHook() public {
        Deal memory d = entangled(address(hook), 1);
        addressed(d);
        approve(address(attacker), address(hook), address(d.account));
        asked();
        attacker.aim(address(factory), opening(d, 1));
        act(address(attacker), address(factory), 0, launching(d, 1, PAYER, 0));
        assertTrue(attacker.called(), "it did call back");
        assertTrue(attacker.answer() != 0, "refused");
        assertEq(hook.balanceOf(address(d.account)), BOND, "paid in once");
    }

    /// @dev Deposits on the side, while a deposit is measured, only make it fail: more has come than was asked for.
    function test_fund_WithAGiftInBetween() public {
        Deal memory d = joined_(entangled(address(hook), 1));
        asked();
        attacker.aim(address(hook), abi.encodeCall(hook.mint, (address(d.account), 1)));
        refuse(
            abi.encodeWithSelector(IAgreementEvents.DepositMismatch.selector, address(hook), 2 * AMOUNT, 2 * AMOUNT + 1)
        );
        act(address(attacker), d, 0, funding(d, 3));
        assertEq(hook.balanceOf(address(d.account)), 2 * BOND, "nothing came in");
    }

    // The court

    function test_challenge_ThroughTheCourt() public {
        Reentrant hostile = new Reentrant();
        Deal memory d = joined_(under(address(hostile), entangled(NATIVE, 1)));
        attest(d, 0, Verdict.Breached);
        bytes[] memory calls = attempts(d);
        uint256 fee = hostile.arbitrationCost("");
        for (uint256 i; i < calls.length; ++i) {
            uint256 id = vm.snapshotState();
            hostile.aim(address(d.account), calls[i], false);
            act(address(attacker), d, fee, challenging(d, 0));
            assertTrue(hostile.called() && !hostile.succeeded(), "it did call back");
            bytes4 guard = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
            assertEq(bytes32(bytes4(hostile.answer())), bytes32(guard), vm.toString(i));
            vm.revertToState(id);
        }
    }

    // Looking and talking

    /// @dev A comment in between says something, and nothing more; a look sees the books closed.
    function test_release_CommentsAndLooksInBetween() public {
        Deal memory d = paid(entangled(NATIVE, 1));
        attest(d, 0, Verdict.Met);
        attacker.aim(address(d.account), commenting(d, 0, ""));
        release(d, 1);
        assertTrue(attacker.called(), "it did call back");
        assertEq(bytes32(attacker.answer()), 0, "a member is heard");
        assertEq(address(d.account).balance, 2 * BOND + AMOUNT, "held");
        assertEq(d.account.state().paid, 1, "paid");
    }
}
