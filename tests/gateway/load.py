"""A gateway as the program that people run, and many signed requests at once.

They are sent over plain sockets, so that asking takes less than answering.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from pyledger.gateway.client import Entrance
from pyledger.terms.bindings import dump_bindings
from tests.gateway.houses import ACCESS, House

__all__ = ["LOG", "Program", "Reply", "ask_all", "gateway_program", "prepare"]

LOG: Final = "gateway.jsonl"
"""Where in its folder the program keeps its record."""


class Program(NamedTuple):
    """A gateway that runs: how holders address it, and its process."""

    origin: str
    pid: int


@contextmanager
def gateway_program(house: House, node: str, service: str, folder: Path) -> Iterator[Program]:
    """Runs it before a service, for a house whose document says no more than `minimal`."""
    (folder / "access.yaml").write_text(ACCESS.replace("MONITORING", "minimal").replace("THROTTLE", "{}"))
    (folder / "bindings.yaml").write_text(dump_bindings(house.bindings))
    words = [
        *(sys.executable, "-m", "pyledger", "gateway", str(folder / "access.yaml"), "--json"),
        *("--bindings", str(folder / "bindings.yaml"), "--benefit", "api", "--upstream", f"{service}/base"),
        *("--listen", "127.0.0.1:0", "--log", str(folder / LOG), "--poll", "0.1", "--longest", "600"),
        *("--stale-after", "2"),
    ]
    environment = os.environ | {"PYLEDGER_HOME": str(folder / "home"), "PYLEDGER_NETWORK": "local"}
    environment["PYLEDGER_RPC_URL"] = node
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment, text=True) as process:
        try:
            assert process.stdout is not None
            said = ""
            while not said.endswith("}\n"):
                line = process.stdout.readline()
                assert line, "the gateway did not start"
                said += line
            time.sleep(1.1)  # what was signed in the second of its start does not count
            yield Program(json.loads(said)["origin"], process.pid)
        finally:
            process.terminate()
            assert process.wait(20) == 0


class Reply(NamedTuple):
    """An answer: its status (0: none came), and when the request was sent and answered, Unix seconds."""

    status: int
    sent: float
    done: float


def prepare(entrance: Entrance, origin: str, target: str, count: int) -> list[bytes]:
    """Signed requests as they are sent, each of them another."""
    host, now = urlsplit(origin).netloc, int(time.time())
    found = []
    for _ in range(count):
        headers = {"Host": host, **entrance.headers("GET", origin + target, now=now)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        found.append(f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode())
    return found


def ask_all(
    origin: str, prepared: Sequence[bytes], *, connections: int, told: Callable[[int], object] = bool
) -> list[Reply]:
    """Sends all of them over so many connections, each as soon as there is one free; `told` counts those let in."""
    return asyncio.run(_ask_all(origin, deque(prepared), connections, told))


async def _ask_all(origin: str, waiting: deque[bytes], connections: int, told: Callable[[int], object]) -> list[Reply]:
    replies: list[Reply] = []
    let_in = [0]
    address = urlsplit(origin)

    async def one() -> None:
        while waiting:
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            try:
                while waiting:
                    request, sent = waiting.popleft(), time.time()
                    writer.write(request)
                    status, last = await _answer(reader)
                    replies.append(Reply(status, sent, time.time()))
                    if status == 200:
                        let_in[0] += 1
                        told(let_in[0])
                    elif status == 503:
                        await asyncio.sleep(1)  # as it is asked to by Retry-After
                    if last:
                        break
            finally:
                writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return replies


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """The status, and whether nothing more comes on this connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        size = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
        await reader.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return 0, True
    return int(lines[0].split()[1]), "connection: close" in lines
