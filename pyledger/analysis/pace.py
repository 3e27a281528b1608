"""How fast a deal may go: steps against bonds, rises that cannot be undone, and the price of joining late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pyledger.analysis.coalition import deposit_for_all, stable_size
from pyledger.analysis.figures import Key
from pyledger.analysis.game import YEAR, Game, Standing
from pyledger.analysis.gradualism import Exchange, irreversible_limit, levels_with_bond
from pyledger.document import OUTSIDE

__all__ = [
    "Accession", "Coalition", "Curve", "Rise", "accession_of", "coalition_of", "curve_of", "exchange_of", "rises",
]  # fmt: skip

_LEVELS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
"""Stakes of both sides at which steps are counted, as shares of the price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """How many steps a safe exchange needs at present stakes, and at each of several stakes of both sides alike."""

    exchange: Exchange
    points: tuple[tuple[float, float], ...]

    @property
    def needed(self) -> float:
        """Steps at present stakes; infinite where nothing is at stake."""
        return self.exchange.steps_needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A party whose acts all are irreversible, after Lockwood and Thomas.

    `ratio` a = α/(δβ): each rise must be answered by one of at least a times it, or it would not have been made. So
    rises that begin with the deal's `first` go on to `reaches` = first/(1 − a) of the whole, without an end. `steps` is
    how many the present bond needs for the whole; 0: no number does.
    """

    party: str
    ratio: float
    first: float
    reaches: float
    steps: int

    @property
    def largest_first(self) -> float:
        """Largest first step, in shares of the whole, that can be answered to the end without a bond: 1 − a, or 0."""
        return max(1 - self.ratio, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalition:
    """What holds a coalition for a good that all share: how many stay by themselves, and what deposit holds all."""

    stable: int | None
    members: int
    deposit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accession:
    """What joining as a phase opens should cost: what the others bore until then, and the largest bond that is held."""

    phase: str
    price: float
    deposit: float


def exchange_of(game: Game, standings: Mapping[tuple[str, int], Standing]) -> Exchange | None:
    """Two parties, one of which only pays and one of which only performs; None where cost < price < value is not so.

    What each has at stake is its largest forfeitable bond, times how likely a breach is found, and its reputation.
    """
    document = game.document
    payers = {payment.from_ for phase in document.phases for payment in phase.payments.values()}
    if len(document.parties) != 2 or len(payers) != 1:
        return None
    payer = payers.pop()
    deliverer = next(party for party in game.parties if party != payer)
    price = sum(_priced(game, phase.id, payer) for phase in document.phases)
    cost = sum(game.figures.likely("cost", deliverer, phase.id) for phase in document.phases)
    value = sum(game.figures.likely("value", payer, phase.id) for phase in document.phases)
    if not 0 < cost < price < value:
        return None
    stakes = {}
    for party in (deliverer, payer):
        own = [standing for (who, _), standing in standings.items() if who == party]
        bond = max((float(each.detected) - float(each.mistaken)) * float(each.forfeited) for each in own)
        stakes[party] = game.figures.likely("reputation", party) + max(bond, 0.0)
    return Exchange(value=value, cost=cost, price=price, deliverer_stake=stakes[deliverer], payer_stake=stakes[payer])


def _priced(game: Game, phase: str, payer: str) -> float:
    return sum(
        float(payment.amount) * game.price(payment.asset)
        for payment in game.document.phase(phase).payments.values()
        if payment.from_ == payer and "met" in payment.on
    )


def curve_of(exchange: Exchange | None) -> Curve | None:
    """Steps at several stakes, each the same on both sides."""
    if exchange is None:
        return None
    levels = [share * exchange.price for share in _LEVELS]
    points = [(level, replace(exchange, deliverer_stake=level, payer_stake=level).steps_needed) for level in levels]
    return Curve(exchange=exchange, points=tuple(points))


def rises(game: Game, standings: Mapping[tuple[str, int], Standing]) -> tuple[Rise, ...]:
    """One for each party that has costs and gains, where every act of every party is irreversible."""
    owed = [each for phase in game.document.phases for each in phase.obligations.values() if each.by != OUTSIDE]
    irreversible = (each.reversibility is not None and each.reversibility.class_ == "irreversible" for each in owed)
    return tuple(_rises(game, standings)) if owed and all(irreversible) else ()


def _rises(game: Game, standings: Mapping[tuple[str, int], Standing]) -> Iterator[Rise]:
    """The whole is one unit: costing what all phases cost, bringing what all bring; δ is the mean phase's.

    What is given for good costs its price once: a flow of (1−δ) of it, so that α = (1−δ)C, β = (1−δ)V.
    """
    for party in game.parties:
        own = [standings[party, index] for index in range(len(game.document.phases))]
        costs = [game.figures.likely("cost", party, each.situation.phase_id) for each in own]
        gain = sum(game.figures.likely("value", party, each.situation.phase_id) for each in own)
        discount = sum(float(each.discount) for each in own) / len(own)
        if sum(costs) <= 0 or gain <= 0 or not costs[0] or discount >= 1:
            continue
        loss, first = sum(costs), costs[0] / sum(costs)
        bond = min(float(each.bond) for each in own)
        levels = levels_with_bond(loss=loss, gain=gain, discount=discount, bond=bond / (1 - discount), target=1.0)
        yield Rise(
            party=party,
            ratio=loss / (discount * gain),
            first=first,
            reaches=irreversible_limit(loss=loss, gain=gain, discount=discount, first=first),
            steps=len(levels),
        )


def coalition_of(game: Game) -> Coalition | None:
    """Where the estimates have a common good."""
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


def accession_of(game: Game, standings: Mapping[tuple[str, int], Standing]) -> tuple[Accession, ...]:
    """Phase by phase after the first, where a coalition for a common good takes members later.

    The price is the share (c − b) of the good that the deal has provided by then, with the deal's capital cost on it:
    whoever pays it gains nothing by having waited. The unit of the estimate is what one member provides in the whole
    deal.
    """
    estimates = game.document.estimates
    if estimates is None or estimates.public_good is None or not game.document.accession:
        return ()
    good = estimates.public_good
    spared = max(float(good.cost.likely) - float(good.benefit.likely), 0.0)
    rate = game.likely(Key("capital_cost"))
    phases = game.document.phases
    found, waited = [], 0.0
    for index, phase in enumerate(phases):
        if index:
            before = game.situations[game.parties[0], index - 1].duration / YEAR
            waited = waited * (1 + rate) ** before + spared / len(phases)
            deposit = max(float(standings[party, index].bond) for party in game.parties)
            found.append(Accession(phase=phase.id, price=waited, deposit=deposit))
    return tuple(found)
