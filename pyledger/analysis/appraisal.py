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

from pyledger.analysis.coalition import deposit_for_all, stable_size
from pyledger.analysis.exposure import Exposure
from pyledger.analysis.figures import Key
from pyledger.analysis.game import YEAR, Game, Standing, read_game
from pyledger.analysis.gradualism import Exchange
from pyledger.analysis.horizon import PowerShift, first_violated, horizon, power_shift
from pyledger.analysis.incentives import Decision, discount_threshold
from pyledger.analysis.inspection import looks_needed
from pyledger.analysis.schedule import Player, Schedule, minimal_bonds
from pyledger.analysis.steps import Step, exposure_by_phase, largest_step, steps
from pyledger.document import Document

__all__ = ["Appraisal", "Coalition", "Promise", "appraise", "decision_of", "players", "promises_of", "shifts_of"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalition:
    """What holds a coalition for a good that all share."""

    stable: int | None
    members: int
    deposit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """Everything that the estimates say about a deal."""

    game: Game
    standings: Mapping[tuple[str, int], Standing]
    promises: tuple[Promise, ...]
    steps: tuple[Step, ...]
    largest_step: Step | None
    schedule: Schedule | None
    schedule_without_top_ups: Schedule | None
    exchange: Exchange | None
    shifts: Mapping[tuple[str, str], PowerShift]
    coalition: Coalition | None
    missing: tuple[str, ...]

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
        exchange=_exchange(game),
        shifts=shifts_of(game),
        coalition=_coalition(game),
        missing=tuple(_missing(game)),
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
    growth = game.figures.likely("temptation_growth", at.party)
    until = first_violated(
        horizon(stake=choice.stake, temptation=choice.temptation, growth=growth, power=choice.discriminating_power)
    )
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
        looks_needed=looks_needed(each=choice.detected, wanted=needed) if needed is not None else None,
        patience_needed=discount_threshold(choice, surplus=surplus),
        exposure_before=exposure.after[0] if exposure.after else 0.0,
        exposure=exposure,
        staying=float(standing.staying),
        credible_until=until if growth else (None if choice.slack >= 0 else 0),
        worth=float(standing.worth),
        ended=float(standing.ended),
    )


def _capital_cost(game: Game, standing: Standing) -> float:
    at = standing.situation
    return game.figures.likely("capital_cost", at.party, at.phase_id) * at.duration / YEAR


def _exchange(game: Game) -> Exchange | None:
    """Two parties, one of which only pays and one of which only performs: how many steps which bonds would need."""
    document = game.document
    if len(document.parties) != 2:
        return None
    first, second = document.parties
    payers = {payment.from_ for phase in document.phases for payment in phase.payments.values()}
    if len(payers) != 1:
        return None
    payer = payers.pop()
    deliverer = second if payer == first else first
    price = sum(_priced(game, phase.id, payer) for phase in document.phases)
    cost = sum(game.figures.likely("cost", deliverer, phase.id) for phase in document.phases)
    value = sum(game.figures.likely("value", payer, phase.id) for phase in document.phases)
    if not 0 < cost < price < value:
        return None
    stakes = {
        party: game.figures.likely("reputation", party)
        + max(game.worth(game.situations[party, index].bond) for index in range(len(document.phases)))
        for party in (deliverer, payer)
    }
    return Exchange(value=value, cost=cost, price=price, deliverer_stake=stakes[deliverer], payer_stake=stakes[payer])


def _priced(game: Game, phase: str, payer: str) -> float:
    return sum(
        float(payment.amount) * game.price(payment.asset)
        for payment in game.document.phase(phase).payments.values()
        if payment.from_ == payer and "met" in payment.on
    )


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


def _coalition(game: Game) -> Coalition | None:
    estimates = game.document.estimates
    if estimates is None or estimates.public_good is None:
        return None
    good = estimates.public_good
    members = int(good.members.likely) if good.members else len(game.parties)
    detected = min((float(game.figures.likely("detection", panel)) for panel in game.document.panels), default=1.0)
    return Coalition(
        stable=stable_size(benefit=float(good.benefit.likely), cost=float(good.cost.likely), members=members),
        members=members,
        deposit=deposit_for_all(benefit=float(good.benefit.likely), cost=float(good.cost.likely), detected=detected),
    )


def _missing(game: Game) -> list[str]:
    """What was not estimated and therefore counts as nothing, or as certain."""
    found = []
    if game.document.estimates is None:
        return ["estimates"]
    for (party, _), at in game.situations.items():
        if at.promises and game.temptation_key(at) is None:
            key = Key("cost", party, at.phase_id)
            if game.figures.key("cost", party, at.phase_id) not in game.figures.given:
                found.append(f"{key.path} or {key._replace(what='temptation').path}")
    found += [
        Key("detection", panel).path
        for panel in game.document.panels
        if Key("detection", panel) not in game.figures.given
    ]
    own = game.document.estimates.asset
    found += [
        Key("price", asset).path
        for asset in game.document.assets
        if asset != own and Key("price", asset) not in game.figures.given
    ]
    return found
