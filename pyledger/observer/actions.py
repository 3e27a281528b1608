"""What can be done next, by whom, until when, and what to type for it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pyledger.errors import Refused
from pyledger.observer.reader import Reader, word
from pyledger.observer.shapes import Action
from pyledger.terms import outcome, settlement
from pyledger.terms.state import State, Status, Voice
from pyledger.terms.structs import OUTSIDE, Verdict

__all__ = ["next_actions", "when_settled"]

_BONDS_BACK: Final = "send every bond back to who posted it"


def next_actions(
    reader: Reader, state: State, now: int, *, voices: frozenset[Voice], reference: Sequence[str]
) -> tuple[Action, ...]:
    """Every move that can be made now or, nobody acting, later.

    `reference` is how commands name the agreement: what stands for it, then options that belong to it.
    """
    terms = reader.terms
    moves: Iterable[Action] = ()
    if state.status is Status.OPEN:
        moves = _joining(reader, state, now, reference)
    elif state.status is Status.IN_FORCE and now > outcome.end(terms):
        what = "close the agreement: pay what was decided, send the rest back"
        moves = (_unwind(what, None, reference), *_paying_out(reader, state, now, None, reference))
    elif state.status is Status.IN_FORCE:
        if outcome.cut_off(state, terms, now) is None:
            moves = (*_funding(reader, state, reference), *_deciding(reader, state, now, voices, reference))
        moves = (*moves, *_closing(reader, state, now, reference))
    return (*moves, *_withdrawing(reader, state, reference))


def when_settled(reader: Reader, state: State, now: int) -> int | None:
    """The first moment, from now on, at which the phase can be settled if nobody does anything; None if never."""
    terms, phase = reader.terms, reader.terms.phases[state.phase]
    moments = {now, terms.longStop + 1, state.opened_at + terms.topUpWithin + 1, state.cut_off + 1}
    moments |= {outcome.deadline(state, obligation) + 1 for obligation in phase.obligations}
    moments |= {state.opened_at + payment.due + 1 for payment in phase.payments}
    return next((moment for moment in sorted(moments) if moment >= now and _settles(reader, state, moment)), None)


def _settles(reader: Reader, state: State, moment: int) -> bool:
    try:
        settlement.settle(state, reader.terms, now=moment)
    except Refused:
        return False
    return True


def _command(name: str, reference: Sequence[str], *rest: str) -> str:
    return shlex.join(["pyledger", name, reference[0], *rest, *reference[1:]])


def _unwind(what: str, since: int | None, reference: Sequence[str]) -> Action:
    return Action((), what, since, None, _command("unwind", reference))


def _joining(reader: Reader, state: State, now: int, reference: Sequence[str]) -> Iterator[Action]:
    terms = reader.terms
    if now > terms.joinBy:
        yield _unwind(_BONDS_BACK, None, reference)
        return
    for index, party in enumerate(terms.parties):
        if index not in state.members:
            name = reader.names.parties[index]
            what = f"accept, posting {reader.money(party.asset, party.bond)}" if party.bond else "accept"
            yield Action((name,), what, None, terms.joinBy, _command("accept", reference, "--as", name))
    yield _unwind(_BONDS_BACK, terms.joinBy + 1, reference)


def _funding(reader: Reader, state: State, reference: Sequence[str]) -> Iterator[Action]:
    terms, phase = reader.terms, reader.terms.phases[state.phase]
    for index, name in enumerate(reader.names.parties):
        what: list[str] = []
        until: list[int] = []
        if index in state.short:
            asset = terms.parties[index].asset
            missing = outcome.level(terms, phase, index) - state.short[index]
            what.append(f"top up its bond by {reader.money(asset, missing)}")
            until.append(state.opened_at + terms.topUpWithin)
        due = [
            (reader.names.payments[state.phase][number], payment)
            for number, payment in enumerate(phase.payments)
            if payment.payer == index and outcome.owed(state, payment, number)
        ]
        if due:
            what.append(f"put {', '.join(payment for payment, _ in due)} into escrow")
            until += [state.opened_at + payment.due for _, payment in due]
        if what:
            yield Action((name,), " and ".join(what), None, min(until), _command("fund", reference, "--as", name))


def _deciding(
    reader: Reader, state: State, now: int, voices: frozenset[Voice], reference: Sequence[str]
) -> Iterator[Action]:
    terms, phase = reader.terms, reader.terms.phases[state.phase]
    since = state.opened_at if now < state.opened_at else None
    for index, obligation in enumerate(phase.obligations):
        until = min(outcome.deadline(state, obligation), terms.longStop)
        if state.verdicts[index] is not Verdict.UNDECIDED or now > until:
            continue
        name = reader.names.obligations[state.phase][index]
        spoken = {voice.seat for voice in voices if (voice.phase, voice.obligation) == (state.phase, index)}
        left = [who for seat, who in enumerate(reader.names.seats[obligation.panel]) if seat not in spoken]
        given = word(Verdict.BREACHED if obligation.presumption == Verdict.MET else Verdict.MET)
        if left:
            command = _command("attest", reference, name, given, "--as", left[0])
            yield Action(tuple(left), f"attest {name}", since, until, command)
        if obligation.obligor != OUTSIDE:
            who = reader.names.parties[obligation.obligor]
            command = _command("concede", reference, name, "--as", who)
            yield Action((who,), f"concede a breach of {name}", since, until, command)


def _paying_out(
    reader: Reader, state: State, now: int, until: int | None, reference: Sequence[str]
) -> Iterator[Action]:
    terms, phase = reader.terms, reader.terms.phases[state.phase]
    cut = outcome.cut_off(state, terms, now)
    ready = [
        reader.names.payments[state.phase][index]
        for index in sorted(state.funded - state.paid)
        if outcome.verdict(state, terms, phase.payments[index].obligation, now, cut) is not Verdict.UNDECIDED
    ]
    if ready:
        yield Action((), f"pay out {', '.join(ready)}", None, until, _command("release", reference))


def _closing(reader: Reader, state: State, now: int, reference: Sequence[str]) -> Iterator[Action]:
    terms = reader.terms
    yield from _paying_out(reader, state, now, outcome.end(terms), reference)
    cut = outcome.cut_off(state, terms, now)
    moment = when_settled(reader, state, now)
    if moment is not None:
        last = cut is not None or state.phase + 1 == len(terms.phases)
        what = "settle, ending the agreement" if last else f"settle, opening {reader.names.phases[state.phase + 1]}"
        since = None if moment == now else moment
        if since is not None:
            what = "settle, nobody having acted"
        yield Action((), what, since, outcome.end(terms), _command("settle", reference))


def _withdrawing(reader: Reader, state: State, reference: Sequence[str]) -> Iterator[Action]:
    for (account, asset), amount in state.credits.items():
        if amount:
            name, money = reader.who(account), reader.money(asset, amount)
            if name in reader.names.accounts:
                command = _command("withdraw", reference, "--as", name, "--asset", money.asset)
                yield Action((name,), f"withdraw {money}", None, None, command)
            command = _command("withdraw", reference, "--for", name, "--asset", money.asset)
            yield Action((), f"send {name} the {money} it is owed", None, None, command)
