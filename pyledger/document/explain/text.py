"""An explanation as plain text for a terminal or a letter, wrapped to a width."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import zip_longest

from pyledger.document.explain.tree import Block, Explanation, Items, Paragraph, Rows, Section, Sentence, Table, plain

__all__ = ["render", "width_of"]

_NARROWEST = 40
_LABEL = 24
_GAP = 2
_MOST = 100
"""Widest that prose is set, however wide the terminal."""


def render(explanation: Explanation, *, width: int = 80) -> str:
    """The whole as text, no line wider than `width` columns (at least 40, at most 100) unless one word is."""
    width = max(_NARROWEST, min(width, _MOST))
    lines = [*_wrapped(explanation.title, width), "═" * min(width, width_of(plain(explanation.title)))]
    for section in explanation.sections:
        lines += ["", *_section(section, width, depth=0)]
    return "\n".join(lines) + "\n"


def _section(section: Section, width: int, *, depth: int) -> Iterator[str]:
    mark = "▪ " if depth > 1 else ""
    title = _wrapped(section.title, width, mark=mark)
    yield ""
    yield from title
    if depth < 2:
        yield ("─" if depth == 0 else "┄") * max(width_of(line) for line in title)
    for number, block in enumerate(section.blocks):
        if number:
            yield ""
        yield from _block(block, width, indent=2 if depth > 1 else 0)
    for below in section.sections:
        yield from _section(below, width, depth=depth + 1)


def _block(block: Block, width: int, *, indent: int) -> Iterator[str]:
    match block:
        case Paragraph(says):
            yield from _wrapped(says, width, indent=indent)
        case Items(items):
            for item in items:
                yield from _wrapped(item, width, indent=indent, mark="• ")
        case Rows(rows):
            for row in rows:
                yield from _row(row.label, row.says, width, indent=indent, beside=min(_LABEL, width // 3))
        case Table():
            yield from _table(block, width, indent=indent)


def _row(label: Sentence, says: Sentence, width: int, *, indent: int, beside: int) -> Iterator[str]:
    """A label in `beside` columns, and beside it what is said."""
    left = _wrapped(label, beside)
    right = _wrapped(says, max(width - indent - beside - _GAP, _NARROWEST // 2))
    for first, second in zip_longest(left, right, fillvalue=""):
        yield f"{' ' * indent}{_padded(first, beside + _GAP)}{second}".rstrip()


def _table(table: Table, width: int, *, indent: int) -> Iterator[str]:
    """Columns side by side where they fit, else one row below the other with its column's names."""
    cells = [[plain(cell) for cell in row] for row in table.rows]
    lines = [list(table.columns), *cells]
    sizes = [max(width_of(line[at]) for line in lines) for at in range(len(table.columns))]
    if sum(sizes) + _GAP * (len(sizes) - 1) + indent <= width:
        for line in [list(table.columns), ["─" * size for size in sizes], *cells]:
            pairs = enumerate(zip(line, sizes, strict=True))
            aligned = [_padded(cell, size, right=at in table.right) for at, (cell, size) in pairs]
            yield f"{' ' * indent}{(' ' * _GAP).join(aligned)}".rstrip()
        return
    beside = min(_LABEL, width // 3, max(width_of(column) for column in table.columns))
    for number, row in enumerate(table.rows):
        if number:
            yield ""
        for column, cell in zip(table.columns, row, strict=True):
            yield from _row((column,), cell, width, indent=indent, beside=beside)


def _wrapped(sentence: Sentence, width: int, *, indent: int = 0, mark: str = "") -> list[str]:
    """The lines of a sentence, a mark before the first; where the document breaks a line, so is it here."""
    room = width - indent - len(mark)
    lines = [line for part in plain(sentence).split("\n") for line in _lines(part.split(), room)]
    return [f"{' ' * indent}{mark if not at else ' ' * len(mark)}{line}".rstrip() for at, line in enumerate(lines)]


def _lines(words: list[str], room: int) -> Iterator[str]:
    """Words set one after another; one that is wider than the room is broken."""
    line = ""
    for word in (part for whole in words for part in _broken(whole, room)):
        if line and width_of(line) + 1 + width_of(word) > room:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _broken(word: str, room: int) -> Iterator[str]:
    if len(word) * 2 <= room or width_of(word) <= room:
        yield word
        return
    part = ""
    for each in word:
        if width_of(part) + width_of(each) > room:
            yield part
            part = ""
        part += each
    yield part


def width_of(text: str) -> int:
    """How many columns a terminal needs for a text: wide characters take two, those that combine none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def _padded(text: str, width: int, *, right: bool = False) -> str:
    space = " " * max(width - width_of(text), 0)
    return space + text if right else text + space
