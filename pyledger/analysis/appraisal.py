"""The appraisal of a deal: every promise in every phase, what holds it, and what does not; the deal as a whole.

    appraise(document) → Appraisal

Assumed throughout: risk neutrality, numbers that everybody knows, one deviation at a time, phases independent but for
what going on is worth. Every number is as good as the estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from pyledger.analysis.game import YEAR, Game, Standing, read_game
from pyledger.analysis.gaps import missing, unshown
from pyledger.analysis.hazards import Bet, Bounty, Demand, bet_of, bounties, demands
from pyledger.analysis.horizon import PowerShift
from pyledger.analysis.looks import Look, looks
from pyledger.analysis.outlook import Outlook, outlooks, shifts_of
from pyledger.analysis.pace import (
    Accession,
    Coalition,
    Curve,
    Rise,
    accession_of,
    coalition_of,
    curve_of,
    exchange_of,
    rises,
)
from pyledger.analysis.promises import Promise, decision_of, promises_of
from pyledger.analysis.schedule import Player, Schedule, minimal_bonds
from pyledger.analysis.steps import Step, largest_step, steps
from pyledger.document import Document

__all__ = ["Appraisal", "appraise", "players"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """Everything that the estimates say about a deal.

    `missing` are estimates that were not given and count as nothing, or as certain; `unshown` those that would show
    something that is not shown without them, each with what that is.
    """

    game: Game
    standings: Mapping[tuple[str, int], Standing]
    promises: tuple[Promise, ...]
    steps: tuple[Step, ...]
    largest_step: Step | None
    schedule: Schedule | None
    schedule_without_top_ups: Schedule | None
    curve: Curve | None
    rises: tuple[Rise, ...]
    outlooks: tuple[Outlook, ...]
    demands: tuple[Demand, ...]
    bounties: tuple[Bounty, ...]
    bet: Bet | None
    shifts: Mapping[tuple[str, str], PowerShift]
    coalition: Coalition | None
    accession: tuple[Accession, ...]
    looks: tuple[Look, ...]
    missing: tuple[str, ...]
    unshown: tuple[tuple[str, str], ...]

    @property
    def first_deviation(self) -> Promise | None:
        """The earliest promise that it pays to break; of one phase, the one that it pays most to break."""
        order = {phase.id: index for index, phase in enumerate(self.game.document.phases)}
        broken = [promise for promise in self.promises if not promise.credible]
        return min(broken, key=lambda promise: (order[promise.phase], promise.slack), default=None)

    @property
    def credible(self) -> bool:
        """Whether every promise pays, and everybody does better to stay."""
        return all(promise.credible and promise.stays for promise in self.promises)

    @property
    def leaving(self) -> tuple[Promise, ...]:
        """Where a party first does better not to pay in: one phase for each party that does."""
        found: dict[str, Promise] = {}
        for promise in self.promises:
            if not promise.stays:
                found.setdefault(promise.party, promise)
        return tuple(found.values())

    @property
    def terminal(self) -> tuple[Promise, ...]:
        """The promises of the last phase that tempt: no later phase makes them worth keeping, only what is at stake."""
        last = self.game.document.phases[-1].id
        return tuple(each for each in self.promises if each.promises and each.phase == last and each.temptation > 0)


def appraise(document: Document) -> Appraisal:
    """Appraise a deal by the likeliest value of each estimate."""
    game = read_game(document)
    standings = game.evaluate()
    found = steps(game)
    parties = players(game, standings)
    return Appraisal(
        game=game,
        standings=standings,
        promises=promises_of(game, standings),
        steps=found,
        largest_step=largest_step(found),
        schedule=minimal_bonds(parties) if document.estimates else None,
        schedule_without_top_ups=minimal_bonds(parties, top_ups=False) if document.estimates else None,
        curve=curve_of(exchange_of(game, standings)),
        rises=rises(game, standings),
        outlooks=outlooks(game, standings),
        demands=demands(game, standings),
        bounties=bounties(game, standings),
        bet=bet_of(game, standings),
        shifts=shifts_of(game),
        coalition=coalition_of(game),
        accession=accession_of(game, standings),
        looks=looks(game, standings),
        missing=tuple(missing(game)),
        unshown=tuple(unshown(game)),
    )


def players(game: Game, standings: Mapping[tuple[str, int], Standing]) -> list[Player]:
    """The parties as the program of least bonds wants them."""
    found = []
    phases = range(len(game.document.phases))
    for party in game.parties:
        own = [standings[party, index] for index in phases]
        wealth = game.figures.key("wealth", party)
        found.append(
            Player(
                name=party,
                surplus=[float(each.surplus) for each in own],
                outside=[float(each.ended) for each in own],
                temptation=[float(each.temptation) for each in own],
                detected=[float(each.detected) for each in own],
                mistaken=[float(each.mistaken) for each in own],
                discount=[float(each.discount) for each in own],
                reputation=[float(each.reputation) + float(each.withheld) for each in own],
                capital_cost=[_capital_cost(game, each) for each in own],
                forfeit=[decision_of(each).forfeit for each in own],
                ends=[each.situation.material for each in own],
                wealth=game.likely(wealth) if wealth in game.figures.given else inf,
            )
        )
    return found


def _capital_cost(game: Game, standing: Standing) -> float:
    at = standing.situation
    return game.figures.likely("capital_cost", at.party, at.phase_id) * at.duration / YEAR
