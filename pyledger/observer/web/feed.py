"""Live updates: every listener is told when the store has changed, by server-sent events.

One task a process looks at the store; however many listen, it looks once. A listener that is slow misses nothing but
what a later event makes superfluous: it is told that everything may have changed.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final, NamedTuple

from starlette.concurrency import run_in_threadpool

from pyledger.ledger.browse import changed_since
from pyledger.ledger.store import StoreError
from pyledger.observer.shapes import plain
from pyledger.observer.web import metrics
from pyledger.observer.web.problems import Busy
from pyledger.observer.web.views import NodeState, Pulse
from pyledger.observer.web.window import Window
from pyledger.terms.addresses import checksum

__all__ = ["Feed"]

_LOOK: Final = 0.25
"""Seconds between two looks at the store."""

_BEAT: Final = 15.0
"""Seconds after which a listener hears something even if nothing has changed."""

_RECENT: Final = 64
"""So many pulses a listener may be behind."""

_LISTED: Final = 100
"""So many agreements are named as changed; of more it is said that everything may have changed."""


class _Seen(NamedTuple):
    """Where the store stood: what the next look is compared with."""

    mark: tuple[object, ...]
    papers: tuple[object, ...]
    source: int
    next: int
    last: tuple[int, bytes] | None


class Feed:
    """What listeners are told; `run` looks at the store until `close` is called."""

    def __init__(self, window: Window, *, most: int) -> None:
        self._window = window
        self._most = most
        self._listeners = 0
        self._pulses: deque[tuple[int, Pulse]] = deque(maxlen=_RECENT)
        self._turn = 0
        self._news = asyncio.Event()
        self._seen: _Seen | None = None
        self._empty = False
        self.closed = False

    def close(self) -> None:
        """Let every listener go, so that the server can end."""
        self.closed = True

    async def run(self) -> None:
        """Look at the store again and again."""
        while not self.closed:
            try:
                pulse = await run_in_threadpool(self._look)
            except StoreError:
                pulse = None
            if pulse is not None:
                self._turn += 1
                self._pulses.append((self._turn, pulse))
                self._news.set()
                self._news = asyncio.Event()
            await asyncio.sleep(_LOOK)

    def admit(self) -> None:
        """Raises Busy where there are as many listeners as there can be."""
        if self.closed or self._listeners >= self._most:
            raise Busy("too many pages listen at present", "the page can be loaded again", {"Retry-After": "10"})

    async def listen(self, agreement: str | None, last_id: str | None) -> AsyncIterator[bytes]:
        """Events for one listener, of one agreement only if it is given; `last_id` is that of the last it heard."""
        self._listeners += 1
        metrics.listening(1)
        try:
            turn, heard = self._turn, time.monotonic()
            yield b"retry: 2000\n\n"
            yield _event(_of(await run_in_threadpool(self._since, last_id), agreement))
            while not self.closed:
                news = self._news
                for number, pulse in self._missed(turn):
                    turn, heard = number, time.monotonic()
                    yield _event(_of(pulse, agreement))
                if time.monotonic() - heard > _BEAT:
                    heard = time.monotonic()
                    yield b": still here\n\n"
                await _either(news, 0.5)
        finally:
            self._listeners -= 1
            metrics.listening(-1)

    def _missed(self, turn: int) -> list[tuple[int, Pulse]]:
        """Pulses since a turn; one that says that everything may have changed where there were too many."""
        found = [each for each in self._pulses if each[0] > turn]
        if found and found[0][0] > turn + 1:
            return [(found[-1][0], replace(found[-1][1], everything=True))]
        return found

    def _look(self) -> Pulse | None:
        """A pulse if anything has changed since the last look."""
        window, before = self._window, self._seen
        with window.store.reading() as database:
            stand = window.stand(database)
            if stand.cursor is None or (before is not None and before.mark == stand.mark):
                self._empty = self._empty or stand.cursor is None
                return None
            source, following = stand.cursor.source, stand.cursor.next
            last = window.store.latest_block(database, source, following - 1)
            self._seen = _Seen(stand.mark, stand.mark[-2:], source, following, last)
            if before is None:
                return Pulse(stand.node, (), everything=self._empty)
            kept = before.last is None or window.store.latest_block(database, source, before.last[0]) == before.last
            changed = changed_since(database, source, before.next, _LISTED + 1)
        same = (before.source, before.papers) == (source, stand.mark[-2:]) and following >= before.next and kept
        everything = not same or len(changed) > _LISTED
        return Pulse(stand.node, tuple(map(checksum, changed[:_LISTED])), everything)

    def _since(self, last_id: str | None) -> Pulse:
        """What somebody is told who comes, or comes back after that event."""
        with self._window.store.reading() as database:
            stand = self._window.stand(database)
            if stand.cursor is None or not last_id:
                return Pulse(stand.node, (), everything=False)
            source, _, block = last_id.partition("-")
            if source != stand.node.factory or not block.isdecimal() or len(block) > 18:
                return Pulse(stand.node, (), everything=True)
            changed = changed_since(database, stand.cursor.source, int(block) + 1, _LISTED + 1)
        everything = len(changed) > _LISTED or int(block) > stand.node.read
        return Pulse(stand.node, tuple(map(checksum, changed[:_LISTED])), everything)


def _of(pulse: Pulse, agreement: str | None) -> Pulse:
    if agreement is None:
        return pulse
    return replace(pulse, changed=tuple(each for each in pulse.changed if each == agreement))


def _event(pulse: Pulse) -> bytes:
    data = json.dumps(plain(pulse), ensure_ascii=True, separators=(",", ":"))
    return f"event: state\nid: {_id(pulse.node)}\ndata: {data}\n\n".encode()


def _id(node: NodeState) -> str:
    return f"{node.factory}-{max(node.read, 0)}"


async def _either(news: asyncio.Event, seconds: float) -> None:
    """Until there is news, or so long."""
    try:
        await asyncio.wait_for(news.wait(), seconds)
    except TimeoutError:
        return
