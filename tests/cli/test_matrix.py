"""`pyledger run --matrix`: every single defection of a deal, on real chains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pyledger.analysis.defections import defections, kept, unsound
from pyledger.analysis.scenario import run
from pyledger.analysis.stand_ins import deal_of
from pyledger.cli import running_matrix
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


def test_who_broke_something_may_lose_bond() -> None:
    deal = deal_of(loads(gallery.read("model-access-three-steps")))
    facts = [run(deal, each.scenario).facts() for each in defections(deal, kept(deal))]
    assert any(each.forfeits for each in facts)
