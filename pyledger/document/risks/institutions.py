"""CRE, second part: who decides, by which clocks, on what kind of paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, get_args

from pyledger.document.circumstances import InstrumentLevel
from pyledger.document.risks.rule import Hit, Rule, rule
from pyledger.document.risks.views import acts, awaited, linked, quorum_within
from pyledger.document.units import say_duration

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["INSTITUTIONS"]

_LEVELS: Final[tuple[str, ...]] = get_args(InstrumentLevel)
_PAPERS: Final = {
    "soft_pledge": "a soft pledge",
    "mou": "a memorandum of understanding",
    "executive_agreement": "an executive agreement",
    "treaty": "a treaty",
}


@rule(
    "CRE11",
    "warning",
    "one party's people can decide alone",
    why="A panel that one party's people can carry without anybody else is that party's own judgement by another name.",
    mend="raise the `threshold`, give others a chamber with a quota, or seat verifiers of neither side",
    source="Independence of verifiers; sole verifiers affiliated with a party.",
)
def _cre11(document: Document) -> Iterator[Hit]:
    for name, panel in document.panels.items():
        alone = [
            f"{' and '.join(f'`{seat}`' for seat in sorted(own))} on the side of `{party}`"
            for party in document.parties
            if (own := frozenset(seat for seat, _ in panel.seats if linked(document, seat, party)))
            and quorum_within(panel, own)
        ]
        if alone:
            yield Hit(("panels", name), f"this panel can be carried without anybody else by {', or by '.join(alone)}")


@rule(
    "CRE12",
    "info",
    "no way to amend for what nobody chose",
    why="Circumstances change. A deal that cannot bend to what nobody chose is broken instead, or kept when it "
    "helps nobody.",
    mend="write `amendment: {objective_circumstances: true, how: …}`: all members can extend, or dissolve and "
    "open anew",
    source="EU Recovery and Resilience Facility: plans are amended for objective circumstances.",
)
def _cre12(document: Document) -> Iterator[Hit]:
    if document.amendment is None or not document.amendment.objective_circumstances:
        yield Hit(("amendment",), "nothing says how the deal changes when circumstances do")


@rule(
    "CRE13",
    "error",
    "no way back before the dispute is over",
    why="Who must do what cannot be undone while it can still be contested whether the others have kept their part may "
    "find out too late that they have not.",
    mend="move it to the next phase, which opens when all verdicts of this one are final, or shorten the court's "
    "windows",
    source="Dispute clocks of the Iran agreement of 2015, laid before the next irreversible step.",
)
def _cre13(document: Document) -> Iterator[Hit]:
    for act in acts(document) if document.contest_time else ():
        kind = act.duty.reversibility
        if act.duty.by not in document.parties or kind is None or kind.class_ != "irreversible":
            continue
        others = (it for it in awaited(document, act.duty.by) if it.step == act.step)
        late = [it for it in others if it.duty.deadline + document.contest_time > act.duty.deadline]
        if late:
            final = say_duration(late[0].duty.deadline + document.contest_time)
            message = (
                f"`{act.name}` is due {say_duration(act.duty.deadline)} into the phase and cannot be undone; "
                f"`{late[0].name}` can be in dispute for {final}"
            )
            yield Hit((*act.at, "reversibility"), message)


@rule(
    "CRE14",
    "warning",
    "more is promised than the paper can bind",
    why="A promise that takes a treaty, made in a memorandum, can be disowned by those who never consented to it.",
    mend="raise `instrument`, or add a `ratification` whose gate is an obligation of an earlier phase",
    source="Instruments from soft pledge to treaty, and their ratification.",
)
def _cre14(document: Document) -> Iterator[Hit]:
    level = document.instrument.level if document.instrument else _LEVELS[0]
    gate = document.ratification.gate if document.ratification else None
    ratified = min((act.step for act in acts(document) if act.name == gate), default=len(document.phases))
    for act in acts(document):
        needs = act.duty.needs
        if needs and _LEVELS.index(needs) > _LEVELS.index(level) and ratified >= act.step:
            said = f"is {_PAPERS[level]}" if document.instrument else "says nothing of its kind"
            message = f"`{act.name}` needs {_PAPERS[needs]}, the deal {said}, and nothing is ratified before"
            yield Hit((*act.at, "needs"), message)


INSTITUTIONS: Final[tuple[Rule, ...]] = (_cre11, _cre12, _cre13, _cre14)
