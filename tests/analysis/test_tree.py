"""Deals as games in extensive form: our backward induction against Gambit's solutions, and against the formulas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings, strategies as st

from pyledger.analysis.appraisal import appraise
from pyledger.analysis.game import read_game
from pyledger.analysis.tree import KEEP, Chance, Choice, End, Node, outcome_tree, solve
from pyledger.document import gallery, loads
from tests.analysis.gambit_games import DEAL, DEALS, STAKE, STEP, as_node, as_plain, deal_tree, games

SOLVED: dict[str, Any] = json.loads(Path(__file__).with_name("gambit.json").read_text(encoding="utf-8"))
LIMIT = 0.005
"""Gambit follows quantal response to a limit, and stops shortly before it."""


@pytest.mark.parametrize("name", SOLVED)
def test_gambit_expects_the_same(name: str) -> None:
    found = solve(as_node(SOLVED[name]["tree"]))
    assert found.payoffs == pytest.approx(SOLVED[name]["limit"], abs=LIMIT)


@pytest.mark.parametrize("name", [name for name, each in SOLVED.items() if "pure" in each])
def test_gambit_has_it_among_all_pure_behaviour(name: str) -> None:
    assert solve(as_node(SOLVED[name]["tree"])).payoffs == pytest.approx(SOLVED[name]["pure"], abs=1e-4)


def test_what_gambit_was_given_are_the_games_of_today() -> None:
    assert {name: as_plain(tree) for name, tree in games().items()} == {k: v["tree"] for k, v in SOLVED.items()}


def test_the_deals_that_gambit_solved_are_kept_by_some_and_broken_by_others() -> None:
    paths = [solve(deal_tree(*each)).path for each in DEALS]
    kept = [all(action == KEEP for _, action in path) for path in paths]
    assert any(kept)
    assert not all(kept)


def document(*, tempted: float, bond: float, phases: int) -> str:
    steps = "".join(STEP.format(t=t) for t in range(phases))
    stakes = "".join(STAKE.format(t=t, a=f"{tempted:.2f}", b=f"{tempted + 1:.2f}") for t in range(phases))
    return DEAL.format(phases=phases, bond=f"{bond:.2f}", steps=steps, stakes=stakes)


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 40), st.floats(1, 60), st.integers(1, 3))
def test_where_every_promise_pays_nobody_breaks_one_and_each_has_what_the_formula_says(
    tempted: float, bond: float, phases: int
) -> None:
    found = appraise(loads(document(tempted=tempted, bond=bond, phases=phases)))
    assume(all(promise.slack > 1e-6 for promise in found.promises))
    solved = solve(outcome_tree(found.game))
    assert {action for _, action in solved.path} == {KEEP}
    assert solved.payoffs == pytest.approx([float(found.standings[party, 0].worth) for party in "ab"])


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 40), st.floats(1, 60))
def test_in_the_last_phase_a_promise_that_does_not_pay_is_broken(tempted: float, bond: float) -> None:
    found = appraise(loads(document(tempted=tempted, bond=bond, phases=1)))
    assume(all(abs(promise.slack) > 1e-6 for promise in found.promises))
    path = dict(solve(outcome_tree(found.game)).path)
    assert {party: path[f"{party} in step-0"] == KEEP for party in "ab"} == {
        promise.party: promise.credible for promise in found.promises
    }


def every_plan(node: Node) -> list[tuple[float, ...]]:
    """What each choice of everybody at every place leads to: brute force over plans, for trees of one player."""
    match node:
        case End(payoffs):
            return [payoffs]
        case Choice(_, _, actions):
            return [payoffs for _, after in actions for payoffs in every_plan(after)]
        case Chance(branches):
            plans: list[tuple[float, ...]] = [(0.0,)]
            for chance, branch in branches:
                plans = [(a[0] + chance * b[0],) for a in plans for b in every_plan(branch)]
            return plans


def trees() -> st.SearchStrategy[Node]:
    ends = st.floats(-100, 100).map(lambda value: End((value,)))
    return st.recursive(
        ends,
        lambda below: st.one_of(
            st.lists(below, min_size=1, max_size=3).map(
                lambda found: Choice(0, "", tuple((str(i), each) for i, each in enumerate(found)))
            ),
            st.tuples(st.floats(0.1, 0.9), below, below).map(
                lambda found: Chance(((found[0], found[1]), (1 - found[0], found[2])))
            ),
        ),
        max_leaves=7,
    )


@given(trees())
def test_one_player_gets_the_best_that_any_plan_gives(tree: Node) -> None:
    assert solve(tree).payoffs[0] == pytest.approx(max(plan[0] for plan in every_plan(tree)), abs=1e-6)


def test_of_a_deal_that_is_too_large_there_is_no_tree() -> None:
    with pytest.raises(ValueError, match="at most 2 parties"):
        outcome_tree(read_game(loads(gallery.read("safe-development-coalition"))))


def test_the_worked_example_has_a_tree() -> None:
    found = solve(outcome_tree(read_game(loads(gallery.read("monitored-model-access")))))
    assert {action for _, action in found.path} == {KEEP}
