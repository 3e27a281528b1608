"""Small rules that many parts of a document are held to: how many, which names, how long, how much, whose shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pyledger.document import limits
from pyledger.document.problem import Declared, Location, Problem, did_you_mean
from pyledger.document.units import NotUnderstood, say_percent, to_smallest

if TYPE_CHECKING:
    from decimal import Decimal

    from pyledger.document.model import Document

__all__ = ["amount", "count", "known", "positive", "shares"]


def count(at: Location, found: int, least: int, most: int, what: str) -> Iterator[Problem]:
    """As many as are possible."""
    if not least <= found <= most:
        hint = f"have at least {least}" if found < least else f"have at most {most}"
        yield Problem(at, f"{found} {what}, where {least} to {most} are possible", hint, at_key=True)


def known(at: Location, name: str, names: tuple[str, ...], what: str, *, at_key: bool = False) -> Iterator[Problem]:
    """A name that was declared."""
    if name not in names:
        yield Problem(at, f"`{name}` is no {what}", did_you_mean(name, names), at_key)


def positive(at: Location, seconds: int | None) -> Iterator[Problem]:
    """Some time, if any is given."""
    if seconds == 0:
        yield Problem(at, "no time at all", "give at least some hours")


def amount(at: Location, value: Decimal, asset: str, document: Document) -> Iterator[Problem]:
    """An amount that its asset can hold; of an unknown asset something else is told."""
    if asset not in document.assets:
        return
    try:
        to_smallest(value, document.assets[asset].decimals)
    except NotUnderstood as error:
        yield Problem(at, error.message, error.hint)


def shares(at: Location, parts: Mapping[str, int], declared: Declared) -> Iterator[Problem]:
    """Shares of known accounts that make a whole."""
    if wrong := tuple(count(at, len(parts), 1, limits.MAX_SHARES, "shares")):
        yield from wrong
        return
    for name, points in parts.items():
        if name in declared.standing and name not in declared.accounts:
            hint = "declare a recipient with a name of its own; bindings may give both the same address"
            yield Problem((*at, name), f"`{name}` has standing, and receives nothing", hint, at_key=True)
        else:
            yield from known((*at, name), name, declared.accounts, "party or recipient", at_key=True)
        if not points:
            yield Problem((*at, name), "a share of nothing", "leave the name out, or give it a share above 0%")
    if sum(parts.values()) != limits.WHOLE:
        yield Problem(at, f"the shares sum to {say_percent(sum(parts.values()))}", "make them sum to 100%")
