"""Who was heard: every remark on an agreement, until when remarks are awaited, whether they were answered in time.

And who went to court: every challenge, with what became of it.

The document says how long comments are open and within what time they are answered (`comment`). The window runs from
the agreement's opening. Remarks of those with standing must be answered, by any party; whoever answers names the
remark's number. What comes after the window is on record like everything else, and is marked as late.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pyledger.document.remarks import read
from pyledger.ledger.events import Challenged, Ended, Event, Evidence, Ruled
from pyledger.observer.reader import Reader, word
from pyledger.observer.story import subject
from pyledger.terms.addresses import checksum

__all__ = ["Challenge", "Duty", "Heard", "Hearing", "hearing"]

Duty = Literal["answered", "answered late", "due", "overdue"]


@dataclass(frozen=True, slots=True)
class Heard:
    """Remark `number` (from 1): by whom, when (Unix seconds), about what, in which words or by which submission.

    `block` is the one that it stands in, `link` where the submission is said to be. `late` says that the window was
    over. `duty` is None where nobody has to answer; `answer_by` is until when somebody has, `answered_by` the number of
    the remark that did.
    """

    number: int
    by: str
    account: str
    at: int
    block: int
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
class Challenge:
    """A verdict taken before the court, as dispute `number` there: by whom, when (Unix seconds), on which obligation.

    A ruling counts until `until`; `ruling` is what it was and `ruled_at` when it came, None where none has. `over` says
    that nothing more can come of it.
    """

    number: str
    by: str
    account: str
    at: int
    block: int
    about: str
    verdict: str
    until: int
    ruling: str | None
    ruled_at: int | None
    over: bool


@dataclass(frozen=True, slots=True)
class Hearing:
    """All remarks on an agreement and all challenges in it.

    `open_until` is when the window for remarks ends, `answer_within` how long (seconds) the parties have to answer one;
    None where the document, if it is at hand, sets none.
    """

    open_until: int | None
    answer_within: int | None
    remarks: tuple[Heard, ...]
    challenges: tuple[Challenge, ...]


def hearing(reader: Reader, events: Sequence[Event], times: Mapping[int, int], now: int) -> Hearing:
    """What was said of an agreement, what has to be answered, and what is before the court, at `now` (Unix seconds).

    `events` are all of the agreement's own and the factory's of it, `times` those of their blocks (Unix seconds).
    """
    clocks = reader.document.comment if reader.document else None
    open_until = times[events[0].origin.block] + clocks.window if clocks and events else None
    within = clocks.answered_within if clocks else None
    said = [event for event in events if isinstance(event, Evidence)]
    remarks = tuple(_remarks(reader, said, times, now, open_until, within))
    return Hearing(open_until, within, remarks, tuple(_challenges(reader, events, times, now)))


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
            block=event.origin.block,
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


def _challenges(reader: Reader, events: Sequence[Event], times: Mapping[int, int], now: int) -> Iterator[Challenge]:
    rulings = {each.dispute_id: each for each in events if isinstance(each, Ruled)}
    ended = any(isinstance(each, Ended) for each in events)
    for event in (each for each in events if isinstance(each, Challenged)):
        ruled = rulings.get(event.dispute_id)
        yield Challenge(
            number=str(event.dispute_id),
            by=reader.who(event.by),
            account=checksum(event.by),
            at=times[event.origin.block],
            block=event.origin.block,
            about=_obligation(reader, event),
            verdict=word(event.verdict),
            until=event.until,
            ruling=None if ruled is None else word(ruled.verdict),
            ruled_at=None if ruled is None else times[ruled.origin.block],
            over=ruled is not None or event.until < now or ended,
        )


def _obligation(reader: Reader, event: Challenged) -> str:
    """What was contested; a number where a node names what these terms do not have."""
    known = sum(reader.names.obligations[event.phase : event.phase + 1], ())
    return known[event.obligation] if event.obligation < len(known) else f"obligation {event.obligation + 1}"
