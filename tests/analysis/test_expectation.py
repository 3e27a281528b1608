"""What scenarios expect: what is said of what is not so, and which expectations cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pyledger.analysis.expectation import Expect, judge, problems
from pyledger.analysis.scenario import loads_scenario, run
from pyledger.analysis.stand_ins import Deal, deal_of
from pyledger.document import gallery, loads
from pyledger.document.load import read_model
from pyledger.errors import DocumentError
from pyledger.terms.facts import Facts
from pyledger.terms.state import Status


def deal(name: str) -> Deal:
    return deal_of(loads(gallery.read(name)))


def facts(name: str, steps: str) -> Facts:
    return run(deal(name), loads_scenario(f"steps: {steps}", deal(name))).facts()


BROKEN = "[{met: runs-declared}, {met: first-access}, {met: second-access}, {breached: no-large-run, at: 100 days}]"


def missed(name: str, found: Facts, text: str) -> list[tuple[str, str, str]]:
    expect = read_model(Expect, text, file="expect.yaml")
    assert list(problems(expect, deal(name))) == []
    return [(each.what, each.expected, each.actual) for each in judge(expect, found, deal(name))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("state: terminated\nphase: pause", []),
        ("state: completed", [("the agreement", "completed", "terminated")]),
        ("phase: inspect", [("the phase at hand", "inspect", "pause")]),
        ("verdicts: {no-large-run: breached, first-access: met, sites-opened: undecided}", []),
        ("verdicts: {pause.no-large-run: lapsed}", [("pause.no-large-run", "lapsed", "breached")]),
        ("breached: {south: no-large-run}", []),
        ("breached: {}", [("breached by south", "nothing", "no-large-run")]),
        (
            "breached: {north: second-access, south: no-large-run}",
            [("breached by north", "second-access", "nothing")],
        ),
        ("in_default: []", []),
        ("in_default: north", [("in default", "north", "nothing")]),
        ("gains: {north: 26_000_000}\nloses: {south: {usd: 26_000_000}}", []),
        ("gains: {north: 26_000_000}", [("what south gains", "0 usd", "−26,000,000 usd")]),
        (
            "loses: {}",
            [("what north gains", "0 usd", "+26,000,000 usd"), ("what south gains", "0 usd", "−26,000,000 usd")],
        ),
        ("forfeits: {south: 36_000_000}", []),
        (
            "forfeits: {north: 1}",
            [("forfeited by north", "1 usd", "0 usd"), ("forfeited by south", "0 usd", "36,000,000 usd")],
        ),
        ("paid: {declaration-compute: 10_000_000, inspection-compute: 0}", []),
        ("paid: {pause-compute: 1}", [("pause-compute paid", "1 usd", "0 usd")]),
        ("returned: {pause-compute: 30_000_000}", []),
        ("bonds: {north: 0}\nheld: {usd: 0}", []),
        ("held: {usd: 0.000001}", [("usd held", "0.000001 usd", "0 usd")]),
    ],
)  # fmt: skip
def test_what_is_not_as_expected_is_said(text: str, found: list[tuple[str, str, str]]) -> None:
    broken = facts("model-access-three-steps", BROKEN)
    assert missed("model-access-three-steps", broken, text) == found


def test_a_deal_in_several_assets_says_which() -> None:
    name = "agreed-framework-1994"
    found = facts(name, "[{met: assured}, {met: frozen-1}, {default: kedo, phase: second-year}]")
    assert missed(name, found, "gains: {dprk: {hfo: 150_000}}\nloses: {kedo: {hfo: 150_000}}") == []
    expect = read_model(Expect, "gains: {dprk: 150_000}", file="x")
    assert [each.message for each in problems(expect, deal(name))] == ["the deal has several assets"]


def test_the_largest_amounts_are_exact() -> None:
    """More digits than a decimal has by default."""
    name = "lockerbie-2003"
    huge = 10**34 + 1
    found = replace(facts(name, "[]"), gains={("families", "usd"): huge}, status=Status.COMPLETED)
    words = f"{huge // 10**6:_}.000001"
    assert missed(name, found, f'gains: {{families: "{words}"}}') == []
    ((_, expected, actual),) = missed(name, found, f'gains: {{families: "{words[:-1]}2"}}')
    assert (expected[-6:], actual[-6:]) == ("02 usd", "01 usd")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("phase: wait", "there is no phase `wait`"),
        ("breached: {east: no-large-run}", "`east` is no party"),
        ("in_default: [east]", "`east` is no party"),
        ("gains: {east: 1}", "`east` is no party or recipient"),
        ("gains: {north: {eur: 1}}", "`eur` is no asset"),
        ("gains: {north: 0.0000001}", "more decimals than usd"),
        ("gains: {north: 1}\nloses: {north: 1}", "`north` is said to gain and to lose"),
        ("paid: {pause-fee: 1}", "there is no payment `pause-fee`"),
        ("verdicts: {inspect.no-large-run: met}", "there is no obligation `inspect.no-large-run`"),
        ("held: {gold: 1}", "`gold` is no asset"),
    ],
)
def test_what_cannot_be_expected(text: str, said: str) -> None:
    expect = read_model(Expect, text, file="expect.yaml")
    (problem,) = problems(expect, deal("model-access-three-steps"))
    assert said in problem.message


@pytest.mark.parametrize(
    "text", ["state: over", "verdicts: {a: kept}", "gains: {a: -1}", "verdicts: {a.b.c: met}", "x: 1"]
)
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(DocumentError):
        read_model(Expect, text, file="expect.yaml")


def test_a_name_of_several_phases_needs_its_phase() -> None:
    text = gallery.read("forest-guyana-norway").replace("loss-2013", "loss-2012")
    twice = deal_of(loads(text))
    expect = read_model(Expect, "verdicts: {loss-2012: met}", file="x")
    (problem,) = problems(expect, twice)
    assert problem.message == "several phases have an obligation `loss-2012`"
    assert problem.hint == "write `year-2012.loss-2012`"
