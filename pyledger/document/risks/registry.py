"""All rules by id, and what they find in a document.

Rules whose findings come from elsewhere are listed too, so that they can be explained and waived by the same ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import localcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pyledger.document.risks.commitment import COMMITMENT
from pyledger.document.risks.exits import EXITS
from pyledger.document.risks.instability import INSTABILITY
from pyledger.document.risks.institutions import INSTITUTIONS
from pyledger.document.risks.panels import PANELS
from pyledger.document.risks.perverse import PERVERSE
from pyledger.document.risks.proliferation import PROLIFERATION
from pyledger.document.risks.rule import SEVERITIES, Risk, Rule
from pyledger.document.risks.signalling import SIGNALLING
from pyledger.document.risks.voices import VOICES

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["DRAWN", "RULES", "merge", "risks"]

_ELSEWHERE: Final = (
    Rule(
        "INS4",
        "error",
        "power shifts faster than shares can",
        "A party that is about to become much stronger cannot promise not to use it, and the other has reason to "
        "act first.",
        "slow the shift, or have the rising party post a bond of the gap over what is seen and discounted",
        "Powell 2004 and 2006: commitment problems from large, rapid shifts of power.",
        drawn_from="analysis",
    ),
    Rule(
        "CRE1",
        "error",
        "breaking it pays",
        "By the estimates, what a party gains by a breach exceeds what it then loses in bond, reputation and future.",
        "raise the bond, see breaches more surely, or split the phase so that less is gained at once",
        "Slack (p − f)·(φB + R + δ(V′ − X′)) − g below zero; after Becker 1968 and Telser 1980.",
        drawn_from="analysis",
    ),
    Rule(
        "CRE3",
        "warning",
        "due beyond the credible horizon",
        "By the estimates, temptation outgrows what holds the party before this obligation is due.",
        "move it earlier, or let the bond grow with the temptation",
        "Credibility horizon ln((p − f)K/g₀)/ln(1 + γ).",
        drawn_from="analysis",
    ),
    Rule(
        "CRE10",
        "error",
        "shares that make no whole",
        "Shares of a forfeit or payment that do not sum to 100% leave money without an owner.",
        "make them sum to 100%",
        "Held by the reader: such a document is not read.",
        drawn_from="reader",
    ),
    Rule(
        "WAI1",
        "warning",
        "a waiver of an unknown finding",
        "A waiver that names no rule silences nothing, and its reader may believe that it does.",
        "write the id of a rule: `pyledger check --explain all` lists them",
        "Waivers are part of what is signed.",
    ),
    Rule(
        "WAI2",
        "warning",
        "a waiver without its finding",
        "The deal has changed, and what was accepted is no longer there or stands elsewhere. Reasons that fit "
        "nothing mislead.",
        "take the waiver out, or correct its `at`",
        "Waivers are part of what is signed.",
    ),
)

_FAMILIES: Final = (
    PROLIFERATION, INSTABILITY, PERVERSE, SIGNALLING, COMMITMENT, INSTITUTIONS, EXITS, VOICES, PANELS, _ELSEWHERE,
)  # fmt: skip

RULES: Final[Mapping[str, Rule]] = MappingProxyType({each.id: each for family in _FAMILIES for each in family})
"""Every rule by its id, family by family."""

_DIGITS: Final = 200
"""Enough for the largest amount times its shares: what is compared is never rounded before."""

DRAWN: Final[frozenset[str]] = frozenset(name for name, each in RULES.items() if each.find)
"""The ids of those that need the document alone."""


def risks(document: Document) -> tuple[Risk, ...]:
    """Everything found in a document by the rules that need it alone, gravest first, else in the order of the rules."""
    with localcontext(prec=_DIGITS):
        return merge([found for each in RULES.values() for found in each.risks(document)])


def merge(*sources: Iterable[Risk]) -> tuple[Risk, ...]:
    """Findings of several sources as one list, gravest first; what two say of one place is kept once."""
    found: dict[tuple[object, ...], Risk] = {}
    for source in sources:
        for risk in source:
            found.setdefault((risk.id, risk.at, risk.message), risk)
    return tuple(sorted(found.values(), key=lambda risk: SEVERITIES.index(risk.severity)))
