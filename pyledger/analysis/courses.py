"""One way that a phase can go, as choices; and the acts that it comes to, found by asking the settlement model.

Everybody acts as soon as it can: members pay in when the phase opens, verdicts are given then too unless a course says
when, and the phase is settled in the first second in which the model lets it be.
"""

from __future__ import annotations

from operator import add
from typing import Final, Literal, NamedTuple

from pyledger.analysis.acts import Accept, Act, Attest, Book, Enter, Fund, Settle, TopUp, apply
from pyledger.errors import Refused
from pyledger.terms.outcome import deadline, end, phase_at_hand
from pyledger.terms.settlement import Move, settle
from pyledger.terms.state import State, Status
from pyledger.terms.structs import Terms, Verdict

__all__ = [
    "Course",
    "Fail",
    "Given",
    "Played",
    "Prefixes",
    "begin",
    "ended",
    "play",
    "play_course",
    "settle_promptly",
]

_MOST_WAITS: Final = 200
"""Every wait is for another deadline or window; a phase has fewer."""


class Fail(NamedTuple):
    """A party does not pay in: it leaves its bond short, its payments unfunded, or both."""

    party: int
    what: Literal["bond", "payments", "anything"]

    @property
    def funds(self) -> bool:
        """Whether it funds its payments."""
        return self.what == "bond"

    @property
    def tops_up(self) -> bool:
        """Whether it restores its bond."""
        return self.what == "payments"


class Given(NamedTuple):
    """A verdict given by quorum, `after` seconds from the phase's opening."""

    obligation: int
    verdict: Verdict
    value: int = 0
    after: int = 0


class Course(NamedTuple):
    """One way that a phase can go; what is not given is left to silence."""

    fails: tuple[Fail, ...] = ()
    joins: tuple[int, ...] = ()
    given: tuple[Given, ...] = ()


class Played(NamedTuple):
    """What a course came to: the state after settlement, who gained what, and the acts it took."""

    state: State
    gained: tuple[int, ...]
    acts: tuple[Act, ...]


def begin(book: Book, start: int, members: frozenset[int]) -> Played:
    """Parties join at `start` (Unix seconds); where not all do, the agreement begins when the time to join is over."""
    terms = book.terms
    acts: list[Act] = [Accept(start, party) for party in sorted(members)]
    if len(members) < len(terms.parties):
        acts.append(Enter(terms.joinBy + 1))
    return play(book, State(), tuple(acts))


def play(book: Book, state: State, acts: tuple[Act, ...]) -> Played:
    """Acts one after another. Raises `Refused`."""
    gained = book.nothing
    for act in acts:
        phase = phase_at_hand(state, book.terms)
        state, flows = apply(state, book.terms, act)
        if flows:
            gained = tuple(map(add, gained, book.entries(phase, act, flows)))
    return Played(state, gained, acts)


Prefixes = dict[tuple[Act, ...], Played]
"""What beginnings of courses from one state have come to."""


def play_course(book: Book, state: State, course: Course, before: Prefixes | None = None) -> Played:
    """The course of the phase at hand, to its settlement. Raises `Refused` where the terms do not allow it.

    Where many courses of one state are played, `before` keeps what they have in common from being played again.
    """
    acts = _acts(state, book.terms, course)
    played = play(book, state, acts) if before is None else _continued(book, state, acts, before)
    phase = phase_at_hand(played.state, book.terms)
    settled, move = settle_promptly(played.state, book.terms, acts[-1].at if acts else state.opened_at)
    entries = book.entries(phase, settled, move.flows)
    return Played(move.state, tuple(map(add, played.gained, entries)), (*acts, settled))


def _continued(book: Book, state: State, acts: tuple[Act, ...], before: Prefixes) -> Played:
    known = len(acts)
    while known and acts[:known] not in before:
        known -= 1
    played = before[acts[:known]] if known else Played(state, book.nothing, ())
    for at in range(known, len(acts)):
        further = play(book, played.state, acts[at : at + 1])
        played = Played(further.state, tuple(map(add, played.gained, further.gained)), acts[: at + 1])
        before[played.acts] = played
    return played


def _acts(state: State, terms: Terms, course: Course) -> tuple[Act, ...]:
    """Paying in, joining, and the verdicts, in the order of time."""
    at, phase = state.opened_at, phase_at_hand(state, terms)
    fails = {fail.party: fail for fail in course.fails}
    acts: list[Act] = [
        TopUp(at, party) for party in sorted(state.short) if party not in fails or fails[party].tops_up
    ]  # fmt: skip
    paid = tuple(
        index
        for index, payment in enumerate(phase.payments)
        if payment.payer in state.members and (payment.payer not in fails or fails[payment.payer].funds)
    )
    if paid:
        acts.append(Fund(at, paid))
    acts += [Accept(at, party) for party in course.joins]
    given = sorted(course.given, key=lambda each: each.after)
    acts += [Attest(at + each.after, each.obligation, each.verdict, each.value) for each in given]
    return tuple(acts)


def settle_promptly(state: State, terms: Terms, now: int) -> tuple[Settle, Move]:
    """The settlement in the first second after `now` in which the model has it. Raises `Refused` if it never does."""
    now += 1
    for _ in range(_MOST_WAITS):
        try:
            return Settle(now), settle(state, terms, now=now)
        except Refused as error:
            waits = _until(state, terms, error, now)
            if waits <= now:
                raise
            now = waits
    raise AssertionError("a phase that never settles")


def _until(state: State, terms: Terms, error: Refused, now: int) -> int:
    """The second in which what a refusal speaks of has passed; `now` where none is known."""
    values, phase = error.values, phase_at_hand(state, terms)
    match error.name:
        case "NotFinal":
            return _whole(values["finalAt"]) + 1
        case "NotDecided":
            silent = deadline(state, phase.obligations[_whole(values["obligation"])])
            return min(silent, terms.longStop) + 1
        case "TooEarly":
            return _whole(values["start"])
        case "NotToppedUp":
            return state.opened_at + terms.topUpWithin + 1
        case "NotFunded":
            return state.opened_at + phase.payments[_whole(values["payment"])].due + 1
    return now if now <= end(terms) else 0


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def ended(state: State) -> bool:
    """Whether the agreement is over."""
    return state.status not in (Status.OPEN, Status.IN_FORCE)
