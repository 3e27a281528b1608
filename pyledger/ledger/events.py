"""The events that the store keeps, as records: what those read who are behind the store, and know no chain."""

from __future__ import annotations

from pyledger.chain.events import (
    Accepted,
    Attested,
    Challenged,
    Decided,
    Disclosed,
    Ended,
    Event,
    Evidence,
    Extended,
    Funded,
    Opened,
    Origin,
    Paid,
    PhaseDisclosed,
    PhaseOpened,
    PhaseRejected,
    PhaseSettled,
    Ruled,
    ToppedUp,
    Withdrawn,
)

__all__ = [
    "Accepted",
    "Attested",
    "Challenged",
    "Decided",
    "Disclosed",
    "Ended",
    "Event",
    "Evidence",
    "Extended",
    "Funded",
    "Opened",
    "Origin",
    "Paid",
    "PhaseDisclosed",
    "PhaseOpened",
    "PhaseRejected",
    "PhaseSettled",
    "Ruled",
    "ToppedUp",
    "Withdrawn",
]
