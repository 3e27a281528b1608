"""Games in extensive form for Gambit to solve: random ones, and those of small deals. Run by `scripts/gambit`."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

from pyledger.analysis.game import read_game
from pyledger.analysis.tree import Chance, Choice, End, Node, outcome_tree
from pyledger.document import loads

__all__ = ["as_node", "as_plain", "deal_tree", "games"]

SEED = 20_070_213
RANDOM = 40
DEALS = tuple((phases, tempted, bond) for phases in (1, 2) for tempted in (5, 20, 45) for bond in (1, 15, 40))

DEAL = """
pyledger: 1
title: Two parties, {phases} phases
assets: {{usd: {{symbol: USDX, decimals: 6}}}}
parties:
  a: {{name: A, bond: {{amount: {bond}, asset: usd}}, forfeits_to: b}}
  b: {{name: B, bond: {{amount: {bond}, asset: usd}}, forfeits_to: a}}
panels: {{seers: {{verifiers: [one], threshold: 1}}}}
join_within: 1 day
long_stop_after: 9 years
phases:{steps}
estimates:
  asset: usd
  discount_rate: 5%
  capital_cost: 3%
  parties: {{a: {{reputation: 1}}, b: {{reputation: 2}}}}
  panels: {{seers: {{detection: 75%}}}}
  phases:{stakes}
"""
STEP = """
  - id: step-{t}
    obligations:
      a-{t}: {{by: a, what: performs, within: 1 year, decided_by: seers, if_silent: met, material: true, forfeit: 100%}}
      b-{t}: {{by: b, what: performs, within: 1 year, decided_by: seers, if_silent: met, material: true, forfeit: 100%}}
    payments:
      pay-{t}: {{from: b, to: a, amount: 6, asset: usd, when: {{a-{t}: met}}, fund_within: 30 days}}"""
STAKE = """
    step-{t}:
      a: {{value: 3, cost: 2, temptation: {a}, outside_option: {t}}}
      b: {{value: 14, cost: 3, temptation: {b}, outside_option: {t}}}"""


def deal_tree(phases: int, tempted: int, bond: int) -> Node:
    """The tree of a deal in which temptation grows with each phase."""
    steps = "".join(STEP.format(t=t) for t in range(phases))
    stakes = "".join(STAKE.format(t=t, a=tempted + 3 * t, b=tempted - 2 + 4 * t) for t in range(phases))
    return outcome_tree(read_game(loads(DEAL.format(phases=phases, bond=bond, steps=steps, stakes=stakes))))


def random_tree(rng: random.Random, depth: int) -> Node:
    """Choices of two players and chance; no two payoffs of a player are alike, so that there is one solution."""
    if depth == 0 or rng.random() < 0.15:
        return End((round(rng.uniform(-100, 100), 2), round(rng.uniform(-100, 100), 2)))
    if rng.random() < 0.25:
        cut = rng.randint(1, 9) / 10
        return Chance(((cut, random_tree(rng, depth - 1)), (1 - cut, random_tree(rng, depth - 1))))
    actions = tuple((f"action-{i}", random_tree(rng, depth - 1)) for i in range(rng.randint(2, 3)))
    return Choice(rng.randint(0, 1), "", actions)


def games() -> dict[str, Node]:
    """All of them by name."""
    rng = random.Random(SEED)
    found: dict[str, Node] = {}
    while len(found) < RANDOM:
        tree = random_tree(rng, 4)
        if isinstance(tree, Choice):
            found[f"random-{len(found)}"] = tree
    deals = {f"deal-{phases}-{tempted}-{bond}": deal_tree(phases, tempted, bond) for phases, tempted, bond in DEALS}
    return found | deals


def as_plain(node: Node) -> Any:
    """A tree as JSON."""
    match node:
        case End(payoffs):
            return {"payoffs": [round(payoff, 9) for payoff in payoffs]}
        case Chance(branches):
            return {"chance": [[round(chance, 6), as_plain(branch)] for chance, branch in branches]}
        case Choice(player, place, actions):
            return {"player": player, "place": place, "actions": [[name, as_plain(after)] for name, after in actions]}


def as_node(plain: Any) -> Node:
    """A tree from JSON."""
    if "payoffs" in plain:
        return End(tuple(plain["payoffs"]))
    if "chance" in plain:
        return Chance(tuple((chance, as_node(branch)) for chance, branch in plain["chance"]))
    return Choice(plain["player"], plain["place"], tuple((name, as_node(after)) for name, after in plain["actions"]))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps({name: as_plain(tree) for name, tree in games().items()}), encoding="utf-8")
