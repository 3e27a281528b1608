"""What can be decided in one phase: for each obligation the verdicts and values that make a difference.

A phase goes on, or one thing ends the deal in it: a material breach at some moment, bonds left short, or a party that
pays nothing in. Each of these is a `Mode`, with everything else in it free to vary; together the modes hold every
course once. What they leave out: several parties that leave payments unfunded in the same phase, and rulings, which
give no other verdicts than panels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from pyledger.analysis.courses import Course, Fail, Given
from pyledger.terms.outcome import absent, phase_at_hand, releases, tiered
from pyledger.terms.state import State
from pyledger.terms.structs import BPS, Obligation, Phase, Terms, Verdict

__all__ = ["SILENT", "Mode", "modes", "values"]

SILENT: Final = Course()
"""The choice to leave an obligation to silence."""

Choices = tuple[Course, ...]


class Mode(NamedTuple):
    """A way for a phase to go on or to end: what is fixed in it, and for each obligation and party what is free.

    The first choice of each is the one that needs no mention. `fails` and `fatal` say what ends the deal, if anything.
    """

    fixed: Course
    obligations: Mapping[int, Choices]
    parties: Mapping[int, Choices]
    fails: tuple[Fail, ...] = ()
    fatal: int | None = None

    @property
    def ends(self) -> bool:
        """Whether the deal ends here."""
        return bool(self.fails) or self.fatal is not None


def modes(state: State, terms: Terms) -> Iterator[Mode]:
    """All ways for the phase at hand to go on or to end."""
    phase = phase_at_hand(state, terms)
    bound = {index: each for index, each in enumerate(phase.obligations) if not absent(state, each)}
    yield Mode(SILENT, {index: _kept(phase, index) for index in bound}, _accessions(state, terms))
    for index, obligation in bound.items():
        if obligation.material:
            for mode, moment in _breaches(phase, bound, index, terms.challengeWindow):
                yield from _before_paying_in(state, terms, mode, moment + terms.challengeWindow)
    short = sorted(state.short)
    for position, party in enumerate(short):
        fail = Fail(party, "bond")
        others = {each: (SILENT, Course(fails=(Fail(each, "bond"),))) for each in short[position + 1 :]}
        free = {index: _cut_at(phase, index, terms.topUpWithin, terms.challengeWindow) for index in bound}
        yield Mode(Course(fails=(fail,)), free, others, (fail,))
    for party in sorted(state.members):
        if any(payment.payer == party for payment in phase.payments):
            yield from _defaults(state, terms, bound, Fail(party, "payments"))
            if party in state.short:
                yield from _defaults(state, terms, bound, Fail(party, "anything"))


# Verdicts and values


def values(phase: Phase, obligation: int, verdict: Verdict) -> tuple[int, ...]:
    """The values worth attesting with a verdict: one for each different release at the edges of tiers, largest first.

    Below the first tier, at the beginning of each, and where the last has released everything.
    """
    hanging = [
        each for each in phase.payments if each.obligation == obligation and each.tiers and releases(each, verdict)
    ]  # fmt: skip
    edges = {0}
    for payment in hanging:
        edges |= {tier.from_ for tier in payment.tiers}
        last = payment.tiers[-1]
        if last.bps and last.base < payment.amount:
            edges.add(last.from_ + -(-(payment.amount - last.base) * BPS // last.bps))
    found: dict[tuple[int, ...], int] = {}
    for value in sorted(edges):
        found.setdefault(tuple(tiered(each.amount, each.tiers, value) for each in hanging), value)
    return tuple(sorted(found.values(), reverse=True))


def _with(phase: Phase, obligation: int, verdict: Verdict, after: int = 0) -> Choices:
    return tuple(
        Course(given=(Given(obligation, verdict, value, after),)) for value in values(phase, obligation, verdict)
    )


def _is_promise(obligation: Obligation) -> bool:
    """Of what silence keeps, only a breach can be attested."""
    return obligation.presumption == Verdict.MET


def _kept(phase: Phase, index: int) -> Choices:
    """In a phase that goes on: met or not, a material breach left out."""
    subject = phase.obligations[index]
    breached = () if subject.material else _with(phase, index, Verdict.BREACHED)
    if _is_promise(subject):
        return (SILENT, *breached)
    return (*_with(phase, index, Verdict.MET), *breached, Course(given=(Given(index, Verdict.LAPSED),)))


def _cut(phase: Phase, index: int) -> Choices:
    """In a phase that is cut off by something else: undecided by then, or decided before."""
    kept = _kept(phase, index)
    return kept if _is_promise(phase.obligations[index]) else (kept[-1], *kept[:-1])


# What ends a deal


def _breaches(phase: Phase, bound: Mapping[int, Obligation], fatal: int, window: int) -> Iterator[tuple[Mode, int]]:
    """A material breach, before or after each promise that silence keeps has run its time; and when it is given.

    It cuts the phase off when it is final, `window` seconds after it is given. Of several material breaches in one
    second `fatal` is the first by number.
    """
    last = _deadline(bound[fatal])
    promised = {
        index: _deadline(each) - window for index, each in bound.items() if _is_promise(each) and index != fatal
    }  # fmt: skip
    ends = sorted({each for each in promised.values() if 0 < each <= last})
    for after, following in zip([0, *ends], [*ends, last], strict=True):
        moment = after if after == 0 else after + max((following - after) // 2, 0)
        free = {}
        for index, subject in bound.items():
            choices = _cut(phase, index)
            if index == fatal:
                choices = _with(phase, index, Verdict.BREACHED, moment)
            elif subject.material and index > fatal and _deadline(subject) >= moment:
                choices += _with(phase, index, Verdict.BREACHED, moment)
            free[index] = choices
        if not after:
            yield Mode(SILENT, free, {}, fatal=fatal), moment
        # Else one of the promises that end then is kept, or it would be a course of the moment before.
        for index in (index for index, ends_at in promised.items() if after and ends_at == after):
            yield Mode(SILENT, {**free, index: (SILENT,)}, {}, fatal=fatal), moment
            free[index] = tuple(each for each in free[index] if each.given)
            if not free[index]:
                break


def _before_paying_in(state: State, terms: Terms, mode: Mode, cut: int) -> Iterator[Mode]:
    """The same with everybody paid in; and if payment is due later only, with bonds or one party's payments missing."""
    phase = phase_at_hand(state, terms)
    short = sorted(state.short) if cut < terms.topUpWithin else []
    late = {party: (SILENT, Course(fails=(Fail(party, "bond"),))) for party in short}
    yield mode._replace(parties=late)
    for payer in sorted({payment.payer for payment in phase.payments} & state.members):
        if all(cut < payment.due for payment in phase.payments if payment.payer == payer):
            unfunded: Choices = (Course(fails=(Fail(payer, "payments"),)),)
            if payer in short:
                unfunded = (*unfunded, Course(fails=(Fail(payer, "anything"),)))
            yield mode._replace(parties={**late, payer: unfunded})


def _defaults(state: State, terms: Terms, bound: Mapping[int, Obligation], fail: Fail) -> Iterator[Mode]:
    """A party that pays nothing in: it defaults on the first payment due that no verdict has made pointless."""
    phase, window = phase_at_hand(state, terms), terms.challengeWindow
    events: list[tuple[int, int | None]] = [
        (payment.due, index)
        for index, payment in enumerate(phase.payments)
        if payment.payer == fail.party and (payment.obligation in bound or releases(payment, Verdict.LAPSED))
    ]
    if not fail.tops_up:
        events.append((terms.topUpWithin, None))
    events.sort(key=lambda each: (each[0], each[1] is None))
    excused: dict[int, Choices] = {}
    for moment, item in events:
        free = {**{index: _cut_at(phase, index, moment, window) for index in bound}, **excused}
        anchor = None if item is None else phase.payments[item].obligation
        if item is None or anchor not in bound or anchor is None or (window and window >= moment):
            # Nothing that verifiers find is final in time to excuse it.
            yield Mode(Course(fails=(fail,)), free, {}, (fail,))
            return
        on = phase.payments[item].on
        # What is undecided at the cut-off lapses, unless silence decides it in that very second.
        lapses = anchor not in excused and _deadline(bound[anchor]) > moment
        owed = () if anchor in excused else (SILENT,)
        for each in (each for each in free[anchor] if each.given):
            verdict, after = each.given[0].verdict, each.given[0].after
            if (on >> verdict & 1 or after) and not (lapses and verdict is Verdict.LAPSED):
                owed = (*owed, each)
        if owed:
            yield Mode(Course(fails=(fail,)), {**free, anchor: owed}, {}, (fail,))
        early = (each for each in free[anchor] if each.given and not each.given[0].after)
        excused[anchor] = tuple(each for each in early if not on >> each.given[0].verdict & 1)
        if not excused[anchor]:
            return


def _cut_at(phase: Phase, index: int, moment: int, window: int) -> Choices:
    """In a phase that is cut off at a moment: material breaches too, if they are not final before it."""
    subject, choices = phase.obligations[index], _cut(phase, index)
    given = max(moment - window, 0)
    if not subject.material or given > _deadline(subject):
        return choices
    if window:
        return (*choices, *_with(phase, index, Verdict.BREACHED, given))
    by_silence = subject.presumption == Verdict.BREACHED and _deadline(subject) == moment
    return (*choices, SILENT) if by_silence else choices


def _accessions(state: State, terms: Terms) -> Mapping[int, Choices]:
    """Parties that may still join, each now or not now."""
    if not terms.accession or state.phase + 1 == len(terms.phases):
        return {}
    outside = set(range(len(terms.parties))) - state.members - state.joining
    return {party: (SILENT, Course(joins=(party,))) for party in sorted(outside)}


def _deadline(obligation: Obligation) -> int:
    return obligation.within + obligation.grace
