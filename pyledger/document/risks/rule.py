"""What a risk finding is, and what a rule that finds them says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from pyledger.document.problem import Location

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["SEVERITIES", "Hit", "Risk", "Rule", "Severity", "Source", "rule"]

Severity = Literal["error", "warning", "info"]

SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")
"""Gravest first."""

Source = Literal["document", "analysis", "reader"]
"""Where a finding comes from: the document alone, its estimates, or the reading, which accepts no such document."""


class Risk(NamedTuple):
    """One finding in one document: which rule, how grave, where, what is so, and how it is mended here."""

    id: str
    severity: Severity
    at: Location
    message: str
    fix: str


class Hit(NamedTuple):
    """What a rule found; what it leaves out is the rule's own."""

    at: Location
    message: str
    fix: str | None = None
    severity: Severity | None = None


Find = Callable[["Document"], Iterable[Hit]]


class Rule(NamedTuple):
    """One rule, in the words that explain it; `find` is None where something else than the document alone is asked."""

    id: str
    severity: Severity
    title: str
    why: str
    mend: str
    source: str
    find: Find | None = None
    drawn_from: Source = "document"

    def risks(self, document: Document) -> Iterator[Risk]:
        """Every finding of this rule, in the order of the document."""
        for hit in self.find(document) if self.find else ():
            yield Risk(self.id, hit.severity or self.severity, hit.at, hit.message, hit.fix or self.mend)


def rule(name: str, severity: Severity, title: str, *, why: str, mend: str, source: str) -> Callable[[Find], Rule]:
    """Makes a function that yields hits a rule."""
    return lambda find: Rule(name, severity, title, why, mend, source, find)
