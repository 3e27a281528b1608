"""What should not be overlooked: who is missing, what is contested, what was cut off, a long stop near or past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyledger.document.units import DAY, say_duration, say_time
from pyledger.observer.reader import Reader, word
from pyledger.observer.verdicts import hearing_of
from pyledger.terms import outcome
from pyledger.terms.state import State, Status
from pyledger.terms.structs import Verdict

__all__ = ["warnings_of"]


def _time(moment: int) -> str:
    """A moment, or its number where a node names one that no calendar has."""
    try:
        return say_time(moment)
    except (ValueError, OverflowError, OSError):
        return f"{moment} (no date)"


def warnings_of(reader: Reader, state: State, now: int) -> Iterator[str]:
    """What somebody should know at once, in sentences."""
    terms = reader.terms
    if state.status is Status.OPEN and now > terms.joinBy:
        yield _not_all(reader, state, now)
    if state.status is not Status.IN_FORCE:
        return
    if now > outcome.end(terms):
        yield f"the long stop of {_time(terms.longStop)} has passed: what is left is `unwind`, `release`, `withdraw`"
        return
    cut = outcome.cut_off(state, terms, now)
    if cut is not None:
        yield f"cut off at {_time(cut)}: {_reason(reader, state, cut, now)}; only settlement is left"
    elif state.cut_off:
        why = _reason(reader, state, state.cut_off, now)
        yield f"cut off at {_time(state.cut_off)}: {why}; it can be settled now"
    elif state.short:
        until = _time(state.opened_at + terms.topUpWithin)
        yield f"{_names_of(reader, state.short)} has until {until} to top up its bond, and settling waits for it"
    elif now < state.opened_at:
        yield f"this phase opens at {_time(state.opened_at)}; nothing can be attested before"
    yield from _contested(reader, state, now, cut)
    if now > terms.longStop:
        yield (
            f"the long stop of {_time(terms.longStop)} has passed: what was decided by then can still be contested "
            f"and settled until {_time(outcome.end(terms))}, then everything goes back"
        )
    elif terms.longStop - now <= 30 * DAY:
        left = say_duration(terms.longStop - now)
        yield f"the long stop is {left} away: what is not decided by then goes back"


def _not_all(reader: Reader, state: State, now: int) -> str:
    terms, ended = reader.terms, f"joining ended at {_time(reader.terms.joinBy)}"
    if len(state.members) < terms.minParties:
        what = "every party" if terms.minParties == len(terms.parties) else f"the {terms.minParties} parties it needs"
        return f"{ended} without {what}: only `unwind` is left"
    if now > terms.longStop:
        return f"{ended}, nobody began, and the long stop has passed: only `unwind` is left"
    missing = _names_of(reader, set(range(len(terms.parties))) - state.members)
    later = " for now" if terms.accession else ""
    return f"{ended} without {missing}, and those who joined are enough{later}: `enter` begins with them"


def _contested(reader: Reader, state: State, now: int, cut: int | None) -> Iterator[str]:
    """Verdicts that a court is asked about."""
    terms = reader.terms
    for index, name in enumerate(reader.names.obligations[state.phase]):
        contest, heard = state.contests.get(index), hearing_of(state, index)
        if contest is None or not contest.challenged_at or contest.ruled_at or heard is None or now > heard[1].until:
            continue
        found = outcome.judgement(state, terms, index, now, cut)
        yield (
            f"{reader.names.court or 'the court'} is asked whether {name} is {word(found.verdict)}; "
            f"without a ruling by {_time(heard[1].until)} it stays so"
        )


def _names_of(reader: Reader, parties: Iterable[int]) -> str:
    return ", ".join(reader.names.parties[index] for index in sorted(parties))


def _reason(reader: Reader, state: State, cut: int, now: int) -> str:
    """Why a phase was cut off at that moment."""
    terms, phase = reader.terms, outcome.phase_at_hand(state, reader.terms)
    names = reader.names
    reasons = []
    for index, obligation in enumerate(phase.obligations):
        if not obligation.material:
            continue
        name, spoken = names.obligations[state.phase][index], outcome.given(state, terms, index)
        if spoken.verdict is Verdict.BREACHED and cut in (state.cut_off, spoken.final_at):
            reasons.append(f"{name} was breached")
        elif spoken.verdict is Verdict.UNDECIDED:
            found = outcome.judgement(state, terms, index, now, None)
            if found.verdict is Verdict.BREACHED and found.final_at == cut:
                reasons.append(f"nobody said that {name} was met")
    if state.short and state.opened_at + terms.topUpWithin == cut:
        reasons.append(f"{_names_of(reader, state.short)} did not top up the bond")
    for index, payment in enumerate(phase.payments):
        if outcome.owed(state, terms, index) and state.opened_at + payment.due == cut:
            reasons.append(f"{names.parties[payment.payer]} did not fund {names.payments[state.phase][index]}")
    return ", ".join(reasons) or "a material breach"
