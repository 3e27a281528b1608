"""Whole parts of a document's text repeated, left out or renamed by program, beside values that are put in their place.

    splice(draft, [Repeat(("phases", 2), ([Put((..., "id"), "hosting-1")], [Put((..., "id"), "hosting-2")]))])

As in `rewrite` nothing is parsed and written out again: comments, order, quoting and layout stay, in each repetition
too. All locations are those of the draft as it was, those of the changes within a repetition too. The result is read
once, and refused if it reads as anything else than was meant.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyledger.document.load import Draft, draft_of
from pyledger.document.problem import Location
from pyledger.document.rewrite import Part, changed_data, from_the_end, held, parts, put, reached, refused

__all__ = ["Edit", "Leave", "Put", "Rename", "Repeat", "expected", "splice"]


@dataclass(frozen=True, slots=True)
class Put:
    """A value in place of what is at a location, or as a new key of the mapping it belongs to."""

    at: Location
    value: object


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name for the key at a location."""

    at: Location
    name: str


@dataclass(frozen=True, slots=True)
class Leave:
    """What is at a location left out, with the comment above it."""

    at: Location


@dataclass(frozen=True, slots=True)
class Repeat:
    """The entry at a location as many times as there are lists of changes, each with its own changes made."""

    at: Location
    copies: tuple[Sequence[Edit], ...]


Edit = Put | Rename | Leave | Repeat


def splice(draft: Draft, edits: Sequence[Edit]) -> Draft:
    """The draft with these changes, none of them within another but those of a repetition.

    Raises `UsageError` where the layout leaves no room, `DocumentError` if the result is no document.
    """
    text = unicodedata.normalize("NFC", draft.text)
    text = text if text.endswith("\n") else f"{text}\n"
    changed = _applied(text, parts(text), edits)
    root = held(changed, expected(draft.root.plain(), edits), edits[0].at if edits else ())
    return draft_of(changed, root, file=draft.file)


def _applied(text: str, top: Part, edits: Sequence[Edit]) -> str:
    """The text with changes made from its end to its beginning, so that none moves what is still to be changed."""
    changed, left = text, {each.at for each in edits if isinstance(each, Leave)}
    for _, edit in sorted(enumerate(edits), key=lambda each: _place(top, *each), reverse=True):
        match edit:
            case Put(at, value):
                changed = put(changed, text, top, at, value)
            case Rename(at, name):
                part = _found(top, at)
                changed = changed[: part.key_start] + name + changed[part.key_end :]
            case Leave(at):
                start, end = _without(text, top, at, left)
                changed = changed[:start] + changed[end:]
            case Repeat(at, copies):
                changed = _repeated(changed, text, top, at, copies)
    return changed


def _place(top: Part, index: int, edit: Edit) -> tuple[int, int, int]:
    if isinstance(edit, Put):
        return from_the_end(top, index, (edit.at, edit.value))
    return _begin(_found(top, edit.at)), 0, 0


def _repeated(changed: str, text: str, top: Part, at: Location, copies: tuple[Sequence[Edit], ...]) -> str:
    parent, part = _found(top, at[:-1]), _found(top, at)
    start, end = (_begin(part), part.end) if parent.flow else _lines(text, part, at)
    said = []
    for edits in copies:
        whole = _applied(text, top, edits)
        said.append(whole[start : end + len(whole) - len(text)])
    return changed[:start] + (", " if parent.flow else "").join(said) + changed[end:]


def _without(text: str, top: Part, at: Location, left: set[Location]) -> tuple[int, int]:
    """From where to where an entry stands, with what parts it from its neighbours; `left` are all that are left out."""
    parent, part = _found(top, at[:-1]), _found(top, at)
    names = list(parent.entries)
    if len(names) == sum((*at[:-1], name) in left for name in names):
        raise refused(at, "nothing would be left beside it")
    if not parent.flow:
        start, end = _lines(text, part, at)
        return _comment_above(text, start), end
    index = names.index(at[-1])
    if all((*at[:-1], name) in left for name in names[:index]):
        return _begin(part), _begin(parent.entries[names[index + 1]])
    return parent.entries[names[index - 1]].end, part.end


def _lines(text: str, part: Part, at: Location) -> tuple[int, int]:
    """The lines on which an entry of a block stands, all of them its own."""
    start = text.rfind("\n", 0, _begin(part)) + 1
    if text[start : _begin(part)].strip() not in ("", "-") or (part.key_end and text[start : _begin(part)].strip()):
        raise refused(at, "it begins on a line with something else")
    end = text.find("\n", part.end)
    return start, len(text) if end < 0 else end + 1


def _comment_above(text: str, start: int) -> int:
    """Where the comment begins that stands directly above a line, in the line's own column."""
    line = text[start : text.index("\n", start)]
    mark = line[: len(line) - len(line.lstrip(" "))] + "#"
    while start and text.startswith(mark, above := text.rfind("\n", 0, start - 1) + 1):
        start = above
    return start


def _begin(part: Part) -> int:
    return part.key_start if part.key_end else part.start


def _found(top: Part, at: Location) -> Part:
    part, depth = reached(top, at)
    if depth < len(at):
        raise refused(at, "there is no such entry")
    return part


def expected(data: Any, edits: Sequence[Edit]) -> Any:
    """What a text of these plain values should read as with these changes.

    Values are put first, then names and what is left out, then what is repeated.
    """
    for edit in edits:
        if isinstance(edit, Put):
            data = changed_data(data, edit.at, edit.value)
    named = [each for each in edits if isinstance(each, Rename | Leave)]
    for each in sorted(named, key=lambda each: len(each.at), reverse=True):
        data = _exchanged(data, each.at, [(each.name, _inside(data, each.at))] if isinstance(each, Rename) else [])
    repeats = [each for each in edits if isinstance(each, Repeat)]
    for repeat in sorted(repeats, key=lambda each: [(isinstance(at, str), at) for at in each.at], reverse=True):
        data = _exchanged(data, repeat.at, [_copy(data, repeat.at, edits) for edits in repeat.copies])
    return data


def _copy(data: Any, at: Location, edits: Sequence[Edit]) -> tuple[str | int, Any]:
    """What the whole would have there, and under which name, if only these changes were made."""
    name = next((each.name for each in edits if isinstance(each, Rename) and each.at == at), at[-1])
    return name, _inside(expected(data, edits), (*at[:-1], name))


def _inside(data: Any, at: Location) -> Any:
    for step in at:
        data = data[step]
    return data


def _exchanged(data: Any, at: Location, now: list[tuple[str | int, Any]]) -> Any:
    """The data with other entries in place of the one at a location, its neighbours and their order as they were."""
    first, rest = at[0], at[1:]
    found: list[tuple[str | int, Any]] = []
    for key, value in enumerate(data) if isinstance(data, list) else data.items():
        if key != first:
            found.append((key, value))
        else:
            found += [(key, _exchanged(value, rest, now))] if rest else now
    return [value for _, value in found] if isinstance(data, list) else dict(found)
