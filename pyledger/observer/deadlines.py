"""What comes next by the clock alone: every moment at which something is due, falls silent, or becomes final."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pyledger.observer.shapes import ObligationView, StatusView

__all__ = ["Deadline", "deadlines"]


class Deadline(NamedTuple):
    """A moment (Unix seconds), and what must be done by it or comes to pass then."""

    at: int
    what: str


def deadlines(view: StatusView) -> tuple[Deadline, ...]:
    """Those ahead of the moment that a view was made for, the nearest first."""
    found = (each for each in (*_joining(view), *_running(view)) if each.at >= view.now)
    return tuple(sorted(dict.fromkeys(found)))


def _joining(view: StatusView) -> Iterator[Deadline]:
    if view.state == "open":
        missing = ", ".join(party.name for party in view.parties if not party.accepted)
        yield Deadline(view.join_by, f"joining ends; still to accept: {missing}" if missing else "joining ends")


def _running(view: StatusView) -> Iterator[Deadline]:
    if view.state != "in force" or view.phase is None:
        return
    yield Deadline(view.long_stop, "long stop")
    if view.phase.opened_at is not None and view.phase.opened_at > view.now:
        yield Deadline(view.phase.opened_at, f"phase {view.phase.name} opens")
    for party in view.parties:
        if party.bond and party.bond.short and party.bond.top_up_by is not None:
            yield Deadline(party.bond.top_up_by, f"{party.name} must top up its bond by {party.bond.short}")
    for payment in view.phase.payments:
        if payment.state == "due" and payment.due is not None:
            yield Deadline(payment.due, f"{payment.from_} must fund {payment.name}: {payment.amount}")
    for obligation in view.phase.obligations:
        if not obligation.absent:
            yield from _obligation(obligation)


def _obligation(item: ObligationView) -> Iterator[Deadline]:
    if item.stage == "open" and item.deadline is not None:
        yield Deadline(item.deadline, f"{item.name} is {item.if_silent} by silence")
    elif item.stage == "contestable" and item.final_at is not None:
        yield Deadline(item.final_at, f"{item.name}, {item.verdict}, can no longer be contested")
    elif item.stage == "disputed" and item.dispute is not None:
        yield Deadline(item.dispute.until, f"{item.name} stays {item.verdict} without a ruling")
