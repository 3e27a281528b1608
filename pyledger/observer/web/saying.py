"""What is the matter with an agreement and what comes next, in sentences that need no other part of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from pyledger.observer.shapes import ObligationView, PartyView, PaymentView, PhaseView, StatusView
from pyledger.observer.web.markup import amount, join, name, when

__all__ = ["Due", "agenda", "plainly"]

_OVER: Final = {
    "completed": "Every phase is settled, and what was left of the bonds has gone back to those who posted them.",
    "terminated": "A material breach, or money that was not put up in time, has ended it. What was left of the bonds "
    "has gone back to those who posted them.",
    "void": "Too few parties accepted in time. Every bond has gone back.",
    "unwound": "Its long stop has passed. What was held has gone back to those who paid it in.",
    "dissolved": "All members agreed to end it, and shared out what it held.",
}


class Due(NamedTuple):
    """What is awaited until `at` (Unix seconds); `words` say of whom, `after` what follows if it stays out."""

    at: int
    words: Markup
    after: Markup


def plainly(status: StatusView) -> Markup:
    """How it stands, and what comes next: two sentences at most."""
    if status.state == "open":
        return _open(status)
    if status.state != "in force" or status.phase is None:
        return Markup("{}").format(_OVER.get(status.state, ""))
    phase = status.phase
    title = name(phase.title)
    where = Markup("Phase {} of {}, {}, is under way.").format(phase.number, phase.count, title)
    if phase.opened_at and status.now < phase.opened_at:
        where = Markup("Phase {} of {}, {}, opens at {}.").format(
            phase.number, phase.count, title, when(phase.opened_at, status.now)
        )
    return where + " " + _next(status)


def _next(status: StatusView) -> Markup:
    settle = next((each for each in status.actions if each.what.startswith("settle")), None)
    if settle is not None and settle.since is None:
        return Markup("Nothing more is awaited: anybody can settle it now.")
    found = next(iter(agenda(status)), None)
    if found is None:
        return Markup("Nothing more is awaited in it.")
    return Markup("Awaited next: {}, until {}. {}").format(found.words, when(found.at, status.now), found.after)


def _open(status: StatusView) -> Markup:
    missing = [_party(each) for each in status.parties if not each.accepted]
    count = len(status.parties)
    if status.now > status.join_by:
        ended = Markup("The time to join ended at {}.").format(when(status.join_by, status.now))
        enough = count - len(missing) >= status.min_parties
        then = (
            " Those who joined are enough: anybody can bring it into force."
            if enough
            else " Too few joined: anybody can send the bonds back."
        )
        return ended + then
    more = "" if status.min_parties >= count else f" (after that, {status.min_parties} are enough)"
    return Markup("It is not in force yet: {} of {} parties have accepted. Next, {} can accept, by {}{}.").format(
        count - len(missing), count, join(missing), when(status.join_by, status.now), more
    )


def agenda(status: StatusView) -> list[Due]:
    """What is awaited from somebody in the phase at hand, the soonest first; nothing of an agreement that is over."""
    phase = status.phase
    if status.state != "in force" or phase is None or phase.cut_off is not None:
        return []
    found = [*_bonds(status.parties), *_escrow(phase, status), *_duties(phase.obligations, status)]
    return sorted((each for each in found if each.at >= status.now), key=lambda each: each.at)


def _bonds(parties: Sequence[PartyView]) -> Iterator[Due]:
    for party in parties:
        if party.bond and party.bond.short and party.bond.top_up_by:
            words = Markup("{} tops up its bond by {}").format(_party(party), amount(party.bond.short))
            yield Due(party.bond.top_up_by, words, Markup("Without that the agreement ends by its default."))


def _escrow(phase: PhaseView, status: StatusView) -> Iterator[Due]:
    labels = {each.name: each for each in status.parties}
    due: dict[tuple[int, str], list[PaymentView]] = {}
    for each in phase.payments:
        if each.state == "due" and each.due is not None:
            due.setdefault((each.due, each.from_), []).append(each)
    for (at, payer), payments in due.items():
        what = join([name(each.name) for each in payments])
        words = Markup("{} puts {} into escrow").format(_party(labels[payer]), what)
        yield Due(at, words, Markup("Without that the agreement ends by its default."))


def _duties(obligations: Sequence[ObligationView], status: StatusView) -> Iterator[Due]:
    for each in obligations:
        if each.absent:
            continue
        if each.stage == "open" and each.deadline is not None:
            what = "was breached" if each.if_silent == "met" else "was met"
            words = Markup("the panel {} attests whether {} {}").format(name(each.tally.panel), name(each.name), what)
            yield Due(
                each.deadline, words, Markup("If nothing is said by then, it counts as {}.").format(each.if_silent)
            )
        elif each.stage == "disputed" and each.dispute:
            court = name(status.court.name) if status.court else "the court"
            words = Markup("{} rules whether {} is {}, which is contested").format(court, name(each.name), each.verdict)
            yield Due(each.dispute.until, words, Markup("Without a ruling it stays so."))
        elif each.stage == "contestable" and each.final_at is not None:
            words = Markup("whoever contests that {} is {}").format(name(each.name), each.verdict)
            yield Due(each.final_at, words, Markup("After that it is final."))


def _party(party: PartyView) -> Markup:
    return name(party.label)
