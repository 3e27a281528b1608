"""SIG: what the deal says to those who read it, meant or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pyledger.document.consistency import OUTSIDE
from pyledger.document.limits import WHOLE
from pyledger.document.problem import Location
from pyledger.document.risks.rule import Hit, Rule, rule
from pyledger.document.risks.views import acts, escrowed, escrows
from pyledger.document.units import printable, say_amount, say_percent

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["SIGNALLING"]

_LOUD: Final = 100
"""Share of a provider's yearly product (basis points) above which what it gives is news of itself."""

_CONTEST: Final = re.compile(
    r"\b(?:wins?|winners?|winning|dominan(?:ce|t)|dominat(?:e|es|ion)|supremacy|superiority"
    r"|(?:its|their|our|takes? the|keeps? the) lead|leads? over|(?:its|their|our|global|technological) leadership)\b",
    re.IGNORECASE,
)
"""Words of a contest, as far as they are not also words of something else."""


@rule(
    "SIG1",
    "warning",
    "a large offer without a common word",
    why="An offer of more than 1 percent of the provider's yearly product, public at once and explained by "
    "nobody, is read as alarm or as a claim to lead.",
    mend="write a `joint_framing` that the parties say together, or publish later (`when: when_in_force`)",
    source="Offers as signals; the limit of 1 percent is a convention of this program.",
)
def _sig1(document: Document) -> Iterator[Hit]:
    public = document.publication
    if document.estimates is None or public is None or public.joint_framing:
        return
    for name, party in document.estimates.parties.items() if public.when in ("immediate", "at_signature") else ():
        given = _given(document, name)
        if party.gdp and party.gdp.likely and given * WHOLE > party.gdp.likely * _LOUD:
            points = int(given * WHOLE / party.gdp.likely)
            message = f"`{name}` gives {say_amount(given)}, {say_percent(points)} of its yearly product, public at once"
            yield Hit(("publication",), message)


def _given(document: Document, name: str) -> Decimal:
    asset = document.estimates.asset if document.estimates else ""
    benefits = (
        it.value or Decimal(0)
        for it in document.benefits.values()
        if it.from_ == name and it.asset == asset and not escrowed(document, it)
    )
    payments = (it.payment for it in escrows(document) if it.payment.from_ == name and it.payment.asset == asset)
    return sum(benefits, Decimal(0)) + sum((it.amount for it in payments), Decimal(0))


@rule(
    "SIG2",
    "warning",
    "words or terms of a contest",
    why="Talk of winning, and a pause that binds one side only, tell the other that the deal is how it loses. It "
    "then keeps the deal no longer than it must.",
    mend="say what both gain; answer a pause with a safety obligation of the other side (`about: [safety]`)",
    source="Framing artificial intelligence as a race to be won, named as a risk to commitments in writing on "
    "benefit-sharing.",
)
def _sig2(document: Document) -> Iterator[Hit]:
    for at, text in _texts(document):
        if found := _CONTEST.search(text):
            yield Hit(at, f'this speaks of a contest: "{printable(found.group())}"', "say instead what both sides gain")
    careful = {act.duty.by for act in acts(document) if {"pause", "safety"} & set(act.duty.about)}
    for act in acts(document):
        alone = len(document.parties) > 1 and not careful - {act.duty.by, OUTSIDE}
        if "pause" in act.duty.about and act.duty.by in document.parties and alone:
            message = f"only `{act.duty.by}` stops (`{act.name}`), and no other party owes anything for safety"
            yield Hit(act.at, message, "add an obligation of the other side with `about: [safety]` or [pause]")


def _texts(document: Document) -> Iterator[tuple[Location, str]]:
    yield ("title",), document.title
    yield ("summary",), document.summary or ""
    if document.publication:
        yield ("publication", "joint_framing"), document.publication.joint_framing or ""
    for name, benefit in document.benefits.items():
        yield ("benefits", name, "what"), benefit.what
    for index, phase in enumerate(document.phases):
        yield ("phases", index, "title"), phase.title or ""
    for act in acts(document):
        yield (*act.at, "what"), act.duty.what


@rule(
    "SIG3",
    "info",
    "nothing said of who may read it",
    why="Whether papers, reports and findings are public decides what parties dare to declare and what outsiders "
    "believe.",
    mend="write `publication: {when: at_signature, open_to: public}`, or as you agree",
    source="Confidentiality classes of inspection agreements.",
)
def _sig3(document: Document) -> Iterator[Hit]:
    if document.publication is None or document.publication.open_to is None:
        yield Hit(("publication",), "it is not said to whom the papers of the deal are open")


SIGNALLING: Final[tuple[Rule, ...]] = (_sig1, _sig2, _sig3)
