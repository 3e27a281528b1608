"""What a comparison is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from pyledger.document.diff.effects import Effect
from pyledger.document.diff.words import Unit
from pyledger.document.model import Document

__all__ = ["Change", "Comparison", "Kind", "Pair", "Spot"]

Kind = Literal["changed", "added", "removed", "renamed", "reordered", "moved"]


class Change(NamedTuple):
    """One difference: `about` what thing, `what` of it, in words, and who gains or loses by it.

    `at` is its path, in the newer draft where it is there; `old` and `new` are the two values as people say them.
    """

    at: str
    kind: Kind
    about: str
    what: str
    words: str
    effect: Effect
    old: str | None = None
    new: str | None = None


class Comparison(NamedTuple):
    """All changes, in the order of the newer draft."""

    same: bool
    changes: tuple[Change, ...]

    @property
    def tally(self) -> Mapping[str, tuple[int, int]]:
        """By how many changes each gains and loses, of those who do."""
        names = dict.fromkeys(name for each in self.changes for name in (*each.effect.gains, *each.effect.loses))
        return {
            name: (
                sum(name in each.effect.gains for each in self.changes),
                sum(name in each.effect.loses for each in self.changes),
            )
            for name in names
        }

    def to_json(self) -> dict[str, Any]:
        """As a program reads it."""
        return {
            "same": self.same,
            "changes": [_plain(each) for each in self.changes],
            "tally": {name: {"gains": up, "loses": down} for name, (up, down) in self.tally.items()},
        }


def _plain(change: Change) -> dict[str, Any]:
    effect = change.effect._asdict() | {"gains": list(change.effect.gains), "loses": list(change.effect.loses)}
    return change._asdict() | {"effect": effect}


class Pair(NamedTuple):
    """The two drafts, the older one with the names of the newer."""

    old: Document
    new: Document


class Spot(NamedTuple):
    """Where a comparison is: the path, what people call the thing there, and the units on both sides."""

    at: str
    about: str
    units: tuple[Unit, Unit] = (Unit(), Unit())

    def down(self, *steps: object) -> str:
        """The path of something inside."""
        return ".".join(filter(None, (self.at, *map(str, steps))))

    def added(self, what: str, words: str, effect: Effect, *, at: str = "", new: str | None = None) -> Change:
        """Something that only the newer draft has."""
        return Change(at or self.at, "added", self.about, what, words, effect, None, new or words)

    def removed(self, what: str, words: str, effect: Effect, *, at: str = "", old: str | None = None) -> Change:
        """Something that only the older draft has."""
        return Change(at or self.at, "removed", self.about, what, words, effect, old or words, None)

    def reordered(self, at: str, what: str, orders: tuple[Iterable[str], Iterable[str]], effect: Effect) -> Change:
        """The same things in another order."""
        old, new = (", ".join(order) for order in orders)
        return Change(at, "reordered", self.about, what, f"now in the order {new}; before: {old}", effect, old, new)
