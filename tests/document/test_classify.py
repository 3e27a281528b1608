"""Sharing of wealth or of power: by which rule, and what would change it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pyledger.document import loads
from pyledger.document.classify import Classified, classify, classify_all

BASE = (Path(__file__).parent / "risks" / "base.yaml").read_text(encoding="utf-8")

REVOCABLE = "{class: revocable_with_notice, by: north, notice: 30 days, grounds: a breach that is found}"
LAG, GENERAL, WATCHED = "generation_lag: 1", "generality: broad", "monitoring: realtime"
JOIN = "join_within: 60 days"


def classified(*changes: tuple[str, str]) -> Classified:
    text = BASE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return classify(loads(text), "access")


def flips(found: Classified) -> list[dict[str, str]]:
    return [{change.attribute: change.value for change in flip} for flip in found.flips]


MONEY = (
    ("cluster: frontier_ai\n    kind: api_access", "cluster: financial_resource"),
    (REVOCABLE, "irrevocable"),
    (JOIN, f"estimates: {{asset: usd, parties: {{south: {{gdp: 10_000}}}}}}\n{JOIN}"),
)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("P1", [("delivery: api", "delivery: weights")]),
        ("P2", [("offence_defence: neutral", "offence_defence: offence")]),
        ("P3", [("onward_transfer: forbidden", "veto: true")]),
        ("P3", [("onward_transfer: forbidden", "vote_share: 33.34%")]),
        ("P4", [(LAG, "generation_lag: 0"), (GENERAL, "generality: general"), (WATCHED, "monitoring: minimal")]),
        ("P5", [("inference_only", "training_unrestricted")]),
        ("P6", [*MONEY]),
        ("P7", [("input: none", "input: algorithm"), (LAG, "generation_lag: 0")]),
        ("P7", [("kind: api_access", "kind: expertise"), (LAG, "generation_lag: 0")]),
    ],
)
def test_each_rule_of_power(rule: str, changes: list[tuple[str, str]]) -> None:
    found = classified(*changes)
    assert (found.class_, found.fired) == ("power", (rule,))


@pytest.mark.parametrize(
    "changes",
    [
        [("delivery: api", "delivery: weights"), (LAG, "generation_lag: 2")],
        [("onward_transfer: forbidden", "vote_share: 33.33%")],
        [(LAG, "generation_lag: 0"), (GENERAL, "generality: general")],
        [(GENERAL, "generality: general"), (WATCHED, "monitoring: none")],
        [("inference_only", "training_unrestricted"), ("hem: false", "hem: true")],
        [*MONEY[:2], (JOIN, MONEY[2][1].replace("10_000", "10_001"))],
        [*MONEY[:2]],
        [("input: none", "input: algorithm")],
        [(REVOCABLE, "irrevocable")],
        [],
    ],
)
def test_just_short_of_power(changes: list[tuple[str, str]]) -> None:
    assert classified(*changes).class_ == "benefit"


@pytest.mark.parametrize(
    ("changes", "signs"),
    [
        ([(LAG, "generation_lag: 0"), (WATCHED, "monitoring: periodic_audit")], ("frontier", "unmonitored")),
        ([(REVOCABLE, "irrevocable"), ("dual_use: low", "dual_use: high")], ("irrevocable", "dual use")),
        ([("inference_only", "training_below"), ("dual_use: low", "dual_use: high")], ("dual use", "training")),
    ],
)
def test_two_signs_are_mixed(changes: list[tuple[str, str]], signs: tuple[str, ...]) -> None:
    found = classified(*changes)
    assert (found.class_, found.fired) == ("mixed", signs)
    assert all(len(flip) == 1 for flip in found.flips)
    assert len(found.flips) == 2


def test_one_change_is_enough_where_one_rule_fires() -> None:
    found = classified((LAG, "generation_lag: 0"), (GENERAL, "generality: general"), (WATCHED, "monitoring: none"))
    assert flips(found) == [{"generation_lag": "1"}, {"monitoring": "realtime"}, {"generality": "broad"}]


def test_two_rules_take_two_changes() -> None:
    found = classified(
        ("offence_defence: neutral", "offence_defence: offence"), ("inference_only", "training_unrestricted")
    )
    assert found.fired == ("P2", "P5")
    assert flips(found) == [
        {"offence_defence": "neutral", "compute_use": "inference_only"},
        {"offence_defence": "neutral", "hem": "true"},
    ]


def test_more_than_three_take_all_of_them() -> None:
    found = classified(
        ("delivery: api", "delivery: weights"),
        ("offence_defence: neutral", "offence_defence: offence"),
        ("onward_transfer: forbidden", "veto: true"),
        ("inference_only", "training_unrestricted"),
    )
    assert found.fired == ("P1", "P2", "P3", "P5")
    ((*changes,),) = found.flips
    assert {"delivery", "offence_defence", "veto", "compute_use"} <= {change.attribute for change in changes}


@pytest.mark.parametrize(
    "changes",
    [
        [("delivery: api", "delivery: weights"), ("dual_use: low", "dual_use: high")],
        [(LAG, "generation_lag: 0"), (GENERAL, "generality: general"), (WATCHED, "monitoring: none")],
        [("offence_defence: neutral", "offence_defence: offence"), ("inference_only", "training_unrestricted")],
        [(LAG, "generation_lag: 0"), ("input: none", "input: algorithm"), ("delivery: api", "delivery: weights")],
        [("onward_transfer: forbidden", "veto: true"), (REVOCABLE, "irrevocable"), ("dual_use: low", "dual_use: high")],
    ],
)
def test_every_change_that_is_told_lowers_the_class(changes: list[tuple[str, str]]) -> None:
    text, rank = BASE, ["benefit", "mixed", "power"]
    for old, new in changes:
        text = text.replace(old, new)
    before = classify(loads(text), "access")
    assert before.flips
    for flip in before.flips:
        after = text
        for attribute, value in flip:
            after, count = re.subn(rf"\b{attribute}: (?:\{{[^}}]*\}}|\w+)", f"{attribute}: {value}", after, count=1)
            assert count == 1
        assert rank.index(classify(loads(after), "access").class_) < rank.index(before.class_)


def test_money_is_power_below_which_value_it_is_not() -> None:
    assert {"value": "below 100"} in flips(classified(*MONEY))


def test_what_is_no_power_has_nothing_to_change() -> None:
    (found,) = classify_all(loads(BASE))
    assert (found.name, found.class_, found.fired, found.flips) == ("access", "benefit", (), ())
