"""Other bonds put into a document, so that it says them and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from pyledger.document import Document
from pyledger.document.model import Phase
from pyledger.document.problem import Location
from pyledger.document.splice import Put

__all__ = ["Levels", "redrafted"]

Levels = Mapping[str, tuple[Decimal, ...]]
"""By party: its bond in each phase."""

WHOLE: Final = "100%"
NOTHING: Final = "0%"
MOST_SHARES: Final = 8


def redrafted(document: Document, levels: Levels, *, unit: str) -> list[Put]:
    """What to change for these levels: the first as the party's bond, others in their phases, what breaches forfeit.

    A party without a bond gets one in `unit`, forfeited to the others in equal parts.
    """
    return [Put(at, value) for at, value in _changes(document, levels, unit)]


def _changes(document: Document, levels: Levels, unit: str) -> Iterator[tuple[Location, object]]:
    header: dict[str, Decimal] = {}
    for party, own in levels.items():
        bond = document.parties[party].bond
        header[party] = bond.amount if bond else Decimal(0)
        if bond is None and any(own):
            yield ("parties", party, "bond"), {"amount": own[0], "asset": unit}
            header[party] = own[0]
        elif bond is not None and bond.amount != own[0]:
            yield ("parties", party, "bond", "amount"), own[0]
            header[party] = own[0]
        if any(own) and document.parties[party].forfeits_to is None:
            yield ("parties", party, "forfeits_to"), _receivers(document, party)
    for index, phase in enumerate(document.phases):
        now = {party: own[index] for party, own in levels.items()}
        yield from _levels(index, phase, now, header)
        yield from _forfeits(index, phase, now)


def _levels(
    index: int, phase: Phase, now: Mapping[str, Decimal], header: Mapping[str, Decimal]
) -> Iterator[tuple[Location, object]]:
    """The phase's own levels: one by one where it has some already, together where it has none."""
    wanted = {party: level for party, level in now.items() if phase.bonds.get(party, header[party]) != level}
    if not phase.bonds and wanted:
        yield ("phases", index, "bonds"), wanted
        return
    for party, level in wanted.items():
        yield ("phases", index, "bonds", party), level


def _forfeits(index: int, phase: Phase, now: Mapping[str, Decimal]) -> Iterator[tuple[Location, object]]:
    """What has no bond behind it any more forfeits nothing; what has one for the first time forfeits all of it."""
    for party, level in now.items():
        own = {name: each for name, each in phase.obligations.items() if each.by == party}
        silent = not any(each.forfeit for each in own.values())
        for name, each in own.items():
            at: Location = ("phases", index, "obligations", name, "forfeit")
            if not level and each.forfeit:
                yield at, NOTHING
            elif level and silent:
                yield at, WHOLE


def _receivers(document: Document, party: str) -> object:
    """The other parties in equal parts, at most eight of them; a single one by its name."""
    others = [each for each in document.parties if each != party][:MOST_SHARES]
    if len(others) < 2:
        return others[0] if others else {}
    part, left = divmod(10_000, len(others))
    shares = [part + (left if not at else 0) for at in range(len(others))]
    return {each: f"{Decimal(share) / 100:f}%" for each, share in zip(others, shares, strict=True)}
