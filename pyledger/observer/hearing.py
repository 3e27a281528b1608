"""Who was heard: every remark on an agreement, until when remarks are awaited, and whether they were answered in time.

The document says how long comments are open and within what time they are answered (`comment`). The window runs from
the agreement's opening. Remarks of those with standing must be answered, by any party; whoever answers names the
remark's number. What comes after the window is on record like everything else, and is marked as late.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pyledger.document.remarks import read
from pyledger.ledger.events import Event, Evidence
from pyledger.observer.reader import Reader
from pyledger.observer.story import subject
from pyledger.terms.addresses import checksum

__all__ = ["Duty", "Heard", "Hearing", "hearing"]

Duty = Literal["answered", "answered late", "due", "overdue"]


@dataclass(frozen=True, slots=True)
class Heard:
    """Remark `number` (from 1): by whom, when (Unix seconds), about what, in which words or by which submission.

    `late` says that the window was over. `duty` is None where nobody has to answer; `answer_by` is until when somebody
    has, `answered_by` the number of the remark that did.
    """

    number: int
    by: str
    account: str
    at: int
    about: str
    text: str
    submission: str | None
    language: str | None
    link: str | None
    answers: int | None
    late: bool
    duty: Duty | None
    answer_by: int | None
    answered_by: int | None


@dataclass(frozen=True, slots=True)
class Hearing:
    """All remarks on an agreement; `open_until` is when the window for them ends, None where none is set."""

    open_until: int | None
    answer_within: int | None
    remarks: tuple[Heard, ...]


def hearing(reader: Reader, events: Sequence[Event], times: Mapping[int, int], now: int) -> Hearing:
    """What was said of an agreement, and what has to be answered, at `now` (Unix seconds).

    `events` are all of the agreement's own and the factory's of it, `times` those of their blocks (Unix seconds).
    """
    clocks = reader.document.comment if reader.document else None
    open_until = times[events[0].origin.block] + clocks.window if clocks and events else None
    within = clocks.answered_within if clocks else None
    said = [event for event in events if isinstance(event, Evidence)]
    return Hearing(open_until, within, tuple(_remarks(reader, said, times, now, open_until, within)))


def _answers(said: Sequence[Evidence], parties: Collection[bytes]) -> dict[int, int]:
    """The number of each remark that a party has answered, and that of the first answer."""
    found: dict[int, int] = {}
    for number, event in enumerate(said, start=1):
        answered = read(event.evidence).answers
        if answered is not None and answered < number and event.party in parties:
            found.setdefault(answered, number)
    return found


def _remarks(
    reader: Reader,
    said: Sequence[Evidence],
    times: Mapping[int, int],
    now: int,
    open_until: int | None,
    within: int | None,
) -> Iterator[Heard]:
    answers = _answers(said, {party.account for party in reader.terms.parties})
    for number, event in enumerate(said, start=1):
        at, remark = times[event.origin.block], read(event.evidence)
        answer_by = at + within if within is not None and event.party in reader.terms.standing else None
        by = answers.get(number)
        answered_at = None if by is None else times[said[by - 1].origin.block]
        yield Heard(
            number=number,
            by=reader.who(event.party),
            account=checksum(event.party),
            at=at,
            about=subject(event, reader),
            text=remark.text,
            submission=None if remark.submission is None else "0x" + remark.submission.hex(),
            language=remark.language,
            link=remark.at,
            answers=remark.answers,
            late=open_until is not None and at > open_until,
            duty=None if answer_by is None else _duty(answer_by, answered_at, now),
            answer_by=answer_by,
            answered_by=by,
        )


def _duty(answer_by: int, answered_at: int | None, now: int) -> Duty:
    if answered_at is not None:
        return "answered" if answered_at <= answer_by else "answered late"
    return "due" if now <= answer_by else "overdue"
