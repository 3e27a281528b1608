"""From a node to the store: every event of a factory and its agreements, block after block, each exactly once.

Each batch of blocks is one transaction that also moves the cursor, so that a program killed at any instant leaves a
store that is as if it had stopped a moment earlier. Before each batch the latest block that is kept is held against the
node's: where the chain was reorganised, everything from the fork on is forgotten and read again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection as Database, delete, exists, select

from pyledger.chain.connect import Block, Connection
from pyledger.chain.events import Event, Opened, decode_raw
from pyledger.ledger.intake import TRIES, Batch, Contradiction, Intake, Raw, TooMuch
from pyledger.ledger.projection import Projector, rebuild
from pyledger.ledger.store import Cursor, Store, StoreError
from pyledger.ledger.tables import AGREEMENT, BLOCK, LOG, add_rows

__all__ = ["DEPTH", "Progress", "Synced", "sync"]

DEPTH: Final = 64
"""How deep a reorganisation is expected, in blocks."""

_SPAN: Final = 2_000
_MANY: Final = 5_000
"""From so many logs in a batch on, the next one is of fewer blocks: memory stays what it is however long the chain."""

_SLACK: Final = 4_096
"""Blocks below the head among which those are looked for that need not be kept any longer."""


class Progress(NamedTuple):
    """How far a sync is: blocks read of those there are, and events found so far."""

    block: int
    head: int
    events: int


class Synced(NamedTuple):
    """What a sync did: blocks and events read, blocks that a reorganisation took back, and where it stands now."""

    cursor: Cursor
    blocks: int
    events: int
    reorganised: int


class _Taken(NamedTuple):
    """A log that is one of ours, what it says, and the agreement it is about."""

    raw: Raw
    event: Event
    agreement: bytes


def sync(
    store: Store,
    connection: Connection,
    factory: bytes,
    *,
    start: int = 0,
    depth: int = DEPTH,
    span: int = _SPAN,
    progress: Callable[[Progress], None] = lambda _: None,
    pause: Callable[[float], None] = time.sleep,
) -> Synced:
    """Bring the store up to the node's head.

    `start` is the block to begin with in a new store, `depth` how deep a reorganisation may be, `span` the most blocks
    to ask for at once. Raises NodeError where the node does not answer or contradicts itself, StoreError where a
    reorganisation is deeper than expected.
    """
    intake = Intake(connection, pause)
    key = {"chain_id": connection.chain_id, "genesis": intake.genesis, "factory": factory}
    with store.writing() as database:
        cursor = store.source(database, **key, start=start)  # type: ignore[arg-type]
    run = _Run(store, intake, cursor, depth, span)
    run.through(progress)
    return Synced(run.cursor, run.blocks, run.events, run.reorganised)


class _Run:
    """One sync at work."""

    def __init__(self, store: Store, intake: Intake, cursor: Cursor, depth: int, span: int) -> None:
        self.store, self.intake, self.cursor = store, intake, cursor
        self.depth, self.widest, self.span = depth, span, span
        self.blocks = self.events = self.reorganised = 0

    def through(self, progress: Callable[[Progress], None]) -> None:
        """Batch after batch up to the head; what contradicts itself is asked for again."""
        misfits, more = 0, True
        while more:
            try:
                more = self._step(progress)
                misfits = 0
            except Contradiction:
                misfits += 1
                if misfits == TRIES:
                    raise
                self.intake.rest(misfits - 1)
            except TooMuch:
                self.span = max(1, self.span // 2)

    def _step(self, progress: Callable[[Progress], None]) -> bool:
        """One batch; whether there is more to do."""
        head = self.intake.head()
        with self.store.reading() as database:
            self.cursor = self.store.cursor(database, self.cursor.source)
            latest = self.store.latest_block(database, self.cursor.source, head.number)
        if latest is not None and not self._agrees(latest):
            self._rewind(self._fork(head))
            return True
        if self.cursor.next > head.number:
            self._note(head)
            return False
        first, last = self.cursor.next, min(self.cursor.next + self.span - 1, head.number)
        found = self.intake.read(first, last, self._window(first, last, head), head)
        taken = self._append(found, last, head)
        if taken is not None:
            self.blocks += last + 1 - first
            self.events += taken
            progress(Progress(last, head.number, self.events))
            self._pace(len(found.logs))
        return True

    def _window(self, first: int, last: int, head: Block) -> range:
        """The blocks of a batch that are near enough to the head to be reorganised."""
        return range(max(first, head.number - self.depth), last + 1)

    def _pace(self, logs: int) -> None:
        self.span = max(1, self.span // 2) if logs > _MANY else min(self.span * 2, self.widest)

    # Reorganisations

    def _fork(self, head: Block) -> int:
        """The first block that is not as the node has it now.

        Blocks beyond a head that has fallen back are left alone while those below it agree: nodes lag behind.
        """
        with self.store.reading() as database:
            known = [each for each in self.store.blocks(database, self.cursor.source) if each[0] <= head.number]
        low, high = 0, len(known)
        while low < high:
            middle = (low + high) // 2
            if self._agrees(known[middle]):
                low = middle + 1
            else:
                high = middle
        return known[low - 1][0] + 1 if low else self.cursor.start

    def _agrees(self, kept: tuple[int, bytes]) -> bool:
        return self.intake.block(kept[0]).hash == kept[1]

    def _rewind(self, fork: int) -> None:
        self.intake.same_chain()
        gone = self.cursor.next - fork
        if gone > self.depth:
            raise StoreError(
                f"the chain was reorganised {gone} blocks deep, and {self.depth} were expected",
                where=f"block {fork}",
                hint="if the node is to be trusted, go on with --depth; else use another node",
            )
        with self.store.writing() as database:
            cursor = self.store.cursor(database, self.cursor.source, lock=True)
            if cursor.next <= fork:
                return
            touched = self.store.rewind(database, cursor.source, fork)
            self.store.move(database, cursor._replace(next=fork))
            rebuild(database, cursor.source, touched)
        self.reorganised += gone

    # Writing

    def _append(self, batch: Batch, last: int, head: Block) -> int | None:
        """One batch into the store, and how many events were in it; None where another indexer was faster."""
        decoded = _decoded(batch.logs)
        marks = self._marks(head)
        with self.store.writing() as database:
            cursor = self.store.cursor(database, self.cursor.source, lock=True)
            if cursor.next != self.cursor.next:
                return None
            taken = _ours(database, cursor, decoded)
            _write(database, cursor, taken, batch.blocks, head.number - self.depth)
            projector = Projector(database, cursor.source, before=cursor.next)
            for _, event, agreement in taken:
                projector.take(event, agreement)
            projector.flush()
            self.store.move(database, cursor._replace(next=last + 1, **marks))
        return len(taken)

    def _note(self, head: Block) -> None:
        """Nothing new; what the node says of finality may be."""
        marks = self._marks(head)
        with self.store.writing() as database:
            cursor = self.store.cursor(database, self.cursor.source, lock=True)
            self.cursor = cursor._replace(**marks)
            self.store.move(database, self.cursor)

    def _marks(self, head: Block) -> dict[str, Any]:
        """What the node says of its head now, as the cursor keeps it."""
        safe, finalized = self.intake.finality(head)
        return {"head": head.number, "safe": safe, "finalized": finalized, "synced_at": int(time.time())}


def _decoded(logs: Sequence[Raw]) -> list[tuple[Raw, Event]]:
    found = ((each, decode_raw(each.origin, each.topics, each.data, checked=False)) for each in logs)
    return [(raw, event) for raw, event in found if event is not None]


def _ours(database: Database, cursor: Cursor, decoded: Sequence[tuple[Raw, Event]]) -> list[_Taken]:
    """Those that the factory or one of its agreements emitted, with whose they are."""
    opened = {
        event.agreement for raw, event in decoded if isinstance(event, Opened) and raw.origin.address == cursor.factory
    }
    ours = opened | _agreements(database, cursor.source, {raw.origin.address for raw, _ in decoded} - opened)
    ours.add(cursor.factory)
    return [
        _Taken(raw, event, getattr(event, "agreement", raw.origin.address))
        for raw, event in decoded
        if raw.origin.address in ours
    ]


def _agreements(database: Database, source: int, addresses: set[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    some = sorted(addresses)
    for first in range(0, len(some), 500):
        query = select(AGREEMENT.c.address).where(
            AGREEMENT.c.source == source, AGREEMENT.c.address.in_(some[first : first + 500])
        )
        found |= set(database.scalars(query))
    return found


def _write(database: Database, cursor: Cursor, taken: Sequence[_Taken], blocks: dict[int, Any], settled: int) -> None:
    """Logs, the blocks that hold them, the last of all and those near the head; those no longer near are let go."""
    wanted = {each.raw.origin.block for each in taken} | {max(blocks)}
    rows = [
        (cursor.source, number, hash_, moment)
        for number, (hash_, moment) in sorted(blocks.items())
        if number in wanted or number >= settled
    ]
    add_rows(database, BLOCK, rows)
    add_rows(database, LOG, [_row(cursor.source, each) for each in taken])
    lowest = min(cursor.next - 1, max(cursor.head, settled) - _SLACK)
    holds = exists().where(LOG.c.source == BLOCK.c.source, LOG.c.block == BLOCK.c.number)
    near = BLOCK.c.number.between(lowest, min(settled, max(blocks)) - 1)
    database.execute(delete(BLOCK).where(BLOCK.c.source == cursor.source, near, ~holds))


def _row(source: int, taken: _Taken) -> tuple[object, ...]:
    """A row of LOG."""
    (origin, topics, data), event, agreement = taken
    kind = type(event).__name__
    where = (source, origin.block, origin.log, origin.address)
    return (*where, agreement, kind, origin.transaction, b"".join(topics), data)
