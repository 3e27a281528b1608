// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Party, Payment, Phase, Status} from "../../src/interfaces/Types.sol";
import {Deal} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {Dice} from "./Dice.sol";
import {Joining} from "./Joining.sol";
import {Move} from "./Player.sol";

/// @dev Money into a phase, and out of it.
abstract contract Paying is Joining {
    using Dice for uint256;

    function tryFund(Deal memory d, uint256 seed) internal returns (bool) {
        Payment[] memory payments = d.phases[ghost.phase].payments;
        uint256 time = vm.getBlockTimestamp();
        uint256 set = isWild(seed) ? seed.below(1, 2 << payments.length) : fundable(d, time);
        if (!isWild(seed) && set == 0) return false;
        if (!isWild(seed)) set = seed.some(1, set);
        Move memory m = moveOn(d, "fund");
        m.idempotent = true;
        m.may = mayFund(d, set, time);
        m.caller = seed.once(2, 3) ? anyone : people[seed.below(3, PARTIES)];
        uint256 surplus = seed.once(4, 4) ? seed.below(5, 1_000) : 0;
        m.value = coinOf(payments, set & ~ghost.funded) + surplus;
        m.data = funding(d, uint32(set));
        if (make(m)) funds(d, set & ~ghost.funded, m.caller, surplus);
        conclude(d, m, seed);
        return true;
    }

    function fundable(Deal memory d, uint256 time) internal view returns (uint256 set) {
        for (uint256 p; p < d.phases[ghost.phase].payments.length; ++p) {
            if (!ghost.funded.has(p) && mayFund(d, 1 << p, time)) set |= 1 << p;
        }
    }

    function coinOf(Payment[] memory payments, uint256 set) private pure returns (uint256 sum) {
        for (uint256 p; p < payments.length; ++p) {
            if (set.has(p) && payments[p].asset == NATIVE) sum += payments[p].amount;
        }
    }

    function funds(Deal memory d, uint256 missing_, address from, uint256 surplus) private {
        for (uint256 p; missing_ >> p != 0; ++p) {
            Payment memory payment = d.phases[ghost.phase].payments[p];
            if (missing_.has(p)) comesIn(from, payment.asset, payment.amount);
        }
        comesIn(from, NATIVE, surplus);
        goesOut(from, NATIVE, surplus);
        ghost.funded |= missing_;
    }

    function tryTopUp(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 short = shortOf(d);
        bool wild = isWild(seed);
        if (short == 0 && !wild) return false;
        uint8 i = wild ? uint8(seed.below(1, d.terms.parties.length)) : seed.oneOf(1, short);
        Move memory m = moveOn(d, "topUp");
        m.idempotent = true;
        m.may = isRunning(d, vm.getBlockTimestamp());
        if (!m.may && !wild) return false;
        Party memory party = d.terms.parties[i];
        m.caller = seed.once(2, 2) ? anyone : party.account;
        uint256 owing = short.has(i) ? levelOf(d, i) - ghost.bonds[i] : 0;
        uint256 surplus = seed.once(4, 4) ? seed.below(5, 1_000) : 0;
        m.value = (party.asset == NATIVE ? owing : 0) + surplus;
        m.data = toppingUp(d, i);
        if (make(m)) {
            comesIn(m.caller, NATIVE, surplus);
            goesOut(m.caller, NATIVE, surplus);
            comesIn(m.caller, party.asset, owing);
            ghost.bonds[i] += owing;
        }
        conclude(d, m, seed);
        return true;
    }

    function tryRelease(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 time = vm.getBlockTimestamp();
        uint256 ready = ripe(d, time);
        bool wild = isWild(seed);
        if (ready == 0 && !wild) return false;
        uint256 count = d.phases[ghost.phase].payments.length;
        uint256 set = wild ? seed.below(1, 2 << count) : seed.some(1, ready);
        uint256 unpaid = set & ~ghost.paid;
        Move memory m = moveOn(d, "release");
        m.idempotent = true;
        m.may = ghost.status == Status.InForce && unpaid & ~ready == 0;
        (m.caller, m.data) = (anyone, releasing(d, uint32(set)));
        uint256 cut = ghost.status == Status.InForce ? cutOffAt(d, time) : NEVER;
        if (make(m)) releasePayments(d, unpaid, time, cut);
        conclude(d, m, seed);
        return true;
    }

    function trySettle(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 time = vm.getBlockTimestamp();
        Move memory m = moveOn(d, "settle");
        m.may = maySettle(d, time);
        if (!m.may && !isWild(seed)) return false;
        uint256 cut = m.may ? cutOffAt(d, time) : NEVER;
        bool goesOn = cut == NEVER && ghost.phase + 1 < d.phases.length && time <= d.terms.longStop;
        bool lost = goesOn && ghost.phase + 1 >= lostFrom;
        if (lost && !isWild(seed)) return false;
        if (lost) m.may = false;
        m.caller = anyone;
        m.data = lost ? settling(d, new Phase[](0), 0) : settling(d);
        if (make(m)) settles(d, time, cut, goesOn);
        conclude(d, m, seed);
        return true;
    }

    function settles(Deal memory d, uint256 time, uint256 cut, bool goesOn) private {
        phaseCloses(d, time, cut);
        uint256 next = ghost.phase + 1;
        if (cut != NEVER) ends(d, Status.Terminated);
        else if (next == d.phases.length) ends(d, Status.Completed);
        else if (!goesOn) ends(d, Status.Unwound);
        else if (d.phases[next].obligations[0].panel >= d.terms.panels.length) ends(d, Status.Terminated);
        else phaseOpens(d, next, time);
    }

    function tryUnwind(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 time = vm.getBlockTimestamp();
        Move memory m = moveOn(d, "unwind");
        m.may = ghost.status == Status.InForce && time > lastMoment(d);
        if (!m.may && !isWild(seed)) return false;
        (m.caller, m.data) = (anyone, unwinding(d));
        uint256 cut = m.may ? cutOffAt(d, time) : NEVER;
        if (make(m)) {
            phaseCloses(d, time, cut);
            ends(d, Status.Unwound);
        }
        conclude(d, m, seed);
        return true;
    }
}
