"""Amounts and times in portions that sum to the whole, to the last unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Final

from pyledger.document.units import DAY

__all__ = ["amounts", "counts", "plain", "times"]

_MANY: Final = 1_000
"""From so many units for each portion on, nobody writes down parts of one."""


def counts(whole: int, shares: Sequence[Fraction]) -> list[int]:
    """A whole number in portions by shares that sum to 1; what is left over falls to the first.

    Of two wholes no portion of the larger is smaller, so that a range divided is still a range.
    """
    parts = lcm(*(share.denominator for share in shares))
    each, left = divmod(whole, parts)
    found, start = [], 0
    for share in shares:
        size = int(share * parts)
        found.append(each * size + min(max(left - start, 0), size))
        start += size
    return found


def amounts(whole: Decimal, shares: Sequence[Fraction], *, decimals: int) -> list[Decimal]:
    """An amount in portions of at most so many decimals, or in whole units where it has thousands of them."""
    exponent = whole.normalize().as_tuple().exponent
    own = max(-exponent, 0) if isinstance(exponent, int) else 0
    places = 0 if not own and whole >= _MANY * len(shares) else max(decimals, own)
    return [plain(Decimal(each).scaleb(-places)) for each in counts(int(whole.scaleb(places)), shares)]


def plain(amount: Decimal) -> Decimal:
    """An amount without idle zeros, and without an exponent."""
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()


def times(seconds: int, steps: int) -> list[int]:
    """A duration in so many equal portions, in whole days if there are enough of them; seconds fall to the last."""
    days, rest = divmod(seconds, DAY)
    if days < steps:
        return counts(seconds, [Fraction(1, steps)] * steps)
    found = [each * DAY for each in counts(days, [Fraction(1, steps)] * steps)]
    return [*found[:-1], found[-1] + rest]
