"""The server: which address shows what, as pages and as JSON, each answer with what lets it be kept and asked again.

app = make_app(settings)      an ASGI application; it opens the store when it starts and closes it when it ends
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cache
from importlib.resources import files
from types import FrameType
from typing import Any, Final, NamedTuple

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from pyledger import __version__
from pyledger.ledger.store import StoreError, open_store
from pyledger.observer.shapes import plain
from pyledger.observer.web import flow, pages
from pyledger.observer.web.feed import Feed
from pyledger.observer.web.guard import Guard, json_wanted, problem_response
from pyledger.observer.web.problems import Busy, Missing, Problem
from pyledger.observer.web.query import Query
from pyledger.observer.web.schema import openapi
from pyledger.observer.web.settings import Settings
from pyledger.observer.web.window import Window, read_address, read_hash
from pyledger.terms.addresses import checksum

__all__ = ["make_app"]

_LIST: Final = ("status", "party", "document", "after", "limit")

_AGAIN: Final = "no-cache"
"""May be kept, and is to be asked for again each time: 304 if it is as it was."""

_THREADS: Final = 12
"""Requests that are answered at once: not more than a store has connections."""

_KEEP: Final = "public, max-age=3600"

_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
}


class _File(NamedTuple):
    """One file that is served as it is."""

    body: bytes
    kind: str
    tag: str


def make_app(settings: Settings) -> Starlette:
    """The application over one store. Every worker makes its own."""
    return _Site(settings).app


class _Site:
    """The endpoints, over a window on the store and a feed for listeners, both of which the start of the app makes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._window: Window
        self._feed: Feed
        self.app = Starlette(
            routes=list(self._routes()),
            middleware=[Middleware(Guard, render=pages.render_problem)],
            exception_handlers={
                Problem: self._problem,
                HTTPException: self._http,
                StoreError: self._failing,
            },
            lifespan=self._lifespan,
        )

    def _routes(self) -> list[Route]:
        paths: dict[str, Callable[..., Any]] = {
            "/": self.listing,
            "/agreements/{address}": self.agreement,
            "/agreements/{address}/flow.svg": self.picture,
            "/agreements/{address}/history": self.history,
            "/agreements/{address}/verification": self.verification,
            "/agreements/{address}/events": self.events,
            "/accounts/{address}": self.account,
            "/documents/{name}": self.document,
            "/static/{name}": self.static,
            "/events": self.events,
            "/healthz": self.health,
            "/api/v1/node": self.api_node,
            "/api/v1/agreements": self.api_agreements,
            "/api/v1/agreements/{address}": self.api_agreement,
            "/api/v1/agreements/{address}/history": self.api_history,
            "/api/v1/agreements/{address}/verification": self.api_verification,
            "/api/v1/agreements/{address}/typed-data": self.api_typed_data,
            "/api/v1/accounts/{address}": self.api_account,
            "/api/v1/openapi.json": self.api_openapi,
        }
        return [Route(path, endpoint, methods=["GET"]) for path, endpoint in paths.items()]

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = _THREADS
        with open_store(self._settings.store) as store:
            self._window = Window(store, self._settings)
            self._feed = Feed(self._window, most=self._settings.listeners)
            task = asyncio.create_task(self._feed.run())
            with _letting_go(self._feed):
                yield
            self._feed.close()
            await task

    # Pages

    def listing(self, request: Request) -> Response:
        """All agreements."""
        query = Query(request, (*_LIST, "find"), strict=False)
        find = query.text("find")
        if find is not None and (path := self._window.find(find)) is not None:
            return RedirectResponse(path, 303, {"Cache-Control": "no-store"})
        return self._answer(
            request, "text/html", lambda: pages.render_list(self._listing(query, find), find=find or "")
        )

    def agreement(self, request: Request) -> Response:
        """One agreement."""
        address = _address(request)
        return self._answer(request, "text/html", lambda: pages.render_agreement(self._window.agreement(address)))

    def picture(self, request: Request) -> Response:
        """Where the money of one agreement would go."""
        address = _address(request)
        return self._answer(request, "image/svg+xml", lambda: flow.render_flow(self._window.agreement(address)))

    def history(self, request: Request) -> Response:
        """What happened to one agreement."""
        address, query = _address(request), Query(request, ("after", "limit"), strict=False)
        limit, skip = query.limit(), query.skip()
        return self._answer(
            request,
            "text/html",
            lambda: pages.render_history(self._window.history(address, limit=limit, after=skip)),
        )

    def verification(self, request: Request) -> Response:
        """From the terms of one agreement to its address."""
        address = _address(request)
        return self._answer(request, "text/html", lambda: pages.render_verification(self._window.verification(address)))

    def account(self, request: Request) -> Response:
        """One account."""
        address, query = _address(request), Query(request, ("after", "limit"), strict=False)
        limit, after = query.limit(), query.place()
        return self._answer(
            request,
            "text/html",
            lambda: pages.render_account(self._window.account(address, limit=limit, after=after)),
        )

    def document(self, request: Request) -> Response:
        """The text of a document, as a file to keep."""
        name: str = request.path_params["name"]
        digest = read_hash(name.removesuffix(".yaml"), "document")
        found = self._answer(request, "text/plain", lambda: self._window.document(digest))
        found.headers["Content-Disposition"] = f'attachment; filename="{digest.hex()[:12]}.yaml"'
        return found

    def static(self, request: Request) -> Response:
        """A file of the pages: style, script, picture."""
        found = _files().get(request.path_params["name"])
        if found is None:
            raise Missing("there is no such file")
        headers = {"ETag": found.tag, "Cache-Control": _KEEP}
        if _has(request, found.tag):
            return Response(status_code=304, headers=headers)
        return Response(found.body, headers=headers, media_type=found.kind)

    # For programs

    async def events(self, request: Request) -> Response:
        """Live updates, of everything or of one agreement."""
        only = request.path_params.get("address")
        agreement = None if only is None else _checked(only)
        self._feed.admit()
        told = self._feed.listen(agreement, request.headers.get("last-event-id"))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(told, headers=headers, media_type="text/event-stream")

    def health(self, _request: Request) -> Response:
        """Whether the store can be read: for whoever watches over the server."""
        self._window.standpoint()
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

    def api_node(self, request: Request) -> Response:
        """How fresh the store is; never kept, as it tells the time."""
        Query(request, (), strict=True)
        node = self._window.standpoint().node
        return Response(_json(plain(node)), headers={"Cache-Control": "no-store"}, media_type="application/json")

    def api_agreements(self, request: Request) -> Response:
        """All agreements."""
        query = Query(request, _LIST, strict=True)
        return self._data(request, lambda: self._listing(query))

    def api_agreement(self, request: Request) -> Response:
        """One agreement."""
        address, _ = _address(request), Query(request, (), strict=True)
        return self._data(request, lambda: self._window.agreement(address))

    def api_history(self, request: Request) -> Response:
        """What happened to one agreement."""
        address, query = _address(request), Query(request, ("after", "limit"), strict=True)
        limit, skip = query.limit(), query.skip()
        return self._data(request, lambda: self._window.history(address, limit=limit, after=skip))

    def api_verification(self, request: Request) -> Response:
        """From the terms of one agreement to its address."""
        address, _ = _address(request), Query(request, (), strict=True)
        return self._data(request, lambda: self._window.verification(address))

    def api_typed_data(self, request: Request) -> Response:
        """The terms as a wallet is shown them."""
        address, _ = _address(request), Query(request, (), strict=True)
        return self._data(request, lambda: self._window.typed_data(address))

    def api_account(self, request: Request) -> Response:
        """One account."""
        address, query = _address(request), Query(request, ("after", "limit"), strict=True)
        limit, after = query.limit(), query.place()
        return self._data(request, lambda: self._window.account(address, limit=limit, after=after))

    def api_openapi(self, request: Request) -> Response:
        """The description of the API."""
        Query(request, (), strict=True)
        return self._data(request, _description)

    # How answers are made

    def _listing(self, query: Query, words: str | None = None) -> Any:
        return self._window.listing(
            limit=query.limit(),
            after=query.place(),
            status=query.status(),
            party=query.address("party"),
            document=query.hash("document"),
            words=words,
        )

    def _data(self, request: Request, make: Callable[[], Any]) -> Response:
        return self._answer(request, "application/json", lambda: _json(plain(make())))

    def _answer(self, request: Request, kind: str, make: Callable[[], str | bytes]) -> Response:
        """What is made, unless whoever asks has it already: what is shown follows from the store alone."""
        mark = (__version__, self._window.standpoint().mark, request.url.path, request.url.query, kind)
        tag = f'W/"{hashlib.sha256(repr(mark).encode()).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": _AGAIN}
        if _has(request, tag):
            return Response(status_code=304, headers=headers)
        return Response(make(), headers=headers, media_type=kind)

    def _problem(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        node = None
        if not json_wanted(request):
            with suppress(StoreError):
                node = self._window.standpoint().node
        return problem_response(error, request, node, pages.render_problem)

    def _http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        hint = "the list of agreements is at /, and what there is for programs at /api/v1/openapi.json"
        return self._problem(request, Missing("there is no such page here", hint))

    def _failing(self, request: Request, _error: Exception) -> Response:
        words = "the store does not answer at present"
        return problem_response(
            Busy(words, "try again in a moment", {"Retry-After": "5"}), request, None, pages.render_problem
        )


def _address(request: Request) -> bytes:
    return read_address(request.path_params["address"], "address")


def _checked(text: str) -> str:
    return checksum(read_address(text, "address"))


def _has(request: Request, tag: str) -> bool:
    """Whether whoever asks has what this tag is of (RFC 9110, 13.1.2: weak comparison)."""
    given = request.headers.get("if-none-match", "")
    opaque = tag.removeprefix("W/")
    return given.strip() == "*" or opaque in {each.strip().removeprefix("W/") for each in given.split(",")}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


@cache
def _description() -> dict[str, Any]:
    return openapi()


@cache
def _files() -> dict[str, _File]:
    """Every file of the pages, by its name."""
    found: dict[str, _File] = {}
    for each in files("pyledger.observer.web").joinpath("static").iterdir():
        kind = _TYPES.get("." + each.name.rpartition(".")[2])
        if kind is not None and each.is_file():
            body = each.read_bytes()
            found[each.name] = _File(body, kind, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    return found


@contextmanager
def _letting_go(feed: Feed) -> Iterator[None]:
    """Listeners are let go as soon as the process is told to end: a server waits for its open connections."""
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}

    def end(number: int, frame: FrameType | None) -> None:
        feed.close()
        if callable(handler := before[signal.Signals(number)]):
            handler(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    for each in before:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
