"""Every command block of the page on ballots is run, in order, as a reader would: with real proofs."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prover import installed_prover
from tests.walkthrough import blocks, empty_folder, run_line

PAGE = "docs/ballots.md"
PIPED = re.compile(r'echo "([^"]*)" \| (pyledger .*)')


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    monkeypatch.setenv("PYLEDGER_PASSPHRASE", "long enough")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "prover").symlink_to(installed_prover().folder)  # what fetches it takes a minute
    yield from empty_folder(tmp_path, monkeypatch, capsys)


def test_every_command_block_runs(
    reader: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told: dict[str, list[str]] = {}
    for block in blocks(PAGE):
        if block.language == "yaml":
            (reader / "grant.yaml").write_text(block.text, encoding="utf-8")
            continue
        for line in block.text.splitlines():
            piped = PIPED.fullmatch(line)
            monkeypatch.setattr(sys, "stdin", io.StringIO(piped[1] if piped else ""))
            command = piped[2] if piped else line
            told.setdefault(" ".join(command.split()[1:3]), []).append(run_line(command, capsys))
    sealed, anonymous = told["ballot tally"]
    assert "3 of 3 found that report-sound is met; median 71.5 points of 100, spread 26 points of 100" in sealed
    assert "99,000 USDX paid to lab" in sealed
    assert "0.05 ether returned to peer-1" in told["ballot withdraw"][0]
    assert "0.05 ether forfeited to archive" in told["ballot forfeit"][0]
    assert "peers attested report-sound: met, value 71.5 points of 100" in told["history grant.yaml"][0]
    assert "2 of 3 found that report-sound is met; median 70 points of 100, spread 20 points of 100" in anonymous
    assert "the agreement is completed" in told["settle grant.yaml"][1]
