"""PRO and POW: capabilities that spread further, or faster, than the deal can answer for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pyledger.document.classify import RULES as POWER_RULES, Classified, classify_all
from pyledger.document.risks.rule import Hit, Rule, rule
from pyledger.document.risks.views import acts, benefit_at, phase_of

if TYPE_CHECKING:
    from pyledger.document.benefits import Benefit
    from pyledger.document.model import Document

__all__ = ["PROLIFERATION"]

_BAND: Final = 4
"""Access may run ahead of commitments by one part in so many of the whole."""


@rule(
    "PRO1",
    "error",
    "dangerous weights given for good",
    why="Weights of a model with strong dangerous uses cannot be called back once they are handed over. No later "
    "breach, bond or panel changes what the recipient, or whoever robs it, can do with them.",
    mend="deliver through an interface (`delivery: api`), or keep the benefit revocable",
    source="Benefit-sharing vocabulary (dual use, delivery, revocability); the rule is this program's.",
)
def _pro1(document: Document) -> Iterator[Hit]:
    for name, benefit in document.benefits.items():
        lasting = benefit.revocability.class_ == "irrevocable"
        if benefit.dual_use == "high" and benefit.delivery == "weights" and lasting:
            yield Hit(benefit_at(name, "delivery"), f"`{name}` hands over weights of high dual use, irrevocably")


@rule(
    "PRO2",
    "warning",
    "access before security",
    why="What is delivered to a recipient that has not yet secured its machines and weights is delivered to "
    "whoever can break into them.",
    mend="add an obligation of the recipient with `about: [security]` in an earlier phase",
    source="Security milestones for weights and networks before the first delivery of frontier artificial "
    "intelligence.",
)
def _pro2(document: Document) -> Iterator[Hit]:
    first: dict[str, tuple[int, str]] = {}
    for name, benefit in document.benefits.items():
        for party in benefit.to if benefit.cluster == "frontier_ai" else ():
            first[party] = min(first.get(party, (len(document.phases), name)), (phase_of(document, benefit), name))
    for party, (index, name) in first.items():
        secured = any("security" in act.duty.about and act.step < index for act in acts(document, by=party))
        if party in document.parties and not secured:
            message = f"`{party}` gets `{name}` before it has met any obligation about security"
            yield Hit(benefit_at(name), message, _earlier(document, party, index))


def _earlier(document: Document, party: str, index: int) -> str:
    where = f"in `{document.phases[index - 1].id}` or before" if index else "in a phase before this one"
    return f"add an obligation of `{party}` with `about: [security]` {where}"


@rule(
    "PRO3",
    "warning",
    "training without limit or lock",
    why="Computing that may train anything, on machines without hardware-enabled governance, lets the recipient "
    "build what the deal withholds.",
    mend="limit it (`compute_use: training_below` with `training_below`), or require governed machines (`hem: true`)",
    source="Hardware-enabled mechanisms as a condition of shared computing.",
)
def _pro3(document: Document) -> Iterator[Hit]:
    for name, benefit in document.benefits.items():
        if benefit.compute_use == "training_unrestricted" and not benefit.hem:
            message = f"`{name}` allows any training, on machines that nothing governs"
            yield Hit(benefit_at(name, "compute_use"), message)


@rule(
    "PRO4",
    "warning",
    "access ahead of commitments",
    why="If a recipient has most of its frontier access while most of its own commitments are still to come, little is "
    "left that would make it keep them. Both curves should rise together, within a quarter of the whole.",
    mend="move the access to a later phase, or commitments of the recipient to an earlier one",
    source="Levelling-out principle of the Chemical Weapons Convention's order of destruction.",
)
def _pro4(document: Document) -> Iterator[Hit]:
    for party in document.parties:
        given = [
            (phase_of(document, benefit), name)
            for name, benefit in document.benefits.items()
            if party in benefit.to and benefit.cluster == "frontier_ai" and benefit.generation_lag == 0
        ]
        owed = [act.step for act in acts(document, by=party)]
        for index in sorted({index for index, _ in given}):
            has = sum(1 for each, _ in given if each <= index)
            kept = sum(1 for each in owed if each <= index)
            # has/given − kept/owed > 1/band, without division
            if _BAND * (has * len(owed) - kept * len(given)) > len(given) * len(owed) or not owed:
                name = next(name for each, name in given if each == index)
                message = (
                    f"by `{document.phases[index].id}`, `{party}` has {has} of {len(given)} frontier benefits, "
                    f"having answered for {kept} of its {len(owed)} obligations"
                )
                yield Hit(benefit_at(name), message)
                break


@rule(
    "PRO5",
    "warning",
    "nothing said of passing it on",
    why="A benefit that its recipient may hand on reaches those with whom no promise was exchanged.",
    mend="write `onward_transfer: forbidden` or `with_consent`",
    source="Re-export clauses of nuclear supply and of export control.",
)
def _pro5(document: Document) -> Iterator[Hit]:
    for name, benefit in document.benefits.items():
        if _can_be_passed_on(benefit) and benefit.onward_transfer in (None, "free"):
            free = benefit.onward_transfer == "free"
            message = f"`{name}` may be passed on freely" if free else f"nothing says whether `{name}` may be passed on"
            yield Hit(benefit_at(name, "onward_transfer") if free else benefit_at(name), message)


def _can_be_passed_on(benefit: Benefit) -> bool:
    return benefit.cluster == "frontier_ai" or benefit.kind == "defense_dominant_tech"


@rule(
    "POW1",
    "warning",
    "power given at the start",
    why="This benefit shifts power and not only wealth. Given in the first phase, or to a recipient that has kept "
    "nothing yet, it changes who can afford to break the deal before anybody has shown that they keep it.",
    mend="give it in the second phase or later, after an obligation that its recipient has met",
    source="Benefit-sharing against power-sharing; large, rapid shifts of power break agreements (Powell 2004, 2006).",
)
def _pow1(document: Document) -> Iterator[Hit]:
    for found in classify_all(document):
        if found.class_ == "power" and (message := _too_early(document, found)):
            yield Hit(benefit_at(found.name), message, _later_or_less(found))


def _too_early(document: Document, found: Classified) -> str | None:
    benefit = document.benefits[found.name]
    index = phase_of(document, benefit)
    because = "; ".join(f"{key}: {POWER_RULES[key]}" for key in found.fired)
    if not index:
        return f"`{found.name}` shares power ({because}) in the first phase"
    parties = [party for party in benefit.to if party in document.parties]
    kept = all(any(act.step < index for act in acts(document, by=party)) for party in parties)
    return None if kept else f"`{found.name}` shares power ({because}) with a recipient that owes nothing before"


def _later_or_less(found: Classified) -> str:
    changes = " and ".join(f"`{change.attribute}: {change.value}`" for change in found.flips[0]) if found.flips else ""
    less = f", or share less power with {changes}" if changes else ""
    return f"give it in the second phase or later, after an obligation that its recipient has met{less}"


PROLIFERATION: Final[tuple[Rule, ...]] = (_pro1, _pro2, _pro3, _pro4, _pro5, _pow1)
