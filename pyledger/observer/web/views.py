"""What the window shows: plain frozen values that the JSON API writes out and the pages draw.

Who makes what
--------------

`window.py` makes these values from the store, and those of `agreement_views.py` and `account_views.py`; `app.py` writes
them as JSON (`pyledger.observer.shapes.plain`), and `pages.py` draws them. The pages are functions from a value to a
whole page of HTML and know nothing of requests:

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

from pyledger.observer.shapes import Money

__all__ = [
    "AgreementRow",
    "ListPage",
    "NextDeadline",
    "NodeState",
    "Paging",
    "PartyRow",
    "ProblemPage",
    "Pulse",
    "StatusCount",
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
class ProblemPage:
    """Something that cannot be shown: the HTTP `status`, its `title`, what happened, and what to do next."""

    node: NodeState | None
    status: int
    title: str
    detail: str
    hint: str | None
