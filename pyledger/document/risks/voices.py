"""MSH: whether those who are affected are heard, and by whom they are spoken for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pyledger.document.problem import Location
from pyledger.document.risks.rule import Hit, Rule, rule
from pyledger.document.risks.views import acts, phase_of, quorum_within
from pyledger.document.units import DAY, say_duration

if TYPE_CHECKING:
    from pyledger.document.circumstances import Verifier
    from pyledger.document.model import Document, Panel

__all__ = ["VOICES"]

_SHORTEST: Final = 30 * DAY
_EVIDENCE: Final = frozenset({"treaty_body", "agency", "auditor", "hem_attestation", "public_record", "formula"})


@rule(
    "MSH1",
    "error",
    "affected, and not on the panel",
    why="Those who bear the effects of a deal know best whether it is kept. A panel without them decides about them.",
    mend="seat somebody of theirs on a panel and name the seat in `seats`; at least give them `standing`",
    source="Multistakeholder practice: affected communities take part from the start.",
)
def _msh1(document: Document) -> Iterator[Hit]:
    for name, group in document.affected_groups.items():
        if group.kind != "state" and not group.seats:
            if group.standing:
                yield Hit(("affected_groups", name), f"`{name}` may contest, but sits on no panel", severity="warning")
            else:
                yield Hit(("affected_groups", name), f"`{name}` sits on no panel and has no standing")


@rule(
    "MSH2",
    "warning",
    "the panel comes after the act",
    why="A panel that is formed after the first act that cannot be undone can only regret it.",
    mend="move the obligation that forms the panel to an earlier phase than that act",
    source="Multistakeholder practice: bodies are formed swiftly, before decisions are taken.",
)
def _msh2(document: Document) -> Iterator[Hit]:
    first = _first_irreversible(document)
    for act in acts(document):
        if first and "panel_formed" in act.duty.about and act.step >= first[0]:
            yield Hit(act.at, f"`{act.name}` forms a panel no earlier than `{first[1]}`, which cannot be undone")


def _first_irreversible(document: Document) -> tuple[int, str] | None:
    found = [
        (act.step, act.name)
        for act in acts(document)
        if act.duty.reversibility and act.duty.reversibility.class_ == "irreversible"
    ]
    found += [
        (phase_of(document, benefit), name)
        for name, benefit in document.benefits.items()
        if benefit.revocability.class_ == "irrevocable"
    ]
    return min(found, default=None)


@rule(
    "MSH3",
    "warning",
    "outvoted on what is theirs",
    why="A decision reserved to a group that others can take without it is not reserved.",
    mend="put its seats in a chamber of their own with a quota, or raise the `threshold` beyond all other seats",
    source="Reserved matters of constituencies; chambers of the Forest Stewardship Council.",
)
def _msh3(document: Document) -> Iterator[Hit]:
    for name, group in document.affected_groups.items():
        for act in acts(document):
            panel = document.panels[act.duty.decided_by]
            others = frozenset(seat for seat, _ in panel.seats) - set(group.seats)
            if act.name in group.reserved and quorum_within(panel, others):
                message = (
                    f"`{act.name}` is reserved to `{name}`, and `{act.duty.decided_by}` can decide it without them"
                )
                yield Hit(("affected_groups", name, "reserved"), message)


@rule(
    "MSH4",
    "warning",
    "too little time to comment",
    why="Comments take time to learn of a draft, to meet and to write. Less than thirty days, or a window that "
    "closes after the decision, is no hearing.",
    mend="write a `window` of 30 days or more that is over before what it is `before`",
    source="Surface mining: four weekly notices and thirty days; ISEAL consultations: sixty days.",
)
def _msh4(document: Document) -> Iterator[Hit]:
    comment = document.comment
    if comment is None:
        return
    if comment.window < _SHORTEST:
        yield Hit(("comment", "window"), f"there are only {say_duration(comment.window)} to comment")
    decided = _earliest(document, comment.before) if comment.before else None
    if decided is not None and comment.window > decided:
        message = f"the window of {say_duration(comment.window)} can close after `{comment.before}`"
        yield Hit(("comment", "before"), message, "have it close before an obligation or phase that is later")


def _earliest(document: Document, name: str) -> int | None:
    """Seconds from the start until a phase begins, or an obligation is due, if each phase before takes its time."""
    passed = document.join_within or 0
    for phase in document.phases:
        if phase.id == name:
            return passed
        if name in phase.obligations:
            return passed + phase.obligations[name].within
        passed += max(duty.deadline for duty in phase.obligations.values())
    return None


@rule(
    "MSH5",
    "warning",
    "comments need no answer",
    why="Comments that nobody must answer are collected, not heard.",
    mend="write `answered_within: 30 days` in `comment`",
    source="ISEAL: a synopsis of how comments were handled.",
)
def _msh5(document: Document) -> Iterator[Hit]:
    if document.comment and document.comment.answered_within is None:
        yield Hit(("comment",), "nobody has to answer what is commented")


@rule(
    "MSH6",
    "warning",
    "harm across borders, judged from one side of them",
    why="Where harm crosses borders, a body in which less than half of the voices come from the South repeats the "
    "imbalance that brought it about.",
    mend="seat verifiers with `region: south` until they are half of each chamber",
    source="Halves of North and South in each chamber of the Forest Stewardship Council.",
)
def _msh6(document: Document) -> Iterator[Hit]:
    if not any(group.across_borders for group in document.affected_groups.values()):
        return
    for name, panel in document.panels.items():
        for at, seats in _benches(("panels", name), panel):
            south = sum(1 for seat in seats if (found := document.verifiers.get(seat)) and found.region == "south")
            if 2 * south < len(seats):
                are = "is" if south == 1 else "are"
                said = f"{south} of {len(seats)} seats {are} from the South"
                yield Hit(at, f"{said}, and an affected group lies across borders")


def _benches(at: Location, panel: Panel) -> Iterator[tuple[Location, tuple[str, ...]]]:
    if panel.chambers is None:
        yield at, panel.verifiers or ()
    for name, chamber in (panel.chambers or {}).items():
        yield (*at, "chambers", name), chamber.verifiers


@rule(
    "MSH7",
    "info",
    "no common words",
    why="Groups that come from different trades mean different things by one word, and find out when it is too late.",
    mend="agree on words first: a `glossary`, or an early obligation with `about: [glossary]`",
    source="Multistakeholder practice: a shared language before drafting.",
)
def _msh7(document: Document) -> Iterator[Hit]:
    many = bool(document.affected_groups) or any(panel.chambers for panel in document.panels.values())
    agreed = document.glossary or any("glossary" in act.duty.about for act in acts(document))
    if many and not agreed:
        yield Hit(("glossary",), "several constituencies decide or are affected, and no words are defined")


@rule(
    "MSH8",
    "warning",
    "spoken for by others",
    why="Somebody whom another constituency has sent speaks for those who sent it.",
    mend="have each constituency nominate its own (`nominated_by`)",
    source="Extractive Industries Transparency Initiative: each constituency appoints and replaces its own members.",
)
def _msh8(document: Document) -> Iterator[Hit]:
    constituencies = {it.constituency for it in document.verifiers.values() if it.constituency} | {*document.parties}
    for name, verifier in document.verifiers.items():
        if verifier.constituency and verifier.nominated_by in constituencies - _own(document, name, verifier):
            message = f"`{name}` speaks for `{verifier.constituency}` and was sent by `{verifier.nominated_by}`"
            yield Hit(("verifiers", name, "nominated_by"), message)


def _own(document: Document, name: str, verifier: Verifier) -> set[str | None]:
    return {verifier.constituency} | {group for group, it in document.affected_groups.items() if name in it.seats}


@rule(
    "MSH9",
    "warning",
    "a pledge that nobody can measure",
    why="A pledge binds by being seen. Without a number, a record or somebody whose trade it is to look, whether "
    "it was kept is a matter of opinion.",
    mend="have a `value` attested, or seat an auditor, an agency or a public record (`verifiers: {…: {kind: …}}`)",
    source="Soft norms become hard through evidence: pledge, record, then treaty.",
)
def _msh9(document: Document) -> Iterator[Hit]:
    if len(document.parties) > 1:
        return
    for act in acts(document):
        seats = [seat for seat, _ in document.panels[act.duty.decided_by].seats]
        seen = any((found := document.verifiers.get(seat)) and found.kind in _EVIDENCE for seat in seats)
        if act.duty.by in document.parties and not seen and act.duty.value is None:
            yield Hit(act.at, f"whether `{act.name}` was kept rests on no number, record or office")


VOICES: Final[tuple[Rule, ...]] = (_msh1, _msh2, _msh3, _msh4, _msh5, _msh6, _msh7, _msh8, _msh9)
