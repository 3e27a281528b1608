"""How much a verifier sees: inspections that run out, samples, and looks that are independent of each other."""

from __future__ import annotations

from math import ceil, comb, log

__all__ = ["looks_needed", "sample_size", "smallest_sample", "violator_value"]


def violator_value(periods: int, inspections: int) -> float:
    """Value to a violator, who wins or loses 1, of `periods` of which the inspector can look at `inspections`.

    C(n−1, m) / Σ_{i≤m} C(n, i): the inspection game of Dresher (1962) as solved by von Stengel. Raises ValueError for
    numbers below zero.
    """
    if periods < 0 or inspections < 0:
        raise ValueError("periods and inspections are never negative")
    if inspections >= periods:
        return 0.0
    return comb(periods - 1, inspections) / sum(comb(periods, i) for i in range(inspections + 1))


def sample_size(*, items: int, defects: int, detection: float) -> float:
    """Items to draw so that at least one of the defects is among them with that chance: N(1 − β^(1/D)), β = 1 − chance.

    The approximation of the safeguards of nuclear material; `smallest_sample` rounds it up.
    """
    if not 0 < defects <= items or not 0 <= detection <= 1:
        raise ValueError("needs 0 < defects ≤ items and a chance from 0 to 1")
    missed = 1 - detection
    return float(items * (1 - missed ** (1 / defects)))


def smallest_sample(*, items: int, defects: int, detection: float) -> int:
    """The whole number of items that does it."""
    return ceil(sample_size(items=items, defects=defects, detection=detection) - 1e-9)


def looks_needed(*, each: float, wanted: float) -> int | None:
    """Independent looks, each detecting with chance `each`, until one detects with chance `wanted`; None if never."""
    if wanted <= each:
        return 1 if wanted > 0 else 0
    if each <= 0 or wanted >= 1:
        return None
    return ceil(log(1 - wanted) / log(1 - each) - 1e-9)
