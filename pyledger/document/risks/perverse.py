"""PER: terms that pay for what the deal is meant to prevent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pyledger.document.consistency import OUTSIDE
from pyledger.document.limits import WHOLE
from pyledger.document.model import Payment
from pyledger.document.risks.rule import Hit, Rule, rule
from pyledger.document.risks.views import acts, contingent, escrows, forfeited, linked, phase_of, share
from pyledger.document.units import say_percent

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["PERVERSE"]


@rule(
    "PER1",
    "error",
    "paid by a baseline of one's own making",
    why="Who is paid for staying below a level that its own later conduct sets has reason to raise that level "
    "first. The payment then buys the race that it was meant to stop.",
    mend="measure from a level known at signature (`baseline: fixed`), or from others' conduct",
    source="Reference levels of forest payments; the virus samples withheld in 2007 for leverage.",
)
def _per1(document: Document) -> Iterator[Hit]:
    for each in escrows(document):
        duty = each.phase.obligations[each.payment.obligation]
        if each.payment.tiers and duty.value and duty.value.baseline == "own_future":
            at = ("phases", each.step, "obligations", each.payment.obligation, "value", "baseline")
            message = f"`{each.name}` follows a value that `{duty.by}` can raise by what it does after signature"
            yield Hit(at, message)


@rule(
    "PER2",
    "warning",
    "waiting is rewarded",
    why="Who may join later is bound only from the next phase on. A party that gives more than it gets in the "
    "first phase does better to let the others begin and to join for the rest.",
    mend="move its costs out of the first phase, give those who begin something there, or take `accession` out",
    source="Stability of coalitions (Barrett); accession terms with a price for waiting.",
)
def _per2(document: Document) -> Iterator[Hit]:
    if not document.accession:
        return
    served = {to for it in document.benefits.values() if phase_of(document, it) == 0 for to in it.to}
    saving = [name for name in document.parties if name not in served and _gives_more(document, name)]
    if saving:
        names = ", ".join(f"`{name}`" for name in saving[:3]) + (", …" if len(saving) > 3 else "")
        pay = "pays more than it gets" if len(saving) == 1 else "pay more than they get"
        message = f"in the first phase {names} {pay}: who joins after it saves that"
        yield Hit(("accession",), message)


def _gives_more(document: Document, name: str) -> bool:
    """Whether a party pays more of some asset in the first phase than it receives there."""
    balance: dict[str, Decimal] = {}
    for each in escrows(document, phase=0):
        paid = each.payment
        change = share(paid.amount, paid.to.get(name, 0)) - (paid.amount if paid.from_ == name else 0)
        balance[paid.asset] = balance.get(paid.asset, Decimal(0)) + change
    costly = any(act.duty.cost_to_complete for act in acts(document, by=name, phase=0))
    return any(net < 0 for net in balance.values()) or (costly and not any(balance.values()))


@rule(
    "PER3",
    "warning",
    "the accuser is paid and risks nothing",
    why="Whoever receives half or more of what another forfeits gains by having it found in breach. It should "
    "stand to lose something itself, and have no say in the finding.",
    mend="give it less than 50%, have it post a bond of its own, and keep its people off the panel",
    source="Hostages that are worth less to their holder than to their owner (Williamson 1983).",
)
def _per3(document: Document) -> Iterator[Hit]:
    for name, party in document.parties.items():
        duties = [act for act in acts(document, by=name) if forfeited(document, act)]
        seats = {v for act in duties for v, _ in document.panels[act.duty.decided_by].seats}
        for accuser, points in (party.forfeits_to or {}).items() if duties else ():
            if accuser not in document.parties or 2 * points < WHOLE:
                continue
            own = next((seat for seat in sorted(seats) if linked(document, seat, accuser)), None)
            gains = f"`{accuser}` receives {say_percent(points)} of what `{name}` forfeits"
            if own:
                message = f"{gains}, and `{own}`, who helps to decide, is on the side of `{accuser}`"
                yield Hit(("parties", name, "forfeits_to"), message)
            elif document.parties[accuser].bond is None:
                yield Hit(("parties", name, "forfeits_to"), f"{gains}, and posts no bond itself")


@rule(
    "PER4",
    "warning",
    "the penalty begins later",
    why="A breach that costs nothing now, because bonds begin only in a later phase, costs nothing at all to a "
    "party that makes sure that the later phase never comes.",
    mend="set a bond level and a `forfeit` in this phase, or hang a payment on the obligation",
    source="Kyoto Protocol: deductions that applied only to a second commitment period, which parties could decline.",
)
def _per4(document: Document) -> Iterator[Hit]:
    last = {act.duty.by: act.step for act in acts(document) if forfeited(document, act)}
    for act in acts(document):
        free = not forfeited(document, act) and not act.duty.material and not contingent(act)
        if act.duty.by != OUTSIDE and free and act.step < last.get(act.duty.by, 0):
            message = f"breaching `{act.name}` costs nothing, although `{act.duty.by}` has bond at stake later"
            yield Hit(act.at, message)


@rule(
    "PER5",
    "warning",
    "the verifier is paid by what it decides on",
    why="A verifier that lives on forfeits gains by finding breaches; one paid by only one of those under review "
    "gains by overlooking theirs.",
    mend="have all parties pay it, or a third, whatever it finds",
    source="Fees of auditors paid by the audited; forfeits that pay their judge.",
)
def _per5(document: Document) -> Iterator[Hit]:
    reviews: dict[str, set[str]] = {}
    for act in acts(document):
        for seat, _ in document.panels[act.duty.decided_by].seats:
            reviews.setdefault(seat, set()).add(act.duty.by)
    for name, verifier in document.verifiers.items():
        payers = [party for party in verifier.paid_by if party in reviews.get(name, ())]
        if verifier.paid_from_forfeits:
            yield Hit(("verifiers", name, "paid_from_forfeits"), f"`{name}` is paid from what its own findings forfeit")
        elif payers and not set(document.parties) <= set(verifier.paid_by):
            message = f"`{name}` is paid by `{payers[0]}`, which it reviews, and not by all parties"
            yield Hit(("verifiers", name, "paid_by"), message)


@rule(
    "PER6",
    "warning",
    "worse results pay more",
    why="Tiers that pay more for less pay for failure, if the value counts what is good. Where no value was "
    "attested, 0 counts: then the lowest tier is also what a verdict pays that the court changed.",
    mend="let a higher value pay no less, count what is good, or say `counts: bad` at the value",
    source="Result-based payment, Guyana and Norway 2009: pay for loss avoided, not for loss.",
)
def _per6(document: Document) -> Iterator[Hit]:
    for each in escrows(document):
        value = each.phase.obligations[each.payment.obligation].value
        if each.payment.tiers is None or value is None:
            continue
        rises, falls = _slopes(each.payment)
        if value.counts == "bad" and rises:
            yield Hit((*each.at, "tiers"), f"`{each.name}` pays more the higher a value is that counts what is bad")
        elif value.counts != "bad" and falls:
            yield Hit((*each.at, "tiers"), f"a lower value of `{each.payment.obligation}` makes `{each.name}` pay more")


def _slopes(payment: Payment) -> tuple[bool, bool]:
    """Whether what is paid rises with the value anywhere, and whether it falls."""
    steps = payment.tiers or ()
    rises, falls = any(step.then for step in steps), False
    for lower, upper in pairwise(steps):
        reached = min(lower.pays + share(upper.from_ - lower.from_, lower.then), payment.amount)
        rises |= upper.pays > reached
        falls |= upper.pays < reached
    return rises or bool(steps and steps[0].from_ and steps[0].pays), falls


PERVERSE: Final[tuple[Rule, ...]] = (_per1, _per2, _per3, _per4, _per5, _per6)
