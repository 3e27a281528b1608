"""From a node to the store: every event of a factory and its agreements, block after block, each exactly once.

Each batch of blocks is one transaction that also moves the cursor, so that a program killed at any instant leaves a
store that is as if it had stopped a moment earlier. Before each batch the blocks that are kept are held against the
node's: where the chain was reorganised, everything from the fork on is forgotten and read again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection as Database, delete, exists, insert, select

from pyledger.chain.connect import Block, Connection, RpcError
from pyledger.chain.events import Event, Opened, Origin, decode_raw, topics_known
from pyledger.errors import NodeError
from pyledger.ledger.projection import Projector, rebuild
from pyledger.ledger.store import Cursor, Store, StoreError
from pyledger.ledger.tables import AGREEMENT, BLOCK, LOG

__all__ = ["DEPTH", "Progress", "Synced", "sync"]

A = TypeVar("A")

DEPTH: Final = 64
"""How deep a reorganisation is expected, in blocks."""

_SPAN: Final = 2_000
_TRIES: Final = 6
_PAUSE: Final = 0.5
"""Seconds to wait after a node's first failure; each further one doubles it."""


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


class _Raw(NamedTuple):
    """A log as the node gave it, read but not yet understood."""

    origin: Origin
    topics: tuple[bytes, ...]
    data: bytes


class _Batch(NamedTuple):
    """Logs of some blocks, and hash and time of the blocks that may be kept."""

    logs: list[_Raw]
    blocks: dict[int, tuple[bytes, int]]


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
    genesis = connection.genesis_hash
    with store.writing() as database:
        cursor = store.source(database, chain_id=connection.chain_id, genesis=genesis, factory=factory, start=start)
    run = _Run(store, connection, cursor, depth, span, pause)
    while run.step(progress):
        pass
    return Synced(run.cursor, run.blocks, run.events, run.reorganised)


class _Run:
    """One sync at work."""

    def __init__(
        self, store: Store, node: Connection, cursor: Cursor, depth: int, span: int, pause: Callable[[float], None]
    ) -> None:
        self.store, self.node, self.cursor = store, node, cursor
        self.depth, self.widest, self.span, self.pause = depth, span, span, pause
        self.blocks = self.events = self.reorganised = 0

    def step(self, progress: Callable[[Progress], None]) -> bool:
        """One batch; whether there is more to do."""
        head = self._patiently(self.node.block)
        with self.store.reading() as database:
            self.cursor = self.store.cursor(database, self.cursor.source)
            kept = self.store.blocks(database, self.cursor.source)
        fork = self._fork(kept, head)
        if fork < self.cursor.next:
            self._rewind(fork)
            return True
        if self.cursor.next > head.number:
            self._note(head)
            return False
        last = min(self.cursor.next + self.span - 1, head.number)
        found = self._read(self.cursor.next, last, head)
        if found is None:
            return True
        if self._append(found, last, head):
            self.blocks += last + 1 - self.cursor.next
            self.events += len(found.logs)
            progress(Progress(last, head.number, self.events))
            self.span = min(self.span * 2, self.widest)
        return True

    # Reorganisations

    def _fork(self, kept: Sequence[tuple[int, bytes]], head: Block) -> int:
        """The first block that is not as the node has it now; that to be read next if all are.

        Blocks beyond a head that has fallen back are left alone while those below it agree: nodes lag behind.
        """
        known = [each for each in kept if each[0] <= head.number]
        if not known or self._agrees(known[-1]):
            return self.cursor.next
        low, high = 0, len(known) - 1
        while low < high:
            middle = (low + high) // 2
            if self._agrees(known[middle]):
                low = middle + 1
            else:
                high = middle
        return known[low - 1][0] + 1 if low else self.cursor.start

    def _agrees(self, kept: tuple[int, bytes]) -> bool:
        return self._patiently(lambda: self.node.block(kept[0])).hash == kept[1]

    def _rewind(self, fork: int) -> None:
        gone = self.cursor.next - fork
        if gone > self.depth and fork <= self._deepest():
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

    def _deepest(self) -> int:
        return self.cursor.next - 1 - self.depth

    # Reading

    def _read(self, first: int, last: int, head: Block) -> _Batch | None:
        """Logs and the blocks to keep; None where the node's answers do not fit together, to be asked again."""
        ending = self._patiently(lambda: self.node.block(last))
        try:
            answered = self._patiently(lambda: self._logs(first, last))
        except RpcError:
            if self.span == 1:
                raise
            self.span = max(1, self.span // 2)
            return None
        logs = [each for each in map(_raw, answered) if each is not None]
        if any(not first <= log.origin.block <= last for log in logs):
            raise self.node.nonsense("eth_getLogs", "logs of blocks that were not asked for")
        numbers = sorted({log.origin.block for log in logs} | set(self._window(first, last, head)))
        blocks = self._headers([number for number in numbers if number != last])
        blocks[last] = ending
        again = self._patiently(lambda: self.node.block(last))
        fits = again.hash == ending.hash and all(log.origin.block_hash == blocks[log.origin.block].hash for log in logs)
        return _Batch(logs, {number: (block.hash, block.time) for number, block in blocks.items()}) if fits else None

    def _window(self, first: int, last: int, head: Block) -> range:
        """The blocks of a batch that are near enough to the head to be reorganised."""
        return range(max(first, head.number - self.depth), last + 1)

    def _logs(self, first: int, last: int) -> list[object]:
        topics = [["0x" + each.hex() for each in topics_known()]]
        found = self.node.request("eth_getLogs", {"topics": topics, "fromBlock": hex(first), "toBlock": hex(last)})
        if not isinstance(found, list):
            raise self.node.nonsense("eth_getLogs", "no list of logs")
        return found

    def _headers(self, numbers: Sequence[int]) -> dict[int, Block]:
        return {number: self._patiently(lambda number=number: self.node.block(number)) for number in numbers}  # type: ignore[misc]

    def _patiently(self, ask: Callable[[], A]) -> A:
        """Ask again, after longer and longer pauses, a node that does not answer or limits how often it is asked."""
        for attempt in range(_TRIES):
            try:
                return ask()
            except RpcError:
                raise
            except NodeError:
                if attempt == _TRIES - 1:
                    raise
                self.pause(_PAUSE * 2**attempt)
        raise AssertionError("unreachable")

    # Writing

    def _append(self, batch: _Batch, last: int, head: Block) -> bool:
        """One batch into the store; False where another indexer was faster."""
        with self.store.writing() as database:
            cursor = self.store.cursor(database, self.cursor.source, lock=True)
            if cursor.next != self.cursor.next:
                return False
            taken = _kept(database, cursor, batch.logs)
            _write(database, cursor, taken, batch.blocks, head.number - self.depth)
            projector = Projector(database, cursor.source, before=cursor.next)
            for _, event, agreement in taken:
                projector.take(event, agreement)
            projector.flush()
            self.store.move(database, self._heads(cursor, head)._replace(next=last + 1))
        return True

    def _note(self, head: Block) -> None:
        """Nothing new; what the node says of finality may be."""
        with self.store.writing() as database:
            cursor = self.store.cursor(database, self.cursor.source, lock=True)
            self.cursor = self._heads(cursor, head)
            self.store.move(database, self.cursor)

    def _heads(self, cursor: Cursor, head: Block) -> Cursor:
        """The cursor with what the node says of its head now."""
        safe, finalized = self._tag("safe"), self._tag("finalized")
        return cursor._replace(head=head.number, safe=safe, finalized=finalized, synced_at=int(time.time()))

    def _tag(self, tag: str) -> int:
        try:
            return self._patiently(lambda: self.node.block(tag)).number
        except NodeError:
            return -1


def _raw(log: object) -> _Raw | None:
    """A log of whatever contract, or None where it is none at all."""
    if not isinstance(log, dict) or log.get("removed") is True:
        return None
    try:
        origin = Origin(
            block=int(log["blockNumber"], 16),
            log=int(log["logIndex"], 16),
            address=bytes.fromhex(log["address"][2:]),
            transaction=bytes.fromhex(log["transactionHash"][2:]),
            block_hash=bytes.fromhex(log["blockHash"][2:]),
        )
        topics = tuple(bytes.fromhex(each[2:]) for each in log["topics"])
        return _Raw(origin, topics, bytes.fromhex(log["data"][2:]))
    except (KeyError, TypeError, ValueError):
        return None


def _kept(database: Database, cursor: Cursor, logs: list[_Raw]) -> list[tuple[_Raw, Event, bytes]]:
    """Those that the factory or one of its agreements emitted, in the order of the chain, with whose they are."""
    unique = {each.origin[:2]: each for each in logs}
    decoded = [
        (each, decode_raw(each.origin, each.topics, each.data, checked=False)) for _, each in sorted(unique.items())
    ]
    opened = {
        event.agreement
        for each, event in decoded
        if isinstance(event, Opened) and each.origin.address == cursor.factory
    }
    ours = opened | _agreements(database, cursor.source, {each.origin.address for each, _ in decoded} - opened)
    ours.add(cursor.factory)
    return [
        (each, event, getattr(event, "agreement", each.origin.address))
        for each, event in decoded
        if event is not None and each.origin.address in ours
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


def _write(
    database: Database, cursor: Cursor, taken: list[tuple[_Raw, Event, bytes]], blocks: dict[int, Any], settled: int
) -> None:
    """Logs, the blocks that hold them and the latest ones; blocks that are settled and hold nothing are let go."""
    with_events = {each.origin.block for each, _, _ in taken}
    rows = [
        {"source": cursor.source, "number": number, "hash": hash_, "time": moment}
        for number, (hash_, moment) in sorted(blocks.items())
        if number in with_events or number >= settled
    ]
    if rows:
        database.execute(insert(BLOCK), rows)
    if taken:
        database.execute(insert(LOG), [_row(cursor, *each) for each in taken])
    holds = exists().where(LOG.c.source == BLOCK.c.source, LOG.c.block == BLOCK.c.number)
    database.execute(delete(BLOCK).where(BLOCK.c.source == cursor.source, BLOCK.c.number < settled, ~holds))


def _row(cursor: Cursor, raw: _Raw, event: Event, agreement: bytes) -> dict[str, object]:
    return {
        "source": cursor.source,
        "block": raw.origin.block,
        "log": raw.origin.log,
        "address": raw.origin.address,
        "agreement": agreement,
        "kind": type(event).__name__,
        "transaction": raw.origin.transaction,
        "topics": b"".join(raw.topics),
        "data": raw.data,
    }
