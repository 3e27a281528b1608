"""How fresh the store is: what was last told of the node that it is read from, in a sentence for people."""

from __future__ import annotations

from typing import Final, NamedTuple

from pyledger.document.units import say_time
from pyledger.ledger.browse import Database, papers_mark, source_of, times_of
from pyledger.ledger.condition import Condition, condition_of
from pyledger.ledger.store import Cursor, Store
from pyledger.observer.web.settings import Settings
from pyledger.observer.web.views import NodeState
from pyledger.terms.addresses import checksum

__all__ = ["QUIET", "Standpoint", "standpoint"]

QUIET: Final = 20
"""Seconds without a word from whoever follows the node, after which nobody is taken to follow it."""

_FAR: Final = 2
"""So many blocks may be between the node's head and what was read while all is well."""


class Standpoint(NamedTuple):
    """Where the store stood when it was asked: the source that is shown (None: nothing was read yet), and its state.

    `mark` is another one whenever what is shown may be another: it goes into every answer's ETag.
    """

    cursor: Cursor | None
    node: NodeState
    mark: tuple[object, ...]

    @property
    def now(self) -> int:
        """By what time (Unix seconds) things are judged: that of the last block read, as the chain's clock counts."""
        return self.node.now if self.node.read_at is None else self.node.read_at


def standpoint(store: Store, database: Database, settings: Settings, now: int) -> Standpoint:
    """The source that is shown, and how fresh it is at `now` (Unix seconds, by this machine's clock)."""
    cursor = source_of(store, database, factory=settings.factory, chain_id=settings.chain_id)
    if cursor is None:
        return Standpoint(None, _nothing(settings, now), ("nothing",))
    told = condition_of(database, cursor.source)
    read = cursor.next - 1
    state = _state(cursor, told, settings, now, times_of(database, cursor.source, [read]).get(read))
    shown = (cursor.source, cursor.next, cursor.head, cursor.safe, cursor.finalized, state.reading, state.since)
    # After a reorganisation the chain may be as high as before, with other blocks.
    last = store.latest_block(database, cursor.source, read)
    return Standpoint(cursor, state, (*shown, last, *papers_mark(database)))


def _nothing(settings: Settings, now: int) -> NodeState:
    return NodeState(
        chain_id=settings.chain_id or 0,
        network=settings.network,
        factory=checksum(settings.factory),
        reading="unread",
        since=now,
        words="Nothing has been read yet: the node has not answered so far, or reading has only begun.",
        now=now,
        read=-1,
        read_at=None,
        head=None,
        safe=None,
        finalized=None,
        behind=0,
        heard_at=None,
        age=None,
    )


def _state(cursor: Cursor, told: Condition | None, settings: Settings, now: int, read_at: int | None) -> NodeState:
    behind = max(cursor.head - cursor.next + 1, 0)
    heard = max(told.heard_at if told else 0, cursor.synced_at) or None
    reading, since = "unread", heard or now
    if told is not None and now - told.told_at <= QUIET:
        reading, since = told.reading, told.since
        if reading == "live" and behind > _FAR:
            reading = "behind"
    return NodeState(
        chain_id=cursor.chain_id,
        network=settings.network,
        factory=checksum(cursor.factory),
        reading=reading,
        since=since,
        words=_words(reading, since, behind, cursor.next - 1, told.words if told else ""),
        now=now,
        read=cursor.next - 1,
        read_at=read_at,
        head=_named(cursor.head),
        safe=_named(cursor.safe),
        finalized=_named(cursor.finalized),
        behind=behind,
        heard_at=heard,
        age=None if heard is None else max(now - heard, 0),
    )


def _words(reading: str, since: int, behind: int, read: int, besides: str) -> str:
    when, shown = say_time(since), f"What is shown is as of block {read}."
    said = {
        "live": "The node answers, and every block is read as it comes.",
        "behind": f"The node answers; {behind:,} blocks are still to be read. {shown}",
        "unreachable": f"The node has not answered since {when}; it is asked again and again. {shown}",
        "other-chain": f"Since {when} the node answers for another chain than the one shown here. {shown}",
        "stopped": f"Reading has stopped at {when}. {shown}",
        "unread": f"No program has been reading the node since {when}. {shown}",
    }[reading]
    return said if reading == "unread" else f"{said} {besides}".rstrip()


def _named(block: int) -> int | None:
    return block if block >= 0 else None
