"""The body of a request, held against the hash that its holder signed.

A body that is small enough is checked whole before any of it is passed on. Of a larger one the last part is kept back
until the whole has the right hash: the service never gets a complete body that is not what was signed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from eth_hash.auto import keccak

from pyledger.gateway.answers import Turned
from pyledger.gateway.signed import EMPTY_BODY

__all__ = ["Upload"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Upload:
    """The body of one request, of at most `most` bytes; `patience` is how many seconds to wait for more of it."""

    def __init__(
        self, headers: list[tuple[bytes, bytes]], receive: Receive, signed: bytes, *, most: int, patience: float
    ) -> None:
        self._receive = receive
        self._signed = signed
        self._most = most
        self._patience = patience
        self._hash: Any = None
        self._size = 0
        self._begun = b""
        self._whole = False
        named = [value for name, value in headers if name == b"content-length"]
        self._declared = int(named[0]) if len(named) == 1 and named[0].isdigit() else None
        if self._declared is not None and self._declared > most:
            raise self._too_large()

    async def begin(self, first: int) -> None:
        """Reads up to `first` bytes or a little more. Turned if that is all, and not what was signed."""
        parts = []
        while not self._whole and self._size < first:
            parts.append(await self._more())
        self._begun = b"".join(parts)

    def length(self) -> dict[str, str]:
        """The header that says how long the body is, if there is one and that is known."""
        if self._whole:
            return {"Content-Length": str(self._size)} if self._size or self._declared is not None else {}
        return {} if self._declared is None else {"Content-Length": str(self._declared)}

    def body(self, seen: Callable[[bytes], None]) -> bytes | AsyncIterator[bytes] | None:
        """What is passed on; every part of it is `seen`."""
        if self._whole:
            seen(self._begun)
            return self._begun or None
        return self._rest(seen)

    async def _rest(self, seen: Callable[[bytes], None]) -> AsyncIterator[bytes]:
        kept = self._begun
        while not self._whole:
            seen(kept)
            yield kept
            kept = await self._more()
        seen(kept)
        yield kept

    async def _more(self) -> bytes:
        """The next part. Turned if none comes, if it is too much, or the last of what was not signed so."""
        try:
            message = await asyncio.wait_for(self._receive(), self._patience)
        except TimeoutError as error:
            raise Turned("too-slow", f"nothing more of the body came for {self._patience:g} seconds") from error
        if message["type"] == "http.disconnect":
            raise Turned("bad-body", "the request was broken off")
        part: bytes = message.get("body", b"")
        self._size += len(part)
        if self._size > self._most:
            raise self._too_large()
        if part:
            self._hash = keccak.new(b"") if self._hash is None else self._hash
            self._hash.update(part)
        if not message.get("more_body", False):
            self._whole = True
            if (EMPTY_BODY if self._hash is None else self._hash.digest()) != self._signed:
                raise Turned("body-altered", "the body is not the one that was signed")
        return part

    def _too_large(self) -> Turned:
        return Turned("too-large", f"a body may have at most {self._most:,} bytes")
