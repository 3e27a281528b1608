"""A document's estimates as a game: the reference values again, this time by way of a document."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from pyledger.analysis.appraisal import appraise
from pyledger.analysis.figures import Key
from pyledger.analysis.game import Game, read_game
from pyledger.analysis.promises import decision_of
from pyledger.analysis.sensitivity import influences
from pyledger.analysis.simulation import simulate
from pyledger.analysis.steps import largest_step, steps
from pyledger.document import Document, gallery, loads

SURPLUS = ((2, 6, 10), (3, 5, 9))
OUTSIDE = ((0, 1, 4), (0, 2, 5))
TEMPTATION = ((6, 12, 20), (5, 15, 25))
DETECTED = ((90, 80, 80), (90, 80, 70))


def reference(bonds: tuple[tuple[str, ...], tuple[str, ...]] | None = None, temptation: str = "") -> Document:
    return loads(reference_text(bonds, temptation))


def reference_text(bonds: tuple[tuple[str, ...], tuple[str, ...]] | None = None, temptation: str = "") -> str:
    """The two parties and three phases of the reference program of least bonds, each phase a year long."""
    phases, stakes, panels, seen = [], [], [], []
    for t in range(3):
        levels = f"\n    bonds: {{a: {bonds[0][t]}, b: {bonds[1][t]}}}" if bonds else ""
        owed = "".join(
            f"\n      {who}-{t}: {{by: {who}, what: performs, within: 1 year, decided_by: panel-{who}-{t},"
            " if_silent: met, material: true, forfeit: 100%}"
            for who in "ab"
        )
        phases.append(f"\n  - id: phase-{t}{levels}\n    obligations:{owed}")
        stakes.append(
            f"\n    phase-{t}:"
            + "".join(
                f"\n      {who}: {{value: {SURPLUS[i][t]}, temptation: {temptation or TEMPTATION[i][t]},"
                f" outside_option: {OUTSIDE[i][t]}}}"
                for i, who in enumerate("ab")
            )
        )
        for i, who in enumerate("ab"):
            panels.append(f"\n  panel-{who}-{t}: {{verifiers: [one], threshold: 1}}")
            seen.append(f"\n    panel-{who}-{t}: {{detection: {DETECTED[i][t]}%, false_positive: 2%}}")
    return (
        "pyledger: 1\ntitle: Reference\nassets: {usd: {symbol: USDX, decimals: 6}}\n"
        "parties:\n  a: {name: A, bond: {amount: 30, asset: usd}, forfeits_to: b}\n"
        "  b: {name: B, bond: {amount: 40, asset: usd}, forfeits_to: a}\n"
        f"join_within: 1 day\nlong_stop_after: 9 years\npanels:{''.join(panels)}\nphases:{''.join(phases)}\n"
        "estimates:\n  asset: usd\n  discount_rate: 5.26%\n  capital_cost: 3%\n"
        "  parties: {a: {reputation: 1}, b: {reputation: 1}}\n"
        f"  panels:{''.join(seen)}\n  phases:{''.join(stakes)}\n"
    )


def test_the_least_bonds_of_the_reference() -> None:
    found = appraise(reference())
    assert found.schedule
    assert found.schedule.bonds["a"] == pytest.approx((0, 9.8741, 24.641), abs=2e-3)
    assert found.schedule.bonds["b"] == pytest.approx((0, 16.1486, 35.7647), abs=2e-3)
    assert found.schedule.cost == pytest.approx(2.59285, abs=1e-3)
    assert found.schedule_without_top_ups
    assert found.schedule_without_top_ups.cost == pytest.approx(5.43652, abs=1e-3)


def test_with_these_bonds_every_promise_pays_and_with_a_little_less_one_does_not() -> None:
    enough = appraise(reference((("1", "9.9", "24.7"), ("1", "16.2", "35.8"))))
    assert enough.first_deviation is None
    less = appraise(reference((("1", "9.9", "24.6"), ("1", "16.2", "35.8"))))
    assert less.first_deviation is not None
    assert (less.first_deviation.party, less.first_deviation.phase) == ("a", "phase-2")
    assert less.first_deviation.bond_needed == pytest.approx(24.641, abs=1e-3)


def test_what_is_withheld_is_at_stake_like_a_bond() -> None:
    game = read_game(loads(gallery.read("model-access-three-steps")))
    for standing in game.evaluate().values():
        at = standing.situation
        kept, breached = game.worth(at.kept), game.worth(at.breached)
        assert standing.forfeited + standing.withheld == pytest.approx(kept - breached)


@pytest.mark.parametrize("name", gallery.names())
def test_every_document_of_the_gallery_is_a_game(name: str) -> None:
    found = appraise(loads(gallery.read(name)))
    parties, phases = len(found.game.parties), len(found.game.document.phases)
    assert len(found.promises) == parties * phases
    for promise in found.promises:
        assert promise.credible == (promise.slack >= 0)
        assert promise.power <= 1


@pytest.mark.parametrize(("name", "shares"), [("lockerbie-2003", [0.4, 0.4, 0.2])])
def test_steps_of_the_settlement(name: str, shares: list[float]) -> None:
    assert [step.share for step in steps(read_game(loads(gallery.read(name))))] == pytest.approx(shares)


def test_the_largest_step_of_the_six_party_talks_is_its_second() -> None:
    found = largest_step(steps(read_game(loads(gallery.read("six-party-2007")))))
    assert found
    assert found.share == pytest.approx(0.95)


def game_of(temptation: str) -> Game:
    return read_game(reference(temptation=temptation))


def test_where_a_conclusion_flips_the_slack_is_nothing() -> None:
    game = read_game(reference())
    found = influences(game, "a", 2)
    assert {each.key for each in found} >= {Key("temptation", "a", "phase-2"), Key("detection", "panel-a-2")}
    turns = [(each.key, turn) for each in found for turn in each.flips_at]
    assert len(turns) >= 2
    for key, turn in turns:
        there = game.evaluate(lambda k, key=key, turn=turn: turn if k == key else game.likely(k))  # type: ignore[misc]
        assert float(there["a", 2].slack) == pytest.approx(0, abs=1e-6)


def test_what_moves_nothing_is_not_told() -> None:
    keys = {each.key for each in influences(read_game(reference()), "a", 2)}
    assert Key("temptation", "a", "phase-0") not in keys
    assert Key("temptation", "b", "phase-2") not in keys


def test_the_same_seed_gives_the_same_draws() -> None:
    game = game_of("{low: 5, likely: 15, high: 40}")
    assert simulate(game, draws=500, seed=3) == simulate(game, draws=500, seed=3)
    assert simulate(game, draws=500, seed=3) != simulate(game, draws=500, seed=4)


@settings(max_examples=20)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_a_simulation_counts_what_the_formula_says(a: int, b: int, c: int) -> None:
    low, likely, high = sorted((a, b, c))
    game = game_of(f"{{low: {low}, likely: {likely}, high: {high}}}")
    found = simulate(game, draws=2_000, seed=1)
    last = next(each for each in found.promises if (each.party, each.phase) == ("a", "phase-2"))
    limit = decision_of(game.evaluate()["a", 2]).largest_temptation
    if low == high:
        assert last.credible == float(likely <= limit)
        return
    rng = np.random.default_rng(99)
    other = float((rng.triangular(low, likely, high, 20_000) <= limit).mean())
    assert last.credible == pytest.approx(other, abs=0.05)


def test_what_the_estimates_say_against_a_deal_is_a_finding() -> None:
    from pyledger.analysis.findings import estimated_risks

    found = estimated_risks(reference((("1", "9.9", "24.6"), ("1", "16.2", "35.8"))))
    assert [(risk.id, risk.severity, risk.at) for risk in found] == [
        ("CRE1", "error", ("phases", 2, "obligations", "a-2"))
    ]
    assert "24.64" in found[0].fix
    assert estimated_risks(reference((("1", "9.9", "24.7"), ("1", "16.2", "35.8")))) == ()


def test_a_temptation_that_grows_without_end_is_beyond_any_stake_at_some_time() -> None:
    from pathlib import Path

    from pyledger.analysis.outlook import lasts
    from pyledger.document import load

    game = read_game(load(Path(__file__).parents[1] / "document" / "whole.yaml"))
    assert lasts(game, game.evaluate()["north", 1]) == 2
    assert lasts(game, game.evaluate()["north", 0]) is None
