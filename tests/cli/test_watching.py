"""Watching from the command line, in a process of its own, while somebody else acts and the node comes and goes."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pyledger.chain.anvil import Anvil, rpc
from tests.cli.conftest import Program
from tests.cli.test_lying_node import lying

WAIT = 60.0
"""Seconds after which a test gives up waiting for what must come."""


class Watcher:
    """`pyledger watch` at work, and what it has said so far."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pyledger", "watch", *words], stdout=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def until(self, seen: Callable[[str], bool]) -> str:
        """The first line that is so, once it has come."""
        last = time.monotonic() + WAIT
        while time.monotonic() < last:
            if found := next(filter(seen, list(self.lines)), None):
                return found
            time.sleep(0.05)
        pytest.fail(f"it never came; what was said: {self.lines}")

    def end(self) -> int:
        """Its exit code, once it has come to its end."""
        code = self.process.wait(WAIT)
        self._reader.join(WAIT)
        return code

    def close(self) -> None:
        """At once."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def watching(*words: str) -> Iterator[Watcher]:
    watcher = Watcher(*words)
    try:
        yield watcher
    finally:
        watcher.close()


def containing(*words: str) -> Callable[[str], bool]:
    return lambda line: all(word in line for word in words)


def test_events_come_in_words_until_the_agreement_stands_so(opened: str, program: Program) -> None:
    with watching(opened, "--until", "in-force") as watcher:
        watcher.until(containing("open: 0 of 2 accepted"))
        program.ok("accept", opened, "--as", "city")
        watcher.until(containing("city accepted, posting 50,000 USDX"))
        program.ok("accept", opened, "--as", "builder")
        assert watcher.end() == 0
    assert "in force, phase 1 of 2, foundations: foundations-laid open" in watcher.lines[-1]
    assert not any("opened at" in line for line in watcher.lines)


def test_one_object_a_line_for_programs(in_force: str, program: Program) -> None:
    with watching(in_force, "--json") as watcher:
        state = json.loads(watcher.until(containing('"state"')))
        assert (state["type"], state["state"], state["phase"]["name"]) == ("state", "in force", "foundations")
        assert state["deadlines"][0]["what"] == "city must fund first-half: 400,000 USDX"
        program.ok("fund", in_force, "--as", "city")
        event = json.loads(watcher.until(containing('"event"')))
        assert (event["event"], event["money"]["amount"]) == ("Funded", "400000.000000")
        assert len(event["transaction"]) == 66
        watcher.process.send_signal(signal.SIGINT)
        assert watcher.end() == 0
    assert all(isinstance(json.loads(line), dict) for line in watcher.lines)


def test_the_time_can_be_over_first(opened: str) -> None:
    with watching(opened, "--until", "ended", "--for", "1 second") as watcher:
        assert watcher.end() == 1
    with watching(opened, "--for", "1 second") as watcher:
        assert watcher.end() == 0


def test_a_node_that_is_gone_for_a_while_is_told_and_waited_for(
    in_force: str, program: Program, node: Anvil, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()

    def sometimes(_asked: dict[str, Any], answer: Any) -> Any:
        if gone.is_set():
            raise ConnectionAbortedError
        return answer

    with lying(node.url, sometimes) as url:
        monkeypatch.setenv("PYLEDGER_RPC_URL", url)
        with watching(in_force) as watcher:
            watcher.until(containing("in force"))
            gone.set()
            watcher.until(containing("watching on"))
            gone.clear()
            watcher.until(containing("the node answers again"))
            program.ok("fund", in_force, "--as", "city")
            watcher.until(containing("city put 400,000 USDX into escrow"))
    assert sum("watching on" in line for line in watcher.lines) == 1


def test_what_a_reorganisation_takes_back_is_told(in_force: str, program: Program, node: Anvil) -> None:
    with watching(in_force) as watcher:
        watcher.until(containing("in force"))
        program.ok("fund", in_force, "--as", "city")
        watcher.until(containing("into escrow"))
        rpc(node.url, "anvil_reorg", [1, []])
        watcher.until(containing("reorganised"))


def test_all_agreements_are_watched_by_way_of_the_store(in_force: str, program: Program) -> None:
    address = program.json("address", in_force)["address"]
    program.ok("sync", "--document", in_force)
    with watching("--json") as watcher:
        assert json.loads(watcher.until(containing('"node"')))["answers"]
        program.ok("fund", in_force, "--as", "city")
        event = json.loads(watcher.until(containing("Funded")))
    assert (event["agreement"], event["words"]) == (address, "city put 400,000 USDX into escrow for first-half")
    assert "names one" not in program.refused("watch", "--until", "ended", code=2)


def test_on_a_terminal_the_head_counts_down(in_force: str, program: Program, home: Path) -> None:
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "pyledger", "watch", in_force, "--for", "3 seconds"]
    environment = os.environ | {"COLUMNS": "80", "TERM": "xterm-256color"}
    with subprocess.Popen(words, stdout=theirs, env=environment, close_fds=True) as process:
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 65_536):
                said += piece
        except OSError:  # the terminal is closed
            pass
        assert process.wait(WAIT) == 0
    text = said.decode()
    assert "city must fund first-half: 400,000 USDX" in text
    assert "holds 150,000 USDX of bonds" in text
    assert text.count("block ") >= 2
