// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Verdict} from "../src/interfaces/Types.sol";
import {Recipient} from "./actors/Recipient.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal, all} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";
import {MoodyToken} from "./tokens/MoodyToken.sol";

contract WithdrawTest is AgreementTest {
    using Building for Deal;

    /// @dev The performer could not be paid in `moody`.
    function credited(MoodyToken moody) private returns (Deal memory d) {
        d = between(address(moody));
        addPhase(d, address(moody));
        funded(d);
        moody.setMood(performer, MoodyToken.Mood.Reverts);
        attest(d, 0, Verdict.Met);
        release(d, 1);
    }

    function test_withdraw_ToAnotherAddress() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = credited(moody);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Withdrawn(performer, address(moody), charity, AMOUNT);
        withdraw(d, performer, address(moody), charity);
        assertEq(moody.balanceOf(charity), AMOUNT, "withdrawn");
        assertEq(d.account.credit(performer, address(moody)), 0, "credit");
        assertEq(moody.balanceOf(address(d.account)), 2 * BOND, "the bonds stay");
    }

    function test_withdraw_Coin() public {
        Recipient recipient = new Recipient();
        recipient.behave(Recipient.Manner.Reverts);
        Deal memory d = between(NATIVE);
        addPhase(d, NATIVE);
        d.phases[0].payments[0].payees = all(address(recipient));
        funded(d);
        attest(d, 0, Verdict.Met);
        release(d, 1);
        withdraw(d, address(recipient), NATIVE, charity);
        assertEq(charity.balance, AMOUNT, "withdrawn");
    }

    function test_withdraw_APart() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = credited(moody);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Withdrawn(performer, address(moody), charity, 7);
        withdraw(d, performer, address(moody), charity, 7);
        assertEq(moody.balanceOf(charity), 7, "withdrawn");
        assertEq(d.account.credit(performer, address(moody)), AMOUNT - 7, "the rest stays credited");
        withdraw(d, performer, address(moody), charity, AMOUNT - 7);
        assertEq(moody.balanceOf(charity), AMOUNT, "withdrawn");
        assertEq(d.account.credit(performer, address(moody)), 0, "credit");
    }

    function test_withdraw_MoreThanTheCreditIsAllOfIt() public {
        uint256[3] memory amounts = [uint256(AMOUNT) + 1, type(uint128).max, type(uint256).max];
        for (uint256 i; i < 3; ++i) {
            uint256 id = vm.snapshotState();
            MoodyToken moody = new MoodyToken();
            Deal memory d = credited(moody);
            vm.expectEmit(address(d.account));
            emit IAgreementEvents.Withdrawn(performer, address(moody), charity, AMOUNT);
            withdraw(d, performer, address(moody), charity, amounts[i]);
            assertEq(moody.balanceOf(charity), AMOUNT, "withdrawn");
            assertEq(d.account.credit(performer, address(moody)), 0, "credit");
            vm.revertToState(id);
        }
    }

    function test_withdraw_RevertWhen_NothingIsAskedFor() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = credited(moody);
        refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, performer, address(moody)));
        withdraw(d, performer, address(moody), charity, 0);
    }

    function test_withdraw_AfterTheEnd() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = credited(moody);
        settle(d);
        assertEq(d.account.credit(performer, address(moody)), AMOUNT + BOND, "credit");
        when(d.terms.longStop + 1_000 days);
        withdraw(d, performer, address(moody), charity);
        assertEq(moody.balanceOf(charity), AMOUNT + BOND, "withdrawn");
    }

    function test_withdraw_RevertWhen_ItStillCannotBeSent() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = credited(moody);
        refuse(abi.encodeWithSignature("Error(string)", "blocked"));
        withdraw(d, performer, address(moody), performer);
        assertEq(d.account.credit(performer, address(moody)), AMOUNT, "the credit stays");
    }

    function test_withdraw_RevertWhen_CoinIsStillRefused() public {
        Recipient recipient = new Recipient();
        recipient.behave(Recipient.Manner.Reverts);
        Deal memory d = between(NATIVE);
        addPhase(d, NATIVE);
        d.phases[0].payments[0].payees = all(address(recipient));
        funded(d);
        attest(d, 0, Verdict.Met);
        release(d, 1);
        refuse(abi.encodeWithSignature("Error(string)", "no, thank you"));
        withdraw(d, address(recipient), NATIVE, address(recipient));
    }

    function test_withdraw_RevertWhen_NothingIsCredited() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = credited(moody);
        refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, performer, address(token)));
        withdraw(d, performer, address(token), charity);
        refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, payer, address(moody)));
        withdraw(d, payer, address(moody), payer);
        withdraw(d, performer, address(moody), charity);
        refuse(abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, performer, address(moody)));
        withdraw(d, performer, address(moody), charity);
    }

    /// @dev What the agreement sends to itself would be nobody's.
    function test_withdraw_RevertWhen_ToNobodyOrToItself() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = credited(moody);
        refuse(abi.encodeWithSelector(IAgreementEvents.NotARecipient.selector, address(0)));
        withdraw(d, performer, address(moody), address(0));
        refuse(abi.encodeWithSelector(IAgreementEvents.NotARecipient.selector, d.account));
        withdraw(d, performer, address(moody), address(d.account));
        assertEq(d.account.credit(performer, address(moody)), AMOUNT, "the credit stays");
    }
}
