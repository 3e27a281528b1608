// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Obligation, Share, Verdict} from "../src/interfaces/Types.sol";
import {Recipient} from "./actors/Recipient.sol";
import {BREACHED, Building, Deal, LAPSED, MET, OUTSIDE, all, split} from "./base/Deal.sol";
import {OnPhaseTest} from "./base/OnPhaseTest.sol";
import {vm} from "./base/Vm.sol";
import {MoodyToken} from "./tokens/MoodyToken.sol";

contract ReleaseTest is OnPhaseTest {
    using Building for Deal;

    function enter(Deal memory d) internal override {
        release(d, 1);
    }

    function test_release_PaysThePayees() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Met);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(performer, address(token), AMOUNT, Cause.Payment, 0, false);
        release(d, 1);
        assertBalance(performer, AMOUNT, "paid");
        assertEq(d.account.state().paid, 1, "noted");
    }

    function test_release_ReturnsToThePayer() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Lapsed);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, address(token), AMOUNT, Cause.Return, 0, false);
        release(d, 1);
        assertBalance(payer, AMOUNT, "returned");
    }

    function test_release_ByEachVerdictIntoEachSet() public {
        for (uint8 given = 1; given <= 3; ++given) {
            for (uint8 on = 2; on <= 14; on += 2) {
                Deal memory d = usual();
                d.terms.document = keccak256(abi.encode(given, on));
                d.phases[0].payments[0].on = on;
                d.phases[0].obligations[0].material = false;
                funded(d);
                attest(d, 0, Verdict(given));
                uint256 before = token.balanceOf(performer);
                release(d, 1);
                bool released = (on >> given) & 1 == 1;
                assertBalance(performer, before + (released ? AMOUNT : 0), "paid if the verdict is in the set");
            }
        }
    }

    function test_release_InPieces() public {
        Deal memory d = usual();
        d.payment(PAYER, address(token), 7, all(charity), MET);
        d.payment(PAYER, NATIVE, 9, all(charity), MET | LAPSED);
        funded(d);
        attest(d, 0, Verdict.Met);
        release(d, 4);
        assertEq(charity.balance, 9, "coin");
        assertEq(d.account.state().paid, 4, "noted");
        release(d, 3);
        assertBalance(charity, 7, "token");
        assertEq(d.account.state().paid, 7, "noted");
    }

    /// @dev The amount is small, so that paying it again would succeed, out of the bonds.
    function test_release_WhatIsPaidAlreadyIsPassedOver() public {
        Deal memory d = usual();
        d.phases[0].payments[0].amount = 100;
        d.payment(PAYER, address(token), 7, all(charity), MET);
        funded(d);
        attest(d, 0, Verdict.Met);
        release(d, 1);
        release(d, 3);
        assertBalance(performer, 100, "once");
        assertBalance(charity, 7, "the other");
        assertEq(held(d), 2 * BOND, "held");
    }

    // Silence

    function test_release_AfterSilenceByThePresumption() public {
        for (uint8 presumed = 1; presumed <= 3; ++presumed) {
            when(START);
            Deal memory d = usual();
            d.terms.document = bytes32(uint256(presumed));
            d.phases[0].obligations[0].presumption = presumed;
            d.phases[0].obligations[0].material = false;
            d.phases[0].payments[0].payees = all(charity);
            funded(d);
            uint256 before = token.balanceOf(charity);
            when(START + 33 days);
            refuse(IAgreementEvents.NotDecided.selector, 0);
            release(d, 1);
            when(START + 33 days + 1);
            release(d, 1);
            bool released = Verdict(presumed) == Verdict.Met;
            assertBalance(charity, before + (released ? AMOUNT : 0), "paid");
        }
    }

    function test_release_AfterAMaterialBreachBySilence() public {
        Deal memory d = usual();
        d.phases[0].payments[0].on = BREACHED;
        funded(d);
        when(START + 33 days + 1);
        release(d, 1);
        assertBalance(performer, AMOUNT, "paid on the breach");
    }

    function test_release_AfterACutOffWhatWasUndecidedLapses() public {
        Deal memory d = usual();
        d.obligation(OUTSIDE, Verdict.Met, false, 0);
        d.payment(PAYER, address(token), 11, all(charity), MET);
        d.payment(PAYER, address(token), 13, all(charity), LAPSED);
        funded(d);
        concede(d, performer, 0);
        refuse(IAgreementEvents.NotDecided.selector, 1);
        release(d, 6);
        when(START + 100 days);
        release(d, 6);
        assertBalance(charity, 13, "paid on lapse only");
        assertBalance(payer, 11, "returned");
    }

    // Past the long stop

    /// @dev Piece by piece, so that what is left to unwind is never more than fits into a transaction.
    function test_release_PastTheLongStopByWhatWasDecidedByThen() public {
        Deal memory d = usual();
        d.obligation(OUTSIDE, Verdict.Met, false, 0);
        d.payment(PAYER, address(token), 11, all(charity), MET);
        d.obligation(Obligation(OUTSIDE, 0, uint8(Verdict.Met), false, 800 days, 0, 0));
        d.payment(PAYER, address(token), 13, all(charity), MET);
        d.payment(PAYER, address(token), 17, all(charity), LAPSED);
        funded(d);
        attest(d, 0, Verdict.Met);
        when(d.terms.longStop);
        refuse(IAgreementEvents.NotDecided.selector, 2);
        release(d, 4);
        when(d.terms.longStop + 1);
        release(d, 1);
        assertBalance(performer, AMOUNT, "met by quorum");
        release(d, 2);
        assertBalance(charity, 11, "met by silence");
        release(d, 4);
        assertBalance(payer, 13, "lapsed, and returned");
        unwind(d);
        assertBalance(charity, 11 + 17, "lapsed, and paid");
        assertBalance(payer, BOND + 13, "payer");
        assertBalance(performer, BOND + AMOUNT, "performer");
        assertEq(held(d), 0, "held");
    }

    function test_release_RevertWhen_NotInEscrowPastTheLongStop() public {
        Deal memory d = inForce(usual());
        when(d.terms.longStop + 1);
        refuse(IAgreementEvents.NotFunded.selector, 0);
        release(d, 1);
    }

    // Shares

    function test_release_TheLastPayeeTakesTheRemainder() public {
        Deal memory d = usual();
        Share[] memory shares = new Share[](3);
        shares[0] = Share(performer, 3_333);
        shares[1] = Share(charity, 3_333);
        shares[2] = Share(anyone, 3_334);
        d.phases[0].payments[0].payees = shares;
        d.phases[0].payments[0].amount = 10;
        funded(d);
        attest(d, 0, Verdict.Met);
        release(d, 1);
        assertBalance(performer, 3, "first");
        assertBalance(charity, 3, "second");
        assertBalance(anyone, 4, "last");
    }

    function test_release_SharesOfNothingAreNotSent() public {
        Deal memory d = usual();
        d.phases[0].payments[0].payees = split(performer, 9_999, charity);
        d.phases[0].payments[0].amount = 1;
        funded(d);
        attest(d, 0, Verdict.Met);
        release(d, 1);
        assertBalance(performer, 0, "nothing");
        assertBalance(charity, 1, "the remainder");
    }

    function testFuzz_release_SharesSumToTheAmount(uint128 amount, uint16[8] memory weights, uint256 count) public {
        amount = amount == 0 ? 1 : amount;
        Share[] memory shares = sharesBy(weights, 1 + count % 8);
        Deal memory d = usual();
        d.phases[0].payments[0].payees = shares;
        d.phases[0].payments[0].amount = amount;
        funded(d);
        attest(d, 0, Verdict.Met);
        release(d, 1);
        uint256 sum;
        for (uint256 i; i < shares.length; ++i) {
            uint256 got = token.balanceOf(shares[i].to);
            sum += got;
            uint256 floor = uint256(amount) * shares[i].bps / 10_000;
            if (i + 1 < shares.length) assertEq(got, floor, "share");
            else assertTrue(got >= floor && got < floor + shares.length, "last share");
        }
        assertEq(sum, amount, "sum");
        assertEq(held(d), 2 * BOND, "held");
    }

    // Refusals

    function test_release_RevertWhen_Undecided() public {
        Deal memory d = funded(usual());
        refuse(IAgreementEvents.NotDecided.selector, 0);
        release(d, 1);
    }

    function test_release_RevertWhen_NotInEscrow() public {
        Deal memory d = inForce(usual());
        attest(d, 0, Verdict.Met);
        refuse(IAgreementEvents.NotFunded.selector, 0);
        release(d, 1);
    }

    function test_release_RevertWhen_NoSuchPayment() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Met);
        refuse(IAgreementEvents.UnknownPayment.selector, 1);
        release(d, 3);
    }

    // A recipient's trouble is its own

    function test_release_CoinThatIsRefusedIsCredited() public {
        for (uint8 manner = 1; manner <= 3; ++manner) {
            Recipient recipient = new Recipient();
            recipient.behave(Recipient.Manner(manner));
            Deal memory d = between(address(token));
            d.terms.document = bytes32(uint256(manner));
            d.phase();
            d.obligation(PERFORMER, Verdict.Breached, true, 6_000);
            d.payment(PAYER, NATIVE, AMOUNT, split(address(recipient), 4_000, charity), MET);
            funded(d);
            attest(d, 0, Verdict.Met);
            uint256 before = charity.balance;
            vm.expectEmit(address(d.account));
            emit IAgreementEvents.Paid(address(recipient), NATIVE, 20_000, Cause.Payment, 0, true);
            vm.expectEmit(address(d.account));
            emit IAgreementEvents.Paid(charity, NATIVE, 30_000, Cause.Payment, 0, false);
            release(d, 1);
            assertEq(d.account.credit(address(recipient), NATIVE), 20_000, "credited");
            assertEq(charity.balance, before + 30_000, "the other is paid");
        }
    }

    function test_release_TokensThatAreNotSentAreCredited() public {
        for (uint8 mood = 1; mood <= 5; ++mood) {
            MoodyToken moody = new MoodyToken();
            moody.setMood(performer, MoodyToken.Mood(mood));
            Deal memory d = between(address(moody));
            addPhase(d, address(moody));
            d.phases[0].payments[0].payees = split(performer, 4_000, charity);
            funded(d);
            attest(d, 0, Verdict.Met);
            release(d, 1);
            assertEq(d.account.credit(performer, address(moody)), 20_000, "credited");
            assertEq(moody.balanceOf(charity), 30_000, "the other is paid");
        }
    }

    function test_release_ATokenThatIsGoneCreditsEverybody() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = between(address(moody));
        addPhase(d, address(moody));
        funded(d);
        attest(d, 0, Verdict.Met);
        vm.etch(address(moody), "");
        release(d, 1);
        assertEq(d.account.credit(performer, address(moody)), AMOUNT, "credited");
    }

    function test_release_CreditsAddUp() public {
        Recipient recipient = new Recipient();
        recipient.behave(Recipient.Manner.Reverts);
        Deal memory d = between(address(token));
        d.phase();
        d.obligation(PERFORMER, Verdict.Breached, true, 6_000);
        d.payment(PAYER, NATIVE, 5, all(address(recipient)), MET);
        d.payment(PAYER, NATIVE, 6, all(address(recipient)), MET);
        funded(d);
        attest(d, 0, Verdict.Met);
        release(d, 1);
        release(d, 2);
        assertEq(d.account.credit(address(recipient), NATIVE), 11, "credited");
    }

    /// @dev A relayer cannot turn a payment into a credit by giving the push too little gas.
    function test_release_RevertWhen_TheCallerIsStingyWithGas() public {
        Deal memory d = between(address(token));
        d.phase();
        d.obligation(PERFORMER, Verdict.Breached, true, 6_000);
        d.payment(PAYER, NATIVE, AMOUNT, all(performer), MET);
        funded(d);
        attest(d, 0, Verdict.Met);
        bytes memory data = releasing(d, 1);
        bool refused;
        uint256 credited;
        for (uint256 gas_ = 20_000; gas_ < 300_000; gas_ += 5_000) {
            uint256 id = vm.snapshotState();
            (bool success, bytes memory answer) = address(d.account).call{gas: gas_}(data);
            if (success) {
                credited = d.account.credit(performer, NATIVE);
                break;
            }
            if (bytes4(answer) == IAgreementEvents.NotEnoughGas.selector) {
                refused = true;
                (uint256 needed, uint256 actual) = abi.decode(tail(answer), (uint256, uint256));
                assertEq(needed, 80_000, "needed");
                assertTrue(actual < needed, "actual");
            }
            vm.revertToState(id);
        }
        assertTrue(refused, "refused for want of gas");
        assertEq(credited, 0, "nothing credited");
        assertEq(performer.balance, AMOUNT, "paid");
    }

    // Shorthand

    function tail(bytes memory answer) private pure returns (bytes memory rest) {
        rest = new bytes(answer.length - 4);
        for (uint256 i; i < rest.length; ++i) {
            rest[i] = answer[i + 4];
        }
    }

    /// @dev `count` shares of at least one basis point, in about these proportions.
    function sharesBy(uint16[8] memory weights, uint256 count) private returns (Share[] memory shares) {
        address[] memory recipients = actors("recipient", count);
        shares = new Share[](count);
        uint256 left = 10_000;
        for (uint256 i; i < count; ++i) {
            uint256 others = count - i - 1;
            uint256 bps = others == 0 ? left : 1 + weights[i] % (left - others);
            shares[i] = Share(recipients[i], uint16(bps));
            left -= bps;
        }
    }
}
