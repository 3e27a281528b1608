"""Whether an event can be one of an agreement: whether its terms have what the event speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pyledger.chain.event_records import (
    Accepted,
    Attested,
    Challenged,
    Decided,
    Event,
    Extended,
    Funded,
    Paid,
    PhaseDisclosed,
    PhaseOpened,
    PhaseSettled,
    Ruled,
    ToppedUp,
)
from pyledger.terms.state import Cause
from pyledger.terms.structs import Terms

__all__ = ["possible"]

_IN_PHASE: Final = (
    PhaseOpened | PhaseDisclosed | PhaseSettled | Funded | Extended | Attested | Decided | Challenged | Ruled
)


def possible(event: Event, terms: Terms) -> bool:
    """Whether these terms have the phases, parties, obligations, payments and seats that an event speaks of.

    Of `terms` only those phases need be there that have opened.
    """
    if isinstance(event, Accepted | ToppedUp):
        return event.party < len(terms.parties)
    if isinstance(event, Paid) and event.cause in (Cause.FORFEITURE, Cause.BOND):
        return event.index < len(terms.parties)
    if not isinstance(event, _IN_PHASE):
        return True
    if event.phase >= len(terms.phases):
        return False
    phase = terms.phases[event.phase]
    indices: Iterable[int] = ()
    things: Sequence[object] = terms.parties
    match event:
        case PhaseOpened():
            indices = event.members | event.short
        case PhaseSettled():
            indices = event.defaults
        case Funded():
            indices, things = event.payments, phase.payments
        case Extended():
            indices, things = [event.index], phase.payments if event.payment else phase.obligations
        case Attested() | Decided() | Challenged() | Ruled():
            indices, things = [event.obligation], phase.obligations
        case PhaseDisclosed():
            return event.content == phase
    if not all(index < len(things) for index in indices):
        return False
    if isinstance(event, Attested):
        return event.seat < len(terms.panels[phase.obligations[event.obligation].panel].seats)
    return True
