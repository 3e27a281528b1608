"""The scenario of `docs/access.md`, played line by line, with the gateway and the service as programs of their own."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pyledger.cli.app import run
from tests.gateway.conftest import eventually
from tests.walkthrough import blocks, empty_folder, say

PAGE = "docs/access.md"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    yield from empty_folder(tmp_path, monkeypatch, capsys)


class Shell:
    """What a reader does with the lines of the page, on ports that are free."""

    def __init__(self, capsys: pytest.CaptureFixture[str], programs: ExitStack) -> None:
        self._capsys = capsys
        self._programs = programs
        self._ports = {"9000": free_port(), "8642": free_port()}
        self.said: list[tuple[str, str]] = []

    def line(self, line: str) -> None:
        for usual, free in self._ports.items():
            line = line.replace(f":{usual}", f":{free}").replace(f" {usual} ", f" {free} ")
        if line.endswith(" &"):
            self._begin(shlex.split(line.removesuffix(" &")))
        elif line.startswith("sleep "):
            time.sleep(float(line.split()[1]))
        elif line.startswith("mkdir "):
            Path(line.split()[1]).mkdir()
        elif line.startswith("echo "):
            _, text, _, file = shlex.split(line)
            Path(file).write_text(text + "\n", encoding="utf-8")
        elif line.startswith("! pyledger "):
            self._capsys.readouterr()
            assert run(shlex.split(line.removeprefix("! pyledger "))) in (1, 2), line
            self.said.append((line, "".join(self._capsys.readouterr())))
        else:
            assert line.startswith("pyledger "), f"the test cannot run this: {line}"
            self.said.append((line, say(line.removeprefix("pyledger "), self._capsys)))

    def _begin(self, words: list[str]) -> None:
        """A program in the background, until the test ends; ready when its port takes connections."""
        if words[0] == "pyledger":
            port = self._ports["8642"]
            words = [sys.executable, "-m", *words, "--listen", f"127.0.0.1:{port}"]
        else:
            port = self._ports["9000"]
            words = [sys.executable, *words[1:]]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))
        self._programs.callback(process.wait, 20)
        self._programs.callback(process.terminate)
        eventually(lambda: takes_connections(port), within=30)

    def answers(self, command: str) -> list[str]:
        """What each command of that name has said, in order."""
        return [said for line, said in self.said if line.removeprefix("! ").startswith(f"pyledger {command} ")]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.mark.slow
def test_the_page_is_what_happens(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ExitStack() as programs:
        shell = Shell(capsys, programs)
        for block in blocks(PAGE):
            for line in block.text.splitlines() if block.language == "sh" else ():
                shell.line(line)
    first, other, benefit, cut, again, ended = shell.answers("request")
    assert first == "Answer 1: it depends.\n"
    assert "`api` is not for provider" in other
    assert "not-signed-by-holder" in benefit
    assert "use-kept is breached" in cut
    assert again == first
    assert "the phase is cut off" in ended
    given, held, gone, taken = shell.answers("seats")
    assert "host was given its seat" in given
    assert "has a seat" in held
    assert "no seat" in gone
    assert "the seat of host was taken away" in taken
    (audit,) = shell.answers("audit")
    assert "every line follows from the one before" in audit
    assert audit.count("gained") == 2
    assert audit.count("lost") == 2
    assert sorted(each.suffix for each in (reader / "keeper").iterdir()) == [".request"] * 2 + [".response"] * 2
