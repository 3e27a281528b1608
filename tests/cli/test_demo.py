"""The demonstration, and that it would notice if a balance were wrong."""

from __future__ import annotations

import pytest

from pyledger.cli import plays
from pyledger.cli.theatre import Stage
from pyledger.terms.state import Status
from tests.cli.conftest import Program

MILLION = 10**6


def test_lockerbie_as_it_happened(program: Program) -> None:
    found = program.json("demo")
    assert found["ok"]
    lockerbie, kept, broken = found["plays"]
    balances = {each["who"]: each for each in lockerbie["balances"]}
    assert balances["families"]["after"]["smallest"] == str(2_160 * MILLION * MILLION)
    assert balances["libya"]["after"]["smallest"] == str(540 * MILLION * MILLION)
    assert balances["the agreement"]["after"]["smallest"] == "0"
    assert lockerbie["signatures"] == {"registrar": 2, "auditor": 1, "observer": 1}
    assert lockerbie["scenes"][-1]["words"] == [
        "too late for the escrow: the agreement is completed, which does not allow this"
    ]
    assert (kept["state"], broken["state"]) == ("completed", "terminated")
    assert {each["who"]: each["change"]["amount"] for each in broken["balances"]} == {
        "north": "26000000.000000",
        "south": "-26000000.000000",
        "monitoring-fund": "0.000000",
        "the agreement": "0.000000",
    }


def test_a_wrong_balance_is_noticed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = plays.PLAYS[0]._replace(changes={"libya": -2_160 * MILLION, "families": 2_160 * MILLION - 1})
    monkeypatch.setattr(plays, "PLAYS", (wrong,))
    said = program("demo")
    assert said.code == 1
    assert "should be +2,159,999,999" in said.out
    assert "this is a defect of pyledger" in said.out


def test_a_refusal_that_does_not_come_is_noticed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(stage: Stage) -> None:
        stage.scene("2003-08-14", "Nobody is refused.", stage.refused(stage.open, "too late"))

    monkeypatch.setattr(plays, "PLAYS", (plays.PLAYS[0]._replace(script=script, changes={}, ends=Status.OPEN),))
    assert program("demo").code == 1


def test_it_fits_eighty_columns(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(plays, "PLAYS", plays.PLAYS[:1])
    lines = program.ok("demo").out.splitlines()
    tables = [line for line in lines if "exact" in line or line.startswith(("13 Aug", "22 Aug", "  account"))]
    assert tables
    assert all(len(line) <= 80 for line in tables)
