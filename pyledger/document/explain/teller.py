"""What the sections have in common: short names for everybody, and facts made from the document's values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from pyledger.document.explain.tree import Fact, Sentence, say
from pyledger.document.explain.words import choice, say_moment, say_span
from pyledger.document.limits import WHOLE
from pyledger.document.model import OUTSIDE, Document, Phase
from pyledger.document.problem import Location
from pyledger.document.units import say_amount, say_percent, to_smallest

__all__ = ["Teller", "count", "duration", "id_", "key", "listed", "number", "pick", "share", "time", "truth", "words"]

_LONGEST = 40
"""Most characters of a short name."""


class Teller:
    """One document, and what everybody and everything in it is called in its explanation."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.names = _people(document)
        self.assets = _distinct({name: asset.symbol or name for name, asset in document.assets.items()})

    def who(self, name: str, at: Location) -> Fact:
        """A mention of a party, recipient, group, verifier or court, by its short name."""
        return Fact("name", self.names.get(name, name), name, at)

    def entry(self, name: str, at: Location) -> Fact:
        """The same of one whom a mapping lists, where the place holds what is said of it."""
        return Fact("entry", self.names.get(name, name), name, at)

    def everybody(self, names: Iterable[str], at: Location) -> Sentence:
        """Several of them: "North, South and Relief fund"."""
        return listed([say(self.who(name, (*at, index))) for index, name in enumerate(names)])

    def money(
        self, amount: Decimal, at: Location, asset: str, asset_at: Location, *, derived: bool = False
    ) -> Sentence:
        """An amount and its asset."""
        return say(number(amount, at, derived=derived), " ", Fact("asset", self.assets[asset], asset, asset_at))

    def bond(self, party: str, index: int) -> Sentence:
        """The bond that a party holds in a phase."""
        bond = self.document.parties[party].bond
        assert bond is not None, "only asked of parties with a bond"
        phase = self.document.phases[index]
        at: Location = (
            ("phases", index, "bonds", party) if party in phase.bonds else ("parties", party, "bond", "amount")
        )
        level = self.document.bond_level(party, phase)
        return self.money(level, at, bond.asset, ("parties", party, "bond", "asset"))

    def part(self, amount: Decimal, points: int, asset: str) -> Decimal:
        """A share (basis points) of an amount, rounded down to the asset's smallest unit as on chain."""
        return part_of(amount, points, self.document.assets[asset].decimals)

    def lost(self, party: str, phase: Phase, points: int, at: Location) -> Sentence:
        """A share (basis points) of a bond in money; nothing where there is no bond or the share is none."""
        bond = self.document.parties[party].bond
        level = self.document.bond_level(party, phase)
        if bond is None or not level or points == 0:
            return ()
        amount = self.part(level, points, bond.asset)
        return self.money(amount, at, bond.asset, ("parties", party, "bond", "asset"), derived=True)


def part_of(amount: Decimal, points: int, decimals: int) -> Decimal:
    """A share (basis points) of an amount, rounded down to `decimals`."""
    return Decimal(f"{to_smallest(amount, decimals) * points // WHOLE}e-{decimals}")


def _people(document: Document) -> dict[str, str]:
    called: dict[str, str] = {}
    for panel in document.panels.values():
        called |= {seat: seat for seat, _ in panel.seats}
    for name, verifier in document.verifiers.items():
        called[name] = _short(verifier.name or name)
    for group in (document.affected_groups, document.standing, document.recipients, document.parties):
        called |= {name: _short(each.name) for name, each in group.items()}
    if document.arbitration:
        called.setdefault(document.arbitration.court, document.arbitration.court)
    called[OUTSIDE] = "an outside event"
    return _distinct(called)


def _short(name: str) -> str:
    head = name.partition(",")[0].partition(" (")[0].strip()
    return head if 0 < len(head) <= _LONGEST else name


def _distinct(called: Mapping[str, str]) -> dict[str, str]:
    """Names that could be taken for each other, or are too long, get the id they have in the document."""
    seen = Counter(_looks(text) for text in called.values())
    ids = {_looks(name) for name in called}
    found = {}
    for name, text in called.items():
        alone = seen[_looks(text)] == 1 and (_looks(text) not in ids or _looks(text) == name)
        if len(text) > _LONGEST:
            found[name] = name
        else:
            found[name] = text if alone or text == name else f"{text} ({name})"
    return found


def _looks(text: str) -> str:
    return "".join(text.casefold().split())


def words(text: str, at: Location) -> Fact:
    """The document's own words."""
    return Fact("words", text, text, at)


def id_(name: str, at: Location) -> Fact:
    """A mention of what has no name but its id: a panel, a phase, an obligation."""
    return Fact("id", name, name, at)


def key(name: str, at: Location) -> Fact:
    """A name that the document gives something, where it is introduced."""
    return Fact("key", name, name, at)


def number(amount: Decimal, at: Location, *, derived: bool = False) -> Fact:
    """An amount without what it is counted in."""
    text = f"{amount:f}"
    value = text.rstrip("0").rstrip(".") if "." in text else text
    return Fact("amount", say_amount(amount), value, at, derived)


def duration(seconds: int, at: Location, *, derived: bool = False) -> Fact:
    """A span of time in seconds."""
    return Fact("duration", say_span(seconds), seconds, at, derived)


def time(seconds: int, at: Location) -> Fact:
    """A moment in Unix seconds."""
    return Fact("time", say_moment(seconds), seconds, at)


def share(points: int, at: Location, *, whole: str = "", derived: bool = False) -> Fact:
    """Basis points as a percentage; all of them in another word, if one is given."""
    return Fact("share", whole if whole and points == WHOLE else say_percent(points), points, at, derived)


def count(number: int, at: Location, *, derived: bool = False) -> Fact:
    """A whole number."""
    return Fact("count", f"{number:,}", number, at, derived)


def truth(text: str, at: Location, *, value: bool = True) -> Fact:
    """A yes or no, in the words that say it."""
    return Fact("truth", text, int(value), at)


def pick(field: str, word: str, at: Location, *, first: bool = False) -> Fact:
    """One of the words a field can have; `first` begins a sentence."""
    text = choice(field, word)
    return Fact("choice", text[0].upper() + text[1:] if first else text, word, at)


def listed(parts: list[Sentence], last: str = " and ") -> Sentence:
    """Parts as people list them: "a, b and c"."""
    if len(parts) < 2:
        return parts[0] if parts else ()
    found: list[Sentence | str] = []
    for part in parts[:-2]:
        found += [part, ", "]
    return say(*found, parts[-2], last, parts[-1])
