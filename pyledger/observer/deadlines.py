"""What comes next by the clock alone: every moment at which something is due, falls silent, or becomes final."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pyledger.observer.reader import word
from pyledger.observer.shapes import ObligationView, StatusView
from pyledger.terms.due import Due, upcoming
from pyledger.terms.names import Names

__all__ = ["Deadline", "deadlines", "next_deadline"]


class Deadline(NamedTuple):
    """A moment (Unix seconds), and what must be done by it or comes to pass then."""

    at: int
    what: str


def deadlines(view: StatusView) -> tuple[Deadline, ...]:
    """Those ahead of the moment that a view was made for, the nearest first."""
    found = (each for each in (*_joining(view), *_running(view)) if each.at >= view.now)
    return tuple(sorted(dict.fromkeys(found)))


def next_deadline(dues: Iterable[Due], now: int, phase: int, names: Names | None) -> Deadline | None:
    """What comes next after `now` (Unix seconds), as a list says it; None where nothing does.

    `dues` are what is kept of an agreement's moments, `phase` is the one at hand, counted from 0. Without `names`, and
    of phases that these do not know, things are numbered as they are elsewhere.
    """
    found = upcoming(dues, now)
    if not found:
        return None
    said = [_said(each, phase, names) for each in found]
    more = f", and {len(said) - 2} more" if len(said) > 2 else ""
    return Deadline(found[0].at, "; ".join(said[:2]) + more)


def _said(due: Due, phase: int, names: Names | None) -> str:
    match due.kind:
        case "joining":
            return "joining ends"
        case "opening":
            return f"phase {_name('phase', names.phases if names else (), phase)} opens"
        case "long-stop":
            return "the long stop: what is undecided lapses"
        case "bond":
            return f"{_name('party', names.parties if names else (), due.item)} must top up its bond"
        case "escrow":
            payments = names.payments[phase : phase + 1] if names else ()
            return f"{_name('payment', sum(payments, ()), due.item)} must be funded"
    obligations = names.obligations[phase : phase + 1] if names else ()
    what, verdict = _name("obligation", sum(obligations, ()), due.item), word(due.verdict)
    match due.kind:
        case "silence":
            return f"{what} is {verdict} by silence"
        case "contest":
            return f"{what}, {verdict}, can no longer be contested"
    return f"{what} stays {verdict} without a ruling"


def _name(kind: str, names: Sequence[str], index: int) -> str:
    return names[index] if index < len(names) else f"{kind}-{index + 1}"


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
    for party in view.parties if view.phase.cut_off is None else ():
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
