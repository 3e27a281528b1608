"""Everything that is worked out about a deal, together: the appraisal, what conclusions turn on, and the draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyledger.analysis.appraisal import Appraisal, appraise
from pyledger.analysis.promises import Promise
from pyledger.analysis.sensitivity import Influence, influences
from pyledger.analysis.simulation import Simulation, simulate
from pyledger.document import Document

__all__ = ["DRAWS", "Study", "study"]

DRAWS: Final = 10_000
MOST_TOLD: Final = 6
"""Promises of which it is told what they turn on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """`turns`: the promises that are nearest to turning, each with the estimates that move it, strongest first.

    `named` is what the document is called by whoever asks.
    """

    appraisal: Appraisal
    turns: tuple[tuple[Promise, tuple[Influence, ...]], ...]
    simulation: Simulation | None
    named: str = "DEAL"


def study(document: Document, *, draws: int = DRAWS, seed: int = 0, turning: bool = True, named: str = "DEAL") -> Study:
    """Appraise a deal, ask which estimates its conclusions turn on, and draw from the ranges where there are any.

    Without `turning` nothing is asked, which for a large deal is half of the work.
    """
    found = appraise(document)
    index = {phase.id: number for number, phase in enumerate(document.phases)}
    asked = _tightest(found) if turning else []
    turns = tuple((each, influences(found.game, each.party, index[each.phase])) for each in asked)
    ranges = any(figure.uncertain for figure in found.game.figures.given.values())
    return Study(
        appraisal=found,
        turns=tuple((promise, moved) for promise, moved in turns if moved),
        simulation=simulate(found.game, draws=draws, seed=seed) if ranges else None,
        named=named,
    )


def _tightest(found: Appraisal) -> list[Promise]:
    """The first deviation, and of each party the promise nearest to turning, nearest first; none without estimates."""
    if found.game.document.estimates is None:
        return []
    first = [found.first_deviation] if found.first_deviation else []
    nearest = [
        min(own, key=lambda each: abs(each.slack))
        for party in found.game.parties
        if (own := [each for each in found.promises if each.party == party and each.promises])
    ]
    others = sorted((each for each in nearest if each not in first), key=lambda each: abs(each.slack))
    return [*first, *others][:MOST_TOLD]
