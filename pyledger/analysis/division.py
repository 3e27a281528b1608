"""A phase divided into steps: which obligations are in which step, how much of each, and how the text then reads.

    plan = in_steps(document, 2, 3, {"host"})    # the third phase in three steps, each tempting `host` by a third
    plan = put_off(document, 2, {"handover"})    # `handover` in a step of its own, after all else of the phase
    splice(draft, changes(plan, draft))

A promise to do or not to do something throughout a time is divided in time; an act in what is counted of it. What can
not be divided stays whole, in the first step. Payments follow the obligation that they hang on, and estimates what is
owed: cost and temptation of a party in equal parts of all that it owes in the phase, value of what the others owe.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from pyledger.analysis.portions import amounts, times
from pyledger.document import OUTSIDE, Document
from pyledger.document.model import Obligation, Payment, Phase
from pyledger.document.problem import Location
from pyledger.document.splice import Edit, Leave, Put, Rename
from pyledger.document.units import say_duration

__all__ = ["Indivisible", "Plan", "in_steps", "numbered", "phase_copies", "put_off", "why_whole"]

_ONCE: Final = frozenset({"glossary", "ratification", "panel_formed"})
_COUNTED: Final = frozenset({"cash_like", "physical", "metered_access", "service"})
_LONGEST_NAME: Final = 64
_LONGEST_LINE: Final = 200


class Indivisible(ValueError):
    """Why a phase cannot be divided, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`acts`, `ids` and `names` are by step: the share of each obligation, the phase's id, names by present ones."""

    document: Document
    index: int
    acts: tuple[Mapping[str, Fraction], ...]
    ids: tuple[str, ...]
    names: tuple[Mapping[str, str], ...]

    @property
    def phase(self) -> Phase:
        """The phase as it is."""
        return self.document.phases[self.index]

    @property
    def divided(self) -> tuple[str, ...]:
        """The obligations that are in several steps."""
        return tuple(
            name for name in self.phase.obligations if name not in self.acts[self.first(name)] or self.parts(name) > 1
        )

    def parts(self, name: str) -> int:
        """In how many steps an obligation is."""
        return sum(name in acts for acts in self.acts)

    def first(self, name: str) -> int:
        """The first step that an obligation is in."""
        return next(step for step, acts in enumerate(self.acts) if name in acts)

    def called(self, name: str) -> tuple[str, ...]:
        """What an obligation is called in the steps that it is in."""
        return tuple(names[name] for names in self.names if name in names)

    def shares(self, names: Collection[str]) -> list[Fraction]:
        """How much of several obligations, each weighing alike, falls to each step; of none, equal parts."""
        if not names:
            return [Fraction(1, len(self.acts))] * len(self.acts)
        return [sum((acts.get(name, Fraction(0)) for name in names), Fraction(0)) / len(names) for acts in self.acts]


def in_steps(document: Document, index: int, steps: int, tempted: Collection[str]) -> Plan:
    """A phase in equal steps, in which all that the tempted owe is divided. Raises `Indivisible`."""
    phase, whole = document.phases[index], set[str]()
    for name, each in phase.obligations.items():
        why = why_whole(document, index, name)
        if why and each.by in tempted:
            raise Indivisible(f"{name} cannot be divided: {why}")
        if why or (each.by not in tempted and each.if_silent != "met"):
            whole.add(name)
    part = Fraction(1, steps)
    acts = [
        {name: Fraction(1) if name in whole else part for name in phase.obligations if not step or name not in whole}
        for step in range(steps)
    ]
    return _plan(document, index, acts)


def put_off(document: Document, index: int, names: Collection[str]) -> Plan:
    """A phase in two steps, the second of which has these obligations and the first all others."""
    owed = document.phases[index].obligations
    later = {name: Fraction(1) for name in owed if name in names}
    return _plan(document, index, [{name: Fraction(1) for name in owed if name not in names}, later])


def _plan(document: Document, index: int, acts: Sequence[Mapping[str, Fraction]]) -> Plan:
    phase = document.phases[index]
    taken = {name for each in document.phases for name in each.obligations}
    names: list[dict[str, str]] = [{} for _ in acts]
    for name in phase.obligations:
        steps = [step for step, each in enumerate(acts) if name in each]
        called = numbered(name, len(steps), taken) if len(steps) > 1 else [name]
        for step, new in zip(steps, called, strict=True):
            names[step][name] = new
    ids = numbered(phase.id, len(acts), {each.id for each in document.phases})
    return Plan(document=document, index=index, acts=tuple(acts), ids=tuple(ids), names=tuple(names))


def numbered(name: str, count: int, taken: Collection[str]) -> list[str]:
    """A name once for each part, numbered, none of them taken. Raises `Indivisible` where there is no such name."""
    for between in ("-", "-part-", "-step-"):
        found = [f"{name}{between}{part}" for part in range(1, count + 1)]
        if not set(found) & set(taken) and len(found[-1]) <= _LONGEST_NAME:
            return found
    raise Indivisible(f"there is no room for a number after the name {name}")


def why_whole(document: Document, index: int, name: str) -> str | None:
    """Why an obligation cannot be divided; None where it can."""
    phase = document.phases[index]
    each = phase.obligations[name]
    gate = document.ratification.gate if document.ratification else None
    if each.by == OUTSIDE:
        return "it is an outside event"
    if tiered := [pay for pay, payment in phase.payments.items() if payment.obligation == name and payment.tiers]:
        return f"what {tiered[0]} pays follows one value that is attested with it"
    if name == gate or _ONCE & set(each.about):
        return "it happens once or not at all"
    given = [(what, benefit) for what, benefit in document.benefits.items() if name in benefit.verified_by]
    if weights := [what for what, benefit in given if benefit.delivery == "weights"]:
        return f"{weights[0]} is handed over whole"
    counted = any(benefit.value is not None and benefit.tangibility in _COUNTED for _, benefit in given)
    paid = any(payment.obligation == name and "met" in payment.on for payment in phase.payments.values())
    if each.if_silent == "met" or counted or paid or each.cost_to_complete:
        return None
    return "it is done once, and nothing is counted of it"


def phase_copies(plan: Plan) -> tuple[list[Edit], ...]:
    """What is changed in each step's copy of the phase's text."""
    return tuple(list(_copy(plan, step)) for step in range(len(plan.acts)))


def _copy(plan: Plan, step: int) -> Iterator[Edit]:
    at: Location = ("phases", plan.index)
    phase, steps = plan.phase, len(plan.acts)
    yield Put((*at, "id"), plan.ids[step])
    if phase.title and len(title := f"{phase.title} (step {step + 1} of {steps})") <= _LONGEST_LINE:
        yield Put((*at, "title"), title)
    if phase.not_before is not None and step:
        yield Leave((*at, "not_before"))
    for name, each in phase.obligations.items():
        yield from _obligation(plan, step, name, each)
    kept = [name for name, payment in phase.payments.items() if payment.obligation in plan.acts[step]]
    if phase.payments and not kept:
        yield Leave((*at, "payments"))
        return
    for name, payment in phase.payments.items():
        if name in kept:
            yield from _payment(plan, step, name, payment)
        else:
            yield Leave((*at, "payments", name))


def _obligation(plan: Plan, step: int, name: str, each: Obligation) -> Iterator[Edit]:
    at: Location = ("phases", plan.index, "obligations", name)
    if name not in plan.acts[step]:
        yield Leave(at)
    elif (parts := plan.parts(name)) > 1:
        part = step - plan.first(name)
        yield Rename(at, plan.names[step][name])
        yield Put((*at, "what"), f"{each.what} (part {part + 1} of {parts})")
        yield Put((*at, "within"), say_duration(times(each.within, parts)[part]))
        if each.cost_to_complete:
            portions = amounts(each.cost_to_complete, [Fraction(1, parts)] * parts, decimals=0)
            yield Put((*at, "cost_to_complete"), portions[part])


def _payment(plan: Plan, step: int, name: str, payment: Payment) -> Iterator[Edit]:
    at: Location = ("phases", plan.index, "payments", name)
    on = payment.obligation
    if (parts := plan.parts(on)) == 1:
        return
    part, owed = step - plan.first(on), plan.phase.obligations[on]
    taken = {each for phase in plan.document.phases for each in phase.payments}
    decimals = plan.document.assets[payment.asset].decimals
    shares = [acts[on] for acts in plan.acts if on in acts]
    portions = amounts(payment.amount, shares, decimals=decimals)
    if not all(portions):
        raise Indivisible(f"{name} is too small to be paid in {parts} parts")
    yield Rename(at, numbered(name, parts, taken)[part])
    yield Put((*at, "amount"), portions[part])
    yield Rename((*at, "when", on), plan.names[step][on])
    deadline = times(owed.within, parts)[part] + owed.grace
    if payment.fund_within > deadline:
        yield Put((*at, "fund_within"), say_duration(deadline))
