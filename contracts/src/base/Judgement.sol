// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Contest, Obligation, Payment, Phase, State, Status, Terms, Verdict} from "../interfaces/Types.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {Packed} from "../libraries/Packed.sol";
import {Commitment} from "./Commitment.sol";

/// @title What the phase at hand has come to: verdicts and when they are final, cut-off, defaults
/// @notice Judges by state, terms and time, and changes nothing. `pyledger/terms/outcome.py` is its twin.
abstract contract Judgement is Commitment {
    using Outcome for State;
    using Outcome for Payment;

    uint256 private constant NEVER = Outcome.NEVER;

    /// @dev These are the terms and the phase at hand, and the agreement is in force.
    function _identifyPhase(State memory s, bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later)
        internal
        view
    {
        _identify(s, packedTerms, Packed.outlook(packedPhase, later));
        if (s.status != Status.InForce) revert WrongStatus(s.status);
    }

    /// @dev Past the end nothing is left but to release and to unwind.
    function _requireNotOver(Terms memory terms) internal view {
        uint256 end = Outcome.end(terms);
        if (block.timestamp > end) revert TooLate(end);
    }

    /// @dev Neither past the end nor cut off.
    function _requireRunning(State memory s, Terms memory terms, Phase memory phase) internal view {
        _requireNotOver(terms);
        uint256 cutOff = _cut(s, terms, phase);
        if (cutOff != NEVER) revert PastCutOff(cutOff);
    }

    /// @dev The earliest past moment of a financial default or of a material breach becoming final; `NEVER` if there is
    /// none. Deadlines after the long-stop date do not count: there, what is undecided lapses.
    function _cut(State memory s, Terms memory terms, Phase memory phase) internal view returns (uint256 moment) {
        moment = s.cutOff == 0 ? NEVER : uint256(s.openedAt) + s.cutOff - 1;
        if (s.short != 0) moment = _earlier(moment, uint256(s.openedAt) + terms.topUpWithin, terms);
        Obligation[] memory obligations = phase.obligations;
        for (uint256 i; i < obligations.length; ++i) {
            Obligation memory subject = obligations[i];
            if (!subject.material) continue;
            // Where nothing can overrule a verdict, the state knows when the first such breach was given.
            if (terms.arbitrator == address(0) && s.recorded(i) != Verdict.Undecided) continue;
            (Verdict verdict, uint256 finalAt) = _verdict(s, terms, subject, i, NEVER);
            if (verdict == Verdict.Breached) moment = Amounts.min(moment, finalAt);
        }
        uint256 missing = ((1 << phase.payments.length) - 1) & ~uint256(s.funded);
        for (uint256 i; missing >> i != 0; ++i) {
            if (!Outcome.contains(missing, i)) continue;
            Payment memory payment = phase.payments[i];
            if (_owed(s, terms, phase, payment)) {
                moment = _earlier(moment, uint256(s.openedAt) + payment.due, terms);
            }
        }
        if (moment >= block.timestamp) return NEVER;
    }

    /// @dev The verdict on an obligation as it stands, and the last moment at which it can change: it is final after that.
    /// `cutOff` is what `_cut` returned.
    function _verdict(State memory s, Terms memory terms, Obligation memory subject, uint256 index, uint256 cutOff)
        internal
        view
        returns (Verdict verdict, uint256 finalAt)
    {
        (verdict, finalAt) = _given(s, terms, subject, index);
        if (verdict != Verdict.Undecided) return (verdict, finalAt);
        uint256 silent = s.deadline(subject);
        uint256 last = Amounts.min(cutOff, terms.longStop);
        if (silent <= last) {
            if (silent < block.timestamp) return (Verdict(subject.presumption), silent + terms.challengeWindow);
        } else if (last < block.timestamp) {
            return (Verdict.Lapsed, last);
        }
    }

    /// @dev As `_verdict`, silence not counted. Where there is no arbitrator a verdict is final as it is given.
    function _given(State memory s, Terms memory terms, Obligation memory subject, uint256 index)
        internal
        view
        returns (Verdict verdict, uint256 finalAt)
    {
        if (s.absent(subject.obligor)) return (Verdict.Lapsed, 0);
        verdict = s.recorded(index);
        if (verdict == Verdict.Undecided || terms.arbitrator == address(0)) return (verdict, 0);
        Contest memory contested = _contests[Outcome.key(s.phase, index)];
        finalAt = contested.ruledAt;
        if (finalAt != 0) return (verdict, finalAt);
        finalAt = contested.challengedAt == 0
            ? uint256(contested.decidedAt) + terms.challengeWindow
            : uint256(contested.challengedAt) + terms.rulingWindow;
    }

    /// @dev A verdict that nothing can change any more.
    function _final(State memory s, Terms memory terms, Obligation memory subject, uint256 index, uint256 cutOff)
        internal
        view
        returns (Verdict)
    {
        (Verdict verdict, uint256 finalAt) = _verdict(s, terms, subject, index, cutOff);
        if (verdict == Verdict.Undecided) revert NotDecided(index);
        if (finalAt >= block.timestamp) revert NotFinal(index, finalAt);
        return verdict;
    }

    /// @dev The set of parties in financial default at the cut-off.
    function _defaults(State memory s, Terms memory terms, Phase memory phase, uint256 cutOff)
        internal
        view
        returns (uint256 set)
    {
        if (cutOff == NEVER) return 0;
        uint256 last = Amounts.min(cutOff, terms.longStop);
        if (uint256(s.openedAt) + terms.topUpWithin <= last) set = s.short;
        Payment[] memory payments = phase.payments;
        for (uint256 i; i < payments.length; ++i) {
            Payment memory payment = payments[i];
            if (Outcome.contains(s.funded, i) || uint256(s.openedAt) + payment.due > last) continue;
            if (_owed(s, terms, phase, payment)) set |= 1 << payment.payer;
        }
    }

    /// @dev Whether an unfunded payment has to be funded: its payer is bound, and no verdict against releasing it was
    /// final before the second it is due: in that
    /// second nobody may make it owed any more.
    function _owed(State memory s, Terms memory terms, Phase memory phase, Payment memory payment)
        private
        view
        returns (bool)
    {
        if (!Outcome.contains(s.members, payment.payer)) return false;
        uint256 on = payment.obligation;
        (Verdict given, uint256 finalAt) = _given(s, terms, phase.obligations[on], on);
        if (given == Verdict.Undecided || payment.releases(given)) return true;
        return finalAt >= uint256(s.openedAt) + payment.due;
    }

    function _earlier(uint256 moment, uint256 other, Terms memory terms) private pure returns (uint256) {
        return other > terms.longStop ? moment : Amounts.min(moment, other);
    }
}
