"""What can be done next, by whom, until when, and what to type for it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pyledger.document.units import say_amount
from pyledger.errors import Refused
from pyledger.observer.reader import Reader, word
from pyledger.observer.shapes import Action
from pyledger.observer.verdicts import hearing_of
from pyledger.terms import outcome, settlement
from pyledger.terms.state import Contest, State, Status, Voice
from pyledger.terms.structs import NATIVE, OUTSIDE, Phase, Terms, Undisclosed, Verdict

__all__ = ["Command", "may_accede", "next_actions", "when_settled"]

_BONDS_BACK: Final = "send every bond back to who posted it"


@dataclass(frozen=True, slots=True)
class Command:
    """How commands are typed: `reference` names the agreement, and has the options that belong to it after that.

    `payer` are the options that say who pays for what anybody may send.
    """

    reference: Sequence[str]
    payer: Sequence[str] = ()

    def __call__(self, name: str, *rest: str) -> str:
        """A command, as somebody with a role types it."""
        return shlex.join(["pyledger", *name.split(), self.reference[0], *rest, *self.reference[1:]])

    def anyone(self, name: str, *rest: str) -> str:
        """A command, as anybody types it."""
        return self(name, *rest, *self.payer)


def _typed(number: Decimal) -> str:
    """A number as it is typed: no thousands, no idle zeros."""
    return say_amount(number).replace(",", "")


def next_actions(
    reader: Reader,
    state: State,
    now: int,
    *,
    voices: frozenset[Voice],
    reference: Sequence[str],
    payer: Sequence[str] = (),
    fee: int | None = None,
    ballots: Collection[bytes] = (),
) -> tuple[Action, ...]:
    """Every move that can be made now or, nobody acting, later; what all members must agree on is left out.

    `fee` is what the court asks for, in wei; `ballots` are the verifiers that have voters in place of a key.
    """
    terms, command = reader.terms, Command(reference, payer)
    moves: Iterable[Action] = ()
    if state.status is Status.OPEN:
        moves = _joining(reader, state, now, command)
    elif state.status is Status.IN_FORCE and now > outcome.end(terms):
        what = "close the agreement: pay what was decided, send the rest back"
        moves = (_unwind(what, None, command), *_paying_out(reader, state, now, None, command))
    elif state.status is Status.IN_FORCE:
        if outcome.cut_off(state, terms, now) is None:
            moves = (*_funding(reader, state, now, command), *_deciding(reader, state, now, voices, ballots, command))
        moves = (*moves, *_contesting(reader, state, now, fee, command), *_closing(reader, state, now, command))
        moves = (*moves, *_acceding(reader, state, now, command))
    return (*moves, *_withdrawing(reader, state, command))


def when_settled(reader: Reader, state: State, now: int) -> int | None:
    """The first moment, from now on, at which the phase can be settled if nobody does anything; None if never."""
    moments = {now, *(each + 1 for each in outcome.turning_points(state, reader.terms) if each >= now)}
    return next((moment for moment in sorted(moments) if _settles(reader, state, moment)), None)


def may_accede(state: State, terms: Terms, now: int) -> bool:
    """Whether a party that has not joined an agreement in force still can, to be bound from the next phase on."""
    goes_on = terms.accession and state.status is Status.IN_FORCE and state.phase + 1 < len(terms.phases)
    return goes_on and now <= outcome.end(terms) and outcome.cut_off(state, terms, now) is None


def _settles(reader: Reader, state: State, moment: int) -> bool:
    try:
        settlement.settle(state, reader.terms, now=moment)
    except Refused:
        return False
    return True


# Who is in


def _unwind(what: str, since: int | None, command: Command) -> Action:
    return Action((), what, since, None, command.anyone("unwind"))


def _joining(reader: Reader, state: State, now: int, command: Command) -> Iterator[Action]:
    terms = reader.terms
    over, enough = now > terms.joinBy, len(state.members) >= terms.minParties
    if not over:
        yield from _accepting(reader, state, terms.joinBy, "accept", command)
    since = None if over else terms.joinBy + 1
    if enough and now <= terms.longStop:
        who = ", ".join(reader.names.parties[index] for index in sorted(state.members))
        yield Action((), f"begin without the others: {who}", since, terms.longStop, command.anyone("enter"))
    else:
        yield _unwind(_BONDS_BACK, since, command)


def _acceding(reader: Reader, state: State, now: int, command: Command) -> Iterator[Action]:
    if may_accede(state, reader.terms, now):
        following = reader.names.phases[state.phase + 1]
        yield from _accepting(reader, state, None, f"join from {following} on", command)


def _accepting(reader: Reader, state: State, until: int | None, how: str, command: Command) -> Iterator[Action]:
    for index, party in enumerate(reader.terms.parties):
        if index not in state.members | state.joining:
            name = reader.names.parties[index]
            what = f"{how}, posting {reader.money(party.asset, party.bond)}" if party.bond else how
            yield Action((name,), what, None, until, command("accept", "--as", name))


# What is owed, and whether it was done


def _funding(reader: Reader, state: State, now: int, command: Command) -> Iterator[Action]:
    terms, phase = reader.terms, outcome.phase_at_hand(state, reader.terms)
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
            if payment.payer == index and outcome.owed(state, terms, number) and now <= state.opened_at + payment.due
        ]
        if due:
            what.append(f"put {', '.join(payment for payment, _ in due)} into escrow")
            until += [state.opened_at + payment.due for _, payment in due]
        if what:
            yield Action((name,), " and ".join(what), None, min(until), command("fund", "--as", name))


def _deciding(
    reader: Reader, state: State, now: int, voices: frozenset[Voice], ballots: Collection[bytes], command: Command
) -> Iterator[Action]:
    terms, phase = reader.terms, outcome.phase_at_hand(state, reader.terms)
    since = state.opened_at if now < state.opened_at else None
    for index, obligation in enumerate(phase.obligations):
        until = min(outcome.deadline(state, obligation), terms.longStop)
        if outcome.given(state, terms, index).verdict is not Verdict.UNDECIDED or now > until:
            continue
        name = reader.names.obligations[state.phase][index]
        spoken = {voice.seat: voice for voice in voices if (voice.phase, voice.obligation) == (state.phase, index)}
        seats = zip(reader.names.seats[obligation.panel], terms.panels[obligation.panel].seats, strict=True)
        silent = [(who, seat.verifier) for number, (who, seat) in enumerate(seats) if number not in spoken]
        left = [who for who, account in silent if account not in ballots]
        given = Verdict.BREACHED if obligation.presumption == Verdict.MET else Verdict.MET
        if left:
            counted = _value(reader, state, phase, index, given, spoken.values())
            what = f"attest {name}, and {counted[1]}" if counted else f"attest {name}"
            value = ("--value", counted[0]) if counted else ()
            yield Action(tuple(left), what, since, until, command("attest", name, word(given), *value, "--as", left[0]))
        if voting := tuple(who for who, account in silent if account in ballots):
            what = f"vote on {name} in secret, and have the votes counted"
            yield Action(voting, what, since, until, command("ballot show"))
        if obligation.obligor != OUTSIDE:
            who = reader.names.parties[obligation.obligor]
            what = f"concede a breach of {name}"
            yield Action((who,), what, since, until, command("concede", name, "--as", who))


def _value(
    reader: Reader, state: State, phase: Phase, index: int, given: Verdict, spoken: Iterable[Voice]
) -> tuple[str, str] | None:
    """Where payments follow a value: what others have attested, else one that pays most; and what it is."""
    tiers = [
        tier
        for payment in phase.payments
        if payment.obligation == index and outcome.releases(payment, given)
        for tier in payment.tiers
    ]
    if not tiers:
        return None
    said = Counter(voice.value for voice in spoken if voice.verdict is given)
    number = said.most_common(1)[0][0] if said else max(tier.from_ for tier in tiers)
    found = reader.measured(state.phase, index, number)
    return _typed(found.units), f"its value{f' in {found.unit}' if found.unit else ''}"


# Whether it stays so


def _contesting(reader: Reader, state: State, now: int, fee: int | None, command: Command) -> Iterator[Action]:
    terms = reader.terms
    if not outcome.has_court(terms):
        return
    cut = outcome.cut_off(state, terms, now)
    court = reader.names.court or reader.who(terms.arbitrator)
    for index, obligation in enumerate(outcome.phase_at_hand(state, terms).obligations):
        found = outcome.judgement(state, terms, index, now, cut)
        name = reader.names.obligations[state.phase][index]
        contest = state.contests.get(index, Contest())
        if found.verdict is Verdict.UNDECIDED or now > found.final_at or contest.ruled_at:
            continue
        if contest.challenged_at:
            if hearing := hearing_of(state, index):
                what = f"rule whether {name} is {word(found.verdict)} (dispute {hearing[0]})"
                yield Action((court,), what, None, hearing[1].until, command("rule", name, word(found.verdict)))
            continue
        who = [reader.names.parties[each] for each in sorted(state.members)]
        who += [reader.who(account) for account in terms.standing]
        harmed = obligation.obligor != OUTSIDE and (found.verdict is Verdict.BREACHED)
        first = reader.names.parties[obligation.obligor] if harmed else _other(reader, who, obligation.obligor)
        what = f"contest before {court} that {name} is {word(found.verdict)}"
        paid: tuple[str, ...] = ()
        if fee:
            money = reader.money(NATIVE, fee)
            what, paid = f"{what}, for {money}", ("--max-fee", _typed(money.units))
        yield Action(tuple(who), what, None, found.final_at, command("challenge", name, "--as", first, *paid))


def _other(reader: Reader, who: Sequence[str], obligor: int) -> str:
    """Who may rather contest that something was met than the one who owed it."""
    owed_by = None if obligor == OUTSIDE else reader.names.parties[obligor]
    return next((name for name in who if name != owed_by), who[0])


# Where the money goes


def _paying_out(reader: Reader, state: State, now: int, until: int | None, command: Command) -> Iterator[Action]:
    terms, phase = reader.terms, outcome.phase_at_hand(state, reader.terms)
    cut = outcome.cut_off(state, terms, now)
    ready = [
        reader.names.payments[state.phase][index]
        for index in sorted(state.funded - state.paid)
        if outcome.judgement(state, terms, phase.payments[index].obligation, now, cut).is_final(now)
    ]
    if ready:
        yield Action((), f"pay out {', '.join(ready)}", None, until, command.anyone("release"))


def _closing(reader: Reader, state: State, now: int, command: Command) -> Iterator[Action]:
    terms = reader.terms
    yield from _paying_out(reader, state, now, outcome.end(terms), command)
    cut = outcome.cut_off(state, terms, now)
    moment = when_settled(reader, state, now)
    if moment is not None:
        last = cut is not None or state.phase + 1 == len(terms.phases) or now > terms.longStop
        what = "settle, ending the agreement" if last else f"settle, opening {reader.names.phases[state.phase + 1]}"
        since = None if moment == now else moment
        if since is not None:
            what = "settle, nobody having acted"
        hidden = not last and isinstance(terms.phases[state.phase + 1], Undisclosed)
        who = reader.names.parties if hidden else ()
        yield Action(who, what, since, outcome.end(terms), command.anyone("settle"))


def _withdrawing(reader: Reader, state: State, command: Command) -> Iterator[Action]:
    for (account, asset), amount in state.credits.items():
        if amount:
            name, money = reader.who(account), reader.money(asset, amount)
            if name in reader.names.accounts:
                theirs = command("withdraw", "--as", name, "--asset", money.asset)
                yield Action((name,), f"withdraw {money}", None, None, theirs)
            for_them = command.anyone("withdraw", "--for", name, "--asset", money.asset)
            yield Action((), f"send {name} the {money} it is owed", None, None, for_them)
