"""The estimates of a document as figures that can be looked up, varied and drawn.

A figure is known by what it says of whom, when: `temptation` of `north` in `delivery`. What a phase does not say, the
party says; what the party does not say, the deal; what nobody says has a default, and that it is one is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pyledger.document import Document
    from pyledger.document.estimates import Chance, Quantity, Rate

__all__ = ["DEFAULTS", "Figure", "Figures", "Key", "read_figures"]


class Key(NamedTuple):
    """What a figure says, of whom, in which phase; empty where it holds for all."""

    what: str
    who: str = ""
    phase: str = ""

    @property
    def path(self) -> str:
        """Where it stands in the document."""
        match self:
            case (what, "", ""):
                return f"estimates.{what}"
            case (what, who, "") if what in PANEL:
                return f"estimates.panels.{who}.{what}"
            case (what, who, "") if what in ("price", "value_of"):
                return f"estimates.{'prices' if what == 'price' else 'values'}.{who}"
            case (what, who, ""):
                return f"estimates.parties.{who}.{what}"
        return f"estimates.phases.{self.phase}.{self.who}.{self.what}"


PANEL: Final = ("detection", "attribution", "ruling", "false_positive", "lag")

DEFAULTS: Final[Mapping[str, float]] = {
    "value": 0.0,
    "cost": 0.0,
    "outside_option": 0.0,
    "reputation": 0.0,
    "discount_rate": 0.0,
    "capital_cost": 0.0,
    "detection": 1.0,
    "attribution": 1.0,
    "ruling": 1.0,
    "false_positive": 0.0,
    "lag": 0.0,
    "price": 0.0,
    "temptation_growth": 0.0,
    "immunity": 0.0,
}
"""What counts where a document estimates nothing; chances and rates as fractions, amounts in the estimates' asset."""


class Figure(NamedTuple):
    """Lowest, likeliest and highest; `given` unless it is a default."""

    low: float
    likely: float
    high: float
    given: bool = True

    @property
    def uncertain(self) -> bool:
        """Whether it is a range."""
        return self.low < self.high


class Figures(NamedTuple):
    """All figures that a document gives."""

    given: Mapping[Key, Figure]

    def key(self, what: str, who: str = "", phase: str = "") -> Key:
        """The most particular place at which a figure is given, or could be."""
        for key in (Key(what, who, phase), Key(what, who), Key(what)):
            if key in self.given:
                return key
        return Key(what, who, phase)

    def at(self, key: Key) -> Figure:
        """The figure at a key, or its default."""
        if key in self.given:
            return self.given[key]
        default = DEFAULTS.get(key.what, 0.0)
        return Figure(default, default, default, given=False)

    def likely(self, what: str, who: str = "", phase: str = "") -> float:
        """The likeliest value of what is said most particularly."""
        return self.at(self.key(what, who, phase)).likely


def read_figures(document: Document) -> Figures:
    """Every figure of the estimates of a document; none without estimates."""
    found: dict[Key, Figure] = {}
    estimates = document.estimates
    if estimates is None:
        return Figures(found)

    def take(owner: object, names: tuple[str, ...], who: str = "", phase: str = "") -> None:
        for name in names:
            if (value := getattr(owner, name)) is not None:
                found[Key(name, who, phase)] = _figure(value)

    take(estimates, ("discount_rate", "capital_cost", "pie"))
    for asset, price in estimates.prices.items():
        found[Key("price", asset)] = _figure(price)
    for obligation, value in estimates.values.items():
        found[Key("value_of", obligation)] = _figure(value)
    for panel, seen in estimates.panels.items():
        take(seen, PANEL, panel)
    for party, held in estimates.parties.items():
        take(held, _PARTY, party)
    for phase, stakes in estimates.phases.items():
        for party, stake in stakes.items():
            take(stake, _STAKE, party, phase)
    return Figures(found)


_PARTY: Final = (
    "gdp", "wealth", "reputation", "outside_option", "discount_rate", "capital_cost", "temptation_growth", "immunity",
    "burden",
)  # fmt: skip
_STAKE: Final = ("value", "cost", "temptation", "outside_option", "reputation", "power")
_FRACTIONS: Final = 10_000


def _figure(value: Quantity | Chance | Rate | int) -> Figure:
    """Amounts as floats, chances and rates as fractions, durations as seconds."""
    if isinstance(value, int):
        return Figure(value, value, value)
    scale = 1 if isinstance(value.likely, Decimal) else _FRACTIONS
    return Figure(float(value.low) / scale, float(value.likely) / scale, float(value.high) / scale)
