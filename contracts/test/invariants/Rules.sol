// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Obligation, Payment, Status, Tier, Verdict} from "../../src/interfaces/Types.sol";
import {Deal, OUTSIDE} from "../base/Deal.sol";
import {Dice} from "./Dice.sol";
import {Fact, Ghost} from "./Ghost.sol";
import {World} from "./World.sol";

/// @dev The rules of an agreement a second time, from the design and the decisions, for the deal as the ghost has it: what
/// the verdicts are and when nothing can change them, when a phase is cut off, who is in default, what is released.
/// Nothing here asks the contracts.
abstract contract Rules is World {
    using Dice for uint256;

    uint256 internal constant NEVER = type(uint256).max;

    Ghost internal ghost;
    mapping(uint256 obligation => Fact) internal facts;

    function hasCourt(Deal memory d) internal pure returns (bool) {
        return d.terms.arbitrator != address(0);
    }

    function levelOf(Deal memory d, uint256 party) internal view returns (uint256) {
        uint128[] memory levels = d.phases[ghost.phase].bonds;
        return levels.length == 0 ? d.terms.parties[party].bond : levels[party];
    }

    /// @dev Members whose bond is below what the phase at hand asks.
    function shortOf(Deal memory d) internal view returns (uint256 set) {
        if (ghost.status != Status.InForce) return 0;
        for (uint256 i; i < d.terms.parties.length; ++i) {
            if (ghost.members.has(i) && ghost.bonds[i] < levelOf(d, i)) set |= 1 << i;
        }
    }

    function silentAt(Deal memory d, uint256 o) internal view returns (uint256) {
        Obligation memory subject = d.phases[ghost.phase].obligations[o];
        return ghost.openedAt + subject.within + subject.grace;
    }

    function isAbsent(Deal memory d, uint256 o) internal view returns (bool) {
        uint8 obligor = d.phases[ghost.phase].obligations[o].obligor;
        return obligor != OUTSIDE && !ghost.members.has(obligor);
    }

    /// @dev The last moment at which a verdict that was given can change. Without a court it is the moment it was given.
    function settledAt(Deal memory d, uint256 o) internal view returns (uint256) {
        Fact storage fact = facts[o];
        if (!hasCourt(d) || fact.conceded) return fact.decidedAt;
        if (fact.ruledAt != 0) return fact.ruledAt;
        if (fact.challengedAt != 0) return fact.challengedAt + d.terms.rulingWindow;
        return fact.decidedAt + d.terms.challengeWindow;
    }

    /// @dev Whether a verdict that was given is final at `time`. Without a court it is so at once.
    function isFinal(Deal memory d, uint256 o, uint256 time) internal view returns (bool) {
        return !hasCourt(d) || settledAt(d, o) < time;
    }

    /// @dev When the phase was cut off: the earliest moment in the past of a material breach that nothing can change any
    /// more, of a bond not topped up, or of a payment not funded. After the long stop no deadline counts.
    function cutOffAt(Deal memory d, uint256 time) internal view returns (uint256 cut) {
        cut = firstDefault(d);
        for (uint256 o; o < d.phases[ghost.phase].obligations.length; ++o) {
            uint256 moment = materialBreachAt(d, o, time);
            if (moment < cut) cut = moment;
        }
        if (cut >= time) cut = NEVER;
    }

    function firstDefault(Deal memory d) private view returns (uint256 first) {
        first = NEVER;
        if (shortOf(d) != 0) first = counted(d, ghost.openedAt + d.terms.topUpWithin);
        for (uint256 p; p < d.phases[ghost.phase].payments.length; ++p) {
            if (ghost.funded.has(p) || isExcused(d, p)) continue;
            uint256 due = counted(d, dueAt(d, p));
            if (due < first) first = due;
        }
    }

    function dueAt(Deal memory d, uint256 p) internal view returns (uint256) {
        return ghost.openedAt + d.phases[ghost.phase].payments[p].due;
    }

    function counted(Deal memory d, uint256 deadline) private pure returns (uint256) {
        return deadline > d.terms.longStop ? NEVER : deadline;
    }

    /// @dev Whether a payment need not be funded: its payer is not bound, or it was certain before its due that it will not be
    /// released.
    function isExcused(Deal memory d, uint256 p) internal view returns (bool) {
        Payment memory payment = d.phases[ghost.phase].payments[p];
        if (!ghost.members.has(payment.payer)) return true;
        uint256 o = payment.obligation;
        if (isAbsent(d, o)) return !releases(payment, Verdict.Lapsed);
        if (facts[o].verdict == Verdict.Undecided || releases(payment, facts[o].verdict)) return false;
        return !hasCourt(d) || settledAt(d, o) < dueAt(d, p);
    }

    function materialBreachAt(Deal memory d, uint256 o, uint256 time) private view returns (uint256) {
        Obligation memory subject = d.phases[ghost.phase].obligations[o];
        if (!subject.material || isAbsent(d, o)) return NEVER;
        if (facts[o].verdict != Verdict.Undecided) {
            return facts[o].verdict == Verdict.Breached ? settledAt(d, o) : NEVER;
        }
        uint256 silent = silentAt(d, o);
        if (subject.presumption != uint8(Verdict.Breached) || silent > d.terms.longStop || silent >= time) {
            return NEVER;
        }
        return silent + d.terms.challengeWindow;
    }

    /// @dev The verdict as it stands at `time`, and whether anything can change it.
    function verdictAt(Deal memory d, uint256 o, uint256 time, uint256 cut)
        internal
        view
        returns (Verdict verdict, bool final_)
    {
        if (isAbsent(d, o)) return (Verdict.Lapsed, true);
        if (facts[o].verdict != Verdict.Undecided) return (facts[o].verdict, isFinal(d, o, time));
        uint256 limit = cut < d.terms.longStop ? cut : d.terms.longStop;
        uint256 silent = silentAt(d, o);
        if (silent <= limit && silent < time) {
            verdict = Verdict(d.phases[ghost.phase].obligations[o].presumption);
            return (verdict, silent + d.terms.challengeWindow < time);
        }
        if (silent > limit && limit < time) return (Verdict.Lapsed, true);
    }

    function releases(Payment memory payment, Verdict verdict) internal pure returns (bool) {
        return uint256(payment.on).has(uint256(verdict));
    }

    /// @dev What a payment releases by the value attested.
    function released(Payment memory payment, uint256 value) internal pure returns (uint256 amount) {
        if (payment.tiers.length == 0) return payment.amount;
        bool reached;
        Tier memory tier;
        for (uint256 i; i < payment.tiers.length; ++i) {
            if (payment.tiers[i].from <= value) (reached, tier) = (true, payment.tiers[i]);
        }
        if (!reached) return 0;
        uint256 excess = value - tier.from;
        if (tier.bps != 0 && excess > type(uint256).max / tier.bps) return payment.amount;
        amount = tier.base + excess * tier.bps / 10_000;
        return amount > payment.amount ? payment.amount : amount;
    }

    // What may be done

    function lastMoment(Deal memory d) internal pure returns (uint256) {
        return end(d);
    }

    /// @dev In force, neither over nor cut off.
    function isRunning(Deal memory d, uint256 time) internal view returns (bool) {
        return ghost.status == Status.InForce && time <= lastMoment(d) && cutOffAt(d, time) == NEVER;
    }

    function isOpenToVerdicts(Deal memory d, uint256 o, uint256 time) internal view returns (bool) {
        if (!isRunning(d, time) || time < ghost.openedAt || isAbsent(d, o)) return false;
        return facts[o].verdict == Verdict.Undecided && time <= silentAt(d, o) && time <= d.terms.longStop;
    }

    /// @dev Whether what silence or somebody said can be brought before the court.
    function isContestable(Deal memory d, uint256 o, uint256 time) internal view returns (bool) {
        if (!hasCourt(d) || ghost.status != Status.InForce || isAbsent(d, o)) return false;
        Fact storage fact = facts[o];
        if (fact.verdict != Verdict.Undecided) {
            return !fact.conceded && fact.challengedAt == 0 && time <= settledAt(d, o);
        }
        uint256 cut = cutOffAt(d, time);
        uint256 silent = silentAt(d, o);
        if (silent >= time || silent > cut || silent > d.terms.longStop) return false;
        return time <= silent + d.terms.challengeWindow;
    }

    function mayFund(Deal memory d, uint256 set, uint256 time) internal view returns (bool) {
        if (!isRunning(d, time)) return false;
        for (uint256 p; set >> p != 0; ++p) {
            if (!set.has(p) || ghost.funded.has(p)) continue;
            if (p >= d.phases[ghost.phase].payments.length) return false;
            if (!ghost.members.has(d.phases[ghost.phase].payments[p].payer) || time > dueAt(d, p)) return false;
        }
        return true;
    }

    /// @dev Payments in escrow, not paid, whose verdict is final.
    function ripe(Deal memory d, uint256 time) internal view returns (uint256 set) {
        if (ghost.status != Status.InForce) return 0;
        uint256 cut = cutOffAt(d, time);
        uint256 unpaid = ghost.funded & ~ghost.paid;
        for (uint256 p; unpaid >> p != 0; ++p) {
            if (!unpaid.has(p)) continue;
            (Verdict verdict, bool final_) = verdictAt(d, d.phases[ghost.phase].payments[p].obligation, time, cut);
            if (verdict != Verdict.Undecided && final_) set |= 1 << p;
        }
    }

    function allFinal(Deal memory d, uint256 time, uint256 cut) internal view returns (bool) {
        for (uint256 o; o < d.phases[ghost.phase].obligations.length; ++o) {
            (Verdict verdict, bool final_) = verdictAt(d, o, time, cut);
            if (verdict == Verdict.Undecided || !final_) return false;
        }
        return true;
    }

    function maySettle(Deal memory d, uint256 time) internal view returns (bool) {
        if (ghost.status != Status.InForce || time > lastMoment(d)) return false;
        uint256 cut = cutOffAt(d, time);
        if (!allFinal(d, time, cut)) return false;
        if (cut != NEVER) return true;
        if (shortOf(d) != 0 || breachedThisSecond(d, time)) return false;
        for (uint256 p; p < d.phases[ghost.phase].payments.length; ++p) {
            Payment memory payment = d.phases[ghost.phase].payments[p];
            if (ghost.funded.has(p) || !ghost.members.has(payment.payer) || time > dueAt(d, p)) continue;
            (Verdict verdict,) = verdictAt(d, payment.obligation, time, cut);
            if (releases(payment, verdict)) return false;
        }
        return true;
    }

    /// @dev A material breach bites from the next second.
    function breachedThisSecond(Deal memory d, uint256 time) private view returns (bool) {
        for (uint256 o; o < d.phases[ghost.phase].obligations.length; ++o) {
            if (materialBreachAt(d, o, time) == time) return true;
        }
        return false;
    }
}
