"""Every single defection from a history: each obligation broken, found nobody's fault or left to silence, each default.

What the others were to do goes on as long as it can: steps that a defection makes impossible are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal
from typing import Final, Literal, NamedTuple

from pyledger.analysis.scenario import Scenario, Step, run
from pyledger.analysis.stage import StepFails
from pyledger.analysis.stand_ins import Deal
from pyledger.terms.facts import Facts
from pyledger.terms.outcome import releases
from pyledger.terms.state import Status
from pyledger.terms.structs import Verdict

__all__ = ["INVARIANTS", "Defection", "defections", "kept", "unsound"]

Kind = Literal["breached", "lapsed", "silent", "payments", "bond", "absent"]

_EXACT: Final = Context(prec=100)
_VERBS: Final = ("met", "breached", "lapsed", "concede", "challenge", "extend")


class Defection(NamedTuple):
    """One departure: in which phase (none for who does not join), of what or whom, how, and the history it makes."""

    phase: str
    about: str
    kind: Kind
    scenario: Scenario

    @property
    def words(self) -> str:
        """What it is."""
        return {
            "breached": f"{self.about} breached",
            "lapsed": f"{self.about} lapsed",
            "silent": f"silence on {self.about}",
            "payments": f"{self.about} pays nothing in",
            "bond": f"{self.about} leaves its bond short",
            "absent": f"{self.about} does not join",
        }[self.kind]


def kept(deal: Deal) -> Scenario:
    """The history in which everything is met; values are those from which on payments are largest."""
    steps = []
    for number, phase in enumerate(deal.terms.phases):
        for item, name in enumerate(deal.names.obligations[number]):
            if phase.obligations[item].presumption != Verdict.MET:
                place = deal.names.phases[number]
                steps.append(Step(met=name, phase=place, value=_value(deal, number, item)))
    return Scenario(steps=tuple(steps))


def _value(deal: Deal, phase: int, item: int) -> Decimal | None:
    """The highest value at which a tier of a payment that the obligation releases begins."""
    subject = deal.document.phases[phase].obligations[deal.names.obligations[phase][item]]
    measure = deal.document.measure(subject)
    tiers = [
        tier.from_
        for payment in deal.terms.phases[phase].payments
        if payment.obligation == item and releases(payment, Verdict.MET)
        for tier in payment.tiers
    ]
    return Decimal(max(tiers)).scaleb(-measure.decimals, _EXACT) if measure and tiers else None


def defections(deal: Deal, base: Scenario) -> list[Defection]:
    """All single defections from a history that can happen, in the order of the phases."""
    plain = base.model_copy(update={"steps": _plain(base), "expect": None, "title": None})
    found = list(_absences(deal, plain))
    for number in range(len(deal.terms.phases)):
        found += _defaults(deal, plain, number)
        for item in range(len(deal.terms.phases[number].obligations)):
            found += _broken(deal, plain, number, item)
    return found


def _plain(base: Scenario) -> tuple[Step, ...]:
    """What is done in a history, without what is looked at or refused."""
    return tuple(step for step in base.steps if step.expect is None and step.refused is None)


def _absences(deal: Deal, base: Scenario) -> Iterator[Defection]:
    for party in deal.names.parties:
        if party not in base.absent:
            scenario = base.model_copy(update={"absent": (*base.absent, party)})
            if (fitted := _fitted(deal, scenario, None)) is not None:
                yield Defection("", party, "absent", fitted)


def _defaults(deal: Deal, base: Scenario, phase: int) -> Iterator[Defection]:
    first = next((at for at, of in enumerate(_phases(deal, base)) if of >= phase), len(base.steps))
    for party in deal.names.parties:
        kinds: tuple[Literal["payments", "bond"], ...] = ("payments", "bond")
        for kind in kinds:
            step = Step(default=party, on=kind, phase=deal.names.phases[phase])
            if (fitted := _fitted(deal, _inserted(base, first, step), first)) is not None:
                yield Defection(deal.names.phases[phase], party, kind, fitted)


def _broken(deal: Deal, base: Scenario, phase: int, item: int) -> Iterator[Defection]:
    name, place = deal.names.obligations[phase][item], deal.names.phases[phase]
    phases = _phases(deal, base)
    mine = [
        at for at, step in enumerate(base.steps) if phases[at] == phase and name in (getattr(step, v) for v in _VERBS)
    ]
    without = base.model_copy(update={"steps": tuple(s for at, s in enumerate(base.steps) if at not in mine)})
    places = mine[:1] or _within(_phases(deal, without), phase)
    words: tuple[Literal["breached", "lapsed"], ...] = ("breached", "lapsed")
    for word in words:
        step = Step.model_validate({word: name, "phase": place, "at": base.steps[mine[0]].at if mine else None})
        tried = (_fitted(deal, _inserted(without, at, step), at) for at in places)
        if (fitted := next((each for each in tried if each is not None), None)) is not None:
            yield Defection(place, name, word, fitted)
    if mine and (silent := _fitted(deal, without, None)) is not None:
        yield Defection(place, name, "silent", silent)


def _within(phases: list[int], phase: int) -> list[int]:
    """Where in its phase something can be put: last of all, or before what happens there."""
    first = next((at for at, of in enumerate(phases) if of >= phase), len(phases))
    last = next((at for at, of in enumerate(phases) if of > phase), len(phases))
    return list(range(last, first - 1, -1))


def _inserted(base: Scenario, at: int, step: Step) -> Scenario:
    return base.model_copy(update={"steps": (*base.steps[:at], step, *base.steps[at:])})


def _phases(deal: Deal, base: Scenario) -> list[int]:
    """The phase that each step is of: that of its obligation, or the one that is open by then."""
    found: list[int] = []
    here = 0
    for step in base.steps:
        name = next((value for verb in _VERBS if isinstance(value := getattr(step, verb), str)), None)
        of = [at for at, names in enumerate(deal.names.obligations) if name in names and at >= here]
        if step.phase is not None:
            of = [deal.names.phases.index(step.phase)]
        here = of[0] if of else here
        found.append(here)
        here += bool(step.settle)
    return found


def _fitted(deal: Deal, scenario: Scenario, keep: int | None) -> Scenario | None:
    """The history without the steps that cannot happen in it; None where that is the one to keep."""
    for _ in range(len(scenario.steps) + 1):
        try:
            run(deal, scenario)
        except StepFails as fails:
            if fails.step is None or fails.step == keep:
                return None
            rest = (*scenario.steps[: fails.step], *scenario.steps[fails.step + 1 :])
            keep = keep - 1 if keep is not None and fails.step < keep else keep
            scenario = scenario.model_copy(update={"steps": rest})
        else:
            return scenario
    return None


def unsound(facts: Facts) -> dict[str, list[str]]:
    """What is not as it must be, whoever defects, by which of `INVARIANTS` it offends; nothing where all hold."""
    said = {words: [*broken(facts)] for words, broken in INVARIANTS.items()}
    return {words: found for words, found in said.items() if found}


def _lost(facts: Facts) -> Iterator[str]:
    for asset in dict.fromkeys(what for _, what in facts.gains):
        total = sum(gain for (_, what), gain in facts.gains.items() if what == asset)
        if total:
            yield f"{'made' if total > 0 else 'lost'}: {abs(total)} of the smallest unit of {asset}"


def _endless(facts: Facts) -> Iterator[str]:
    if facts.status in (Status.OPEN, Status.IN_FORCE):
        yield f"it never ends: it is {facts.status.name.lower().replace('_', ' ')}"


def _left(facts: Facts) -> Iterator[str]:
    for asset, amount in facts.held.items():
        yield f"{amount} of the smallest unit of {asset} stay in the account"


def _wronged(facts: Facts) -> Iterator[str]:
    for party in facts.forfeits:
        if party not in facts.breached and party not in facts.in_default:
            yield f"{party} kept everything, and lost bond"


INVARIANTS: Final[Mapping[str, Callable[[Facts], Iterator[str]]]] = {
    "no money is lost or made": _lost,
    "it ends": _endless,
    "no money stays behind": _left,
    "who keeps everything loses no bond": _wronged,
}
"""What must be true however a deal ends, and what says where it is not."""
