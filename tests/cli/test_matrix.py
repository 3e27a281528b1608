"""`pyledger run --matrix`: every single defection of a deal, on real chains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from pyledger.analysis.defections import INVARIANTS, defections, kept, unsound
from pyledger.analysis.scenario import run
from pyledger.analysis.script import Unmet
from pyledger.analysis.stand_ins import deal_of
from pyledger.cli import running_matrix
from pyledger.cli.playing import Played
from pyledger.document import gallery, loads
from pyledger.terms.state import Status
from pyledger.terms.structs import Verdict
from tests.cli.conftest import Program


def test_every_defection_is_played_and_sound(program: Program) -> None:
    found = program.json("run", "--matrix", "lockerbie-2003")
    assert found["sound"]
    told = {(each["about"], each["kind"]): each for each in found["defections"]}
    assert {kind for about, kind in told if about == "un-lift"} == {"breached", "lapsed", "silent"}
    assert told["libya", "payments"]["in_default"] == ["libya"]
    assert told["libya", "absent"]["ends"] == "void"
    assert told["un-lift", "breached"]["ends"] == "terminated"
    late = {each["who"]: each["smallest"] for each in told["us-delist", "silent"]["gains"]}
    assert late == {"libya": str(-2_160 * 10**12), "families": str(2_160 * 10**12)}


def test_a_scenario_can_be_departed_from(program: Program) -> None:
    Path("late.yaml").write_text(
        "document: lockerbie-2003\nsteps:\n  - {met: un-lift, at: 20 days}\n  - {met: us-lift, at: 200 days}\n",
        encoding="utf-8",
    )
    found = program.json("run", "--matrix", "late.yaml")
    gains = {(each["about"], each["kind"]): each["gains"] for each in found["defections"]}
    assert {each["who"]: each["smallest"] for each in gains["us-lift", "silent"]} == {
        "libya": str(-1_350 * 10**12),
        "families": str(1_350 * 10**12),
    }


@pytest.mark.parametrize("name", gallery.names())
def test_all_that_can_be_broken_is_broken_and_the_model_finds_nothing_unsound(name: str) -> None:
    deal = deal_of(loads(gallery.read(name)))
    found = defections(deal, kept(deal))
    broken = {(each.phase, each.about) for each in found if each.kind in ("breached", "lapsed", "silent")}
    assert broken == {(phase.id, item) for phase in deal.document.phases for item in phase.obligations}
    assert {each.about for each in found if each.kind == "absent"} == set(deal.document.parties)
    payers = {(phase.id, each.from_) for phase in deal.document.phases for each in phase.payments.values()}
    assert {(each.phase, each.about) for each in found if each.kind == "payments"} == payers
    assert [(each.words, wrong) for each in found if (wrong := unsound(run(deal, each.scenario).facts()))] == []


def test_promises_that_silence_keeps_are_broken_only_by_a_finding() -> None:
    deal = deal_of(loads(gallery.read("jcpoa-2015")))
    silent = {
        name
        for phase, names in zip(deal.terms.phases, deal.names.obligations, strict=True)
        for each, name in zip(phase.obligations, names, strict=True)
        if each.presumption == Verdict.MET
    }
    kinds = {each.kind for each in defections(deal, kept(deal)) if each.about in silent}
    assert kinds == {"breached"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"gains": {("libya", "usd"): -5, ("families", "usd"): 4}}, "lost: 1 of the smallest unit of usd"),
        ({"gains": {("libya", "usd"): -5, ("families", "usd"): 6}}, "made: 1 of the smallest unit of usd"),
        ({"status": Status.IN_FORCE}, "it never ends: it is in force"),
        ({"held": {"usd": 7}}, "7 of the smallest unit of usd stay in the account"),
        ({"forfeits": {"libya": 5}}, "libya kept everything, and lost bond"),
    ],
)
def test_what_must_never_be_is_told(
    program: Program, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], said: str
) -> None:
    monkeypatch.setattr(running_matrix, "unsound", lambda facts: unsound(replace(facts, **change)))
    answer = program("run", "--matrix", "lockerbie-2003", "--workers", "1")
    assert answer.code == 1
    assert said in answer.out


def cases(report: Path) -> dict[tuple[str, str], ET.Element]:
    """The test cases of a report, by the defection that they are of and what must be true of it."""
    return {(each.get("classname", ""), each.get("name", "")): each for each in ET.parse(report).iter("testcase")}


def test_junit_has_a_case_for_each_defection_and_each_thing_that_must_be_true(program: Program) -> None:
    found = program.json("run", "--matrix", "lockerbie-2003", "--junit", "reports/matrix.xml")
    told = cases(Path("reports/matrix.xml"))
    assert len(told) == len(found["defections"]) * (len(INVARIANTS) + 1)
    assert {of for of, _ in told} >= {
        "lockerbie-2003: libya does not join",
        "lockerbie-2003: release: un-lift breached",
        "lockerbie-2003: release: libya pays nothing in",
    }
    assert {name for _, name in told} == {*INVARIANTS, "the chain does what the model says"}
    assert [list(each) for each in told.values() if list(each)] == []
    suite = ET.parse("reports/matrix.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == (str(len(told)), "0", "0")


def test_junit_says_which_of_them_is_not(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_matrix, "unsound", lambda facts: unsound(replace(facts, held={"usd": 7})))
    assert program("run", "--matrix", "lockerbie-2003", "--workers", "1", "--junit", "matrix.xml").code == 1
    told = cases(Path("matrix.xml"))
    assert {name for (_, name), case in told.items() if list(case)} == {"no money stays behind"}
    (failure,) = told["lockerbie-2003: libya does not join", "no money stays behind"]
    assert (failure.tag, failure.get("message")) == ("failure", "7 of the smallest unit of usd stay in the account")


def test_of_a_defection_that_does_not_come_to_its_end_nothing_is_said_to_be_true(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Played((Unmet(1, "it could not be played: NotMember", "", ""),), None, 0, 0.5)
    monkeypatch.setattr(running_matrix, "performed", lambda scripts, *_: [broken for _ in scripts])
    assert program("run", "--matrix", "lockerbie-2003", "--junit", "matrix.xml").code == 1
    kinds = {(name, case[0].tag) for (_, name), case in cases(Path("matrix.xml")).items()}
    assert kinds == {(each, "error") for each in INVARIANTS} | {("the chain does what the model says", "failure")}


def test_who_broke_something_may_lose_bond() -> None:
    deal = deal_of(loads(gallery.read("model-access-three-steps")))
    facts = [run(deal, each.scenario).facts() for each in defections(deal, kept(deal))]
    assert any(each.forfeits for each in facts)
