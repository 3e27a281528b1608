"""Whether what a node says of an agreement can all be true.

State, events and balances tell the same story three times over. A node that alters one of them contradicts the others,
and an observer is told so; only a node that forges all of them alike, for which it would have to play the whole history
anew, is believed. Whoever must be sure asks a second node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pyledger.chain.event_records import (
    Accepted,
    Decided,
    Ended,
    Event,
    Funded,
    Paid,
    PhaseOpened,
    ToppedUp,
    Withdrawn,
)
from pyledger.chain.reading import Snapshot
from pyledger.terms.state import Cause, State, Status
from pyledger.terms.structs import Terms, Verdict

__all__ = ["contradictions"]


def contradictions(snapshot: Snapshot, events: Sequence[Event], terms: Terms) -> tuple[str, ...]:
    """Each thing on which state, events (all of the agreement's, to the snapshot's block) and balances differ."""
    until = [event for event in events if event.origin.block <= snapshot.block.number]
    return (*_story(snapshot.state, until), *_money(snapshot, until, terms))


def _story(state: State, events: Sequence[Event]) -> Iterator[str]:
    def differ(what: str) -> str:
        return f"the node contradicts itself: its state and its events differ on {what}; ask another node"

    if {event.party for event in events if isinstance(event, Accepted)} != state.members:
        yield differ("who has joined")
    opened = [event for event in events if isinstance(event, PhaseOpened)]
    ended = [event.status for event in events if isinstance(event, Ended)]
    if ended != [state.status] * (state.status not in (Status.OPEN, Status.IN_FORCE)):
        yield differ("whether and how it has ended")
    if not opened:
        if state.status in (Status.IN_FORCE, Status.COMPLETED, Status.TERMINATED, Status.UNWOUND):
            yield differ("the phase at hand")
        return
    if (opened[-1].phase, opened[-1].opened_at, len(opened)) != (state.phase, state.opened_at, state.phase + 1):
        yield differ("the phase at hand")
        return
    here = [event.payments for event in events if isinstance(event, Funded) and event.phase == state.phase]
    funded = frozenset[int]().union(*here)
    if funded != state.funded:
        yield differ("what has been paid into escrow")
    given = {
        event.obligation: event.verdict for event in events if isinstance(event, Decided) and event.phase == state.phase
    }
    stored = {index: verdict for index, verdict in enumerate(state.verdicts) if verdict is not Verdict.UNDECIDED}
    if state.status is Status.IN_FORCE and stored != given:
        yield differ("the verdicts")


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
