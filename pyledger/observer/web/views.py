"""What the window shows: plain frozen values that the JSON API writes out and the pages draw.

Who makes what
--------------

`queries.py` makes these values from the store, `api.py` writes them as JSON (`pyledger.observer.shapes.plain`), and
`pages.py` draws them. The pages are functions from a value to a whole page of HTML and know nothing of requests:

    pages.render_list(page: ListPage, *, find: str = "") -> str
    pages.render_agreement(page: AgreementPage) -> str
    pages.render_history(page: HistoryPage) -> str
    pages.render_verification(page: VerificationPage) -> str
    pages.render_account(page: AccountPage) -> str
    pages.render_problem(page: ProblemPage) -> str
    flow.render_flow(page: AgreementPage) -> str        an SVG document, served at `flow.svg`

`app.py` serves them, and every file of `static/` by its name, at these paths (nothing else is there):

    /                                    ?status= &party= &document= &find= &after= &limit=
    /agreements/ADDRESS                  /agreements/ADDRESS/flow.svg
    /agreements/ADDRESS/history          ?after= &limit=        (`after` is how many lines to pass over)
    /agreements/ADDRESS/verification
    /accounts/ADDRESS                    ?after= &limit=
    /documents/HASH.yaml                 the text of a document that was brought to the store
    /static/NAME
    /events                              server-sent events; /agreements/ADDRESS/events for one agreement
    /api/v1/…                            see /api/v1/openapi.json

A search (`find`) for an address or a hash in full answers with a redirect to its page; one for words lists the
agreements whose documents were brought here and have them. Forms send GET.

What the security policy lets a page do
---------------------------------------

`default-src 'none'`; styles, scripts, pictures, fonts and connections from the server itself. So there are no `style`
attributes, no `<style>` or `<script>` with content, no `on…` attributes and no `data:` pictures. Inline SVG is fine if
it is styled by presentation attributes or classes. Every `str` here may have been written by a stranger: it can hold
markup, direction marks or ten thousand characters, and is to be escaped (`autoescape`), isolated (`<bdi>`) and wrapped.

Live updates
------------

An event stream sends `event: state` with the JSON of a `Pulse` whenever a block was read or what is known of the node
changed, and a comment each 15 seconds. A page whose agreement is in `changed` (or where `everything` is true) asks for
itself again and takes over `<main>`; in any case it can show the new block. Its `id` is the last block read.

Units: times are Unix seconds, durations seconds, amounts `Money`; hashes and addresses are `0x…`, the latter with the
checksum of ERC-55. `finality` of what happened is one of: latest (may yet be reorganised away), safe, finalized.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyledger.observer.entitled import Entitlement, Undoing
from pyledger.observer.hearing import Challenge, Heard
from pyledger.observer.shapes import Measured, Money, ShareView, StatusView, WhoGets

__all__ = [
    "AccountPage",
    "AgreementPage",
    "AgreementRow",
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
    "ListPage",
    "NextDeadline",
    "NodeState",
    "Paging",
    "PartyRow",
    "PhaseRow",
    "PhaseStep",
    "PlannedPayment",
    "ProblemPage",
    "Pulse",
    "RecordView",
    "Reliability",
    "RemarkRow",
    "Stake",
    "StatusCount",
    "Step",
    "TallyRow",
    "VerificationPage",
]


@dataclass(frozen=True, slots=True)
class NodeState:
    """How fresh what is shown is.

    `reading` is one of: live (the node answers, and its blocks are read as they come), behind (it answers, and many
    blocks are still to be read), unreachable (it does not answer), other-chain (it answers for another chain than is
    shown), stopped (the store refuses what the node says), unread (no program is reading a node into this store at
    present). `since` is since when that is so. `words` says it in a sentence for people. `read` is the last block that
    was read (−1: none), `read_at` that block's time, by which everything is judged; `head`, `safe` and `finalized` are
    what the node last named, None where it named none; `behind` is how many blocks are still to be read; `heard_at` is
    when the node last answered, `age` how many seconds before `now` that was, None where it never did.
    """

    chain_id: int
    network: str
    factory: str
    reading: str
    since: int
    words: str
    now: int
    read: int
    read_at: int | None
    head: int | None
    safe: int | None
    finalized: int | None
    behind: int
    heard_at: int | None
    age: int | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """What an event stream sends: the state of the node, and the agreements that changed since the event before.

    `everything` says that more may have changed than is listed: after a reorganisation, or where there are too many.
    """

    node: NodeState
    changed: tuple[str, ...]
    everything: bool


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a list goes on: `next` is the `after` of the next part, None at the end; `limit` how many a part has."""

    limit: int
    after: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A party in a list; `name` and `label` are None where no document puts names on the agreement."""

    account: str
    name: str | None
    label: str | None


@dataclass(frozen=True, slots=True)
class NextDeadline:
    """The moment that comes next as long as nothing more happens: what must be done by it, or comes to pass then."""

    at: int
    what: str


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One agreement in a list.

    `title` is None where its document is not at hand. `state` is one of: open, in force, completed, terminated, void,
    unwound, dissolved. `phase` counts from 1. `roles` are those of the account whose list this is: party, verifier,
    payee, standing, court; empty in other lists. `held` is what it holds by its books, by asset. `next_deadline` is
    None where nothing is awaited any more: it has ended, or can be settled now.
    """

    address: str
    title: str | None
    state: str
    phase: int
    phases: int
    parties: tuple[PartyRow, ...]
    document: str
    held: tuple[Money, ...]
    next_deadline: NextDeadline | None
    opened_in: int
    opened_at: int | None
    changed_in: int
    changed_at: int | None
    finality: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many agreements stand so."""

    state: str
    count: int


@dataclass(frozen=True, slots=True)
class ListPage:
    """Agreements, those that changed last first. The filters are as they were asked for, None where they were not."""

    node: NodeState
    agreements: tuple[AgreementRow, ...]
    counts: tuple[StatusCount, ...]
    status: str | None
    party: str | None
    document: str | None
    paging: Paging


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


@dataclass(frozen=True, slots=True)
class TallyRow:
    """Obligations by what became of them, of phases that opened at most `days` ago (None: longer ago, or all)."""

    days: int | None
    kept: int
    breached: int
    lapsed: int
    undecided: int
    late: int
    disputed: int
    conceded: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """`kept` of `decided` obligations, and between which shares the true one lies (0 to 1; Wilson interval at 95 %)."""

    kept: int
    decided: int
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Stake:
    """Bond that hung on obligations that were kept, and on those that were breached, of one asset."""

    kept: Money
    breached: Money


@dataclass(frozen=True, slots=True)
class RecordView:
    """A track record: agreements that name the account as a party, those it joined, and what became of its duties.

    `whole` is all of its obligations, `by_age` the same by when their phase opened, `reliability` None where none
    was decided. Nothing is in it that the events do not say.
    """

    named: int
    joined: tuple[StatusCount, ...]
    counterparties: int
    defaults: int
    whole: TallyRow
    by_age: tuple[TallyRow, ...]
    stakes: tuple[Stake, ...]
    reliability: Reliability | None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One account: its record, and the agreements in which it is anything, those that changed last first.

    `record` is None where it is a party to so many agreements that a page cannot tell it: `pyledger record` can.
    """

    node: NodeState
    account: str
    record: RecordView | None
    agreements: tuple[AgreementRow, ...]
    paging: Paging


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """Something that cannot be shown: the HTTP `status`, its `title`, what happened, and what to do next."""

    node: NodeState | None
    status: int
    title: str
    detail: str
    hint: str | None
