"""Following a node: what is new is read into the store as it comes, and how that goes is written down for readers.

Whatever happens to the node (it is down, restarted, lags, lies) following goes on: it is asked again, after longer and
longer pauses. The node itself is the business of whoever makes the `Chain`; here nothing is known of it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from pyledger.errors import NodeError, PyledgerError, WrongNetworkError
from pyledger.ledger.browse import source_of
from pyledger.ledger.condition import Condition, tell
from pyledger.ledger.store import Store, StoreError
from pyledger.ledger.sync import Progress, Synced
from pyledger.observer.web import metrics
from pyledger.observer.web.log import fields

__all__ = ["Chain", "Follower"]

_LONGEST: Final = 10.0
"""Seconds between two attempts at most: so long at most after it is back a node is heard again."""

_WAIT: Final = 2.0
"""Seconds that a reading waits at most before it asks once more."""

_FULLY: Final = 12.0
"""Seconds after which a node that names no new block is asked again what of it is final."""

_RETELL: Final = 5
"""Seconds after which it is written down again that nothing has changed."""

_LOGGER: Final = logging.getLogger("pyledger.follow")


class Chain(Protocol):
    """A node that is followed, and the factory whose events are wanted; `chain_id` is None until it has answered.

    `note` is what readers are to be told of it besides, empty if nothing.
    """

    factory: bytes
    chain_id: int | None
    note: str

    def head(self) -> bytes:
        """Hash of the latest block. Raises NodeError, WrongNetworkError."""

    def read(self, store: Store, pause: Callable[[float], None], progress: Callable[[Progress], None]) -> Synced:
        """Bring the store up to the node's head. Raises NodeError, StoreError, WrongNetworkError."""


class _Stopped(Exception):
    """Following is to end, while a node was waited for."""


class Follower:
    """Follows one chain until it is stopped. `interval` is the time between two looks at the node, in seconds."""

    def __init__(self, store: Store, chain: Chain, *, interval: float = 1.0) -> None:
        self._store = store
        self._chain = chain
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="follower", daemon=True)
        self._told: Condition | None = None
        self._source: int | None = None
        self._heard_at = 0
        self._head = b""
        self._read_at = 0.0

    def start(self) -> None:
        """Begin, beside whatever else this process does."""
        self._thread.start()

    def stop(self, *, wait: float = 5.0) -> None:
        """End, and wait for it at most so many seconds; what was read is in the store in any case."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(wait)

    def run(self) -> None:
        """Follow until `stop` is called."""
        delay = 0.0
        while not self._stop.wait(delay):
            try:
                self._look()
                delay = self._interval
            except _Stopped:
                return
            except PyledgerError as error:
                self._fail(error)
                delay = min(max(delay, self._interval) * 2, _LONGEST)

    def _look(self) -> None:
        """Read what is new, if the node names another head than before; else ask for more only now and then."""
        head = self._chain.head()
        if head != self._head or time.monotonic() - self._read_at > _FULLY:
            done = self._chain.read(self._store, self._pause, self._progress)
            self._head, self._read_at = head, time.monotonic()
            self._source = done.cursor.source
            metrics.read(blocks=done.blocks, events=done.events, reorganised=done.reorganised)
            metrics.behind(max(done.cursor.head - done.cursor.next + 1, 0))
            if done.reorganised:
                _LOGGER.warning("reorganised", extra=fields(blocks=done.reorganised, next=done.cursor.next))
        self._heard_at = int(time.time())
        metrics.heard(self._heard_at)
        self._say("live")

    def _pause(self, seconds: float) -> None:
        """The node has failed once and is to be asked again: readers are told, as it may be long."""
        self._say("unreachable")
        if self._stop.wait(min(seconds, _WAIT)):
            raise _Stopped

    def _progress(self, at: Progress) -> None:
        self._heard_at = int(time.time())
        metrics.behind(at.head - at.block)
        self._say("behind" if at.head - at.block > 0 else "live")
        if self._stop.is_set():
            raise _Stopped

    def _fail(self, error: PyledgerError) -> None:
        kind = type(error).__name__
        metrics.failed(kind)
        _LOGGER.warning("cannot read the node", extra=fields(kind=kind, what=error.what))
        self._head = b""
        if isinstance(error, WrongNetworkError):
            self._say("other-chain", error.what)
        elif isinstance(error, NodeError):
            self._say("unreachable")
        else:
            self._say("stopped", error.what)

    def _say(self, reading: str, besides: str = "") -> None:
        """Write down how it goes: at once where that has changed, else now and then."""
        now = int(time.time())
        told, words = self._told, besides or self._chain.note
        same = told is not None and (told.reading, told.words) == (reading, words)
        if told is not None and same and now - told.told_at < _RETELL:
            return
        since = told.since if told is not None and same else self._since(reading, now)
        fresh = Condition(reading, since, self._heard_at, now, words)
        try:
            source = self._known()
            if source is not None:
                tell(self._store, source, fresh)
                self._told = fresh
        except StoreError as error:
            metrics.failed("StoreError")
            _LOGGER.warning("cannot write to the store", extra=fields(what=error.what))
        if not same:
            _LOGGER.info("following", extra=fields(reading=reading, since=since))

    def _since(self, reading: str, now: int) -> int:
        """A node that fails has been failing since it last answered."""
        return self._heard_at if reading == "unreachable" and self._heard_at else now

    def _known(self) -> int | None:
        """The source that is followed; the one that was read last where this run has read none yet."""
        if self._source is None:
            with self._store.reading() as database:
                chain = self._chain
                found = source_of(self._store, database, factory=chain.factory, chain_id=chain.chain_id)
            return None if found is None else found.source
        return self._source
