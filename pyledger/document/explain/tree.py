"""An explanation as a tree: sections of paragraphs, lists, rows and tables, whose pieces are words of ours or facts.

Whatever comes from the document is a `Fact`, which knows its place there; whatever is a plain string is ours and holds
no number. So a program can compare the two, and a renderer can set what others wrote apart from what we say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pyledger.document.problem import Location

__all__ = [
    "Block",
    "Explanation",
    "Fact",
    "Items",
    "Kind",
    "Paragraph",
    "Piece",
    "Row",
    "Rows",
    "Section",
    "Sentence",
    "Table",
    "as_json",
    "facts",
    "plain",
    "say",
    "strings",
]

Kind = Literal[
    "amount", "duration", "share", "time", "count", "name", "id", "asset", "key", "entry",
    "verdict", "choice", "truth", "words",
    "bytes", "hash",
]  # fmt: skip
"""What a fact is: `words` are the document's own; a `key` introduces an id, an `entry` stands for one in a mapping, and
`name`, `id` and `asset` refer to them."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the document says at the place `at`, as people read it; `value` is what its canonical form holds.

    Amounts are decimal strings in units of their asset, durations seconds, times Unix seconds, shares basis points. A
    `derived` fact follows from what is there: a bond's share in money, or how many verifiers there are.
    """

    kind: Kind
    text: str
    value: str | int
    at: Location
    derived: bool = False


Piece = str | Fact
Sentence = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One or more sentences."""

    says: Sentence


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what is said under it."""

    label: Sentence
    says: Sentence


@dataclass(frozen=True, slots=True)
class Rows:
    """Labels, each with what is said under it."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns; `right` are the columns of numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Sentence, ...], ...]
    right: tuple[int, ...] = ()


Block = Paragraph | Items | Rows | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A title, what is said under it, and sections below."""

    name: str
    title: Sentence
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A whole document in plain words."""

    title: Sentence
    sections: tuple[Section, ...]


def say(*parts: Piece | Sentence) -> Sentence:
    """One sentence of parts, which may be sentences themselves; strings beside each other become one."""
    found: list[Piece] = []
    for part in parts:
        for piece in part if isinstance(part, tuple) else (part,):
            if isinstance(piece, str) and found and isinstance(last := found[-1], str):
                found[-1] = last + piece
            elif piece:
                found.append(piece)
    return tuple(found)


def plain(sentence: Sentence) -> str:
    """A sentence as text."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in sentence)


def sentences(explanation: Explanation) -> Iterator[Sentence]:
    """Every sentence, in reading order."""
    yield explanation.title
    for section in explanation.sections:
        yield from _of_section(section)


def facts(explanation: Explanation) -> Iterator[Fact]:
    """Every fact, in reading order."""
    return (piece for sentence in sentences(explanation) for piece in sentence if isinstance(piece, Fact))


def strings(explanation: Explanation) -> Iterator[str]:
    """Every string that is ours, in reading order."""
    return (piece for sentence in sentences(explanation) for piece in sentence if isinstance(piece, str))


def _of_section(section: Section) -> Iterator[Sentence]:
    yield section.title
    for block in section.blocks:
        yield from _of_block(block)
    for below in section.sections:
        yield from _of_section(below)


def _of_block(block: Block) -> Iterator[Sentence]:
    match block:
        case Paragraph(says):
            yield says
        case Items(items):
            yield from items
        case Rows(rows):
            for row in rows:
                yield from (row.label, row.says)
        case Table(columns, cells):
            yield from ((column,) for column in columns)
            for line in cells:
                yield from line


def as_json(explanation: Explanation) -> dict[str, Any]:
    """The tree as plain JSON values: a piece is a string or a fact with its kind, text, value and place."""
    return {
        "title": _sentence(explanation.title),
        "sections": [_section(section) for section in explanation.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": _sentence(section.title),
        "blocks": [_block(block) for block in section.blocks],
        "sections": [_section(below) for below in section.sections],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph(says):
            return {"paragraph": _sentence(says)}
        case Items(items):
            return {"items": [_sentence(item) for item in items]}
        case Rows(rows):
            return {"rows": [{"label": _sentence(row.label), "says": _sentence(row.says)} for row in rows]}
        case Table(columns, cells, right):
            found = [[_sentence(cell) for cell in line] for line in cells]
            return {"columns": list(columns), "right": list(right), "table": found}


def _sentence(sentence: Sentence) -> list[Any]:
    return [piece if isinstance(piece, str) else _fact(piece) for piece in sentence]


def _fact(fact: Fact) -> dict[str, Any]:
    found = {"kind": fact.kind, "text": fact.text, "value": fact.value, "at": list(fact.at)}
    return found | {"derived": True} if fact.derived else found
