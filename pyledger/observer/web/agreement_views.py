"""What the pages of one agreement show; `views.py` says who makes these values, and in which units."""

from __future__ import annotations

from dataclasses import dataclass

from pyledger.observer.entitled import Entitlement, Undoing
from pyledger.observer.hearing import Challenge, Heard
from pyledger.observer.shapes import Measured, Money, ShareView, StatusView, WhoGets
from pyledger.observer.web.views import AgreementRow, NodeState, Paging

__all__ = [
    "AgreementPage",
    "Case",
    "ChallengeRow",
    "DocumentInfo",
    "DutyCount",
    "EntryLine",
    "EntryRow",
    "ForfeitureRow",
    "HearingView",
    "HistoryLine",
    "HistoryPage",
    "Input",
    "PhaseRow",
    "PhaseStep",
    "PlannedPayment",
    "RemarkRow",
    "Step",
    "VerificationPage",
]


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What the agreement says of its document; `known` where it was brought here and has that hash.

    `bound` says that its bindings are known too and give these terms, so that everything has its name; `text` is the
    path under which it can be read.
    """

    hash: str
    known: bool
    bound: bool
    title: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class PhaseStep:
    """One obligation on the timeline: its `verdict` when the phase was settled or as it stands, None if undecided.

    `deadline` is when silence decides (None before the phase has opened: then `within` seconds from its opening).
    """

    name: str
    by: str
    by_label: str
    what: str
    material: bool
    within: int
    deadline: int | None
    if_silent: str
    verdict: str | None
    value: Measured | None


@dataclass(frozen=True, slots=True)
class PlannedPayment:
    """One payment on the timeline. `became` is one of: planned, due, funded, released, returned, split, not paid.

    `on` are the verdicts on `obligation` that release it to its payees; otherwise it goes back to its payer.
    """

    name: str
    from_: str
    to: tuple[ShareView, ...]
    amount: Money
    obligation: str
    on: tuple[str, ...]
    became: str


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One phase on the timeline, counted from 1.

    `state` is one of: over, at hand, ahead, not reached (the agreement ended before), undisclosed (known by its hash
    alone: no obligations and payments are listed). `defaults` are the parties that did not put up money in time.
    """

    number: int
    name: str
    title: str
    state: str
    not_before: int | None
    opened_at: int | None
    settled_at: int | None
    cut_off: int | None
    defaults: tuple[str, ...]
    obligations: tuple[PhaseStep, ...]
    payments: tuple[PlannedPayment, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Where the money that is held would go. `kind` is one of: now, met, breached, silence.

    now: the agreement ended at this moment. met: every obligation of this phase that is open is met (`value` is then
    taken to be the highest). breached: `obligation` is breached, the others stay as they are. silence: nobody says
    anything more until the last deadline of this phase.
    """

    kind: str
    words: str
    obligation: str | None
    gets: tuple[WhoGets, ...]


@dataclass(frozen=True, slots=True)
class ForfeitureRow:
    """Bond that a party has lost, and to whom it went; `credited` where it could not be sent and waits there."""

    at: int
    block: int
    phase: str
    by: str
    by_label: str
    to: str
    to_label: str
    money: Money
    credited: bool


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened. `text` is what somebody wrote as evidence, as it is (strangers' text).

    `link` is that text where it is an address of http, https or ipfs: it may be shown as a link, with
    `rel="noreferrer noopener nofollow ugc"`; nobody has looked at what is behind it. `by` says who wrote it, `about`
    the obligation, the phase or the subject that it is about.
    """

    at: int
    block: int
    log: int
    transaction: str
    kind: str
    words: str
    finality: str
    money: Money | None
    text: str | None
    link: str | None
    by: str | None
    about: str | None


@dataclass(frozen=True, slots=True)
class RemarkRow:
    """A remark (strangers' text), and how settled its block is.

    `text_link` and `link` are its text and the place of its submission where they are addresses of http, https or ipfs,
    to be shown as those of `HistoryLine` are.
    """

    said: Heard
    finality: str
    text_link: str | None
    link: str | None


@dataclass(frozen=True, slots=True)
class DutyCount:
    """How many remarks that somebody has to answer stand so: answered, answered late, due, overdue."""

    duty: str
    count: int


@dataclass(frozen=True, slots=True)
class ChallengeRow:
    """A challenge, and how settled its block is."""

    asked: Challenge
    finality: str


@dataclass(frozen=True, slots=True)
class HearingView:
    """Who was heard: see `Challenge` and `Heard` for what is said of each.

    Comments are awaited until `open_until`, and parties have `answer_within` seconds to answer those who have standing;
    None where the document, if it is at hand, sets none. `remarks` are the latest, in order; `more_remarks` came before
    them. `duties` count all of them, `challenges` are all.
    """

    open_until: int | None
    answer_within: int | None
    duties: tuple[DutyCount, ...]
    remarks: tuple[RemarkRow, ...]
    more_remarks: int
    challenges: tuple[ChallengeRow, ...]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of an entry: an account of the books, whose it is in words, and what it gains or loses."""

    account: str
    label: str
    money: Money


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One balanced entry of the journal."""

    at: int
    block: int
    log: int
    transaction: str
    words: str
    finality: str
    lines: tuple[EntryLine, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """Something that goes into a step, by its name: hexadecimal, a number or a text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step from the terms to the address: `rule` is the formula, `result` what it gives from the inputs.

    `expected` is what it is held against and `source` where that comes from. `holds` is None where the step cannot be
    taken from here, and `words` says why, or what a failure means.
    """

    title: str
    rule: str
    inputs: tuple[Input, ...]
    result: str | None
    expected: str | None
    source: str
    holds: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """Everything about one agreement.

    `status` is how it stands: parties, the phase at hand with tallies and deadlines (None where that phase is not
    disclosed), money held, credits, next actions, warnings. `history` and `entries` are the latest first;
    `more_history` and `more_entries` say how many are left out; `balances` are those of all accounts of the books.
    `entitlements` are the document's benefits as they stand, `undoings` what may be undone after an end. `verified`
    sums up `steps`: True if all hold, None if some cannot be taken, False if one fails. `commands` are what to type to
    check it against one's own node.
    """

    node: NodeState
    row: AgreementRow
    document: DocumentInfo
    terms: str
    status: StatusView
    phases: tuple[PhaseRow, ...]
    cases: tuple[Case, ...]
    forfeitures: tuple[ForfeitureRow, ...]
    hearing: HearingView
    history: tuple[HistoryLine, ...]
    more_history: int
    entries: tuple[EntryRow, ...]
    more_entries: int
    balances: tuple[EntryLine, ...]
    entitlements: tuple[Entitlement, ...]
    undoings: tuple[Undoing, ...]
    verified: bool | None
    steps: tuple[Step, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A part of what happened to one agreement, in the order of the chain, and what the journal has of it.

    `of` is how many lines there are in all.
    """

    node: NodeState
    row: AgreementRow
    history: tuple[HistoryLine, ...]
    of: int
    entries: tuple[EntryRow, ...]
    paging: Paging


@dataclass(frozen=True, slots=True)
class VerificationPage:
    """Whether an agreement's address is its terms, step by step; see `AgreementPage` for the fields."""

    node: NodeState
    row: AgreementRow
    document: DocumentInfo
    terms: str
    verified: bool | None
    steps: tuple[Step, ...]
    commands: tuple[str, ...]
