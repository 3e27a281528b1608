"""What a ballot is and how its rounds stand, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pyledger.chain.ballots import Ballot, SealedPlan, Seen
from pyledger.cli.balloting_seats import Meant, ballots_of, names_of
from pyledger.cli.deals import Deal, connected
from pyledger.cli.lookup import find_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen, ago, clock
from pyledger.document.units import say_duration
from pyledger.errors import UsageError
from pyledger.observer.shapes import plain
from pyledger.terms.addresses import checksum
from pyledger.terms.ballots import Result, Vote
from pyledger.terms.structs import NATIVE, Verdict

__all__ = ["Told", "result_words", "show_ballots", "tell_ballots", "vote_words"]


def vote_words(deal: Deal, found: Meant, vote: Vote) -> str:
    """What a vote says: "met", or "met, value 0.5 of a unit"."""
    return vote.verdict.name.lower() + _value(deal, found.seen, vote.value)


def _value(deal: Deal, seen: Seen, value: int) -> str:
    phase, index = seen.question[:2]
    return f", value {deal.reader.measured(phase, index, value)}" if value or deal.reader.measure(phase, index) else ""


def result_words(deal: Deal, found: Meant, result: Result) -> str:
    """What was counted."""
    return _result(deal, found.obligation, found.seen, result)


def _result(deal: Deal, obligation: str, seen: Seen, result: Result) -> str:
    if result.verdict is Verdict.UNDECIDED:
        return f"{result.voted} voted on {obligation}, and nothing is found: too few, or no majority"
    phase, index = seen.question[:2]
    verdict = f"{result.agreed} of {result.voted} found that {obligation} is {result.verdict.name.lower()}"
    if not (result.median or result.spread or deal.reader.measure(phase, index)):
        return verdict
    measured = [deal.reader.measured(phase, index, each) for each in (result.median, result.spread)]
    return f"{verdict}; median {measured[0]}, spread {measured[1]}"


class Told(NamedTuple):
    """A ballot as it stands: its seat, itself, its rounds by obligation, and when that was."""

    deal: Deal
    seat: str
    ballot: Ballot
    rounds: tuple[tuple[str, Seen], ...]
    now: int

    @property
    def data(self) -> dict[str, Any]:
        """For programs."""
        return _data(self)

    def say(self, screen: Screen) -> None:
        """For people."""
        _say(self, screen)


def tell_ballots(deal: Deal) -> tuple[Told, ...]:
    """All ballots among a deal's verifiers."""
    found = {seat: ballot for seat, _, ballot in ballots_of(deal)}
    now = deal.now() if found else 0
    return tuple(Told(deal, seat, ballot, tuple(_rounds(deal, ballot)), now) for seat, ballot in found.items())


def show_ballots(named: str, where: Where, screen: Screen) -> None:
    """Say how they stand."""
    with connected(where, named) as connection:
        found = tell_ballots(find_deal(named, where, connection))
        if not found:
            raise UsageError("no ballot sits on a panel of this deal", hint="`pyledger ballot deploy` makes one")
        screen.data({"ballots": [each.data for each in found]})
        for each in found:
            each.say(screen)


def _rounds(deal: Deal, ballot: Ballot) -> Iterator[tuple[str, Seen]]:
    for question in ballot.plan.questions:
        if question.phase < len(deal.names.phases):
            names = deal.names.obligations[question.phase]
            if question.obligation < len(names):
                yield names[question.obligation], ballot.see(deal.agreement.address, question)


def _data(told: Told) -> dict[str, Any]:
    plan = told.ballot.plan
    rules: dict[str, Any] = {"anonymous": True, "voters": [str(each) for each in getattr(plan, "members", ())]}
    if isinstance(plan, SealedPlan):
        voters = {name: checksum(account) for name, account in names_of(told.ballot).items()}
        rules = {"anonymous": False, "voters": voters, "deposit": str(plan.deposit)}
        rules["forfeit_to"] = checksum(plan.forfeit_to)
    place = {"seat": told.seat, "ballot": checksum(told.ballot.address), "quorum": plan.quorum}
    rounds = [_round_data(told.deal, name, seen) | {"waiting_for": _waiting(told, seen)} for name, seen in told.rounds]
    return place | rules | {"rounds": rounds}


def _round_data(deal: Deal, name: str, seen: Seen) -> dict[str, Any]:
    state, result = seen.state, seen.result
    found: dict[str, Any] = {
        "phase": deal.names.phases[seen.question.phase],
        "obligation": name,
        "open": seen.open,
        "commit_from": state.commit_from or None,
        "commit_until": state.commit_until or None,
        "reveal_until": state.reveal_until or None,
        "committed": state.committed.bit_count(),
        "revealed": state.revealed.bit_count(),
        "result": None,
    }
    if result:
        phase, index = seen.question[:2]
        measured = {
            key: plain(deal.reader.measured(phase, index, getattr(result, key))) for key in ("median", "spread")
        }
        counted = {"voted": result.voted, "verdict": result.verdict.name.lower(), "agreed": result.agreed}
        found["result"] = counted | measured
    return found


def _say(told: Told, screen: Screen) -> None:
    plan, reader = told.ballot.plan, told.deal.reader
    screen.heading(f"{told.seat}, {checksum(told.ballot.address)}")
    if isinstance(plan, SealedPlan):
        screen.say(f"a sealed ballot of {len(plan.voters)}: {', '.join(names_of(told.ballot))}")
        if plan.deposit:
            money = reader.money(NATIVE, plan.deposit)
            screen.say(f"{money} go with each ballot until it is revealed, or else to {reader.who(plan.forfeit_to)}")
    else:
        screen.say(f"an anonymous ballot of a group of {len(plan.members)}")
    screen.say(f"at least {plan.quorum} must reveal, and more than half of those agree")
    screen.table(
        ((name, _windows(seen), _stands(told, name, seen)) for name, seen in told.rounds),
        columns=("obligation", "windows", "stands"),
        fold=(1, 2),
        styles={0: "cyan"},
    )


def _windows(seen: Seen) -> str:
    state, asked = seen.state, seen.question
    if not seen.open:
        after = f"{say_duration(asked.start)} after the phase opens"
        return f"commit from {after} for {say_duration(asked.commit_for)}, reveal for {say_duration(asked.reveal_for)}"
    until = f"until {clock(state.commit_until)}"
    return f"commit from {clock(state.commit_from)} {until}, reveal until {clock(state.reveal_until)}"


def _stands(told: Told, name: str, seen: Seen) -> str:
    """Where a round stands, and what is next."""
    state, now = seen.state, told.now
    if seen.result:
        return _result(told.deal, name, seen, seen.result)
    if not seen.open:
        return "not opened"
    committed, revealed = state.committed.bit_count(), state.revealed.bit_count()
    if now < state.commit_from:
        return f"voting begins {ago(state.commit_from, now)}"
    waiting = ", ".join(_waiting(told, seen))
    awaited = f"; not yet: {waiting}" if waiting else ""
    if now <= state.commit_until:
        return f"{committed} committed; the window ends {ago(state.commit_until, now)}{awaited}"
    if now <= state.reveal_until and revealed < committed:
        return f"{revealed} of {committed} revealed; the window ends {ago(state.reveal_until, now)}{awaited}"
    return f"{revealed} of {committed} revealed; to be counted"


def _waiting(told: Told, seen: Seen) -> list[str]:
    """Of known voters, those who can still commit now, or reveal."""
    state, now = seen.state, told.now
    if not isinstance(told.ballot.plan, SealedPlan) or not state.commit_from <= now <= state.reveal_until:
        return []
    left = ~state.committed if now <= state.commit_until else state.committed & ~state.revealed
    return [name for place, name in enumerate(names_of(told.ballot)) if seen.has(left, place)]
