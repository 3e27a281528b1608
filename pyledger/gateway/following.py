"""Following the chain beside the requests: a reading of each new block for the door, and a line when it matters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from pyledger.chain.connect import RpcError
from pyledger.errors import NodeError, PyledgerError, WrongNetworkError
from pyledger.gateway.audit import AuditLog
from pyledger.gateway.door import Clock, Door
from pyledger.gateway.monitoring import Monitor
from pyledger.gateway.reading import NodeReader, Reading, Reorganised

__all__ = ["Follower"]

_GLANCE: Final = 0.1
"""Seconds between two looks at whether what is known has become too old."""

_TALLY: Final = 60.0
_CERTAIN: Final = (Reorganised, WrongNetworkError, RpcError)
"""Errors of a node that say something about the chain. Others, silence among them, are waited out while the last
reading is fresh enough."""


class Follower:
    """Keeps a door informed. `say` tells the operator what is on record anyway."""

    def __init__(
        self,
        reader: NodeReader,
        door: Door,
        log: AuditLog,
        monitor: Monitor,
        *,
        poll: float,
        clock: Clock | None = None,
        say: Callable[[str], None],
    ) -> None:
        self._reader = reader
        self._door = door
        self._log = log
        self._monitor = monitor
        self._poll = poll
        self._clock = clock or Clock()
        self._say = say
        self._shut: str | None = ""
        self._held: dict[str, bool] = {}

    async def run(self) -> None:
        """Follows until it is cancelled. OSError if the record cannot be written: then the door is closed."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follow())
                tasks.create_task(self._watch())
                tasks.create_task(self._keep())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            self._door.close("the gateway is ending")

    async def look(self) -> None:
        """One reading."""
        begun = self._clock.steady()
        try:
            reading = await asyncio.to_thread(self._reader.read)
        except PyledgerError as error:
            if isinstance(error, _CERTAIN) or not isinstance(error, NodeError):
                self._door.close(error.what)
        else:
            if reading is not None:
                self._take(reading, begun)
        self._glance()

    def _take(self, reading: Reading, begun: float) -> None:
        before = self._door.reading
        new = before is None or before.block.hash != reading.block.hash
        self._door.update(reading, begun=begun)
        if new:
            self._write("block", {"block": reading.block.number, "hash": "0x" + reading.block.hash.hex()}, reading)
        for each in reading.holders.values():
            if self._held.get(each.holder) == each.holds:
                continue
            self._held[each.holder] = each.holds
            said = {"holder": each.holder, "account": each.account, "block": reading.block.number, "why": each.why}
            self._write("gained" if each.holds else "lost", said, reading, sync=True)
            self._say(f"{each.holder} {'is' if each.holds else 'is not'} entitled: {each.why}")

    def _glance(self) -> None:
        """Whether the door is open now; who is inside and may not be is cut off."""
        shut = self._door.shut()
        self._door.review()
        if shut == self._shut or (shut is not None and self._shut):
            return
        self._shut = shut
        self._write("closed" if shut else "opened", {"why": shut} if shut else {}, None, sync=True)
        self._say(f"closed: {shut}" if shut else "open")

    def _write(self, event: str, said: dict[str, Any], reading: Reading | None, *, sync: bool = False) -> None:
        more = {} if reading is None else {"block_time": reading.block.time}
        self._log.write(event, {"at": round(self._clock.wall(), 3)} | said | more, sync=sync)

    async def _follow(self) -> None:
        while True:
            begun = self._clock.steady()
            await self.look()
            await asyncio.sleep(max(0.0, self._poll - (self._clock.steady() - begun)))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_GLANCE)
            self._glance()

    async def _keep(self) -> None:
        tallied = self._clock.steady()
        while True:
            await asyncio.sleep(1.0)
            if self._clock.steady() - tallied >= _TALLY:
                self._monitor.tally(at=self._clock.wall())
                tallied = self._clock.steady()
            await asyncio.to_thread(self._log.sync)
