// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

import {Course} from "./base/Course.sol";
import {Tally} from "./base/Tally.sol";
import {ICourse} from "./interfaces/ICourse.sol";
import {Contest, Obligation, Party, Payment, Phase, State, Status, Terms, Verdict, Voice} from "./interfaces/Types.sol";
import {Amounts} from "./libraries/Amounts.sol";
import {Outcome} from "./libraries/Outcome.sol";
import {Packed} from "./libraries/Packed.sol";
import {Push} from "./libraries/Push.sol";
import {TermsCheck} from "./libraries/TermsCheck.sol";
import {TermsHash} from "./libraries/TermsHash.sol";

/// @title Agreement
/// @notice The ordinary course of an agreement. Every entry point goes: identify the terms, check, change the books, move
/// the money. What is not found here is in `Recourse`, which runs over the same storage: the two are one account, whose
/// whole interface is `IAgreement`.
contract Agreement is ICourse, Tally, Course, Multicall {
    using Outcome for State;
    using Outcome for Payment;

    address private immutable FACTORY = msg.sender;
    address private immutable RECOURSE;

    constructor(address recourse) {
        RECOURSE = recourse;
    }

    /// @dev OpenZeppelin's `Proxy` would write over the memory that the compiler reserves, and so keep it from using any.
    fallback() external payable {
        address recourse = RECOURSE;
        assembly ("memory-safe") {
            let data := mload(0x40)
            calldatacopy(data, 0, calldatasize())
            let done := delegatecall(gas(), recourse, data, calldatasize(), 0, 0)
            returndatacopy(data, 0, returndatasize())
            if done { return(data, returndatasize()) }
            revert(data, returndatasize())
        }
    }

    /// @inheritdoc ICourse
    function accept(
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        uint8 party,
        bytes calldata signature
    ) external payable nonReentrant {
        State memory s = _load();
        _identify(s, packedTerms, Packed.outlook(packedPhase, later));
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        if (s.status == Status.InForce && terms.accession) {
            _requireNotOver(terms);
            uint256 cutOff = _cut(s, terms, phase);
            if (cutOff != Outcome.NEVER) revert PastCutOff(cutOff);
            if (later == 0) revert TooLate(terms.joinBy);
        } else {
            if (s.status != Status.Open) revert WrongStatus(s.status);
            if (block.timestamp > terms.joinBy) revert TooLate(terms.joinBy);
        }
        if (party >= terms.parties.length) revert UnknownParty(party);
        if (Outcome.contains(s.members | (terms.accession ? _joining : 0), party)) revert AlreadyAccepted(party);
        Party memory acceding = terms.parties[party];
        // A signature over the terms has no expiry: once the agreement is in force, only the party itself can still join.
        if (s.status == Status.InForce && msg.sender != acceding.account) revert NotCaller(acceding.account);
        bytes32 said = signature.length == 0 ? bytes32(0) : TermsHash.hash(terms);
        _requireSigned(acceding.account, said, signature);

        Bonds memory bonds = _join(s, terms, phase, party, msg.sender);
        _save(s);

        _collect(acceding.asset, acceding.bond, msg.sender, msg.value);
        _payBonds(terms, bonds);
    }

    /// @inheritdoc ICourse
    /// @dev The factory has checked these very arguments; the account may have been opened before.
    function launch(
        bytes calldata packedTerms,
        bytes32[] calldata,
        bytes[] calldata disclosed,
        uint8 party,
        uint32 payments
    ) external payable nonReentrant {
        if (msg.sender != FACTORY) revert NotCaller(FACTORY);
        address from = address(bytes20(msg.data[msg.data.length - 20:]));
        State memory s = _load();
        if (s.status != Status.Open) revert WrongStatus(s.status);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(disclosed[0]);
        if (party >= terms.parties.length) revert UnknownParty(party);
        if (Outcome.contains(s.members, party)) revert AlreadyAccepted(party);
        Party memory acceding = terms.parties[party];
        if (from != acceding.account) revert NotCaller(acceding.account);
        uint256 coin = acceding.asset == Push.NATIVE ? acceding.bond : 0;
        if (msg.value < coin) revert WrongValue(coin, msg.value);

        Bonds memory bonds = _join(s, terms, phase, party, from);
        uint256 missing;
        if (payments != 0) {
            if (s.status != Status.InForce) revert WrongStatus(s.status);
            missing = _enlist(s, phase.payments, payments, from);
        }
        _save(s);

        _collect(acceding.asset, acceding.bond, from, coin);
        _collect(phase.payments, missing, from, msg.value - coin);
        _payBonds(terms, bonds);
    }

    /// @inheritdoc ICourse
    function fund(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later, uint32 payments)
        external
        payable
        nonReentrant
    {
        State memory s = _load();
        _identifyPhase(s, packedTerms, packedPhase, later);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        _requireRunning(s, terms, phase);
        uint256 missing = _enlist(s, phase.payments, payments, msg.sender);
        _save(s);

        _collect(phase.payments, missing, msg.sender, msg.value);
    }

    /// @inheritdoc ICourse
    function topUp(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later, uint8 party)
        external
        payable
        nonReentrant
    {
        State memory s = _load();
        _identifyPhase(s, packedTerms, packedPhase, later);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        _requireRunning(s, terms, phase);
        if (party >= terms.parties.length) revert UnknownParty(party);
        Party memory owing = terms.parties[party];
        uint256 amount;
        if (Outcome.contains(s.short, party)) {
            amount = Outcome.level(owing, phase, party) - _shortBonds[party];
            s.short &= ~uint16(1 << party);
            _save(s);
            emit ToppedUp(party, msg.sender, amount);
        }

        _collectAtMost(owing.asset, amount, msg.sender, msg.value);
    }

    /// @inheritdoc ICourse
    function attest(
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        Voice[] calldata voices,
        uint32 pay
    ) external nonReentrant {
        State memory s = _load();
        _identifyPhase(s, packedTerms, packedPhase, later);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        _requireRunning(s, terms, phase);
        if (!_isDecided(s, obligation, verdict, value)) {
            _requireOpen(s, terms, phase, obligation);
            Obligation memory subject = phase.obligations[obligation];
            bool negative = subject.presumption == uint8(Verdict.Met);
            if (verdict == Verdict.Undecided || (negative && verdict != Verdict.Breached)) {
                revert VerdictNotAllowed(obligation, verdict);
            }
            if (!_count(s, obligation, verdict, value, terms.panels[subject.panel], voices)) return;
            _decide(s, terms, subject, obligation, verdict, false);
            if (value != 0) _values[Outcome.key(s.phase, obligation)] = value;
            emit Decided(s.phase, obligation, verdict, value, false);
        }
        _release(s, terms, phase, pay, Outcome.NEVER);
    }

    /// @inheritdoc ICourse
    function concede(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later, uint8 obligation)
        external
        nonReentrant
    {
        State memory s = _load();
        _identifyPhase(s, packedTerms, packedPhase, later);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        _requireRunning(s, terms, phase);
        _requireOpen(s, terms, phase, obligation);
        Obligation memory subject = phase.obligations[obligation];
        if (subject.obligor == TermsCheck.OUTSIDE) revert VerdictNotAllowed(obligation, Verdict.Breached);
        address obligor = terms.parties[subject.obligor].account;
        if (msg.sender != obligor) revert NotCaller(obligor);
        _decide(s, terms, subject, obligation, Verdict.Breached, true);
        emit Decided(s.phase, obligation, Verdict.Breached, 0, true);
        _save(s);
    }

    /// @inheritdoc ICourse
    function release(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later, uint32 payments)
        external
        nonReentrant
    {
        State memory s = _load();
        _identifyPhase(s, packedTerms, packedPhase, later);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        uint256 cutOff = _cut(s, terms, phase);
        _release(s, terms, phase, payments, cutOff);
    }

    /// @inheritdoc ICourse
    function settle(
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        bytes calldata packedNext,
        bytes32 afterNext
    ) external nonReentrant {
        State memory s = _load();
        _identifyPhase(s, packedTerms, packedPhase, later);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        uint256 cutOff = _cut(s, terms, phase);
        _requireNotOver(terms);
        // Whatever else happens in the second of a breach counts, whatever its order in the block.
        if (cutOff == Outcome.NEVER && s.cutOff != 0) revert TooEarly(uint256(s.openedAt) + s.cutOff);
        (uint64 verdicts, Bonds memory bonds) = _judge(s, terms, phase, cutOff);
        if (cutOff == Outcome.NEVER) _requireAllPaidIn(s, phase.payments, verdicts);
        uint256 unpaid = s.funded & ~s.paid;
        uint256[] memory released = _clear(s, terms, phase, unpaid, cutOff);
        s.verdicts = verdicts;
        s.status = _following(terms, later, cutOff);
        if (s.status == Status.InForce) _advance(s, terms, later, packedNext, afterNext, bonds);
        if (s.status != Status.InForce) _conclude(s, bonds);
        else _commitment = Packed.commitment(packedTerms, Packed.outlook(packedNext, afterNext));
        _save(s);

        _payOut(terms, phase.payments, unpaid, released);
        _payBonds(terms, bonds);
    }

    /// @inheritdoc ICourse
    function permit(address asset, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        try IERC20Permit(asset).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
    }

    /// @inheritdoc ICourse
    function state() external view returns (State memory) {
        return _load();
    }

    /// @inheritdoc ICourse
    function shortBond(uint256 party) external view returns (uint256) {
        return _shortBonds[party];
    }

    /// @inheritdoc ICourse
    function attested(uint8 phase, uint8 obligation) external view returns (uint256) {
        return _values[Outcome.key(phase, obligation)];
    }

    /// @inheritdoc ICourse
    function tally(uint8 phase, uint8 obligation, Verdict verdict, uint256 value)
        external
        view
        returns (uint256 voted, uint256 agreed)
    {
        voted = _tallies[_subject(phase, obligation)];
        agreed = _tallies[_motion(phase, obligation, verdict, value)];
    }

    /// @inheritdoc ICourse
    function commitment() external view returns (bytes32) {
        return _committed(_load());
    }

    /// @inheritdoc ICourse
    function domainSeparator() external view returns (bytes32) {
        return TermsHash.domainSeparator();
    }

    /// @dev A party joins: the last brings the agreement into force; in one that is, it is bound from the next phase on.
    function _join(State memory s, Terms memory terms, Phase memory phase, uint8 party, address from)
        private
        returns (Bonds memory bonds)
    {
        uint16 bit = uint16(1 << party);
        emit Accepted(party, from, terms.parties[party].bond);
        if (s.status == Status.InForce) {
            _joining |= bit;
        } else {
            s.members |= bit;
            if (s.members == (1 << terms.parties.length) - 1) bonds = _begin(s, terms, phase);
        }
    }

    /// @dev Marks a set of payments as funded in `s`; returns those that were not, if any.
    function _enlist(State memory s, Payment[] memory payments, uint256 set, address from)
        private
        returns (uint256 missing)
    {
        if (set >> payments.length != 0) revert UnknownPayment(payments.length);
        missing = set & ~s.funded;
        if (missing == 0) return 0;
        for (uint256 i; missing >> i != 0; ++i) {
            if (!Outcome.contains(missing, i)) continue;
            Payment memory payment = payments[i];
            if (!Outcome.contains(s.members, payment.payer)) revert NotMember(payment.payer);
            uint256 due = uint256(s.openedAt) + payment.due;
            if (block.timestamp > due) revert TooLate(due);
        }
        s.funded |= uint32(missing);
        emit Funded(s.phase, from, uint32(missing));
    }

    /// @dev Whether this very verdict was given, with this value: who attests it once more has nothing left to say.
    function _isDecided(State memory s, uint256 obligation, Verdict verdict, uint256 value)
        private
        view
        returns (bool)
    {
        if (verdict == Verdict.Undecided || s.recorded(obligation) != verdict) return false;
        return _values[Outcome.key(s.phase, obligation)] == value;
    }

    /// @dev An obligation on which a verdict can be given now.
    function _requireOpen(State memory s, Terms memory terms, Phase memory phase, uint256 obligation) private view {
        if (obligation >= phase.obligations.length) revert UnknownObligation(obligation);
        Obligation memory subject = phase.obligations[obligation];
        if (block.timestamp < s.openedAt) revert TooEarly(s.openedAt);
        (Verdict given,) = _given(s, terms, subject, obligation);
        if (given != Verdict.Undecided) revert AlreadyDecided(obligation, given);
        uint256 last = Amounts.min(s.deadline(subject), terms.longStop);
        if (block.timestamp > last) revert TooLate(last);
    }

    function _decide(
        State memory s,
        Terms memory terms,
        Obligation memory subject,
        uint256 obligation,
        Verdict verdict,
        bool conceded
    ) private {
        s.record(obligation, verdict);
        uint40 now_ = uint40(block.timestamp);
        if (terms.arbitrator != address(0)) {
            _contests[Outcome.key(s.phase, obligation)] = Contest(now_, 0, conceded ? now_ : 0);
        } else if (subject.material && verdict == Verdict.Breached) {
            s.cutOff = uint32(now_ - s.openedAt + 1);
        }
    }

    /// @dev Opens the next phase. One that is malformed ends the agreement, as nobody can be bound by it.
    function _advance(
        State memory s,
        Terms memory terms,
        bytes32 later,
        bytes calldata packedNext,
        bytes32 afterNext,
        Bonds memory bonds
    ) private {
        if (packedNext.length == 0) revert PhaseMismatch(later, 0);
        Phase memory next = Packed.phase(packedNext);
        bytes32 actual = TermsHash.chain(TermsHash.hash(next), afterNext);
        if (actual != later) revert PhaseMismatch(later, actual);
        (bytes32 flaw, uint256 index) = TermsCheck.flaw(next, terms);
        if (flaw != 0) {
            s.status = Status.Terminated;
            emit PhaseRejected(s.phase + 1, flaw, index);
            return;
        }
        ++s.phase;
        s.marks |= Outcome.COMMITTED;
        emit PhaseDisclosed(s.phase, packedNext);
        _start(s, terms, next, bonds);
    }

    function _release(State memory s, Terms memory terms, Phase memory phase, uint256 set, uint256 cutOff) private {
        uint256 unpaid = set & ~s.paid;
        uint256[] memory released = _clear(s, terms, phase, unpaid, cutOff);
        _save(s);
        _payOut(terms, phase.payments, unpaid, released);
    }
}
