"""Where one phase can lead: every course of it, folded to who gains what and where the deal stands then.

The settlement model plays a mode once as it is, and once more for each choice in it; what a course of several choices
comes to is the sum of what each changes. That holds as long as no two of them touch the same bond beyond what is in
it: those that do are played together. A test plays whole courses one by one and compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from operator import add, sub
from typing import Final, NamedTuple

from pyledger.analysis.acts import Book
from pyledger.analysis.choices import SILENT, Mode, modes
from pyledger.analysis.courses import Course, Given, Played, Prefixes, ended, play_course
from pyledger.terms.outcome import bonds, forfeitures, level, phase_at_hand
from pyledger.terms.state import State, Status
from pyledger.terms.structs import BPS, OUTSIDE, Obligation, Verdict

__all__ = [
    "EXAMPLES",
    "Branch",
    "Effort",
    "Example",
    "Key",
    "Node",
    "Option",
    "TooMany",
    "branches",
    "merged",
    "node_of",
]

EXAMPLES: Final = 2
"""How many histories with the fewest departures are kept of each outcome."""
_MOST_TOGETHER: Final = 4_096
"""Most courses of obligations that touch the same bond."""


class TooMany(Exception):
    """More outcomes than are listed: the caller asks again for those with fewer departures."""


class Effort:
    """How much more may be played (None: as much as it takes)."""

    def __init__(self, most: int | None = None) -> None:
        self.left = most

    def spend(self, much: int) -> None:
        """Raises `TooMany` when that is more than is left."""
        if self.left is not None:
            self.left -= much
            if self.left < 0:
                raise TooMany


class Option(NamedTuple):
    """One choice, or several that change nothing or the same: how many `ways`, and `verdicts` by obligation.

    `departs` counts what is not as it was meant; the first of the courses stands for all.
    """

    gained: tuple[int, ...]
    bonds: tuple[tuple[int, int | None], ...]
    joins: tuple[int, ...]
    ways: int
    departs: int
    course: Course
    verdicts: tuple[tuple[int, tuple[Given, ...]], ...]


class Example(NamedTuple):
    """A course of a phase as the options it is made of, in a mode; `departs` counts its departures."""

    departs: int
    mode: Mode
    options: tuple[Option, ...]

    @property
    def course(self) -> Course:
        """All that is chosen."""
        parts = [self.mode.fixed, *(option.course for option in self.options)]
        return Course(
            tuple(each for part in parts for each in part.fails),
            tuple(each for part in parts for each in part.joins),
            tuple(each for part in parts for each in part.given),
        )


class Node(NamedTuple):
    """Where a phase begins: what its outcomes depend on. `short` holds parties and what is left of their bonds."""

    phase: int
    members: frozenset[int]
    short: tuple[tuple[int, int], ...]


Key = tuple[tuple[int, ...], Node | Status]
"""Who gained what in a phase, and what comes after: the next phase's node, or how the deal has ended."""


class Branch(NamedTuple):
    """All courses of a phase with the same key: how many `ways`, and a few of them."""

    ways: int
    examples: tuple[Example, ...]


Row = tuple[tuple[int, ...], tuple[tuple[int, int], ...], frozenset[int]]
"""While options are combined: gains, bonds left short, parties that join."""


def node_of(state: State) -> Node:
    """Where an agreement in force stands as a phase begins."""
    return Node(state.phase, state.members, tuple(sorted(state.short.items())))


def branches(
    book: Book, state: State, *, most: int, departures: int | None, effort: Effort
) -> tuple[Mapping[Key, Branch], Mapping[Node, tuple[int, State]]]:
    """All that the phase at hand can lead to; and the states in which the next one begins, with the fewest departures.

    Courses with more than so many `departures` are left out (None: none are). Raises `TooMany` beyond `most` outcomes,
    and when the effort is spent.
    """
    phase = phase_at_hand(state, book.terms)
    size = len(phase.obligations) + len(phase.payments) + len(book.terms.parties)
    found: dict[Key, Branch] = {}
    following: dict[Node, tuple[int, State]] = {}
    played_before: Prefixes = {}
    for mode in modes(state, book.terms):
        left = None if departures is None else departures - _spent(mode)
        if left is not None and left < 0:
            continue
        effort.spend(size)
        base = play_course(book, state, _base(mode), played_before)
        if mode.ends and base.state.status is not Status.TERMINATED:
            continue
        slots = []
        for slot in _slots(book, state, mode):
            effort.spend(size * (1 if left == 0 else _count(slot)))
            slots.append(_options(book, state, mode, base, slot, played_before, left))
        for row, branch in _combined(base, mode, slots, most, departures).items():
            after = _after(base.state, row)
            step = after.status if ended(after) else node_of(after)
            if isinstance(step, Node):
                least, known = following.get(step, (branch.examples[0].departs, after))
                following[step] = min(least, branch.examples[0].departs), known
            key = (row[0], step)
            found[key] = merged(found[key], branch) if key in found else branch
        if len(found) > most:
            raise TooMany
    return found, following


def merged(one: Branch, other: Branch) -> Branch:
    """Both sets of courses."""
    if len(one.examples) == EXAMPLES and one.examples[-1].departs <= other.examples[0].departs:
        return Branch(one.ways + other.ways, one.examples)
    examples = sorted((*one.examples, *other.examples), key=lambda each: each.departs)
    return Branch(one.ways + other.ways, tuple(examples[:EXAMPLES]))


def _after(base: State, row: Row) -> State:
    if ended(base):
        return base
    return replace(base, short=dict(row[1]), members=base.members | row[2])


# Options of a mode


def _base(mode: Mode) -> Course:
    """The mode with the first choice of everything."""
    firsts = [choices[0] for choices in (*mode.obligations.values(), *mode.parties.values())]
    return _joined((mode.fixed, *firsts))


def _joined(parts: Sequence[Course]) -> Course:
    return Course(
        tuple(each for part in parts for each in part.fails),
        tuple(each for part in parts for each in part.joins),
        tuple(each for part in parts for each in part.given),
    )


Slot = tuple[tuple[tuple[str, int], tuple[Course, ...]], ...]
"""Things to choose together: each an obligation or a party, and its choices."""


def _slots(book: Book, state: State, mode: Mode) -> Iterator[Slot]:
    """What can be chosen independently of all else; or together, because it may take more from a bond than it has."""
    terms, phase = book.terms, phase_at_hand(state, book.terms)
    held, last = bonds(state, terms), mode.ends or state.phase + 1 == len(terms.phases)
    failing = {fail.party for fail in mode.fails} | set(mode.parties)
    worst = forfeitures(state, terms, [Verdict.BREACHED] * len(phase.obligations), failing & state.members)
    together: dict[int, list[tuple[tuple[str, int], tuple[Course, ...]]]] = {}
    for index, choices in mode.obligations.items():
        party = phase.obligations[index].obligor
        one = (("obligation", index), choices)
        if party == OUTSIDE or not _costs(book, state, phase.obligations[index]):
            yield (one,)
            continue
        has = held[party] if party in failing else max(held[party], level(terms, phase, party))
        needed = 0 if last else level(terms, terms.phases[state.phase + 1], party)
        if worst[party] <= max(has - needed, 0):
            yield (one,)
        else:
            together.setdefault(party, []).append(one)
    for party, choices in mode.parties.items():
        together.setdefault(party, []).append((("party", party), choices))
    yield from (tuple(each) for each in together.values())


def _costs(book: Book, state: State, obligation: Obligation) -> int:
    """What a breach takes from the obligor's bond."""
    return level(book.terms, phase_at_hand(state, book.terms), obligation.obligor) * obligation.forfeitBps // BPS


def _options(
    book: Book, state: State, mode: Mode, base: Played, slot: Slot, played_before: Prefixes, departures: int | None
) -> tuple[Option, ...]:
    """The choices of a slot, folded to those that differ in what they change; those that depart too often left out."""
    if len(slot) > 1 and _count(slot) > _MOST_TOGETHER:
        raise TooMany
    own = {where for where, _ in slot}
    others = [mode.fixed] + [
        choices[0]
        for kind, free in (("obligation", mode.obligations), ("party", mode.parties))
        for index, choices in free.items()
        if (kind, index) not in own
    ]  # fmt: skip
    folded: dict[object, Option] = {}
    for number, chosen in enumerate(product(*(choices for _, choices in slot))):
        if departures is not None and _departs(slot, chosen) > departures:
            continue
        course = _joined(chosen)
        played = base if not number else play_course(book, state, _joined((*others, course)), played_before)
        option = _option(base, played, slot, chosen, course)
        key = option[:3]
        folded[key] = _both(folded[key], option) if key in folded else option
    return tuple(folded.values())


def _count(slot: Slot) -> int:
    count = 1
    for _, choices in slot:
        count *= len(choices)
    return count


def _option(base: Played, played: Played, slot: Slot, chosen: Sequence[Course], course: Course) -> Option:
    shorts, before = played.state.short, base.state.short
    changed = tuple(
        (party, shorts.get(party)) for party in sorted({*shorts, *before}) if shorts.get(party) != before.get(party)
    )
    verdicts = tuple(
        (index, (_given(played.state, index, choice),))
        for ((kind, index), _), choice in zip(slot, chosen, strict=True)
        if kind == "obligation"
    )
    gained = tuple(map(sub, played.gained, base.gained))
    return Option(gained, changed, course.joins, 1, _departs(slot, chosen), course, verdicts)


def _departs(slot: Slot, chosen: Sequence[Course]) -> int:
    return sum(choice != choices[0] for (_, choices), choice in zip(slot, chosen, strict=True))


def _given(after: State, obligation: int, choice: Course) -> Given:
    """What became of an obligation; one left to silence in a phase that went on was a promise, and is kept."""
    if choice.given:
        return choice.given[0]
    if ended(after) and after.status is not Status.COMPLETED:
        return Given(obligation, after.verdicts[obligation])
    return Given(obligation, Verdict.MET)


def _both(one: Option, other: Option) -> Option:
    verdicts = tuple(
        (index, tuple(dict.fromkeys((*some, *more))))
        for (index, some), (_, more) in zip(one.verdicts, other.verdicts, strict=True)
    )
    first = one if one.departs <= other.departs else other
    return first._replace(ways=one.ways + other.ways, verdicts=verdicts)


# Courses of a mode


def _combined(
    base: Played, mode: Mode, slots: Sequence[tuple[Option, ...]], most: int, departures: int | None
) -> dict[Row, Branch]:
    """Every combination of options, folded by what it comes to."""
    start: Row = (base.gained, tuple(sorted(base.state.short.items())), frozenset())
    rows = {start: Branch(1, (Example(_spent(mode), mode, ()),))}
    for options in slots:
        grown: dict[Row, Branch] = {}
        for row, branch in rows.items():
            for option in options:
                examples = tuple(_further(each, option) for each in branch.examples)
                if departures is not None and examples[0].departs > departures:
                    continue
                key = _added(row, option)
                more = Branch(branch.ways * option.ways, examples)
                grown[key] = merged(grown[key], more) if key in grown else more
            if len(grown) > most:
                raise TooMany
        rows = grown
    return rows


def _spent(mode: Mode) -> int:
    """How many departures a mode has by itself: what ends the deal, and who has not paid in by then."""
    unfunded = mode.fatal is not None and any(choices[0].fails for choices in mode.parties.values())
    return int(mode.ends) + int(unfunded)


def _further(example: Example, option: Option) -> Example:
    if option.course == SILENT:
        return example
    return Example(example.departs + option.departs, example.mode, (*example.options, option))


def _added(row: Row, option: Option) -> Row:
    gained = tuple(map(add, row[0], option.gained)) if any(option.gained) else row[0]
    if not option.bonds and not option.joins:
        return (gained, *row[1:])
    short = dict(row[1])
    for party, left in option.bonds:
        if left is None:
            short.pop(party, None)
        else:
            short[party] = left
    return gained, tuple(sorted(short.items())), row[2] | frozenset(option.joins)
