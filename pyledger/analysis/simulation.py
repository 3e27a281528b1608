"""What the ranges of the estimates say together: many draws, each a deal of its own.

Each uncertain estimate is drawn by itself from a triangular distribution over its range with its likeliest value as the
peak. The seed is an argument: the same seed gives the same draws. Needs NumPy (extra `analysis`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pyledger.analysis.figures import Key
from pyledger.analysis.game import Game

__all__ = ["Simulated", "Simulation", "simulate"]

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """One promise over all draws: the share in which keeping pays, and quantiles of its slack."""

    party: str
    phase: str
    credible: float
    quantiles: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """`credible`: the share of draws in which every promise pays; `drawn` are the estimates that have ranges."""

    draws: int
    seed: int
    credible: float
    promises: tuple[Simulated, ...]
    drawn: tuple[Key, ...]


def simulate(game: Game, *, draws: int = 10_000, seed: int = 0) -> Simulation:
    """Draw every uncertain estimate and evaluate the deal for each draw."""
    import numpy as np

    rng = np.random.default_rng(seed)
    uncertain = sorted(key for key, figure in game.figures.given.items() if figure.uncertain)
    drawn: Mapping[Key, Any] = {
        key: rng.triangular(game.figures.at(key).low, game.figures.at(key).likely, game.figures.at(key).high, draws)
        for key in uncertain
    }
    standings = game.evaluate(lambda key: drawn[key] if key in drawn else game.likely(key))
    every = np.ones(draws, dtype=bool)
    promises = []
    owed = [(key, each) for key, each in standings.items() if each.situation.promises]
    for (party, index), standing in sorted(owed, key=lambda each: each[0][1]):
        slack = np.broadcast_to(np.asarray(standing.slack, dtype=float), (draws,))
        every &= slack >= 0
        promises.append(
            Simulated(
                party=party,
                phase=game.document.phases[index].id,
                credible=float((slack >= 0).mean()),
                quantiles=tuple(float(each) for each in np.quantile(slack, QUANTILES)),
            )
        )
    return Simulation(
        draws=draws, seed=seed, credible=float(every.mean()), promises=tuple(promises), drawn=tuple(uncertain)
    )
