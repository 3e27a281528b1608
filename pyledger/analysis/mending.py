"""What else a document says of a phase and of what is owed there, mended where the phase is divided into steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, cast

from pydantic import BaseModel

from pyledger.analysis.division import Plan, numbered, phase_copies
from pyledger.analysis.portions import amounts, plain
from pyledger.document import OUTSIDE
from pyledger.document.benefits import Benefit
from pyledger.document.diff.renames import HOLDS
from pyledger.document.problem import Location
from pyledger.document.splice import Edit, Put, Rename, Repeat
from pyledger.document.units import say_duration

__all__ = ["changes"]

_DIVIDED: Final = ("value", "cost", "temptation")
_ELSEWHERE: Final = frozenset({"phases", "benefits", "estimates", "waivers"})
"""Parts of a document in which more changes than names."""


def changes(plan: Plan, data: Any) -> list[Edit]:
    """All that is changed in the text where its phase is divided; `data` are its plain values. Raises `Indivisible`."""
    at: Location = ("phases", plan.index)
    return [
        Repeat(at, phase_copies(plan)),
        *_stakes(plan, data),
        *_values(plan),
        *(edit for name, each in plan.document.benefits.items() for edit in _benefit(plan, name, each)),
        *_mentions(plan, plan.document, ()),
        *_waivers(plan),
        *_long_stop(plan),
    ]


def _stakes(plan: Plan, data: Any) -> Iterator[Edit]:
    """The estimates of the phase: what is won, spent and gained by a breach in parts, the rest as it was."""
    estimates, name = plan.document.estimates, plan.phase.id
    if estimates is None or name not in estimates.phases:
        return
    at: Location = ("estimates", "phases", name)
    written = data["estimates"]["phases"][name]
    decimals = plan.document.assets[estimates.asset].decimals
    copies: list[list[Edit]] = [[Rename(at, each)] for each in plan.ids]
    for party, stake in written.items():
        own = [key for key, each in plan.phase.obligations.items() if each.by == party]
        others = [key for key, each in plan.phase.obligations.items() if each.by not in (party, OUTSIDE)]
        for what in stake:
            place: Location = (*at, party, what)
            if what in _DIVIDED:
                parts = _parts(stake[what], plan.shares(others if what == "value" else own), decimals)
            elif what == "outside_option":
                parts = _between(plan, party, stake[what])
            else:
                continue
            for step, found in enumerate(parts):
                copies[step] += [Put((*place, *key), value) for key, value in found]
    yield Repeat(at, tuple(copies))


_Range = list[tuple[tuple[str, ...], Decimal]]
"""What is put where within an estimate: one number in its place, or the numbers of a range in theirs."""


def _numbers(written: Any) -> _Range:
    if isinstance(written, Mapping):
        return [((key,), _amount(value)) for key, value in written.items()]
    return [((), _amount(written))]


def _amount(written: Any) -> Decimal:
    return Decimal(str(written).replace("_", ""))


def _parts(written: Any, shares: list[Fraction], decimals: int) -> list[_Range]:
    divided = [(key, amounts(value, shares, decimals=decimals)) for key, value in _numbers(written)]
    return [[(key, portions[step]) for key, portions in divided] for step in range(len(shares))]


def _between(plan: Plan, party: str, written: Any) -> list[_Range]:
    """What a party has outside as each step opens: on a line from this phase to the next, or to nothing at the end."""
    estimates, phases = plan.document.estimates, plan.document.phases
    assert estimates is not None, "only asked where there are some"
    next_ = phases[plan.index + 1].id if plan.index + 1 < len(phases) else ""
    stakes = estimates.phases.get(next_, {}).get(party)
    found = (stakes.outside_option if stakes else None) or (
        estimates.parties[party].outside_option if next_ and party in estimates.parties else None
    )
    decimals, steps = plan.document.assets[estimates.asset].decimals, len(plan.acts)

    def at(step: int, key: tuple[str, ...], value: Decimal) -> Decimal:
        then = Decimal(0) if found is None else cast("Decimal", getattr(found, key[0] if key else "likely"))
        exact = value + (then - value) * step / steps
        return plain(exact.quantize(Decimal(1).scaleb(-decimals))) if step else value

    return [[(key, at(step, key, value)) for key, value in _numbers(written)] for step in range(steps)]


def _values(plan: Plan) -> Iterator[Edit]:
    """The values that will be attested on what is divided."""
    for name, value in (plan.document.estimates.values if plan.document.estimates else {}).items():
        if name not in plan.divided:
            continue
        at: Location = ("estimates", "values", name)
        subject = plan.phase.obligations[name]
        measure = plan.document.measure(subject)
        shares = [acts[name] for acts in plan.acts if name in acts]
        ends = {"low": value.low, "likely": value.likely, "high": value.high}
        same = len(set(ends.values())) == 1
        parts = {key: amounts(each, shares, decimals=measure.decimals if measure else 0) for key, each in ends.items()}
        copies: list[list[Edit]] = [[Rename(at, new)] for new in plan.called(name)]
        for part, copy in enumerate(copies):
            said = {key: each[part] for key, each in parts.items()}
            copy.append(Put(at, said["likely"] if same else said))
        yield Repeat(at, tuple(copies))


def _benefit(plan: Plan, name: str, benefit: Benefit) -> Iterator[Edit]:
    """A benefit in parts where what confirms it is divided and it has a value; else whole, under the new names."""
    at: Location = ("benefits", name)
    here = [each for each in benefit.verified_by if each in plan.phase.obligations]
    bound = benefit.phase == plan.phase.id
    if not here and not bound:
        return
    steps = [step for step, acts in enumerate(plan.acts) if any(each in plan.divided and each in acts for each in here)]
    if not bound or not steps or benefit.value is None or benefit.asset is None:
        confirmed = [new for each in benefit.verified_by for new in (plan.called(each) if each in here else [each])]
        if confirmed != list(benefit.verified_by):
            yield Put((*at, "verified_by"), confirmed)
        if bound:
            yield Put((*at, "phase"), plan.ids[min((plan.first(each) for each in here), default=0)])
        return
    decimals = plan.document.assets[benefit.asset].decimals
    portions = amounts(benefit.value, [Fraction(1, len(steps))] * len(steps), decimals=decimals)
    called = numbered(name, len(steps), plan.document.benefits)
    copies: list[list[Edit]] = []
    for step, new, portion in zip(steps, called, portions, strict=True):
        confirmed = [plan.names[step][each] for each in here if each in plan.acts[step]]
        confirmed += [each for each in benefit.verified_by if each not in here]
        copies.append([
            Rename(at, new),
            Put((*at, "phase"), plan.ids[step]),
            Put((*at, "verified_by"), confirmed),
            Put((*at, "value"), portion),
        ])  # fmt: skip
    yield Repeat(at, tuple(copies))


def _mentions(plan: Plan, value: Any, at: Location) -> Iterator[Edit]:
    """Names of the phase and of its obligations wherever else they stand: in place of one, its first or all parts."""
    if not isinstance(value, BaseModel):
        if isinstance(value, Mapping):
            for key, each in value.items():
                yield from _mentions(plan, each, (*at, key))
        return
    for field, info in type(value).model_fields.items():
        here: Location = (*at, info.alias or field)
        if here[0] in _ELSEWHERE:
            continue
        kind, said = HOLDS.get(f"{type(value).__name__}.{field}"), getattr(value, field)
        if kind in ("phase", "step") and said == plan.phase.id:
            yield Put(here, plan.ids[0])
        elif kind in ("obligation", "step") and isinstance(said, str) and said in plan.divided:
            yield Put(here, plan.called(said)[0])
        elif kind == "obligation" and isinstance(said, tuple) and set(said) & set(plan.divided):
            yield Put(here, [new for each in said for new in (plan.called(each) if each in plan.divided else [each])])
        else:
            yield from _mentions(plan, said, here)


def _waivers(plan: Plan) -> Iterator[Edit]:
    """A waiver of something in the phase, once for each step that this is in."""
    for index, waiver in enumerate(plan.document.waivers):
        paths = list(dict.fromkeys(_paths(plan, waiver.at.split(".")))) if waiver.at else []
        if paths and paths != [waiver.at]:
            at: Location = ("waivers", index)
            yield Repeat(at, tuple([Put((*at, "at"), path)] for path in paths))


def _paths(plan: Plan, steps: list[str]) -> Iterator[str]:
    match steps:
        case ["phases", phase, "obligations", name, *rest] if phase == plan.phase.id and name in plan.phase.obligations:
            for index, names in enumerate(plan.names):
                if name in names:
                    yield ".".join(["phases", plan.ids[index], "obligations", names[name], *rest])
        case ["phases", phase, "payments", name, *rest] if phase == plan.phase.id and name in plan.phase.payments:
            on = plan.phase.payments[name].obligation
            taken = {each for phase in plan.document.phases for each in phase.payments}
            called = numbered(name, plan.parts(on), taken) if plan.parts(on) > 1 else [name]
            inside = [index for index, names in enumerate(plan.names) if on in names]
            for index, new in zip(inside, called, strict=True):
                yield ".".join(["phases", plan.ids[index], "payments", new, *rest])
        case ["phases", phase, *rest] if phase == plan.phase.id:
            yield from (".".join(["phases", each, *rest]) for each in plan.ids)
        case ["estimates", "phases", phase, *rest] if phase == plan.phase.id:
            yield from (".".join(["estimates", "phases", each, *rest]) for each in plan.ids)


def _long_stop(plan: Plan) -> Iterator[Edit]:
    """A later long stop, by as much as the steps take longer than the phase did, where it would come too early."""
    document, owed = plan.document, plan.phase.obligations
    if document.long_stop_after is None:
        return
    longest = 0
    for acts in plan.acts:
        deadlines = (-(-owed[name].within // plan.parts(name)) + owed[name].grace for name in acts)
        longest += max(deadlines, default=0)
    longer = longest - max(each.deadline for each in owed.values()) + document.contest_time * (len(plan.acts) - 1)
    takes = (document.join_within or 0) + document.contest_time * (len(document.phases) - 1)
    takes += sum(max(each.deadline for each in phase.obligations.values()) for phase in document.phases)
    if takes + longer >= document.long_stop_after:
        later = document.long_stop_after + max(longer, 0)
        yield Put(("long_stop_after",), say_duration(-(-later // 86_400) * 86_400))
