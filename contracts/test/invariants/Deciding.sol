// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Obligation, Payment, Status, Tier, Verdict, Voice} from "../../src/interfaces/Types.sol";
import {Deal, OUTSIDE} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {Dice} from "./Dice.sol";
import {Fact} from "./Ghost.sol";
import {Paying} from "./Paying.sol";
import {Move} from "./Player.sol";

/// @dev Verdicts: seats say something, alone or together, twice, or two things; obligors concede; the court is asked and
/// rules.
abstract contract Deciding is Paying {
    using Dice for uint256;

    struct Motion {
        uint8 obligation;
        Verdict verdict;
        uint256 value;
        /// @dev Seats that speak, those of them that count, and those that have said the same by then.
        uint256 speaking;
        uint256 heard;
        uint256 agreed;
        uint32 pay;
    }

    function undecided(Deal memory d, uint256 time) internal view returns (uint256 set) {
        if (ghost.status != Status.InForce) return 0;
        for (uint256 o; o < d.phases[ghost.phase].obligations.length; ++o) {
            if (isOpenToVerdicts(d, o, time)) set |= 1 << o;
        }
    }

    function tryAttest(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 set = undecided(d, vm.getBlockTimestamp());
        if (set == 0 && (!isWild(seed) || ghost.status != Status.InForce)) return false;
        Motion memory motion = anyMotion(d, seed, set);
        Move memory m = moveOn(d, "attest");
        m.idempotent = true;
        bool repeats = isRepeated(d, motion, set);
        m.may = repeats || (set.has(motion.obligation) && motion.heard != 0 && allowed(d, motion));
        if (!m.may && !isWild(seed)) return false;
        bool decides = m.may && !repeats && reached(d, motion);
        if (decides && seed.once(9, 2)) {
            motion.pay = uint32(hangingOn(d, motion.obligation));
            m.may = motion.pay == 0 || !hasCourt(d);
        }
        m.caller = seed.once(10, 4) ? seats[motion.speaking.oneOf(0, motion.speaking)] : anyone;
        m.data = attesting(d, motion.obligation, motion.verdict, motion.value, say(d, motion, m.caller), motion.pay);
        if (make(m) && !repeats) hears(d, motion, decides);
        conclude(d, m, seed);
        return true;
    }

    function anyMotion(Deal memory d, uint256 seed, uint256 set) private view returns (Motion memory motion) {
        uint256 count = d.phases[ghost.phase].obligations.length;
        motion.obligation = set == 0 || isWild(seed) ? uint8(seed.below(1, count)) : seed.oneOf(1, set);
        Obligation memory subject = d.phases[ghost.phase].obligations[motion.obligation];
        bool negative = subject.presumption == uint8(Verdict.Met);
        motion.verdict = negative && !isWild(seed) ? Verdict.Breached : Verdict(1 + seed.below(2, 3));
        motion.value = anyValue(d, motion.obligation, seed);
        motion.speaking = seed.some(3, subject.panel == 0 ? 1 : 7);
        Fact storage fact = facts[motion.obligation];
        motion.heard = motion.speaking & ~fact.voted;
        motion.agreed = motion.heard;
        for (uint256 i; i < 3; ++i) {
            if (fact.said[i] == saying(motion)) motion.agreed |= 1 << i;
        }
    }

    /// @dev Around where tiers begin, often the same, sometimes absurd.
    function anyValue(Deal memory d, uint256 o, uint256 seed) private view returns (uint256 value) {
        if (seed.once(4, 3)) return 0;
        if (seed.once(5, 20)) return type(uint256).max;
        Payment[] memory payments = d.phases[ghost.phase].payments;
        for (uint256 p; p < payments.length; ++p) {
            Tier[] memory tiers = payments[p].tiers;
            if (payments[p].obligation == o && tiers.length != 0) value = tiers[seed.below(6, tiers.length)].from;
        }
        return value + seed.below(7, 3) * 777;
    }

    function saying(Motion memory motion) private pure returns (bytes32) {
        return keccak256(abi.encode(motion.verdict, motion.value));
    }

    function allowed(Deal memory d, Motion memory motion) private view returns (bool) {
        uint8 presumption = d.phases[ghost.phase].obligations[motion.obligation].presumption;
        return presumption != uint8(Verdict.Met) || motion.verdict == Verdict.Breached;
    }

    /// @dev Whether just this has been decided, or said by all who speak.
    function isRepeated(Deal memory d, Motion memory motion, uint256 set) internal view returns (bool) {
        Fact storage fact = facts[motion.obligation];
        if (!isRunning(d, vm.getBlockTimestamp()) || motion.verdict == Verdict.Undecided) return false;
        if (fact.verdict == motion.verdict) return fact.value == motion.value;
        if (!set.has(motion.obligation) || !allowed(d, motion)) return false;
        for (uint256 i; i < 3; ++i) {
            if (motion.speaking.has(i) && fact.said[i] != saying(motion)) return false;
        }
        return motion.speaking != 0;
    }

    /// @dev One who decides; two; two, and one of them the third seat, which has a chamber of its own.
    function reached(Deal memory d, Motion memory motion) private view returns (bool) {
        uint8 panel = d.phases[ghost.phase].obligations[motion.obligation].panel;
        if (panel == 0) return motion.agreed.has(0);
        return motion.agreed.count() >= 2 && (panel == 1 || motion.agreed.has(2));
    }

    function hangingOn(Deal memory d, uint256 o) internal view returns (uint256 set) {
        Payment[] memory payments = d.phases[ghost.phase].payments;
        for (uint256 p; p < payments.length; ++p) {
            if (payments[p].obligation == o && ghost.funded.has(p) && !ghost.paid.has(p)) set |= 1 << p;
        }
    }

    /// @dev A seat that calls itself need not sign.
    function say(Deal memory d, Motion memory motion, address caller) private view returns (Voice[] memory said) {
        said = new Voice[](motion.speaking.count());
        uint256 next;
        for (uint8 i; i < 3; ++i) {
            if (!motion.speaking.has(i)) continue;
            said[next] = voice(d, motion.obligation, motion.verdict, motion.value, i);
            if (seats[i] == caller) said[next].signature = "";
            ++next;
        }
    }

    function hears(Deal memory d, Motion memory motion, bool decides) private {
        Fact storage fact = facts[motion.obligation];
        fact.voted |= motion.heard;
        for (uint256 i; i < 3; ++i) {
            if (motion.heard.has(i)) fact.said[i] = saying(motion);
        }
        if (!decides) return;
        (fact.verdict, fact.value, fact.decidedAt) = (motion.verdict, motion.value, vm.getBlockTimestamp());
        if (motion.pay != 0) releasePayments(d, motion.pay, vm.getBlockTimestamp(), NEVER);
    }

    function tryConcede(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 time = vm.getBlockTimestamp();
        uint256 set = undecided(d, time);
        bool wild = isWild(seed);
        if (set == 0 && !wild) return false;
        Obligation[] memory obligations = d.phases[ghost.phase].obligations;
        uint8 o = set == 0 || wild ? uint8(seed.below(1, obligations.length)) : seed.oneOf(1, set);
        uint8 obligor = obligations[o].obligor;
        Move memory m = moveOn(d, "concede");
        m.caller = obligor == OUTSIDE || seed.once(2, 8) ? anyone : d.terms.parties[obligor].account;
        m.may = set.has(o) && m.caller != anyone;
        if (!m.may && !wild) return false;
        m.data = conceding(d, o);
        if (make(m)) (facts[o].verdict, facts[o].conceded, facts[o].decidedAt) = (Verdict.Breached, true, time);
        conclude(d, m, seed);
        return true;
    }

    // The court

    function contestable(Deal memory d, uint256 time) internal view returns (uint256 set) {
        if (ghost.status != Status.InForce) return 0;
        for (uint256 o; o < d.phases[ghost.phase].obligations.length; ++o) {
            if (isContestable(d, o, time)) set |= 1 << o;
        }
    }

    function tryChallenge(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 set = contestable(d, vm.getBlockTimestamp());
        bool wild = isWild(seed);
        if (set == 0 && !wild) return false;
        uint256 count = d.phases[ghost.phase].obligations.length;
        uint8 o = wild ? uint8(seed.below(1, count)) : seed.oneOf(1, set);
        uint256 who = seed.once(2, 2) || ghost.members == 0 ? 6 : ghost.members.oneOf(seed, ghost.members);
        if (wild) who = seed.below(3, people.length - 1);
        Move memory m = moveOn(d, "challenge");
        m.may = set.has(o) && (ghost.members.has(who) || people[who] == community);
        m.caller = people[who];
        uint256 surplus = seed.once(4, 4) ? seed.below(5, 1_000) : 0;
        m.value = court.fee() + surplus;
        m.data = challenging(d, o);
        if (make(m)) isContested(d, o, m.caller, surplus);
        conclude(d, m, seed);
        return true;
    }

    function isContested(Deal memory d, uint8 o, address by, uint256 surplus) private {
        Fact storage fact = facts[o];
        if (fact.verdict == Verdict.Undecided) {
            fact.verdict = Verdict(d.phases[ghost.phase].obligations[o].presumption);
            fact.decidedAt = silentAt(d, o);
        }
        fact.challengedAt = vm.getBlockTimestamp();
        fact.disputeId = court.disputes();
        spent[by][NATIVE] += court.fee();
        owed[address(court)][NATIVE] += court.fee();
        comesIn(by, NATIVE, surplus);
        goesOut(by, NATIVE, surplus);
    }

    function tryRule(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 waiting;
        for (uint256 o; o < 3; ++o) {
            if (facts[o].disputeId != 0 && facts[o].ruledAt == 0) waiting |= 1 << o;
        }
        if (waiting == 0 || ghost.status != Status.InForce) return false;
        uint8 chosen = seed.oneOf(1, waiting);
        Fact storage fact = facts[chosen];
        uint256 answer = seed.below(2, isWild(seed) ? 5 : 4);
        Move memory m = moveOn(d, "rule");
        m.target = address(court);
        m.may = answer < 4 && vm.getBlockTimestamp() <= fact.challengedAt + d.terms.rulingWindow;
        if (!m.may && !isWild(seed)) return false;
        (m.caller, m.data) = (anyone, ruling(fact.disputeId, answer));
        if (make(m)) {
            Verdict verdict = answer == 0 ? Verdict.Lapsed : Verdict(answer);
            if (verdict != fact.verdict) (fact.verdict, fact.value) = (verdict, 0);
            fact.ruledAt = vm.getBlockTimestamp();
        }
        conclude(d, m, seed);
        return true;
    }
}
