"""What a revert means, in a sentence and with the next thing to try.

Every custom error of the shipped contracts has its line in `SENTENCES`; a test holds the table to their ABIs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from pyledger.chain.abi import (
    Contract,
    Entry,
    agreement_abi,
    anonymous_ballot_abi,
    court_abi,
    factory_abi,
    read_values,
    sealed_ballot_abi,
    standing_abi,
)
from pyledger.errors import NodeError, Refused
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names

__all__ = ["SENTENCES", "Label", "explain_revert", "labels_of", "refused"]

Label = Callable[[str, int | bytes], str | None]
"""A name for a thing of the agreement: `label("party", 0)`, `label("account", address)`; None if it has none."""

_DEFECT: Final = "this should not happen: please report it with the command that led to it"
_CLOCK: Final = "times are the chain's own; see where the agreement stands with `pyledger status`"
_SAME: Final = "use the document and the bindings that the agreement was opened with"

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # identity
    "TermsMismatch": (
        "the agreement at this address has other terms, or is by now in another phase, or has been given more time",
        f"try again; if that does not help, {_SAME}",
    ),
    "Malpacked": ("the terms or the phase are not packed as the contracts read them", _SAME),
    "PhaseMismatch": ("this is not the phase that the terms have in this place", _SAME),
    "PhasesMismatch": ("the phases do not hash to what the terms say of them", _SAME),
    "PhaseFlawed": (
        "phase {phase} cannot be so: its {flaw} (number {index}) breaks a rule",
        "amend the document; if it was to be given more time, give less",
    ),
    "TermsMalformed": (
        "the terms cannot be opened: their {flaw} (number {index}) breaks a rule",
        "amend the document; `pyledger check` says more. A joinBy in the past needs a later start in the bindings",
    ),
    "NothingDisclosed": ("no phase is disclosed", "disclose the first at least: nothing publishes it later"),
    "NotOpen": ("no agreement of these terms is open, at {agreement}", "open it with `pyledger open`"),
    "AlreadyOpen": ("the agreement is open already, at {agreement}", "go on: accept, or look at its status"),
    "UnknownParty": ("the terms have no party {party}", _SAME),
    "UnknownObligation": ("the phase has no obligation {obligation}", _SAME),
    "UnknownPayment": ("the phase has no payment {payment}", _SAME),
    "UnknownSeat": ("the panel has no seat {seat}", _SAME),
    # where it stands
    "WrongStatus": ("the agreement is {actual}, which does not allow this", "see `pyledger status`"),
    "AlreadyAccepted": ("{party} has accepted already", "nothing is left to do for it; see `pyledger status`"),
    "AlreadyDecided": (
        "{obligation} is decided already: {verdict}",
        "nothing but a ruling of the arbitrator changes it",
    ),
    "NotToppedUp": (
        "the bond of {party} is short, and nothing can be settled while there is time to top it up",
        "it is topped up with `pyledger fund`; until when, says `pyledger status`",
    ),
    "NotFunded": ("{payment} is not funded", "its payer funds it with `pyledger fund`"),
    "NotDecided": ("{obligation} is not decided yet", "its panel attests, or silence decides it at its deadline"),
    "NotFinal": (
        "the verdict on {obligation} can still be challenged, or is being heard, until {finalAt}",
        "do it again after that, or once the arbitrator has ruled",
    ),
    "NotMember": (
        "{party} has not joined: it owes nothing, and nothing can be paid in for it",
        "go on with what the members owe; see `pyledger status`",
    ),
    "NotEnoughMembers": (
        "{members} have joined, and the terms ask for {needed}",
        "what is left is `pyledger unwind`, which gives the bonds back",
    ),
    "TooEarly": ("it is too early: this is possible from {from} on", _CLOCK),
    "TooLate": (
        "it is too late: this was possible until {deadline}",
        f"{_CLOCK}. Past the long stop what is left is `pyledger unwind`",
    ),
    "PastCutOff": (
        "the phase was cut off at {cutOff} by a material breach or a missed deposit",
        "what is left to do is `pyledger settle`",
    ),
    # who decides
    "VerdictNotAllowed": (
        "{obligation} cannot be found {verdict} this way",
        "a promise not to do something can only be found breached; an outside event cannot be conceded",
    ),
    "SeatRepeated": ("{seat} appears twice", "leave one of the two out"),
    "NoNewVoice": (
        "no attestation given counts on {obligation}: the seats have attested before, or did not sign these in time",
        "gather attestations of other seats",
    ),
    "AttestationExpired": ("the attestation of {seat} expired at {expiry}", "ask the verifier to sign a new one"),
    "NoStanding": (
        "{account} is neither a member nor has standing, nor, to comment, a seat",
        "have somebody do it whom the document names",
    ),
    "BadSignature": (
        "the signature is not that of {signer} for this agreement",
        "have it signed again",
    ),
    "NotCaller": ("only {required} may do this itself", "use its key, or its signature where one is accepted"),
    # who is asked again
    "NoArbitrator": ("the terms name no arbitrator: a verdict is final as it is given", "nothing is left to do"),
    "AlreadyChallenged": (
        "the verdict on {obligation} has been challenged already",
        "wait for the arbitrator's ruling",
    ),
    "AlreadyRuled": ("the arbitrator has ruled on dispute {disputeId} already", "nothing is left to do"),
    "UnknownDispute": ("there is no dispute {disputeId}", "see `pyledger history` for the disputes there are"),
    "UnknownRuling": (
        "{ruling} is no ruling",
        "rule 1 for met, 2 for breached, 3 for lapsed, or 0 to refuse, which counts as lapsed",
    ),
    "DisputeRepeated": (
        "the arbitrator gave the number {disputeId} to a dispute before",
        "it does not do what ERC-792 asks of it, and cannot be asked",
    ),
    "ArbitratorSilent": (
        "the arbitrator {arbitrator} does not say what it costs",
        "is a court (ERC-792) at that address? Nobody can be asked, so the verdict stands",
    ),
    "FeeTooHigh": (
        "the arbitrator asks for {fee} wei, and at most {most} are to be paid",
        "ask what it costs now, and raise the limit if that is right",
    ),
    # the court that pyledger ships
    "NotEnoughVoices": (
        "{actual} of the {threshold} judges that a ruling needs have signed",
        "gather rulings of other judges",
    ),
    "RulingExpired": ("the ruling of seat {seat} expired at {expiry}", "ask the judge to sign a new one"),
    "NoAppeal": ("this court hears no appeal on dispute {disputeId}", "its ruling stands"),
    "NothingToCollect": ("the court has no fees to send", "nothing is left to do"),
    "ThresholdOutOfRange": (
        "{threshold} of {seats} judges cannot be what must sign",
        "choose a threshold from 1 to the number of judges",
    ),
    "WrongNumberOfSeats": ("a court has 1 to {most} judges, not {actual}", "name fewer judges, or one at least"),
    "TooManyChoices": ("a dispute has {actual} choices, and at most {most} are possible", _DEFECT),
    # a seat that is taken by several
    "WrongNumberOfVoters": ("a ballot has {least} to {most} voters, not {actual}", "name as many as that"),
    "QuorumOutOfRange": (
        "{quorum} cannot be how many have to reveal: it is {least} to {most}",
        "choose a quorum from three to the number of voters",
    ),
    "WrongNumberOfQuestions": (
        "a ballot can be asked about 1 to {most} obligations, not {actual}",
        "make several ballots, or one for fewer obligations",
    ),
    "QuestionMalformed": ("question {question} has a window of no length", "give time to commit, and time to reveal"),
    "QuestionRepeated": ("question {question} is about the obligation of another", "ask about each obligation once"),
    "UnknownQuestion": (
        "this ballot was not made to vote on obligation {obligation} of phase {phase}",
        "another ballot can be made for it, before the agreement is opened",
    ),
    "NotAtHand": (
        "the agreement {agreement} is not in force, or its phase {phase} is not the one at hand",
        "a round is opened while its phase is; see `pyledger status`",
    ),
    "AlreadyOpened": ("this round was opened before", "go on: its windows are the same whoever opened it"),
    "NotOpened": ("this round has not been opened", "anybody opens it with `pyledger ballot open`"),
    "OutsideWindow": (
        "this is not the time for it: it is possible from {from} on, until {until}",
        "see `pyledger ballot show` for the windows",
    ),
    "AlreadyCommitted": ("there is a ballot in place {place} already", "a ballot cannot be changed; reveal it in time"),
    "NotCommitted": ("there is no ballot in place {place}", "only what was committed in time can be revealed"),
    "AlreadyRevealed": ("the ballot in place {place} was revealed before", "nothing is left to do for it"),
    "NotThisBallot": (
        "what was committed in place {place} is another ballot",
        "a ballot is revealed as it was committed: same verdict, value, salt, voter, round, contract and chain",
    ),
    "NotAVerdict": ("a ballot finds met, breached or lapsed", "who has nothing to say does not commit"),
    "AlreadyTallied": ("this round was counted before", "go on with what was found; see `pyledger ballot show`"),
    "NotTallied": ("this round has not been counted", "anybody has it counted with `pyledger ballot tally`"),
    "VoterRepeated": ("the voter in place {place} is named twice", "name each voter once"),
    "ForfeitToVoter": (
        "the voter in place {place} would gain by others' silence",
        "name somebody who does not vote as the one who gets forfeited deposits",
    ),
    "NothingToReturn": (
        "there is no deposit to give back for place {place}",
        "a deposit goes back once its ballot is revealed, and once only",
    ),
    "NothingToForfeit": ("every ballot of this round was revealed, or its deposit is gone", "nothing is left to do"),
    "MembersUnordered": ("member {member} of the group is not above the one before", _DEFECT),
    "NotAnIdentity": ("member {member} of the group is no identity commitment", "ask the member for it again"),
    "AlreadyVoted": ("this member has voted in this round already", "each votes once, and cannot change it"),
    "BadProof": (
        "the proof does not hold for this ballot",
        "prove it anew: for this round, of this contract, on this chain, by a member of its group",
    ),
    # standing that many share
    "NotAdmitted": (
        "{holder} is not admitted to this standing by its credential",
        "ask the body that admits for a credential of this account, contract and chain",
    ),
    "NotPermitted": ("with shared standing nothing is possible but to comment and to challenge", _DEFECT),
    "NobodySpeaks": (
        "shared standing keeps no coin: it takes some only while somebody speaks, for the court's fee",
        "send the fee with the challenge",
    ),
    # what all agree on
    "Alone": (
        "it has one member, and nobody whom that member could agree with: a pledge holds until it ends",
        "wait for its verdicts, or for the long stop, which returns everything",
    ),
    "NotLater": (
        "it has until {from} seconds after the phase's opening, and {to} is not later",
        "agree on a later time",
    ),
    "AssetNotSplit": ("the agreement holds {asset}, and no split says who gets it", "add a split for that asset"),
    "SplitsUnordered": (
        "split {split} comes before another of a lower or the same asset",
        "order the splits by the assets' addresses, one for each asset",
    ),
    "SharesMalformed": (
        "the shares of split {split} are not whole",
        "give 1 to 8 recipients shares that sum to 10,000 basis points, none of them nothing",
    ),
    "TooManyShares": ("the splits have {shares} shares in all", "no more than 144 can be paid at once: use fewer"),
    "WrongNumberOfSignatures": (
        "{actual} have signed, and the agreement has {expected} members",
        "every member signs, and nobody else, in the order of the parties",
    ),
    # money
    "WrongValue": (
        "the call carries {actual} wei where {expected} are due",
        "do it again: what is due may have changed meanwhile",
    ),
    "DepositMismatch": (
        "the token {asset} delivered {received} instead of {expected}",
        "a token that takes a fee on transfers cannot be used: choose another asset",
    ),
    "NothingToWithdraw": ("nothing is credited to {account} in {asset}", "see `pyledger status` for the credits"),
    "NotARecipient": (
        "{to} cannot receive money: it is nobody, or the agreement itself, where it would be lost",
        "name another account",
    ),
    "ZeroAddress": ("the zero address is nobody: it cannot receive money or decide", "name another account"),
    "NotEnoughGas": ("the transaction has too little gas: {needed} were needed, {actual} left", "give it more gas"),
    "InsufficientFunds": (
        "{account} has {actual} wei and needs {needed} for the deposit and the gas",
        "send it some of the chain's native coin",
    ),
    "ERC20InsufficientBalance": ("{sender} has {balance} of the token and needs {needed}", "get more of the token"),
    "ERC20InsufficientAllowance": (
        "{spender} may take {allowance} of the token and needs {needed}",
        "do it again: the allowance is given anew",
    ),
    "ERC20InvalidApprover": ("the token does not accept {approver} as an approver", "choose another account"),
    "ERC20InvalidReceiver": ("the token does not accept {receiver} as a receiver", "choose another recipient"),
    "ERC20InvalidSender": ("the token does not accept {sender} as a sender", "choose another account"),
    "ERC20InvalidSpender": ("the token does not accept {spender} as a spender", "choose another token"),
    "SafeERC20FailedOperation": (
        "the token {token} refused the transfer",
        "check that it is an ERC-20 token, that the account has enough of it and is not blocked by it",
    ),
    # the machinery beneath
    "FailedCall": ("the recipient refused the money", "withdraw to another address"),
    "FailedDeployment": ("the contract could not be created", "see whether it is there already, and give it more gas"),
    "AddressEmptyCode": ("there is no contract at {target}", "is the address the right one?"),
    "StringsInsufficientHexLength": ("a number is too long to be written", _DEFECT),
    "InvalidShortString": ("a name is not one that fits a word", _DEFECT),
    "StringTooLong": ("a name is too long: {str}", _DEFECT),
    "InsufficientBalance": ("the contract has {balance} wei and needs {needed}", _DEFECT),
    "CloneArgumentsTooLong": ("the clone's arguments are too long", _DEFECT),
    "Create2EmptyBytecode": ("there is no code to create", _DEFECT),
    "SafeCastOverflowedUintDowncast": ("the amount {value} is too large", "use smaller amounts"),
    "ReentrancyGuardReentrantCall": (
        "the call came back into the agreement while it was at work",
        "do not call the agreement from a contract that it pays",
    ),
    "ECDSAInvalidSignature": ("the signature belongs to no account", "have it signed again"),
    "ECDSAInvalidSignatureLength": ("the signature has {length} bytes instead of 65", "have it signed again"),
    "ECDSAInvalidSignatureS": ("the signature is malleable", "have it signed again by an ordinary wallet"),
    # what Solidity says of its own
    "Error": ("the call was refused: {reason}", "the words are those of the contract that refused"),
    "Panic": ("the contract failed in an internal check (code {code})", _DEFECT),
    "Unnamed": ("the call was refused with an error pyledger does not know ({data})", "is the address the right one?"),
    "Silent": (
        "the call was refused without a reason",
        "is the address that of an agreement, and the asset an ERC-20 token?",
    ),
}
"""For each error by name: a sentence, whose gaps are the error's values, and what to try next."""

_TIMES: Final = frozenset({"from", "until", "deadline", "cutOff", "expiry", "finalAt"})
_DURATIONS: Final = frozenset({"NotLater"})
"""Errors whose `from` is no time but seconds from a phase's opening."""

_THINGS: Final = frozenset({"party", "obligation", "payment", "seat", "phase"})
_ASSETS: Final = frozenset({"asset", "token"})
_OTHERS: Final = Contract(
    [
        {"type": "error", "name": name, "inputs": [{"type": t, "name": n} for t, n in map(str.split, inputs)]}
        for name, *inputs in (
            ("Error", "string reason"),
            ("Panic", "uint256 code"),
            ("ECDSAInvalidSignature",),
            ("ECDSAInvalidSignatureLength", "uint256 length"),
            ("ECDSAInvalidSignatureS", "bytes32 s"),
            ("ERC20InsufficientBalance", "address sender", "uint256 balance", "uint256 needed"),
            ("ERC20InsufficientAllowance", "address spender", "uint256 allowance", "uint256 needed"),
            ("ERC20InvalidApprover", "address approver"),
            ("ERC20InvalidReceiver", "address receiver"),
            ("ERC20InvalidSender", "address sender"),
            ("ERC20InvalidSpender", "address spender"),
        )
    ]
)


@lru_cache(maxsize=1)
def _errors() -> Mapping[bytes, Entry]:
    voices = {**sealed_ballot_abi().errors, **anonymous_ballot_abi().errors, **standing_abi().errors}
    return {**_OTHERS.errors, **voices, **court_abi().errors, **factory_abi().errors, **agreement_abi().errors}


def labels_of(names: Names | None, phase: int = 0, *, panel: int | None = None) -> Label:
    """Names of a document's things as labels; obligations and payments are those of `phase`, seats of `panel`."""

    def label(kind: str, key: int | bytes) -> str | None:
        if names is None:
            return None
        if isinstance(key, bytes):
            return names.what(key) if kind == "asset" else names.who(key)
        lists: dict[str, tuple[str, ...]] = {"party": names.parties, "phase": names.phases}
        if phase < len(names.phases):
            lists |= {"obligation": names.obligations[phase], "payment": names.payments[phase]}
        if panel is not None and panel < len(names.seats):
            lists["seat"] = names.seats[panel]
        known = lists.get(kind, ())
        return known[key] if key < len(known) else None

    return label


def refused(
    name: str, values: Mapping[str, object], *, label: Label | None = None, where: str | None = None
) -> Refused:
    """The error for a refusal by name, its sentence filled with labels, dates and addresses."""
    sentence, hint = SENTENCES.get(name, SENTENCES["Unnamed"])
    times = frozenset[str]() if name in _DURATIONS else _TIMES
    shown = {key: _show(key, value, label or _nameless, times) for key, value in values.items()}
    return Refused(name, values, sentence.format_map(_Gaps(shown)), where=where, hint=hint)


def explain_revert(data: bytes | None, *, label: Label | None = None, where: str | None = None) -> Refused:
    """The refusal that revert data spells."""
    if not data:
        return refused("Silent", {}, label=label, where=where)
    entry = _errors().get(data[:4])
    try:
        if entry is not None:
            found = read_values(entry.inputs, data[4:], entry.name)
            values = {each["name"]: value for each, value in zip(entry.inputs, found, strict=True)}
            return refused(entry.name, values, label=label, where=where)
    except NodeError:
        pass
    return refused("Unnamed", {"data": "0x" + data[:36].hex()}, label=label, where=where)


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _nameless(kind: str, key: int | bytes) -> None:
    """The label of those who have no names."""


def _show(key: str, value: Any, label: Label, times: frozenset[str]) -> str:
    if isinstance(value, bytes) and len(value) == 20:
        kind = "asset" if key in _ASSETS else "account"
        name = label(kind, value)
        return f"{name} ({checksum(value)})" if name else checksum(value)
    if isinstance(value, bytes):
        text = value.rstrip(b"\0")
        return text.decode() if text.isascii() and text.decode().isidentifier() else "0x" + value.hex()
    if hasattr(value, "name"):
        return str(value.name).lower().replace("_", " ")
    if key in _THINGS and isinstance(value, int):
        name = label(key, value)
        return f"`{name}`" if name else f"{key} {value}"
    if key in times and isinstance(value, int) and value < 1 << 38:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return str(value)
