// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreement} from "../../src/interfaces/IAgreement.sol";
import {Status} from "../../src/interfaces/Types.sol";
import {Recipient} from "../actors/Recipient.sol";
import {Deal} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {MoodyToken} from "../tokens/MoodyToken.sol";
import {Dice} from "./Dice.sol";
import {Inspection} from "./Inspection.sol";

/// @dev One call on the agreement, and whether by the rules it may succeed.
struct Move {
    string what;
    bool may;
    address caller;
    address target;
    uint256 value;
    bytes data;
    bool done;
    /// @dev Made once more it moves nothing and fails nobody; whatever else is repeated is refused.
    bool idempotent;
}

/// @dev Makes moves, each of which must be refused exactly when the rules say so, and opens one deal after another. Most
/// moves are drawn among those that can be made; one in thirty-two is drawn among all.
abstract contract Player is Inspection {
    using Dice for uint256;

    error RefusedAsItShould(string what);

    /// @dev Recipients that burn all gas are about: more than any call needs, and soon burnt.
    uint256 private constant ALLOWANCE = 3_000_000;
    /// @dev From this phase on nobody knows what the phases were.
    uint256 internal lostFrom;
    bool internal begun;

    function isWild(uint256 seed) internal pure returns (bool) {
        return seed.once(uint256(keccak256("wild")), 32);
    }

    function begin(uint256 seed) internal {
        begun = true;
        Deal memory d = anyDeal(seed);
        addressed(d);
        act(anyone, address(factory), 0, opening(d, 1));
        for (uint256 i; i < people.length; ++i) {
            for (uint256 a = 1; a < ASSETS; ++a) {
                vm.prank(people[i]);
                IApproving(assets[a]).approve(address(d.account), type(uint256).max);
            }
        }
        drawMoods(seed);
        lostFrom = seed.once(77, 8) ? 1 + seed.below(78, 2) : NEVER;
        openBooks();
        newFinals();
        keep(d);
        inspect(d);
    }

    /// @dev How people take money is drawn anew with each deal; most of them take it.
    function drawMoods(uint256 seed) private {
        for (uint256 i; i < 7; ++i) {
            uint256 each = seed.draw(300 + i);
            changeMood(people[i], each.once(1, 4) ? each : 0);
        }
    }

    /// @dev Zero: it takes whatever comes. The court and strangers always do as they do.
    function changeMood(address account, uint256 seed) internal {
        moody.setMood(account, MoodyToken.Mood(seed == 0 ? 0 : seed.below(3, 6)));
        if (account.code.length != 0 && account != address(court)) {
            Recipient(payable(account)).behave(Recipient.Manner(seed == 0 ? 0 : seed.below(4, 5)));
        }
    }

    function hasEnded() internal view returns (bool) {
        return ghost.status != Status.Open && ghost.status != Status.InForce;
    }

    function moveOn(Deal memory d, string memory what) internal pure returns (Move memory m) {
        m.what = what;
        m.target = address(d.account);
    }

    function make(Move memory m) internal returns (bool done) {
        vm.prank(m.caller);
        (done,) = m.target.call{value: m.value, gas: ALLOWANCE}(m.data);
        m.done = done;
        if (done != m.may) complain(string.concat(m.what, done ? ": allowed" : ": refused"));
    }

    /// @dev The account is as the books say, and so it is when the same call is made once more: it is refused, or does nothing. What was refused as it should be has
    /// changed nothing; forge counts it as reverted.
    function conclude(Deal memory d, Move memory m, uint256 seed) internal {
        if (!m.done && bytes(trouble).length == 0) revert RefusedAsItShould(m.what);
        inspect(d);
        if (!seed.once(uint256(keccak256("again")), 4)) return;
        vm.prank(m.caller);
        (bool done,) = m.target.call{value: m.value, gas: ALLOWANCE}(m.data);
        if (!done) return;
        if (!m.idempotent) complain(string.concat(m.what, ": done twice"));
        comesIn(m.caller, NATIVE, m.value);
        goesOut(m.caller, NATIVE, m.value);
        inspect(d);
    }
}

interface IApproving {
    function approve(address spender, uint256 amount) external returns (bool);
}
