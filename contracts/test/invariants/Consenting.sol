// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Obligation, Payment, Split, Status, Verdict} from "../../src/interfaces/Types.sol";
import {Deal} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {Deciding} from "./Deciding.sol";
import {Dice} from "./Dice.sol";
import {Move} from "./Player.sol";

/// @dev What members do together, and what anybody may say.
abstract contract Consenting is Deciding {
    using Dice for uint256;

    /// @dev Rarely, as it ends all.
    function tryDissolve(Deal memory d, uint256 seed) internal returns (bool) {
        if (ghost.status != Status.InForce || !seed.once(1, 20)) return false;
        Split[] memory splits = anySplits(seed);
        uint40 expiry = uint40(vm.getBlockTimestamp() + seed.below(2, 2));
        bytes[] memory signed = dissolutionSignatures(d, splits, expiry);
        Move memory m = moveOn(d, "dissolve");
        m.may = hasCompany() && !isWild(seed);
        if (!m.may) signed[seed.below(3, signed.length)] = sign(seats[0], bytes32(seed));
        (m.caller, m.data) = (anyone, dissolving(d, splits, expiry, signed));
        if (make(m)) {
            splitUp(d, splits);
            ends(d, Status.Dissolved);
        }
        conclude(d, m, seed);
        return true;
    }

    /// @dev Consent takes two.
    function hasCompany() private view returns (bool) {
        return ghost.members.count() > 1;
    }

    function anySplits(uint256 seed) internal view returns (Split[] memory splits) {
        bool ascending = assets[1] < assets[2];
        splits = new Split[](3);
        splits[0] = Split(NATIVE, shares(seed.draw(10)));
        splits[1] = Split(assets[ascending ? 1 : 2], shares(seed.draw(11)));
        splits[2] = Split(assets[ascending ? 2 : 1], shares(seed.draw(12)));
    }

    function tryExtend(Deal memory d, uint256 seed) internal returns (bool) {
        if (ghost.status != Status.InForce) return false;
        bool payment = d.phases[ghost.phase].payments.length != 0 && seed.once(1, 2);
        uint256 time = vm.getBlockTimestamp();
        (uint8 index, uint32 to, bool may) = payment ? laterDue(d, seed) : laterDeadline(d, seed, time);
        Move memory m = moveOn(d, "extend");
        m.may = may && isRunning(d, time) && hasCompany() && !isWild(seed);
        if (!m.may && !isWild(seed)) return false;
        uint40 expiry = uint40(time + seed.below(2, 2));
        bytes[] memory signed = extensionSignatures(d, payment, index, to, expiry);
        if (isWild(seed)) signed[seed.below(3, signed.length)] = sign(seats[0], bytes32(seed));
        (m.caller, m.data) = (anyone, extending(d, payment, index, to, expiry, signed));
        if (make(m)) {
            if (payment) d.phases[ghost.phase].payments[index].due = to;
            else d.phases[ghost.phase].obligations[index].within = to;
            keep(d);
        }
        conclude(d, m, seed);
        return true;
    }

    /// @dev Not later than the obligation that the payment hangs on.
    function laterDue(Deal memory d, uint256 seed) private view returns (uint8 index, uint32 to, bool may) {
        Payment[] memory payments = d.phases[ghost.phase].payments;
        index = uint8(seed.below(4, payments.length));
        Obligation memory subject = d.phases[ghost.phase].obligations[payments[index].obligation];
        to = uint32(payments[index].due + seed.below(5, 4) * UNIT);
        may = to > payments[index].due && to <= uint256(subject.within) + subject.grace;
    }

    function laterDeadline(Deal memory d, uint256 seed, uint256 time)
        private
        view
        returns (uint8 index, uint32 to, bool may)
    {
        Obligation[] memory obligations = d.phases[ghost.phase].obligations;
        index = uint8(seed.below(4, obligations.length));
        to = uint32(obligations[index].within + seed.below(5, 6) * UNIT);
        bool undecided_ = !isAbsent(d, index) && facts[index].verdict == Verdict.Undecided;
        may = to > obligations[index].within && undecided_ && time <= silentAt(d, index);
    }

    /// @dev Members, seats and those with standing are heard, at any time; it changes nothing.
    function tryComment(Deal memory d, uint256 seed) internal returns (bool) {
        Move memory m = moveOn(d, "comment");
        uint256 who = seed.below(1, people.length + 2);
        m.caller = who < people.length - 1 ? people[who] : seats[who + 1 - people.length];
        m.may = who >= people.length - 1 || ghost.members.has(who) || (m.caller == community && hasCourt(d));
        m.data = commenting(d, seed.below(2, 1_000), "words");
        make(m);
        inspect(d);
        return true;
    }
}
