// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Cause, Status, Verdict} from "./Types.sol";

/// @title What agreements tell: the events they emit, and the errors they refuse with
interface IAgreementEvents {
    event Accepted(uint8 indexed party, address indexed from, uint256 bond);
    event PhaseOpened(uint8 indexed phase, uint40 openedAt, uint16 members, uint16 short);
    /// @param content the phase, packed, as it opens. The first is published when the agreement is opened.
    event PhaseDisclosed(uint8 indexed phase, bytes content);
    event PhaseRejected(uint8 indexed phase, bytes32 flaw, uint256 index);
    event ToppedUp(uint8 indexed party, address indexed from, uint256 amount);
    /// @param payments the set of payments that were funded, each in full
    event Funded(uint8 indexed phase, address indexed from, uint32 payments);
    event Attested(
        uint8 indexed phase,
        uint8 indexed obligation,
        uint8 indexed seat,
        Verdict verdict,
        uint256 value,
        bytes32 evidence
    );
    event Decided(uint8 indexed phase, uint8 indexed obligation, Verdict verdict, uint256 value, bool conceded);
    event Challenged(
        uint8 indexed phase,
        uint8 indexed obligation,
        address indexed by,
        Verdict verdict,
        uint256 disputeId,
        uint40 until
    );
    event Ruled(uint8 indexed phase, uint8 indexed obligation, Verdict verdict, uint256 disputeId);
    /// @param index of the payment or of the obligation
    /// @param to seconds from the phase's opening: `due` of a payment, `within` of an obligation
    event Extended(uint8 indexed phase, bool payment, uint8 index, uint32 to);
    event PhaseSettled(uint8 indexed phase, uint64 verdicts, uint16 defaults, uint40 cutOff);
    event Ended(Status status);
    /// @param index the payment (causes `Payment`, `Return`), party (`Forfeiture`, `Bond`) or split (`Split`) it comes from
    /// @param credited whether the push failed and `to` has to withdraw it
    event Paid(address indexed to, address indexed asset, uint256 amount, Cause cause, uint8 index, bool credited);
    event Withdrawn(address indexed account, address indexed asset, address to, uint256 amount);

    /// @dev The terms, or the phases from the one at hand on, are not those of this agreement.
    error TermsMismatch(bytes32 expected, bytes32 actual);
    error PhaseMismatch(bytes32 expected, bytes32 actual);
    /// @dev These bytes are not terms, or not a phase, written in the one way there is.
    error Malpacked();
    error PhaseFlawed(uint256 phase, bytes32 flaw, uint256 index);
    error WrongStatus(Status actual);
    error UnknownParty(uint256 party);
    error UnknownObligation(uint256 obligation);
    error UnknownPayment(uint256 payment);
    error UnknownSeat(uint256 seat);
    error AlreadyAccepted(uint256 party);
    error AlreadyDecided(uint256 obligation, Verdict verdict);
    error NotToppedUp(uint256 party);
    error NotFunded(uint256 payment);
    error NotDecided(uint256 obligation);
    /// @dev The verdict can still be challenged, or is being heard, until `finalAt` at the latest.
    error NotFinal(uint256 obligation, uint256 finalAt);
    error NotMember(uint256 party);
    error NotEnoughMembers(uint256 members, uint256 needed);
    error NoArbitrator();
    error NoStanding(address account);
    error AlreadyChallenged(uint256 obligation);
    error DisputeRepeated(uint256 disputeId);
    error UnknownDispute(uint256 disputeId);
    error AlreadyRuled(uint256 disputeId);
    error UnknownRuling(uint256 ruling);
    error NotLater(uint256 from, uint256 to);
    error AssetNotSplit(address asset);
    error SplitsUnordered(uint256 split);
    error TooManyShares(uint256 shares);
    error SharesMalformed(uint256 split);
    error Alone();
    error WrongNumberOfSignatures(uint256 expected, uint256 actual);
    error VerdictNotAllowed(uint256 obligation, Verdict verdict);
    error SeatRepeated(uint256 seat);
    error NoNewVoice(uint256 obligation);
    error AttestationExpired(uint256 seat, uint256 expiry);
    error BadSignature(address signer);
    error NotCaller(address required);
    error TooEarly(uint256 from);
    error TooLate(uint256 deadline);
    error PastCutOff(uint256 cutOff);
    error WrongValue(uint256 expected, uint256 actual);
    error DepositMismatch(address asset, uint256 expected, uint256 received);
    /// @dev The caller gave too little gas to try a push honestly.
    error NotEnoughGas(uint256 needed, uint256 actual);
    error NothingToWithdraw(address account, address asset);
    /// @dev Nobody, or the agreement itself: what it sent there would be lost.
    error NotARecipient(address to);
}
