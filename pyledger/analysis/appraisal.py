"""The appraisal of a deal: every promise in every phase, what holds it, and what does not; the deal as a whole.

    appraise(document) → Appraisal

Assumed throughout: risk neutrality, numbers that everybody knows, one deviation at a time, phases independent but for
what going on is worth. Every number is as good as the estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from pyledger.analysis.exposure import Exposure
from pyledger.analysis.figures import Key
from pyledger.analysis.game import YEAR, Game, Standing, read_game
from pyledger.analysis.gaps import missing, unshown
from pyledger.analysis.hazards import Bet, Bounty, Demand, bet_of, bounties, demands
from pyledger.analysis.horizon import PowerShift, power_shift
from pyledger.analysis.incentives import Decision, discount_threshold
from pyledger.analysis.inspection import looks_needed
from pyledger.analysis.outlook import Outlook, lasts, outlooks
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
from pyledger.analysis.schedule import Player, Schedule, minimal_bonds
from pyledger.analysis.steps import Step, exposure_by_phase, largest_step, steps
from pyledger.document import Document

__all__ = ["Appraisal", "Promise", "appraise", "decision_of", "players", "promises_of", "shifts_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What one party owes in one phase, and whether keeping it pays. Amounts in the estimates' asset.

    `bond_needed` is the level of bond at which it just pays (None: no bond can do it), `detection_needed` the chance of
    detection (None: not even certainty), `patience_needed` the yearly-compounded discount factor of the phase if it
    were repeated for ever. `credible_until` counts phases from this one (None: for good).
    """

    party: str
    phase: str
    promises: tuple[str, ...]
    temptation: float
    estimated: bool
    stake: float
    power: float
    slack: float
    bond: float
    bond_needed: float | None
    detection_needed: float | None
    looks_needed: int | None
    patience_needed: float | None
    exposure_before: float
    exposure: Exposure
    staying: float
    credible_until: int | None
    worth: float
    ended: float

    @property
    def credible(self) -> bool:
        """Whether keeping pays at least as well as breaching."""
        return self.slack >= 0

    @property
    def stays(self) -> bool:
        """Whether paying in for the phase pays at least as well as leaving."""
        return self.staying >= 0

    @property
    def exposure_after(self) -> float:
        """What it has in the air as the phase ends."""
        return self.exposure.after[-1] if self.exposure.after else self.exposure_before


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
        missing=tuple(missing(game)),
        unshown=tuple(unshown(game)),
    )


def promises_of(game: Game, standings: Mapping[tuple[str, int], Standing]) -> tuple[Promise, ...]:
    """Every party's promise in every phase, phase by phase."""
    exposed = exposure_by_phase(game, standings)
    return tuple(_promise(game, standing, exposed[key]) for key, standing in _by_phase(standings))


def decision_of(standing: Standing) -> Decision:
    """One party's choice in one phase, in the notation of the formulas."""
    bond, forfeited = float(standing.bond), float(standing.forfeited)
    material = standing.situation.material
    return Decision(
        temptation=float(standing.temptation),
        bond=bond,
        forfeit=forfeited / bond if bond else 1.0,
        withheld=float(standing.withheld),
        reputation=float(standing.reputation),
        discount=float(standing.discount),
        going_on=float(standing.going_on) if material else 0.0,
        ended=float(standing.ended_next) if material else 0.0,
        detected=float(standing.detected),
        mistaken=float(standing.mistaken),
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


def _by_phase(standings: Mapping[tuple[str, int], Standing]) -> list[tuple[tuple[str, int], Standing]]:
    return sorted(standings.items(), key=lambda each: each[0][1])


def _promise(game: Game, standing: Standing, exposure: Exposure) -> Promise:
    at, choice = standing.situation, decision_of(standing)
    needed = choice.required_detection
    surplus = float(standing.surplus) - float(standing.ended)
    return Promise(
        party=at.party,
        phase=at.phase_id,
        promises=at.promises,
        temptation=choice.temptation,
        estimated=not at.promises or game.temptation_key(at) is not None,
        stake=choice.stake,
        power=choice.discriminating_power,
        slack=choice.slack,
        bond=choice.bond,
        bond_needed=choice.smallest_bond,
        detection_needed=needed,
        looks_needed=_looks(game, standing, needed) if needed is not None else None,
        patience_needed=discount_threshold(choice, surplus=surplus),
        exposure_before=exposure.after[0] if exposure.after else 0.0,
        exposure=exposure,
        staying=float(standing.staying),
        credible_until=lasts(game, standing),
        worth=float(standing.worth),
        ended=float(standing.ended),
    )


def _capital_cost(game: Game, standing: Standing) -> float:
    at = standing.situation
    return game.figures.likely("capital_cost", at.party, at.phase_id) * at.duration / YEAR


def _looks(game: Game, standing: Standing, needed: float) -> int | None:
    """Looks as good as the panel's one until a breach is found that often; attributing and ruling stay as they are."""
    chances = [
        (detection * game.figures.likely("attribution", panel) * game.figures.likely("ruling", panel), detection)
        for panel in standing.situation.panels
        for detection in (game.figures.likely("detection", panel),)
    ]
    found, each = min(chances, default=(1.0, 1.0))
    if found <= 0:
        return None
    return looks_needed(each=each, wanted=needed * each / float(standing.detected))


def shifts_of(game: Game) -> dict[tuple[str, str], PowerShift]:
    """By (riser, phase): what changes until the next phase, wherever both estimates are there."""
    pie = game.figures.key("pie")
    if pie not in game.figures.given:
        return {}
    found = {}
    phases = [phase.id for phase in game.document.phases]
    for now, later in pairwise(phases):
        powers = {party: Key("power", party, now) for party in game.parties}
        for riser in game.parties:
            next_power = Key("power", riser, later)
            others = [game.likely(key) for party, key in powers.items() if party != riser and key in game.figures.given]
            if powers[riser] not in game.figures.given or next_power not in game.figures.given or not others:
                continue
            standing = game.situations[riser, phases.index(now)]
            rate = game.figures.likely("discount_rate", riser, now)
            found[riser, now] = power_shift(
                pie=game.likely(pie),
                riser_now=game.likely(powers[riser]),
                riser_next=game.likely(next_power),
                other_now=sum(others),
                discount=1 / (1 + rate) ** (standing.duration / YEAR),
            )
    return found
