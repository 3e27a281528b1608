"""What is new on a chain since one last looked: of one agreement from its events, or of all of them from the store.

The answers of a node are taken as they come: it may be restarted, fall behind, or have its chain reorganised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from pyledger.chain.connect import Connection
from pyledger.chain.events import Event
from pyledger.cli.deals import Deal
from pyledger.cli.output import clock
from pyledger.errors import NodeError
from pyledger.ledger.browse import changed_since
from pyledger.ledger.standing import Standing, standing_of
from pyledger.ledger.store import Store
from pyledger.ledger.sync import sync
from pyledger.observer.reader import Reader, nameless
from pyledger.observer.reading import observed, read_agreement
from pyledger.observer.shapes import StatusView
from pyledger.observer.status import view
from pyledger.observer.story import money_in, tell

__all__ = ["Everything", "Follower", "Line", "News", "OneDeal"]

_DEEP = 64
"""Blocks below the last one seen in which events are looked for again: they may have been reorganised."""

_MANY = 1_000


class Line(NamedTuple):
    """One thing that happened: when (Unix seconds), in words, and for programs; `of` is whose it is, of several."""

    at: int
    words: str
    style: str
    kind: str
    data: dict[str, Any]
    of: str = ""


class News(NamedTuple):
    """What one look brought: the block and its time by which all is judged, what is new, and how much is gone again.

    `view` is how the one agreement that is watched stands, None where it is not opened, or where all are watched.
    """

    block: int
    now: int
    lines: tuple[Line, ...]
    gone: int
    view: StatusView | None


class Follower(Protocol):
    """Something that can be looked at again and again."""

    def look(self) -> News:
        """What is new since the last look. Raises NodeError where the node does not answer, or is another chain's."""


class OneDeal:
    """One agreement: its events are read, and how it stands is folded from them. The first look tells no events."""

    def __init__(self, deal: Deal) -> None:
        self.deal = deal
        self._genesis = deal.connection.genesis_hash
        self._looked = False
        self._seen: tuple[Event, ...] = ()
        self._head: tuple[int, bytes] = (-1, b"")
        self._times: dict[bytes, int] = {}

    def look(self) -> News:
        """What is new of it."""
        connection = self.deal.connection
        head = connection.block("latest")
        _require_same(connection, self._genesis)
        before, new, gone = self._seen, [], 0
        if (head.number, head.hash) != self._head:
            start = max(self.deal.since, min(self._head[0], head.number) - _DEEP)
            kept = [event for event in before if event.origin.block < start]
            self._seen = (*kept, *self.deal.agreement.events(start=start))
            places = {(event.origin.block_hash, event.origin.log) for event in before}
            new = [e for e in self._seen if (e.origin.block_hash, e.origin.log) not in places]
            gone = len(before) + len(new) - len(self._seen)
            self._head = (head.number, head.hash)
        times = self._times_of(self._seen)
        found = standing_of(self.deal.agreement.address, self._seen, times) if self._seen else None
        now = self.deal.now()
        if found is None:
            self._looked = True
            return News(head.number, now, (), gone, None)
        reader = self._reader(found)
        lines = tuple(_lines(self._seen, new, reader, times)) if self._looked else ()
        self._looked = True
        return News(head.number, now, lines, gone, self._view(found, reader, head.number, now))

    def _reader(self, found: Standing) -> Reader:
        """Its words; without a document, of the phases that have been disclosed meanwhile too."""
        reader = self.deal.reader
        if reader.document is not None:
            return reader
        return replace(reader, names=nameless(found.terms), terms=found.terms)

    def _view(self, found: Standing, reader: Reader, block: int, now: int) -> StatusView:
        deal = self.deal
        said = observed(found, deal.connection.chain_id, block)
        reference = (deal.named, *deal.options)
        return view(reader.document, reader.names, reader.terms, said, now, reference=reference, payer=deal.payer)

    def _times_of(self, events: Sequence[Event]) -> dict[int, int]:
        missing = sorted({e.origin.block for e in events if e.origin.block_hash not in self._times})
        self._times |= {block.hash: block.time for block in self.deal.connection.blocks(missing)}
        if any(event.origin.block_hash not in self._times for event in events):
            self._head = (-1, b"")
            raise NodeError(
                "the chain is being reorganised: no block stays",
                where=self.deal.connection.network.place,
                hint="try again in a moment",
            )
        return {event.origin.block: self._times[event.origin.block_hash] for event in events}


@dataclass
class Everything:
    """All agreements of a chain, by way of the store, which is brought up to date at each look.

    `genesis` is the first block's hash, `next` the first block not told yet.
    """

    store: Store
    connection: Connection
    factory: bytes
    genesis: bytes
    start: int
    depth: int
    next: int | None = None

    def look(self) -> News:
        """What is new of all of them."""
        _require_same(self.connection, self.genesis)
        done = sync(self.store, self.connection, self.factory, start=self.start, depth=self.depth, pause=_at_once)
        cursor = done.cursor
        first = cursor.next if self.next is None else min(self.next, cursor.next - done.blocks)
        self.next = cursor.next
        lines: list[Line] = []
        with self.store.reading() as database:
            changed = changed_since(database, cursor.source, first, _MANY)
        for address in changed:
            found = read_agreement(self.store, cursor.source, address)
            if found is None:
                continue
            fresh = [e for e in found.standing.events if e.origin.block >= first]
            of = found.view.title if found.named.document else found.view.agreement
            told = _lines(found.standing.events, fresh, found.reader, found.standing.times)
            lines += [each._replace(of=of, data=each.data | {"agreement": found.view.agreement}) for each in told]
        lines.sort(key=lambda each: (each.data["block"], each.data["log"]))
        return News(cursor.next - 1, self.connection.latest_time(), tuple(lines), done.reorganised, None)


def _lines(events: Sequence[Event], new: Sequence[Event], reader: Reader, times: Mapping[int, int]) -> list[Line]:
    """Those of an agreement's events that are new, in words that know of the earlier ones."""
    places = {event.origin[:2] for event in new}
    found = []
    for line in tell(events, reader, clock=clock):
        origin = line.event.origin
        if origin[:2] not in places:
            continue
        data = {
            "at": times[origin.block],
            "block": origin.block,
            "log": origin.log,
            "transaction": "0x" + origin.transaction.hex(),
            "event": line.kind,
            "words": line.words,
        }
        if (money := money_in(line.event, reader)) is not None:
            data["money"] = money
        found.append(Line(times[origin.block], line.words, line.style, line.kind, data))
    return found


def _require_same(connection: Connection, genesis: bytes) -> None:
    if connection.genesis_hash != genesis:
        raise NodeError(
            "the node answers for another chain than before, or was started anew without its old one",
            where=connection.network.place,
            hint="if that was meant, begin to watch again",
        )


def _at_once(_seconds: float) -> None:
    """Whoever watches asks again soon enough."""
