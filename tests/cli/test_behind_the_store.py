"""What is read from the store alone is what is read from the chain, in the same words."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.ledger.store import open_store
from pyledger.observer.reading import Reading, read_agreement
from pyledger.observer.shapes import plain
from tests.cli.conftest import Program
from tests.observer.test_rights import DEAL

FOREST = "forest-guyana-norway"


@pytest.fixture
def contested(node: Anvil, program: Program) -> str:
    """A deal with a court, tiers and standing, of which a verdict was commented on and contested."""
    program.ok("open", FOREST, "--as", "norway", "--accept")
    program.ok("accept", FOREST, "--as", "guyana")
    program.ok("fund", FOREST, "--as", "norway")
    program.ok("attest", FOREST, "loss-2012", "met", "--value", "0.176", "--as", "surveyor", "--as", "auditor")
    program.ok("comment", FOREST, "The east was \x1b[31mnot counted", "--as", "villages", "--about", "loss-2012")
    program.ok("challenge", FOREST, "loss-2012", "--as", "villages", "--max-fee", "0.01")
    return FOREST


def reading(home: Path, address: str, now: int, *words: str) -> Reading:
    with open_store(home / "ledger.db") as store:
        with store.reading() as database:
            source = store.cursors(database)[0].source
        found = read_agreement(store, source, bytes.fromhex(address[2:]), now=now, reference=words)
    assert found is not None
    return found


def test_the_store_shows_what_the_chain_shows(contested: str, program: Program, home: Path) -> None:
    program.ok("sync", "--document", contested)
    shown = program.json("status", contested)
    found = reading(home, shown["agreement"], shown["now"], contested)
    seen = found.view.to_json()
    assert shown["court"].pop("fee") is not None
    assert seen["court"].pop("fee") is None  # what a court asks for now, no event says
    for each in (shown, seen):
        each["actions"] = [{**action, "what": action["what"].partition(", for ")[0]} for action in each["actions"]]
    assert seen == shown
    assert found.named.bound
    assert found.finality == "latest"
    told = program.json("history", contested)
    assert [(line.at, line.words) for line in found.lines] == [(each["at"], each["words"]) for each in told]
    assert [entry.words for entry in found.entries] == ["payments funded"]


def test_the_benefits_of_a_document_stand_as_its_state_says(node: Anvil, program: Program, home: Path) -> None:
    Path("access.yaml").write_text(DEAL, encoding="utf-8")
    program.ok("open", "access.yaml", "--as", "north", "--accept")
    program.ok("accept", "access.yaml", "--as", "south")
    program.ok("sync", "--document", "access.yaml")
    shown = program.json("rights", "access.yaml")
    found = reading(home, program.json("address", "access.yaml")["address"], shown["now"])
    assert plain(found.entitlements) == shown["entitlements"]
    assert {each.benefit for each in found.entitlements if each.holds} == {"seat", "sight"}
    assert found.undoings == ()


def test_without_the_document_everything_is_numbered_and_tokens_are_counted_in_smallest_units(
    contested: str, program: Program, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = program.json("list")[0]["address"]
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "observer"))
    shown = program.json("status", address)
    found = reading(home, address, shown["now"])
    assert found.view.to_json()["held"] == shown["held"]
    assert found.view.to_json()["phase"] == shown["phase"]
    assert (found.named.bound, found.named.document) == (False, None)
    assert found.view.parties[0].name == "party-1"
    assert found.view.held[0].escrow.symbol.startswith("smallest units of token 0x")
    assert any("party-1 put" in line.words for line in found.lines)
    assert found.entitlements == ()
