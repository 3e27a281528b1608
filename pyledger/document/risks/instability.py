"""INS: who is left out, or left behind, has reason to undo the deal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pyledger.document.risks.rule import Hit, Rule, rule
from pyledger.document.risks.views import benefit_at, escrowed, escrows, share

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["INSTABILITY"]

_MOST_APART: Final = 2
"""How many times as much for its burden one party of a group may receive as another."""

_STRATEGIC: Final = frozenset({"protection", "nuclear_umbrella", "defense_dominant_tech"})
_ASSURANCES: Final = frozenset({"negative_assurance", "treatment_assurance", "verifiable_development_commitment"})


@rule(
    "INS1",
    "warning",
    "unequal return among equals",
    why="Parties of one group compare what they receive with what is asked of them. One that gets less than half "
    "of what another gets for the same burden has reason to leave, or to reopen the deal.",
    mend="share the benefits nearer to the burdens in `estimates`, or put the parties in different groups",
    source="Equity among members of one class; the limit of two to one is a convention of this program.",
)
def _ins1(document: Document) -> Iterator[Hit]:
    groups: dict[str, list[tuple[Decimal, str]]] = {}
    for name, party in document.estimates.parties.items() if document.estimates else ():
        if party.group and party.burden and party.burden.likely:
            groups.setdefault(party.group, []).append((_received(document, name) / party.burden.likely, name))
    for group, returns in groups.items():
        (least, behind), (most, ahead) = min(returns), max(returns)
        if most > _MOST_APART * least:
            gets = f"{most / least:.1f} times as much as `{behind}`" if least else f"something and `{behind}` nothing"
            message = f"in the group {group}, `{ahead}` receives {gets}, each for its burden"
            yield Hit(("estimates", "parties", behind), message)


def _received(document: Document, name: str) -> Decimal:
    """All that a party is to receive in the estimates' asset: payments, and benefits shared evenly by recipients."""
    asset = document.estimates.asset if document.estimates else ""
    benefits = (
        it for it in document.benefits.values() if it.asset == asset and name in it.to and not escrowed(document, it)
    )
    payments = (it.payment for it in escrows(document) if it.payment.asset == asset)
    total = sum(((it.value or Decimal(0)) / len(it.to) for it in benefits), Decimal(0))
    return total + sum((share(it.amount, it.to.get(name, 0)) for it in payments), Decimal(0))


@rule(
    "INS2",
    "warning",
    "security for some, no assurance for the other",
    why="Protection for one side can look like preparation for a first strike to the side that is not at the table. "
    "Without an assurance to it, it may answer by arming.",
    mend="name the state as an affected group with `kind: state`, and add a benefit of kind negative_assurance to it",
    source="Missile defence and the security dilemma; negative security assurances.",
)
def _ins2(document: Document) -> Iterator[Hit]:
    states = {name for name, group in document.affected_groups.items() if group.kind == "state"}
    assured = {to for benefit in document.benefits.values() if benefit.kind in _ASSURANCES for to in benefit.to}
    for name, benefit in document.benefits.items():
        strategic = benefit.cluster == "security" and (
            benefit.kind in _STRATEGIC or benefit.offence_defence == "offence"
        )
        if strategic and not states & assured:
            yield Hit(benefit_at(name), f"`{name}` changes the balance with others, and no state outside is assured")


@rule(
    "INS3",
    "warning",
    "an affected state is not told",
    why="A state that a deal touches, and that learns of it afterwards, works against it. Notice costs little.",
    mend="name it in `comment: {notice_to: […]}`, or give it `standing`",
    source="Espoo Convention on notice to affected states; the frozen funds that held up the Six-Party deal of 2007.",
)
def _ins3(document: Document) -> Iterator[Hit]:
    told = document.comment.notice_to if document.comment else ()
    for name, group in document.affected_groups.items():
        if group.kind == "state" and not group.standing and name not in told:
            yield Hit(("affected_groups", name), f"`{name}` is affected, and is neither heard nor given notice")


INSTABILITY: Final[tuple[Rule, ...]] = (_ins1, _ins2, _ins3)
