"""Pages whose command blocks are run as a reader would run them, in an empty folder, in order."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pyledger.cli.app import run

__all__ = ["ROOT", "Block", "blocks", "empty_folder", "run_line", "say"]

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SUBSTITUTION = re.compile(r'"\$\(pyledger ([^)]*)\)"')


class Block(NamedTuple):
    """A fenced block: its language and its text."""

    language: str
    text: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, named from the root of the project."""
    return [Block(*found) for found in FENCE.findall((ROOT / page).read_text(encoding="utf-8"))]


def empty_folder(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    """Somebody with an empty folder and home; whatever chain is started is stopped."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYLEDGER_HOME", str(folder / "home"))
    monkeypatch.setenv("TZ", "UTC")
    for name in ("PYLEDGER_NETWORK", "PYLEDGER_RPC_URL", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    yield folder
    run(["chain", "stop"])
    capsys.readouterr()


def run_line(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What one line of a block prints, which is a pyledger command and may have another one in it."""
    plain = SUBSTITUTION.sub(lambda found: say(found[1], capsys).strip(), line)
    assert plain.startswith("pyledger "), f"the test cannot run this: {line}"
    return say(plain.removeprefix("pyledger "), capsys)


def say(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints; a chain is started on a free port, for the usual one may be taken."""
    argv = shlex.split(words)
    if argv[:2] == ["chain", "start"]:
        argv += ["--port", "0"]
    capsys.readouterr()
    code = run(argv)
    out, err = capsys.readouterr()
    assert code == 0, f"pyledger {words}: {err or out}"
    return out
