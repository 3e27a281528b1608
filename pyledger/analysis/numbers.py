"""How numbers are written: amounts in one scale for a whole report, chances in percent, four digits that count."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Final, NamedTuple

from pyledger.analysis.figures import Key

__all__ = ["Scale", "chance", "counted", "scale_for", "share_of", "value_of"]

_SCALES: Final = ((1e10, 1e9, "billion"), (1e7, 1e6, "million"))
"""From which amount on, the factor, its word."""

_PERCENT: Final = frozenset({
    "detection", "attribution", "ruling", "false_positive", "discount_rate", "capital_cost", "immunity",
    "temptation_growth",
})  # fmt: skip
_NOTHING: Final = 1e-9


class Scale(NamedTuple):
    """Amounts are divided by `factor` and called by `word` (million, or nothing) and `symbol`."""

    factor: float = 1.0
    word: str = ""
    symbol: str = ""

    @property
    def unit(self) -> str:
        """What a bare number counts: "million USDX"."""
        return f"{self.word} {self.symbol}".strip()

    def bare(self, value: float | None) -> str:
        """An amount without its unit; what nothing can do is said so, and what is only almost nothing too."""
        if value is None:
            return "none can"
        if abs(value) == inf:
            return "∞" if value > 0 else "−∞"
        scaled = abs(value) / self.factor
        decimals = 0 if scaled >= 1_000 else 1 if scaled >= 100 else 2
        text = f"{scaled:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if decimals else text
        if text == "0":
            return "0" if scaled < _NOTHING else "<0.01" if value > 0 else "−<0.01"
        return f"−{text}" if value < 0 else text

    def say(self, value: float | None) -> str:
        """An amount with its unit."""
        return f"{self.bare(value)} {self.unit}".rstrip() if value is not None else self.bare(value)


def scale_for(amounts: Iterable[float], symbol: str) -> Scale:
    """The scale in which all of these amounts can be read side by side."""
    most = max((abs(each) for each in amounts if abs(each) != inf), default=0.0)
    for least, factor, word in _SCALES:
        if most >= least:
            return Scale(factor, word, symbol)
    return Scale(symbol=symbol)


def chance(value: float | None) -> str:
    """A probability in percent."""
    return "none is enough" if value is None else f"{value * 100:.1f}".removesuffix(".0") + "%"


def share_of(value: float) -> str:
    """A share of all draws: nothing is called all or none that is only nearly so."""
    if 0.9995 <= value < 1:
        return ">99.9%"
    return "<0.1%" if 0 < value < 0.0005 else chance(value)


def value_of(key: Key, value: float, scale: Scale) -> str:
    """A figure as people write it: chances and rates in percent, lags in days, amounts in the report's scale."""
    if key.what in _PERCENT:
        return chance(value)
    if key.what == "lag":
        return f"{value / 86_400:,.0f} days"
    return (scale if key.what not in ("price", "value_of") else Scale()).bare(value)


def counted(number: float, what: str) -> str:
    """A number of things: "1 step", "4 steps"."""
    return f"{number:,.0f} {what}{'' if number == 1 else 's'}"
