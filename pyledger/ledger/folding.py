"""The state of an agreement from its events alone: what its account stores, without asking any node.

Everything that an account stores follows from what it has said and when; where it does not say an amount (what is held
of a bond that is short) that follows from the money that came and went. Twin of what `pyledger.chain.reading` reads
from the account: a test holds the two together, field by field, after every move of random histories.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from pyledger.chain.events import (
    Accepted,
    Attested,
    Challenged,
    Decided,
    Ended,
    Event,
    Extended,
    Funded,
    Paid,
    PhaseOpened,
    PhaseSettled,
    Ruled,
    ToppedUp,
    Withdrawn,
)
from pyledger.terms.course import later, recorded
from pyledger.terms.outcome import deadline, has_court, phase_at_hand
from pyledger.terms.state import SLOTS, Cause, Contest, Hearing, State, Status, Voice
from pyledger.terms.structs import Terms, Verdict

__all__ = ["Heard", "fold", "heard"]

_NOBODY: Final[Mapping[int, bytes]] = {}


class Heard(NamedTuple):
    """What was said of an agreement besides what its account stores.

    `voices` are all attestations ever heard, `given` the obligations (phase, index) decided by a panel or conceded,
    `challengers` the accounts (20 bytes) that brought disputes, by number.
    """

    voices: frozenset[Voice] = frozenset()
    given: frozenset[tuple[int, int]] = frozenset()
    challengers: Mapping[int, bytes] = _NOBODY


def heard(events: Iterable[Event]) -> Heard:
    """Who has said what, of the events of one agreement."""
    said = list(events)
    return Heard(
        voices=frozenset(
            Voice(each.phase, each.obligation, each.seat, each.verdict, each.value)
            for each in said
            if isinstance(each, Attested)
        ),
        given=frozenset((each.phase, each.obligation) for each in said if isinstance(each, Decided)),
        challengers={each.dispute_id: each.by for each in said if isinstance(each, Challenged)},
    )


def fold(events: Iterable[Event], terms: Terms, times: Mapping[int, int]) -> State:
    """The state that an agreement's events lead to, in the order of the chain.

    `terms` hold at least every phase that has opened; `times` are those of the events' blocks (Unix seconds). As in
    what is read from an account, `voices` are left out: `heard` has them. The events are possible under the terms
    (`pyledger.chain.events.possible`), else what is raised is nobody's promise.
    """
    folding = _Folding(terms)
    for event in events:
        folding.take(event, times.get(event.origin.block, 0))
    return folding.state


class _Folding:
    """A state as events come in, and what is held of each bond: an account only says it where one is short."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._state = State()
        self._bonds: Counter[int] = Counter()
        self._short: frozenset[int] = frozenset()
        self._credits: Counter[tuple[bytes, bytes]] = Counter()

    @property
    def state(self) -> State:
        return replace(
            self._state,
            short={party: self._bonds[party] for party in sorted(self._short)},
            credits={key: amount for key, amount in self._credits.items() if amount},
        )

    def take(self, event: Event, now: int) -> None:
        match event:
            case Accepted() | ToppedUp() | Paid() | Withdrawn():
                self._move(event)
            case PhaseOpened():
                self._open(event)
            case Funded():
                self._change(funded=self._state.funded | event.payments)
            case Extended():
                phase = later(
                    phase_at_hand(self._state, self.terms), payment=event.payment, index=event.index, to=event.to
                )
                self._change(extended=phase)
            case Decided():
                self._decide(event, now)
            case Challenged():
                self._challenge(event, now)
            case Ruled():
                self._rule(event, now)
            case PhaseSettled():
                self._change(verdicts=tuple(event.verdict(index) for index in range(SLOTS)))
            case Ended():
                self._short = frozenset()
                self._change(status=event.status, paid=self._state.funded)

    def _change(self, **changed: object) -> None:
        self._state = replace(self._state, **changed)  # type: ignore[arg-type]

    # Money

    def _move(self, event: Accepted | ToppedUp | Paid | Withdrawn) -> None:
        match event:
            case Accepted(party=party, bond=amount):
                self._bonds[party] += amount
                which = "members" if self._state.status is Status.OPEN else "joining"
                self._change(**{which: getattr(self._state, which) | {party}})
            case ToppedUp(party=party, amount=amount):
                self._bonds[party] += amount
                self._short -= {party}
            case Paid():
                self._pay(event)
            case Withdrawn(account=account, asset=asset, amount=amount):
                self._credits[account, asset] -= amount

    def _pay(self, event: Paid) -> None:
        self._credits[event.to, event.asset] += event.amount * event.credited
        if event.cause in (Cause.FORFEITURE, Cause.BOND):
            self._bonds[event.index] -= event.amount
        elif event.cause in (Cause.PAYMENT, Cause.RETURN) and event.index in self._state.funded:
            # A settlement pays what it settles after it has opened the next phase, where nothing is funded yet.
            self._change(paid=self._state.paid | {event.index})

    # Phases and verdicts

    def _open(self, event: PhaseOpened) -> None:
        kept = self._state
        self._short = event.short
        self._state = State(
            status=Status.IN_FORCE,
            phase=event.phase,
            members=event.members,
            opened_at=event.opened_at,
            hearings=kept.hearings,
        )

    def _decide(self, event: Decided, now: int) -> None:
        state, index = recorded(self._state, event.obligation, event.verdict), event.obligation
        if event.value:
            state = replace(state, attested={**state.attested, index: event.value})
        if has_court(self.terms):
            contest = Contest(now, 0, now if event.conceded else 0)
            state = replace(state, contests={**state.contests, index: contest})
        elif event.verdict is Verdict.BREACHED and phase_at_hand(state, self.terms).obligations[index].material:
            state = replace(state, cut_off=now)
        self._state = state

    def _challenge(self, event: Challenged, now: int) -> None:
        state, index = self._state, event.obligation
        contest = state.contests.get(index, Contest())
        if state.verdicts[index] is Verdict.UNDECIDED:  # silence gave the verdict, and the challenge writes it down
            silent = deadline(state, phase_at_hand(state, self.terms).obligations[index])
            state, contest = recorded(state, index, event.verdict), contest._replace(decided_at=silent)
        self._state = replace(
            state,
            contests={**state.contests, index: contest._replace(challenged_at=now)},
            hearings={**state.hearings, event.dispute_id: Hearing(event.phase, index, event.until)},
        )

    def _rule(self, event: Ruled, now: int) -> None:
        state, index = self._state, event.obligation
        if state.verdicts[index] is not event.verdict:
            kept = {each: value for each, value in state.attested.items() if each != index}
            state = replace(recorded(state, index, event.verdict), attested=kept)
        contest = state.contests.get(index, Contest())._replace(ruled_at=now)
        asked = state.hearings.get(event.dispute_id, Hearing(event.phase, index, 0))._replace(ruled=True)
        self._state = replace(
            state,
            contests={**state.contests, index: contest},
            hearings={**state.hearings, event.dispute_id: asked},
        )
