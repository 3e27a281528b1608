"""Every command block of the README is run, in order, as a reader would."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pyledger.cli.app import run

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SUBSTITUTION = re.compile(r'"\$\(pyledger ([^)]*)\)"')


class Block(NamedTuple):
    """A fenced block: its language and its text."""

    language: str
    text: str


def blocks() -> list[Block]:
    return [Block(*found) for found in FENCE.findall((ROOT / "README.md").read_text(encoding="utf-8"))]


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    """Somebody with an empty folder; whatever chain is started is stopped."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TZ", "UTC")
    for name in ("PYLEDGER_NETWORK", "PYLEDGER_RPC_URL", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    run(["chain", "stop"])
    capsys.readouterr()


def test_the_blocks_are_those_that_this_test_knows_how_to_run() -> None:
    assert {block.language for block in blocks()} == {"sh", "python", "text"}


def test_every_command_block_runs(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = 0
    for block in blocks():
        if block.language == "python":
            (reader / "test_deal.py").write_text(block.text, encoding="utf-8")
            saved += 1
        elif block.language == "sh":
            for line in block.text.splitlines():
                run_line(line, capsys)
    assert saved == 1
    assert not (reader / "home" / "chain" / "anvil.json").exists()


def run_line(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    if line in ("scripts/demo", "scripts/test"):
        # The demonstration is run by the test below; the checks are what runs this.
        assert os.access(ROOT / line, os.X_OK)
        return
    if line.startswith("pytest "):
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(line), "-q", "-p", "no:cacheprovider"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return
    plain = SUBSTITUTION.sub(lambda found: say(found[1], capsys).strip(), line)
    assert plain.startswith("pyledger "), f"the test cannot run this: {line}"
    say(plain.removeprefix("pyledger "), capsys)


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


def test_what_the_demonstration_is_said_to_print_it_prints(reader: Path) -> None:
    (sample,) = (block.text for block in blocks() if block.language == "text")
    done = subprocess.run(
        [ROOT / "scripts" / "demo"],
        capture_output=True,
        text=True,
        check=False,
        cwd=reader,
        env=os.environ | {"COLUMNS": "120"},
    )
    assert done.returncode == 0, done.stderr
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    expected = [line.rstrip() for line in sample.splitlines()]
    start = printed.index(expected[0])
    assert printed[start : start + len(expected)] == expected
