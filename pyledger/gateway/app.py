"""The gateway as an ASGI application: a request comes, is checked, let in or turned away, passed on and answered.

The order is that of cost: what its headers say, whether the holder is entitled at all, the signature, the body. Then,
in one step, it is let in, and only then does the service hear of it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pyledger.chain.signatures import recover
from pyledger.errors import SignatureError
from pyledger.gateway.answers import Turned
from pyledger.gateway.door import Admitted, Clock, Door
from pyledger.gateway.limits import Pace
from pyledger.gateway.monitoring import Monitor, Record
from pyledger.gateway.pacing import paced
from pyledger.gateway.signed import HEADERS, Access, Signed, access_digest, read_headers
from pyledger.gateway.uploads import Upload
from pyledger.gateway.upstream import Upstream, check_target, passed_back, passed_on
from pyledger.terms.addresses import checksum

__all__ = ["ABOUT", "Contracts", "Gateway", "Place", "Sizes"]

ABOUT: Final = "/.well-known/pyledger"
"""Where the gateway says what it stands before, and whether it is open. Never passed on."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Contracts = Callable[[bytes, bytes, bytes], Awaitable[bool]]
"""Whether an account (20 bytes) takes a signature over a digest as its own (ERC-1271)."""


class Place(NamedTuple):
    """Which requests are meant for this gateway: those signed for this chain, agreement, benefit and origin."""

    chain_id: int
    agreement: bytes
    benefit: str
    origin: str


class Sizes(NamedTuple):
    """Most bytes of a request's body, most of it that is checked before any is passed on; seconds to wait for more."""

    most: int = 10 * 1024 * 1024
    checked_first: int = 1024 * 1024
    patience: float = 30.0


@dataclass(slots=True)
class _Answering:
    """How far the answer to one request has come."""

    status: int | None = None
    done: bool = False


class Gateway:
    """Lets holders through to a service. All of it runs in one event loop."""

    def __init__(
        self,
        place: Place,
        door: Door,
        monitor: Monitor,
        upstream: Upstream,
        *,
        pace: Pace,
        sizes: Sizes,
        contracts: Contracts | None = None,
        clock: Clock | None = None,
        last_line: Callable[[], str] = str,
    ) -> None:
        self.place = place
        self.door = door
        self.monitor = monitor
        self._upstream = upstream
        self._pace = pace
        self._sizes = sizes
        self._contracts = contracts
        self._clock = clock or Clock()
        self._last_line = last_line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        if scope["path"] == ABOUT:
            await _say(send, 200, json.dumps(self._about()).encode() + b"\n")
            return
        answering, verified = _Answering(), _Verified()
        try:
            await self._serve(scope, receive, send, answering, verified)
        except Turned as turned:
            if not verified.admitted:
                self.monitor.turned(turned.answer.reason, at=self._clock.wall(), holder=verified.holder)
            if answering.status is None:
                await self._turn_away(send, turned)
            # Else the answer has begun, and ends here: the connection is closed before it is complete.

    async def _turn_away(self, send: Send, turned: Turned) -> None:
        answer, more = turned.answer, []
        if answer.retry_after is not None:
            more.append((b"retry-after", str(max(1, round(answer.retry_after))).encode()))
        if answer.status == 401:
            place = self.place
            said = f'chain="{place.chain_id}", agreement="{checksum(place.agreement)}", benefit="{place.benefit}"'
            more.append((b"www-authenticate", f'Pyledger {said}, origin="{place.origin}"'.encode()))
        await _say(send, answer.status, answer.body(), more)

    def _about(self) -> dict[str, Any]:
        """What anybody may know."""
        reading, shut = self.door.reading, self.door.shut()
        return {
            "chain_id": self.place.chain_id,
            "agreement": checksum(self.place.agreement),
            "benefit": self.place.benefit,
            "origin": self.place.origin,
            "open": shut is None,
            "why": shut,
            "block": reading.block.number if reading else None,
            "monitoring": self.monitor.level,
            "log": self._last_line(),
        }

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, answering: _Answering, verified: _Verified
    ) -> None:
        method, target = scope["method"], _target(scope)
        if method not in METHODS:
            raise Turned("bad-method", f"{method} is not passed on")
        check_target(target)
        signed = _signed(scope["headers"])
        self.door.timely(signed)
        self.door.entitled(signed.holder)
        await self._verify(signed, method, target)
        verified.holder = self.door.entitled(signed.holder).holder
        upload = Upload(scope["headers"], receive, signed.body, most=self._sizes.most, patience=self._sizes.patience)
        await upload.begin(self._sizes.checked_first)

        admitted, allowance = self.door.admit(signed)
        try:
            record = self.monitor.admitted(admitted, at=self._clock.wall(), method=method, target=target)
            verified.admitted = True
            try:
                await self._pass(scope, receive, send, target, admitted, upload, record, answering)
            finally:
                record.close()
        finally:
            allowance.give_back()
            self.door.leave(admitted)

    async def _verify(self, signed: Signed, method: str, target: str) -> None:
        """Turned unless the holder has signed exactly this request, for this gateway."""
        place = self.place
        access = Access(
            signed.holder,
            place.benefit,
            place.origin,
            method,
            target,
            signed.body,
            signed.issued,
            signed.expires,
            signed.nonce,
        )
        digest = access_digest(access, chain_id=place.chain_id, agreement=place.agreement)
        try:
            if recover(digest, signed.signature) == signed.holder:
                return
        except SignatureError:
            pass  # a contract may take it all the same
        if self._contracts is not None and await self._contracts(signed.holder, digest, signed.signature):
            return
        raise Turned(
            "not-signed-by-holder",
            f"{checksum(signed.holder)} has not signed this request as it came",
            hint=f"sign for {place.origin}, benefit `{place.benefit}`, agreement {checksum(place.agreement)} on chain "
            f"{place.chain_id}, and send method, target and body unchanged",
        )

    async def _pass(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        target: str,
        admitted: Admitted,
        upload: Upload,
        record: Record,
        answering: _Answering,
    ) -> None:
        """Passes an admitted request on, in a task of its own that can be cut off at any moment."""
        work = asyncio.ensure_future(self._exchange(scope, receive, send, target, admitted, upload, record, answering))
        why: list[str] = []

        def cut(words: str) -> None:
            why.append(words)
            work.cancel()

        admitted.cut = cut
        try:
            await asyncio.wait((work,))
        finally:
            work.cancel()
            self.monitor.answered(
                admitted,
                record,
                at=self._clock.wall(),
                status=answering.status,
                whole=answering.done,
                cut=why[0] if why and not answering.done else None,
            )
        if work.cancelled():
            raise Turned("cut", why[0] if why else "the gateway is ending")
        work.result()

    async def _exchange(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        target: str,
        admitted: Admitted,
        upload: Upload,
        record: Record,
        answering: _Answering,
    ) -> None:
        headers = passed_on(scope["headers"], self._introduction(admitted) | upload.length())
        steady = self._clock.steady
        began = steady()
        async with self._upstream.ask(scope["method"], target, headers, upload.body(record.asked)) as response:
            spent = steady() - began
            await asyncio.sleep(self._pace.due(spent) - spent)
            answering.status = response.status
            back = passed_back(response.raw_headers)
            await send({"type": "http.response.start", "status": response.status, "headers": back})
            gone = asyncio.ensure_future(_gone(receive))
            try:
                async for chunk in paced(response.content.iter_any(), self._pace, steady, began=began, spent=spent):
                    record.answered(chunk)
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    if gone.done():
                        return
            finally:
                gone.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        answering.done = True

    def _introduction(self, admitted: Admitted) -> dict[str, str]:
        """What the service learns of who asks."""
        return {
            "X-Pyledger-Holder": _written(admitted.holder),
            "X-Pyledger-Name": admitted.name,
            "X-Pyledger-Benefit": self.place.benefit,
            "X-Pyledger-Agreement": _written(self.place.agreement),
            "X-Pyledger-Chain": str(self.place.chain_id),
            "X-Pyledger-Request": admitted.id,
        }


@lru_cache(maxsize=256)
def _written(account: bytes) -> str:
    """An address as people write it, which takes a hash."""
    return checksum(account)


@dataclass(slots=True)
class _Verified:
    """Who has signed a request, once that is known: the name in the document; and whether it was let in."""

    holder: str | None = None
    admitted: bool = False


def _target(scope: Scope) -> str:
    """Path and query as they stand in the request."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (raw + (b"?" + query if query else b"")).decode("latin-1")


def _signed(headers: list[tuple[bytes, bytes]]) -> Signed:
    found: dict[str, str] = {}
    for raw, value in headers:
        if not raw.startswith(b"pyledger-"):
            continue
        name = raw.decode("latin-1")
        if name in found or name not in HEADERS:
            raise Turned("unsigned", f"the header {name.title()} is there twice, or means nothing here")
        found[name] = value.decode("latin-1")
    try:
        return read_headers(found)
    except SignatureError as error:
        raise Turned("unsigned", error.what, hint=error.hint) from error


async def _gone(receive: Receive) -> None:
    """Waits until nobody is there any more to hear the answer."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, status: int, body: bytes, more: list[tuple[bytes, bytes]] | None = None) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *(more or ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
