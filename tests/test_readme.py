"""Every command block of the README is run, in order, as a reader would."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.walkthrough import ROOT, blocks, empty_folder, run_line

PAGE = "README.md"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    yield from empty_folder(tmp_path, monkeypatch, capsys)


def test_the_blocks_are_those_that_this_test_knows_how_to_run() -> None:
    assert {block.language for block in blocks(PAGE)} == {"sh", "python", "text"}


def test_every_command_block_runs(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = 0
    for block in blocks(PAGE):
        if block.language == "python":
            (reader / "test_deal.py").write_text(block.text, encoding="utf-8")
            saved += 1
        elif block.language == "sh":
            for line in block.text.splitlines():
                play(line, capsys)
    assert saved == 1
    assert not (reader / "home" / "chain" / "anvil.json").exists()


def play(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    if line in ("scripts/demo", "scripts/test"):
        # The demonstration is run by the test below; the checks are what runs this.
        assert os.access(ROOT / line, os.X_OK)
    elif line.startswith("pytest "):
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(line), "-q", "-p", "no:cacheprovider"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    else:
        run_line(line, capsys)


def test_what_the_demonstration_is_said_to_print_it_prints(reader: Path) -> None:
    (sample,) = (block.text for block in blocks(PAGE) if block.language == "text")
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
