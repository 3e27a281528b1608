// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {ICourse} from "../interfaces/ICourse.sol";
import {State, Status, Verdict} from "../interfaces/Types.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {TermsHash} from "../libraries/TermsHash.sol";
import {IBallot} from "./IBallot.sol";
import {Statistics} from "./Statistics.sol";

/// @title Ballot
/// @notice Rounds, their windows, the count, and what it signs. How somebody votes is for those that build on it.
abstract contract Ballot is IBallot, EIP712 {
    bytes32 private constant BALLOT_TYPEHASH =
        keccak256("Ballot(bytes32 round,bytes32 voter,uint8 verdict,uint128 value,bytes32 salt)");
    bytes4 private constant NOT_SIGNED = 0xffffffff;
    /// @dev Below this a result could tell what each of them voted.
    uint256 internal constant MIN_VOTERS = 3;
    uint256 internal constant MAX_VOTERS = 32;
    uint256 private constant MAX_QUESTIONS = 32;
    /// @dev What it signs never expires: it is for one round of one agreement, and never changes.
    uint40 private constant EXPIRY = type(uint40).max;
    /// @dev The length of an agreement, a phase and an obligation, a word each.
    uint256 private constant SIGNATURE_LENGTH = 96;

    /// @inheritdoc IBallot
    uint256 public immutable quorum;

    Question[] private _questions;
    mapping(bytes32 round => Round) internal _rounds;
    mapping(bytes32 round => bytes32[MAX_VOTERS]) internal _ballots;
    mapping(bytes32 round => Result) private _results;

    /// @param most how many can vote
    constructor(Question[] memory asked, uint256 quorum_, uint256 most) EIP712("pyledger ballot", "1") {
        if (most < MIN_VOTERS || most > MAX_VOTERS) revert WrongNumberOfVoters(MIN_VOTERS, MAX_VOTERS, most);
        if (quorum_ < MIN_VOTERS || quorum_ > most) revert QuorumOutOfRange(MIN_VOTERS, most, quorum_);
        if (asked.length == 0 || asked.length > MAX_QUESTIONS) {
            revert WrongNumberOfQuestions(MAX_QUESTIONS, asked.length);
        }
        for (uint256 i; i < asked.length; ++i) {
            if (asked[i].commitFor == 0 || asked[i].revealFor == 0) revert QuestionMalformed(i);
            for (uint256 j; j < i; ++j) {
                if (_same(asked[i], asked[j].phase, asked[j].obligation)) revert QuestionRepeated(i);
            }
            _questions.push(asked[i]);
        }
        quorum = quorum_;
    }

    /// @inheritdoc IBallot
    /// @dev What is no agreement may answer as it likes: its rounds are for itself alone.
    function open(address agreement, uint8 phase, uint8 obligation) external returns (bytes32 round) {
        Question memory asked = _question(phase, obligation);
        round = roundOf(agreement, phase, obligation);
        if (_rounds[round].commitUntil != 0) revert AlreadyOpened(round);
        State memory s = ICourse(agreement).state();
        if (s.status != Status.InForce || s.phase != phase) revert NotAtHand(agreement, phase);

        Round memory opened;
        opened.commitFrom = s.openedAt + asked.from;
        opened.commitUntil = opened.commitFrom + asked.commitFor - 1;
        opened.revealUntil = opened.commitUntil + asked.revealFor;
        _rounds[round] = opened;
        emit Opened(round, agreement, phase, obligation, opened.commitFrom, opened.commitUntil, opened.revealUntil);
    }

    /// @inheritdoc IBallot
    function reveal(bytes32 round, uint8 place, Verdict verdict, uint128 value, bytes32 salt) external {
        Round memory r = _opened(round);
        _requireWithin(uint256(r.commitUntil) + 1, r.revealUntil);
        if (!Outcome.contains(r.committed, place)) revert NotCommitted(place);
        if (Outcome.contains(r.revealed, place)) revert AlreadyRevealed(place);
        if (verdict == Verdict.Undecided) revert NotAVerdict();
        bytes32 voter = _voter(round, place);
        if (_ballots[round][place] != commitmentOf(round, voter, verdict, value, salt)) revert NotThisBallot(place);

        r.revealed |= uint32(1 << place);
        _rounds[round] = r;
        _ballots[round][place] = bytes32((uint256(verdict) << 128) | value);
        emit Revealed(round, voter, verdict, value);
    }

    /// @inheritdoc IBallot
    function tally(bytes32 round) external returns (Result memory result) {
        Round memory r = _opened(round);
        if (r.tallied) revert AlreadyTallied(round);
        _requireAfter(r.revealed == r.committed ? r.commitUntil : r.revealUntil);
        result = _count(round, r.revealed);

        r.tallied = true;
        _rounds[round] = r;
        _results[round] = result;
        emit Tallied(round, result, _evidence(round, result));
    }

    /// @inheritdoc IERC1271
    /// @dev The signature says for which agreement, phase and obligation it is, and the rest is known: there is one
    /// attestation that a round signs, if its result is one.
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (signature.length != SIGNATURE_LENGTH) return NOT_SIGNED;
        (address agreement, uint8 phase, uint8 obligation) = abi.decode(signature, (address, uint8, uint8));
        bytes32 round = roundOf(agreement, phase, obligation);
        Result memory result = _results[round];
        if (result.verdict == Verdict.Undecided) return NOT_SIGNED;
        bytes32 said =
            TermsHash.attestation(phase, obligation, result.verdict, result.median, _evidence(round, result), EXPIRY);
        bytes32 expected = MessageHashUtils.toTypedDataHash(_domainOf(agreement), said);
        return digest == expected ? IERC1271.isValidSignature.selector : NOT_SIGNED;
    }

    /// @inheritdoc IBallot
    function questions() external view returns (Question[] memory) {
        return _questions;
    }

    /// @inheritdoc IBallot
    function roundAt(bytes32 round) external view returns (Round memory) {
        return _rounds[round];
    }

    /// @inheritdoc IBallot
    function resultOf(bytes32 round) external view returns (Result memory result, bytes32 evidence) {
        if (!_rounds[round].tallied) revert NotTallied(round);
        result = _results[round];
        evidence = _evidence(round, result);
    }

    /// @inheritdoc IBallot
    function ballotAt(bytes32 round, uint8 place) external view returns (bytes32) {
        return _ballots[round][place];
    }

    /// @inheritdoc IBallot
    function roundOf(address agreement, uint8 phase, uint8 obligation) public pure returns (bytes32) {
        return keccak256(abi.encode(agreement, phase, obligation));
    }

    /// @inheritdoc IBallot
    function commitmentOf(bytes32 round, bytes32 voter, Verdict verdict, uint128 value, bytes32 salt)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(keccak256(abi.encode(BALLOT_TYPEHASH, round, voter, verdict, value, salt)));
    }

    /// @dev Who has a place; of a place that is nobody's, whatever.
    function _voter(bytes32 round, uint256 place) internal view virtual returns (bytes32);

    /// @dev A ballot goes in. That its voter may put it in this place is for the caller to know.
    function _put(bytes32 round, Round memory r, uint256 place, bytes32 voter, bytes32 commitment) internal {
        _requireWithin(r.commitFrom, r.commitUntil);
        if (Outcome.contains(r.committed, place)) revert AlreadyCommitted(place);
        r.committed |= uint32(1 << place);
        _rounds[round] = r;
        _ballots[round][place] = commitment;
        emit Committed(round, voter, commitment);
    }

    function _opened(bytes32 round) internal view returns (Round memory r) {
        r = _rounds[round];
        if (r.commitUntil == 0) revert NotOpened(round);
    }

    function _requireWithin(uint256 from, uint256 until) internal view {
        if (block.timestamp < from || block.timestamp > until) revert OutsideWindow(from, until);
    }

    function _requireAfter(uint256 until) internal view {
        if (block.timestamp <= until) revert TooEarly(until + 1);
    }

    /// @dev More than half of those who voted find a verdict; its value is that in the middle of what these said.
    function _count(bytes32 round, uint256 revealed) private view returns (Result memory result) {
        uint256[4] memory votes;
        uint256[MAX_VOTERS] memory ballots;
        uint256 voted;
        for (uint256 place; revealed >> place != 0; ++place) {
            if (!Outcome.contains(revealed, place)) continue;
            ballots[voted] = uint256(_ballots[round][place]);
            ++votes[ballots[voted] >> 128];
            ++voted;
        }
        result.voted = uint8(voted);
        if (voted < quorum) return result;
        for (uint256 verdict = 1; verdict < votes.length; ++verdict) {
            if (2 * votes[verdict] <= voted) continue;
            uint256[] memory values = new uint256[](votes[verdict]);
            uint256 found;
            for (uint256 i; i < voted; ++i) {
                if (ballots[i] >> 128 == verdict) values[found++] = uint128(ballots[i]);
            }
            Statistics.sort(values);
            (result.verdict, result.agreed) = (Verdict(verdict), uint8(found));
            (result.median, result.spread) = (uint128(Statistics.median(values)), uint128(Statistics.spread(values)));
        }
    }

    function _question(uint8 phase, uint8 obligation) private view returns (Question memory) {
        uint256 count = _questions.length;
        for (uint256 i; i < count; ++i) {
            if (_same(_questions[i], phase, obligation)) return _questions[i];
        }
        revert UnknownQuestion(phase, obligation);
    }

    function _same(Question memory asked, uint8 phase, uint8 obligation) private pure returns (bool) {
        return asked.phase == phase && asked.obligation == obligation;
    }

    /// @dev EIP-712 domain separator of an agreement on this chain.
    function _domainOf(address agreement) private view returns (bytes32) {
        bytes32 kind = TermsHash.DOMAIN_TYPEHASH;
        return keccak256(abi.encode(kind, TermsHash.NAME_HASH, TermsHash.VERSION_HASH, block.chainid, agreement));
    }

    function _evidence(bytes32 round, Result memory result) private pure returns (bytes32) {
        return keccak256(abi.encode(round, result));
    }
}
