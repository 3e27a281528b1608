"""Until when a promise can be believed, when what tempts a party grows faster than what it has at stake.

A decisive advantage is the limit: a party that becomes able to ignore every sanction but the loss of what somebody else
holds. Powell (2004, 2006) shows why large, rapid shifts of power break deals.
"""

from __future__ import annotations

from math import floor, inf, log
from typing import NamedTuple

__all__ = [
    "PowerShift",
    "bond_for_riser",
    "bond_that_survives",
    "first_violated",
    "horizon",
    "power_shift",
    "stake_under_immunity",
]


def horizon(*, stake: float, temptation: float, growth: float, stake_growth: float = 0.0, power: float = 1.0) -> float:
    """Periods until (p−f)·stake no longer covers the temptation: ln((p−f)K/g₀) / ln((1+γ)/(1+η)).

    `growth` γ of the temptation and `stake_growth` η of the stake are a period's; `power` is p − f. Infinite where the
    stake grows at least as fast; negative where it does not even cover the first temptation.
    """
    if temptation <= 0:
        return inf
    covered = power * stake
    if covered <= 0 or (stake_growth >= growth and covered < temptation):
        return -inf
    if stake_growth >= growth:
        return inf
    return log(covered / temptation) / log((1 + growth) / (1 + stake_growth))


def first_violated(periods: float) -> int | None:
    """The first whole period in which a promise with that horizon is not credible, from 0; None if never."""
    if periods == inf:
        return None
    return 0 if periods < 0 else floor(periods) + 1


def stake_under_immunity(*, period: int, hazard: float, custodial: float, sovereign: float, power: float) -> float:
    """What a party expects to lose by a breach when each period it may grow immune to all but bonds in custody.

    power·B + power·(1−h)^t·(R + δ(V'−X')): `custodial` is B, `sovereign` the rest, `hazard` h the chance a period.
    """
    return power * custodial + power * (1 - hazard) ** period * sovereign


def bond_that_survives(*, jump: float, power: float, wealth: float = inf) -> float | None:
    """Least bond in custody that a decisive advantage worth `jump` does not tempt past: G/(p−f).

    None: not bondable, as it is more than anybody could lock in, or as nothing would be found.
    """
    if power <= 0:
        return None
    needed = max(jump, 0.0) / power
    return needed if needed <= wealth else None


class PowerShift(NamedTuple):
    """`gap` above zero: the riser cannot be kept from exploiting its rise, and the other cannot wait for it."""

    gap: float

    @property
    def breaks_down(self) -> bool:
        """Whether the shift is too large and too rapid to be bargained over."""
        return self.gap > 0


def power_shift(*, pie: float, riser_now: float, riser_next: float, other_now: float, discount: float) -> PowerShift:
    """δ·M_j(t+1) − M_j(t) − (Π − M_i(t) − M_j(t)), where M is what each could take by force and Π the pie."""
    return PowerShift(discount * riser_next - riser_now - (pie - other_now - riser_now))


def bond_for_riser(shift: PowerShift, *, discount: float, power: float) -> float | None:
    """Least bond of the riser that removes the gap: gap/(δp). None where nothing would be found."""
    if not shift.breaks_down:
        return 0.0
    return shift.gap / (discount * power) if discount * power > 0 else None
