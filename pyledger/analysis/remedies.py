"""What to change where no bond can help: split a phase, or give what cannot be taken back at another time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, inf

from pyledger.analysis.figures import Key
from pyledger.analysis.game import Game, Standing
from pyledger.analysis.numbers import Scale, scale_for
from pyledger.analysis.outlook import outlooks
from pyledger.analysis.steps import exposure_by_phase
from pyledger.document import OUTSIDE

__all__ = ["remedies"]

_Standings = Mapping[tuple[str, int], Standing]


def remedies(game: Game, standings: _Standings, held: Mapping[str, tuple[bool, ...]]) -> Iterator[str]:
    """Suggestions in words; `held` says by party and phase whether a bond can hold it."""
    scale = scale_for((float(each.stake) for each in standings.values()), _symbol(game))
    for (party, index), standing in sorted(standings.items(), key=lambda each: each[0][1]):
        if not held[party][index]:
            yield _split(game, standing, scale)
    yield from _irrevocable(game, standings)
    yield from _order(game, standings)
    yield from _beyond(game, standings)


def _split(game: Game, standing: Standing, scale: Scale) -> str:
    """Into how many steps, if each tempts by an equal part and has the same behind it."""
    at = standing.situation
    power = float(standing.detected) - float(standing.mistaken)
    if power <= 0:
        return (
            f"In {at.phase_id} no bond holds {at.party}: its panel finds breaches no more often than it mistakes kept "
            "promises for one. Name better verifiers."
        )
    key = Key("wealth", at.party)
    wealth = game.likely(key) if key in game.figures.given else inf
    other = float(standing.withheld) + float(standing.reputation) + float(standing.future)
    behind = power * (wealth + other)
    tempted = float(standing.temptation)
    if behind <= 0 or tempted <= 0:
        return f"In {at.phase_id} no bond that {at.party} can afford holds it, however small the steps."
    steps = max(ceil(tempted / behind - 1e-9), 2)
    return (
        f"In {at.phase_id} no bond that {at.party} can afford ({scale.say(wealth)}) holds it. Split the phase into "
        f"{steps} steps or more, so that none of them tempts it by more than {scale.say(behind)}."
    )


def _irrevocable(game: Game, standings: _Standings) -> Iterator[str]:
    """What a party keeps whatever it does should not come before the promise that it could then break."""
    for name, benefit in game.document.benefits.items():
        if benefit.revocability.class_ != "irrevocable" or benefit.phase is None:
            continue
        index = next(i for i, phase in enumerate(game.document.phases) if phase.id == benefit.phase)
        for party in benefit.to:
            standing = standings.get((party, index))
            if standing and standing.situation.promises and float(standing.slack) < 0:
                yield (
                    f"{name} cannot be taken back, and {party} has it before it is settled whether it kept its word in "
                    f"{benefit.phase}: give it when that phase has been settled."
                )


def _order(game: Game, standings: _Standings) -> Iterator[str]:
    """Within a phase, irreversible acts of the exposed belong after the acts of others."""
    exposed = exposure_by_phase(game, standings)
    for index, phase in enumerate(game.document.phases):
        owed = {name: each for name, each in phase.obligations.items() if each.by != OUTSIDE}
        for name, each in owed.items():
            kind = each.reversibility.class_ if each.reversibility else None
            if kind != "irreversible" or exposed[each.by, index].uncovered <= 0:
                continue
            later = [other for other, act in owed.items() if act.by != each.by and act.within > each.within]
            if later:
                yield (
                    f"{name} cannot be undone and {each.by} is exposed beyond what the others' bonds would pay: in "
                    f"{phase.id} let it be due after {' and '.join(later)}."
                )


def _beyond(game: Game, standings: _Standings) -> Iterator[str]:
    phases = game.document.phases
    for each in outlooks(game, standings):
        if each.until is not None and each.until < len(phases):
            late = [
                name
                for phase in phases[max(each.until, 1) :]
                for name, act in phase.obligations.items()
                if act.by == each.party
            ]
            if late:
                start = phases[each.until].id
                yield (
                    f"What {each.party} owes from {start} on lies beyond its horizon: move "
                    f"{' and '.join(late)} earlier, shorten the phases before, or let its bond grow alike."
                )


def _symbol(game: Game) -> str:
    return (game.document.assets[game.unit].symbol or game.unit) if game.unit else ""
