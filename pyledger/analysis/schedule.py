"""The cheapest bonds at which every promise of every phase pays: a linear program.

    minimise  Σ κ·B_it
    such that (p−f)(φB_it + R + δ(V_i,t+1 − X_i,t+1)) ≥ g_it + ε          keeping pays
              V_it = u_it − κB_it − f(φB_it + R) + (1−f)δV_i,t+1 + fδX_i,t+1   what going on is worth
              V_i1 ≥ X_i1                                                    taking part pays
              0 ≤ B_it ≤ wealth, and without top-ups B_i,t+1 ≤ B_it

After the last phase both V and X are 0. Where a breach does not end the deal (`ends`), its future is not at stake.
Needs SciPy (extra `analysis`), which solves it with HiGHS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import inf
from typing import Any

__all__ = ["Player", "Schedule", "minimal_bonds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One party, phase by phase: surplus u, outside value X on entering, temptation g, chances p and f."""

    name: str
    surplus: Sequence[float]
    outside: Sequence[float]
    temptation: Sequence[float]
    detected: Sequence[float]
    mistaken: Sequence[float]
    discount: Sequence[float]
    reputation: Sequence[float]
    capital_cost: Sequence[float]
    forfeit: Sequence[float]
    ends: Sequence[bool] = ()
    wealth: float = inf

    @property
    def phases(self) -> int:
        """How many."""
        return len(self.surplus)

    def material(self, phase: int) -> bool:
        """Whether a breach in that phase ends the deal, as it does unless `ends` says otherwise."""
        return self.ends[phase] if self.ends else True


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Least bonds by party and phase, what locking them in costs, and what the deal is worth to each at its start."""

    bonds: dict[str, tuple[float, ...]]
    cost: float
    values: dict[str, float]


def minimal_bonds(
    players: Sequence[Player], *, top_ups: bool = True, margin: float = 0.0, participation: bool = True
) -> Schedule | None:
    """The cheapest schedule; None where no bonds that the parties can afford make every promise pay.

    Without `top_ups` a bond can only fall from phase to phase. `margin` ε is how much keeping must pay at least.
    """
    from scipy.optimize import linprog

    phases = players[0].phases
    program = _Program(len(players), phases)
    for i, player in enumerate(players):
        for t in range(phases):
            program.worth(i, t, player)
            program.keeping_pays(i, t, player, margin)
            if not top_ups and t:
                program.at_most({program.bond(i, t): 1.0, program.bond(i, t - 1): -1.0}, 0.0)
        if participation:
            program.at_most({program.value(i, 0): -1.0}, -player.outside[0])
    cost = [0.0] * program.size
    limits: list[tuple[float | None, float | None]] = [(None, None)] * program.size
    for (i, player), t in product(enumerate(players), range(phases)):
        cost[program.bond(i, t)] = player.capital_cost[t]
        limits[program.bond(i, t)] = (0.0, None if player.wealth == inf else player.wealth)
    found: Any = linprog(
        cost,
        A_ub=program.rows(program.upper),
        b_ub=[bound for _, bound in program.upper],
        A_eq=program.rows(program.equal),
        b_eq=[bound for _, bound in program.equal],
        bounds=limits,
        method="highs",
    )
    if not found.success:
        return None
    return Schedule(
        bonds={p.name: tuple(float(found.x[program.bond(i, t)]) for t in range(phases)) for i, p in enumerate(players)},
        cost=float(found.fun),
        values={p.name: float(found.x[program.value(i, 0)]) for i, p in enumerate(players)},
    )


class _Program:
    """Variables: for each player first the bonds of all phases, then the values of all phases."""

    def __init__(self, players: int, phases: int) -> None:
        self.phases = phases
        self.size = 2 * players * phases
        self.upper: list[tuple[dict[int, float], float]] = []
        self.equal: list[tuple[dict[int, float], float]] = []

    def bond(self, i: int, t: int) -> int:
        return 2 * i * self.phases + t

    def value(self, i: int, t: int) -> int:
        return (2 * i + 1) * self.phases + t

    def at_most(self, row: dict[int, float], bound: float) -> None:
        self.upper.append((row, bound))

    def worth(self, i: int, t: int, player: Player) -> None:
        """V_t + (κ + fφ)B_t − (1−f)δV_{t+1} = u_t − fR + fδX_{t+1}."""
        f, discount = player.mistaken[t], player.discount[t]
        stays = 1.0 if not player.material(t) else 1 - f
        row = {self.value(i, t): 1.0, self.bond(i, t): player.capital_cost[t] + f * player.forfeit[t]}
        if t + 1 < self.phases:
            row[self.value(i, t + 1)] = -stays * discount
        left = (1 - stays) * discount * self.ended(t, player)
        self.equal.append((row, player.surplus[t] - f * player.reputation[t] + left))

    def keeping_pays(self, i: int, t: int, player: Player, margin: float) -> None:
        """−(p−f)(φB_t + δV_{t+1}) ≤ (p−f)(R − δX_{t+1}) − g − ε."""
        power, discount = player.detected[t] - player.mistaken[t], player.discount[t]
        row = {self.bond(i, t): -power * player.forfeit[t]}
        known = power * player.reputation[t]
        if t + 1 < self.phases and player.material(t):
            row[self.value(i, t + 1)] = -power * discount
            known -= power * discount * self.ended(t, player)
        self.at_most(row, known - player.temptation[t] - margin)

    def ended(self, t: int, player: Player) -> float:
        return player.outside[t + 1] if t + 1 < self.phases else 0.0

    def rows(self, of: list[tuple[dict[int, float], float]]) -> list[list[float]]:
        return [[row.get(index, 0.0) for index in range(self.size)] for row, _ in of]
