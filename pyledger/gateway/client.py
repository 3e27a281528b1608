"""Signing requests to a gateway, from Python: headers to send along, and what aiohttp and requests take as their own.

access = Entrance(signer, chain_id=1, agreement=address, benefit="api")
requests.post(url, json=question, auth=RequestsAuth(access))
aiohttp.ClientSession(middlewares=[aiohttp_middleware(access)])
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyledger.chain.keys import Signer
from pyledger.errors import UsageError
from pyledger.gateway.signed import Access, access_digest, body_hash, origin_of, target_of, write_headers

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

__all__ = ["Entrance", "RequestsAuth", "aiohttp_middleware", "sign_request"]

LIFETIME: Final = 30
"""Seconds for which a request counts, unless said otherwise."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """Who asks for what: the holder's signer, and the benefit of the agreement on one chain.

    `holder` is given where the account is a contract (ERC-1271) for which the signer signs. `lifetime` is in seconds.
    """

    signer: Signer
    chain_id: int
    agreement: bytes
    benefit: str
    holder: bytes | None = None
    lifetime: int = LIFETIME

    def headers(self, method: str, url: str, body: bytes = b"", *, now: int | None = None) -> dict[str, str]:
        """The headers that make a request count, once. `url` is the whole address, escaped as it will be sent."""
        return sign_request(self, method, url, body, now=int(time.time()) if now is None else now)


def sign_request(entrance: Entrance, method: str, url: str, body: bytes = b"", *, now: int) -> dict[str, str]:
    """Signs one request; `now` is Unix seconds. SignatureError if the key is not for this chain."""
    access = Access(
        holder=entrance.holder or entrance.signer.address,
        benefit=entrance.benefit,
        origin=origin_of(url),
        method=method.upper(),
        target=target_of(url),
        body=body_hash(body),
        issued=now,
        expires=now + entrance.lifetime,
        nonce=secrets.token_bytes(32),
    )
    digest = access_digest(access, chain_id=entrance.chain_id, agreement=entrance.agreement)
    return write_headers(access, entrance.signer.sign_digest(digest, chain_id=entrance.chain_id))


class RequestsAuth:
    """What `requests` takes as `auth`: each prepared request is signed as it goes out."""

    def __init__(self, entrance: Entrance) -> None:
        self.entrance = entrance

    def __call__(self, request: Any) -> Any:
        """The prepared request with its headers. UsageError for a body that is read while it is sent."""
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes):
            raise UsageError("a body that is streamed cannot be signed before", hint="send it as bytes")
        request.headers.update(self.entrance.headers(request.method, request.url, body))
        return request


def aiohttp_middleware(
    entrance: Entrance,
) -> Callable[[ClientRequest, ClientHandlerType], Awaitable[ClientResponse]]:
    """What `aiohttp.ClientSession` takes among its `middlewares`: each request is signed as it goes out."""

    async def sign(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
        body = request.body
        raw = body if isinstance(body, bytes) else await body.as_bytes()
        request.headers.update(entrance.headers(request.method, str(request.url), raw))
        return await send(request)

    return sign
