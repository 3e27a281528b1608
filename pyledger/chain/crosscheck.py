"""Whether what a node says of an agreement can all be true.

State, events and balances tell the same story three times over. A node that alters one of them contradicts the others,
and an observer is told so; only a node that forges all of them alike, for which it would have to play the whole history
anew, is believed. Whoever must be sure asks a second node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import dropwhile

from pyledger.chain.event_records import (
    Accepted,
    Challenged,
    Decided,
    Ended,
    Event,
    Extended,
    Funded,
    Paid,
    PhaseOpened,
    Ruled,
    ToppedUp,
    Withdrawn,
)
from pyledger.chain.possible import possible
from pyledger.chain.reading import Snapshot, extended
from pyledger.terms.outcome import has_court
from pyledger.terms.state import Cause, State, Status
from pyledger.terms.structs import Terms, Verdict

__all__ = ["contradictions"]


def contradictions(snapshot: Snapshot, events: Sequence[Event], terms: Terms) -> tuple[str, ...]:
    """Each thing on which state, events (all of the agreement's, to the snapshot's block) and balances differ."""
    until = [event for event in events if event.origin.block <= snapshot.block.number]
    if not all(possible(event, terms) for event in until):
        return ("the node contradicts itself: its events speak of what these terms do not have; ask another node",)
    return (*map(_differ, _story(snapshot.state, until, terms)), *_money(snapshot, until, terms))


def _differ(what: str) -> str:
    return f"the node contradicts itself: its state and its events differ on {what}; ask another node"


def _story(state: State, events: Sequence[Event], terms: Terms) -> Iterator[str]:
    if {event.party for event in events if isinstance(event, Accepted)} != state.members | state.joining:
        yield "who has joined"
    opened = [event for event in events if isinstance(event, PhaseOpened)]
    ended = [event.status for event in events if isinstance(event, Ended)]
    if ended != [state.status] * (state.status not in (Status.OPEN, Status.IN_FORCE)):
        yield "whether and how it has ended"
    if not opened:
        if state.status not in (Status.OPEN, Status.VOID):
            yield "the phase at hand"
        return
    last = opened[-1]
    if (last.phase, last.opened_at, len(opened)) != (state.phase, state.opened_at, state.phase + 1):
        yield "the phase at hand"
        return
    if last.members != state.members:
        yield "who is bound by the phase at hand"
    here = events[events.index(last) + 1 :]
    if frozenset[int]().union(*(event.payments for event in here if isinstance(event, Funded))) != state.funded:
        yield "what has been paid into escrow"
    later = [event for event in here if isinstance(event, Extended)]
    if state.extended != (extended(terms.phases[state.phase], later) if later else None):
        yield "what has been extended"
    if state.status is Status.IN_FORCE:
        yield from _standing(state, last, here, terms)


def _standing(state: State, opened: PhaseOpened, here: Sequence[Event], terms: Terms) -> Iterator[str]:
    """What only an agreement in force keeps: whose bond is short, what is paid out, what is decided."""
    if opened.short - {event.party for event in here if isinstance(event, ToppedUp)} != state.short.keys():
        yield "whose bond is short"
    mine = dropwhile(
        lambda event: isinstance(event, Paid), here
    )  # a settlement pays after it has opened the next phase
    out = (event for event in mine if isinstance(event, Paid) and event.cause in (Cause.PAYMENT, Cause.RETURN))
    if {event.index for event in out} != state.paid:
        yield "what has been paid out"
    given, values = _verdicts(here)
    if {index: each for index, each in enumerate(state.verdicts) if each is not Verdict.UNDECIDED} != given:
        yield "the verdicts"
    if state.attested != values:
        yield "the values attested"
    obligations = terms.phases[state.phase].obligations
    fatal = any(obligations[index].material and each is Verdict.BREACHED for index, each in given.items())
    if bool(state.cut_off) != (fatal and not has_court(terms)):
        yield "whether the phase is cut off"
    if has_court(terms) and _contests(state) != _contested(here, terms):
        yield "what is contested"


def _verdicts(here: Sequence[Event]) -> tuple[dict[int, Verdict], dict[int, int]]:
    """Verdicts and values as they are recorded: silence by a challenge; a ruling that differs clears the value."""
    given: dict[int, Verdict] = {}
    values: dict[int, int] = {}
    for event in here:
        if isinstance(event, Decided):
            given[event.obligation], values[event.obligation] = event.verdict, event.value
        elif isinstance(event, Challenged):
            given.setdefault(event.obligation, event.verdict)
        elif isinstance(event, Ruled) and given.get(event.obligation) is not event.verdict:
            given[event.obligation], values[event.obligation] = event.verdict, 0
    return given, {index: value for index, value in values.items() if value}


def _contests(state: State) -> dict[int, tuple[int, bool]]:
    """When each verdict given was challenged (0: not), and whether nothing can be said against it any more."""
    return {index: (each.challenged_at, each.ruled_at != 0) for index, each in state.contests.items()}


def _contested(here: Sequence[Event], terms: Terms) -> dict[int, tuple[int, bool]]:
    found: dict[int, tuple[int, bool]] = {}
    for event in here:
        if isinstance(event, Decided):
            found[event.obligation] = (0, event.conceded)
        elif isinstance(event, Challenged):
            found[event.obligation] = (event.until - terms.rulingWindow, False)
        elif isinstance(event, Ruled):
            found[event.obligation] = (found.get(event.obligation, (0, False))[0], True)
    return found


def _money(snapshot: Snapshot, events: Sequence[Event], terms: Terms) -> Iterator[str]:
    held: Counter[bytes] = Counter()
    credited: Counter[tuple[bytes, bytes]] = Counter()
    for event in events:
        if isinstance(event, Accepted | ToppedUp):
            held[terms.parties[event.party].asset] += event.bond if isinstance(event, Accepted) else event.amount
        elif isinstance(event, Funded):
            for index in event.payments:
                payment = terms.phases[event.phase].payments[index]
                held[payment.asset] += payment.amount
        elif isinstance(event, Paid):
            held[event.asset] -= 0 if event.cause is Cause.SURPLUS else event.amount
            credited[event.to, event.asset] += event.amount * event.credited
        elif isinstance(event, Withdrawn):
            credited[event.account, event.asset] -= event.amount
    stored: Counter[bytes] = Counter()
    for (_, asset), holding in snapshot.holdings.items():
        stored[asset] += holding.bond + holding.escrow
    if any(stored[asset] != held[asset] for asset in {*stored, *held}):
        yield "the node contradicts itself: its state and its events differ on the money held; ask another node"
    seen = {*snapshot.state.credits, *(key for key in credited if key in snapshot.balances)}
    if any(credited[key] != snapshot.state.credits.get(key, 0) for key in seen):
        yield "the node contradicts itself: its state and its events differ on what is credited; ask another node"
    for asset in {*stored, *(asset for _, asset in credited)}:
        owed = stored[asset] + sum(amount for (_, each), amount in credited.items() if each == asset)
        balance = snapshot.balances.get((snapshot.address, asset))
        if balance is not None and balance < owed:
            yield (
                f"the account has {balance} of {asset.hex()} and owes {owed}: "
                "the token has taken money from it, or the node contradicts itself"
            )
