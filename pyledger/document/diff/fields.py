"""The comparison of two things of one kind, field by field, and of lists and mappings of them.

What a thing's fields are is asked of its model, so that a field that the format gains is compared like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from pydantic import BaseModel

from pyledger.document.diff.effects import NEUTRAL, Effect
from pyledger.document.diff.shapes import Change, Spot
from pyledger.document.diff.words import NOTHING, describe, exchanged, label, pair, quoted, say, unit_in
from pyledger.document.estimates import Chance, Quantity, Rate
from pyledger.document.model import Document

__all__ = ["entries", "fields", "items", "order", "whole"]

Weigh = Callable[[str], Effect]
"""Who gains by a change of the field of that name."""

_ONE_VALUE: Final = (Quantity, Chance, Rate)

_ORDERED: Final = frozenset({"forfeits_to", "to"})
"""Mappings whose order counts: the last of some shares takes what rounding leaves."""


def fields(
    documents: tuple[Document, Document],
    spot: Spot,
    old: BaseModel,
    new: BaseModel,
    weigh: Weigh,
    *,
    without: frozenset[str] = frozenset(),
    before: str = "",
) -> Iterator[Change]:
    """Every field in which two things differ; `without` are those that somebody else compares."""
    sides = unit_in(documents[0], old, spot.units[0]), unit_in(documents[1], new, spot.units[1])
    here = spot._replace(units=sides)
    for name in type(new).model_fields:
        values = getattr(old, name), getattr(new, name)
        if name in without or (values[0] == values[1] and not _turned(name, values)):
            continue
        what = f"{before}{label(type(new), name)}"
        at = spot.down(type(new).model_fields[name].alias or name)
        yield from _field(documents, here._replace(at=at), (old, new), name, what, weigh)


def _field(
    documents: tuple[Document, Document],
    spot: Spot,
    owners: tuple[BaseModel, BaseModel],
    name: str,
    what: str,
    weigh: Weigh,
) -> Iterator[Change]:
    old, new = (getattr(owner, name) for owner in owners)
    model = type(owners[1])
    if isinstance(old, BaseModel) and isinstance(new, BaseModel) and not isinstance(new, _ONE_VALUE):
        yield from fields(documents, spot, old, new, lambda _: weigh(name), before=_inside(name, what))
    elif _of_models(old, new):
        yield from entries(documents, spot, what, old, new, lambda _: weigh(name))
    elif isinstance(old, Mapping) and isinstance(new, Mapping) and list(old) != list(new) and dict(old) == dict(new):
        yield spot.reordered(spot.at, what, (old, new), weigh(name))
    else:
        yield whole(model, name, (old, new), spot, what, weigh(name))


def whole(model: type[BaseModel], name: str, values: tuple[Any, Any], spot: Spot, what: str, effect: Effect) -> Change:
    """A field that is compared as one value."""
    old, new = (say(model, name, value, unit) for value, unit in zip(values, spot.units, strict=True))
    if old == NOTHING:
        return spot.added(what, f"{new}, where nothing was said before", effect, new=new)
    if new == NOTHING:
        return spot.removed(what, f"no longer said; it was {old}", effect, old=old)
    return Change(spot.at, "changed", spot.about, what, pair(model, name, values, spot.units), effect, old, new)


def entries(
    documents: tuple[Document, Document],
    spot: Spot,
    what: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    weigh: Weigh,
) -> Iterator[Change]:
    """Things by name, of no order that counts: those that are new, gone, and changed."""
    for name in (*new, *(name for name in old if name not in new)):
        here, title = spot._replace(at=spot.down(name)), f"{what} {name}".strip()
        one, other = old.get(name), new.get(name)
        if one is None:
            yield here.added(title, f"new: {_described(other, here, documents, 1)}", weigh(name))
        elif other is None:
            yield here.removed(title, f"gone; it said: {_described(one, here, documents, 0)}", weigh(name))
        elif isinstance(other, BaseModel):
            yield from fields(documents, here, one, other, weigh, before=f"{title}: ")
        elif isinstance(other, Mapping):
            yield from entries(documents, here, title, one, other, weigh)
        elif one != other:
            yield Change(
                here.at, "changed", here.about, title, exchanged(str(one), str(other)), weigh(name), one, other
            )


def items(
    spot: Spot, what: str, said: tuple[Sequence[str], Sequence[str]], weigh: Effect, *, spoken: bool
) -> Iterator[Change]:
    """A list of sayings: those that came, went and changed, each by its number, counting from 1.

    What is `spoken` is the document's own text; what is not is told of it, with its text in quotes already.
    """
    old, new = said
    shown = quoted if spoken else str
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            continue
        for one, other in zip(range(a, b), range(c, d), strict=False):
            words = exchanged(old[one], new[other]) if spoken else f"{old[one]} → {new[other]}"
            at, title = f"{spot.at}[{other}]", f"{what} {other + 1}"
            yield Change(at, "changed", spot.about, title, words, weigh, old[one], new[other])
        for one in range(a + (d - c), b):
            yield spot.removed(f"{what} {one + 1}", f"gone; it said: {shown(old[one])}", weigh, at=f"{spot.at}[{one}]")
        for other in range(c + (b - a), d):
            yield spot.added(f"{what} {other + 1}", f"new: {shown(new[other])}", weigh, at=f"{spot.at}[{other}]")


def order(
    spot: Spot, at: str, what: str, names: tuple[Sequence[str], Sequence[str]], effect: Effect = NEUTRAL
) -> Iterator[Change]:
    """Said where those that both drafts have come in another order."""
    old, new = names
    kept = [name for name in old if name in new], [name for name in new if name in old]
    if kept[0] != kept[1]:
        yield spot.reordered(at, what, kept, effect)


def _inside(name: str, what: str) -> str:
    """What goes before the fields of a part: a bond's own need no more than its name."""
    return "bond " if name == "bond" else f"{what}: "


def _turned(name: str, values: tuple[Any, Any]) -> bool:
    """Whether equal shares come in another order."""
    return name in _ORDERED and isinstance(values[0], Mapping) and list(values[0]) != list(values[1])


def _of_models(old: object, new: object) -> bool:
    found = [each for value in (old, new) if isinstance(value, Mapping) for each in value.values()]
    both = isinstance(old, Mapping) and isinstance(new, Mapping)
    return both and bool(found) and all(isinstance(each, BaseModel | Mapping) for each in found)


def _described(thing: Any, spot: Spot, documents: tuple[Document, Document], side: int) -> str:
    if isinstance(thing, BaseModel):
        return describe(thing, unit_in(documents[side], thing, spot.units[side]))
    if isinstance(thing, Mapping):
        return "; ".join(f"{name} ({_described(each, spot, documents, side)})" for name, each in thing.items())
    return quoted(str(thing))
