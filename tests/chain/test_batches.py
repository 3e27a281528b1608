"""A node that takes no batches of requests, or only small ones, is asked for less at once and answers the same."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.chain.connect import RpcError, connect
from pyledger.chain.networks import Network
from pyledger.errors import NodeError

MANY = [("eth_getBlockByNumber", (hex(0), False)), ("eth_chainId", ()), ("eth_nothing", ())] * 7

Refusal = tuple[int, Any]
"""An HTTP status, and what is said with it."""

UNSUPPORTED = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "batch requests are not supported"}}


@contextmanager
def picky(url: str, refuse: Callable[[list[Any]], Refusal | None], asked: list[int]) -> Iterator[str]:
    """A server before a node that refuses some batches; `asked` gets the length of each that came, 0 for no batch."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found = json.loads(body)
            asked.append(len(found) if isinstance(found, list) else 0)
            refused = refuse(found) if isinstance(found, list) else None
            if refused is None:
                request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
                with urllib.request.urlopen(request) as response:
                    status, said = 200, response.read()
            else:
                status, said = refused[0], json.dumps(refused[1]).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answers(url: str) -> list[Any]:
    with connect(Network("picky", url, None)) as connection:
        first = connection.batch(MANY)
        assert [str(each) for each in connection.batch(MANY)] == [str(each) for each in first]
        return first


@pytest.mark.parametrize(
    "refused",
    [(200, UNSUPPORTED), (200, [UNSUPPORTED]), (400, UNSUPPORTED), (413, "too large"), (405, "")],
    ids=["an error", "an error in a list", "bad request", "too large", "not allowed"],
)
def test_one_that_takes_none_is_asked_one_by_one(anvil: Anvil, refused: Refusal) -> None:
    asked: list[int] = []
    with picky(anvil.url, lambda _: refused, asked) as url:
        found = answers(url)
    plain = answers(anvil.url)
    assert [str(each) for each in found] == [str(each) for each in plain]
    assert isinstance(found[2], RpcError)
    assert asked[-len(MANY) :] == [0] * len(MANY)  # the second time it is no longer tried


def test_one_that_takes_few_is_asked_for_few(anvil: Anvil) -> None:
    asked: list[int] = []
    with picky(anvil.url, lambda some: (200, UNSUPPORTED) if len(some) > 4 else None, asked) as url:
        answers(url)
    assert asked[1:4] == [21, 10, 5]
    assert max(asked[4:]) == 2
    assert 0 not in asked[4:]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_one_that_fails_otherwise_is_believed(anvil: Anvil, status: int) -> None:
    asked: list[int] = []
    with picky(anvil.url, lambda _: (status, "later"), asked) as url, pytest.raises(NodeError, match=str(status)):
        answers(url)
    assert asked == [0, 21]
