"""How a document's values are said in a comparison: each by what its field holds, whatever model it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cache
from typing import Any, Final, NamedTuple, get_args, get_origin

from pydantic import BaseModel, BeforeValidator

from pyledger.document import units
from pyledger.document.estimates import Chance, Quantity, Rate
from pyledger.document.model import Document
from pyledger.document.units import say_amount, say_duration, say_percent, say_time

__all__ = [
    "NOTHING",
    "Unit",
    "describe",
    "exchanged",
    "label",
    "pair",
    "quoted",
    "reworded",
    "say",
    "symbol",
    "unit_in",
]

NOTHING: Final = "not said"
"""How a value that is not there is said."""

_NO_LATER: Final = ("longer", "shorter")
_KINDS: Final[Mapping[Any, str]] = {
    units.parse_amount: "amount",
    units.parse_bytes: "bytes",
    units.parse_duration: "duration",
    units.parse_line: "text",
    units.parse_percent: "percent",
    units.parse_prose: "text",
    units.parse_rate: "percent",
    units.parse_time: "time",
}

_LABELS: Final[Mapping[str, str]] = {
    "Arbitration.data": "data for the court",
    "Bond.amount": "level",
    "Comment.answered_within": "answers within",
    "Document.accession": "joining later",
    "Document.default_forfeits": "not paying in forfeits",
    "Document.join_by": "time to join",
    "Document.join_within": "time to join",
    "Document.long_stop": "long stop",
    "Document.long_stop_after": "long stop",
    "Document.min_parties": "parties needed to begin",
    "Document.top_up_within": "time to top up a bond",
    "Obligation.by": "owed by",
    "Obligation.forfeit": "a breach forfeits",
    "Obligation.if_silent": "silence counts as",
    "Obligation.material": "a breach ends the deal",
    "Obligation.within": "deadline",
    "Payment.from": "paid by",
    "Payment.fund_within": "into escrow within",
    "Payment.to": "paid to",
    "Payment.when": "released when",
    "Reversibility.class": "class",
}
"""Labels other than the field's own name."""

_SHOWN: Final = 60
"""Longest text that is shown whole on both sides, in characters; of longer ones, the stretches that changed."""

_AROUND: Final = 3
"""Words shown before and after a changed stretch."""


class Unit(NamedTuple):
    """What the amounts of a thing are counted in, and its values, where verifiers attest some."""

    money: str = ""
    value: str = ""


def symbol(document: Document, asset: str) -> str:
    """The symbol of an asset, or its name where it has none."""
    found = document.assets.get(asset)
    return (found.symbol if found else None) or asset


def unit_in(document: Document, thing: BaseModel, around: Unit) -> Unit:
    """The unit inside a thing: that of its own asset, else that of what it stands in."""
    asset = getattr(thing, "asset", None)
    return around._replace(money=symbol(document, asset)) if isinstance(asset, str) else around


@cache
def _kind(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    return _of_metadata(field.metadata) or _of_annotation(field.annotation)


def _of_metadata(metadata: Any) -> str | None:
    found = (_KINDS.get(each.func) for each in metadata if isinstance(each, BeforeValidator))
    return next(filter(None, found), None)


def _of_annotation(annotation: Any) -> str:
    if (metadata := getattr(annotation, "__metadata__", None)) is not None:
        return _of_metadata(metadata) or _of_annotation(get_args(annotation)[0])
    args = [each for each in get_args(annotation) if each not in (type(None), Ellipsis)]
    if not args or get_origin(annotation) is type:
        return "word"
    return _of_annotation(args[-1] if isinstance(get_origin(annotation), type) else args[0])


def label(model: type[BaseModel], name: str) -> str:
    """What a field is called in a comparison: "deadline", "decided by"."""
    key = model.model_fields[name].alias or name
    return _LABELS.get(f"{model.__name__}.{key}", key.replace("_", " "))


def say(model: type[BaseModel], name: str, value: object, unit: Unit) -> str:
    """The value of a model's field: "30 days", "80 USDX", `"The worker delivers"`."""
    counted = unit.value if model.__name__ == "Tier" and name == "from_" else unit.money
    return _said(value, _kind(model, name), counted, unit)


def _said(value: object, kind: str, counted: str, unit: Unit) -> str:
    match value:
        case None | () | "":
            return NOTHING
        case Quantity() | Chance() | Rate():
            return _range(value, unit)
        case BaseModel():
            return describe(value, unit)
        case Mapping():
            return _mapping(value, kind, counted, unit)
        case tuple():
            said = [(each, _said(each, kind, counted, unit)) for each in value]
            return ", ".join(f"({words})" if isinstance(each, BaseModel) else words for each, words in said)
    return _scalar(value, kind, counted)


def _scalar(value: object, kind: str, counted: str) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case bytes():
            return f"0x{value.hex()}"
        case Decimal():
            return f"{say_amount(value)} {counted}".rstrip()
        case int():
            return {"duration": say_duration, "percent": say_percent, "time": say_time}.get(kind, str)(value)
    return quoted(str(value)) if kind == "text" else str(value)


def quoted(text: str) -> str:
    """A text on one line, in quotes: no line of it can pass for one of ours."""
    return f'"{" ".join(text.split())}"'


def exchanged(old: str, new: str) -> str:
    """Two texts: whole where they are short, else the stretches in which they differ."""
    before, after = quoted(old), quoted(new)
    if before == after or len(before) + len(after) > 2 * _SHOWN:
        return reworded(old, new)
    return f"{before} → {after}"


def _mapping(value: Mapping[Any, Any], kind: str, counted: str, unit: Unit) -> str:
    if list(value.values()) == [10_000] and kind == "percent":
        return str(next(iter(value)))
    return ", ".join(f"{key} {_said(each, kind, counted, unit)}" for key, each in value.items()) or NOTHING


def _range(value: Quantity | Chance | Rate, unit: Unit) -> str:
    low, likely, high = (say(type(value), name, getattr(value, name), unit) for name in ("low", "likely", "high"))
    return likely if low == likely == high else f"{low} to {high}, likely {likely}"


def describe(thing: BaseModel, unit: Unit) -> str:
    """Everything that a thing says, for one that is new or gone: "deadline 30 days; decided by jury; …"."""
    parts = []
    for name, field in type(thing).model_fields.items():
        value = getattr(thing, name)
        if value is None or value in ((), {}) or value == field.default:
            continue
        said = say(type(thing), name, value, unit)
        parts.append(f"{label(type(thing), name)} {f'({said})' if isinstance(value, BaseModel) else said}")
    return "; ".join(parts)


def pair(model: type[BaseModel], name: str, values: tuple[object, object], sides: tuple[Unit, Unit]) -> str:
    """Two values of a field, and by how much they differ: "60 → 80 USDX, 20 USDX more"."""
    kind = _kind(model, name)
    old, new = (say(model, name, value, unit) for value, unit in zip(values, sides, strict=True))
    if kind == "text" and all(isinstance(each, str) for each in values):
        return exchanged(str(values[0]), str(values[1]))
    change = _difference(kind, values, sides, deadline=name in ("within", "grace"))
    counted = f" {sides[1].money}" if sides[1].money else ""
    if all(isinstance(each, Decimal) for each in values) and sides[0] == sides[1]:
        old = old.removesuffix(counted)
    return f"{old} → {new}{f', {change}' if change else ''}"


def _difference(kind: str, values: tuple[object, object], sides: tuple[Unit, Unit], *, deadline: bool) -> str:
    old, new = values
    if isinstance(old, Decimal) and isinstance(new, Decimal) and sides[0] == sides[1]:
        return f"{say_amount(abs(new - old))} {'more' if new > old else 'less'}"
    if isinstance(old, bool) or not isinstance(old, int) or not isinstance(new, int):
        return ""
    more = new > old
    if kind == "duration":
        after, before = ("later", "earlier") if deadline else _NO_LATER
        return f"{say_duration(abs(new - old))} {after if more else before}"
    if kind == "time":
        return f"{say_duration(abs(new - old))} {'later' if more else 'earlier'}"
    return ""


def reworded(old: str, new: str) -> str:
    """The stretches in which two texts differ, a few words around each: `… lifted by [June → July] of …`."""
    before, after = re.findall(r"\S+", old), re.findall(r"\S+", new)
    return "; ".join(_stretches(before, after)) or "blanks between the words"


def _stretches(before: list[str], after: list[str]) -> Iterator[str]:
    start, most = 0, min(len(before), len(after))
    while start < most and before[start] == after[start]:
        start += 1
    end = 0
    while end < most - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            continue
        lead = " ".join(after[max(start + c - _AROUND, 0) : start + c])
        tail = " ".join(after[start + d : start + d + _AROUND])
        change = f"[{' '.join(old[a:b]) or '…'} → {' '.join(new[c:d]) or '…'}]"
        yield " ".join(filter(None, (f"… {lead}" if lead else "", change, f"{tail} …" if tail else "")))
