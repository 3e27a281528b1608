"""What would mend a deal: other bonds, phase by phase, at which every promise pays at least capital cost.

    proposal = propose(text)
    proposal.text         # the document with these bonds; every other character as it was
    proposal.suggestions  # what no bond can do, in words

The bonds are those of the linear program of least bonds, found backwards from the last phase, each rounded up to two
digits before the phase before it is looked at: so that what rounding costs is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from pyledger.analysis.appraisal import players
from pyledger.analysis.figures import Key
from pyledger.analysis.game import Draw, Game, read_game
from pyledger.analysis.incentives import Decision
from pyledger.analysis.redraft import Levels, redrafted
from pyledger.analysis.remedies import remedies
from pyledger.analysis.schedule import Player, minimal_bonds
from pyledger.document import Document, loads

__all__ = ["Proposal", "propose", "rounded_up", "worst"]

_DIGITS: Final = 2
_WORSE_HIGH: Final = frozenset({"temptation", "cost", "false_positive", "lag", "outside_option", "discount_rate"})
_WORSE_LOW: Final = frozenset({"value", "reputation", "detection", "attribution", "ruling", "wealth"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`levels` in units of each party's bond, None where no bond can hold the party.

    `cost` is what locking these in costs by the likeliest estimates, in units of the estimates' asset; `least` that of
    the program, None where it has no solution; `before` that of the present bonds.
    """

    levels: Levels
    cost: float
    least: float | None
    before: float
    text: str
    document: Document
    suggestions: tuple[str, ...]


def propose(text: str, *, cautious: bool = False, raise_only: bool = False) -> Proposal:
    """Change the bonds of a document's text.

    `cautious` takes the worse end of each range instead of the likeliest, `raise_only` leaves alone what is higher than
    it needs to be. Raises `DocumentError` for a document that cannot be read, `UsageError` where its layout leaves no
    room for a change.
    """
    document = loads(text)
    game = read_game(document)
    standings = game.evaluate(worst(game) if cautious else None)
    found = players(game, standings)
    present = {player.name: [float(standings[player.name, at].bond) for at in range(player.phases)] for player in found}
    floor = present if raise_only else {player.name: [0.0] * player.phases for player in found}
    needed = {player.name: _needed(game, player, floor[player.name]) for player in found}
    levels: Levels = {
        player.name: tuple(None if bond is None else _in_asset(game, player.name, bond) for bond in needed[player.name])
        for player in found
    }
    changed = redrafted(text, document, levels, unit=game.unit or "")
    least = minimal_bonds(found)
    after = read_game(loads(changed))
    return Proposal(
        levels=levels,
        cost=sum(_cost(player, needed[player.name]) for player in found),
        least=least.cost if least else None,
        before=sum(_cost(player, present[player.name]) for player in found),
        text=changed,
        document=after.document,
        suggestions=tuple(
            remedies(after, after.evaluate(worst(after) if cautious else None), {p: _held(levels[p]) for p in levels})
        ),
    )


def _held(levels: tuple[Decimal | None, ...]) -> tuple[bool, ...]:
    return tuple(level is not None for level in levels)


def worst(game: Game) -> Draw:
    """Each estimate at the end of its range that speaks against keeping."""

    def draw(key: Key) -> float:
        figure = game.figures.at(key)
        if key.what in _WORSE_HIGH:
            return figure.high
        return figure.low if key.what in _WORSE_LOW else figure.likely

    return draw


def _needed(game: Game, player: Player, floor: Sequence[float]) -> list[float | None]:
    """The least bonds from the last phase to the first, each rounded up before the one before it."""
    going_on = ended = 0.0
    found: list[float | None] = []
    for t in reversed(range(player.phases)):
        material = player.material(t)
        forfeit = player.forfeit[t] or 1.0
        least = Decision(
            temptation=player.temptation[t],
            forfeit=forfeit,
            reputation=player.reputation[t],
            discount=player.discount[t],
            going_on=going_on if material else 0.0,
            ended=ended if material else 0.0,
            detected=player.detected[t],
            mistaken=player.mistaken[t],
        ).smallest_bond
        bond = None if least is None or least > player.wealth else max(_sensible(game, player, least), floor[t])
        found.append(bond)
        held, f = bond or 0.0, player.mistaken[t]
        next_ = ended if material else going_on
        lost = forfeit * held + player.reputation[t]
        future = (1 - f) * player.discount[t] * going_on + f * player.discount[t] * next_
        going_on = player.surplus[t] - player.capital_cost[t] * held - f * lost + future
        ended = player.outside[t]
    return found[::-1]


def _cost(player: Player, bonds: Sequence[float | None]) -> float:
    return sum(cost * (bond or 0.0) for cost, bond in zip(player.capital_cost, bonds, strict=True))


def _sensible(game: Game, player: Player, least: float) -> float:
    """A bond rounded up to two digits, or to as many more as keep it within what the party can lock in."""
    price = _price(game, player.name)
    for digits in range(_DIGITS, 16):
        level = rounded_up(least / price, digits=digits, decimals=_decimals(game, player.name))
        if float(level) * price <= player.wealth:
            return float(level) * price
    return least


def _in_asset(game: Game, party: str, bond: float) -> Decimal:
    """An amount of the estimates' asset in units of the party's bond."""
    return rounded_up(bond / _price(game, party), digits=15, decimals=_decimals(game, party))


def rounded_up(value: float, *, digits: int, decimals: int) -> Decimal:
    """The least amount of so many digits, and of at most so many decimals, that is not below the value."""
    exact = Decimal(repr(value))
    if not exact:
        return Decimal(0)
    step = max(exact.adjusted() - digits + 1, -decimals)
    return exact.quantize(Decimal(1).scaleb(step), rounding=ROUND_CEILING) + Decimal(0)


def _asset(game: Game, party: str) -> str:
    bond = game.document.parties[party].bond
    return bond.asset if bond else game.unit or ""


def _price(game: Game, party: str) -> float:
    return game.price(_asset(game, party)) or 1.0


def _decimals(game: Game, party: str) -> int:
    found = game.document.assets.get(_asset(game, party))
    return found.decimals if found else 0
