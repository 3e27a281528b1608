"""Syncs in processes that can be killed: `python -m tests.ledger.indexer URL FACTORY`.

For each line that it reads it forks a process that reads the chain into the store of that name, tells its number, and,
when asked again, its exit code. Everything slow is imported before, so that a kill falls into the sync.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy.dialects.postgresql
import sqlalchemy.dialects.sqlite  # noqa: F401
import web3.providers.rpc  # noqa: F401

from pyledger.chain.connect import connect
from pyledger.chain.networks import Network
from pyledger.ledger.store import open_store
from pyledger.ledger.sync import sync


class Nursery:
    """Starts syncs of one chain."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def sync(self, store: object, seconds: float | None = None) -> bool:
        """One sync, killed after so many seconds (None: never); whether it came to its end before."""
        self._say(str(store))
        child = int(self._line())
        if seconds is not None:
            time.sleep(seconds)
            os.kill(child, 9)
        self._say("reap")
        code = int(self._line())
        assert code in {0, -9}, f"the sync ended with {code}"
        return code == 0

    def _say(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def nursery(url: str, factory: bytes) -> Iterator[Nursery]:
    words = [sys.executable, "-m", "tests.ledger.indexer", url, factory.hex()]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Nursery(process)
        process.stdin.close()


def index(url: str, factory: str, place: str) -> None:
    with connect(Network("local", url, None)) as node, open_store(place) as store:
        sync(store, node, bytes.fromhex(factory), span=2)


def main(url: str, factory: str) -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            index(url, factory, line.strip())
            os._exit(0)
        print(child, flush=True)
        sys.stdin.readline()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
