// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Obligation, Payment, Phase, State, Status, Terms, Verdict} from "../interfaces/Types.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {TermsCheck} from "../libraries/TermsCheck.sol";
import {Judgement} from "./Judgement.sol";
import {Treasury} from "./Treasury.sol";

/// @title How a phase opens, and what it comes to when it closes
abstract contract Course is Judgement, Treasury {
    using Outcome for State;
    using Outcome for Payment;

    /// @dev The first phase opens, with the bonds that the members have posted.
    function _begin(State memory s, Terms memory terms, Phase memory first) internal returns (Bonds memory bonds) {
        s.status = Status.InForce;
        bonds = _promisedBonds(s, terms);
        _start(s, terms, first, bonds);
    }

    /// @dev Opens a phase: clocks run from its `notBefore` at the earliest, who has joined meanwhile is bound, bonds move
    /// to its levels.
    function _start(State memory s, Terms memory terms, Phase memory phase, Bonds memory bonds) internal {
        if (terms.accession && _joining != 0) {
            s.members |= _joining;
            _joining = 0;
        }
        s.openedAt = phase.notBefore > block.timestamp ? phase.notBefore : uint40(block.timestamp);
        s.marks &= ~Outcome.POLLED;
        s.verdicts = 0;
        s.funded = 0;
        s.paid = 0;
        uint256[] memory levels = new uint256[](terms.parties.length);
        for (uint256 i; i < levels.length; ++i) {
            if (Outcome.contains(s.members, i)) levels[i] = Outcome.level(terms.parties[i], phase, i);
        }
        _rebalance(s, bonds, levels);
        emit PhaseOpened(s.phase, s.openedAt, s.members, s.short);
    }

    /// @dev The agreement ends, with the status in `s`: all bonds go back, less what is lost.
    function _conclude(State memory s, Bonds memory bonds) internal {
        _rebalance(s, bonds, new uint256[](bonds.held.length));
        emit Ended(s.status);
    }

    /// @dev Final verdicts of a whole phase, and the bonds with what each party forfeits by them.
    function _judge(State memory s, Terms memory terms, Phase memory phase, uint256 cutOff)
        internal
        returns (uint64 verdicts, Bonds memory bonds)
    {
        uint256 defaults = _defaults(s, terms, phase, cutOff);
        bonds = _heldBonds(s, terms, phase);
        Obligation[] memory obligations = phase.obligations;
        for (uint256 i; i < obligations.length; ++i) {
            Obligation memory subject = obligations[i];
            Verdict verdict = _final(s, terms, subject, i, cutOff);
            verdicts |= uint64(uint256(verdict) << (2 * i));
            if (verdict != Verdict.Breached || subject.obligor == TermsCheck.OUTSIDE) continue;
            bonds.lost[subject.obligor] += _forfeit(terms, phase, subject.obligor, subject.forfeitBps);
        }
        for (uint256 i; defaults >> i != 0; ++i) {
            if (Outcome.contains(defaults, i)) bonds.lost[i] += _forfeit(terms, phase, i, terms.defaultForfeitBps);
        }
        emit PhaseSettled(s.phase, verdicts, uint16(defaults), cutOff == Outcome.NEVER ? 0 : uint40(cutOff));
    }

    function _forfeit(Terms memory terms, Phase memory phase, uint256 party, uint16 bps)
        private
        pure
        returns (uint256)
    {
        return Amounts.part(Outcome.level(terms.parties[party], phase, party), bps);
    }

    /// @dev Nothing may be settled while a bond is short or a payment is missing whose payer could still pay: else it would
    /// depend on who is faster what a party loses.
    function _requireAllPaidIn(State memory s, Payment[] memory payments, uint256 verdicts) internal view {
        for (uint256 i; s.short >> i != 0; ++i) {
            if (Outcome.contains(s.short, i)) revert NotToppedUp(i);
        }
        for (uint256 i; i < payments.length; ++i) {
            Payment memory payment = payments[i];
            if (Outcome.contains(s.funded, i) || !Outcome.contains(s.members, payment.payer)) continue;
            if (block.timestamp > uint256(s.openedAt) + payment.due) continue;
            if (payment.releases(Verdict((verdicts >> (2 * payment.obligation)) & 3))) revert NotFunded(i);
        }
    }

    /// @dev What a settlement leads to.
    function _following(Terms memory terms, bytes32 later, uint256 cutOff) internal view returns (Status) {
        if (cutOff != Outcome.NEVER) return Status.Terminated;
        if (later == 0) return Status.Completed;
        return block.timestamp > terms.longStop ? Status.Unwound : Status.InForce;
    }

    /// @dev Marks a set of funded payments as paid in `s`; returns what their verdicts release of each payment.
    function _clear(State memory s, Terms memory terms, Phase memory phase, uint256 set, uint256 cutOff)
        internal
        view
        returns (uint256[] memory released)
    {
        Payment[] memory payments = phase.payments;
        if (set >> payments.length != 0) revert UnknownPayment(payments.length);
        released = new uint256[](payments.length);
        for (uint256 i; set >> i != 0; ++i) {
            if (!Outcome.contains(set, i)) continue;
            Payment memory payment = payments[i];
            if (!Outcome.contains(s.funded, i)) revert NotFunded(i);
            uint256 on = payment.obligation;
            if (!payment.releases(_final(s, terms, phase.obligations[on], on, cutOff))) continue;
            released[i] = payment.tiers.length == 0
                ? payment.amount
                : Amounts.tiered(payment.amount, payment.tiers, _values[Outcome.key(s.phase, on)]);
        }
        s.paid |= uint32(set);
    }
}
