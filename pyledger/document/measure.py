"""What the numbers that verifiers attest are counted in."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from pyledger.document.units import parse_amount, say_amount, to_smallest

__all__ = ["Measure"]


class Measure(NamedTuple):
    """A unit, and how many of its decimals count: verifiers sign a whole number of its smallest part."""

    unit: str
    decimals: int

    def integer(self, value: object) -> int:
        """The number that is signed for one that a person writes, such as `1_250_000.50`; or `NotUnderstood`."""
        return to_smallest(parse_amount(value), self.decimals, of="the value")

    def say(self, value: int) -> str:
        """A number that was signed, as people read it: "1,250,000.5 USDX"."""
        return f"{say_amount(Decimal(f'{value}e-{self.decimals}'))} {self.unit}"
