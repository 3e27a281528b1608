"""Voting rules of existing bodies of constituencies, as far as a threshold and a quota for each chamber can say them.

| preset | body | its rule |
|---|---|---|
| `fsc` | Forest Stewardship Council, general assembly | a majority in each of three chambers, two thirds of all |
| `eiti` | Extractive Industries Transparency Initiative | half of all members, a third of each constituency |
| `kyoto_eb` | Executive Board of the Kyoto mechanism | three quarters of all, a majority of each group |

On chain every seat has one equal voice and silence is no abstention, so shares are of all seats, which is stricter than
shares of those who vote. What a body has beyond that (weights within a chamber, abstention) is told by a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Final, Literal, NamedTuple

__all__ = ["PRESETS", "Preset", "Rule", "quota", "threshold"]

Preset = Literal["fsc", "eiti", "kyoto_eb"]


class Rule(NamedTuple):
    """Least share of all seats, and of each chamber's; `more` where a share must be exceeded, not reached."""

    chambers: int
    total: Fraction
    total_more: bool
    each: Fraction
    each_more: bool
    lost: str
    """What of the body's rule the terms cannot express."""


PRESETS: Final[Mapping[Preset, Rule]] = {
    "fsc": Rule(
        3, Fraction(2, 3), False, Fraction(1, 2), True,
        "the halves of north and south in each chamber, the 10 percent weight of individuals, abstention, and equal "
        "weight of chambers of unequal size",
    ),
    "eiti": Rule(
        3, Fraction(1, 2), False, Fraction(1, 3), False,
        "that a quorum is of those present and the decision of those who vote; each seat that counts here has decided",
    ),
    "kyoto_eb": Rule(
        2, Fraction(3, 4), False, Fraction(1, 2), True,
        "consensus before any vote, and shares of those present and voting",
    ),
}  # fmt: skip


def threshold(preset: Preset, seats: int) -> int:
    """How many of all seats must agree."""
    rule = PRESETS[preset]
    return _least(rule.total, seats, more=rule.total_more)


def quota(preset: Preset | None, seats: int) -> int:
    """How many of a chamber's seats must be among them; none without a preset."""
    if preset is None:
        return 0
    rule = PRESETS[preset]
    return _least(rule.each, seats, more=rule.each_more)


def _least(share: Fraction, seats: int, *, more: bool) -> int:
    return floor(share * seats) + 1 if more else ceil(share * seats)
