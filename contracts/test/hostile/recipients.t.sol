// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {Cause, Share, Split, Status, Verdict} from "../../src/interfaces/Types.sol";
import {Recipient} from "../actors/Recipient.sol";
import {BREACHED, Building, Deal, MET, all, split} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {HostileTest} from "./HostileTest.sol";

/// @dev Whoever makes trouble when it is paid in coin makes it for itself: it is credited to the unit, by whatever call and for
/// whatever cause; everybody else is paid; and it has its money once it takes it, or has it sent elsewhere.
abstract contract RecipientMatrix is HostileTest {
    using Building for Deal;

    Recipient private rogue;

    function manner() internal pure virtual returns (Recipient.Manner);

    function setUp() public override {
        super.setUp();
        rogue = new Recipient();
        vm.deal(address(rogue), WEALTH);
    }

    /// @dev The rogue is a party with a bond, payer, payee, and heir of what the others forfeit, half and half with charity.
    function rogueDeal(uint256 phases) private view returns (Deal memory d) {
        d = blank();
        d.party(address(rogue), NATIVE, BOND, all(charity));
        d.party(performer, NATIVE, BOND, split(address(rogue), 5_000, charity));
        d.judge(verifier);
        for (uint256 i; i < phases; ++i) {
            d.phase();
            d.obligation(PERFORMER, Verdict.Breached, false, 6_000);
            d.payment(PAYER, NATIVE, AMOUNT, split(charity, 5_000, address(rogue)), MET);
        }
    }

    function started(Deal memory d) private returns (Deal memory) {
        open(d);
        accept(d, PERFORMER);
        acceptFrom(address(rogue), d, PAYER, "");
        return d;
    }

    function ready(Verdict verdict) private returns (Deal memory d) {
        d = started(rogueDeal(1));
        act(address(rogue), d, AMOUNT, funding(d, 1));
        attest(d, 0, verdict);
        turn();
    }

    /// @dev From now on it makes trouble, and what everybody gets is counted.
    function turn() private {
        rogue.behave(manner());
        mark(NATIVE, performer);
        mark(NATIVE, charity);
        mark(NATIVE, address(rogue));
    }

    /// @dev Nothing came to the rogue, and so much is credited: some of it delivered later, all of it, when it takes it.
    function assertCredited(Deal memory d, uint256 amount) private {
        assertGot(NATIVE, address(rogue), 0, "the rogue");
        assertEq(d.account.credit(address(rogue), NATIVE), amount, "credit");
        assertTrue(!attempt(anyone, d, 0, delivering(address(rogue), NATIVE)), "it still makes trouble");
        assertEq(d.account.credit(address(rogue), NATIVE), amount, "the credit stays");
        uint256 id = vm.snapshotState();
        withdraw(d, address(rogue), NATIVE, community);
        assertEq(community.balance, amount, "withdrawn to another address");
        vm.revertToState(id);
        rogue.behave(Recipient.Manner.Takes);
        deliver(d, address(rogue), NATIVE);
        assertGot(NATIVE, address(rogue), amount, "delivered");
    }

    function test_release_Payment() public {
        Deal memory d = ready(Verdict.Met);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(charity, NATIVE, AMOUNT / 2, Cause.Payment, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(address(rogue), NATIVE, AMOUNT / 2, Cause.Payment, 0, true);
        release(d, 1);
        assertGot(NATIVE, charity, AMOUNT / 2, "charity");
        assertCredited(d, AMOUNT / 2);
    }

    function test_release_Return() public {
        Deal memory d = ready(Verdict.Breached);
        release(d, 1);
        assertCredited(d, AMOUNT);
    }

    function test_attest_Payment() public {
        Deal memory d = started(rogueDeal(1));
        act(address(rogue), d, AMOUNT, funding(d, 1));
        turn();
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1);
        assertGot(NATIVE, charity, AMOUNT / 2, "charity");
        assertCredited(d, AMOUNT / 2);
    }

    function test_settle_ReturnForfeitureAndBond() public {
        Deal memory d = ready(Verdict.Breached);
        settle(d);
        assertStatus(d, Status.Completed);
        assertGot(NATIVE, charity, BOND * 3 / 10, "charity");
        assertGot(NATIVE, performer, BOND * 4 / 10, "performer");
        assertCredited(d, AMOUNT + BOND * 3 / 10 + BOND);
        assertEq(address(d.account).balance, 0, "nothing is left");
    }

    function test_settle_SurplusOfTheNextPhase() public {
        Deal memory d = rogueDeal(2);
        d.levels(BOND / 4, BOND);
        started(d);
        act(address(rogue), d, AMOUNT, funding(d, 1));
        attest(d, 0, Verdict.Met);
        turn();
        settle(d);
        assertEq(d.account.state().phase, 1, "it goes on");
        assertCredited(d, AMOUNT / 2 + BOND * 3 / 4);
    }

    function test_unwind() public {
        Deal memory d = ready(Verdict.Breached);
        when(d.terms.longStop + 1);
        unwind(d);
        assertGot(NATIVE, performer, BOND * 4 / 10, "performer");
        assertCredited(d, AMOUNT + BOND * 3 / 10 + BOND);
    }

    function test_void() public {
        Deal memory d = rogueDeal(1);
        d.party(payer, NATIVE, BOND, all(charity));
        started(d);
        turn();
        when(d.terms.joinBy + 1);
        void(d);
        assertGot(NATIVE, performer, BOND, "performer");
        assertCredited(d, BOND);
    }

    function test_enter_Surplus() public {
        Deal memory d = rogueDeal(1);
        d.party(payer, NATIVE, BOND, all(charity));
        d.terms.minParties = 2;
        d.phases[0].bonds = new uint128[](3);
        started(d);
        turn();
        when(d.terms.joinBy + 1);
        enterForce(d);
        assertGot(NATIVE, performer, BOND, "performer");
        assertCredited(d, BOND);
    }

    function test_fund_Surplus() public {
        Deal memory d = started(rogueDeal(1));
        turn();
        act(address(rogue), d, AMOUNT + 7, funding(d, 1));
        mark(NATIVE, address(rogue));
        assertCredited(d, 7);
    }

    function test_challenge_Surplus() public {
        Deal memory d = started(under(address(court), rogueDeal(1)));
        attest(d, 0, Verdict.Met);
        turn();
        act(address(rogue), d, court.fee() + 7, challenging(d, 0));
        mark(NATIVE, address(rogue));
        assertCredited(d, 7);
    }

    function test_dissolve_Split() public {
        Deal memory d = ready(Verdict.Met);
        Split[] memory splits = splitOf(NATIVE, split(address(rogue), 1_000, performer));
        uint40 expiry = uint40(vm.getBlockTimestamp());
        bytes[] memory signed = new bytes[](2);
        bytes32 said = hashing.hashDissolution(0, splits, expiry);
        signed[1] = sign(performer, hashing.digest(block.chainid, address(d.account), said));
        dissolveFrom(address(rogue), d, splits, expiry, signed);
        uint256 whole = 2 * BOND + AMOUNT;
        assertGot(NATIVE, performer, whole * 9 / 10, "performer");
        assertCredited(d, whole / 10);
    }
}

contract RevertingRecipientTest is RecipientMatrix {
    function manner() internal pure override returns (Recipient.Manner) {
        return Recipient.Manner.Reverts;
    }
}

contract GasBurningRecipientTest is RecipientMatrix {
    function manner() internal pure override returns (Recipient.Manner) {
        return Recipient.Manner.BurnsGas;
    }
}

contract BombingRecipientTest is RecipientMatrix {
    function manner() internal pure override returns (Recipient.Manner) {
        return Recipient.Manner.ReturnsBomb;
    }
}
