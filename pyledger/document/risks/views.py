"""Ways to look at a document that several rules share. Amounts are exact decimals in units of their asset."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from pyledger.document.benefits import Benefit
from pyledger.document.consistency import OUTSIDE
from pyledger.document.limits import WHOLE
from pyledger.document.model import Document, Obligation, Panel, Payment, Phase
from pyledger.document.problem import Location

__all__ = [
    "Act",
    "Escrow",
    "acts",
    "awaited",
    "benefit_at",
    "contingent",
    "escrowed",
    "escrows",
    "expects",
    "forfeited",
    "linked",
    "payable_to",
    "phase_of",
    "quorum_within",
    "share",
]


class Act(NamedTuple):
    """One obligation, where it stands, and in which phase (`step`, from 0)."""

    step: int
    phase: Phase
    name: str
    duty: Obligation

    @property
    def at(self) -> Location:
        """Its location."""
        return ("phases", self.step, "obligations", self.name)


class Escrow(NamedTuple):
    """One payment, where it stands, and in which phase (`step`, from 0)."""

    step: int
    phase: Phase
    name: str
    payment: Payment

    @property
    def at(self) -> Location:
        """Its location."""
        return ("phases", self.step, "payments", self.name)


def acts(document: Document, *, by: str | None = None, phase: int | None = None) -> Iterator[Act]:
    """Every obligation in order; only those `by` one party, or of one phase."""
    for index, each in enumerate(document.phases):
        if phase is None or phase == index:
            for name, duty in each.obligations.items():
                if by is None or duty.by == by:
                    yield Act(index, each, name, duty)


def escrows(document: Document, *, phase: int | None = None) -> Iterator[Escrow]:
    """Every payment in order; only those of one phase."""
    for index, each in enumerate(document.phases):
        if phase is None or phase == index:
            for name, payment in each.payments.items():
                yield Escrow(index, each, name, payment)


def share(amount: Decimal, points: int) -> Decimal:
    """That many basis points of an amount."""
    return amount * points / WHOLE


def forfeited(document: Document, act: Act) -> Decimal:
    """What a breach forfeits, in units of the obligor's bond asset: nothing where there is no bond."""
    if act.duty.by == OUTSIDE or not act.duty.forfeit:
        return Decimal(0)
    return share(document.bond_level(act.duty.by, act.phase), act.duty.forfeit)


def payable_to(document: Document, party: str, phase: int) -> Decimal:
    """What breaches by others in a phase would pay a party at most, one breach each, in units of their bonds."""
    best: dict[str, Decimal] = {}
    for act in acts(document, phase=phase):
        if act.duty.by not in (party, OUTSIDE):
            to = document.parties[act.duty.by].forfeits_to or {}
            best[act.duty.by] = max(
                best.get(act.duty.by, Decimal(0)), share(forfeited(document, act), to.get(party, 0))
            )
    return sum(best.values(), Decimal(0))


def contingent(act: Act) -> tuple[Payment, ...]:
    """The payments that hang on an obligation."""
    return tuple(payment for payment in act.phase.payments.values() if payment.obligation == act.name)


def benefit_at(name: str, *steps: str) -> Location:
    """Where a benefit, or something of it, stands."""
    return ("benefits", name, *steps)


def phase_of(document: Document, benefit: Benefit) -> int:
    """In which phase (from 0) a benefit is given: the one it names, else the first in which it is verified."""
    for index, phase in enumerate(document.phases):
        named = phase.id == benefit.phase if benefit.phase else any(n in phase.obligations for n in benefit.verified_by)
        if named:
            return index
    return 0


def escrowed(document: Document, benefit: Benefit) -> bool:
    """Whether a benefit is money in escrow: a payment of its asset from its giver that hangs on what verifies it."""
    return any(
        it.payment.asset == benefit.asset and it.payment.from_ == benefit.from_
        for it in escrows(document)
        if it.payment.obligation in benefit.verified_by
    )


def awaited(document: Document, party: str) -> Iterator[Act]:
    """What others do for a party: what a payment or benefit to it hangs on; every act of theirs if none is named."""
    for act in acts(document):
        paid = any(party in payment.to for payment in contingent(act))
        given = any(party in it.to and act.name in it.verified_by for it in document.benefits.values())
        if act.duty.by not in (party, OUTSIDE) and (paid or given or not document.benefits):
            yield act


def expects(document: Document, party: str) -> bool:
    """Whether a party is to receive anything, as far as the document says: money, benefits, others' acts."""
    paid = any(party in it.payment.to for it in escrows(document))
    given = any(party in it.to for it in document.benefits.values())
    return paid or given or any(awaited(document, party))


def linked(document: Document, verifier: str, party: str) -> bool:
    """Whether a verifier is on a party's side: affiliated with it, sent by it, or paid by it alone."""
    found = document.verifiers.get(verifier)
    return found is not None and (
        party in found.affiliated_with or found.nominated_by == party or found.paid_by == (party,)
    )


def quorum_within(panel: Panel, seats: frozenset[str]) -> bool:
    """Whether these seats can decide without any other: the threshold, and each chamber's quota."""
    sitting = [chamber for verifier, chamber in panel.seats if verifier in seats]
    return len(sitting) >= panel.needed and all(sitting.count(i) >= least for i, least in enumerate(panel.quotas))
