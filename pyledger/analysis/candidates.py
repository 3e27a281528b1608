"""Changes that may hold a promise which no bond holds: another order, smaller steps, a payment for keeping it.

Each is a pure function of a draft that has been tried: what it would change in the text, and what that is in words; or
why there is no such change, as `Indivisible`. Whether it helps is for `proposal` to find out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Any, Final, Literal

from pyledger.analysis.division import Indivisible, Plan, in_steps, put_off, why_whole
from pyledger.analysis.mending import changes
from pyledger.analysis.numbers import Scale
from pyledger.analysis.trial import Open, Trial, rounded_up
from pyledger.analysis.words import listed
from pyledger.document import OUTSIDE, Document
from pyledger.document.splice import Edit, Put
from pyledger.document.units import say_duration

__all__ = ["MOST_STEPS", "Candidate", "Kind", "order", "payment", "split", "step_counts"]

MOST_STEPS: Final = 24
"""Most steps that one phase is divided into."""
_MORE: Final = (0, 1, 2, 4, 8)
"""How many steps more are tried than the least that can do."""
_DIGITS: Final = 2

Kind = Literal["order", "split", "payment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is changed, in words and in the text; `phases` are those that the phase in question is afterwards."""

    kind: Kind
    phase: str
    says: str
    edits: tuple[Edit, ...]
    phases: tuple[str, ...]


def order(trial: Trial, data: Any, found: Sequence[Open]) -> Candidate:
    """What the tempted get for good in the phase comes after it, in a step of its own."""
    document, index = trial.game.document, found[0].index
    phase, tempted = document.phases[index], {each.party for each in found}
    later = [name for name in phase.obligations if _for_good(document, index, name, tempted)]
    if not later:
        raise Indivisible("nothing that others do there for good could come later")
    plan = put_off(document, index, later)
    kept = [name for name in phase.obligations if name not in later]
    says = (
        f"{listed(later)} cannot be undone: due in a step of its own, {plan.ids[1]}, once it is settled in "
        f"{plan.ids[0]} whether {listed(kept)} {'was' if len(kept) == 1 else 'were'} kept"
    )
    return _divided("order", plan, data, says)


def _for_good(document: Document, index: int, name: str, tempted: set[str]) -> bool:
    """Whether an obligation of somebody else cannot be undone, or gives one of the tempted what it keeps."""
    each = document.phases[index].obligations[name]
    if each.by == OUTSIDE or each.by in tempted:
        return False
    if each.reversibility and each.reversibility.class_ == "irreversible":
        return True
    return any(
        name in benefit.verified_by and benefit.revocability.class_ == "irrevocable" and tempted & set(benefit.to)
        for benefit in document.benefits.values()
    )


def step_counts(found: Sequence[Open]) -> Iterator[int]:
    """Into how many steps to try to divide a phase: the least at which equal parts of what tempts are held, and more.

    Raises `Indivisible` where no number of steps can do.
    """
    for each in found:
        if each.power <= 0:
            raise Indivisible(f"{each.party} would be found out no more often in smaller steps")
        if each.largest <= 0:
            raise Indivisible(f"nothing that {each.party} has at stake there would hold it, however small the steps")
    least = max(max(ceil(each.temptation / each.largest - 1e-9), 2) for each in found)
    if least > MOST_STEPS:
        raise Indivisible(f"it would take {least} steps or more, and at most {MOST_STEPS} are proposed")
    for more in _MORE:
        if least + more <= MOST_STEPS:
            yield least + more


def split(trial: Trial, data: Any, found: Sequence[Open], steps: int, scale: Scale) -> Candidate:
    """The phase in so many equal steps, each of which tempts by a part."""
    document, index = trial.game.document, found[0].index
    phase = document.phases[index]
    plan = in_steps(document, index, steps, {each.party for each in found})
    divided = [name for name in phase.obligations if name in plan.divided]
    says = f"{phase.id} is done in {steps} steps, {listed(list(plan.ids))}: {listed(divided)} in as many parts"
    paid = [name for name, each in phase.payments.items() if each.obligation in plan.divided]
    if paid:
        says += f", {listed(paid)} with {'it' if len(divided) == 1 else 'them'}"
    whole = [name for name in phase.obligations if name not in plan.divided]
    if whole:
        why = why_whole(document, index, whole[0])
        says += f"; whole in the first {listed(whole)}" + (f" ({why})" if why and len(whole) == 1 else "")
    for each in found:
        says += (
            f". At once {each.party} could gain {scale.say(each.temptation)}, and with all that it can lock in no more "
            f"than {scale.say(each.largest)} would be held"
        )
    return _divided("split", plan, data, says)


def _divided(kind: Kind, plan: Plan, data: Any, says: str) -> Candidate:
    return Candidate(kind=kind, phase=plan.phase.id, says=says, edits=tuple(changes(plan, data)), phases=plan.ids)


def payment(trial: Trial, found: Sequence[Open], scale: Scale) -> Candidate:
    """Who gains most by the deal pays the tempted for keeping what bonds leave open: held like a bond, returned if not.

    A payment that a breach does not bring is at stake as a forfeit is: slack rises by (p − f) times it.
    """
    document, index = trial.game.document, found[0].index
    phase, unit = document.phases[index], trial.game.unit or ""
    spare = {party: _spare(trial, party, index) for party in trial.game.parties}
    edits: list[Edit] = []
    says: list[str] = []
    for each in found:
        if each.power <= 0:
            raise Indivisible(f"{each.party} would be found out no more often if it were paid")
        decimals = document.assets[unit].decimals
        amount = rounded_up(each.short * (1 + 1e-9), digits=_DIGITS, decimals=decimals)
        others = {party: left for party, left in spare.items() if party not in {one.party for one in found}}
        payer = max(others, key=lambda party: others[party], default=None)
        if payer is None or others[payer] < float(amount):
            gains = f"{payer} gains most, {scale.say(max(others[payer], 0.0))}" if payer else "there is nobody to pay"
            raise Indivisible(f"{each.party} would have to be paid {scale.say(float(amount))} for it: {gains}")
        spare[payer] -= float(amount)
        owed = {name: act for name, act in phase.obligations.items() if act.by == each.party}
        last = max(owed, key=lambda name: owed[name].deadline)
        name = _unused(f"premium-{last}", {pay for one in document.phases for pay in one.payments})
        value = {
            "from": payer,
            "to": each.party,
            "amount": amount,
            "asset": unit,
            "when": {last: "met"},
            "fund_within": say_duration(min(document.top_up_within, owed[last].deadline)),
        }
        edits.append(Put(("phases", index, "payments", name), value))
        says.append(
            f"{payer} puts {scale.say(float(amount))} in escrow, which {each.party} has when {last} is met: as much as "
            "its largest bond leaves open"
        )
    return Candidate(kind="payment", phase=phase.id, says="; ".join(says), edits=tuple(edits), phases=(phase.id,))


def _spare(trial: Trial, party: str, index: int) -> float:
    """What a party gains by the deal, seen from each phase up to one: no more than that can it pay."""
    own = [trial.standings[party, at] for at in range(index + 1)]
    return min((min(float(each.staying), float(each.worth) - float(each.ended)) for each in own), default=-inf)


def _unused(name: str, taken: set[str]) -> str:
    if len(name) > 60:
        name = "premium"
    return next(each for n in range(len(taken) + 1) if (each := name if not n else f"{name}-{n + 1}") not in taken)
