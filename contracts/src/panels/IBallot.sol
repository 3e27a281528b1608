// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

import {Verdict} from "../interfaces/Types.sol";

/// @title A seat of a panel that is taken by several: they vote in secret, and it signs what they have found
/// @notice Its rules are fixed when it is created, and nobody owns it. It cannot name its agreement, for the terms of an
/// agreement name its seats: so it is asked, in whichever agreement has it for a seat, about obligations whose places in
/// the terms were fixed with its rules. A round is one such question in one agreement. Ballots are committed, hidden by a
/// salt, while the first window is open, and revealed in the second. Then anybody has them counted.
interface IBallot is IERC1271 {
    /// @dev What it can be asked: an obligation by its place, and the windows in seconds. `from` counts from the opening of
    /// the phase.
    struct Question {
        uint8 phase;
        uint8 obligation;
        uint32 from;
        uint32 commitFor;
        uint32 revealFor;
    }

    /// @dev Ballots are committed from `commitFrom` to `commitUntil`, and revealed from the next second to `revealUntil`, all
    /// inclusive. Sets of places have a bit for each; `settled` are those whose deposit is gone: back, or forfeited.
    struct Round {
        uint40 commitFrom;
        uint40 commitUntil;
        uint40 revealUntil;
        uint32 committed;
        uint32 revealed;
        uint32 settled;
        bool tallied;
    }

    /// @dev What was counted: how many voted, how many of them for the verdict (`Undecided`: no majority, or too few), and
    /// the median and the spread, between the quartiles, of the values that these said.
    struct Result {
        uint8 voted;
        Verdict verdict;
        uint8 agreed;
        uint128 median;
        uint128 spread;
    }

    event Opened(
        bytes32 indexed round,
        address indexed agreement,
        uint8 phase,
        uint8 obligation,
        uint40 commitFrom,
        uint40 commitUntil,
        uint40 revealUntil
    );
    /// @param voter an account, or the nullifier of somebody who is not known
    event Committed(bytes32 indexed round, bytes32 indexed voter, bytes32 commitment);
    event Revealed(bytes32 indexed round, bytes32 indexed voter, Verdict verdict, uint128 value);
    event Tallied(bytes32 indexed round, Result result, bytes32 evidence);

    error WrongNumberOfVoters(uint256 least, uint256 most, uint256 actual);
    error QuorumOutOfRange(uint256 least, uint256 most, uint256 quorum);
    error WrongNumberOfQuestions(uint256 most, uint256 actual);
    error QuestionMalformed(uint256 question);
    error QuestionRepeated(uint256 question);
    error UnknownQuestion(uint256 phase, uint256 obligation);
    error NotAtHand(address agreement, uint256 phase);
    error AlreadyOpened(bytes32 round);
    error NotOpened(bytes32 round);
    error OutsideWindow(uint256 from, uint256 until);
    error TooEarly(uint256 from);
    error AlreadyCommitted(uint256 place);
    error NotCommitted(uint256 place);
    error AlreadyRevealed(uint256 place);
    error NotThisBallot(uint256 place);
    error NotAVerdict();
    error AlreadyTallied(bytes32 round);
    error NotTallied(bytes32 round);

    /// @notice Starts a round, in the phase of the agreement that is at hand. Anyone may, as soon as that phase has opened or
    /// later: the windows are the same whoever does it, and whenever.
    function open(address agreement, uint8 phase, uint8 obligation) external returns (bytes32 round);

    /// @notice Shows what a ballot says. Whoever has its salt may, for it says the same whoever sends it.
    /// @param place where it was put, from zero
    function reveal(bytes32 round, uint8 place, Verdict verdict, uint128 value, bytes32 salt) external;

    /// @notice Counts what was revealed. Anyone may, once the second window is over, or all who committed have revealed.
    function tally(bytes32 round) external returns (Result memory);

    /// @notice How many must reveal, or nothing is found.
    function quorum() external view returns (uint256);

    function questions() external view returns (Question[] memory);

    function roundOf(address agreement, uint8 phase, uint8 obligation) external pure returns (bytes32);

    function roundAt(bytes32 round) external view returns (Round memory);

    /// @notice What was counted, and the hash of it that an attestation has for evidence.
    function resultOf(bytes32 round) external view returns (Result memory result, bytes32 evidence);

    /// @notice What a place holds: the commitment, or once revealed the vote; zero if nothing.
    function ballotAt(bytes32 round, uint8 place) external view returns (bytes32);

    /// @notice What is committed to: EIP-712 hash of
    /// `Ballot(bytes32 round,bytes32 voter,uint8 verdict,uint128 value,bytes32 salt)`.
    function commitmentOf(bytes32 round, bytes32 voter, Verdict verdict, uint128 value, bytes32 salt)
        external
        view
        returns (bytes32);
}
