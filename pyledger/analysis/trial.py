"""A draft tried: the least bonds that make its promises pay, what locking them in costs, and what no bond can hold.

The bonds are those of the linear program of least bonds, found backwards from the last phase, each rounded up to two
digits before the phase before it is looked at: so that what rounding costs is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import inf
from typing import Any, Final

from pyledger.analysis.appraisal import players
from pyledger.analysis.figures import Key
from pyledger.analysis.game import Draw, Game, Standing, read_game
from pyledger.analysis.incentives import Decision
from pyledger.analysis.portions import plain
from pyledger.analysis.redraft import redrafted
from pyledger.analysis.schedule import Player
from pyledger.document import Document
from pyledger.document.model import Phase
from pyledger.document.splice import Put, expected

__all__ = ["Open", "Trial", "rounded_up", "tried", "worst"]

_NOTHING: Final = 1e-9
_DIGITS: Final = 2
_WORSE_HIGH: Final = frozenset({"temptation", "cost", "false_positive", "lag", "outside_option", "discount_rate"})
_WORSE_LOW: Final = frozenset({"value", "reputation", "detection", "attribution", "ruling", "wealth"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A promise that no bond holds which its party can afford. Amounts in the estimates' asset.

    `power` is p − f, `largest` the largest temptation that would be held with all of the party's wealth as bond,
    `short` what is missing in stake, `needed` the bond that would do it (None: no bond at all could).
    """

    party: str
    index: int
    temptation: float
    power: float
    wealth: float
    needed: float | None
    largest: float

    @property
    def short(self) -> float:
        """What would have to be at stake beside the largest bond."""
        return (self.temptation - self.largest) / self.power if self.power > 0 else inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A draft's bonds found: `levels` in units of each party's bond, None where no bond can hold the party.

    `cost` is what locking these in costs, `present` the same of the present ones, `locked` that of bonds and escrow;
    in the estimates' asset. `after` is the draft with these bonds, `edits` what they change in its text. `unlowered`
    are the errors of `check` for which no bond is lowered.
    """

    game: Game
    levels: Mapping[str, tuple[Decimal | None, ...]]
    cost: float
    present: float
    locked: float
    open: tuple[Open, ...]
    edits: tuple[Put, ...]
    after: Game
    standings: Mapping[tuple[str, int], Standing]
    unlowered: tuple[str, ...] = ()

    @property
    def leaving(self) -> frozenset[str]:
        """Who does better not to pay in for some phase."""
        return frozenset(party for (party, _), each in self.standings.items() if float(each.staying) < -_NOTHING)


def worst(game: Game) -> Draw:
    """Each estimate at the end of its range that speaks against keeping."""

    def draw(key: Key) -> float:
        figure = game.figures.at(key)
        if key.what in _WORSE_HIGH:
            return figure.high
        return figure.low if key.what in _WORSE_LOW else figure.likely

    return draw


def tried(game: Game, data: Any, *, cautious: bool = False, raise_only: bool = False) -> Trial:
    """The bonds for a draft, whose plain values are `data`; `cautious` and `raise_only` as for a proposal."""
    standings = game.evaluate(worst(game) if cautious else None)
    found = players(game, standings)
    levels: dict[str, tuple[Decimal | None, ...]] = {}
    wanted: dict[str, tuple[Decimal, ...]] = {}
    cost = present = locked = 0.0
    opened: list[Open] = []
    for player in found:
        own = [standings[player.name, at] for at in range(player.phases)]
        now = [float(each.bond) for each in own]
        bonds, missing = _walk(game, player, now, raise_only=raise_only)
        opened += missing
        levels[player.name] = tuple(None if bond is None else _in_asset(game, player.name, bond) for bond in bonds)
        wanted[player.name] = tuple(
            _affordable(game, player, phase, before, raise_only=raise_only) if level is None else level
            for phase, level, before in zip(game.document.phases, levels[player.name], now, strict=True)
        )
        for rate, bond, before, each in zip(player.capital_cost, bonds, now, own, strict=True):
            cost += rate * (bond or 0.0)
            present += rate * before
            locked += rate * ((bond or 0.0) + game.worth(each.situation.pays_in))
    edits = tuple(redrafted(game.document, wanted, unit=game.unit or ""))
    after = read_game(Document.model_validate(expected(data, edits))) if edits else game
    return Trial(
        game=game,
        levels=levels,
        cost=cost,
        present=present,
        locked=locked,
        open=tuple(sorted(opened, key=lambda each: (each.index, each.party))),
        edits=edits,
        after=after,
        standings=after.evaluate(worst(after) if cautious else None),
    )


def _walk(
    game: Game, player: Player, present: Sequence[float], *, raise_only: bool
) -> tuple[list[float | None], list[Open]]:
    """The least bonds from the last phase to the first, each rounded up before the one before it.

    Where no bond holds the party the present one stays, or as much of it as the party can lock in.
    """
    floor = present if raise_only else [0.0] * player.phases
    going_on = ended = 0.0
    found: list[float | None] = []
    missing: list[Open] = []
    for t in reversed(range(player.phases)):
        material = player.material(t)
        choice = Decision(
            temptation=player.temptation[t],
            forfeit=player.forfeit[t] or 1.0,
            reputation=player.reputation[t],
            discount=player.discount[t],
            going_on=going_on if material else 0.0,
            ended=ended if material else 0.0,
            detected=player.detected[t],
            mistaken=player.mistaken[t],
        )
        least, most = choice.smallest_bond, max(player.wealth, floor[t])
        if least is None or least > most * (1 + _NOTHING):
            missing.append(_open(player, t, choice, least, most))
            found.append(None)
        else:
            found.append(max(_sensible(game, player, min(least, most), most), floor[t]))
        bond, f = found[-1], player.mistaken[t]
        held = min(present[t], most) if bond is None else bond
        next_ = ended if material else going_on
        lost = choice.forfeit * held + player.reputation[t]
        future = (1 - f) * player.discount[t] * going_on + f * player.discount[t] * next_
        going_on = player.surplus[t] - player.capital_cost[t] * held - f * lost + future
        ended = player.outside[t]
    return found[::-1], missing


def _open(player: Player, index: int, choice: Decision, least: float | None, most: float) -> Open:
    largest = choice.with_bond(0.0 if most == inf else most).largest_temptation
    return Open(
        party=player.name,
        index=index,
        temptation=choice.temptation,
        power=choice.discriminating_power,
        wealth=most,
        needed=least,
        largest=largest,
    )


def _sensible(game: Game, player: Player, least: float, most: float) -> float:
    """A bond rounded up to two digits, or to as many more as keep it within what the party can lock in."""
    price, decimals = _price(game, player.name), _decimals(game, player.name)
    for digits in range(_DIGITS, 16):
        level = rounded_up(least / price, digits=digits, decimals=decimals)
        if float(level) * price <= most:
            return float(level) * price
    return least


def _affordable(game: Game, player: Player, phase: Phase, present: float, *, raise_only: bool) -> Decimal:
    """The present level in units of the bond, or the most that the party can lock in where that is less."""
    level = game.document.bond_level(player.name, phase)
    if raise_only or present <= player.wealth:
        return level
    step = Decimal(1).scaleb(-_decimals(game, player.name))
    return plain(Decimal(repr(player.wealth / _price(game, player.name))).quantize(step, rounding=ROUND_FLOOR))


def _in_asset(game: Game, party: str, bond: float) -> Decimal:
    """An amount of the estimates' asset in units of the party's bond."""
    return rounded_up(bond / _price(game, party), digits=15, decimals=_decimals(game, party))


def rounded_up(value: float, *, digits: int, decimals: int) -> Decimal:
    """The least amount of so many digits, and of at most so many decimals, that is not below the value."""
    exact = Decimal(repr(value))
    if not exact:
        return Decimal(0)
    step = max(exact.adjusted() - digits + 1, -decimals)
    return plain(exact.quantize(Decimal(1).scaleb(step), rounding=ROUND_CEILING))


def _asset(game: Game, party: str) -> str:
    bond = game.document.parties[party].bond
    return bond.asset if bond else game.unit or ""


def _price(game: Game, party: str) -> float:
    return game.price(_asset(game, party)) or 1.0


def _decimals(game: Game, party: str) -> int:
    found = game.document.assets.get(_asset(game, party))
    return found.decimals if found else 0
