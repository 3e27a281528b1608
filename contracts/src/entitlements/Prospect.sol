// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreement} from "../interfaces/IAgreement.sol";
import {Contest, Obligation, Payment, Phase, State, Status, Terms, Verdict} from "../interfaces/Types.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {Condition} from "./IEntitlements.sol";

/// @dev An agreement as its views tell it, with the terms and the phase at hand that it is committed to.
struct Matter {
    IAgreement account;
    State state;
    Terms terms;
    Phase phase;
}

/// @title What becomes of the phase at hand if nobody does anything
/// @notice The moments that `Judgement` looks back at, looked ahead to: what it says at any time follows from comparing
/// them with the clock.
library Prospect {
    using Outcome for State;
    using Outcome for Payment;

    uint256 private constant NEVER = Outcome.NEVER;

    /// @notice The first and the last second at which a condition entitles a party; the first is after the last where there is
    /// no such second.
    /// @param cutOff_ what `cutOff` returned
    function span(Matter memory m, Condition memory c, uint256 party, uint256 cutOff_)
        internal
        pure
        returns (uint256 since, uint256 until)
    {
        if (!_applies(m, c, party)) return (NEVER, 0);
        if (c.completed) until = NEVER;
        else (since, until) = (m.state.openedAt, Amounts.min(m.terms.longStop, cutOff_));
        for (uint256 i; i < m.phase.obligations.length; ++i) {
            (uint256 metFrom, uint256 notBreachedUntil) = _turns(m, i);
            if (Outcome.contains(c.met, i)) {
                if (metFrom == NEVER) return (NEVER, 0);
                if (metFrom > since) since = metFrom;
            }
            if (Outcome.contains(c.kept, i) || (c.own && m.phase.obligations[i].obligor == party)) {
                if (notBreachedUntil == 0) return (NEVER, 0);
                until = Amounts.min(until, notBreachedUntil);
            }
        }
    }

    /// @notice The moment of a material breach that nothing can overrule, or of a financial default: the earliest there has
    /// been, or else the earliest there will be if nobody does anything. It bites from the next second on. One after the long
    /// stop means nothing: by then all is over.
    function cutOff(Matter memory m) internal view returns (uint256 moment) {
        State memory s = m.state;
        if (s.status != Status.InForce) return NEVER;
        moment = s.cutOff == 0 ? NEVER : uint256(s.openedAt) + s.cutOff - 1;
        if (s.short != 0) moment = Amounts.min(moment, uint256(s.openedAt) + m.terms.topUpWithin);
        for (uint256 i; i < m.phase.obligations.length; ++i) {
            if (m.phase.obligations[i].material) moment = Amounts.min(moment, _breachFinalAt(m, i));
        }
        for (uint256 i; i < m.phase.payments.length; ++i) {
            if (_owed(m, i)) moment = Amounts.min(moment, uint256(s.openedAt) + m.phase.payments[i].due);
        }
    }

    function _applies(Matter memory m, Condition memory c, uint256 party) private pure returns (bool) {
        if (m.state.status != (c.completed ? Status.Completed : Status.InForce)) return false;
        if (m.state.phase != c.phase || (c.met | c.kept) >> m.phase.obligations.length != 0) return false;
        if (c.givers & ~m.state.members != 0) return false;
        return Outcome.contains(c.parties, party) && Outcome.contains(m.state.members, party);
    }

    /// @dev As the verdict on an obligation stands: the first second at which it is met, and the last at which it is not
    /// breached. `NEVER` met; breached from the beginning: 0.
    function _turns(Matter memory m, uint256 index) private pure returns (uint256 metFrom, uint256 notBreachedUntil) {
        Obligation memory subject = m.phase.obligations[index];
        if (m.state.absent(subject.obligor)) return (NEVER, NEVER);
        Verdict verdict = m.state.recorded(index);
        if (verdict != Verdict.Undecided) {
            return (verdict == Verdict.Met ? 0 : NEVER, verdict == Verdict.Breached ? 0 : NEVER);
        }
        uint256 silent = m.state.deadline(subject);
        Verdict presumed = Verdict(subject.presumption);
        return (presumed == Verdict.Met ? silent + 1 : NEVER, presumed == Verdict.Breached ? silent : NEVER);
    }

    /// @dev When a breach of a material obligation, given or to come by silence, is final. Where nothing can overrule a verdict,
    /// the state knows when the first such breach was given.
    function _breachFinalAt(Matter memory m, uint256 index) private view returns (uint256) {
        (Verdict given, uint256 finalAt) = _given(m, index);
        if (given == Verdict.Breached && finalAt != 0) return finalAt;
        if (given != Verdict.Undecided) return NEVER;
        Obligation memory subject = m.phase.obligations[index];
        if (subject.presumption != uint8(Verdict.Breached)) return NEVER;
        return m.state.deadline(subject) + m.terms.challengeWindow;
    }

    /// @dev As `Judgement` has it.
    function _owed(Matter memory m, uint256 index) private view returns (bool) {
        Payment memory payment = m.phase.payments[index];
        if (Outcome.contains(m.state.funded, index) || !Outcome.contains(m.state.members, payment.payer)) return false;
        (Verdict given, uint256 finalAt) = _given(m, payment.obligation);
        if (given == Verdict.Undecided || payment.releases(given)) return true;
        return finalAt >= uint256(m.state.openedAt) + payment.due;
    }

    /// @dev As `Judgement` has it: silence not counted, and final as it is given where there is no arbitrator.
    function _given(Matter memory m, uint256 index) private view returns (Verdict verdict, uint256 finalAt) {
        if (m.state.absent(m.phase.obligations[index].obligor)) return (Verdict.Lapsed, 0);
        verdict = m.state.recorded(index);
        if (verdict == Verdict.Undecided || m.terms.arbitrator == address(0)) return (verdict, 0);
        Contest memory contested = m.account.contest(m.state.phase, uint8(index));
        if (contested.ruledAt != 0) return (verdict, contested.ruledAt);
        finalAt = contested.challengedAt == 0
            ? uint256(contested.decidedAt) + m.terms.challengeWindow
            : uint256(contested.challengedAt) + m.terms.rulingWindow;
    }
}
