"""`pyledger serve` as its users meet it: a process of its own, asked over real sockets."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

A = TypeVar("A")

PATIENCE = 60
"""Seconds after which what a test waits for will not come any more."""


class Answer(NamedTuple):
    """What a server answered; headers by their names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Stream:
    """An event stream that is listened to."""

    def __init__(self, url: str, path: str, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
        self._connection.request("GET", path, headers=dict(headers))
        self.response = self._connection.getresponse()

    def close(self) -> None:
        self.response.close()
        self._connection.close()

    def line(self) -> str:
        """The next line; empty only at the end of the stream, as lines that are empty have their end."""
        return self.response.readline().decode()

    def event(self) -> tuple[str, Any]:
        """The next event: its id and its data."""
        said: dict[str, str] = {}
        while True:
            line = self.line()
            assert line, "the stream has ended"
            if line == "\n" and "data" in said:
                assert said["event"] == "state"
                return said["id"], json.loads(said["data"])
            name, _, value = line.rstrip("\n").partition(": ")
            said[name] = value

    def until(self, holds: Callable[[Any], bool]) -> Any:
        """The first event of which that holds."""
        while True:
            _, data = self.event()
            if holds(data):
                return data


class Server:
    """One that runs: where it answers, and its process."""

    def __init__(self, process: subprocess.Popen[str], said: Mapping[str, Any], log: Path) -> None:
        self.process = process
        self.url: str = said["url"]
        self.metrics_url: str | None = said["metrics"]
        self._log = log

    def get(self, path: str, *, method: str = "GET", url: str | None = None, **headers: str) -> Answer:
        """One request; names of headers with `_` for `-`."""
        connection = http.client.HTTPConnection(urlsplit(url or self.url).netloc, timeout=PATIENCE)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): each for name, each in headers.items()})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()

    def json(self, path: str) -> Any:
        """What the API answers, which it must."""
        answer = self.get(path)
        assert answer.status == 200, answer.text
        return answer.json

    @contextmanager
    def listening(self, path: str = "/events", **headers: str) -> Iterator[Stream]:
        stream = Stream(self.url, path, {name.replace("_", "-"): each for name, each in headers.items()})
        try:
            yield stream
        finally:
            stream.close()

    def log(self) -> list[dict[str, Any]]:
        """All lines of the log, each of which is a JSON object."""
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]

    def node_until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The node's state, once that holds."""
        return until(lambda: self.json("/api/v1/node"), holds)

    def workers(self) -> list[int]:
        """Process ids of those that answer."""
        return _children(self.process.pid)


def until(ask: Callable[[], A], holds: Callable[[A], bool]) -> A:
    """What is asked for again and again, once that holds of it."""
    end = time.monotonic() + PATIENCE
    while True:
        found = ask()
        if holds(found):
            return found
        assert time.monotonic() < end, f"still {found}"
        time.sleep(0.1)


@contextmanager
def serving(folder: Path, node: str, *options: str, store: object = None) -> Iterator[Server]:
    """A server over a store of its own or a given one, reading the node at that URL, with a home in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    words = [sys.executable, "-m", "pyledger", "serve", "--json", "--port", "0", "--network", node, *options]
    words += ["--store", str(store)] if store is not None else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYLEDGER_")}
    environment |= {"PYLEDGER_HOME": str(folder / "home"), "TZ": "UTC"}
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment) as process,
    ):
        try:
            server = Server(process, _said(process, log), log)
            until(lambda: server.get("/healthz").status, lambda status: status == 200)
            yield server
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE)


def _said(process: subprocess.Popen[str], log: Path) -> dict[str, Any]:
    """The first JSON object on its output."""
    assert process.stdout is not None
    lines: list[str] = []
    while line := process.stdout.readline():
        lines.append(line)
        if line.startswith("}"):
            found: dict[str, Any] = json.loads("".join(lines))
            return found
    raise AssertionError(log.read_text(encoding="utf-8"))


def _children(process: int) -> list[int]:
    """Workers of a server: the children that are no trackers of Python's own."""
    found = [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return [each for each in found if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
