"""The phases of an agreement one after another: what was asked in each, what became of it, who lost bond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pyledger.ledger import events as said
from pyledger.observer.reader import word
from pyledger.observer.reading import Reading
from pyledger.observer.shapes import ObligationView, PaymentView, ShareView
from pyledger.observer.web.agreement_views import ForfeitureRow, PhaseRow, PhaseStep, PlannedPayment
from pyledger.terms.state import Cause, Status
from pyledger.terms.structs import OUTSIDE, Phase, Undisclosed, Verdict

__all__ = ["forfeitures", "timeline"]

_BECAME: Final = {
    "later": "planned",
    "due": "due",
    "overdue": "not paid",
    "not owed": "not paid",
    "not final": "funded",
    "ready to release": "funded",
    "ready to return": "funded",
}
"""How the timeline says what a payment of the phase at hand is; other states are said alike."""


@dataclass(slots=True)
class _Past:
    """What the events say of one phase."""

    opened_at: int | None = None
    settled_at: int | None = None
    settled: said.PhaseSettled | None = None
    values: dict[int, int] = field(default_factory=dict)
    funded: set[int] = field(default_factory=set)
    paid: dict[int, str] = field(default_factory=dict)
    later: dict[tuple[bool, int], int] = field(default_factory=dict)


def timeline(found: Reading) -> tuple[PhaseRow, ...]:
    """Every phase of the terms, disclosed or not."""
    past = _past(found)
    return tuple(_phase(found, number, past[number]) for number in range(len(found.named.terms.phases)))


def forfeitures(found: Reading) -> tuple[ForfeitureRow, ...]:
    """Every bond that was lost, in the order of the chain."""
    reader, names = found.reader, found.named.names
    return tuple(
        ForfeitureRow(
            at=found.standing.times[event.origin.block],
            block=event.origin.block,
            phase=reader.phase_title(phase),
            by=names.parties[event.index],
            by_label=reader.label(names.parties[event.index]),
            to=reader.who(event.to),
            to_label=reader.label(reader.who(event.to)),
            money=reader.money(event.asset, event.amount),
            credited=event.credited,
        )
        for phase, event in _with_phase(found)
        if isinstance(event, said.Paid) and event.cause is Cause.FORFEITURE
    )


def _with_phase(found: Reading) -> Iterator[tuple[int, said.Event]]:
    """Each event with the phase it belongs to; a settlement opens the next phase before it pays for its own."""
    phase, settled = 0, (b"", 0)
    for event in found.standing.events:
        if isinstance(event, said.PhaseOpened):
            phase = event.phase
        elif isinstance(event, said.PhaseSettled):
            settled = event.origin.transaction, event.phase
        yield (settled[1] if event.origin.transaction == settled[0] else phase), event


def _past(found: Reading) -> list[_Past]:
    past = [_Past() for _ in found.named.terms.phases]
    for phase, event in _with_phase(found):
        match event:
            case said.PhaseOpened():
                past[event.phase].opened_at = event.opened_at
            case said.PhaseSettled():
                past[event.phase].settled = event
                past[event.phase].settled_at = found.standing.times[event.origin.block]
            case said.Decided():
                past[event.phase].values[event.obligation] = event.value
            case said.Extended():
                past[event.phase].later[event.payment, event.index] = event.to
            case said.Funded():
                past[event.phase].funded |= event.payments
            case said.Paid(cause=Cause.PAYMENT):
                past[phase].paid[event.index] = "released"
            case said.Paid(cause=Cause.RETURN):
                past[phase].paid.setdefault(event.index, "returned")
    return past


def _phase(found: Reading, number: int, past: _Past) -> PhaseRow:
    reader, names, phase = found.reader, found.named.names, found.named.terms.phases[number]
    closed = isinstance(phase, Undisclosed)
    settled = past.settled
    return PhaseRow(
        number=number + 1,
        name=names.phases[number],
        title=names.phases[number] if closed else reader.phase_title(number),
        state="undisclosed" if closed else _state(found, past),
        not_before=phase.notBefore or None,
        opened_at=past.opened_at,
        settled_at=past.settled_at,
        cut_off=(settled.cut_off or None) if settled else None,
        defaults=tuple(names.parties[index] for index in sorted(settled.defaults)) if settled else (),
        obligations=tuple(_steps(found, number, phase, past)),
        payments=tuple(_payments(found, number, phase, past)),
    )


def _state(found: Reading, past: _Past) -> str:
    status = found.standing.state.status
    if past.settled is not None:
        return "over"
    if status in (Status.OPEN, Status.IN_FORCE):
        return "ahead" if past.opened_at is None else "at hand"
    return "not reached" if past.opened_at is None else "over"


def _steps(found: Reading, number: int, phase: Phase, past: _Past) -> Iterator[PhaseStep]:
    reader, names = found.reader, found.named.names
    for index, obligation in enumerate(phase.obligations):
        name = names.obligations[number][index]
        outside = obligation.obligor == OUTSIDE
        by = "outside" if outside else names.parties[obligation.obligor]
        within = past.later.get((False, index), obligation.within) + obligation.grace
        verdict, value = _verdict(found, number, index, past)
        yield PhaseStep(
            name=name,
            by=by,
            by_label="outside event" if outside else reader.label(by),
            what=reader.what(number, index),
            material=obligation.material,
            within=within,
            deadline=None if past.opened_at is None else past.opened_at + within,
            if_silent=word(obligation.presumption),
            verdict=verdict,
            value=None if value is None else reader.measured(number, index, value),
        )


def _verdict(found: Reading, number: int, index: int, past: _Past) -> tuple[str | None, int | None]:
    seen = _at_hand(found, number)
    verdict: str | None = None
    if past.settled is not None:
        given = past.settled.verdict(index)
        verdict = None if given is Verdict.UNDECIDED else word(given)
    elif seen is not None:
        verdict = seen[0][index].verdict
    counted = past.values.get(index) or found.reader.measure(number, index)
    return verdict, past.values.get(index) if verdict is not None and counted else None


def _payments(found: Reading, number: int, phase: Phase, past: _Past) -> Iterator[PlannedPayment]:
    reader, names, seen = found.reader, found.named.names, _at_hand(found, number)
    for index, payment in enumerate(phase.payments):
        became = past.paid.get(index)
        if became is None and seen is not None:
            became = _BECAME.get(seen[1][index].state, seen[1][index].state)
        yield PlannedPayment(
            name=names.payments[number][index],
            from_=names.parties[payment.payer],
            to=tuple(ShareView(reader.who(share.to), share.bps) for share in payment.payees),
            amount=reader.money(payment.asset, payment.amount),
            obligation=names.obligations[number][payment.obligation],
            on=tuple(word(verdict) for verdict in Verdict if payment.on >> verdict & 1),
            became=became or _became(found, index, past),
        )


def _became(found: Reading, index: int, past: _Past) -> str:
    """What became of a payment that no event says was paid."""
    if past.opened_at is None:
        return "planned"
    if index not in past.funded:
        return "not paid"
    return "split" if found.standing.state.status is Status.DISSOLVED else "funded"


def _at_hand(found: Reading, number: int) -> tuple[tuple[ObligationView, ...], tuple[PaymentView, ...]] | None:
    """Obligations and payments as they stand, of the phase at hand."""
    phase = found.view.phase
    at_hand = phase is not None and phase.number == number + 1 and phase.opened_at is not None
    return (phase.obligations, phase.payments) if phase is not None and at_hand else None
