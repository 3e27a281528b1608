"""Phases that only the parties know, as the parties and as others meet them; and the page that says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil
from tests.cli.conftest import Program
from tests.walkthrough import blocks, empty_folder, run_line

PAGE = "docs/confidential.md"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    yield from empty_folder(tmp_path, monkeypatch, capsys)


def test_the_page_can_be_played(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = [run_line(line, capsys) for each in blocks(PAGE) if each.language == "sh" for line in each.text.splitlines()]
    assert "phase bridge opened" in said[-2]


@pytest.fixture
def sealed(node: Anvil, program: Program) -> str:
    """The starter with its second phase confidential, opened."""
    program.ok("new", "deal.yaml")
    program.ok("seal", "deal.yaml", "--from", "bridge")
    program.ok("open", "deal.yaml")
    program.ok("accept", "deal.yaml", "--as", "city")
    program.ok("accept", "deal.yaml", "--as", "builder")
    return "deal.yaml"


def elsewhere(home: Path) -> None:
    """Forget what was opened from here, as on the machine of somebody who only looks on."""
    shutil.rmtree(home / "agreements")


def test_others_see_that_there_is_a_phase_and_nothing_of_it(sealed: str, program: Program, home: Path) -> None:
    address = program.json("address", sealed)["address"]
    elsewhere(home)
    seen = program.json("status", address)
    (hidden,) = seen["undisclosed"]
    assert hidden["number"] == 2
    (sample,) = (block.text for block in blocks(PAGE) if block.language == "text")
    shown = program.ok("status", address).out.replace(hidden["hash"], "0x95e1…9f9e")
    assert sample.strip("\n") in shown
    assert "600000" not in program.ok("status", address, "--json").out
    assert "600000" not in program.ok("history", address, "--json").out
    assert program.ok("verify", address).code == 0


def test_who_lacks_the_words_cannot_open_the_next_phase_and_is_told(sealed: str, program: Program, home: Path) -> None:
    address = program.json("address", sealed)["address"]
    program.ok("fund", sealed, "--as", "city")
    program.ok("attest", sealed, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b")
    settling = program.json("status", sealed)["actions"][-1]
    assert settling["who"] == []
    kept = home / "agreements"
    away = kept.rename(home / "away")
    settling = program.json("status", address)["actions"][-1]
    assert (settling["who"], "settle" in settling["what"]) == (["party-1", "party-2"], True)
    assert "is not disclosed, and this needs its words" in program.refused("settle", address)
    away.rename(kept)
    program.ok("settle", sealed)
    elsewhere(home)
    assert program.json("status", address)["undisclosed"] == []
    assert program.json("status", address)["phase"]["payments"][0]["amount"]["smallest"] == "600000000000"


def test_disclosing_leaves_out_what_is_confidential_unless_told(sealed: str, program: Program, home: Path) -> None:
    assert "--all publishes these too" in program.ok("disclose", sealed).out
    assert len(program.json("status", sealed)["undisclosed"]) == 0, "a party has the document"
    address = program.json("address", sealed)["address"]
    program.ok("disclose", sealed, "--all")
    elsewhere(home)
    assert program.json("status", address)["undisclosed"] == []


def test_a_store_takes_no_document_that_tells_more_than_the_chain(sealed: str, program: Program) -> None:
    assert "phases that are not public yet" in program.refused("sync", "--document", sealed, code=2)
    program.ok("disclose", sealed, "--all")
    program.ok("sync", "--document", sealed)


def test_a_bundle_says_that_it_tells_what_is_confidential(sealed: str, program: Program) -> None:
    program.ok("sign", sealed, "--as", "city", "--output", "city.json")
    assert "holds the seal" in program.ok("bundle", sealed, "city.json", "--output", "deal.bundle.json").out


def test_what_holds_the_seal_is_read_by_its_owner_alone(sealed: str, program: Program, home: Path) -> None:
    program.ok("sign", sealed, "--as", "city", "--output", "city.json")
    program.ok("bundle", sealed, "city.json", "--output", "deal.bundle.json")
    (copy,) = home.glob("agreements/*/*/document.yaml")
    for file in (Path(sealed), copy, Path("deal.bundle.json")):
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_what_tells_of_sealed_phases_is_read_by_its_owner_alone(program: Program) -> None:
    """Pages, pictures and drafts made of the document are handed on as easily as it is."""
    program.ok("new", "deal.yaml", "--from", "monitored-model-access")
    open_to_all = program.ok("explain", "deal.yaml", "--output", "open.html")
    assert "only the parties know" not in open_to_all.out
    assert Path("open.html").stat().st_mode & 0o077
    program.ok("seal", "deal.yaml", "--from", "hosting")
    explained = program.ok("explain", "deal.yaml", "--output", "deal.html", "--picture", "phases.svg")
    assert "it tells what only the parties know" in explained.out
    program.ok("whatif", "deal.yaml", "--picture", "outcomes.svg")
    program.ok("analyze", "deal.yaml", "--draws", "100", "--output", "report.md", "--charts", "charts")
    program.ok("analyze", "deal.yaml", "--draws", "100", "--propose", "--output", "better.yaml")
    charts = sorted(Path("charts").iterdir())
    assert charts
    for file in (*map(Path, ("deal.html", "phases.svg", "outcomes.svg", "report.md", "better.yaml")), *charts):
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_sealing_again_keeps_the_seal(program: Program) -> None:
    program.ok("new", "deal.yaml")
    program.ok("seal", "deal.yaml", "--from", "bridge")
    before = Path("deal.yaml").read_text(encoding="utf-8")
    assert program.json("seal", "deal.yaml", "--from", "bridge")["changed"] is False
    assert Path("deal.yaml").read_text(encoding="utf-8") == before
    assert "the first phase opens at once" in program.refused("seal", "deal.yaml", "--from", "foundations")
    assert Path("deal.yaml").read_text(encoding="utf-8") == before
