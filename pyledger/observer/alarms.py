"""What should not be overlooked: a phase cut off and why, a long stop near or past, a deal that not all joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyledger.document.units import DAY, say_duration, say_time
from pyledger.observer.reader import Reader
from pyledger.terms import outcome
from pyledger.terms.state import State, Status
from pyledger.terms.structs import Verdict

__all__ = ["warnings_of"]


def warnings_of(reader: Reader, state: State, now: int) -> Iterator[str]:
    """What somebody should know at once, in sentences."""
    terms = reader.terms
    if state.status is Status.OPEN and now > terms.joinBy:
        yield f"joining ended at {say_time(terms.joinBy)} without every party: only `unwind` is left"
    if state.status is not Status.IN_FORCE:
        return
    if now > outcome.end(terms):
        yield f"the long stop of {say_time(terms.longStop)} has passed: what is left is `unwind`, `release`, `withdraw`"
        return
    cut = outcome.cut_off(state, terms, now)
    if cut is not None:
        yield f"cut off at {say_time(cut)}: {_reason(reader, state, cut)}; only settlement is left"
    elif state.cut_off:
        yield f"cut off at {say_time(state.cut_off)}: {_reason(reader, state, state.cut_off)}; it can be settled now"
    elif state.short:
        until = say_time(state.opened_at + terms.topUpWithin)
        yield f"{_names_of(reader, state.short)} has until {until} to top up its bond, and settling waits for it"
    elif now < state.opened_at:
        yield f"this phase opens at {say_time(state.opened_at)}; nothing can be attested before"
    if terms.longStop - now <= 30 * DAY:
        left = say_duration(max(terms.longStop - now, 0))
        yield f"the long stop is {left} away: what is not decided by then goes back"


def _names_of(reader: Reader, parties: Iterable[int]) -> str:
    return ", ".join(reader.names.parties[index] for index in sorted(parties))


def _reason(reader: Reader, state: State, cut: int) -> str:
    """Why a phase was cut off at that moment."""
    terms, phase = reader.terms, reader.terms.phases[state.phase]
    names = reader.names
    reasons = []
    for index, obligation in enumerate(phase.obligations):
        if not obligation.material:
            continue
        name, given = names.obligations[state.phase][index], state.verdicts[index]
        if given is Verdict.BREACHED and cut == state.cut_off:
            reasons.append(f"{name} was breached")
        elif given is Verdict.UNDECIDED and outcome.deadline(state, obligation) == cut:
            reasons.append(f"nobody said that {name} was met")
    if state.short and state.opened_at + terms.topUpWithin == cut:
        reasons.append(f"{_names_of(reader, state.short)} did not top up the bond")
    for index, payment in enumerate(phase.payments):
        if outcome.owed(state, payment, index) and state.opened_at + payment.due == cut:
            reasons.append(f"{names.parties[payment.payer]} did not fund {names.payments[state.phase][index]}")
    return ", ".join(reasons) or "a material breach"
