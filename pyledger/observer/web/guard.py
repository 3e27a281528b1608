"""What every request passes through: bounds, security headers, counting, and what is said when something is wrong."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pyledger.observer.web import metrics
from pyledger.observer.web.log import fields
from pyledger.observer.web.problems import NotAllowed, Problem, TooLong
from pyledger.observer.web.views import NodeState, ProblemPage

__all__ = ["HEADERS", "Guard", "json_wanted", "problem_response"]

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""What every answer says to browsers."""

_LONGEST_PATH: Final = 256
_LONGEST_QUERY: Final = 1_024

_REQUESTS: Final = logging.getLogger("pyledger.requests")
_LOGGER: Final = logging.getLogger("pyledger.serve")

Render = Callable[[ProblemPage], str]


class Guard:
    """Around the whole application: reads only, within bounds, and each answer with its headers, counted and logged."""

    def __init__(self, app: ASGIApp, render: Render) -> None:
        self._app = app
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, size, started = time.perf_counter(), 500, 0, False

        async def guarded(message: Message) -> None:
            nonlocal status, size, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                MutableHeaders(scope=message).update(HEADERS)
            size += len(message.get("body", b""))
            await send(message)

        try:
            refused = _refused(scope)
            if refused is not None:
                await problem_response(refused, Request(scope), None, self._render)(scope, receive, guarded)
            else:
                await self._app(scope, receive, guarded)
        except Exception:
            _LOGGER.exception("a request could not be answered", extra=fields(endpoint=_endpoint(scope)))
            if started:
                raise
            defect = Problem("this server has a defect, and has written it down")
            await problem_response(defect, Request(scope), None, self._render)(scope, receive, guarded)
        finally:
            self._count(scope, status, size, time.perf_counter() - began)

    @staticmethod
    def _count(scope: Scope, status: int, size: int, seconds: float) -> None:
        endpoint = _endpoint(scope)
        metrics.served(endpoint, status, seconds)
        said = fields(endpoint=endpoint, method=_method(scope), status=status, bytes=size, ms=round(seconds * 1e3, 2))
        _REQUESTS.info("request", extra=said)


def _endpoint(scope: Scope) -> str:
    """Which page was asked for; not of whom or what."""
    return getattr(scope.get("endpoint"), "__name__", "none")


def _method(scope: Scope) -> str:
    """The method, if it is one that there is: it is the client's word and goes into a log."""
    method: str = scope["method"]
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE") else "other"


def _refused(scope: Scope) -> Problem | None:
    if scope["method"] not in ("GET", "HEAD"):
        hint = "agreements are moved by signed transactions: see the commands of pyledger"
        return NotAllowed("nothing can be changed from here", hint, {"Allow": "GET, HEAD"})
    if len(scope.get("raw_path") or b"") > _LONGEST_PATH or len(scope["query_string"]) > _LONGEST_QUERY:
        return TooLong("no page has so long an address")
    return None


def problem_response(problem: Problem, request: Request, node: NodeState | None, render: Render) -> Response:
    """What is said when something cannot be shown: a page, or JSON after RFC 9457, whichever is wanted."""
    headers = {**problem.headers, "Cache-Control": "no-store", "Vary": "Accept"}
    if json_wanted(request):
        said = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail}
        if problem.hint:
            said["hint"] = problem.hint
        return Response(_json(said), problem.status, headers, "application/problem+json")
    page = ProblemPage(node, problem.status, problem.title, problem.detail, problem.hint)
    return Response(_rendered(page, render), problem.status, headers, "text/html")


def _rendered(page: ProblemPage, render: Render) -> str:
    try:
        return render(page)
    except Exception:  # a defect of the page must not hide what went wrong before
        _LOGGER.exception("a page of a problem cannot be drawn")
        return f"<!doctype html><title>{page.status}</title><p>{HTTPStatus(page.status).phrase}</p>"


def json_wanted(request: Request) -> bool:
    """Whether JSON is to be answered: everywhere under `/api/`, and where it is asked for rather than HTML."""
    if request.url.path.startswith("/api/"):
        return True
    wanted = _weights(Headers(scope=request.scope).get("accept", ""))
    as_json = max(wanted.get("application/json", 0.0), wanted.get("application/problem+json", 0.0))
    return as_json > max(wanted.get("text/html", 0.0), wanted.get("text/*", 0.0), wanted.get("*/*", 0.0))


def _weights(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for each in accept.split(",")[:20]:
        kind, _, rest = each.partition(";")
        try:
            weight = float(rest.partition("q=")[2] or 1)
        except ValueError:
            weight = 0.0
        found[kind.strip().lower()] = weight
    return found


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
