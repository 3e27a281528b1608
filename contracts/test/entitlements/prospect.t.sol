// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Condition} from "../../src/entitlements/IEntitlements.sol";
import {Obligation, Payment, Status, Tier, Verdict} from "../../src/interfaces/Types.sol";
import {Building, Deal, OUTSIDE, all} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {EntitledTest} from "./EntitledTest.sol";

contract ProspectTest is EntitledTest {
    using Building for Deal;

    /// @dev Moves that the account has taken.
    uint256 private done_;

    /// @dev Any promise, any court, any moves at any time: an entitlement that asks for nothing but an agreement in force
    /// ends exactly when the account refuses to go on, and when it said that it would.
    function testFuzz_holds_AsLongAsTheAccountGoesOn(uint256 seed) public {
        Deal memory d = drawn(seed);
        inForce(d);
        uint256 time = START;
        for (uint256 i; i < 4; ++i) {
            time += draw(seed, i, 20 days);
            when(time);
            move(d, draw(seed, 100 + i, 9));
            Condition[] memory list = own();
            (list[0].own, list[0].phase) = (false, d.account.state().phase);
            uint256 last = until(d, performer, list);
            assertTrue((last != 0) == goesOn(d), "as the account says");
            if (last == 0) continue;
            when(last);
            assertTrue(goesOn(d) && holds(d, performer, list), "to the last second");
            when(last + 1);
            assertTrue(!goesOn(d) && !holds(d, performer, list), "not a second longer");
            when(time);
        }
    }

    function drawn(uint256 seed) private view returns (Deal memory d) {
        d = between(address(token));
        for (uint256 i; i < 2; ++i) {
            d.phase();
            d.levels(BOND, uint128(BOND + BOND * draw(seed, 50 + i, 2)));
            for (uint256 j; j < 3; ++j) {
                uint256 any = draw(seed, 10 * i + j, type(uint256).max);
                uint8 obligor = any % 3 == 2 ? OUTSIDE : uint8(any % 3);
                uint32 within = uint32(((any >> 8) % 60) * 1 days);
                d.obligation(
                    Obligation(obligor, 0, uint8(1 + (any >> 16) % 3), (any >> 24) % 2 == 0, within, 3 days, 0)
                );
                if ((any >> 32) % 2 == 0) continue;
                uint32 due = uint32(((any >> 40) % 30) * 1 days);
                if (due > within + 3 days) due = within;
                uint8 on = uint8(2 << ((any >> 48) % 3));
                d.payment(Payment(PAYER, uint8(j), on, address(token), AMOUNT, due, all(performer), new Tier[](0)));
            }
        }
        d.terms.longStop = uint40(START + 20 days + draw(seed, 60, 60 days));
        if (draw(seed, 61, 2) == 0) d = under(address(court), d);
    }

    /// @dev What the account refuses now stays undone.
    function move(Deal memory d, uint256 which) private {
        bytes memory data;
        uint8 obligation = uint8(which % 3);
        if (d.account.state().status != Status.InForce) return;
        if (which < 3) {
            Verdict verdict = current(d).obligations[obligation].presumption == uint8(Verdict.Met)
                ? Verdict.Breached
                : Verdict(1 + vm.getBlockTimestamp() % 3);
            data = attesting(d, obligation, verdict, 0, voices(d, obligation, verdict, 0, 1), 0);
        } else if (which < 5) {
            uint32 payments = setOf(current(d).payments.length);
            provideFor(d, payments);
            data = funding(d, payments);
        } else if (which == 5) {
            data = challenging(d, obligation);
        } else if (which == 6) {
            data = toppingUp(d, PERFORMER);
        } else if (which == 7) {
            (bool ruled,) = address(court).call(ruling(court.disputes(), 1 + vm.getBlockTimestamp() % 3));
            if (ruled) return;
            data = conceding(d, obligation);
        } else {
            data = settling(d);
        }
        attempt(d, data, which == 5 ? court.fee() : 0);
    }

    function attempt(Deal memory d, bytes memory data, uint256 value) private {
        provide(payer, address(token), WEALTH, d);
        provide(payer, NATIVE, value, d);
        vm.prank(payer);
        (bool done,) = address(d.account).call{value: value}(data);
        if (done) ++done_;
    }

    /// @dev Funding nothing changes nothing, and is refused where the account goes no further. Past the long stop it can still be
    /// called while verdicts are contested.
    function goesOn(Deal memory d) private returns (bool done) {
        if (vm.getBlockTimestamp() > d.terms.longStop || vm.getBlockTimestamp() < openedAt(d)) return false;
        (done,) = address(d.account).call(funding(d, 0));
    }

    function draw(uint256 seed, uint256 what, uint256 below) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, what))) % below;
    }
}
