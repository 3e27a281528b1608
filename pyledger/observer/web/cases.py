"""Where the money that is held would go: by the settlement model, for each thing that can happen next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pyledger.observer.reader import Reader
from pyledger.observer.reading import Reading
from pyledger.observer.status import who_gets
from pyledger.observer.web.agreement_views import Case
from pyledger.terms import outcome, settlement
from pyledger.terms.course import recorded
from pyledger.terms.state import State, Status
from pyledger.terms.structs import OUTSIDE, Terms, Undisclosed, Verdict

__all__ = ["cases"]


def cases(found: Reading) -> tuple[Case, ...]:
    """Every case, of an agreement that is in force and whose phase at hand can be read; else none."""
    state, terms = found.standing.state, found.named.terms
    if state.status is not Status.IN_FORCE or isinstance(terms.phases[state.phase], Undisclosed):
        return ()
    return tuple(_cases(found.reader, state, terms, found.now))


def _cases(reader: Reader, state: State, terms: Terms, now: int) -> Iterator[Case]:
    yield _case(reader, "now", "if it ended at this moment", None, state, now)
    undecided = _open(state, terms, now)
    if not undecided:
        return
    met = state
    for index in undecided:
        met = recorded(met, index, Verdict.MET)
        highest = _highest(state, terms, index)
        if highest:
            met = replace(met, attested={**met.attested, index: highest})
    yield _case(reader, "met", "if everything that is still open in this phase is met", None, met, now)
    phase = outcome.phase_at_hand(state, terms)
    for index in undecided:
        if phase.obligations[index].obligor != OUTSIDE:
            name = reader.names.obligations[state.phase][index]
            broken = recorded(state, index, Verdict.BREACHED)
            yield _case(reader, "breached", f"if {name} is breached", name, broken, now)
    last = max(outcome.deadline(state, phase.obligations[index]) for index in undecided)
    words = "if nobody does or says anything more until the last deadline of this phase"
    yield _case(reader, "silence", words, None, state, max(now, min(last, terms.longStop) + 1))


def _case(reader: Reader, kind: str, words: str, name: str | None, state: State, moment: int) -> Case:
    gets = who_gets(reader, settlement.standing_now(state, reader.terms, moment))
    return Case(kind, words, name, gets)


def _open(state: State, terms: Terms, now: int) -> list[int]:
    """Obligations of the phase at hand on which there is no verdict yet."""
    cut = outcome.cut_off(state, terms, now)
    count = len(outcome.phase_at_hand(state, terms).obligations)
    judged = (outcome.judgement(state, terms, index, now, cut) for index in range(count))
    return [index for index, found in enumerate(judged) if found.verdict is Verdict.UNDECIDED]


def _highest(state: State, terms: Terms, index: int) -> int:
    """The highest value that a payment on an obligation asks for; 0 where none goes by a value."""
    payments = outcome.phase_at_hand(state, terms).payments
    return max((tier.from_ for each in payments if each.obligation == index for tier in each.tiers), default=0)
