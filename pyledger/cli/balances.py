"""The last balances of a play: what everybody had, has, and should have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyledger.cli.output import Screen
from pyledger.document.units import say_amount
from pyledger.observer.shapes import Money, plain

__all__ = ["Closing", "balances_json", "show_closing"]


@dataclass(frozen=True, slots=True)
class Closing:
    """What an account had before and after, and by how much it should have changed."""

    who: str
    label: str
    before: Money
    after: Money
    expected: Money

    @property
    def change(self) -> Money:
        """After less before."""
        return Money(self.after.asset, self.after.symbol, self.after.decimals, self.after.amount - self.before.amount)

    @property
    def exact(self) -> bool:
        """Whether it changed by what it should have, to the smallest unit."""
        return self.change == self.expected


def show_closing(rows: Iterable[Closing], screen: Screen) -> None:
    """The last balances in a table."""
    screen.table(
        (
            (
                row.who,
                say_amount(row.before.units),
                say_amount(row.after.units),
                _signed_amount(row.change),
                "exact" if row.exact else f"should be {_signed_amount(row.expected)}",
            )
            for row in rows
        ),
        columns=("account", "before", "after", "change", ""),
        right=(1, 2, 3),
        fold=(4,),
        styles={0: "cyan", 3: "bold"},
    )


def _signed_amount(money: Money) -> str:
    sign = "+" if money.amount > 0 else "−" if money.amount < 0 else ""
    return f"{sign}{say_amount(abs(money.units))}"


def balances_json(rows: Iterable[Closing]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "who": row.who,
            "before": plain(row.before),
            "after": plain(row.after),
            "change": plain(row.change),
            "expected": plain(row.expected),
            "exact": row.exact,
        }
        for row in rows
    ]
