// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Status, Verdict} from "../src/interfaces/Types.sol";
import {BREACHED, Building, Deal, LAPSED, MET, all} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

/// @dev Every order of the same calls in the same second leaves everybody with the same. Calls that are refused in some
/// orders, or in all, are part of it.
contract OrderTest is RecourseTest {
    using Building for Deal;

    struct Move {
        address caller;
        address target;
        uint256 value;
        bytes data;
    }

    Move[] private _moves;

    function by(address caller, Deal memory d, bytes memory data) private {
        _moves.push(Move(caller, address(d.account), 0, data));
    }

    function ruled(uint256 disputeId, uint256 answer) private {
        _moves.push(Move(anyone, address(court), 0, ruling(disputeId, answer)));
    }

    function contesting(address caller, Deal memory d, uint8 obligation) private {
        vm.deal(caller, 1 ether);
        _moves.push(Move(caller, address(d.account), court.fee(), challenging(d, obligation)));
    }

    function saying(Deal memory d, uint8 obligation, Verdict verdict, uint32 pay) private view returns (bytes memory) {
        return attesting(d, obligation, verdict, 0, voices(d, obligation, verdict, 0, 1), pay);
    }

    /// @dev Anyone settles and releases as well.
    function meddle(Deal memory d) private {
        by(anyone, d, settling(d));
        by(anyone, d, releasing(d, setOf(current(d).payments.length)));
    }

    /// @dev Makes the moves in every order, then settles as soon as that is possible, or unwinds.
    function assertSameInEveryOrder(Deal memory d) private {
        uint256 orders = 1;
        for (uint256 i = 2; i <= _moves.length; ++i) {
            orders *= i;
        }
        bytes[] memory closing = list(settling(d), voiding(d), unwinding(d));
        uint256 id = vm.snapshotState();
        bytes32 first;
        uint256 done;
        for (uint256 order; order < orders; ++order) {
            done |= play(order);
            finish(d, closing);
            if (order == 0) first = wealth(d);
            assertEq(wealth(d), first, vm.toString(order));
            vm.revertToState(id);
        }
        assertTrue(done != 0, "some of it was done");
    }

    /// @dev One order by its number. Returns the set of moves that were not refused.
    function play(uint256 order) private returns (uint256 done) {
        uint256 count = _moves.length;
        uint256 left = (1 << count) - 1;
        for (uint256 remaining = count; remaining != 0; --remaining) {
            uint256 index = at(left, order % remaining);
            order /= remaining;
            left &= ~(1 << index);
            Move memory move = _moves[index];
            vm.prank(move.caller);
            (bool success,) = move.target.call{value: move.value}(move.data);
            if (success) done |= 1 << index;
        }
    }

    /// @dev The index of the `rank`-th bit of a set.
    function at(uint256 set, uint256 rank) private pure returns (uint256 index) {
        for (;; ++index) {
            if ((set >> index) & 1 == 0) continue;
            if (rank == 0) return index;
            --rank;
        }
    }

    /// @dev Nothing more is done but what anyone can do, at once and whenever a window may have run out.
    function finish(Deal memory d, bytes[] memory closing) private {
        uint32[6] memory pauses = [1, CHALLENGE_WINDOW, RULING_WINDOW, CHALLENGE_WINDOW, 40 days, 40 days];
        for (uint256 i; i < pauses.length; ++i) {
            when(vm.getBlockTimestamp() + pauses[i]);
            attempt(d, closing[0]);
            attempt(d, closing[1]);
        }
        if (vm.getBlockTimestamp() <= end(d)) when(end(d) + 1);
        attempt(d, closing[1]);
        attempt(d, closing[2]);
        assertEq(held(d), 0, "nothing stays");
    }

    function attempt(Deal memory d, bytes memory data) private returns (bool success) {
        vm.prank(anyone);
        (success,) = address(d.account).call(data);
    }

    function wealth(Deal memory d) private view returns (bytes32) {
        address[6] memory who = [payer, performer, latecomer, charity, community, address(court)];
        uint256[2][6] memory has;
        for (uint256 i; i < who.length; ++i) {
            has[i] = [token.balanceOf(who[i]), who[i].balance];
        }
        return keccak256(abi.encode(has, d.account.state().status, d.account.state().phase, d.account.state().verdicts));
    }

    // Joining

    function test_order_AsJoiningEnds() public {
        for (uint256 late; late < 2; ++late) {
            Deal memory d = coalition(1);
            d.terms.document = bytes32(late);
            when(START);
            open(d);
            accept(d, PAYER);
            provide(performer, address(token), BOND, d);
            provide(latecomer, address(token), BOND, d);
            when(d.terms.joinBy + late);
            delete _moves;
            by(performer, d, accepting(d, PERFORMER, ""));
            by(anyone, d, entering(d));
            by(anyone, d, voiding(d));
            by(anyone, d, settling(d));
            if (late == 0) assertSameInEveryOrder(d);
            else assertSameWhenTooLate(d);
        }
    }

    /// @dev One has joined, two are needed: nobody can enter any more, and void is all that is left.
    function assertSameWhenTooLate(Deal memory d) private {
        assertSameInEveryOrder(d);
        play(0);
        assertStatus(d, Status.Void);
    }

    function test_order_AsACoalitionEnters() public {
        Deal memory d = open(coalition(1));
        accept(d, PAYER);
        accept(d, PERFORMER);
        provide(latecomer, address(token), BOND, d);
        provide(payer, address(token), AMOUNT, d);
        when(d.terms.joinBy + 1);
        by(anyone, d, entering(d));
        by(anyone, d, voiding(d));
        by(latecomer, d, accepting(d, LATECOMER, ""));
        by(anyone, d, unwinding(d));
        assertSameInEveryOrder(d);
    }

    // Deadlines

    /// @dev Three promises in play, and payments on each.
    function busy(Deal memory d) private view returns (Deal memory) {
        d.obligation(PAYER, Verdict.Met, false, 2_500);
        d.payment(PERFORMER, address(token), 70, all(charity), BREACHED);
        d.obligation(PERFORMER, Verdict.Breached, true, 3_000);
        d.payment(PAYER, address(token), 90, all(charity), LAPSED | MET);
        return d;
    }

    function test_order_InTheSecondOfADeadline() public {
        Deal memory d = funded(busy(usual()));
        when(deadline(d, 0));
        by(anyone, d, saying(d, 0, Verdict.Met, 0));
        by(performer, d, conceding(d, 2));
        by(anyone, d, saying(d, 1, Verdict.Breached, 0));
        meddle(d);
        assertSameInEveryOrder(d);
    }

    function test_order_InTheSecondAfterADeadline() public {
        Deal memory d = funded(busy(usual()));
        when(deadline(d, 0) + 1);
        by(anyone, d, releasing(d, 1));
        by(anyone, d, releasing(d, 6));
        by(performer, d, conceding(d, 2));
        meddle(d);
        assertSameInEveryOrder(d);
    }

    function test_order_AsAPaymentIsDue() public {
        Deal memory d = inForce(busy(usual()));
        provide(payer, address(token), 1 ether, d);
        when(START + 7 days);
        by(payer, d, funding(d, 1));
        by(payer, d, funding(d, 6));
        by(anyone, d, saying(d, 2, Verdict.Breached, 0));
        by(anyone, d, saying(d, 0, Verdict.Breached, 0));
        by(anyone, d, settling(d));
        assertSameInEveryOrder(d);
    }

    function test_order_AsABondIsDue() public {
        Deal memory d = busy(usual());
        d.levels(BOND, BOND + 500);
        funded(d);
        attest(d, 0, Verdict.Met);
        provide(performer, address(token), 500, d);
        when(START + 7 days);
        by(performer, d, toppingUp(d, PERFORMER));
        by(anyone, d, saying(d, 1, Verdict.Breached, 0));
        by(anyone, d, saying(d, 2, Verdict.Met, 0));
        by(anyone, d, settling(d));
        by(anyone, d, releasing(d, 1));
        assertSameInEveryOrder(d);
    }

    // Courts

    function test_order_InTheLastSecondsOfWindows() public {
        Deal memory d = busy(contestable());
        funded(d);
        uint256 silent = deadline(d, 0);
        when(silent - RULING_WINDOW);
        attest(d, 2, Verdict.Met);
        challenge(d, payer, 2);
        when(silent - CHALLENGE_WINDOW);
        attest(d, 1, Verdict.Breached);
        when(silent);
        contesting(payer, d, 1);
        ruled(1, 2);
        by(anyone, d, saying(d, 0, Verdict.Met, 0));
        by(anyone, d, settling(d));
        by(anyone, d, releasing(d, 7));
        assertSameInEveryOrder(d);
    }

    /// @dev A payment is due, and the court says in that second that it need not be paid.
    function test_order_AsTheCourtSpeaksWhenAPaymentIsDue() public {
        Deal memory d = inForce(contestable());
        provide(payer, address(token), AMOUNT, d);
        attest(d, 0, Verdict.Met);
        challenge(d, payer, 0);
        when(START + 7 days);
        ruled(1, 3);
        by(payer, d, funding(d, 1));
        meddle(d);
        assertSameInEveryOrder(d);
        delete _moves;
        ruled(1, 3);
        meddle(d);
        assertSameInEveryOrder(d);
    }

    // Joining an agreement in force

    function test_order_AsABreachIsConcededAndSomebodyJoins() public {
        Deal memory d = entered(coalition(2));
        fund(d, 1);
        provide(latecomer, address(token), BOND, d);
        by(latecomer, d, accepting(d, LATECOMER, ""));
        by(performer, d, conceding(d, 0));
        meddle(d);
        assertSameInEveryOrder(d);
    }

    // The long stop

    function test_order_AtTheLongStop() public {
        Deal memory d = busy(usual());
        d.phases[0].obligations[0].within = 717 days;
        d.phases[0].obligations[2].within = 717 days + 1;
        funded(d);
        when(d.terms.longStop);
        by(anyone, d, saying(d, 0, Verdict.Met, 0));
        by(performer, d, conceding(d, 2));
        by(anyone, d, unwinding(d));
        meddle(d);
        assertSameInEveryOrder(d);
    }

    function test_order_AtTheEnd() public {
        Deal memory d = busy(contestable());
        d.phases[0].obligations[0].within = 717 days;
        d.phases[0].obligations[2].within = 717 days + 1;
        funded(d);
        concede(d, payer, 1);
        when(d.terms.longStop);
        attest(d, 0, Verdict.Met);
        when(d.terms.longStop + CHALLENGE_WINDOW);
        challenge(d, payer, 0);
        for (uint256 late; late < 2; ++late) {
            when(end(d) + late);
            delete _moves;
            ruled(1, 2);
            by(anyone, d, releasing(d, 2));
            by(anyone, d, unwinding(d));
            meddle(d);
            assertSameInEveryOrder(d);
        }
    }
}
