"""How many steps, and of what size: bonds buy larger steps, smaller steps need smaller bonds.

Two models. In a safe exchange (Sandholm and Lesser 1995) a deliverer and a payer proceed by turns, and at every moment
each must gain more from what is left than from walking away. In irreversible cooperation (Lockwood and Thomas 2002)
both raise what can never be lowered again, and only what is still to come disciplines them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log

__all__ = ["Exchange", "Step", "irreversible_levels", "irreversible_limit", "levels_with_bond"]

MOST_STEPS = 10_000
"""A schedule longer than this is no schedule."""

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Step:
    """Fractions delivered and paid after it, all steps so far together."""

    delivered: float
    paid: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """`cost` C < `price` P < `value` V; each side loses its stake (bond times chance, and reputation) by leaving."""

    value: float
    cost: float
    price: float
    deliverer_stake: float
    payer_stake: float

    def __post_init__(self) -> None:
        if not 0 < self.cost < self.price < self.value:
            raise ValueError("an exchange needs 0 < cost < price < value")
        if min(self.deliverer_stake, self.payer_stake) < 0:
            raise ValueError("a stake is never negative")

    @property
    def _first_rest(self) -> float:
        return (self.price - self.payer_stake) / self.value

    @property
    def steps_needed(self) -> float:
        """Least number of deliveries: 1 + ⌈ln((r₁ + A)/A) / ln(V/C)⌉; infinite where nothing is at stake.

        r₁ = (P − D_D)/V and A = (D_S + D_D)/(V − C). Without stakes a finite exchange unravels from its end.
        """
        first = self._first_rest
        if first <= 0:
            return 1
        both = self.deliverer_stake + self.payer_stake
        if both <= 0:
            return inf
        anchor = both / (self.value - self.cost)
        exact = log((first + anchor) / anchor) / log(self.value / self.cost)
        return 1 + ceil(exact - _ROUNDING)

    def schedule(self) -> tuple[Step, ...]:
        """The largest safe steps, the last of which completes it; empty where no schedule is safe.

        What is left to deliver after each: r₁ = (P − D_D)/V, then r = (C·r − (D_S + D_D))/V; each payment is as large
        as keeps the payer in: it must still want the rest.
        """
        if self.steps_needed > MOST_STEPS:
            return ()
        rests = [max(self._first_rest, 0.0)]
        both = self.deliverer_stake + self.payer_stake
        while rests[-1] > _ROUNDING:
            rests.append(max((self.cost * rests[-1] - both) / self.value, 0.0))
        return tuple(Step(1 - rest, self._paid(rest)) for rest in rests)

    def _paid(self, rest: float) -> float:
        """All but what must still be owed so that the deliverer goes on: P(1−w) − C(1−z) ≥ −D_S."""
        return min(1.0, 1 - max(self.cost * rest - self.deliverer_stake, 0.0) / self.price)


def irreversible_limit(*, loss: float, gain: float, discount: float, first: float) -> float:
    """Where levels that can only rise converge: c₁/(1 − a), a = α/(δβ); infinite where a ≥ 1.

    `loss` α is what one's own level costs, `gain` β what the other's is worth, both a unit and a period.
    """
    ratio = loss / (discount * gain)
    return first / (1 - ratio) if ratio < 1 else inf


def irreversible_levels(*, loss: float, gain: float, discount: float, first: float, steps: int) -> tuple[float, ...]:
    """The quickest credible path: each rise is a = α/(δβ) times the one before it."""
    ratio = loss / (discount * gain)
    levels, rise = [first], first
    for _ in range(steps - 1):
        rise *= ratio
        levels.append(levels[-1] + rise)
    return tuple(levels)


def levels_with_bond(*, loss: float, gain: float, discount: float, bond: float, target: float) -> tuple[float, ...]:
    """The shortest credible sequence of rises that sums to `target` with a bond of each party at stake throughout.

    Backward from the last: Δ_T = (1−δ)B/α, Δ_t = (δβΔ_{t+1} + (1−δ)²B)/α; the first rise is cut to what is wanted.
    Empty without a bond, where the last step would never be taken, and where it would take too many.
    """
    if bond <= 0 or target <= 0:
        return ()
    rises = [(1 - discount) * bond / loss]
    total = rises[0]
    while total < target - _ROUNDING:
        if len(rises) >= MOST_STEPS:
            return ()
        rises.append((discount * gain * rises[-1] + (1 - discount) ** 2 * bond) / loss)
        total += rises[-1]
    rises[-1] -= max(total - target, 0.0)
    return tuple(reversed(rises))
