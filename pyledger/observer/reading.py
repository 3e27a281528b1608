"""One agreement from the store alone, in words: what a page, an API or a terminal shows of it.

    found = read_agreement(store, source, address)
    found.view           a `StatusView`: parties, obligations, money, what can be done next
    found.lines          the history, each event in a sentence, with time, transaction and finality
    found.entries        the journal's entries
    found.entitlements   which of the document's benefits hold, and `found.undoings` what may be undone
    found.finality       of the last thing that happened
    found.named          the document, if one was brought, and whether its names are the terms'
    found.standing       terms, state and events, for whatever else there is to say

Everything is read in one view of the store, by indexes alone: what it costs depends on this agreement's events, not on
how many agreements there are. No node is asked: what a court asks for now is not in the store, so that the fee is None
unless it is given. Without a document, amounts of tokens are in smallest units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from pyledger.document.units import say_time
from pyledger.ledger.events import Event
from pyledger.ledger.past import Past, past
from pyledger.ledger.reading import Posted, documents, entries, latest
from pyledger.ledger.standing import Standing, standing
from pyledger.ledger.store import Cursor, Store
from pyledger.observer.entitled import Entitlement, Undoing
from pyledger.observer.naming import Named, named
from pyledger.observer.reader import Reader
from pyledger.observer.rights import entitlements, undoings
from pyledger.observer.shapes import StatusView
from pyledger.observer.status import view
from pyledger.observer.story import tell
from pyledger.observer.verdicts import Observed

__all__ = ["HistoryLine", "Reading", "observed", "read_agreement"]


class HistoryLine(NamedTuple):
    """One thing that happened: when (Unix seconds), in words, and how settled its block is.

    `kind` is the event's name, `style` how a terminal colours it; `finality` is `latest`, `safe` or `finalized`.
    """

    at: int
    kind: str
    words: str
    style: str
    finality: str
    event: Event


@dataclass(frozen=True)
class Reading:
    """What the store says of one agreement, as of block `block`, judged at `now` (Unix seconds).

    `read_at` is that block's time. What is made of it is made when first asked for, and then kept.
    """

    cursor: Cursor
    standing: Standing
    named: Named
    entries: tuple[Posted, ...]
    block: int
    read_at: int
    now: int
    fee: int | None
    reference: tuple[str, ...]

    @cached_property
    def reader(self) -> Reader:
        """What says numbers in words."""
        return Reader(self.named.words, self.named.names, self.named.terms)

    @cached_property
    def view(self) -> StatusView:
        """How the agreement stands. Its title is the document's wherever that is at hand, names only where they fit."""
        seen = view(
            self.named.words,
            self.named.names,
            self.named.terms,
            observed(self.standing, self.cursor.chain_id, self.block, fee=self.fee),
            self.now,
            reference=self.reference,
        )
        document = self.named.document
        flaws = (self.named.flaw,) if self.named.flaw else ()
        return replace(seen, title=document.title if document else seen.title, warnings=(*flaws, *seen.warnings))

    @cached_property
    def lines(self) -> tuple[HistoryLine, ...]:
        """The history, in the order of the chain."""
        return tuple(
            HistoryLine(
                at=self.standing.times[line.event.origin.block],
                kind=line.kind,
                words=line.words,
                style=line.style,
                finality=self.cursor.finality(line.event.origin.block),
                event=line.event,
            )
            for line in tell(self.standing.events, self.reader, clock=say_time)
        )

    @cached_property
    def entitlements(self) -> tuple[Entitlement, ...]:
        """The document's benefits as they stand; none where its names are not the terms'."""
        named, state = self.named, self.standing.state
        if named.words is None:
            return ()
        return entitlements(named.words, named.names, named.terms, state, self._past, self.now)

    @cached_property
    def undoings(self) -> tuple[Undoing, ...]:
        """What may be undone after an end; nothing where the document's names are not the terms'."""
        named, state = self.named, self.standing.state
        return () if named.words is None else undoings(named.words, named.names, named.terms, state, self._past)

    @cached_property
    def _past(self) -> Past:
        return past(self.standing.events, self.standing.times)

    @property
    def finality(self) -> str:
        """How settled the last thing is that happened: `latest`, `safe` or `finalized`."""
        return self.cursor.finality(self.standing.changed)


def read_agreement(
    store: Store,
    source: int,
    address: bytes,
    *,
    now: int | None = None,
    fee: int | None = None,
    reference: Sequence[str] = (),
) -> Reading | None:
    """The agreement at an address (20 bytes) of a source (`Cursor.source`); None where the store has none there.

    `now` (Unix seconds) is the time of the last block read unless given; `fee` is what the court asks for (wei),
    `reference` how commands name the agreement. Raises NodeError where the events kept cannot be true, StoreError where
    the store fails.
    """
    with store.reading() as database:
        found = standing(database, source, address)
        if found is None:
            return None
        cursor = store.cursor(database, source)
        posted = tuple(entries(database, source, agreement=address))
        text, bindings = documents(database, [found.terms.document]).get(found.terms.document, (None, None))
        _, read_at = latest(database, source, cursor.next - 1) or (0, found.times[found.changed])
    return Reading(
        cursor=cursor,
        standing=found,
        named=named(found.terms, cursor.chain_id, text, bindings),
        entries=posted,
        block=cursor.next - 1,
        read_at=read_at,
        now=read_at if now is None else now,
        fee=fee,
        reference=tuple(reference),
    )


def observed(
    found: Standing,
    chain_id: int,
    block: int,
    *,
    fee: int | None = None,
) -> Observed:
    """What `pyledger.observer.status.view` takes, from the store instead of a node."""
    return Observed(
        chain_id=chain_id,
        agreement=found.agreement,
        block=block,
        state=found.state,
        voices=found.heard.voices,
        given=found.heard.given,
        challengers=found.heard.challengers,
        fee=fee,
    )
