// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Verdict} from "../src/interfaces/Types.sol";
import {Recipient} from "./actors/Recipient.sol";
import {Reenterer} from "./actors/Reenterer.sol";
import {IBorrower, Vault} from "./actors/Vault.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal, all} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";
import {MoodyToken} from "./tokens/MoodyToken.sol";

contract DeliverTest is AgreementTest {
    using Building for Deal;

    /// @dev A payment to `payee` in coin has been decided for.
    function decidedFor(address payee) private returns (Deal memory d) {
        d = between(NATIVE);
        addPhase(d, NATIVE);
        d.phases[0].payments[0].payees = all(payee);
        funded(d);
        attest(d, 0, Verdict.Met);
    }

    function test_deliver_SendsTheCreditToItsAccount() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = between(address(moody));
        addPhase(d, address(moody));
        funded(d);
        moody.setMood(performer, MoodyToken.Mood.Reverts);
        attest(d, 0, Verdict.Met);
        release(d, 1);
        moody.setMood(performer, MoodyToken.Mood.Fine);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Withdrawn(performer, address(moody), performer, AMOUNT);
        deliver(d, performer, address(moody));
        assertEq(moody.balanceOf(performer), AMOUNT, "delivered");
        assertEq(d.account.credit(performer, address(moody)), 0, "credit");
        assertEq(moody.balanceOf(address(d.account)), 2 * BOND, "the bonds stay");
    }

    /// @dev A stranger has the payment released while the vault is calling out to it, and so cannot be paid.
    function test_deliver_ToAVaultThatWasLockedWhenItWasPaid() public {
        Vault vault = new Vault();
        Reenterer stranger = new Reenterer();
        Deal memory d = decidedFor(address(vault));
        stranger.aim(address(d.account), releasing(d, 1));
        vault.lend(IBorrower(address(stranger)));
        assertEq(d.account.credit(address(vault), NATIVE), AMOUNT, "credited");
        when(d.terms.longStop + 1_000 days);
        deliver(d, address(vault), NATIVE);
        assertEq(address(vault).balance, AMOUNT, "delivered");
    }

    function test_deliver_ToWhoNeedsMoreGasThanAPushGives() public {
        Recipient recipient = new Recipient();
        recipient.behave(Recipient.Manner.NeedsMuchGas);
        Deal memory d = decidedFor(address(recipient));
        release(d, 1);
        assertEq(d.account.credit(address(recipient), NATIVE), AMOUNT, "credited");
        deliver(d, address(recipient), NATIVE);
        assertEq(address(recipient).balance, AMOUNT, "delivered");
    }

    function test_deliver_RevertWhen_ItStillCannotBeSent() public {
        Recipient recipient = new Recipient();
        recipient.behave(Recipient.Manner.Reverts);
        Deal memory d = decidedFor(address(recipient));
        release(d, 1);
        refuse(abi.encodeWithSignature("Error(string)", "no, thank you"));
        deliver(d, address(recipient), NATIVE);
        assertEq(d.account.credit(address(recipient), NATIVE), AMOUNT, "the credit stays");
        recipient.behave(Recipient.Manner.Takes);
        deliver(d, address(recipient), NATIVE);
        refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, address(recipient), NATIVE));
        deliver(d, address(recipient), NATIVE);
    }

    function test_deliver_RevertWhen_NothingIsCredited() public {
        Deal memory d = decidedFor(performer);
        refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, performer, NATIVE));
        deliver(d, performer, NATIVE);
        refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, address(0), address(token)));
        deliver(d, address(0), address(token));
    }
}
