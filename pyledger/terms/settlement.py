"""The settlement model: the rules of the contract in plain Python.

The same rules as `contracts/src/Agreement.sol` and its libraries, over the same state, in the same order of checks:
outcome tables and analysis come from here, and a stateful test plays random histories against the contract and
compares every balance, every state and every refusal to the last unit.

Every move is a pure function of state, terms and time. It returns the next state and the money that moved, or raises
`Refused` with the name and the values of the contract's custom error. Times are Unix seconds, amounts are the
asset's smallest unit. A time `t` is timely for a deadline `d` if `t <= d`.

What is not modelled: signatures and who may send (the client's business), and the caller's balances.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pyledger.errors import Refused
from pyledger.terms.outcome import (
    bonds,
    cut_off,
    deadline,
    defaults,
    end,
    forfeitures,
    level,
    quorum,
    releases,
    verdict,
)
from pyledger.terms.state import Flow, State, Status, Voice
from pyledger.terms.structs import OUTSIDE, Obligation, Phase, Terms, Verdict
from pyledger.terms.treasury import Move, Unreachable, paid_in, payout, push, reachable, rebalance

__all__ = [
    "Move",
    "accept",
    "attest",
    "concede",
    "fund",
    "release",
    "settle",
    "standing_now",
    "top_up",
    "unwind",
    "void",
    "withdraw",
]


def _refuse(name: str, **values: int) -> Refused:
    return Refused(name, values, f"{name}({', '.join(f'{key}={value}' for key, value in values.items())})")


# Moves


def accept(state: State, terms: Terms, *, party: int, now: int, unreachable: Unreachable = reachable) -> Move:
    """A party joins and posts its bond; the last to do so brings the agreement into force."""
    if state.status is not Status.OPEN:
        raise _refuse("WrongStatus", actual=state.status)
    if now > terms.joinBy:
        raise _refuse("TooLate", deadline=terms.joinBy)
    if party >= len(terms.parties):
        raise _refuse("UnknownParty", party=party)
    if party in state.members:
        raise _refuse("AlreadyAccepted", party=party)
    joining = terms.parties[party]
    state = replace(state, members=state.members | {party})
    flows = paid_in(joining.asset, joining.bond, party)
    if len(state.members) < len(terms.parties):
        return Move(state, flows)
    held = bonds(state, terms)
    started = _start(replace(state, status=Status.IN_FORCE), terms, now, held, {})
    pushed = push(started.state, started.flows, unreachable)
    return Move(pushed.state, flows + pushed.flows)


def fund(state: State, terms: Terms, *, payments: Collection[int], now: int) -> Move:
    """Puts payments of the phase at hand into escrow; what is funded already is passed over."""
    _enter(state, terms, now)
    phase = terms.phases[state.phase]
    _require_payments(phase, payments)
    missing = sorted(set(payments) - state.funded)
    if not missing:
        raise _refuse("NothingToFund")
    flows: tuple[Flow, ...] = ()
    for index in missing:
        payment = phase.payments[index]
        due = state.opened_at + payment.due
        if now > due:
            raise _refuse("TooLate", deadline=due)
        flows += paid_in(payment.asset, payment.amount, index)
    return Move(replace(state, funded=state.funded | set(missing)), flows)


def top_up(state: State, terms: Terms, *, party: int, now: int) -> Move:
    """Restores a party's bond to the level of the phase at hand."""
    _enter(state, terms, now)
    if party not in state.short:
        raise _refuse("NotShort", party=party)
    amount = level(terms, terms.phases[state.phase], party) - state.short[party]
    short = {index: held for index, held in state.short.items() if index != party}
    return Move(replace(state, short=short), paid_in(terms.parties[party].asset, amount, party))


def attest(
    state: State,
    terms: Terms,
    *,
    obligation: int,
    given: Verdict,
    seats: Collection[int],
    now: int,
    value: int = 0,
    pay: Collection[int] = (),
    unreachable: Unreachable = reachable,
) -> Move:
    """Seats attest one verdict; at the panel's quorum it is final, and the payments in `pay` are released."""
    cut = _enter(state, terms, now)
    subject = _undecided(state, terms, obligation, now)
    if given is Verdict.UNDECIDED or (subject.presumption == Verdict.MET and given is not Verdict.BREACHED):
        raise _refuse("VerdictNotAllowed", obligation=obligation, verdict=given)
    panel = terms.panels[subject.panel]
    for seat in seats:
        if seat >= len(panel.seats):
            raise _refuse("UnknownSeat", seat=seat)
    before = {v for v in state.voices if (v.phase, v.obligation) == (state.phase, obligation)}
    voted = {voice.seat for voice in before}
    heard = {Voice(state.phase, obligation, seat, given, value) for seat in seats if seat not in voted}
    if not heard:
        raise _refuse("NoNewVoice", obligation=obligation)
    agreed = {v.seat for v in before | heard if (v.verdict, v.value) == (given, value)}
    if not quorum(panel, agreed):
        return Move(replace(state, voices=state.voices | heard))
    return _release(_decide(state, subject, obligation, given, now), terms, pay, now, cut, unreachable)


def concede(state: State, terms: Terms, *, obligation: int, now: int) -> Move:
    """The obligor admits a breach."""
    _enter(state, terms, now)
    subject = _undecided(state, terms, obligation, now)
    if subject.obligor == OUTSIDE:
        raise _refuse("VerdictNotAllowed", obligation=obligation, verdict=Verdict.BREACHED)
    return Move(_decide(state, subject, obligation, Verdict.BREACHED, now))


def release(
    state: State, terms: Terms, *, payments: Collection[int], now: int, unreachable: Unreachable = reachable
) -> Move:
    """Releases payments whose verdicts are final, to the payees or back to the payer; what is paid is passed over."""
    cut = _identify(state, terms, now)
    if not set(payments) - state.paid:
        raise _refuse("NothingToRelease")
    return _release(state, terms, payments, now, cut, unreachable)


def settle(state: State, terms: Terms, *, now: int, unreachable: Unreachable = reachable) -> Move:
    """Closes the phase at hand: pays, forfeits, returns, and opens the next phase or ends the agreement."""
    cut = _identify(state, terms, now)
    _require_not_over(terms, now)
    if cut is None and state.cut_off:
        raise _refuse("TooEarly", start=state.cut_off + 1)
    held = bonds(state, terms)
    state, lost = _judge(state, terms, now, cut)
    if cut is None:
        _require_all_paid_in(state, terms)
    state, payouts = _clear(state, terms, state.funded - state.paid, now, cut)
    ended = Status.TERMINATED if cut is not None else Status.COMPLETED
    if cut is not None or state.phase + 1 == len(terms.phases):
        after = rebalance(replace(state, status=ended), terms, held, lost)
    else:
        after = _start(replace(state, phase=state.phase + 1), terms, now, held, lost)
    return push(after.state, (*payouts, *after.flows), unreachable)


def unwind(state: State, terms: Terms, *, now: int, unreachable: Unreachable = reachable) -> Move:
    """Past the end, closes the agreement: what was decided by the long stop goes by its verdict, all else goes back."""
    cut = _identify(state, terms, now)
    if now <= end(terms):
        raise _refuse("TooEarly", start=end(terms) + 1)
    held = bonds(state, terms)
    state, lost = _judge(state, terms, now, cut)
    state, payouts = _clear(state, terms, state.funded - state.paid, now, cut)
    after = rebalance(replace(state, status=Status.UNWOUND), terms, held, lost)
    return push(after.state, (*payouts, *after.flows), unreachable)


def void(state: State, terms: Terms, *, now: int, unreachable: Unreachable = reachable) -> Move:
    """Past `joinBy` without all parties, sends the bonds back."""
    if state.status is not Status.OPEN:
        raise _refuse("WrongStatus", actual=state.status)
    if now <= terms.joinBy:
        raise _refuse("TooEarly", start=terms.joinBy + 1)
    after = rebalance(replace(state, status=Status.VOID), terms, bonds(state, terms), {})
    return push(after.state, after.flows, unreachable)


def withdraw(state: State, *, account: bytes, asset: bytes) -> Move:
    """Takes what is credited to an account, all of one asset."""
    amount = state.credits.get((account, asset), 0)
    if not amount:
        raise Refused("NothingToWithdraw", {"account": account, "asset": asset}, "nothing is credited to this account")
    credits_left = {key: left for key, left in state.credits.items() if key != (account, asset)}
    return Move(replace(state, credits=credits_left), (Flow(account, asset, amount, None, 0),))


def standing_now(state: State, terms: Terms, now: int) -> dict[tuple[bytes, bytes], int]:
    """What each account would be sent, by asset, if the agreement ended at this moment.

    Decided payments go by their verdicts, all others back to their payers; bonds go back less what is forfeited by
    now. Credits are not included.
    """
    amounts: dict[tuple[bytes, bytes], int] = {}
    lost: dict[int, int] = {}
    flows: list[Flow] = []
    if state.status is Status.IN_FORCE:
        cut = cut_off(state, terms, now)
        phase = terms.phases[state.phase]
        verdicts = [verdict(state, terms, index, now, cut) for index in range(len(phase.obligations))]
        lost = forfeitures(state, terms, verdicts, defaults(state, terms, cut))
        for index in sorted(state.funded - state.paid):
            payment = phase.payments[index]
            flows += payout(terms, payment, index, verdicts[payment.obligation])
    flows += rebalance(state, terms, bonds(state, terms), lost).flows
    for flow in flows:
        amounts[flow.to, flow.asset] = amounts.get((flow.to, flow.asset), 0) + flow.amount
    return {key: amount for key, amount in amounts.items() if amount}


# Parts of moves


def _identify(state: State, terms: Terms, now: int) -> int | None:
    if state.status is not Status.IN_FORCE:
        raise _refuse("WrongStatus", actual=state.status)
    return cut_off(state, terms, now)


def _require_not_over(terms: Terms, now: int) -> None:
    if now > end(terms):
        raise _refuse("TooLate", deadline=end(terms))


def _enter(state: State, terms: Terms, now: int) -> int | None:
    cut = _identify(state, terms, now)
    _require_not_over(terms, now)
    if cut is not None:
        raise _refuse("PastCutOff", cutOff=cut)
    return cut


def _undecided(state: State, terms: Terms, obligation: int, now: int) -> Obligation:
    obligations = terms.phases[state.phase].obligations
    if obligation >= len(obligations):
        raise _refuse("UnknownObligation", obligation=obligation)
    if now < state.opened_at:
        raise _refuse("TooEarly", start=state.opened_at)
    if state.verdicts[obligation] is not Verdict.UNDECIDED:
        raise _refuse("AlreadyDecided", obligation=obligation, verdict=state.verdicts[obligation])
    last = min(deadline(state, obligations[obligation]), terms.longStop)
    if now > last:
        raise _refuse("TooLate", deadline=last)
    return obligations[obligation]


def _decide(state: State, subject: Obligation, obligation: int, given: Verdict, now: int) -> State:
    verdicts = (*state.verdicts[:obligation], given, *state.verdicts[obligation + 1 :])
    fatal = subject.material and given is Verdict.BREACHED
    return replace(state, verdicts=verdicts, cut_off=now if fatal else state.cut_off)


def _judge(state: State, terms: Terms, now: int, cut: int | None) -> tuple[State, dict[int, int]]:
    """Final verdicts of the phase at hand, recorded; and what each party forfeits by them."""
    defaulters = defaults(state, terms, cut)
    verdicts = list(state.verdicts)
    for index in range(len(terms.phases[state.phase].obligations)):
        verdicts[index] = verdict(state, terms, index, now, cut)
        if verdicts[index] is Verdict.UNDECIDED:
            raise _refuse("NotDecided", obligation=index)
    lost = forfeitures(state, terms, verdicts, defaulters)
    return replace(state, verdicts=tuple(verdicts)), lost


def _require_all_paid_in(state: State, terms: Terms) -> None:
    """Settlement waits for whoever can still pay, else it would depend on who is faster what a party loses."""
    for party in sorted(state.short):
        raise _refuse("NotToppedUp", party=party)
    for index, payment in enumerate(terms.phases[state.phase].payments):
        if releases(payment, state.verdicts[payment.obligation]) and index not in state.funded:
            raise _refuse("NotFunded", payment=index)


def _require_payments(phase: Phase, payments: Collection[int]) -> None:
    if any(index >= len(phase.payments) for index in payments):
        raise _refuse("UnknownPayment", payment=len(phase.payments))


def _clear(
    state: State, terms: Terms, payments: Collection[int], now: int, cut: int | None
) -> tuple[State, list[Flow]]:
    """Takes funded payments off the books; returns where they go."""
    phase = terms.phases[state.phase]
    _require_payments(phase, payments)
    flows: list[Flow] = []
    for index in sorted(payments):
        payment = phase.payments[index]
        if index not in state.funded:
            raise _refuse("NotFunded", payment=index)
        given = verdict(state, terms, payment.obligation, now, cut)
        if given is Verdict.UNDECIDED:
            raise _refuse("NotDecided", obligation=payment.obligation)
        flows += payout(terms, payment, index, given)
    return replace(state, paid=state.paid | set(payments)), flows


def _release(
    state: State, terms: Terms, payments: Collection[int], now: int, cut: int | None, unreachable: Unreachable
) -> Move:
    state, flows = _clear(state, terms, set(payments) - state.paid, now, cut)
    return push(state, flows, unreachable)


def _start(state: State, terms: Terms, now: int, held: Sequence[int], lost: Mapping[int, int]) -> Move:
    """A phase opens: clocks run from its `notBefore` at the earliest, bonds move to its levels."""
    phase = terms.phases[state.phase]
    opened_at = max(now, phase.notBefore)
    fresh = replace(state, opened_at=opened_at, verdicts=State().verdicts, funded=frozenset(), paid=frozenset())
    levels = [level(terms, phase, index) for index in range(len(held))]
    return rebalance(fresh, terms, held, lost, levels)
