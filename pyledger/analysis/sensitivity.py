"""At which value of each estimate a conclusion flips, and how much each estimate moves it.

Needs NumPy, which comes with SciPy (extra `analysis`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pyledger.analysis.figures import PANEL, Key
from pyledger.analysis.game import Game, Situation

__all__ = ["Influence", "influences"]

_POINTS: Final = 257
_ROUNDS: Final = 6
"""Each narrows a turn to one of the steps between so many points: after six no number lies between."""
_CHANCES: Final = frozenset({"detection", "attribution", "ruling", "false_positive"})
_RATES: Final = frozenset({"discount_rate", "capital_cost"})
_REACH: Final = 20.0
"""Amounts are searched up to this many times themselves, or the stake, whichever is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """What one estimate does to one promise's slack.

    `at_low` and `at_high` are the slack at the ends of its range, or at a tenth less and more where it has none;
    `flips_at` the values at which keeping and breaching pay alike, nearest first; empty where nothing it can be does.
    """

    key: Key
    likely: float
    low: float
    high: float
    given: bool
    at_low: float
    at_high: float
    flips_at: tuple[float, ...]

    @property
    def swing(self) -> float:
        """How far it moves the slack over its range."""
        return abs(self.at_high - self.at_low)


def influences(game: Game, party: str, phase: int) -> tuple[Influence, ...]:
    """Every estimate that moves a promise, the one that moves it most first."""
    now = game.evaluate(parties=(party,), since=phase)[party, phase]
    reach = max(abs(float(now.stake)), abs(float(now.temptation)), 1.0)
    found = [_influence(game, party, phase, key, reach) for key in dict.fromkeys(_keys(game, party, phase))]
    moving = (each for each in found if each is not None)
    return tuple(sorted(moving, key=lambda each: (-each.swing, each.key)))


def _keys(game: Game, party: str, phase: int) -> Iterator[Key]:
    figures = game.figures
    for index in range(phase, len(game.document.phases)):
        at = game.situations[party, index]
        for what in ("reputation", "discount_rate", "capital_cost", "outside_option", "value"):
            yield figures.key(what, party, at.phase_id)
        if at.promises:
            yield game.temptation_key(at) or figures.key("cost", party, at.phase_id)
        yield figures.key("cost", party, at.phase_id)
        for panel in at.panels:
            yield from (figures.key(what, panel) for what in PANEL)
        yield from (Key("price", asset) for asset in _assets(game, at))


def _assets(game: Game, at: Situation) -> Iterator[str]:
    for amounts in (at.bond, at.kept, at.breached):
        yield from (asset for asset in amounts if asset != game.unit)


def _influence(game: Game, party: str, phase: int, key: Key, reach: float) -> Influence | None:
    import numpy as np

    figure = game.figures.at(key)
    lowest, highest = _domain(key, figure.likely, reach)
    low, high = (figure.low, figure.high) if figure.uncertain else (figure.likely * 0.9, figure.likely * 1.1)
    if not figure.uncertain and key.what in _CHANCES:
        high = min(high, 1.0)

    def slack(value: Any) -> Any:
        def draw(k: Key) -> Any:
            return value if k == key else game.likely(k)

        return game.evaluate(draw, parties=(party,), since=phase)[party, phase].slack

    grid = np.linspace(lowest, highest, _POINTS)
    curve = np.broadcast_to(np.asarray(slack(grid), dtype=float), grid.shape)
    if curve.max() - curve.min() < 1e-12 * max(1.0, abs(curve).max()):
        return None
    crossed = np.flatnonzero((curve[:-1] < 0) != (curve[1:] < 0))
    turns = [_root(slack, float(grid[i]), float(grid[i + 1])) for i in crossed]
    return Influence(
        key=key,
        likely=figure.likely,
        low=low,
        high=high,
        given=figure.given,
        at_low=float(slack(low)),
        at_high=float(slack(high)),
        flips_at=tuple(sorted(turns, key=lambda turn: abs(turn - figure.likely))),
    )


def _domain(key: Key, likely: float, reach: float) -> tuple[float, float]:
    """Where an estimate can lie: chances from 0 to 1, rates up to 500 percent a year, amounts from 0 far upwards."""
    if key.what in _CHANCES:
        return 0.0, 1.0
    if key.what in _RATES:
        return 0.0, 5.0
    if key.what == "lag":
        return 0.0, max(10 * likely, 10 * 365 * 86_400.0)
    return 0.0, _REACH * max(abs(likely), reach)


def _root(slack: Any, low: float, high: float) -> float:
    """Where a slack changes its sign between two values at which it differs in sign, the first such place."""
    import numpy as np

    for _ in range(_ROUNDS):
        grid = np.linspace(low, high, _POINTS)
        below = np.asarray(slack(grid), dtype=float) < 0
        turn = int(np.argmax(below != below[0]))
        if not turn:
            break
        low, high = float(grid[turn - 1]), float(grid[turn])
    return (low + high) / 2
