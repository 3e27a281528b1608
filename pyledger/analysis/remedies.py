"""What would make a deal safer although no slack asks for it: in words, because only its drafters can weigh it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyledger.analysis.game import Game, Standing
from pyledger.analysis.outlook import outlooks
from pyledger.analysis.steps import exposure_by_phase
from pyledger.document import OUTSIDE

__all__ = ["remedies"]

_Standings = Mapping[tuple[str, int], Standing]


def remedies(game: Game, standings: _Standings) -> Iterator[str]:
    """Suggestions in words, for a draft whose bonds are as they should be."""
    yield from _order(game, standings)
    yield from _beyond(game, standings)


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
