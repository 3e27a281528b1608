"""The settlement model: the rules of the contracts in plain Python.

The same rules as `contracts/src/Agreement.sol`, `Recourse.sol` and their libraries, over the same state, in the same
order of checks: outcome tables and analysis come from here, and a stateful test plays random histories against the
contracts and compares every balance, every state and every refusal to the last unit.

Every move is a pure function of state, terms and time. It returns the next state and the money that moved, or raises
`Refused` with the name and the values of the contract's custom error. Times are Unix seconds, amounts are the
asset's smallest unit. A time `t` is timely for a deadline `d` if `t <= d`.

The ordinary course is here; what is done when things do not go as planned is in `pyledger.terms.recourse`, and can be
called from here as well. What is not modelled: signatures and who may send (the client's business), the caller's
balances and the arbitrator's fee, and a later phase that is malformed (the compiler makes none).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from pyledger.terms.course import (
    begin,
    clear,
    conclude,
    identify,
    judge,
    recorded,
    refused,
    require_not_over,
    require_obligation,
    require_running,
    require_undecided,
    start,
)
from pyledger.terms.outcome import (
    bonds,
    cut_off,
    deadline,
    defaults,
    forfeitures,
    has_court,
    level,
    phase_at_hand,
    quorum,
    released,
    releases,
    verdict,
)
from pyledger.terms.recourse import challenge, comment, dissolve, enter, extend, rule, unwind, void, withdraw
from pyledger.terms.state import SLOTS, Contest, Flow, State, Status, Voice
from pyledger.terms.structs import OUTSIDE, Obligation, Terms, Verdict
from pyledger.terms.treasury import Move, Unreachable, paid_in, payout, push, reachable, rebalance

__all__ = [
    "Move",
    "accept",
    "attest",
    "challenge",
    "comment",
    "concede",
    "dissolve",
    "enter",
    "extend",
    "fund",
    "launch",
    "release",
    "rule",
    "settle",
    "standing_now",
    "top_up",
    "unwind",
    "void",
    "withdraw",
]


# Moves


def accept(state: State, terms: Terms, *, party: int, now: int, unreachable: Unreachable = reachable) -> Move:
    """A party joins and posts its bond; the last to do so brings the agreement into force.

    Where the terms allow accession, a party can join an agreement in force, and is bound from the next phase on.
    """
    if state.status is Status.IN_FORCE and terms.accession:
        _require_accession(state, terms, now)
    elif state.status is not Status.OPEN:
        raise refused("WrongStatus", actual=state.status)
    elif now > terms.joinBy:
        raise refused("TooLate", deadline=terms.joinBy)
    if party >= len(terms.parties):
        raise refused("UnknownParty", party=party)
    if party in state.members | state.joining:
        raise refused("AlreadyAccepted", party=party)
    flows = paid_in(terms.parties[party].asset, terms.parties[party].bond, party)
    if state.status is Status.IN_FORCE:
        return Move(replace(state, joining=state.joining | {party}), flows)
    state = replace(state, members=state.members | {party})
    if len(state.members) < len(terms.parties):
        return Move(state, flows)
    begun = begin(state, terms, now)
    pushed = push(begun.state, begun.flows, unreachable)
    return Move(pushed.state, flows + pushed.flows)


def launch(
    terms: Terms, *, party: int, now: int, payments: Collection[int] = (), unreachable: Unreachable = reachable
) -> Move:
    """Opens an agreement, accepts for one party, and funds payments: all in one.

    Only where that party is the only one is there anything to fund yet.
    """
    joined = accept(State(), terms, party=party, now=now, unreachable=unreachable)
    if not payments:
        return joined
    funded = fund(joined.state, terms, payments=payments, now=now)
    return Move(funded.state, joined.flows + funded.flows)


def fund(state: State, terms: Terms, *, payments: Collection[int], now: int) -> Move:
    """Puts payments of the phase at hand into escrow; what is funded already is passed over."""
    require_running(state, terms, now)
    phase = phase_at_hand(state, terms)
    if any(index >= len(phase.payments) for index in payments):
        raise refused("UnknownPayment", payment=len(phase.payments))
    missing = sorted(set(payments) - state.funded)
    flows: tuple[Flow, ...] = ()
    for index in missing:
        payment = phase.payments[index]
        if payment.payer not in state.members:
            raise refused("NotMember", party=payment.payer)
        due = state.opened_at + payment.due
        if now > due:
            raise refused("TooLate", deadline=due)
        flows += paid_in(payment.asset, payment.amount, index)
    return Move(replace(state, funded=state.funded | set(missing)), flows)


def top_up(state: State, terms: Terms, *, party: int, now: int) -> Move:
    """Restores a party's bond to the level of the phase at hand; nothing happens if it is not short of it."""
    require_running(state, terms, now)
    if party >= len(terms.parties):
        raise refused("UnknownParty", party=party)
    if party not in state.short:
        return Move(state)
    amount = level(terms, phase_at_hand(state, terms), party) - state.short[party]
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
    """Seats attest one verdict; at the panel's quorum it is given, and the payments in `pay` are released.

    They can be where nothing can overrule the verdict, so that it is final as it is given. A verdict that was given
    before, with this value, only releases; seats that have said just this before are passed over.
    """
    require_running(state, terms, now)
    if _is_decided(state, obligation, given, value):
        return _release(state, terms, pay, now, None, unreachable)
    subject = _require_open(state, terms, obligation, now)
    if given is Verdict.UNDECIDED or (subject.presumption == Verdict.MET and given is not Verdict.BREACHED):
        raise refused("VerdictNotAllowed", obligation=obligation, verdict=given)
    panel = terms.panels[subject.panel]
    for seat in seats:
        if seat >= len(panel.seats):
            raise refused("UnknownSeat", seat=seat)
    before = {v for v in state.voices if (v.phase, v.obligation) == (state.phase, obligation)}
    voted = {voice.seat for voice in before}
    heard = {Voice(state.phase, obligation, seat, given, value) for seat in seats if seat not in voted}
    agreed = {v.seat for v in before | heard if (v.verdict, v.value) == (given, value)}
    if not heard:
        if seats and agreed.issuperset(seats):
            return Move(state)
        raise refused("NoNewVoice", obligation=obligation)
    if not quorum(panel, agreed):
        return Move(replace(state, voices=state.voices | heard))
    state = _decided(state, terms, obligation, given, now)
    if value:
        state = replace(state, attested={**state.attested, obligation: value})
    return _release(state, terms, pay, now, None, unreachable)


def concede(state: State, terms: Terms, *, obligation: int, now: int) -> Move:
    """The obligor admits a breach; that cannot be challenged."""
    require_running(state, terms, now)
    subject = _require_open(state, terms, obligation, now)
    if subject.obligor == OUTSIDE:
        raise refused("VerdictNotAllowed", obligation=obligation, verdict=Verdict.BREACHED)
    return Move(_decided(state, terms, obligation, Verdict.BREACHED, now, ruled_at=now))


def release(
    state: State, terms: Terms, *, payments: Collection[int], now: int, unreachable: Unreachable = reachable
) -> Move:
    """Releases payments whose verdicts are final, to the payees or back to the payer; what is paid is passed over."""
    cut = identify(state, terms, now)
    return _release(state, terms, payments, now, cut, unreachable)


def settle(state: State, terms: Terms, *, now: int, unreachable: Unreachable = reachable) -> Move:
    """Closes the phase at hand: pays, forfeits, returns, and opens the next phase or ends the agreement."""
    cut = identify(state, terms, now)
    require_not_over(terms, now)
    if cut is None and state.cut_off:
        raise refused("TooEarly", start=state.cut_off + 1)
    held = bonds(state, terms)
    verdicts, lost = judge(state, terms, now, cut)
    if cut is None:
        _require_all_paid_in(state, terms, verdicts, now)
    state, payouts = clear(state, terms, state.funded - state.paid, now, cut)
    state = replace(state, verdicts=verdicts)
    following = _following(state, terms, now, cut)
    if following is Status.IN_FORCE:
        after = start(replace(state, phase=state.phase + 1), terms, now, held, lost)
    else:
        after = conclude(state, terms, following, held, lost)
    return push(after.state, (*payouts, *after.flows), unreachable)


def standing_now(state: State, terms: Terms, now: int) -> dict[tuple[bytes, bytes], int]:
    """What each account would be sent, by asset, if the agreement ended at this moment.

    Decided payments go by their verdicts as they stand, final or not, all others back to their payers; bonds go back
    less what is forfeited by now. Credits are not included.
    """
    amounts: dict[tuple[bytes, bytes], int] = {}
    lost: dict[int, int] = {}
    flows: list[Flow] = []
    if state.status is Status.IN_FORCE:
        cut = cut_off(state, terms, now)
        phase = phase_at_hand(state, terms)
        verdicts = [verdict(state, terms, index, now, cut) for index in range(len(phase.obligations))]
        lost = forfeitures(state, terms, verdicts, defaults(state, terms, cut))
        for index in sorted(state.funded - state.paid):
            payment = phase.payments[index]
            flows += payout(terms, payment, index, released(state, terms, index, verdicts[payment.obligation]))
    flows += rebalance(state, terms, bonds(state, terms), lost).flows
    for flow in flows:
        amounts[flow.to, flow.asset] = amounts.get((flow.to, flow.asset), 0) + flow.amount
    return {key: amount for key, amount in amounts.items() if amount}


# Parts of moves


def _require_accession(state: State, terms: Terms, now: int) -> None:
    require_running(state, terms, now)
    if state.phase + 1 == len(terms.phases):
        raise refused("TooLate", deadline=terms.joinBy)


def _is_decided(state: State, obligation: int, given: Verdict, value: int) -> bool:
    """Whether this very verdict was given, with this value."""
    if given is Verdict.UNDECIDED or obligation >= SLOTS or state.verdicts[obligation] is not given:
        return False
    return state.attested.get(obligation, 0) == value


def _require_open(state: State, terms: Terms, obligation: int, now: int) -> Obligation:
    """An obligation on which a verdict can be given now."""
    subject = require_obligation(state, terms, obligation)
    if now < state.opened_at:
        raise refused("TooEarly", start=state.opened_at)
    require_undecided(state, terms, obligation)
    last = min(deadline(state, subject), terms.longStop)
    if now > last:
        raise refused("TooLate", deadline=last)
    return subject


def _decided(state: State, terms: Terms, obligation: int, given: Verdict, now: int, *, ruled_at: int = 0) -> State:
    state = recorded(state, obligation, given)
    if has_court(terms):
        return replace(state, contests={**state.contests, obligation: Contest(now, 0, ruled_at)})
    fatal = phase_at_hand(state, terms).obligations[obligation].material and given is Verdict.BREACHED
    return replace(state, cut_off=now if fatal else state.cut_off)


def _require_all_paid_in(state: State, terms: Terms, verdicts: tuple[Verdict, ...], now: int) -> None:
    """Settlement waits for whoever can still pay, else it would depend on who is faster what a party loses."""
    for party in sorted(state.short):
        raise refused("NotToppedUp", party=party)
    for index, payment in enumerate(phase_at_hand(state, terms).payments):
        waiting = index not in state.funded and payment.payer in state.members and now <= state.opened_at + payment.due
        if waiting and releases(payment, verdicts[payment.obligation]):
            raise refused("NotFunded", payment=index)


def _following(state: State, terms: Terms, now: int, cut: int | None) -> Status:
    """What a settlement leads to; past the long stop no further phase opens."""
    if cut is not None:
        return Status.TERMINATED
    if state.phase + 1 == len(terms.phases):
        return Status.COMPLETED
    return Status.UNWOUND if now > terms.longStop else Status.IN_FORCE


def _release(
    state: State, terms: Terms, payments: Collection[int], now: int, cut: int | None, unreachable: Unreachable
) -> Move:
    state, flows = clear(state, terms, set(payments) - state.paid, now, cut)
    return push(state, flows, unreachable)
