"""What two drafts call by different names and is otherwise the same, so that a new name is told once.

A thing is renamed when it is gone under one name, is there under another, and says the same apart from names that are
gone or new themselves; or is at least called, or described, in the same words, or paid by and to the same on the same
obligation. Where several would fit, none is taken for the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

from pydantic import BaseModel

from pyledger.document.model import Document, Payment, Phase

__all__ = ["HOLDS", "Rename", "applied", "renames"]

Names = Mapping[str, Mapping[str, str]]
"""By kind of thing, its new name under its old one."""

HOLDS: Final[Mapping[str, str]] = {
    "Benefit.asset": "asset",
    "Benefit.from_": "account",
    "Benefit.phase": "phase",
    "Benefit.to": "account",
    "Benefit.verified_by": "obligation",
    "Bond.asset": "asset",
    "AffectedGroup.reserved": "obligation",
    "AffectedGroup.standing": "account",
    "Comment.before": "step",
    "Comment.notice_to": "account",
    "Document.affected_groups": "account",
    "Document.assets": "asset",
    "Document.benefits": "benefit",
    "Document.panels": "panel",
    "Document.parties": "account",
    "Document.recipients": "account",
    "Document.standing": "account",
    "Estimates.asset": "asset",
    "Estimates.panels": "panel",
    "Estimates.parties": "account",
    "Estimates.phases": "phase",
    "Estimates.values": "obligation",
    "Obligation.by": "account",
    "Obligation.decided_by": "panel",
    "Party.forfeits_to": "account",
    "Payment.asset": "asset",
    "Payment.from_": "account",
    "Payment.to": "account",
    "Payment.when": "obligation",
    "Phase.bonds": "account",
    "Phase.id": "phase",
    "Phase.obligations": "obligation",
    "Phase.payments": "payment",
    "Ratification.by": "account",
    "Ratification.gate": "obligation",
    "Revocability.by": "account",
    "Value.asset": "asset",
    "Verifier.affiliated_with": "account",
    "Verifier.nominated_by": "account",
    "Verifier.paid_by": "account",
}
"""Fields that hold names of things, or have them as keys, and of what kind."""

_INNER: Final[Mapping[str, str]] = {"Estimates.phases": "account"}
"""Kinds of the keys one level further down."""


_FIRST_PART: Final = re.compile(r" \((?:part|step) 1 of [0-9]{1,3}\)$")
"""How the first part of something that is divided is told from the others."""


class Rename(NamedTuple):
    """A thing under its old and its new name; `kind` as people say it, `at` where it stands now."""

    kind: str
    at: str
    old: str
    new: str


class _Place(NamedTuple):
    """Things of one kind in one place of a document, by name."""

    kind: str
    space: str
    at: str
    things: Mapping[str, BaseModel]


def renames(old: Document, new: Document) -> tuple[Rename, ...]:
    """Everything that is only called otherwise, the widest things first."""
    found: list[Rename] = []
    masks = _gone(old, new), _gone(new, old)
    for before, after in zip(_places(old), _places(new), strict=True):
        found += _matches(before, after, masks)
    phases = tuple(_matches(_phases(old), _phases(new), masks))
    by_id = {phase.id: phase for phase in old.phases} | {
        each.new: old.phase(each.old) for each in phases if each.new not in {phase.id for phase in old.phases}
    }
    for phase in new.phases:
        if phase.id in by_id:
            for one, other in zip(_inside(by_id[phase.id]), _inside(phase), strict=True):
                found += _matches(one, other, masks)
    return tuple(_clear([*found, *phases], old, new))


def _clear(found: list[Rename], old: Document, new: Document) -> Iterator[Rename]:
    """Those after which a name still means one thing: names that are shared with what stays are left alone."""
    before, after = _names(old), _names(new)
    taken: dict[tuple[str, str], str] = {}
    for each in found:
        space = _SPACES[each.kind]
        once = space == "account" or (before[space].count(each.old) == 1 and after[space].count(each.new) == 1)
        if not once or each.old in after[space] or each.new in before[space]:
            continue
        others = [name for (kind, name), to in taken.items() if kind == space and to == each.new and name != each.old]
        if taken.setdefault((space, each.old), each.new) == each.new and not others:
            yield each


def _names(document: Document) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    inside = (place for phase in document.phases for place in _inside(phase))
    for place in (*_places(document), _phases(document), *inside):
        found.setdefault(place.space, []).extend(place.things)
    return found


def applied(document: Document, found: tuple[Rename, ...]) -> Document:
    """The document with its things under their new names."""
    names: dict[str, dict[str, str]] = {}
    for each in found:
        space = _SPACES[each.kind]
        names.setdefault(space, {})[each.old] = each.new
        if space in ("phase", "obligation"):
            names.setdefault("step", {})[each.old] = each.new
    return cast("Document", _renamed(document, names)) if names else document


_SPACES: Final[Mapping[str, str]] = {
    "asset": "asset",
    "party": "account",
    "recipient": "account",
    "standing": "account",
    "affected group": "account",
    "panel": "panel",
    "benefit": "benefit",
    "phase": "phase",
    "obligation": "obligation",
    "payment": "payment",
}


def _places(document: Document) -> tuple[_Place, ...]:
    return (
        _Place("asset", "asset", "assets", document.assets),
        _Place("party", "account", "parties", document.parties),
        _Place("recipient", "account", "recipients", document.recipients),
        _Place("standing", "account", "standing", document.standing),
        _Place("affected group", "account", "affected_groups", document.affected_groups),
        _Place("panel", "panel", "panels", document.panels),
        _Place("benefit", "benefit", "benefits", document.benefits),
    )


def _phases(document: Document) -> _Place:
    blank = {phase.id: phase.model_copy(update={"id": "phase"}) for phase in document.phases}
    return _Place("phase", "phase", "phases", blank)


def _inside(phase: Phase) -> tuple[_Place, ...]:
    return (
        _Place("obligation", "obligation", f"phases.{phase.id}.obligations", phase.obligations),
        _Place("payment", "payment", f"phases.{phase.id}.payments", phase.payments),
    )


def _gone(one: Document, other: Document) -> Names:
    """The names that one draft has and the other has not, each standing for nothing."""
    missing: dict[str, dict[str, str]] = {}
    pairs = [*zip(_places(one), _places(other), strict=True), (_phases(one), _phases(other))]
    for ours, theirs in pairs:
        missing.setdefault(ours.space, {}).update((name, "") for name in ours.things if name not in theirs.things)
    for index, space in enumerate(("obligation", "payment")):
        here, there = (
            {name for phase in document.phases for name in _inside(phase)[index].things} for document in (one, other)
        )
        missing[space] = dict.fromkeys(here - there, "")
    return missing


def _matches(before: _Place, after: _Place, masks: tuple[Names, Names]) -> Iterator[Rename]:
    gone = {name: _renamed(thing, masks[0]) for name, thing in before.things.items() if name not in after.things}
    came = {name: _renamed(thing, masks[1]) for name, thing in after.things.items() if name not in before.things}
    for name, thing in gone.items():
        for said in (lambda thing: thing, _title):
            new = _only(said(thing), {other: said(each) for other, each in came.items()})
            if new and _only(said(thing), {other: said(each) for other, each in gone.items()}) == name:
                yield Rename(before.kind, f"{after.at}.{new}", name, new)
                break


def _title(thing: BaseModel) -> object:
    """What people call a thing, or know it by, besides its name in the document: a payment by whose it is, and why."""
    if isinstance(thing, Payment):
        return thing.from_, tuple(thing.to), tuple(thing.when)
    said = getattr(thing, "name", None) or getattr(thing, "what", None) or getattr(thing, "title", None)
    return _FIRST_PART.sub("", said) if isinstance(said, str) else said


def _only(wanted: object, among: Mapping[str, object]) -> str | None:
    """The one name under which something is; None where it is nothing, or under several or no names."""
    found = [name for name, each in among.items() if each == wanted]
    return found[0] if wanted is not None and len(found) == 1 else None


def _renamed(value: Any, names: Names) -> Any:
    """A model with names replaced wherever one of its fields, or of those inside it, holds them."""
    if not isinstance(value, BaseModel):
        return value
    changed = {}
    for name in type(value).model_fields:
        place = f"{type(value).__name__}.{name}"
        given = getattr(value, name)
        found = _inner(given, names.get(HOLDS.get(place, ""), {}), names.get(_INNER.get(place, ""), {}), names)
        if found is not given:
            changed[name] = found
    return value.model_copy(update=changed) if changed else value


def _inner(value: Any, here: Mapping[str, str], below: Mapping[str, str], names: Names) -> Any:
    match value:
        case BaseModel():
            return _renamed(value, names)
        case Mapping():
            return {here.get(key, key): _inner(each, below, {}, names) for key, each in value.items()}
        case tuple():
            return tuple(_inner(each, here, below, names) for each in value)
        case str():
            return here.get(value, value)
    return value
