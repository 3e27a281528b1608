"""From events to agreements, accounts and entries: what the store says beyond what a node said.

Everything here can be made anew from the logs, and is, for the agreements that a reorganisation has touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from pyledger.chain.events import (
    Disclosed,
    Ended,
    Event,
    Opened,
    Origin,
    PhaseDisclosed,
    PhaseOpened,
    decode_raw,
)
from pyledger.errors import NodeError
from pyledger.ledger.due import NOTHING, due_text, timed
from pyledger.ledger.journal import Book, Entry, post
from pyledger.ledger.tables import AGREEMENT, ENTRY, LOG, MEMBER, POSTING, add_rows, times_of
from pyledger.terms.addresses import checksum
from pyledger.terms.state import Status
from pyledger.terms.structs import Phase, Terms

__all__ = ["Projector", "event_of", "logs_of", "rebuild"]

_KEY: Final = ("source", "address")
_MOVING: Final = ("status", "phase", "disclosed", "opened_at", "changed", "due")
_MOVE: Final = (
    update(AGREEMENT)
    .where(AGREEMENT.c.source == bindparam("new_source"), AGREEMENT.c.address == bindparam("new_address"))
    .values({name: bindparam(f"new_{name}") for name in _MOVING})
)
"""What changes in an agreement's row after it was opened."""


@dataclass(slots=True)
class _Known:
    """An agreement as far as its events have been read: these, its book, and its row as it is to be."""

    book: Book
    row: dict[str, Any]
    events: list[Event] = field(default_factory=list)


class Projector:
    """Carries events, in the order of the chain, into the tables; `flush` writes what has come together.

    One for each transaction: agreements that it meets are read from the store once, as they were `before` that block.
    """

    def __init__(self, connection: Connection, source: int, *, before: int | None = None) -> None:
        self._connection = connection
        self._source = source
        self._before = before
        self._known: dict[bytes, _Known | None] = {}
        self._fresh: dict[bytes, dict[str, Any]] = {}
        self._changed: set[bytes] = set()
        self._members: list[tuple[Any, ...]] = []
        self._entries: list[tuple[Any, ...]] = []
        self._postings: list[tuple[Any, ...]] = []

    def take(self, event: Event, agreement: bytes, *, write: bool = True) -> None:
        """Carry one event on; without `write` only what later events need of it is remembered."""
        if isinstance(event, Opened):
            self._open(event, write=write)
        known = self._book(agreement)
        if known is None:
            return
        known.events.append(event)
        self._mark(event, known, agreement, write=write)
        try:
            entry = post(event, known.book)
        except IndexError:
            raise NodeError(
                f"the node's events of {checksum(agreement)} cannot have happened: {type(event).__name__} in block "
                f"{event.origin.block} names what the terms do not have",
                hint="use another node",
            ) from None
        if write and entry is not None:
            self._enter(event.origin, agreement, entry)

    def flush(self) -> None:
        """Write everything that has been taken."""
        self._look_ahead()
        if fresh := list(self._fresh.values()):
            self._connection.execute(insert(AGREEMENT), fresh)
        add_rows(self._connection, MEMBER, self._members)
        add_rows(self._connection, ENTRY, self._entries)
        add_rows(self._connection, POSTING, self._postings)
        changed = [self._known[address] for address in sorted(self._changed - self._fresh.keys())]
        if rows := [{f"new_{name}": known.row[name] for name in (*_KEY, *_MOVING)} for known in changed if known]:
            self._connection.execute(_MOVE, rows)
        self._fresh, self._changed = {}, set()
        self._members, self._entries, self._postings = [], [], []

    def _look_ahead(self) -> None:
        """Find what is due in those that have changed and go on."""
        changed = [known for address in self._changed if (known := self._known[address]) is not None]
        alive = [known for known in changed if known.row["status"] in (Status.OPEN, Status.IN_FORCE)]
        times = times_of(self._connection, self._source, {block for known in alive for block in timed(known.events)})
        for known in changed:
            known.row["due"] = NOTHING
        for known in alive:
            known.row["due"] = due_text(known.events, times)

    def _open(self, event: Opened, *, write: bool) -> None:
        row = {
            "source": self._source,
            "address": event.agreement,
            "block": event.origin.block,
            "terms_hash": event.terms_hash,
            "document": event.document,
            "status": int(Status.OPEN),
            "phase": 0,
            "phases": len(event.hashes),
            "disclosed": len(event.disclosed),
            "parties": " ".join(party.account.hex() for party in event.terms.parties),
            "opened_at": 0,
            "changed": event.origin.block,
            "due": NOTHING,
        }
        self._known[event.agreement] = _Known(Book(event.agreement, event.terms, list(event.disclosed)), row)
        if write:
            self._fresh[event.agreement] = row
            roles = dict.fromkeys(_roles(event.terms, event.disclosed))
            self._members += [(self._source, account, event.agreement, role) for account, role in roles]

    def _mark(self, event: Event, known: _Known, agreement: bytes, *, write: bool) -> None:
        row = known.row
        match event:
            case PhaseOpened():
                row |= {"status": int(Status.IN_FORCE), "phase": event.phase, "opened_at": event.opened_at}
            case Ended():
                row["status"] = int(event.status)
            case PhaseDisclosed():
                if event.phase == len(known.book.phases):
                    self._disclose(known, agreement, (event.content,), write=write)
            case Disclosed():
                self._disclose(known, agreement, event.disclosed[len(known.book.phases) :], write=write)
        row["changed"] = event.origin.block
        if write:
            self._changed.add(agreement)

    def _disclose(self, known: _Known, agreement: bytes, phases: Sequence[Phase], *, write: bool) -> None:
        there = set(_roles(known.book.terms, known.book.phases))
        known.book.phases.extend(phases)
        known.row["disclosed"] = len(known.book.phases)
        if write:
            self._members += [
                (self._source, account, agreement, role)
                for account, role in dict.fromkeys(_payees(phases))
                if (account, role) not in there
            ]

    def _enter(self, origin: Origin, agreement: bytes, entry: Entry) -> None:
        at = (self._source, origin.block, origin.log)
        self._entries.append((*at, agreement, entry.words))
        self._postings += [
            (*at, number, line.account, line.asset, str(line.amount)) for number, line in enumerate(entry.lines)
        ]

    def _book(self, agreement: bytes) -> _Known | None:
        """The agreement with everything that was read of it before; None if it was never opened."""
        if agreement not in self._known:
            self._known[agreement] = None
            for event in logs_of(self._connection, self._source, agreement, before=self._before):
                self.take(event, agreement, write=False)
        return self._known[agreement]


def logs_of(connection: Connection, source: int, agreement: bytes, *, before: int | None = None) -> Iterator[Event]:
    """All events of an agreement, in the order of the chain, as they are kept; those of blocks below `before` only."""
    key = (LOG.c.source == source) & (LOG.c.agreement == agreement)
    if before is not None:
        key &= LOG.c.block < before
    for row in connection.execute(select(LOG).where(key).order_by(LOG.c.block, LOG.c.log)):
        if (event := event_of(row)) is not None:
            yield event


def rebuild(connection: Connection, source: int, agreements: Iterable[bytes]) -> None:
    """Make rows and entries of some agreements anew from their logs, which stay as they are."""
    projector = Projector(connection, source)
    for address in agreements:
        events = list(logs_of(connection, source, address))
        for table in (AGREEMENT, MEMBER):
            column = table.c.address if table is AGREEMENT else table.c.agreement
            connection.execute(delete(table).where((table.c.source == source) & (column == address)))
        own = (ENTRY.c.source == source) & (ENTRY.c.agreement == address)
        connection.execute(delete(ENTRY).where(own))
        for event in events:
            projector.take(event, address)
    projector.flush()


def event_of(row: Row[Any]) -> Event | None:
    """A row of LOG, understood; None if it is not one of ours."""
    topics = [row.topics[at : at + 32] for at in range(0, len(row.topics), 32)]
    return decode_raw(Origin(row.block, row.log, row.address, row.transaction, b""), topics, row.data, checked=False)


def _roles(terms: Terms, phases: Sequence[Phase]) -> Iterator[tuple[bytes, str]]:
    yield from ((party.account, "party") for party in terms.parties)
    yield from ((seat.verifier, "verifier") for panel in terms.panels for seat in panel.seats)
    yield from ((account, "standing") for account in terms.standing)
    if any(terms.arbitrator):
        yield terms.arbitrator, "court"
    yield from ((share.to, "payee") for party in terms.parties for share in party.forfeiture)
    yield from _payees(phases)


def _payees(phases: Sequence[Phase]) -> Iterator[tuple[bytes, str]]:
    yield from ((share.to, "payee") for phase in phases for payment in phase.payments for share in payment.payees)
