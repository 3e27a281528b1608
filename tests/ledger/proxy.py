"""An HTTP proxy before a node that does to its answers what bad nodes and bad networks do."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

Call = dict[str, Any]
Fault = Callable[["Proxy", Call, Any], Any]
"""From a call and the node's true answer to what is answered instead."""


class Broken(Exception):
    """What is sent is no answer: `how` is 429, drop, hang, truncate or html."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Proxy:
    """`fault` is applied, with a probability of `chance`, to each answer that it would change."""

    def __init__(self, node: str, port: int) -> None:
        self.node = node
        self.url = f"http://127.0.0.1:{port}"
        self.fault: Fault = lambda _proxy, _call, answer: answer
        self.chance = 1.0
        self.dice = Random(1)
        self.struck = 0
        self.calls = 0

    def answer(self, call: Call) -> Any:
        """One call, answered by the node, and then by the fault."""
        self.calls += 1
        true = self.ask(call)
        before = json.dumps(true)
        found: Any
        try:
            found = self.fault(self, call, true)
        except Broken as broken:
            found = broken
        if not isinstance(found, Broken) and json.dumps(found) == before:
            return true
        if self.dice.random() >= self.chance:
            return true
        self.struck += 1
        if isinstance(found, Broken):
            raise found
        return found

    def ask(self, call: Call) -> Any:
        """What the node answers to a call."""
        request = urllib.request.Request(self.node, json.dumps(call).encode(), {"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as response:
            return json.loads(response.read())


@contextmanager
def proxied(node: str) -> Iterator[Proxy]:
    """A proxy before the node at that URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                many = isinstance(asked, list)
                found = [proxy.answer(each) for each in asked] if many else proxy.answer(asked)
                self._send(200, json.dumps(found).encode())
            except Broken as broken:
                self._break(broken.how)

        def _break(self, how: str) -> None:
            if how == "429":
                self._send(429, b"slow down")
            elif how == "html":
                self._send(200, b"<html>maintenance</html>")
            elif how == "truncate":
                self._send(200, b'{"jsonrpc": "2.0", "id": 1, "result": [{"addr')
            else:
                self.close_connection = True
                if how == "hang":
                    hung.wait(10)

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    hung = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = Proxy(node, server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        hung.set()
        server.shutdown()
        server.server_close()
        thread.join()
