"""HTTP as uvicorn reads it, within bounds: a request's head cannot grow without end."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["BoundedProtocol"]

_LONGEST_HEAD: Final = 32_768
"""Bytes of a request's first line and headers together. Of what is longer no more is read."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection; it is closed when a request's head is too long."""

    _head = 0

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request."""
        self._head += len(data)
        if self._head > _LONGEST_HEAD:
            self.send_400_response("The head of this request is too long.")
            return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The head has ended; what follows is the next one's, as nothing here reads a body."""
        self._head = 0
        super().on_headers_complete()
