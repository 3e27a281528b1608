"""CRE, first part: whether each side has reason to keep its word to the end."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pyledger.document.consistency import OUTSIDE
from pyledger.document.limits import WHOLE
from pyledger.document.problem import Location
from pyledger.document.risks.rule import Hit, Rule, rule
from pyledger.document.risks.views import (
    Act,
    acts,
    benefit_at,
    contingent,
    escrowed,
    escrows,
    expects,
    forfeited,
    linked,
    payable_to,
    phase_of,
    quorum_within,
    share,
)
from pyledger.document.units import say_amount, say_percent

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["COMMITMENT"]


@rule(
    "CRE2",
    "error",
    "bond returned before the last promise",
    why="The last promise is the one that no later phase makes worth keeping. If the bond has gone back by then, "
    "nothing does.",
    mend="keep a bond level above zero in each phase in which the party owes something",
    source="Last-period problem; the bond of the terminal phase must cover its temptation.",
)
def _cre2(document: Document) -> Iterator[Hit]:
    for name in document.parties:
        last = max((act.step for act in acts(document, by=name)), default=0)
        before = any(document.bond_level(name, phase) for phase in document.phases[:last])
        if before and not document.bond_level(name, document.phases[last]):
            phase = document.phases[last]
            at: Location = ("phases", last, "bonds", name) if name in phase.bonds else ("phases", last)
            yield Hit(at, f"the bond of `{name}` has gone back when its last obligations begin, in `{phase.id}`")


@rule(
    "CRE4",
    "error",
    "no way back, and nothing in hand",
    why="Who does what cannot be undone before the others have done anything, without escrow or a bond that would "
    "make up for it, is at their mercy from then on.",
    mend="move it after something that the others have done, or secure it: escrow for it, or a bond that pays its "
    "maker",
    source="Exposure and hold-up; the Agreed Framework of 1994 put an irreversible step just before the dearest "
    "delivery.",
)
def _cre4(document: Document) -> Iterator[Hit]:
    for act in acts(document):
        kind = act.duty.reversibility
        if act.duty.by not in document.parties or kind is None or kind.class_ != "irreversible":
            continue
        if lacks := _unsecured(document, act.duty.by, act.step, (act.name,), _cost(document, act)):
            yield Hit((*act.at, "reversibility"), f"`{act.duty.by}` cannot undo `{act.name}`, {lacks}")
    for name, benefit in document.benefits.items():
        earned = any(act.duty.by in benefit.to for act in acts(document) if act.name in benefit.verified_by)
        if earned or escrowed(document, benefit):
            continue
        if benefit.from_ in document.parties and benefit.revocability.class_ == "irrevocable":
            index, value = phase_of(document, benefit), benefit.value or Decimal(0)
            if lacks := _unsecured(document, benefit.from_, index, benefit.verified_by, value):
                yield Hit(benefit_at(name, "revocability"), f"`{benefit.from_}` cannot take back `{name}`, {lacks}")


def _cost(document: Document, act: Act) -> Decimal:
    stakes = document.estimates.phases.get(act.phase.id, {}) if document.estimates else {}
    stake = stakes.get(act.duty.by)
    return stake.cost.likely if stake and stake.cost else Decimal(0)


def _unsecured(document: Document, party: str, index: int, names: tuple[str, ...], exposure: Decimal) -> str | None:
    """What is missing, if others have done nothing before, and too little is in hand for what is exposed."""
    before = any(act.step < index and act.duty.by not in (party, OUTSIDE) for act in acts(document))
    before |= any(it.step < index and party in it.payment.to for it in escrows(document))
    if before or not expects(document, party):
        return None
    own = {*names, *(act.name for act in acts(document, by=party, phase=index))}
    paid = (it.payment for it in escrows(document, phase=index) if it.payment.obligation in own)
    escrow = sum((share(it.amount, it.to.get(party, 0)) for it in paid if "met" in it.on), Decimal(0))
    covered = escrow + payable_to(document, party, index)
    if covered and covered >= exposure:
        return None
    if not covered:
        return "and before anybody else has done anything, neither escrow nor bond would make up for it"
    return f"and only {say_amount(covered)} of {say_amount(exposure)} is secured by escrow and bonds"


@rule(
    "CRE5",
    "warning",
    "one step carries most of the value",
    why="A step worth more than all others together is where breaking the deal pays most. Smaller steps, each "
    "repaid before the next, keep what can be lost at once small.",
    mend="split the step, or move value from it to others",
    source="Six-Party Talks 2007, steps of 5 and 95 percent, against 40, 40 and 20 at Lockerbie; gradualism "
    "(Pitchford and Snyder 2004).",
)
def _cre5(document: Document) -> Iterator[Hit]:
    for asset in document.assets:
        steps = _steps(document, asset)
        total = sum(steps.values(), Decimal(0))
        if total and 2 * max(steps.values()) > total:
            at, largest = max(steps.items(), key=lambda step: step[1])
            part = say_percent(int(largest * WHOLE / total))
            yield Hit(
                at, f"{say_amount(largest)} of {say_amount(total)} `{asset}` hang on this step, {part} of the whole"
            )


def _steps(document: Document, asset: str) -> dict[Location, Decimal]:
    """What each obligation moves at most, in one asset: its payments by one verdict, and the benefits it confirms."""
    steps: dict[Location, Decimal] = {}
    for act in acts(document):
        paid = [it for it in contingent(act) if it.asset == asset]
        by_verdict = (
            sum((it.amount for it in paid if word in it.on), Decimal(0)) for word in ("met", "breached", "lapsed")
        )
        given = (
            it.value or Decimal(0)
            for it in document.benefits.values()
            if it.asset == asset and it.verified_by[:1] == (act.name,) and phase_of(document, it) == act.step
            if not escrowed(document, it)
        )
        steps[act.at] = max(by_verdict) + sum(given, Decimal(0))
    return steps


@rule(
    "CRE6",
    "error",
    "disagreement costs one side, and nobody else decides",
    why="If only the parties' own people decide, and silence counts as a breach, the other side can withhold its "
    "vote and ask a price for it. Without anybody independent, that is extortion.",
    mend="add verifiers who belong to neither side, name a court (`arbitration`), or let silence lapse",
    source="No escrow without a trusted third party avoids extortion by one side (Goharshady 2021).",
)
def _cre6(document: Document) -> Iterator[Hit]:
    for act in acts(document) if document.arbitration is None else ():
        panel = document.panels[act.duty.decided_by]
        seats = [seat for seat, _ in panel.seats]
        sides = {seat: {party for party in document.parties if linked(document, seat, party)} for seat in seats}
        loses = act.duty.if_silent == "breached" and (forfeited(document, act) or contingent(act))
        if act.duty.by in document.parties and loses and all(sides.values()):
            own = frozenset(seat for seat in seats if act.duty.by in sides[seat])
            if not quorum_within(panel, own):
                message = (
                    f"only the parties' own people decide on `{act.name}`, and their silence costs `{act.duty.by}`"
                )
                yield Hit((*act.at, "decided_by"), message)


@rule(
    "CRE7",
    "warning",
    "a cliff on what its loser does not control",
    why="Where money turns on an act of somebody else by a fixed day, one day of delay takes everything from a "
    "party that could do nothing about it.",
    mend="give a `grace` of a tenth of the time or more, pay part on silence, or agree on an `amendment` for objective "
    "circumstances",
    source="Lockerbie: the list was changed in 2006, after the escrow had expired, and the last fifth was not owed.",
)
def _cre7(document: Document) -> Iterator[Hit]:
    if document.amendment and document.amendment.objective_circumstances:
        return
    for act in acts(document):
        paid = contingent(act)
        softened = any(act.duty.if_silent in it.on for it in paid) or act.duty.grace * 10 >= act.duty.within
        losers = {to for it in paid for to in it.to if act.duty.by == OUTSIDE or to in document.parties}
        controlled = act.duty.by in losers | {it.from_ for it in paid}
        if losers and not softened and not controlled:
            lost = " and ".join(f"`{name}`" for name in sorted(losers))
            yield Hit((*act.at, "within"), f"a day's delay of `{act.name}` costs {lost} everything that hangs on it")


@rule(
    "CRE8",
    "warning",
    "revocable without rules",
    why="A benefit that can be taken back without notice or named grounds is a threat more than a benefit: what "
    "it is worth depends on its giver's mood.",
    mend="say the `grounds`, and the `notice` where it is revocable with notice",
    source="Revocable benefits require more credibility: a remark in writing on benefit-sharing.",
)
def _cre8(document: Document) -> Iterator[Hit]:
    for name, benefit in document.benefits.items():
        terms = benefit.revocability
        missing = [
            word
            for word, lacks in (
                ("notice", terms.class_ == "revocable_with_notice" and terms.notice is None),
                ("grounds", terms.grounds is None),
            )
            if lacks and terms.class_ != "irrevocable"
        ]
        if missing:
            said = " and ".join(f"`{word}`" for word in missing) + (" are" if len(missing) > 1 else " is")
            yield Hit(benefit_at(name, "revocability"), f"`{name}` can be taken back, and {said} not said")


@rule(
    "CRE9",
    "warning",
    "the bond does not pay for completion",
    why="If the obligor walks away, what it forfeits should pay somebody else to finish. Less than that makes "
    "walking away the cheaper way.",
    mend="raise the bond level or `forfeit` until a breach forfeits at least `cost_to_complete`",
    source="Surface mining bonds: no release below the cost of completion (30 CFR 800.15 and 800.40).",
)
def _cre9(document: Document) -> Iterator[Hit]:
    for act in acts(document):
        cost, forfeit = act.duty.cost_to_complete, forfeited(document, act)
        if act.duty.by in document.parties and cost and forfeit < cost:
            message = f"breaching `{act.name}` forfeits {say_amount(forfeit)}, finishing it costs {say_amount(cost)}"
            yield Hit((*act.at, "cost_to_complete"), message)


COMMITMENT: Final[tuple[Rule, ...]] = (_cre2, _cre4, _cre5, _cre6, _cre7, _cre8, _cre9)
