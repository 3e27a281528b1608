"""Findings that the parties have seen and accept: shown with their reasons, and no longer counted.

A waiver holds for its finding at its place and everything below it, or anywhere if it names no place. One that names no
rule (WAI1), or whose finding is not there (WAI2), is itself a finding, which no waiver silences.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pyledger.document.places import path_in
from pyledger.document.problem import did_you_mean
from pyledger.document.risks.registry import DRAWN, RULES, merge
from pyledger.document.risks.rule import Risk
from pyledger.document.units import printable

if TYPE_CHECKING:
    from pyledger.document.circumstances import Waiver
    from pyledger.document.model import Document

__all__ = ["Review", "Waived", "review"]


class Waived(NamedTuple):
    """A finding, and why the parties accept it."""

    risk: Risk
    because: str


class Review(NamedTuple):
    """What stands, gravest first, and what is waived."""

    standing: tuple[Risk, ...]
    waived: tuple[Waived, ...]

    def fails(self, *, strict: bool = False) -> bool:
        """Whether an error stands, or with `strict` a warning."""
        failing = ("error", "warning") if strict else ("error",)
        return any(risk.severity in failing for risk in self.standing)


def review(document: Document, *sources: Iterable[Risk], asked: Collection[str] = DRAWN) -> Review:
    """Findings of several sources, held against the document's waivers; `asked` are the rules that were looked for."""
    standing, waived = list[Risk](), list[Waived]()
    used = set[int]()
    for risk in merge(*sources):
        path = path_in(document, risk.at)
        holding = [index for index, each in enumerate(document.waivers) if _holds(each, risk, path)]
        used.update(holding)
        if holding:
            waived.append(Waived(risk, document.waivers[holding[0]].because))
        else:
            standing.append(risk)
    return Review(merge(standing, _idle(document, used, asked)), tuple(waived))


def _holds(waiver: Waiver, risk: Risk, path: str) -> bool:
    at = waiver.at
    here = at is None or path == at or (path.startswith(at) and path[len(at)] in ".[")
    return here and waiver.finding == risk.id


def _idle(document: Document, used: Collection[int], asked: Collection[str]) -> Iterator[Risk]:
    for index, waiver in enumerate(document.waivers):
        if waiver.finding not in RULES:
            rule, message = RULES["WAI1"], f"`{printable(waiver.finding)}` is no finding of this program"
            fix = did_you_mean(waiver.finding, RULES) if len(waiver.finding) <= 10 else rule.mend
            yield Risk(rule.id, rule.severity, ("waivers", index, "finding"), message, fix)
        elif index not in used and waiver.finding in asked:
            where = f" at `{printable(waiver.at)}`" if waiver.at else ""
            rule, message = RULES["WAI2"], f"{waiver.finding} is not found{where}"
            yield Risk(rule.id, rule.severity, ("waivers", index), message, rule.mend)
