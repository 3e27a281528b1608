// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Verdict} from "../src/interfaces/Types.sol";
import {InPhaseTest} from "./base/InPhaseTest.sol";
import {Building, Deal} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";

contract TopUpTest is InPhaseTest {
    using Building for Deal;

    function enter(Deal memory d) internal override {
        topUp(d, PERFORMER);
    }

    /// @dev In the first phase the performer has to hold 300 more than it joined with.
    function short(address asset) private returns (Deal memory d) {
        d = between(asset);
        addPhase(d, asset);
        d.levels(BOND, BOND + 300);
        inForce(d);
    }

    function test_topUp_RestoresTheLevel() public {
        Deal memory d = short(address(token));
        assertEq(bondOf(d, PERFORMER), BOND, "bond before");
        provide(anyone, address(token), 300, d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.ToppedUp(PERFORMER, anyone, 300);
        topUp(d, PERFORMER);
        assertEq(d.account.state().short, 0, "nobody is short");
        assertEq(held(d), 2 * BOND + 300, "held");
        assertBalance(anyone, 0, "paid exactly what was missing");
    }

    function test_topUp_Coin() public {
        Deal memory d = short(NATIVE);
        topUp(d, PERFORMER);
        assertEq(address(d.account).balance, 2 * BOND + 300, "held");
    }

    function test_topUp_AfterAForfeiture() public {
        Deal memory d = usual(2);
        d.phases[0].obligations[0].material = false;
        funded(d);
        attest(d, 0, Verdict.Breached);
        settle(d);
        assertEq(bondOf(d, PERFORMER), 400, "60 % of 1,000 are lost");
        topUp(d, PERFORMER);
        assertEq(held(d), 2 * BOND, "held");
    }

    function test_topUp_UntilTheEndOfItsTime() public {
        Deal memory d = short(address(token));
        fund(d, 1);
        when(openedAt(d) + d.terms.topUpWithin);
        topUp(d, PERFORMER);
        assertEq(d.account.state().short, 0, "nobody is short");
    }

    function test_topUp_RevertWhen_ItsTimeIsOver() public {
        Deal memory d = short(address(token));
        fund(d, 1);
        uint256 last = openedAt(d) + d.terms.topUpWithin;
        when(last + 1);
        refuse(IAgreementEvents.PastCutOff.selector, last);
        topUp(d, PERFORMER);
    }

    function test_topUp_RevertWhen_NoSuchParty() public {
        Deal memory d = short(address(token));
        for (uint256 party = 2; party < 256; party += 127) {
            refuse(IAgreementEvents.UnknownParty.selector, party);
            topUpWith(d, uint8(party), 0);
        }
    }

    function test_topUp_RevertWhen_CoinIsLessThanIsMissing() public {
        Deal memory d = short(NATIVE);
        vm.deal(anyone, 1_000);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, 300, 299));
        topUpWith(d, PERFORMER, 299);
    }

    function test_topUp_SurplusCoinGoesBackToTheCaller() public {
        Deal memory d = short(NATIVE);
        vm.deal(anyone, 1_000);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(anyone, NATIVE, 5, Cause.Surplus, 0, false);
        topUpWith(d, PERFORMER, 305);
        assertEq(anyone.balance, 700, "paid what was missing, no more");
        assertEq(address(d.account).balance, 2 * BOND + 300, "held");
    }

    function test_topUp_CoinSentForTokensGoesBackToTheCaller() public {
        Deal memory d = short(address(token));
        provide(anyone, address(token), 300, d);
        vm.deal(anyone, 5);
        topUpWith(d, PERFORMER, 5);
        assertEq(anyone.balance, 5, "coin");
        assertEq(held(d), 2 * BOND + 300, "held");
    }
}
