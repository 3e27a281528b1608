"""An appraisal in sentences: the headline, the first deviation that pays, and what the deal as a whole says."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from pyledger.analysis.appraisal import Appraisal, Promise
from pyledger.analysis.figures import Key
from pyledger.analysis.game import Game
from pyledger.analysis.horizon import bond_for_riser
from pyledger.analysis.sensitivity import Influence

__all__ = ["amount", "chance", "deal_in_words", "deviation", "flips", "headline", "value_of"]


def amount(value: float | None) -> str:
    """A number with its thousands apart and at most two decimals; what nothing can do is said so."""
    if value is None:
        return "none can"
    if abs(value) == inf:
        return "∞" if value > 0 else "−∞"
    text = f"{abs(value):,.2f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


def chance(value: float | None) -> str:
    """A probability in percent."""
    return "none is enough" if value is None else f"{value * 100:.1f}".removesuffix(".0") + "%"


def value_of(key: Key, value: float) -> str:
    """A figure as people write it: chances and rates in percent, lags in days."""
    if key.what in (
        "detection",
        "attribution",
        "ruling",
        "false_positive",
        "discount_rate",
        "capital_cost",
        "immunity",
    ):
        return chance(value)
    if key.what == "temptation_growth":
        return chance(value)
    return f"{value / 86_400:.0f} days" if key.what == "lag" else amount(value)


def headline(found: Appraisal) -> str:
    """Whether the deal is credible, in one sentence."""
    owed = [promise for promise in found.promises if promise.promises]
    kept = sum(promise.credible for promise in owed)
    leaving = [promise for promise in found.promises if not promise.stays]
    if kept == len(owed) and not leaving:
        return f"By these estimates the deal is credible: each of {_count(len(owed), 'promise')} pays to keep."
    text = f"By these estimates the deal is not credible: {kept} of {_count(len(owed), 'promise')} pay to keep."
    if leaving:
        first = leaving[0]
        text += f" {first.party} does better to leave as {first.phase} opens."
    return text


def deviation(game: Game, promise: Promise) -> str:
    """Why it pays to break a promise, and what would mend it."""
    unit = _unit(game)
    loses = promise.power * promise.stake
    said = (
        f"The first deviation that pays: in {promise.phase}, {promise.party} gains {amount(promise.temptation)} {unit} "
        f"by not keeping {_names(promise.promises)}, and would lose {amount(promise.stake)} {unit} if found. A breach "
        f"is {chance(promise.power)} likelier to be found than a kept promise to be mistaken for one, so it expects to "
        f"lose {amount(loses)} {unit}."
    )
    ways = []
    if promise.bond_needed is not None:
        ways.append(f"a bond of {amount(promise.bond_needed)} {unit} instead of {amount(promise.bond)}")
    if promise.detection_needed is not None:
        looks = promise.looks_needed or 1
        often = f" ({looks} looks as good as the one there is)" if looks > 1 else ""
        ways.append(f"finding breaches with a chance of {chance(promise.detection_needed)}{often}")
    cure = f"What would just hold it: {', or '.join(ways)}." if ways else "No bond and no verifier can hold it."
    return f"{said} {cure} Splitting the phase lowers what is gained at once."


def deal_in_words(found: Appraisal) -> Iterator[tuple[str, str]]:
    """About, and sentence: what holds for the deal as a whole."""
    yield from _bonds(found)
    yield from _steps(found)
    unit = _unit(found.game)
    for (riser, phase), shift in found.shifts.items():
        standing = found.standings[riser, _index(found.game, phase)]
        bond = bond_for_riser(
            shift, discount=float(standing.discount), power=float(standing.detected) - float(standing.mistaken)
        )
        says = (
            f"after {phase} {riser} rises by more than can be bargained over (gap {amount(shift.gap)} {unit}); "
            f"a bond of {amount(bond)} {unit} of the riser would remove that"
            if shift.breaks_down
            else f"{riser}'s rise after {phase} leaves room to bargain ({amount(-shift.gap)} {unit})"
        )
        yield "power shift", says
    if found.coalition:
        size = found.coalition
        alone = f"{size.stable} of {size.members}" if size.stable else "no coalition"
        yield "coalition", f"{alone} would hold by itself; a deposit of {amount(size.deposit)} {unit} each holds all"


def _bonds(found: Appraisal) -> Iterator[tuple[str, str]]:
    unit = _unit(found.game)
    if found.game.document.estimates is None:
        return
    least = found.schedule
    if least is None:
        yield "least bonds", "no bonds that the parties can afford make every promise pay and everybody take part"
        return
    phases = [phase.id for phase in found.game.document.phases]
    for party, levels in least.bonds.items():
        says = ", ".join(f"{phase} {amount(level)}" for phase, level in zip(phases, levels, strict=True))
        yield f"least bonds of {party}", says
    flat = found.schedule_without_top_ups
    beside = f"; paid in at the start it would cost {amount(flat.cost)} {unit}" if flat else ""
    yield "cost of capital", f"{amount(least.cost)} {unit} with top-ups{beside}"


def _steps(found: Appraisal) -> Iterator[tuple[str, str]]:
    if (step := found.largest_step) is not None:
        yield "largest step", f"{step.obligation} in {step.phase} moves {step.share:.0%} of all that moves"
    if (deal := found.exchange) is not None:
        needed = deal.steps_needed
        steps = "no number of steps is safe" if needed == inf else f"{needed:.0f} safe steps are needed"
        yield "steps against bonds", f"with what both have at stake, {steps}"
    last = [p for p in found.promises if p.promises and p.phase == found.game.document.phases[-1].id]
    for promise in last:
        if promise.temptation > 0 and not promise.bond:
            yield "terminal bond", f"{promise.party} is tempted in the last phase, and has no bond left there"


def flips(influence: Influence) -> str:
    """At which value of an estimate a conclusion turns."""
    if not influence.flips_at:
        return "never"
    return ", ".join(value_of(influence.key, turn) for turn in influence.flips_at[:2])


def _names(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _unit(game: Game) -> str:
    return (game.document.assets[game.unit].symbol or game.unit) if game.unit else ""


def _index(game: Game, phase: str) -> int:
    return next(index for index, each in enumerate(game.document.phases) if each.id == phase)
