// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Status} from "../../src/interfaces/Types.sol";
import {Deal} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {Aftermath} from "./Aftermath.sol";
import {Dice} from "./Dice.sol";

/// @dev Time passes: mostly to a moment at which something ends, or the second after, or to the end of a whole unit.
abstract contract Clock is Aftermath {
    using Dice for uint256;

    uint256[] private _moments;

    function passTime(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 time = vm.getBlockTimestamp();
        if (seed.once(1, 6)) {
            when(time + seed.below(2, 5 days));
        } else if (seed.once(6, 4) && time >= ghost.openedAt) {
            when(time + UNIT - (time - ghost.openedAt) % UNIT);
        } else if (seed.once(5, 10) && time <= lastMoment(d)) {
            when(lastMoment(d) + 1);
        } else {
            uint256 next = anyMoment(d, seed, time);
            if (next == 0) return false;
            when(next);
        }
        inspectTalk(d);
        return true;
    }

    /// @dev One of the moments ahead; the next of them more often than any.
    function anyMoment(Deal memory d, uint256 seed, uint256 time) private returns (uint256 next) {
        delete _moments;
        noteMoments(d, time);
        if (_moments.length == 0) return 0;
        next = _moments[seed.below(3, _moments.length)];
        if (seed.once(4, 12)) return next;
        for (uint256 i; i < _moments.length; ++i) {
            if (_moments[i] < next) next = _moments[i];
        }
    }

    function noteMoments(Deal memory d, uint256 time) private {
        if (ghost.status == Status.Open) {
            note(d.terms.joinBy, time);
            note(d.terms.longStop, time);
        }
        if (ghost.status != Status.InForce) return;
        note(ghost.openedAt, time);
        note(d.terms.longStop, time);
        note(lastMoment(d), time);
        if (shortOf(d) != 0) note(ghost.openedAt + d.terms.topUpWithin, time);
        for (uint256 p; p < d.phases[ghost.phase].payments.length; ++p) {
            if (!ghost.funded.has(p)) note(dueAt(d, p), time);
        }
        for (uint256 o; o < d.phases[ghost.phase].obligations.length; ++o) {
            bool given = uint256(facts[o].verdict) != 0;
            note(given ? settledAt(d, o) : silentAt(d, o), time);
            if (!given && hasCourt(d)) note(silentAt(d, o) + d.terms.challengeWindow, time);
        }
    }

    /// @dev A deadline, and the second after, if they are yet to come.
    function note(uint256 moment, uint256 time) private {
        if (moment > time) _moments.push(moment);
        if (moment + 1 > time) _moments.push(moment + 1);
    }
}
