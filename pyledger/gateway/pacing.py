"""Handing on an answer at a share of the speed at which the service gives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from pyledger.gateway.limits import Pace

__all__ = ["paced"]

_WAITING: Final = 256
"""Most parts of an answer that wait to be handed on; then the service waits too."""


async def paced(
    chunks: AsyncIterator[bytes], pace: Pace, steady: Callable[[], float], *, began: float, spent: float
) -> AsyncIterator[bytes]:
    """The chunks, each when it is due. Asked at `began` (of the steady clock), the service took `spent` seconds so far.

    Only the service's own time counts: its next chunk is waited for while the one before is held back.
    """
    if pace.full:
        async for chunk in chunks:
            yield chunk
        return
    waiting: asyncio.Queue[tuple[bytes, float] | None] = asyncio.Queue(_WAITING)

    async def read() -> None:
        took, since = spent, steady()
        try:
            async for chunk in chunks:
                took += steady() - since
                await waiting.put((chunk, took))
                since = steady()
        finally:
            await waiting.put(None)

    reading = asyncio.ensure_future(read())
    try:
        while (item := await waiting.get()) is not None:
            chunk, took = item
            await asyncio.sleep(began + pace.due(took) - steady())
            yield chunk
        await reading
    finally:
        reading.cancel()
