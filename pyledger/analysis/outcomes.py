"""Every way that a deal can go, folded to who ends with what.

What a phase can lead to depends on where it begins: who is a member, and whose bond is short. So each such beginning is
played once, however many histories lead to it, and outcomes are put together from the last phase to the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from operator import add
from typing import Final, NamedTuple

from pyledger.analysis.acts import Accept, Act, Book, Void, apply
from pyledger.analysis.branches import EXAMPLES, Branch, Effort, Example, Key, Node, TooMany, branches, node_of
from pyledger.analysis.courses import Played, begin, ended, play, play_course
from pyledger.analysis.stand_ins import Deal
from pyledger.terms.state import Cause, State, Status
from pyledger.terms.structs import Terms

__all__ = ["MOST", "History", "Outcome", "Outcomes", "extremes", "forfeited", "outcomes", "replayed"]

MOST: Final = 20_000
"""Most different outcomes that are listed."""
_MOST_COMPANIES: Final = 64
"""Most sets of parties that join."""


class History(NamedTuple):
    """One way that a deal goes: who joins, and a course for each phase that opens."""

    members: frozenset[int]
    courses: tuple[Example, ...]
    departs: int


class Outcome(NamedTuple):
    """Who gains what (the asset's smallest unit, by `Book.places`) and how the deal ends; `ways` histories lead here.

    `histories` are those with the fewest departures, the first of them the one that stands for all; `last` has a bit
    for each phase in which one of all that lead here ends.
    """

    gained: tuple[int, ...]
    status: Status
    ways: int
    histories: tuple[History, ...]
    last: int

    @property
    def phases(self) -> tuple[int, ...]:
        """The phases in which the histories end that lead here."""
        return tuple(index for index in range(self.last.bit_length()) if self.last >> index & 1)


class Outcomes(NamedTuple):
    """All outcomes, those with the fewest departures first.

    `departures` is how many a listed history has at most, None if all are listed; `left_out` how many sets of parties
    that join are not.
    """

    book: Book
    found: tuple[Outcome, ...]
    departures: int | None
    left_out: int

    @property
    def ways(self) -> int:
        """How many histories are folded into the outcomes."""
        return sum(outcome.ways for outcome in self.found)


class _Fold(NamedTuple):
    ways: int
    tails: tuple[tuple[int, tuple[Example, ...]], ...]
    """Courses with their departures, fewest first."""
    last: int
    """A bit for each number of further phases after which one of them ends, from the phase at hand on."""


_Folds = dict[tuple[tuple[int, ...], Status], _Fold]


def outcomes(deal: Deal, *, most: int = MOST) -> Outcomes:
    """Every outcome of a deal; or if there are more than `most`, those with the fewest departures."""
    try:
        return _outcomes(deal, most, None)
    except TooMany:
        found = _outcomes(deal, most, 1)
    for departures in range(2, _MOST_DEPARTURES + 1):
        try:
            found = _outcomes(deal, most, departures)
        except TooMany:
            break
    return found


_MOST_DEPARTURES: Final = 6
_MOST_EFFORT: Final = 100_000
"""Most that is played before fewer departures are looked at: courses, each by how much there is in its phase."""


def _outcomes(deal: Deal, most: int, departures: int | None) -> Outcomes:
    book = Book(deal.terms)
    found: dict[tuple[tuple[int, ...], Status], Outcome] = {}
    companies, left_out = _companies(deal.terms)
    started = [(members, begin(book, deal.start, members)) for members in companies]
    everybody = len(deal.terms.parties)
    ahead = _ahead(book, [(everybody - len(members), played.state) for members, played in started], most, departures)
    for members, played in started:
        missing = everybody - len(members)
        for (gained, status), fold in ahead.get(node_of(played.state), {}).items():
            if departures is not None and missing + fold.tails[0][0] > departures:
                continue
            total = tuple(map(add, played.gained, gained))
            known = found.get((total, status))
            if known and len(known.histories) == EXAMPLES and known.histories[-1].departs <= missing + fold.tails[0][0]:
                last = known.last | fold.last
                found[total, status] = Outcome(total, status, known.ways + fold.ways, known.histories, last)
                continue
            histories = tuple(History(members, tail, missing + departs) for departs, tail in fold.tails)
            outcome = Outcome(total, status, fold.ways, histories, fold.last)
            found[total, status] = _either(known, outcome)
    if deal.terms.minParties > 0:
        void = Outcome(book.nothing, Status.VOID, 1, (History(frozenset(), (), len(deal.terms.parties)),), 0)
        found[book.nothing, Status.VOID] = void
    if len(found) > most:
        raise TooMany
    ordered = sorted(found.values(), key=lambda each: (each.histories[0].departs, each.status, _phases(each)))
    return Outcomes(book, tuple(ordered), departures, left_out)


def _phases(outcome: Outcome) -> int:
    return -len(outcome.histories[0].courses)


def _either(one: Outcome | None, other: Outcome) -> Outcome:
    if one is None:
        return other
    histories = sorted((*one.histories, *other.histories), key=lambda each: each.departs)
    ways, last = one.ways + other.ways, one.last | other.last
    return one._replace(ways=ways, histories=tuple(histories[:EXAMPLES]), last=last)


def _companies(terms: Terms) -> tuple[list[frozenset[int]], int]:
    """Who can make up the agreement as it begins, the largest sets first; and how many sets are left out."""
    parties = range(len(terms.parties))
    found: list[frozenset[int]] = []
    for missing in range(len(parties) - max(terms.minParties, 1) + 1):
        found += [frozenset(parties) - set(absent) for absent in combinations(parties, missing)]
    return found[:_MOST_COMPANIES], max(len(found) - _MOST_COMPANIES, 0)


def _ahead(
    book: Book, started: Sequence[tuple[int, State]], most: int, departures: int | None
) -> Mapping[Node, _Folds]:  # fmt: skip
    """What can follow from each beginning of each phase; `started` are the first ones, with departures so far.

    Where departures are limited, only as many are looked for from a beginning as the fewest on the way there leave.
    """
    layers: list[dict[Node, Mapping[Key, Branch]]] = []
    effort = Effort(_MOST_EFFORT if departures != 1 else None)
    beginnings = {node_of(state): (missing, state) for missing, state in started}
    while beginnings:
        layer: dict[Node, Mapping[Key, Branch]] = {}
        following: dict[Node, tuple[int, State]] = {}
        for node, (fewest, state) in beginnings.items():
            left = None if departures is None else departures - fewest
            if left is not None and left < 0:
                continue
            layer[node], after = branches(book, state, most=most, departures=left, effort=effort)
            for step, (more, begins) in after.items():
                least, known = following.get(step, (fewest + more, begins))
                earlier = known if known.opened_at <= begins.opened_at else begins
                following[step] = min(least, fewest + more), earlier
        layers.append(layer)
        beginnings = following
        if sum(map(len, layer.values())) > _EFFORT * most:
            raise TooMany
    ahead: dict[Node, _Folds] = {}
    for layer in reversed(layers):
        for node, found in layer.items():
            ahead[node] = _folded(found, ahead, most, departures)
    return ahead


_EFFORT: Final = 10


def _folded(
    found: Mapping[Key, Branch], ahead: Mapping[Node, _Folds], most: int, departures: int | None
) -> _Folds:  # fmt: skip
    folds: _Folds = {}
    for (gained, step), branch in found.items():
        courses = tuple((each.departs, (each,)) for each in branch.examples)
        if isinstance(step, Status):
            _add(folds, (gained, step), _Fold(branch.ways, courses, 1))
            continue
        fewest, first = courses[0]
        for (later, status), fold in ahead.get(step, {}).items():
            least = fewest + fold.tails[0][0]
            if departures is not None and least > departures:
                continue
            key, ways = (tuple(map(add, gained, later)), status), branch.ways * fold.ways
            known, last = folds.get(key), fold.last << 1
            if known is None:
                tails = tuple((fewest + departs, first + tail) for departs, tail in fold.tails)
                folds[key] = _Fold(ways, tails, last)
            elif len(known.tails) == EXAMPLES and known.tails[-1][0] <= least:
                folds[key] = _Fold(known.ways + ways, known.tails, known.last | last)
            else:
                _add(folds, key, _Fold(ways, _prefixed(courses, fold.tails), last))
        if len(folds) > most:
            raise TooMany
    return folds


def _add(folds: _Folds, key: tuple[tuple[int, ...], Status], more: _Fold) -> None:
    known = folds.get(key)
    if known is None:
        folds[key] = more
    else:
        tails = sorted((*known.tails, *more.tails), key=lambda each: each[0])
        folds[key] = _Fold(known.ways + more.ways, tuple(tails[:EXAMPLES]), known.last | more.last)


_Tails = tuple[tuple[int, tuple[Example, ...]], ...]


def _prefixed(courses: _Tails, tails: _Tails) -> _Tails:
    """The first course before every tail, and every other course before the first: the fewest departures of all."""
    (fewest, first), (least, tail) = courses[0], tails[0]
    found = [(fewest + departs, first + later) for departs, later in tails]
    found += [(departs + least, course + tail) for departs, course in courses[1:]]
    found.sort(key=lambda each: each[0])
    return tuple(found[:EXAMPLES])


# What stands out, and playing one again


def extremes(found: Outcomes) -> tuple[tuple[int, int], ...]:
    """For each place of the book, the numbers of its best and of its worst outcome: the first where several are."""
    columns = zip(*(outcome.gained for outcome in found.found), strict=True)
    return tuple((gains.index(max(gains)), gains.index(min(gains))) for gains in columns)


def forfeited(deal: Deal, acts: Sequence[Act]) -> dict[int, int]:
    """What each party has lost of its bond by acts from the beginning, in the smallest unit of its bond's asset."""
    state, lost = State(), dict[int, int]()
    for act in acts:
        state, flows = apply(state, deal.terms, act)
        for flow in flows:
            if flow.cause is Cause.FORFEITURE:
                lost[flow.item] = lost.get(flow.item, 0) + flow.amount
    return lost


def replayed(deal: Deal, history: History) -> Played:
    """A history played from its beginning by the settlement model, with every act of it."""
    book = Book(deal.terms)
    if len(history.members) < max(deal.terms.minParties, 1):
        acts: tuple[Act, ...] = (*(Accept(deal.start, each) for each in sorted(history.members)),)
        return play(book, State(), (*acts, Void(deal.terms.joinBy + 1)))
    played = begin(book, deal.start, history.members)
    for example in history.courses:
        assert not ended(played.state)
        further = play_course(book, played.state, example.course)
        played = Played(further.state, tuple(map(add, played.gained, further.gained)), (*played.acts, *further.acts))
    return played
