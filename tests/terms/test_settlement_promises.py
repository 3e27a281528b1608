"""What the design promises of every agreement, tried on random ones in the settlement model alone.

Who is paid what depends neither on the order of calls within a second nor on when somebody settles; what is final
stays; a cut-off stays where it is; no money stays in, and none is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import permutations
from random import Random
from typing import Any

from hypothesis import given, settings, strategies as st

from pyledger.errors import Refused
from pyledger.terms import outcome, settlement as play
from pyledger.terms.settlement import Move
from pyledger.terms.state import Cause, Flow, State, Status
from pyledger.terms.structs import Terms
from tests.terms.dealing import VALUES, VERDICTS, Cast, deal

CAST = Cast(
    start=1_000,
    tokens=[bytes([0xA0 + index]) * 20 for index in range(2)],
    accounts=[bytes([0x10 + index]) * 20 for index in range(5)],
    verifiers=[bytes([0x30 + index]) * 20 for index in range(6)],
)
STEPS = 16
SIGNIFICANT = (Cause.PAYMENT, Cause.RETURN, Cause.FORFEITURE)

Call = Callable[[State], Move]
Moment = tuple[State, int]
"""A state, and the time at which it is looked at."""


def calls(state: State, terms: Terms, now: int, dice: Random) -> dict[str, Call]:
    """Whatever anybody could send in this second, by name; what seats say and courts rule is thrown."""
    found: dict[str, Call] = {
        move.__name__: partial(move, terms=terms, now=now) for move in (play.enter, play.void, play.settle, play.unwind)
    }
    for party in range(len(terms.parties)):
        found[f"accept {party}"] = partial(play.accept, terms=terms, party=party, now=now)
        found[f"top up {party}"] = partial(play.top_up, terms=terms, party=party, now=now)
    for index in range(len(outcome.phase_at_hand(state, terms).payments)):
        found[f"fund {index}"] = partial(play.fund, terms=terms, payments=[index], now=now)
        found[f"release {index}"] = partial(play.release, terms=terms, payments=[index], now=now)
    for index in range(len(outcome.phase_at_hand(state, terms).obligations)):
        found |= _about(state, terms, index, now, dice)
    for number in state.hearings:
        found[f"rule {number}"] = partial(play.rule, dispute=number, ruling=dice.randint(0, 3), now=now)
    return found


def _about(state: State, terms: Terms, index: int, now: int, dice: Random) -> dict[str, Call]:
    obligation = outcome.phase_at_hand(state, terms).obligations[index]
    seats = range(len(terms.panels[obligation.panel].seats))
    by = terms.parties[min(state.members, default=0)].account
    to = obligation.within + 20
    said: dict[str, Any] = {"given": dice.choice(VERDICTS), "seats": seats, "value": dice.choice(VALUES)}
    on: dict[str, Any] = {"terms": terms, "obligation": index, "now": now}
    return {
        f"attest {index}": partial(play.attest, **on, **said),
        f"concede {index}": partial(play.concede, **on),
        f"challenge {index}": partial(play.challenge, **on, by=by, dispute=40 * len(state.hearings) + index),
        f"extend {index}": partial(play.extend, terms=terms, payment=False, index=index, to=to, now=now),
    }


def possible(state: State, found: dict[str, Call]) -> dict[str, Move]:
    """Those calls that are not refused, and what they lead to."""
    done: dict[str, Move] = {}
    for name, call in found.items():
        try:
            done[name] = call(state)
        except Refused:
            continue
    return done


def moments(state: State, terms: Terms, now: int) -> list[int]:
    """The seconds ahead in which something may change, and those after."""
    turning = outcome.turning_points(state, terms) | {heard.until for heard in state.hearings.values()}
    return sorted(each for moment in turning for each in (moment, moment + 1) if each > now)


def history(thrown: bytes) -> tuple[Terms, list[Moment], Counter[bytes]]:
    """An agreement, the states it went through, and what it holds of each asset in the end."""
    dice = Random(thrown)
    terms, state, now = deal(dice, CAST), State(), CAST.start
    passed: list[Moment] = []
    held: Counter[bytes] = Counter()
    for _ in range(STEPS):
        passed.append((state, now))
        if dice.random() < 0.4:
            now = dice.choice(moments(state, terms, now)[:3] or [now])
        options = possible(state, calls(state, terms, now, dice))
        if not options:
            continue
        likely = [name for name in options if not name.startswith(("concede", "void")) or dice.random() < 0.3]
        if likely:
            state, flows = options[dice.choice(likely)]
            held.update(_kept(flows))
    passed.append((state, now))
    return terms, passed, held


def _kept(flows: tuple[Flow, ...]) -> Counter[bytes]:
    kept: Counter[bytes] = Counter()
    for flow in flows:
        kept[flow.asset] += -flow.amount if flow.to else flow.amount
    return kept


def left_alone(state: State, terms: Terms, now: int) -> Iterator[Move]:
    """Nobody does anything but to settle, enter or end it as soon as that can be."""
    while state.status in (Status.OPEN, Status.IN_FORCE):
        for moment in [now, *moments(state, terms, now)]:
            closing = {name: call for name, call in calls(state, terms, moment, Random(0)).items() if " " not in name}
            done = possible(state, closing)
            if done:
                move, now = next(iter(done.values())), moment
                state = move.state
                yield move
                break
        else:
            raise AssertionError("money stays in")


HISTORIES = settings(max_examples=150, deadline=None)
thrown_bytes = st.binary(min_size=8, max_size=8)


@HISTORIES
@given(thrown_bytes)
def test_no_money_stays_in_and_none_is_made(thrown: bytes) -> None:
    terms, passed, held = history(thrown)
    state, now = passed[-1]
    owed: Counter[bytes] = Counter()
    for (_, asset), each in outcome.holdings(state, terms).items():
        owed[asset] += each.bond + each.escrow
    assert +held == +owed
    for move in left_alone(state, terms, now):
        held.update(_kept(move.flows))
    assert not any(held.values())


@HISTORIES
@given(thrown_bytes)
def test_what_is_final_stays_and_so_does_a_cut_off(thrown: bytes) -> None:
    terms, passed, _ = history(thrown)
    phases: dict[int, dict[object, object]] = {}
    for state, now in passed:
        if state.status is not Status.IN_FORCE:
            continue
        known = phases.setdefault(state.phase, {})
        cut = outcome.cut_off(state, terms, now)
        for index in range(len(outcome.phase_at_hand(state, terms).obligations)):
            found = outcome.judgement(state, terms, index, now, cut)
            if found.is_final(now):
                assert known.setdefault(index, found) == found
        if cut is not None:
            verdict = ("defaults", outcome.defaults(state, terms, cut))
            assert known.setdefault("cut off", (cut, verdict)) == (cut, verdict)
        assert cut is not None or "cut off" not in known


@HISTORIES
@given(thrown_bytes)
def test_the_order_of_calls_within_a_second_changes_nothing(thrown: bytes) -> None:
    """But for a verdict and a concession on the same obligation, and for joining while a phase is settled."""
    terms, passed, _ = history(thrown)
    dice = Random(thrown + b"order")
    for state, now in passed:
        found = calls(state, terms, now, dice)
        options = [*possible(state, found)]
        for _ in range(4 if len(options) > 1 else 0):
            first, second = dice.sample(options, 2)
            if {first.partition(" ")[0], second.partition(" ")[0]} not in ({"attest", "concede"}, {"accept", "settle"}):
                ends = [_end(state, terms, now, found, order) for order in permutations([first, second])]
                assert ends[0] == ends[1], (first, second, now)


def _end(
    state: State, terms: Terms, now: int, found: dict[str, Call], order: Iterable[str]
) -> dict[tuple[bytes, bytes], int]:
    """What each account gets, by asset, less what was paid in for it, if nobody does more after these calls."""
    phase = state.phase
    got: Counter[tuple[bytes, bytes]] = Counter()
    for name in order:
        if state.phase != phase:  # a call names its phase, and does not fit another
            break
        payments = outcome.phase_at_hand(state, terms).payments
        for move in possible(state, {name: found[name]}).values():
            for flow in move.flows:
                party = payments[flow.item].payer if name.startswith("fund") else flow.item
                got[flow.to or terms.parties[party].account, flow.asset] += flow.amount if flow.to else -flow.amount
            state = move.state
    for move in left_alone(state, terms, now):
        for flow in move.flows:
            got[flow.to, flow.asset] += flow.amount
    return {key: amount for key, amount in got.items() if amount}


@HISTORIES
@given(thrown_bytes)
def test_when_somebody_settles_changes_nothing_in_the_phase(thrown: bytes) -> None:
    terms, passed, _ = history(thrown)
    for state, now in passed:
        ends = set()
        for moment in [now, *moments(state, terms, now)]:
            for call in (play.settle, play.unwind):
                for move in possible(state, {"": partial(call, terms=terms, now=moment)}).values():
                    ends.add(tuple(flow for flow in move.flows if flow.cause in SIGNIFICANT))
        assert len(ends) <= 1
