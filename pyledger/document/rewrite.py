"""Changing a document's text by program: one value set or one entry added, and every other character left as it was.

    set_value(text, ("phases", 0, "obligations", "delivered", "within"), "90 days")
    append(text, ("waivers",), {"finding": "CRE5", "because": "insured elsewhere"})

Nothing is parsed and written out again: the new words are put in their place in the text, so that comments, order,
quoting and layout stay. The result is read once more, and if anything but the intended value would have changed it is
refused with `UsageError` and nothing is done. Text comes back in Unicode's composed form (NFC), as it is read.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.events import Event, MappingEndEvent, MappingStartEvent, SequenceEndEvent, SequenceStartEvent

from pyledger.document.problem import Location
from pyledger.document.tree import Node, read_tree
from pyledger.document.units import printable
from pyledger.errors import DocumentError, UsageError

__all__ = [
    "Part", "append", "changed_data", "from_the_end", "held", "parts", "put", "reached", "refused", "set_value",
    "set_values", "written",
]  # fmt: skip

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[ .,'()%/;-]{1,2}[A-Za-z0-9_][A-Za-z0-9_]*)*[.%)']?")
_MEASURED: Final = re.compile(r"[0-9]+ [a-z]+(?: [0-9]+ [a-z]+)*|[0-9]+(?:\.[0-9]+)?%|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COMMENT: Final = re.compile(r"(?:^|\s)#")
_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off"})
_FLOW: Final = frozenset(",[]{}")


@dataclass(slots=True)
class Part:
    """A value in the text: from where to where, in braces or not, and what it holds."""

    start: int
    end: int
    column: int
    flow: bool = False
    entries: dict[str | int, Part] = field(default_factory=dict)
    key_start: int = 0
    key_end: int = 0
    """Where the key's own text begins and ends, after which the colon comes; 0 in a list."""


def set_value(text: str, at: Location, value: object) -> str:
    """The text with `value` at a location: in place of what is there, or as a new key of the mapping it belongs to."""
    return set_values(text, [(at, value)])


def set_values(text: str, changes: Sequence[tuple[Location, object]]) -> str:
    """The same for several values, none of them within another; the text is read once, however many they are."""
    text, root, top = _opened(text)
    changed = text
    for _, (at, value) in sorted(enumerate(changes), key=lambda each: from_the_end(top, *each), reverse=True):
        changed = put(changed, text, top, at, value)
    expected = root.plain()
    for at, value in changes:
        expected = changed_data(expected, at, value)
    held(changed, expected, changes[0][0] if changes else ())
    return changed


def from_the_end(top: Part, index: int, change: tuple[Location, object]) -> tuple[int, int, int]:
    """To sort by: what is changed first moves nothing that is changed later, so the end of the text comes first.

    Where two are put in the same place, the outer is put there before the inner, and the later before the earlier.
    """
    part, depth = reached(top, change[0])
    return (part.start, 0, 0) if depth == len(change[0]) else (part.end, -depth, index)


def put(text: str, before: str, top: Part, at: Location, value: object) -> str:
    """A text with a value at a location; `top` are the parts of the text `before`, changed at later places only."""
    part, depth = reached(top, at)
    if depth == len(at):
        return _replaced(text, part, _flow(value))
    key, rest = at[depth], at[depth + 1 :]
    if isinstance(key, int) or any(isinstance(step, int) for step in rest):
        raise refused(at, "there is no such entry in the list")
    nested = value
    for step in reversed(rest):
        nested = {step: nested}
    return _keyed(text, part, key, nested, at, before=before)


def append(text: str, at: Location, value: object) -> str:
    """The text with one more entry at the end of the list at a location, which is begun where there is none."""
    text, root, top = _opened(text)
    part, depth = reached(top, at)
    if depth == len(at):
        changed = _added(text, part, value, at)
    elif depth == len(at) - 1 and isinstance(at[-1], str):
        changed = _keyed(text, part, at[-1], [value], at, before=text)
    else:
        raise refused(at, "there is nothing that could hold such a list")
    held(changed, changed_data(root.plain(), at, value, add=True), at)
    return changed


def written(value: object) -> str:
    """A value as it is written on one line: amounts with their thousands apart, text in quotes where it needs them."""
    return _flow(value)


def _opened(text: str) -> tuple[str, Node, Part]:
    text = unicodedata.normalize("NFC", text)
    root, troubles = read_tree(text, "<document>")
    if troubles:
        raise UsageError(
            f"the document has an error: {troubles[0].message}", hint="mend it first: `pyledger check` shows where"
        )
    return text, root, parts(text)


def parts(text: str) -> Part:
    """Where everything stands in a text that can be read, composed (NFC) as it is read."""
    events = YAML(typ="safe", pure=True).parse(text)
    first = next(event for event in events if isinstance(event, MappingStartEvent))
    return _part(first, events, text)


def _part(event: Event, events: Iterator[Event], text: str) -> Part:
    start = event.start_mark.index
    if not isinstance(event, MappingStartEvent | SequenceStartEvent):
        raw = text[start : event.end_mark.index]
        return Part(start, start + len(raw.rstrip()), event.start_mark.column)
    part = Part(start, start, event.start_mark.column, bool(event.flow_style))
    while not isinstance(inner := next(events), MappingEndEvent | SequenceEndEvent):
        if isinstance(event, SequenceStartEvent):
            entry = _part(inner, events, text)
            part.entries[len(part.entries)] = entry
        else:
            key_start, key_end = inner.start_mark.index, inner.end_mark.index
            entry = _part(next(events), events, text)
            entry.key_start, entry.key_end = key_start, key_end
            part.entries[str(getattr(inner, "value", ""))] = entry
        part.end = entry.end
    if part.flow:
        part.end = inner.end_mark.index
    return part


def reached(top: Part, at: Location) -> tuple[Part, int]:
    """The deepest part on the way to a location, and how many steps lead to it."""
    part = top
    for depth, step in enumerate(at):
        if step not in part.entries:
            return part, depth
        part = part.entries[step]
    return part, len(at)


def _replaced(text: str, part: Part, new: str) -> str:
    start = part.start
    if part.entries and not part.flow and part.key_end:
        # A block begins on a line of its own; what takes its place stands beside the key.
        start, new = text.index(":", part.key_end) + 1, f" {new}"
    if _has_comment(text[start : part.end], part):
        raise UsageError("what would be replaced holds comments", hint="change it by hand, so that they are not lost")
    return text[:start] + new + text[part.end :]


def _has_comment(old: str, part: Part) -> bool:
    """Whether a comment may lie within; in quotes too a ` #` counts, because what is lost is lost."""
    if part.entries or part.flow:
        return bool(_COMMENT.search(old))
    return old[:1] in ("|", ">") and "#" in old.partition("\n")[0]


def _keyed(text: str, parent: Part, key: str | int, value: object, at: Location, *, before: str) -> str:
    """The text with one more key in a mapping; `before` is the text in which the parts were found."""
    if parent.entries and not all(isinstance(name, str) for name in parent.entries):
        raise refused(at, "a list has no keys")
    said = f"{_flow(key)}: {_flow(value)}"
    if parent.flow:
        return _into_braces(text, parent, said, before=before)
    if not parent.entries:
        raise refused(at, "there is no mapping that could hold it")
    lines = [said]
    if isinstance(value, list) and not parent.flow:
        lines = [f"{_flow(key)}:", *(f"  - {_flow(each)}" for each in value)]
    return _after(text, parent, lines)


def _added(text: str, part: Part, value: object, at: Location) -> str:
    if part.flow and text[part.start] == "[":
        return _into_braces(text, part, _flow(value), before=text)
    if part.flow or not part.entries or any(isinstance(name, str) for name in part.entries):
        raise refused(at, "what is there is no list")
    return _after(text, part, [f"- {_flow(value)}"])


def _into_braces(text: str, part: Part, said: str, *, before: str) -> str:
    """Beside the last entry, so that no comment of the lines after it is in the way."""
    if not part.entries:
        return text[: part.start + 1] + said + text[part.start + 1 :]
    last = list(part.entries.values())[-1].end
    comma = re.match(r"\s*,", before[last : part.end])  # one that is there already, before the end
    place = last + comma.end() if comma else last
    return text[:place] + (" " if comma else ", ") + said + text[place:]


def _after(text: str, part: Part, lines: list[str]) -> str:
    """Lines put after the last line of a block, indented as the block is."""
    newline = "\r\n" if "\r\n" in text else "\n"
    stop = text.find("\n", part.end)
    stop = len(text) if stop < 0 else stop + 1
    before = text[:stop] if text[:stop].endswith("\n") else text[:stop] + newline
    return before + "".join(f"{' ' * part.column}{line}{newline}" for line in lines) + text[stop:]


def _flow(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return f"{value:_}"
        case Decimal():
            return f"{value:,f}".replace(",", "_")
        case str():
            plain = _MEASURED.fullmatch(value) or (_PLAIN.fullmatch(value) and value.lower() not in _WORDS)
            return value if plain and not _FLOW & set(value) else _quoted(value)
        case Mapping():
            return "{" + ", ".join(f"{_flow(key)}: {_flow(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_flow, value)) + "]"
    raise UsageError(f"`{printable(str(value))}` cannot be written into a document", hint="give text, numbers or lists")


def _quoted(text: str) -> str:
    return "".join(
        char if char.isprintable() else json.dumps(char)[1:-1] for char in json.dumps(text, ensure_ascii=False)
    )


def held(changed: str, expected: object, at: Location) -> Node:
    """What a changed text reads as, if that is what was there with only this changed; `UsageError` if not."""
    try:
        root, troubles = read_tree(changed, "<document>")
    except DocumentError as error:
        raise refused(at, "the layout there leaves no room for it") from error
    if troubles or _ordered(root.plain()) != _ordered(expected):
        raise refused(at, "something else would have changed with it")
    return root


def changed_data(data: Any, at: Location, value: object, *, add: bool = False) -> Any:
    """Plain data with a value at a location, or with one more entry in the list there."""
    if not at:
        return [*data, _as_read(value)] if add else _as_read(value)
    step, rest = at[0], at[1:]
    if isinstance(data, list):
        return [changed_data(each, rest, value, add=add) if i == step else each for i, each in enumerate(data)]
    data = data or {}
    missing: Any = [] if add and not rest else {}
    return {**data, step: changed_data(data.get(step, missing), rest, value, add=add)}


def _as_read(value: object) -> object:
    match value:
        case Mapping():
            return {str(key): _as_read(each) for key, each in value.items()}
        case list() | tuple():
            return [_as_read(each) for each in value]
    return value


def _ordered(data: object) -> object:
    """The same with the order of keys told: a change keeps that too. Numbers are told from text and truth."""
    match data:
        case dict():
            return [(key, _ordered(each)) for key, each in data.items()]
        case list():
            return ["list", *map(_ordered, data)]
        case bool() | str() | None:
            return (type(data).__name__, data)
    return ("number", data)


def refused(at: Location, why: str) -> UsageError:
    """The error that a change cannot be made by program."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in at).removeprefix(".")
    return UsageError(f"`{printable(path)}` cannot be changed by program: {why}", hint="change it by hand")
