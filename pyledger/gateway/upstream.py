"""The service behind the gateway: one fixed address, and nothing else can be reached.

Requests go there with method, target, body and headers as they came, but for what belongs to one connection (RFC 9110,
section 7.6.1), what the holder has signed, and what only a gateway may say. Redirects are passed on, never followed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pyledger.errors import UsageError
from pyledger.gateway.answers import Turned
from pyledger.gateway.signed import origin_of, target_of

if TYPE_CHECKING:
    from aiohttp import ClientResponse

__all__ = ["Upstream", "check_target", "passed_back", "passed_on"]

_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_OURS: Final = (b"pyledger-", b"x-pyledger-", b"x-forwarded-")
_NOT_ON: Final = frozenset({b"host", b"content-length", b"expect", b"forwarded", b"x-real-ip"})
_TARGET: Final = re.compile(r"/[!-~]*")
_DOTS: Final = re.compile(r"(?:^|/)(?:\.|%2[eE]){1,2}(?:;|%3[bB]|/|$)")
"""Some servers read `/..;a=b/` as `/../`."""
_SEPARATORS: Final = re.compile(r"%2[fF]|%5[cC]|\\")

Headers = Iterable[tuple[bytes, bytes]]


def check_target(target: str) -> None:
    """Turned for a target that could mean another place than it says: not of the form /path, or with dots in it."""
    path = target.partition("?")[0]
    if not _TARGET.fullmatch(target) or target.startswith("//") or "#" in target:
        raise Turned("bad-target", "the target of the request is not a path on this service")
    if _DOTS.search(_SEPARATORS.sub("/", path)):
        raise Turned("bad-target", "the path leads upwards")


def passed_on(headers: Headers, more: Mapping[str, str]) -> list[tuple[str, str]]:
    """The headers of a request as the service gets them, with what the gateway says in `more`."""
    listed = list(headers)
    named = _named(listed)
    kept = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in listed
        if name not in named and (plain := _as_cgi(name)) not in _NOT_ON and not plain.startswith(_OURS)
    ]
    return kept + list(more.items())


def passed_back(headers: Headers) -> list[tuple[bytes, bytes]]:
    """The headers of a response as the holder gets them."""
    listed = [(name.lower(), value) for name, value in headers]
    named = _named(listed)
    return [(name, value) for name, value in listed if name not in named]


def _as_cgi(name: bytes) -> bytes:
    """A header's name as what runs behind CGI or WSGI reads it, to which `X_A` and `X-A` are one."""
    return name.replace(b"_", b"-")


def _named(headers: Headers) -> frozenset[bytes]:
    """What belongs to one connection: by its name, or because the connection header names it."""
    listed = (value.lower().split(b",") for name, value in headers if name == b"connection")
    return _HOP | {each.strip() for values in listed for each in values}


class Upstream:
    """Where admitted requests go; `base` is an http or https address, whose path stands before every target."""

    def __init__(self, base: str, *, connect: float, idle: float, most: int) -> None:
        """`connect` and `idle` are seconds, `most` connections at once. UsageError for an address that is none."""
        self.origin = origin_of(base)
        if "@" in urlsplit(base).netloc:
            raise UsageError(
                f"the address of the service {self.origin} holds a name or a password, which are not passed on",
                hint="leave them out, as others see them in the list of processes; let it answer the gateway alone",
            )
        path = target_of(base)
        if "?" in path:
            raise UsageError(f"{base} has a query", hint="give the address of the service alone")
        self._prefix = self.origin + path.rstrip("/")
        self._connect, self._idle, self._most = connect, idle, most
        self._session: Any = None

    async def start(self) -> None:
        """Opens the pool of connections."""
        import aiohttp

        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._most, ttl_dns_cache=60),
            timeout=aiohttp.ClientTimeout(total=None, connect=self._connect, sock_read=self._idle),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )

    async def stop(self) -> None:
        """Closes them."""
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def ask(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | AsyncIterator[bytes] | None
    ) -> AsyncIterator[ClientResponse]:
        """Sends one request there. Turned if the service does not answer, or not to the end."""
        import aiohttp
        from yarl import URL

        url = URL(self._prefix + target, encoded=True)
        try:
            async with self._session.request(
                method, url, headers=headers, data=body, allow_redirects=False
            ) as response:
                yield response
        except TimeoutError as error:
            raise Turned("upstream-too-slow", "the service did not answer in time") from error
        except aiohttp.ClientError as error:
            if isinstance(error.__cause__, Turned):
                raise error.__cause__ from error
            raise Turned("upstream-unreachable", "the service behind the gateway does not answer") from error
