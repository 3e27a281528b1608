"""What each party has in the air while a deal is half done: act by act, what it gave less what it got for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Act", "Exposure", "exposures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One party does something: what it costs, what share of that comes back if undone, who gains what from it.

    `worth` maps each receiver to the value it gets, `revocable` is the share of it that can be taken back.
    """

    by: str
    cost: float
    recoverable: float = 0.0
    worth: Mapping[str, float] | None = None
    revocable: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One party's exposure after each act; `coverage` is what the others' bonds would pay it, times the chance."""

    party: str
    after: tuple[float, ...]
    coverage: float

    @property
    def most(self) -> float:
        """The largest exposure, at least 0."""
        return max((*self.after, 0.0))

    @property
    def largest_step(self) -> float:
        """The largest rise of exposure by one act, at least 0."""
        before = (0.0, *self.after[:-1])
        return max((now - then for then, now in zip(before, self.after, strict=True)), default=0.0)

    @property
    def uncovered(self) -> float:
        """What would be lost beyond the others' bonds, at least 0."""
        return max(self.most - self.coverage, 0.0)


def exposures(
    acts: Iterable[Act], *, bonds: Mapping[str, Mapping[str, float]], detected: Mapping[str, float] | float = 1.0
) -> dict[str, Exposure]:
    """Walk the acts in order. `bonds` maps each party to what its forfeited bond would pay to each other one.

    Exposure = Σ own cost·(1 − recoverable) − Σ value received·(1 − revocable). `detected` is the chance that a breach
    by a party is found, one for all or one each.
    """
    acts = tuple(acts)
    found = {}
    for party in bonds:
        running, after = 0.0, []
        for act in acts:
            if act.by == party:
                running += act.cost * (1 - act.recoverable)
            running -= (act.worth or {}).get(party, 0.0) * (1 - act.revocable)
            after.append(running)
        coverage = sum(
            (detected if isinstance(detected, float | int) else detected[other]) * paid.get(party, 0.0)
            for other, paid in bonds.items()
            if other != party
        )
        found[party] = Exposure(party=party, after=tuple(after), coverage=coverage)
    return found
