"""Whether everything fits before the long stop: joining, each phase's start, each deadline, and all of them in a row.

At most one of these is found for one mistake: what is too long by itself is told, and only else the sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pyledger.document.limits import MAX_DEADLINE, MAX_DURATION, MAX_TIME
from pyledger.document.problem import Location, Problem
from pyledger.document.units import say_duration, say_time

if TYPE_CHECKING:
    from pyledger.document.model import Document, Obligation, Phase

__all__ = ["deadline_beyond", "joining_beyond", "start_beyond", "too_early"]

_SHORTEN: Final = "no long stop can be so late: shorten the phases"


def joining_beyond(document: Document) -> Iterator[Problem]:
    """A long stop that is not after the time to join."""
    if document.join_by is not None and document.long_stop is not None and document.join_by >= document.long_stop:
        message = f"the long stop is not after `join_by`, {say_time(document.join_by)}"
        yield Problem(("long_stop",), message, "move it, or have the parties join earlier")
    if document.join_within and document.long_stop_after and document.join_within >= document.long_stop_after:
        message = f"the long stop is not after the time to join, {say_duration(document.join_within)}"
        yield Problem(("long_stop_after",), message, "write a longer time, or have the parties join earlier")


def start_beyond(at: Location, phase: Phase, document: Document) -> Iterator[Problem]:
    """A phase that cannot begin before the long stop."""
    if phase.not_before is not None and document.long_stop is not None and phase.not_before >= document.long_stop:
        message = f"the phase would not open before the long stop, {say_time(document.long_stop)}"
        yield Problem((*at, "not_before"), message, "have it open earlier, or move the long stop")


def deadline_beyond(at: Location, obligation: Obligation, document: Document, phase: Phase) -> Iterator[Problem]:
    """A deadline that is beyond the long stop by itself, or beyond what the terms can hold."""
    deadline = obligation.deadline
    if deadline > MAX_DEADLINE:
        message = "`within` and `grace` together are longer than the longest time to a deadline, 136 years"
        yield Problem((*at, "within"), message, "shorten one of the two")
        return
    if document.long_stop_after is not None and deadline > document.long_stop_after:
        stop = f"{say_duration(document.long_stop_after)} after the start"
    elif document.long_stop is not None and (phase.not_before or 0) + deadline > document.long_stop:
        stop = say_time(document.long_stop)
    else:
        return
    yield Problem((*at, "within"), f"the deadline is beyond the long stop, {stop}", "shorten it, or move the long stop")


def too_early(document: Document) -> Iterator[Problem]:
    """A long stop that comes before silence could decide every phase, one after another.

    A phase opens when the verdicts of the one before are final: where there is a court, after both its windows. Told as
    far as it can be known: a date is held against dates, a duration against durations.
    """
    if any(_told(document)):
        return
    if document.long_stop_after is not None and document.long_stop is None:
        between = document.contest_time * (len(document.phases) - 1)
        takes = (document.join_within or 0) + sum(_longest(phase) for phase in document.phases) + between
        if takes >= document.long_stop_after:
            what = "joining, all phases and the court between them" if between else "joining and all phases"
            message = f"{what} can take {say_duration(takes)}, and must end before the long stop"
            hint = f"the shortest that will do is {say_duration(takes + 1)}" if takes < MAX_DURATION else _SHORTEN
            yield Problem(("long_stop_after",), message, hint)
    elif document.long_stop is not None and document.long_stop_after is None:
        ends = _last_deadline(document)
        if ends >= MAX_TIME:
            yield Problem(("long_stop",), "the last deadline can be beyond the year 9999", _SHORTEN)
        elif ends >= document.long_stop:
            message = f"the last deadline can be {say_time(ends)}, and must be before the long stop"
            yield Problem(("long_stop",), message, f"the earliest that will do is {say_time(ends + 1)}")


def _told(document: Document) -> Iterator[Problem]:
    yield from joining_beyond(document)
    for phase in document.phases:
        yield from start_beyond((), phase, document)
        for obligation in phase.obligations.values():
            yield from deadline_beyond((), obligation, document, phase)


def _longest(phase: Phase) -> int:
    return max((obligation.deadline for obligation in phase.obligations.values()), default=0)


def _last_deadline(document: Document) -> int:
    """When the last phase's deadline can come (Unix seconds); the start, where it is not known, counts as long ago."""
    moment = document.join_by or document.join_within or 0
    for index, phase in enumerate(document.phases):
        final = moment + document.contest_time if index else moment
        moment = max(final, phase.not_before or 0) + _longest(phase)
    return moment
