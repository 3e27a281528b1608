"""How a phase opens, and what it comes to when it closes: the parts that moves are made of. Twin of `Course.sol`.

Each part is a pure function of state, terms and time (Unix seconds), and raises `Refused` like the moves it is part of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from pyledger.errors import Refused
from pyledger.terms.outcome import (
    bonds,
    cut_off,
    defaults,
    end,
    forfeitures,
    given,
    judgement,
    level,
    phase_at_hand,
    released,
)
from pyledger.terms.state import Flow, State, Status
from pyledger.terms.structs import Obligation, Phase, Terms, Verdict
from pyledger.terms.treasury import Move, payout, rebalance

__all__ = [
    "begin",
    "clear",
    "conclude",
    "identify",
    "judge",
    "later",
    "recorded",
    "refused",
    "require_not_over",
    "require_obligation",
    "require_running",
    "require_undecided",
    "start",
]


def refused(name: str, **values: int | bytes | str) -> Refused:
    """The contract's custom error, by name and with its values."""
    said = (f"{key}={f'0x{value.hex()}' if isinstance(value, bytes) else value}" for key, value in values.items())
    return Refused(name, values, f"{name}({', '.join(said)})")


# What a move may ask for


def identify(state: State, terms: Terms, now: int) -> int | None:
    """In force; returns what `cut_off` says of the phase at hand. Raises Refused."""
    if state.status is not Status.IN_FORCE:
        raise refused("WrongStatus", actual=state.status)
    return cut_off(state, terms, now)


def require_not_over(terms: Terms, now: int) -> None:
    """Past the end nothing is left but to release and to unwind. Raises Refused."""
    if now > end(terms):
        raise refused("TooLate", deadline=end(terms))


def require_running(state: State, terms: Terms, now: int) -> None:
    """In force, and neither past the end nor cut off. Raises Refused."""
    cut = identify(state, terms, now)
    require_not_over(terms, now)
    if cut is not None:
        raise refused("PastCutOff", cutOff=cut)


def require_obligation(state: State, terms: Terms, obligation: int) -> Obligation:
    """An obligation of the phase at hand. Raises Refused."""
    obligations = phase_at_hand(state, terms).obligations
    if obligation >= len(obligations):
        raise refused("UnknownObligation", obligation=obligation)
    return obligations[obligation]


def require_undecided(state: State, terms: Terms, obligation: int) -> None:
    """No verdict has been given on an obligation. Raises Refused."""
    spoken = given(state, terms, obligation).verdict
    if spoken is not Verdict.UNDECIDED:
        raise refused("AlreadyDecided", obligation=obligation, verdict=spoken)


def recorded(state: State, obligation: int, verdict: Verdict) -> State:
    """A verdict on an obligation of the phase at hand is written down."""
    return replace(state, verdicts=(*state.verdicts[:obligation], verdict, *state.verdicts[obligation + 1 :]))


# How a phase opens


def begin(state: State, terms: Terms, now: int) -> Move:
    """The first phase opens, with the bonds that the members have posted."""
    held = bonds(state, terms)
    return start(replace(state, status=Status.IN_FORCE), terms, now, held, {})


def start(state: State, terms: Terms, now: int, held: list[int], lost: Mapping[int, int]) -> Move:
    """A phase opens: clocks run from its `notBefore` at the earliest, who has joined meanwhile is bound.

    Bonds, of which `held` is left and `lost` is lost, move to its levels.
    """
    phase = terms.phases[state.phase]
    opened = replace(
        state,
        members=state.members | state.joining,
        joining=frozenset(),
        opened_at=max(now, phase.notBefore),
        verdicts=State().verdicts,
        funded=frozenset(),
        paid=frozenset(),
        extended=None,
        attested={},
        contests={},
    )
    levels = [level(terms, phase, index) if index in opened.members else 0 for index in range(len(held))]
    return rebalance(opened, terms, held, lost, levels)


def later(phase: Phase, *, payment: bool, index: int, to: int) -> Phase:
    """A phase in which a payment, or else an obligation, has time until `to` (seconds from the phase's opening).

    What the phase does not have is passed over.
    """
    if payment:
        due = tuple(each._replace(due=to) if at == index else each for at, each in enumerate(phase.payments))
        return phase._replace(payments=due)
    within = tuple(each._replace(within=to) if at == index else each for at, each in enumerate(phase.obligations))
    return phase._replace(obligations=within)


# What a phase comes to


def judge(state: State, terms: Terms, now: int, cut: int | None) -> tuple[tuple[Verdict, ...], dict[int, int]]:
    """The final verdicts of the phase at hand, and what each party forfeits by them. Raises Refused."""
    count = len(phase_at_hand(state, terms).obligations)
    verdicts = tuple(_final(state, terms, index, now, cut) for index in range(count))
    return verdicts + State().verdicts[count:], forfeitures(state, terms, verdicts, defaults(state, terms, cut))


def clear(state: State, terms: Terms, payments: Collection[int], now: int, cut: int | None) -> tuple[State, list[Flow]]:
    """Takes funded payments off the books; returns where they go by their final verdicts. Raises Refused."""
    phase = phase_at_hand(state, terms)
    if any(index >= len(phase.payments) for index in payments):
        raise refused("UnknownPayment", payment=len(phase.payments))
    flows: list[Flow] = []
    for index in sorted(payments):
        if index not in state.funded:
            raise refused("NotFunded", payment=index)
        payment = phase.payments[index]
        verdict = _final(state, terms, payment.obligation, now, cut)
        flows += payout(terms, payment, index, released(state, terms, index, verdict))
    return replace(state, paid=state.paid | set(payments)), flows


def conclude(state: State, terms: Terms, status: Status, held: list[int], lost: Mapping[int, int]) -> Move:
    """The agreement ends: bonds go back, of which `held` is left, less what is lost."""
    return rebalance(replace(state, status=status), terms, held, lost)


def _final(state: State, terms: Terms, obligation: int, now: int, cut: int | None) -> Verdict:
    found = judgement(state, terms, obligation, now, cut)
    if found.verdict is Verdict.UNDECIDED:
        raise refused("NotDecided", obligation=obligation)
    if not found.is_final(now):
        raise refused("NotFinal", obligation=obligation, finalAt=found.final_at)
    return found.verdict
