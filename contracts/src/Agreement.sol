// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Tally} from "./base/Tally.sol";
import {Treasury} from "./base/Treasury.sol";
import {
    IAgreement,
    Obligation,
    Party,
    Payment,
    Phase,
    State,
    Status,
    Terms,
    Verdict,
    Voice
} from "./interfaces/IAgreement.sol";
import {Outcome} from "./libraries/Outcome.sol";
import {TermsCheck} from "./libraries/TermsCheck.sol";
import {TermsHash} from "./libraries/TermsHash.sol";

/// @title Agreement
/// @notice Every entry point goes: identify the terms, check, change the books, move the money.
contract Agreement is Tally, Treasury {
    using Outcome for State;
    using Outcome for Payment;

    /// @inheritdoc IAgreement
    function accept(Terms calldata terms, Phase calldata first, bytes32 later, uint8 party, bytes calldata signature)
        external
        payable
        nonReentrant
    {
        bytes32 termsHash = _identify(terms, TermsHash.chain(TermsHash.hash(first), later));
        State memory s = _state;
        if (s.status != Status.Open) revert WrongStatus(s.status);
        if (block.timestamp > terms.joinBy) revert TooLate(terms.joinBy);
        if (party >= terms.parties.length) revert UnknownParty(party);
        if (Outcome.contains(s.members, party)) revert AlreadyAccepted(party);
        Party calldata joining = terms.parties[party];
        if (!_signed(joining.account, termsHash, signature)) {
            if (signature.length == 0) revert NotCaller(joining.account);
            revert BadSignature(joining.account);
        }

        s.members |= uint16(1 << party);
        emit Accepted(party, msg.sender, joining.bond);
        Bonds memory bonds;
        if (s.members == (1 << terms.parties.length) - 1) {
            (bytes32 flaw, uint256 index) = TermsCheck.flaw(first, terms);
            if (flaw != 0) revert PhaseFlawed(0, flaw, index);
            s.status = Status.InForce;
            bonds = _start(s, terms, first, _promisedBonds(terms), new uint256[](terms.parties.length));
        }
        _state = s;

        _collect(joining.asset, joining.bond, msg.value);
        _payBonds(terms, bonds);
    }

    /// @inheritdoc IAgreement
    function fund(Terms calldata terms, Phase calldata phase, bytes32 later, uint32 payments)
        external
        payable
        nonReentrant
    {
        State memory s = _enter(terms, phase, later);
        Payment[] calldata all = phase.payments;
        if (payments >> all.length != 0) revert UnknownPayment(all.length);
        uint256 missing = payments & ~s.funded;
        if (missing == 0) revert NothingToFund();
        for (uint256 i; missing >> i != 0; ++i) {
            if (!Outcome.contains(missing, i)) continue;
            Payment calldata payment = all[i];
            uint256 due = uint256(s.openedAt) + payment.due;
            if (block.timestamp > due) revert TooLate(due);
            emit Funded(s.phase, uint8(i), msg.sender, payment.amount);
        }
        s.funded |= uint32(missing);
        _state = s;

        _collect(all, missing);
    }

    /// @inheritdoc IAgreement
    function topUp(Terms calldata terms, Phase calldata phase, bytes32 later, uint8 party)
        external
        payable
        nonReentrant
    {
        State memory s = _enter(terms, phase, later);
        if (!Outcome.contains(s.short, party)) revert NotShort(party);
        Party calldata owing = terms.parties[party];
        uint256 amount = Outcome.level(owing, phase, party) - shortBond(party);
        s.short &= ~uint16(1 << party);
        _state = s;
        emit ToppedUp(party, msg.sender, amount);

        _collect(owing.asset, amount, msg.value);
    }

    /// @inheritdoc IAgreement
    function attest(
        Terms calldata terms,
        Phase calldata phase,
        bytes32 later,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        Voice[] calldata voices,
        uint32 pay
    ) external nonReentrant {
        State memory s = _enter(terms, phase, later);
        Obligation calldata subject = _open(s, terms, phase, obligation);
        bool negative = subject.presumption == uint8(Verdict.Met);
        if (verdict == Verdict.Undecided || (negative && verdict != Verdict.Breached)) {
            revert VerdictNotAllowed(obligation, verdict);
        }
        if (!_count(s.phase, obligation, verdict, value, terms.panels[subject.panel], voices)) return;
        _decide(s, subject, obligation, verdict);
        emit Decided(s.phase, obligation, verdict, value, false);
        _release(s, terms, phase, pay, Outcome.NEVER);
    }

    /// @inheritdoc IAgreement
    function concede(Terms calldata terms, Phase calldata phase, bytes32 later, uint8 obligation)
        external
        nonReentrant
    {
        State memory s = _enter(terms, phase, later);
        Obligation calldata subject = _open(s, terms, phase, obligation);
        if (subject.obligor == TermsCheck.OUTSIDE) revert VerdictNotAllowed(obligation, Verdict.Breached);
        _requireCaller(terms.parties[subject.obligor].account);
        _decide(s, subject, obligation, Verdict.Breached);
        emit Decided(s.phase, obligation, Verdict.Breached, 0, true);
        _state = s;
    }

    /// @inheritdoc IAgreement
    function release(Terms calldata terms, Phase calldata phase, bytes32 later, uint32 payments) external nonReentrant {
        (State memory s,, uint256 cutOff) = _identifyPhase(terms, phase, later);
        if (payments & ~s.paid == 0) revert NothingToRelease();
        _release(s, terms, phase, payments, cutOff);
    }

    /// @inheritdoc IAgreement
    function settle(Terms calldata terms, Phase calldata phase, bytes32 later, Phase[] calldata next, bytes32 afterNext)
        external
        nonReentrant
    {
        (State memory s, bytes32 termsHash, uint256 cutOff) = _identifyPhase(terms, phase, later);
        _requireNotOver(terms);
        if (cutOff == Outcome.NEVER && s.cutOff != 0) revert TooEarly(uint256(s.cutOff) + 1);
        uint256[] memory lost = _judge(s, terms, phase, cutOff);
        if (cutOff == Outcome.NEVER) _requireAllPaidIn(s, phase.payments);
        uint256 unpaid = s.funded & ~s.paid;
        uint256 released = _clear(s, terms, phase, unpaid, cutOff);
        if (cutOff == Outcome.NEVER && later != 0) _checkNext(next, afterNext, later);
        Bonds memory bonds = _advance(s, terms, later, next, cutOff, _heldBonds(s, terms, phase), lost);
        if (s.status == Status.InForce) _commitment = TermsHash.chain(termsHash, later);
        _state = s;

        _payOut(terms, phase.payments, unpaid, released);
        _payBonds(terms, bonds);
    }

    /// @inheritdoc IAgreement
    function unwind(Terms calldata terms, Phase calldata phase, bytes32 later) external nonReentrant {
        (State memory s,, uint256 cutOff) = _identifyPhase(terms, phase, later);
        uint256 end = Outcome.end(terms);
        if (block.timestamp <= end) revert TooEarly(end + 1);
        uint256[] memory lost = _judge(s, terms, phase, cutOff);
        uint256 unpaid = s.funded & ~s.paid;
        uint256 released = _clear(s, terms, phase, unpaid, cutOff);
        Bonds memory bonds = _rebalance(s, _heldBonds(s, terms, phase), new uint256[](lost.length), lost);
        s.status = Status.Unwound;
        _state = s;
        emit Ended(Status.Unwound);

        _payOut(terms, phase.payments, unpaid, released);
        _payBonds(terms, bonds);
    }

    /// @inheritdoc IAgreement
    function void(Terms calldata terms, bytes32 agenda) external nonReentrant {
        _identify(terms, agenda);
        State memory s = _state;
        if (s.status != Status.Open) revert WrongStatus(s.status);
        if (block.timestamp <= terms.joinBy) revert TooEarly(uint256(terms.joinBy) + 1);
        uint256[] memory freed = _promisedBonds(terms);
        for (uint256 i; i < freed.length; ++i) {
            if (!Outcome.contains(s.members, i)) freed[i] = 0;
        }
        s.status = Status.Void;
        _state = s;
        emit Ended(Status.Void);

        _payBonds(terms, Bonds({lost: new uint256[](freed.length), freed: freed}));
    }

    /// @inheritdoc IAgreement
    function state() external view returns (State memory) {
        return _state;
    }

    /// @dev An obligation on which a verdict can be given now.
    function _open(State memory s, Terms calldata terms, Phase calldata phase, uint256 obligation)
        private
        view
        returns (Obligation calldata subject)
    {
        if (obligation >= phase.obligations.length) revert UnknownObligation(obligation);
        subject = phase.obligations[obligation];
        if (block.timestamp < s.openedAt) revert TooEarly(s.openedAt);
        Verdict given = s.recorded(obligation);
        if (given != Verdict.Undecided) revert AlreadyDecided(obligation, given);
        uint256 last = s.deadline(subject);
        if (last > terms.longStop) last = terms.longStop;
        if (block.timestamp > last) revert TooLate(last);
    }

    function _decide(State memory s, Obligation calldata subject, uint256 obligation, Verdict verdict) private view {
        s.record(obligation, verdict);
        if (subject.material && verdict == Verdict.Breached) s.cutOff = uint40(block.timestamp);
    }

    /// @dev Final verdicts of a whole phase, recorded in `s`; returns what each party forfeits by them.
    function _judge(State memory s, Terms calldata terms, Phase calldata phase, uint256 cutOff)
        private
        returns (uint256[] memory lost)
    {
        uint256 defaults = s.defaults(terms, phase, cutOff);
        lost = new uint256[](terms.parties.length);
        Obligation[] calldata obligations = phase.obligations;
        for (uint256 i; i < obligations.length; ++i) {
            Obligation calldata subject = obligations[i];
            Verdict verdict = s.judge(terms, subject, i, cutOff);
            if (verdict == Verdict.Undecided) revert NotDecided(i);
            s.record(i, verdict);
            if (verdict != Verdict.Breached || subject.obligor == TermsCheck.OUTSIDE) continue;
            lost[subject.obligor] += _forfeit(terms, phase, subject.obligor, subject.forfeitBps);
        }
        for (uint256 i; defaults >> i != 0; ++i) {
            if (Outcome.contains(defaults, i)) lost[i] += _forfeit(terms, phase, i, terms.defaultForfeitBps);
        }
        emit PhaseSettled(s.phase, s.verdicts, uint16(defaults), cutOff == Outcome.NEVER ? 0 : uint40(cutOff));
    }

    /// @dev Nothing may be settled while a bond is short or a payment is missing whose payer could still pay: else it would
    /// depend on who is faster what a party loses.
    function _requireAllPaidIn(State memory s, Payment[] calldata payments) private pure {
        for (uint256 i; s.short >> i != 0; ++i) {
            if (Outcome.contains(s.short, i)) revert NotToppedUp(i);
        }
        for (uint256 i; i < payments.length; ++i) {
            if (Outcome.contains(s.funded, i)) continue;
            if (payments[i].releases(s.recorded(payments[i].obligation))) revert NotFunded(i);
        }
    }

    function _forfeit(Terms calldata terms, Phase calldata phase, uint256 party, uint256 bps)
        private
        pure
        returns (uint256)
    {
        return Outcome.level(terms.parties[party], phase, party) * bps / TermsCheck.BPS;
    }

    function _checkNext(Phase[] calldata next, bytes32 afterNext, bytes32 expected) private pure {
        bytes32 actual = next.length == 0 ? bytes32(0) : TermsHash.chain(TermsHash.hash(next[0]), afterNext);
        if (actual != expected) revert PhaseMismatch(expected, actual);
    }

    /// @dev Ends the agreement, or opens its next phase; returns how the bonds change by it.
    function _advance(
        State memory s,
        Terms calldata terms,
        bytes32 later,
        Phase[] calldata next,
        uint256 cutOff,
        uint256[] memory held,
        uint256[] memory lost
    ) private returns (Bonds memory) {
        s.status = later == 0 ? Status.Completed : Status.InForce;
        if (cutOff != Outcome.NEVER) {
            s.status = Status.Terminated;
        } else if (later != 0) {
            (bytes32 flaw, uint256 index) = TermsCheck.flaw(next[0], terms);
            if (flaw != 0) {
                s.status = Status.Terminated;
                emit PhaseRejected(s.phase + 1, flaw, index);
            }
        }
        if (s.status != Status.InForce) {
            emit Ended(s.status);
            return _rebalance(s, held, new uint256[](lost.length), lost);
        }
        ++s.phase;
        return _start(s, terms, next[0], held, lost);
    }

    /// @dev Opens a phase: clocks run from its `notBefore` at the earliest, bonds move to its levels.
    function _start(
        State memory s,
        Terms calldata terms,
        Phase calldata phase,
        uint256[] memory held,
        uint256[] memory lost
    ) private returns (Bonds memory bonds) {
        s.openedAt = phase.notBefore > block.timestamp ? phase.notBefore : uint40(block.timestamp);
        s.verdicts = 0;
        s.funded = 0;
        s.paid = 0;
        uint256[] memory levels = new uint256[](held.length);
        for (uint256 i; i < levels.length; ++i) {
            levels[i] = Outcome.level(terms.parties[i], phase, i);
        }
        bonds = _rebalance(s, held, levels, lost);
        emit PhaseOpened(s.phase, s.openedAt, s.short, phase);
    }

    /// @dev What each party posts to join.
    function _promisedBonds(Terms calldata terms) private pure returns (uint256[] memory bonds) {
        bonds = new uint256[](terms.parties.length);
        for (uint256 i; i < bonds.length; ++i) {
            bonds[i] = terms.parties[i].bond;
        }
    }

    /// @dev Marks a set of funded payments as paid in `s`; returns which of them their verdicts release.
    function _clear(State memory s, Terms calldata terms, Phase calldata phase, uint256 set, uint256 cutOff)
        private
        view
        returns (uint256 released)
    {
        Payment[] calldata payments = phase.payments;
        if (set >> payments.length != 0) revert UnknownPayment(payments.length);
        for (uint256 i; set >> i != 0; ++i) {
            if (!Outcome.contains(set, i)) continue;
            Payment calldata payment = payments[i];
            if (!Outcome.contains(s.funded, i)) revert NotFunded(i);
            uint256 on = payment.obligation;
            Verdict verdict = s.judge(terms, phase.obligations[on], on, cutOff);
            if (verdict == Verdict.Undecided) revert NotDecided(on);
            if (payment.releases(verdict)) released |= 1 << i;
        }
        s.paid |= uint32(set);
    }

    function _release(State memory s, Terms calldata terms, Phase calldata phase, uint256 set, uint256 cutOff) private {
        uint256 unpaid = set & ~s.paid;
        uint256 released = _clear(s, terms, phase, unpaid, cutOff);
        _state = s;
        _payOut(terms, phase.payments, unpaid, released);
    }
}
