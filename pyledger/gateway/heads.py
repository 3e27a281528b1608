"""HTTP as the gateway hears it: uvicorn's, with bounds to what anybody can send before it is known who asks.

uvicorn takes in the head of a request (its line and headers, or trailers) to the end, however long it is and however
long that takes: one connection could fill the memory, and many silent ones all places.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["MOST", "PATIENCE", "BoundedProtocol"]

MOST: Final = 65_536
"""Bytes that may come without a head, a part of a body or a request being complete with them."""

PATIENCE: Final = 10.0
"""Seconds for a head to be complete, from the connection or the first byte of the next request on it."""


class BoundedProtocol(HttpToolsProtocol):
    """Breaks off a connection on which a head is too long, or does not come to its end."""

    _pending = 0
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connects."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Something comes."""
        if getattr(self.cycle, "response_complete", True):  # there is no cycle before the first request
            self._await_head()
        self._pending += len(data)
        super().data_received(data)
        if self._pending > MOST:
            self.transport.abort()

    def on_headers_complete(self) -> None:
        """A head is complete."""
        self._heard()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body has come."""
        self._pending = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is complete."""
        self._pending = 0
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._heard()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(PATIENCE, self.transport.abort)

    def _heard(self) -> None:
        self._pending = 0
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = None
