"""Until when each party can be believed, and which bond holds one that becomes able to ignore everything else.

A promise is asked how long it would be kept if what it is up against went on to grow: the temptation by the party's
`temptation_growth` a phase, the chance that reputation and the deal's future no longer count by its `immunity` a phase.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Final

from pyledger.analysis.figures import Key
from pyledger.analysis.game import YEAR, Game, Standing
from pyledger.analysis.horizon import (
    PowerShift,
    bond_that_survives,
    first_violated,
    horizon,
    power_shift,
    stake_under_immunity,
)

__all__ = ["Outlook", "lasts", "outlooks", "shifts_of"]

MOST_PERIODS: Final = 1_000
"""A promise that is covered for longer is called covered for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One party under growing temptation or coming immunity.

    `until` is the phase, counted from 0, from which it is no longer to be believed; it may lie after the deal's last.
    None: for good. `survives` is the level of bond that would hold it if nothing else did any more, by the deal's end;
    None where it is not bondable: beyond its `wealth`, or with no breach found or nothing forfeited.
    """

    party: str
    until: int | None
    survives: float | None
    present: float
    wealth: float

    @property
    def bondable(self) -> bool:
        """Whether any bond that the party can afford would hold it."""
        return self.survives is not None


def lasts(game: Game, standing: Standing) -> int | None:
    """For how many phases, from its own on, a promise stays covered; None: for good; 0: it is not even now.

    Without immunity ln((p−f)K/g)/ln(1+γ); with it the first t at which (p−f)·(φB + W) + (p−f)(1−h)^t·(R + δ(V'−X'))
    is less than g(1+γ)^t.
    """
    party = standing.situation.party
    growth, hazard = (game.figures.likely(what, party) for what in ("temptation_growth", "immunity"))
    tempted, power = float(standing.temptation), float(standing.detected) - float(standing.mistaken)
    if not growth and not hazard:
        return None if float(standing.slack) >= 0 else 0
    if not hazard:
        return first_violated(horizon(stake=float(standing.stake), temptation=tempted, growth=growth, power=power))
    custodial = float(standing.forfeited) + float(standing.withheld)
    sovereign = float(standing.reputation) + float(standing.future)
    for period in range(MOST_PERIODS):
        left = stake_under_immunity(period=period, hazard=hazard, custodial=custodial, sovereign=sovereign, power=power)
        if left < tempted:
            return period
        tempted *= 1 + growth  # at the end of all numbers it is infinite, and no power of a number is
    return None


def outlooks(game: Game, standings: Mapping[tuple[str, int], Standing]) -> tuple[Outlook, ...]:
    """One for each party of which `temptation_growth` or `immunity` is estimated, and which promises anything."""
    return tuple(_outlooks(game, standings))


def _outlooks(game: Game, standings: Mapping[tuple[str, int], Standing]) -> Iterator[Outlook]:
    phases = len(game.document.phases)
    for party in game.parties:
        if not {Key("temptation_growth", party), Key("immunity", party)} & game.figures.given.keys():
            continue
        own = [standings[party, index] for index in range(phases) if game.situations[party, index].promises]
        if not own:
            continue
        key = Key("wealth", party)
        wealth = game.likely(key) if key in game.figures.given else inf
        ends = [each.situation.phase + until for each in own if (until := lasts(game, each)) is not None]
        needed = [_survives(game, each, wealth=wealth) for each in own]
        bonds = [bond for bond in needed if bond is not None]
        yield Outlook(
            party=party,
            until=min(ends, default=None),
            survives=max(bonds) if len(bonds) == len(needed) else None,
            present=max(float(each.bond) for each in own),
            wealth=wealth,
        )


def _survives(game: Game, standing: Standing, *, wealth: float) -> float | None:
    """The least level of bond that, with what is in escrow, outweighs a temptation grown until the deal's end."""
    at = standing.situation
    growth = game.figures.likely("temptation_growth", at.party)
    left = len(game.document.phases) - 1 - at.phase
    power = float(standing.detected) - float(standing.mistaken)
    bond = float(standing.bond)
    forfeit = float(standing.forfeited) / bond if bond else 1.0
    jump = float(standing.temptation) * (1 + growth) ** left - power * float(standing.withheld)
    if jump <= 0:
        return 0.0
    return bond_that_survives(jump=jump, power=power * forfeit, wealth=wealth)


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
