"""Findings as people and programs read them: each with its place in the text, gravest first, what is waived apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyledger.document.classify import RULES as POWER_RULES, SIGNS, Classified
from pyledger.document.places import path_in, place_of
from pyledger.document.risks import RULES, Review, Risk, Rule, Severity
from pyledger.document.tree import Place

if TYPE_CHECKING:
    from pyledger.cli.output import Screen
    from pyledger.document.load import Draft

__all__ = ["Shown", "counted", "explain", "explain_all", "show_benefits", "show_findings", "to_json", "to_show"]

_HEADINGS: Final[tuple[tuple[Severity, str, str], ...]] = (
    ("error", "errors", "red"),
    ("warning", "warnings", "yellow"),
    ("info", "notes", "cyan"),
)
_WIDTH: Final = 6
_MOST_FLIPS: Final = 3


class Shown(NamedTuple):
    """A finding with its path, its line and column in the text, and why it is waived, if it is."""

    risk: Risk
    path: str
    place: Place
    waived: str | None = None


def to_show(draft: Draft, review: Review) -> tuple[Shown, ...]:
    """What stands, gravest first and then in the order of the text, and after it what is waived."""

    def shown(risk: Risk, because: str | None = None) -> Shown:
        return Shown(risk, path_in(draft.document, risk.at), place_of(draft.root, risk.at), because)

    grave = [severity for severity, _, _ in _HEADINGS]
    standing = sorted(
        (shown(risk) for risk in review.standing), key=lambda it: (grave.index(it.risk.severity), it.place)
    )
    return (*standing, *(shown(each.risk, each.because) for each in review.waived))


def to_json(shown: Shown) -> dict[str, Any]:
    """One finding for programs."""
    risk = shown.risk
    return {
        "id": risk.id,
        "severity": risk.severity,
        "path": shown.path,
        "line": shown.place.line,
        "column": shown.place.column,
        "message": risk.message,
        "fix": risk.fix,
        "waived": shown.waived,
    }


def counted(found: Sequence[Shown]) -> str:
    """How many of each kind: "no errors, 2 warnings, 1 note; 3 waived"."""
    words = []
    for severity, plural, _ in _HEADINGS:
        count = sum(1 for each in found if each.waived is None and each.risk.severity == severity)
        if count or severity == "error":
            words.append(f"{count or 'no'} {plural if count != 1 else plural.removesuffix('s')}")
    waived = sum(1 for each in found if each.waived is not None)
    return ", ".join(words) + (f"; {waived} waived" if waived else "")


def show_findings(found: Sequence[Shown], file: str, screen: Screen) -> None:
    """Every finding under the heading of its severity, then what is waived, with the reasons."""
    for severity, plural, style in _HEADINGS:
        here = [each for each in found if each.waived is None and each.risk.severity == severity]
        if here:
            screen.heading(plural)
        for each in here:
            screen.entry(each.risk.id, each.risk.message, style, width=_WIDTH)
            screen.entry("", f"{each.path}, {file}:{each.place.line}:{each.place.column}", "dim", width=_WIDTH)
            screen.entry("", f"mend: {each.risk.fix}", width=_WIDTH)
    waived = [each for each in found if each.waived is not None]
    if waived:
        screen.heading("waived")
    for each in waived:
        kind = "error: " if each.risk.severity == "error" else ""
        screen.entry(each.risk.id, f"{kind}{each.risk.message}", "dim", width=_WIDTH)
        screen.entry("", f"{each.path}, {file}:{each.place.line}:{each.place.column}", "dim", width=_WIDTH)
        screen.entry("", f"because: {each.waived}", width=_WIDTH)


def show_benefits(found: Sequence[Classified], screen: Screen) -> None:
    """What kind of sharing each benefit is, why, and what would change it."""
    if found:
        screen.heading("benefits")
        screen.table(
            ((each.name, each.class_, _why(each), _flips(each)) for each in found),
            columns=("benefit", "shares", "because", "would be less by"),
            fold=(0, 2, 3),
            styles={0: "cyan"},
        )


def _why(found: Classified) -> str:
    words = (f"{key}: {POWER_RULES[key]}" if key in POWER_RULES else SIGNS[key] for key in found.fired)
    return "; ".join(words) or "nothing of power in it"


def _flips(found: Classified) -> str:
    ways = [" and ".join(f"{change.attribute}: {change.value}" for change in flip) for flip in found.flips]
    return "; or ".join(ways[:_MOST_FLIPS])


def explain(name: str, screen: Screen) -> None:
    """One rule in full."""
    rule = RULES[name]
    screen.data(_explained(rule))
    screen.say(f"{rule.id}  {rule.title}", "bold")
    screen.say(f"{rule.severity}, {_origin(rule)}", "dim")
    for mark, text in (("why", rule.why), ("mend", rule.mend), ("source", rule.source)):
        screen.say()
        screen.entry(mark, text, width=_WIDTH)


def explain_all(screen: Screen) -> None:
    """Every rule in a line."""
    screen.data([_explained(rule) for rule in RULES.values()])
    screen.table(
        ((rule.id, rule.severity, rule.title) for rule in RULES.values()),
        columns=("id", "severity", "finding"),
        fold=(2,),
        styles={0: "cyan"},
    )
    screen.say()
    screen.say("One in full: `pyledger check --explain ID`.")


def _explained(rule: Rule) -> dict[str, Any]:
    names = ("id", "severity", "title", "why", "mend", "source", "drawn_from")
    return {name: getattr(rule, name) for name in names}


def _origin(rule: Rule) -> str:
    return {
        "document": "found in the document alone",
        "analysis": "found in the document and its estimates",
        "reader": "held by the reader of documents",
    }[rule.drawn_from]
