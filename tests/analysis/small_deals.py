"""Small random documents, and every course of them played one by one: slow, and with nothing folded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

from pyledger.analysis.acts import Act, Book
from pyledger.analysis.choices import values
from pyledger.analysis.courses import Course, Fail, Given, begin, play, play_course
from pyledger.analysis.outcomes import Outcomes
from pyledger.analysis.stand_ins import Deal
from pyledger.document import Document
from pyledger.errors import Refused
from pyledger.terms.outcome import absent, cut_off, defaults
from pyledger.terms.state import State, Status
from pyledger.terms.structs import Phase, Terms, Verdict

PARTIES = ("north", "south", "west")
WORDS = ("met", "breach", "lapse")


def small_document(seed: int) -> Document:
    """Two or three parties, one or two phases, up to three obligations and three payments in each."""
    dice = Random(seed)
    parties = PARTIES[: dice.choice([2, 2, 3])]
    people = [*parties, "fund"]
    count = dice.choice([1, 2])
    phases = [_phase(dice, index, parties, people, most=4 - count) for index in range(count)]
    several = len(phases) > 1 and len(parties) > 2
    data: dict[str, Any] = {
        "pyledger": 1,
        "title": "A small deal",
        "assets": {"usd": {"symbol": "USDX", "decimals": 0}},
        "parties": {name: _party(dice, name, people) for name in parties},
        "recipients": {"fund": {"name": "Fund"}},
        "panels": {"jury": {"verifiers": ["juror-a", "juror-b", "juror-c"], "threshold": 2}},
        "min_parties": 2 if several else dice.choice([len(parties), 2]),
        "accession": several and dice.choice([True, False]),
        "join_within": "2 days",
        "long_stop_after": "2 years",
        "top_up_within": dice.choice(["3 days", "12 days"]),
        "default_forfeits": dice.choice(["0%", "30%", "100%"]),
        "phases": phases,
    }
    if dice.randrange(4) == 0:
        data["arbitration"] = {"court": "court", "challenge_within": "2 days", "ruling_within": "5 days"}
    return Document.model_validate(data)


def _party(dice: Random, name: str, people: list[str]) -> dict[str, Any]:
    bond = {"amount": dice.choice([100, 101]), "asset": "usd"}
    return {"name": name, "bond": bond, "forfeits_to": _shares(dice, [each for each in people if each != name])}


def _shares(dice: Random, people: list[str]) -> dict[str, str]:
    if dice.choice([True, False]):
        return {dice.choice(people): "100%"}
    one, other = dice.sample(people, 2)
    return {one: "33.33%", other: "66.67%"}


def _phase(dice: Random, index: int, parties: tuple[str, ...], people: list[str], *, most: int) -> dict[str, Any]:
    obligations: dict[str, Any] = {}
    for number in range(dice.randint(1, most)):
        by = dice.choice([*parties, "outside"])
        obligations[f"duty-{index}-{number}"] = {
            "by": by,
            "what": "something",
            "within": f"{dice.choice([10, 20, 30])} days",
            "decided_by": "jury",
            "if_silent": dice.choice(WORDS),
            "material": dice.choice([False, False, True]),
            **({} if by == "outside" else {"forfeit": dice.choice(["0%", "40%", "70%"])}),
            **({"value": {"asset": "usd"}} if dice.randrange(3) == 0 else {}),
        }
    payments = {
        f"sum-{index}-{number}": _payment(dice, obligations, parties, people)
        for number in range(dice.choice([0, 1, 1, 2, 3]))
    }
    bonds = {name: dice.choice([50, 100, 160]) for name in parties} if dice.randrange(2) else {}
    return {"id": f"phase-{index}", "obligations": obligations, "payments": payments, "bonds": bonds}


def _payment(dice: Random, obligations: dict[str, Any], parties: tuple[str, ...], people: list[str]) -> dict[str, Any]:
    on, payer = dice.choice(list(obligations)), dice.choice(parties)
    subject = obligations[on]
    when = dice.choice([["met"], ["met"], ["breached"], ["met", "breached"], ["lapsed"]])
    found = {
        "from": payer,
        "to": _shares(dice, [each for each in people if each != payer]),
        "amount": dice.choice([1_000, 777]),
        "asset": "usd",
        "when": {on: when},
        "fund_within": f"{dice.choice([2, 5, 10])} days",
    }
    if "value" in subject and when != ["lapsed"] and (subject["if_silent"] != "met" or "breached" in when):
        found["tiers"] = [{"from": 10, "pays": 5}, {"from": 100, "pays": 50, "then": "12.5%"}]
    return found


# Every course, one by one


End = tuple[tuple[int, ...], Status, int | None]
"""Who gains what, how it ends, and in which phase if not all are gone through."""


def unfolded(deal: Deal) -> set[End]:
    """The end of every history."""
    book, parties = Book(deal.terms), range(len(deal.terms.parties))
    found: set[End] = {(book.nothing, Status.VOID, None)}
    for joining in product((True, False), repeat=len(parties)):
        members = frozenset(party for party in parties if joining[party])
        if len(members) >= deal.terms.minParties:
            played = begin(book, deal.start, members)
            for gained, status, phase in _histories(book, played.state):
                found.add((tuple(map(int.__add__, played.gained, gained)), status, phase))
    return found


def _histories(book: Book, state: State) -> set[End]:
    found: set[End] = set()
    reached: dict[tuple[object, ...], tuple[tuple[int, ...], State]] = {}
    for course in _courses(state, book.terms):
        try:
            after, gained, acts = play_course(book, state, course)
        except Refused:
            continue
        if course.fails and not _told(book, state, course, acts):
            continue
        # The same money and the same bonds at another second of the same day.
        known = (gained, after.status, after.phase, after.members, tuple(after.short.items()))
        reached.setdefault(known, (gained, after))
    for gained, after in reached.values():
        if after.status is not Status.IN_FORCE:
            found.add((gained, after.status, state.phase if after.status is Status.TERMINATED else None))
            continue
        for later, status, phase in _histories(book, after):
            found.add((tuple(map(int.__add__, gained, later)), status, phase))
    return found


def _courses(state: State, terms: Terms) -> Iterator[Course]:
    phase = terms.phases[state.phase]
    bound = [index for index, each in enumerate(phase.obligations) if not absent(state, each)]
    outside = sorted(set(range(len(terms.parties))) - state.members)
    joins = [
        tuple(party for party, does in zip(outside, choice, strict=True) if does)
        for choice in product((False, True), repeat=len(outside))
    ]
    for given in product(*(_verdicts(phase, index, terms) for index in bound)):
        said = tuple(each for each in given if each is not None)
        for join in joins if terms.accession and state.phase + 1 < len(terms.phases) else [()]:
            yield Course((), join, said)
        for fails in _fails(state):
            yield Course(fails, (), said)


def _breaches(terms: Terms, state: State, course: Course) -> bool:
    obligations = terms.phases[state.phase].obligations
    return any(obligations[each.obligation].material and each.verdict is Verdict.BREACHED for each in course.given)


def _told(book: Book, state: State, course: Course, acts: tuple[Act, ...]) -> bool:
    """Whether outcomes are to list what somebody's not paying in leads to.

    Left out: of several parties that leave payments or bonds unpaid, all but those where only bonds are short or a
    material breach comes first; and where nothing can be contested, a material breach attested in the very second of
    a default.
    """
    before = play(book, state, acts[:-1]).state
    if not defaults(before, book.terms, cut_off(before, book.terms, acts[-1].at)):
        return True
    several = len(course.fails) > 1 and any(fail.what != "bond" for fail in course.fails)
    return not several and (bool(book.terms.challengeWindow) or not _breaches(book.terms, state, course))


def _fails(state: State) -> Iterator[tuple[Fail, ...]]:
    short = sorted(state.short)
    for payer in (None, *sorted(state.members)):
        others = [party for party in short if party != payer]
        for choice in product((False, True), repeat=len(others)):
            bonds = tuple(Fail(party, "bond") for party, does in zip(others, choice, strict=True) if does)
            if payer is None:
                yield from filter(None, [bonds])
            else:
                yield (Fail(payer, "payments"), *bonds)
                yield (Fail(payer, "anything"), *bonds)


def _verdicts(phase: Phase, index: int, terms: Terms) -> list[Given | None]:
    """Silence, or a verdict with a value at the edge of a tier; a material breach at several moments."""
    subject = phase.obligations[index]
    last = subject.within + subject.grace
    found: list[Given | None] = [None]
    for verdict in (Verdict.MET, Verdict.BREACHED, Verdict.LAPSED):
        moments = {0}
        if subject.material and verdict is Verdict.BREACHED:
            moments |= {min(each.within + each.grace, last) for each in phase.obligations}
            if terms.challengeWindow:
                dues = {terms.topUpWithin, *(payment.due for payment in phase.payments)}
                moments |= {min(max(due - terms.challengeWindow, 0), last) for due in dues}
        found += [
            Given(index, verdict, value, moment)
            for value in (values(phase, index, verdict) if verdict is not Verdict.LAPSED else (0,))
            for moment in sorted(moments)
        ]
    return found


def folded(found: Outcomes) -> set[End]:
    terminated = [each for each in found.found if each.status is Status.TERMINATED]
    others = {(each.gained, each.status, None) for each in found.found if each.status is not Status.TERMINATED}
    return others | {(each.gained, each.status, phase) for each in terminated for phase in each.phases}
