"""Entitlements on the command line, against a real node: they hold, end with a breach, and leave what may be undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pyledger.chain.anvil import Anvil
from tests.cli.conftest import Program
from tests.observer.test_rights import DEAL


@pytest.fixture
def access(node: Anvil, program: Program) -> str:
    """The deal of the rules' own tests, in its second phase."""
    Path("access.yaml").write_text(DEAL, encoding="utf-8")
    program.ok("open", "access.yaml", "--as", "north", "--accept")
    program.ok("accept", "access.yaml", "--as", "south")
    program.ok("attest", "access.yaml", "secured", "met", "--as", "a", "--as", "b")
    program.ok("chain", "warp", "8 days")
    program.ok("settle", "access.yaml")
    return "access.yaml"


def standing(program: Program, deal: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = program.json("rights", deal)["entitlements"]
    return {(each["benefit"], each["holder"]): each for each in found}


def test_a_benefit_from_its_phase_to_its_holders_breach(access: str, program: Program) -> None:
    api = standing(program, access)["api", "south"]
    assert (api["stands"], api["confirmed"], api["levers"]["requests_per_second"]) == ("holds", False, 50)
    assert api["account"] == program.json("status", access)["parties"][1]["account"]
    said = program.ok("rights", access).out
    assert "south: holds since" in said
    assert "50 requests a second; 8 at once; 50% of full speed" in said
    assert "it can be taken back after notice, by council, with 14 days of notice" in said

    program.ok("attest", access, "use-kept", "breached", "--as", "a", "--as", "c")
    assert standing(program, access)["api", "south"]["why"] == "use-kept is breached"
    assert standing(program, access)["api", "forest"]["stands"] == "holds"
    assert standing(program, access)["seat", "south"]["until"] is None


def test_after_a_termination_it_says_what_may_be_undone(access: str, program: Program) -> None:
    program.ok("attest", access, "never-sold", "breached", "--as", "a", "--as", "c")
    program.ok("chain", "warp", "8 days")
    assert standing(program, access)["api", "south"]["why"] == "the phase is cut off"
    assert program.json("rights", access)["undoings"] == []
    program.ok("settle", access)
    (undone,) = program.json("rights", access)["undoings"]
    assert (undone["obligation"], undone["by"], undone["restored_within"]) == ("secured", "south", 90 * 86_400)
    assert "to restore what was takes 90 days" in program.ok("rights", access).out


def test_without_the_document_there_is_nothing_to_say(
    access: str, program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = program.json("address", access)["address"]
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "observer"))
    said = program.refused("rights", address, code=2)
    assert f"give the document, with --at {address}" in said
    assert "sync --document" in said
    program.ok("sync", "--document", str(Path(access).resolve()))
    assert standing(program, address)["api", "south"]["stands"] == "holds"


def test_before_it_is_opened_nothing_holds(node: Anvil, program: Program) -> None:
    program.ok("open", "lockerbie-2003", "--as", "libya", "--accept")
    (only,) = program.json("rights", "lockerbie-2003")["entitlements"]
    assert (only["stands"], only["why"]) == ("not yet", "the agreement is not in force")
