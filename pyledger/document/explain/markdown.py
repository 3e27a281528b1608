"""An explanation as Markdown (CommonMark with tables); nothing that the document says is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyledger.document.explain.tree import (
    Block,
    Explanation,
    Items,
    Paragraph,
    Piece,
    Rows,
    Section,
    Sentence,
    Table,
)

__all__ = ["render"]

_DEEPEST = 6
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&$@:=^\"'])")
"""Every character that CommonMark, or a common extension of it, may take for markup; all may be escaped."""
_NEEDLESS = re.compile(r"(?<=[A-Za-z])\\(?:([.,:'])(?= |$)|(['\-])(?=[0-9A-Za-z]))")
"""Escapes that nothing needs: the end of a word or sentence that is no number, a hyphen within a word."""


def render(explanation: Explanation) -> str:
    """The whole as Markdown, a heading for each section."""
    lines = [f"# {_inline(explanation.title)}", ""]
    for section in explanation.sections:
        lines += _section(section, depth=2)
    return "\n".join(lines).rstrip() + "\n"


def _section(section: Section, *, depth: int) -> Iterator[str]:
    yield f"{'#' * min(depth, _DEEPEST)} {_inline(section.title)}"
    yield ""
    for block in section.blocks:
        yield from _block(block)
        yield ""
    for below in section.sections:
        yield from _section(below, depth=depth + 1)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(says):
            yield _inline(says)
        case Items(items):
            yield from (f"- {_inline(item)}" for item in items)
        case Rows(rows):
            yield from (f"- **{_inline(row.label)}:** {_inline(row.says)}" for row in rows)
        case Table(columns, cells, right):
            yield f"| {' | '.join(columns)} |"
            yield f"| {' | '.join('---:' if at in right else '---' for at in range(len(columns)))} |"
            yield from (f"| {' | '.join(map(_inline, line))} |" for line in cells)


def _inline(sentence: Sentence) -> str:
    return "".join(map(_piece, sentence)).strip()


def _piece(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    if piece.kind in {"id", "key", "hash", "bytes"}:  # letters, digits and hyphens alone
        return f"`{piece.text}`"
    if piece.kind == "verdict":
        return f"**{piece.text}**"
    return _escaped(piece.text)


def _escaped(text: str) -> str:
    """Text on one line with everything escaped that could be markup; digits and a point cannot begin a list."""
    line = " ".join(text.split())
    return _NEEDLESS.sub(r"\1\2", _MARKUP.sub(r"\\\1", line))
