// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {IArbitrable} from "./arbitration/IArbitrable.sol";
import {IArbitrator} from "./arbitration/IArbitrator.sol";
import {Course} from "./base/Course.sol";
import {IRecourse} from "./interfaces/IRecourse.sol";
import {
    Cause,
    Contest,
    Hearing,
    Obligation,
    Panel,
    Payment,
    Phase,
    Split,
    State,
    Status,
    Terms,
    Verdict
} from "./interfaces/Types.sol";
import {Amounts} from "./libraries/Amounts.sol";
import {Outcome} from "./libraries/Outcome.sol";
import {Packed} from "./libraries/Packed.sol";
import {Push} from "./libraries/Push.sol";
import {TermsCheck} from "./libraries/TermsCheck.sol";
import {TermsHash} from "./libraries/TermsHash.sol";

/// @title Recourse
/// @notice The other half of `Agreement`: what is done when things do not go as planned. It is only ever run by agreements,
/// over their storage; by itself it holds nothing.
contract Recourse is IRecourse, Course {
    using Outcome for State;

    /// @dev What an arbitrator can answer: 1 to 3 are verdicts, 0 that it will not say.
    uint256 private constant CHOICES = 3;

    /// @inheritdoc IRecourse
    function enter(bytes calldata packedTerms, bytes calldata packedFirst, bytes32 later) external nonReentrant {
        State memory s = _load();
        _identify(s, packedTerms, Packed.outlook(packedFirst, later));
        Terms memory terms = Packed.terms(packedTerms);
        _requireJoiningOver(s, terms);
        if (block.timestamp > terms.longStop) revert TooLate(terms.longStop);
        uint256 members = Outcome.count(s.members);
        if (members < terms.minParties) revert NotEnoughMembers(members, terms.minParties);
        Bonds memory bonds = _begin(s, terms, Packed.phase(packedFirst));
        _save(s);

        _payBonds(terms, bonds);
    }

    /// @inheritdoc IRecourse
    function void(bytes calldata packedTerms, bytes32 agenda) external nonReentrant {
        State memory s = _load();
        _identify(s, packedTerms, agenda);
        Terms memory terms = Packed.terms(packedTerms);
        _requireJoiningOver(s, terms);
        bool enough = Outcome.count(s.members) >= terms.minParties;
        if (enough && block.timestamp <= terms.longStop) revert TooEarly(uint256(terms.longStop) + 1);
        Bonds memory bonds = _promisedBonds(s, terms);
        s.status = Status.Void;
        _conclude(s, bonds);
        _save(s);

        _payBonds(terms, bonds);
    }

    /// @inheritdoc IRecourse
    function unwind(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later) external nonReentrant {
        State memory s = _load();
        _identifyPhase(s, packedTerms, packedPhase, later);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        uint256 cutOff = _cut(s, terms, phase);
        uint256 end = Outcome.end(terms);
        if (block.timestamp <= end) revert TooEarly(end + 1);
        (uint64 verdicts, Bonds memory bonds) = _judge(s, terms, phase, cutOff);
        uint256 unpaid = s.funded & ~s.paid;
        uint256[] memory released = _clear(s, terms, phase, unpaid, cutOff);
        s.verdicts = verdicts;
        s.status = Status.Unwound;
        _conclude(s, bonds);
        _save(s);

        _payOut(terms, phase.payments, unpaid, released);
        _payBonds(terms, bonds);
    }

    /// @inheritdoc IRecourse
    function challenge(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later, uint8 obligation)
        external
        payable
        nonReentrant
        returns (uint256 disputeId)
    {
        State memory s = _load();
        _identifyPhase(s, packedTerms, packedPhase, later);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        uint256 cutOff = _cut(s, terms, phase);
        if (terms.arbitrator == address(0)) revert NoArbitrator();
        if (!_isMember(s, terms, msg.sender) && !_hasStanding(terms, msg.sender)) revert NoStanding(msg.sender);
        if (obligation >= phase.obligations.length) revert UnknownObligation(obligation);
        Verdict verdict = _contest(s, terms, phase.obligations[obligation], obligation, cutOff);
        uint256 fee = IArbitrator(terms.arbitrator).arbitrationCost(terms.arbitratorData);
        if (msg.value < fee) revert WrongValue(fee, msg.value);
        _save(s);

        disputeId = _ask(s, terms, obligation, verdict, fee);
        _push(Push.NATIVE, msg.sender, msg.value - fee, Cause.Surplus, 0);
    }

    /// @inheritdoc IArbitrable
    function rule(uint256 _disputeID, uint256 _ruling) external nonReentrant {
        Hearing memory asked = _hearings[_disputeID];
        if (asked.arbitrator == address(0)) revert UnknownDispute(_disputeID);
        if (msg.sender != asked.arbitrator) revert NotCaller(asked.arbitrator);
        State memory s = _load();
        if (s.status != Status.InForce) revert WrongStatus(s.status);
        if (asked.ruled) revert AlreadyRuled(_disputeID);
        if (block.timestamp > asked.until) revert TooLate(asked.until);
        if (_ruling > CHOICES) revert UnknownRuling(_ruling);

        uint256 key = Outcome.key(asked.phase, asked.obligation);
        Verdict verdict = _ruling == 0 ? Verdict.Lapsed : Verdict(_ruling);
        if (s.recorded(asked.obligation) != verdict) {
            s.record(asked.obligation, verdict);
            _save(s);
            delete _values[key];
        }
        _hearings[_disputeID].ruled = true;
        _contests[key].ruledAt = uint40(block.timestamp);
        emit Ruling(IArbitrator(msg.sender), _disputeID, _ruling);
        emit Ruled(asked.phase, asked.obligation, verdict, _disputeID);
    }

    /// @inheritdoc IRecourse
    function comment(bytes calldata packedTerms, bytes32 agenda, uint256 group, string calldata evidence) external {
        State memory s = _load();
        _identify(s, packedTerms, agenda);
        Terms memory terms = Packed.terms(packedTerms);
        bool heard = _isMember(s, terms, msg.sender) || _hasStanding(terms, msg.sender) || _isSeat(terms, msg.sender);
        if (!heard) revert NoStanding(msg.sender);
        emit Evidence(IArbitrator(terms.arbitrator), group, msg.sender, evidence);
    }

    /// @inheritdoc IRecourse
    function dissolve(
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        Split[] memory splits,
        uint40 expiry,
        bytes[] calldata signatures
    ) external nonReentrant {
        State memory s = _load();
        _identifyPhase(s, packedTerms, packedPhase, later);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        TermsCheck.requireSplits(splits);
        _requireConsent(s, terms, TermsHash.dissolution(s.phase, splits, expiry), expiry, signatures);
        Bonds memory bonds = _heldBonds(s, terms, phase);
        uint256[] memory sums = _gather(s, terms, phase, splits, bonds);
        s.paid = s.funded;
        s.status = Status.Dissolved;
        _conclude(s, bonds);
        _save(s);

        for (uint256 i; i < splits.length; ++i) {
            if (sums[i] != 0) _pushShares(splits[i].asset, splits[i].shares, sums[i], Cause.Split, i);
        }
        _payBonds(terms, bonds);
    }

    /// @inheritdoc IRecourse
    function extend(
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        bool payment,
        uint8 index,
        uint32 to,
        uint40 expiry,
        bytes[] calldata signatures
    ) external nonReentrant {
        State memory s = _load();
        _identifyPhase(s, packedTerms, packedPhase, later);
        Terms memory terms = Packed.terms(packedTerms);
        Phase memory phase = Packed.phase(packedPhase);
        _requireRunning(s, terms, phase);
        uint32 from = payment ? _extendable(s, phase, index, to) : _extendable(s, terms, phase, index, to);
        if (to <= from) revert NotLater(from, to);
        bytes32 said = TermsHash.extension(s.phase, payment, index, from, to, expiry);
        _requireConsent(s, terms, said, expiry, signatures);
        bytes32 extended = keccak256(Packed.withTime(packedPhase, phase, payment, index, to));
        s.marks |= Outcome.COMMITTED;
        _commitment = Packed.commitment(packedTerms, TermsHash.chain(extended, later));
        _save(s);
        emit Extended(s.phase, payment, index, to);
    }

    /// @inheritdoc IRecourse
    function withdraw(address asset, address to, uint256 amount) external nonReentrant {
        if (to == address(0) || to == address(this)) revert NotARecipient(to);
        _withdraw(msg.sender, asset, to, amount);
    }

    /// @inheritdoc IRecourse
    function deliver(address account, address asset) external nonReentrant {
        _withdraw(account, asset, account, type(uint256).max);
    }

    /// @inheritdoc IRecourse
    function joining() external view returns (uint16) {
        return _joining;
    }

    /// @inheritdoc IRecourse
    function contest(uint8 phase, uint8 obligation) external view returns (Contest memory) {
        return _contests[Outcome.key(phase, obligation)];
    }

    /// @inheritdoc IRecourse
    function credit(address account, address asset) external view returns (uint256) {
        return _credits[account][asset];
    }

    /// @inheritdoc IRecourse
    function hearing(uint256 disputeId) external view returns (Hearing memory) {
        return _hearings[disputeId];
    }

    function _requireJoiningOver(State memory s, Terms memory terms) private view {
        if (s.status != Status.Open) revert WrongStatus(s.status);
        if (block.timestamp <= terms.joinBy) revert TooEarly(uint256(terms.joinBy) + 1);
    }

    /// @dev Notes that a verdict is challenged; one that silence gave is recorded by it.
    function _contest(State memory s, Terms memory terms, Obligation memory subject, uint256 obligation, uint256 cutOff)
        private
        returns (Verdict verdict)
    {
        uint256 finalAt;
        (verdict, finalAt) = _verdict(s, terms, subject, obligation, cutOff);
        if (verdict == Verdict.Undecided) revert NotDecided(obligation);
        Contest storage contested = _contests[Outcome.key(s.phase, obligation)];
        if (contested.challengedAt != 0) revert AlreadyChallenged(obligation);
        if (block.timestamp > finalAt || contested.ruledAt != 0) revert TooLate(finalAt);
        if (s.recorded(obligation) == Verdict.Undecided) {
            s.record(obligation, verdict);
            contested.decidedAt = uint40(s.deadline(subject));
        }
        contested.challengedAt = uint40(block.timestamp);
    }

    /// @dev Puts a verdict before the arbitrator, which has the fee from the caller.
    function _ask(State memory s, Terms memory terms, uint8 obligation, Verdict verdict, uint256 fee)
        private
        returns (uint256 disputeId)
    {
        IArbitrator arbitrator = IArbitrator(terms.arbitrator);
        disputeId = arbitrator.createDispute{value: fee}(CHOICES, terms.arbitratorData);
        if (_hearings[disputeId].arbitrator != address(0)) revert DisputeRepeated(disputeId);
        uint40 until = uint40(block.timestamp + terms.rulingWindow);
        _hearings[disputeId] = Hearing(terms.arbitrator, s.phase, obligation, until, false);
        uint256 group = Outcome.key(s.phase, obligation);
        emit MetaEvidence(group, string.concat("urn:pyledger:", Strings.toHexString(uint256(terms.document), 32)));
        emit Dispute(arbitrator, disputeId, group, group);
        emit Challenged(s.phase, obligation, msg.sender, verdict, disputeId, until);
    }

    /// @dev Every member has signed, and in time.
    function _requireConsent(
        State memory s,
        Terms memory terms,
        bytes32 said,
        uint256 expiry,
        bytes[] calldata signatures
    ) private view {
        uint256 members = Outcome.count(s.members);
        if (members < 2) revert Alone();
        if (block.timestamp > expiry) revert TooLate(expiry);
        if (signatures.length != members) revert WrongNumberOfSignatures(members, signatures.length);
        uint256 signed;
        for (uint256 i; i < terms.parties.length; ++i) {
            if (!Outcome.contains(s.members, i)) continue;
            _requireSigned(terms.parties[i].account, said, signatures[signed++]);
        }
    }

    /// @dev What there is to split of each asset: the members' bonds, which are emptied by it, and unpaid escrow.
    function _gather(State memory s, Terms memory terms, Phase memory phase, Split[] memory splits, Bonds memory bonds)
        private
        pure
        returns (uint256[] memory sums)
    {
        sums = new uint256[](splits.length);
        for (uint256 i; i < bonds.held.length; ++i) {
            if (bonds.held[i] == 0 || !Outcome.contains(s.members, i)) continue;
            sums[_splitOf(splits, terms.parties[i].asset)] += bonds.held[i];
            bonds.held[i] = 0;
        }
        uint256 unpaid = s.funded & ~s.paid;
        for (uint256 i; unpaid >> i != 0; ++i) {
            if (!Outcome.contains(unpaid, i)) continue;
            Payment memory payment = phase.payments[i];
            sums[_splitOf(splits, payment.asset)] += payment.amount;
        }
    }

    function _splitOf(Split[] memory splits, address asset) private pure returns (uint256 index) {
        for (; index < splits.length; ++index) {
            if (splits[index].asset == asset) return index;
        }
        revert AssetNotSplit(asset);
    }

    /// @dev When a payment is due now, if it can be later.
    function _extendable(State memory s, Phase memory phase, uint256 index, uint32 to) private pure returns (uint32) {
        if (index >= phase.payments.length) revert UnknownPayment(index);
        Payment memory payment = phase.payments[index];
        Obligation memory subject = phase.obligations[payment.obligation];
        if (to > uint256(subject.within) + subject.grace) revert PhaseFlawed(s.phase, "due", index);
        return payment.due;
    }

    /// @dev When an obligation is due now, if it can be later.
    function _extendable(State memory s, Terms memory terms, Phase memory phase, uint256 index, uint32 to)
        private
        view
        returns (uint32)
    {
        if (index >= phase.obligations.length) revert UnknownObligation(index);
        Obligation memory subject = phase.obligations[index];
        (Verdict given,) = _given(s, terms, subject, index);
        if (given != Verdict.Undecided) revert AlreadyDecided(index, given);
        uint256 silent = s.deadline(subject);
        if (block.timestamp > silent) revert TooLate(silent);
        if (uint256(to) + subject.grace > TermsCheck.MAX_DURATION) revert PhaseFlawed(s.phase, "within", index);
        return subject.within;
    }

    /// @dev Sends what is credited, at most `most` of it.
    function _withdraw(address account, address asset, address to, uint256 most) private {
        uint256 credited = _credits[account][asset];
        uint256 amount = Amounts.min(credited, most);
        if (amount == 0) revert NothingToWithdraw(account, asset);
        _credits[account][asset] = credited - amount;
        emit Withdrawn(account, asset, to, amount);
        Push.out(asset, to, amount);
    }

    function _isMember(State memory s, Terms memory terms, address account) private pure returns (bool) {
        for (uint256 i; i < terms.parties.length; ++i) {
            if (terms.parties[i].account == account) return Outcome.contains(s.members, i);
        }
        return false;
    }

    function _hasStanding(Terms memory terms, address account) private pure returns (bool) {
        for (uint256 i; i < terms.standing.length; ++i) {
            if (terms.standing[i] == account) return true;
        }
        return false;
    }

    function _isSeat(Terms memory terms, address account) private pure returns (bool) {
        for (uint256 i; i < terms.panels.length; ++i) {
            Panel memory panel = terms.panels[i];
            for (uint256 j; j < panel.seats.length; ++j) {
                if (panel.seats[j].verifier == account) return true;
            }
        }
        return false;
    }
}
