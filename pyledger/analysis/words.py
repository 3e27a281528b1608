"""An appraisal in sentences: the headline, the first deviation that pays, and what the deal as a whole says."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from pyledger.analysis.appraisal import Appraisal
from pyledger.analysis.figures import Key
from pyledger.analysis.game import Game
from pyledger.analysis.hazards import Demand
from pyledger.analysis.horizon import bond_for_riser
from pyledger.analysis.numbers import Scale, chance, counted, scale_for, value_of
from pyledger.analysis.pace import Rise
from pyledger.analysis.promises import Promise
from pyledger.analysis.sensitivity import Influence

__all__ = [
    "deal_in_words", "deviation", "estimate_name", "flips", "headline", "leaving", "listed", "only_money", "says",
    "scale_of",
]  # fmt: skip

_LEAVERS = 3
"""Parties that leave of which each is told by itself."""


def scale_of(found: Appraisal) -> Scale:
    """The scale in which every amount of the report can be read."""
    amounts = [
        each
        for promise in found.promises
        for each in (promise.temptation, promise.stake, promise.slack, promise.bond, promise.bond_needed or 0.0)
    ]
    return scale_for(amounts, _symbol(found.game))


def headline(found: Appraisal) -> str:
    """Whether the deal is credible, in one sentence."""
    owed = [promise for promise in found.promises if promise.promises]
    kept, left = sum(promise.credible for promise in owed), found.leaving
    by = "By these estimates" if found.game.document.estimates else "By the money alone"
    if kept < len(owed):
        text = f"{by} the deal is not credible: {kept} of {counted(len(owed), 'promise')} {_pay(kept)} to keep."
        return f"{text} {_leavers(found)}" if left else text
    every = f"each of {counted(len(owed), 'promise')} pays to keep"
    if left:
        return f"{by} the deal is not credible, although {every}: {_leavers(found)}"
    return f"{by} the deal is credible: {every}, and nobody does better to leave."


def _pay(number: int) -> str:
    return "pays" if number == 1 else "pay"


def _leavers(found: Appraisal) -> str:
    names = [each.party for each in found.leaving]
    if len(names) > 3:
        return f"{len(names)} of {len(found.game.parties)} parties do better to leave."
    does = "does" if len(names) == 1 else "do"
    when = f" as {found.leaving[0].phase} opens" if len({each.phase for each in found.leaving}) == 1 else ""
    return f"{listed(names)} {does} better to leave{when}."


def only_money(found: Appraisal, named: str) -> str | None:
    """What can be said without estimates of the document that is called `named`; None with them."""
    if found.game.document.estimates is not None:
        return None
    return (
        "This document has no `estimates`, so only what its terms pay is counted: as if performing cost nothing and "
        "brought nothing but money, every breach were found, and reputation and time did not count. What holds a "
        "party by this money alone, holds it; what does not may still be held by what the deal is worth to it. "
        f"`pyledger analyze {named} --template` prints the block of estimates to fill in."
    )


def deviation(promise: Promise, scale: Scale) -> str:
    """Why it pays to break a promise, and what would mend it."""
    loses = promise.power * promise.stake
    said = (
        f"The first deviation that pays: in {promise.phase}, {promise.party} gains {scale.say(promise.temptation)} by "
        f"not keeping {listed(promise.promises)}, and would lose {scale.say(promise.stake)} if found. Counting "
        f"that breaches are missed and kept promises mistaken for them (power {chance(promise.power)}), it expects to "
        f"lose {scale.say(loses)}."
    )
    ways = []
    if promise.bond_needed is not None:
        ways.append(f"a bond of {scale.say(promise.bond_needed)} instead of {scale.bare(promise.bond)}")
    if promise.detection_needed is not None:
        ways.append(f"finding breaches with a chance of {chance(promise.detection_needed)}{_looks(promise)}")
    cure = f"What would just hold it: {', or '.join(ways)}." if ways else "No bond and no verifier can hold it."
    return f"{said} {cure} Splitting the phase lowers what is gained at once."


def _looks(promise: Promise) -> str:
    if promise.looks_needed is None:
        return ", more than any number of looks reaches as long as attribution and ruling stay as they are"
    return f" ({promise.looks_needed} looks as good as the one there is)" if promise.looks_needed > 1 else ""


def leaving(found: Appraisal, scale: Scale) -> Iterator[str]:
    """Who does better not to pay in, when, and what it would take."""
    told = found.leaving[:_LEAVERS]
    for each in told:
        yield (
            f"As {each.phase} opens, going on is worth {scale.say(each.worth)} to {each.party}, and not paying in "
            f"{scale.say(each.worth - each.staying)}: it is {scale.say(-each.staying)} short of a reason to stay."
        )
    if more := len(found.leaving) - len(told):
        yield f"So it is with {more} more."


def says(promise: Promise) -> str:
    """A few words on what a party does in a phase, and whether it has given more by then than it is sure of."""
    words = [] if promise.credible else ["breaks"]
    words += [] if promise.stays else ["leaves"]
    words = words or ["keeps" if promise.promises else "owes nothing"]
    return ", ".join([*words, "exposed"] if promise.exposure.uncovered > 0 else words)


def deal_in_words(found: Appraisal, scale: Scale) -> Iterator[tuple[str, str]]:
    """About, and sentence: what holds for the deal as a whole."""
    yield from _bonds(found, scale)
    yield from _steps(found, scale)
    yield from _outlooks(found, scale)
    yield from _shifts(found, scale)
    yield from _hazards(found, scale)
    yield from _coalition(found, scale)


def _bonds(found: Appraisal, scale: Scale) -> Iterator[tuple[str, str]]:
    if found.game.document.estimates is None:
        return
    if (least := found.schedule) is None:
        yield "least bonds", "no bonds that the parties can afford make every promise pay and everybody take part"
    else:
        flat = found.schedule_without_top_ups
        beside = f"; paid in at the start they would cost {scale.say(flat.cost)}" if flat else ""
        yield "cost of capital", f"the least bonds cost {scale.say(least.cost)} if topped up as phases open{beside}"
    for promise in found.terminal:
        needed = promise.bond_needed
        if needed is None:
            yield "terminal bond", f"no bond holds {promise.party} in the last phase"
        elif needed > promise.bond:
            has = f"has {scale.bare(promise.bond)}" if promise.bond else "has none there"
            yield "terminal bond", f"{promise.party} needs {scale.say(needed)} in the last phase and {has}"


def _steps(found: Appraisal, scale: Scale) -> Iterator[tuple[str, str]]:
    if (step := found.largest_step) is not None:
        yield "largest step", f"{step.obligation} in {step.phase} moves {chance(step.share)} of all that moves"
    if (curve := found.curve) is not None:
        there = len(found.game.document.phases)
        needed = "no number of steps is safe" if curve.needed == inf else f"{counted(curve.needed, 'step')} would do"
        fewer = ", ".join(
            f"{scale.bare(level)} → {'none' if steps == inf else f'{steps:.0f}'}" for level, steps in curve.points[::3]
        )
        yield (
            "steps against bonds",
            (
                f"with what both have at stake {needed}, and the deal has {there}; with other stakes of both sides "
                f"({scale.unit} → steps): {fewer}"
            ),
        )
    for rise in found.rises:
        yield "irreversible steps", _rise(rise)


def _rise(rise: Rise) -> str:
    if not rise.largest_first:
        alone = "without a bond no sequence of steps is credible, as each would have to be answered by a larger one"
    else:
        fits = "which it is" if rise.first <= rise.largest_first else f"and it is {chance(rise.first)}"
        alone = f"without a bond its first step can be at most {chance(rise.largest_first)} of the whole, {fits}"
    more = f"; with its bond at stake the whole takes {counted(rise.steps, 'step')}" if rise.steps else ""
    return f"nothing that {rise.party} does can be undone; {alone}{more}"


def _outlooks(found: Appraisal, scale: Scale) -> Iterator[tuple[str, str]]:
    phases = [phase.id for phase in found.game.document.phases]
    for each in found.outlooks:
        if each.until is None:
            until = "for good"
        elif each.until < len(phases):
            until = f"until {phases[each.until]}, and from there on no more"
        else:
            until = f"to the end of the deal, and for {counted(each.until - len(phases), 'phase')} more"
        bond = (
            f"a bond of {scale.say(each.survives)} would hold it even if nothing else did (it has "
            f"{scale.bare(each.present)})"
            if each.bondable
            else "not bondable: no bond that it can afford would hold it if nothing else did"
        )
        yield "credible until", f"{each.party} can be believed {until}; {bond}"


def _shifts(found: Appraisal, scale: Scale) -> Iterator[tuple[str, str]]:
    for (riser, phase), shift in found.shifts.items():
        standing = found.standings[riser, next(i for i, p in enumerate(found.game.document.phases) if p.id == phase)]
        power = float(standing.detected) - float(standing.mistaken)
        bond = bond_for_riser(shift, discount=float(standing.discount), power=power)
        if shift.breaks_down:
            cure = "no bond removes that" if bond is None else f"a bond of {scale.say(bond)} of the riser removes that"
            text = (
                f"after {phase} {riser} rises by more than can be bargained over (gap {scale.say(shift.gap)}); {cure}"
            )
        else:
            text = f"{riser}'s rise after {phase} leaves room to bargain ({scale.say(-shift.gap)})"
        yield "power shift", text


def _hazards(found: Appraisal, scale: Scale) -> Iterator[tuple[str, str]]:
    for demand in found.demands:
        yield "extortion", _demand(demand, scale)
    seen = set[tuple[str, str]]()
    for bounty in sorted(found.bounties, key=lambda each: -each.bond):
        if bounty.bond <= 0 or (bounty.accuser, bounty.accused) in seen:
            continue
        seen.add((bounty.accuser, bounty.accused))
        yield (
            "accuser's bounty",
            (
                f"{bounty.accuser} receives {chance(bounty.share)} of what {bounty.accused} forfeits; so that accusing "
                f"falsely in {bounty.phase} never pays it should have {scale.say(bounty.bond)} at stake as accuser"
            ),
        )
    if (bet := found.bet) is not None:
        range_ = f"at least {scale.say(bet.wager.lowest)}" if bet.wager.lowest < inf else "no bet of any size"
        most = f" and at most {scale.say(bet.wager.highest)}" if bet.wager.highest < inf else ""
        yield (
            "arbiter's wager",
            (
                f"over the largest dispute ({bet.party} in {bet.phase}, {scale.say(bet.price)}) a court that errs with "
                f"{chance(bet.error)} needs both sides to bet {range_}{most}"
            ),
        )


def _demand(demand: Demand, scale: Scale) -> str:
    why = {
        "sides": f"{demand.who} can have its people say nothing on {demand.obligation}, silence is a breach, and "
        "nobody else decides",
        "affiliated": f"{demand.who}, who is on another side, decides alone on {demand.obligation}",
        "paid": f"{demand.who}, who decides alone on {demand.obligation}, gains by what is forfeited",
    }[demand.why]
    return (
        f"{why}: {demand.party} would lose {scale.say(demand.at_stake)}, and might rather give up "
        f"{scale.say(demand.conceding)}"
    )


def _coalition(found: Appraisal, scale: Scale) -> Iterator[tuple[str, str]]:
    if (size := found.coalition) is not None:
        alone = f"{size.stable} of {size.members} would hold" if size.stable else "no coalition would hold"
        holds = (
            "no deposit holds all" if size.deposit is None else f"a deposit of {scale.say(size.deposit)} each holds all"
        )
        yield "coalition", f"{alone} by themselves; {holds}"
    for each in found.accession:
        yield (
            "joining late",
            (
                f"as {each.phase} opens: {scale.say(each.price)} for what the others bore by then, beside the bond of "
                f"{scale.say(each.deposit)}"
            ),
        )


def flips(influence: Influence, scale: Scale) -> str:
    """At which value of an estimate a conclusion turns."""
    if not influence.flips_at:
        return "never"
    return ", ".join(value_of(influence.key, turn, scale) for turn in influence.flips_at[:2])


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Names in a row: "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def estimate_name(key: Key) -> str:
    """Where an estimate stands, without what all of them share."""
    return key.path.removeprefix("estimates.")


def _symbol(game: Game) -> str:
    return (game.document.assets[game.unit].symbol or game.unit) if game.unit else ""
