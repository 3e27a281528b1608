"""A deal as a game in extensive form, solved from its ends: who moves, what chance decides, what each has then.

    root = outcome_tree(game)          # two parties and three phases at most
    solved = solve(root)               # solved.payoffs, solved.path

In each phase the parties that owe something choose in turn, in the document's order, to keep or to breach; then chance
says of each breach whether it is found. A found material breach ends the deal; one that is not found passes for kept.
That kept promises are taken for breaches is left out: it would double every chance. What the terms pay in each case is
what the settlement model pays; a party has the estimated value of a phase only if all that is owed there is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from pyledger.analysis.game import YEAR, Game, Standing, attested
from pyledger.terms.structs import OUTSIDE, Verdict

__all__ = ["BREACH", "KEEP", "Chance", "Choice", "End", "Node", "Solved", "outcome_tree", "solve"]

KEEP: Final = "keep"
BREACH: Final = "breach"
MOST_PARTIES: Final = 2
MOST_PHASES: Final = 3
_TIES: Final = 1e-9
"""Who gains nothing by breaching keeps."""


@dataclass(frozen=True, slots=True)
class End:
    """What each player has."""

    payoffs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chance:
    """Branches with their chances, which sum to 1."""

    branches: tuple[tuple[float, Node], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A player (from 0) at a place picks one of the actions; of actions that are worth the same, the first."""

    player: int
    place: str
    actions: tuple[tuple[str, Node], ...]


Node = End | Chance | Choice


@dataclass(frozen=True, slots=True)
class Solved:
    """What each player expects, and what is chosen on the way that is then taken, by place."""

    payoffs: tuple[float, ...]
    path: tuple[tuple[str, str], ...]


def solve(node: Node) -> Solved:
    """Backward induction: the subgame-perfect equilibrium of a finite game in which all is seen."""
    match node:
        case End(payoffs):
            return Solved(payoffs, ())
        case Chance(branches):
            found = [(chance, solve(branch)) for chance, branch in branches]
            size = len(found[0][1].payoffs)
            mean = tuple(sum(chance * each.payoffs[i] for chance, each in found) for i in range(size))
            likeliest = max(found, key=lambda each: each[0])[1]
            return Solved(mean, likeliest.path)
        case Choice(player, place, actions):
            best_action, best = actions[0][0], solve(actions[0][1])
            for action, after in actions[1:]:
                other = solve(after)
                if other.payoffs[player] > best.payoffs[player] + _TIES * max(1.0, abs(best.payoffs[player])):
                    best_action, best = action, other
            return Solved(best.payoffs, ((place, best_action), *best.path))


def outcome_tree(game: Game) -> Node:
    """The tree of a deal by the likeliest estimates. Raises ValueError for one that is too large to be drawn as one."""
    if len(game.parties) > MOST_PARTIES or len(game.document.phases) > MOST_PHASES:
        raise ValueError(f"a tree has at most {MOST_PARTIES} parties and {MOST_PHASES} phases")
    return _Grower(game, game.evaluate()).phase(0, tuple(0.0 for _ in game.parties), tuple(1.0 for _ in game.parties))


@dataclass(frozen=True, slots=True)
class _Grower:
    game: Game
    standings: Mapping[tuple[str, int], Standing]

    def phase(self, index: int, had: tuple[float, ...], discount: tuple[float, ...]) -> Node:
        """What follows as a phase opens: `had` is what each has by then, `discount` what a unit there is worth now."""
        if index == len(self.game.document.phases):
            return End(had)
        movers = [i for i, party in enumerate(self.game.parties) if self.at(index, i).situation.promises]
        return self.moves(index, movers, frozenset(), lambda broken: self.found(index, broken, had, discount))

    def moves(
        self, index: int, movers: list[int], broken: frozenset[int], then: Callable[[frozenset[int]], Node]
    ) -> Node:
        if not movers:
            return then(broken)
        first, *others = movers
        place = f"{self.game.parties[first]} in {self.game.document.phases[index].id}"
        kept = self.moves(index, others, broken, then)
        return Choice(first, place, ((KEEP, kept), (BREACH, self.moves(index, others, broken | {first}, then))))

    def found(self, index: int, broken: frozenset[int], had: tuple[float, ...], discount: tuple[float, ...]) -> Node:
        """Chance says of each breach whether it is found."""
        ordered = sorted(broken)
        branches: list[tuple[float, Node]] = []
        for seen in product((True, False), repeat=len(ordered)):
            chance = 1.0
            for i, is_seen in zip(ordered, seen, strict=True):
                detected = float(self.at(index, i).detected)
                chance *= detected if is_seen else 1 - detected
            if chance > 0:
                caught = frozenset(i for i, is_seen in zip(ordered, seen, strict=True) if is_seen)
                branches.append((chance, self.after(index, broken, caught, had, discount)))
        return branches[0][1] if len(branches) == 1 else Chance(tuple(branches))

    def after(
        self,
        index: int,
        broken: frozenset[int],
        caught: frozenset[int],
        had: tuple[float, ...],
        discount: tuple[float, ...],
    ) -> Node:
        """What each has after a phase, and what comes then."""
        money = self.money(index, caught)
        ends = any(self.at(index, i).situation.material for i in caught)
        have, later = [], []
        for i in range(len(had)):
            here = self.at(index, i)
            kept = self.game.worth(here.situation.kept)
            gained = float(here.surplus) - kept + money[i] - self.locked(index, i)
            if broken - {i}:
                gained -= self.game.figures.likely("value", here.situation.party, here.situation.phase_id)
            gained += float(here.temptation) if i in broken else 0.0
            gained -= float(here.reputation) if i in caught else 0.0
            if ends:
                gained += float(here.discount) * float(here.ended_next)
            have.append(had[i] + discount[i] * gained)
            later.append(discount[i] * float(here.discount))
        return End(tuple(have)) if ends else self.phase(index + 1, tuple(have), tuple(later))

    def money(self, index: int, caught: frozenset[int]) -> list[float]:
        """What the settlement model pays each when these breaches are found and all else is met."""
        paying = self.game.payoffs
        verdicts = [
            Verdict.BREACHED if each.obligor != OUTSIDE and each.obligor in caught else Verdict.MET
            for each in paying.terms.phases[index].obligations
        ]
        phase = self.game.document.phases[index]
        attest = attested(self.game.document, phase, self.game.figures)
        met = {at: value for at, value in attest.items() if verdicts[at] is Verdict.MET}
        ledger = paying.outcome(index, verdicts, met)
        return [
            sum(
                amount / 10 ** self.game.document.assets[asset].decimals * self.game.price(asset)
                for (who, asset), amount in ledger.items()
                if who == party
            )
            for party in self.game.parties
        ]

    def locked(self, index: int, player: int) -> float:
        """Capital cost of the bond in a phase."""
        here = self.at(index, player)
        rate = self.game.figures.likely("capital_cost", here.situation.party, here.situation.phase_id)
        return rate * here.situation.duration / YEAR * float(here.bond)

    def at(self, index: int, player: int) -> Standing:
        return self.standings[self.game.parties[player], index]
