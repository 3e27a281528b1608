"""What a document says besides parties, panels and phases, in sentences: coalition, court, standing, values, tiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pyledger.document.measure import Measure
from pyledger.document.model import Document, Obligation, Payment, Phase, Tier
from pyledger.document.units import say_amount, say_duration, say_percent

__all__ = ["Clause", "clauses"]


class Clause(NamedTuple):
    """What a sentence is about (`court`, `value of loss-2012`), and the sentence."""

    about: str
    says: str


def clauses(document: Document) -> tuple[Clause, ...]:
    """Every clause of these kinds that a document has, in the order of its parts."""
    return (
        *_coalition(document),
        *_court(document),
        *_standing(document),
        *(clause for phase in document.phases for clause in _values(document, phase)),
    )


def _coalition(document: Document) -> Iterator[Clause]:
    parties, least = len(document.parties), document.needed_parties
    if least < parties:
        says = f"{least} of {parties} parties are enough to begin once the time to join is over"
        yield Clause("coalition", f"{says}; who has not joined owes nothing and pays nothing")
    if document.accession:
        yield Clause("accession", "a party may still join later, and is bound from the next phase to open")


def _court(document: Document) -> Iterator[Clause]:
    if (found := document.arbitration) is None:
        return
    who = "by any member or whoever has standing" if document.standing else "by any member"
    yield Clause(
        "court",
        f"{found.court} hears challenges: within {say_duration(found.challenge_within)} of a verdict, {who}; "
        f"without a ruling within {say_duration(found.ruling_within)} of the challenge, the verdict stands",
    )
    if found.data:
        yield Clause("court's data", f"0x{found.data.hex()}")


def _standing(document: Document) -> Iterator[Clause]:
    may = "may challenge and comment" if document.arbitration else "may comment"
    for name, standing in document.standing.items():
        yield Clause(f"standing of {name}", f"{standing.name}: {may}, and receives nothing")


def _values(document: Document, phase: Phase) -> Iterator[Clause]:
    for name, obligation in phase.obligations.items():
        if measure := document.measure(obligation):
            yield Clause(f"value of {name}", _attested(document, obligation, measure))
    for name, payment in phase.payments.items():
        measure = document.measure(phase.obligations[payment.obligation])
        if payment.tiers and measure:
            yield Clause(f"tiers of {name}", "; ".join(_steps(payment, payment.tiers, measure, document)))


def _attested(document: Document, obligation: Obligation, measure: Measure) -> str:
    what = f"{obligation.value.what}, in {measure.unit}" if obligation.value and obligation.value.what else measure.unit
    fine = (
        f"to {measure.decimals} decimal{'' if measure.decimals == 1 else 's'}"
        if measure.decimals
        else "in whole numbers"
    )
    changed = ", and so does a verdict that the court changed" if document.arbitration else ""
    return f"attested with the verdict: {what}, {fine}; silence counts as 0{changed}"


def _steps(payment: Payment, tiers: tuple[Tier, ...], measure: Measure, document: Document) -> Iterator[str]:
    symbol = document.assets[payment.asset].symbol or payment.asset
    if tiers[0].from_:
        yield f"below {say_amount(tiers[0].from_)} {measure.unit}: nothing"
    for tier in tiers:
        yield f"from {say_amount(tier.from_)} {measure.unit}: {_pays(tier, symbol)}"
    if any(tier.then for tier in tiers):
        yield f"at most {say_amount(payment.amount)} {symbol}"
    yield f"the rest goes back to {payment.from_}"


def _pays(tier: Tier, symbol: str) -> str:
    fixed = f"{say_amount(tier.pays)} {symbol}" if tier.pays else ""
    share = f"{say_percent(tier.then)} of what exceeds {say_amount(tier.from_)}" if tier.then else ""
    return " and ".join(filter(None, (fixed, share))) or "nothing"
