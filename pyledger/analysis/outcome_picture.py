"""Outcomes as a picture: a row each, what happens on the left, what everybody gains or loses as bars on the right.

Readable in grey and without colour: gains are filled and go right, losses are hatched and go left, every bar carries
its number, and best and worst are words. Everything from the document is escaped, and what would not show as it reads
is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from textwrap import wrap
from typing import Final, NamedTuple
from unicodedata import category

__all__ = ["Bar", "Row", "picture"]

_WORDS: Final = 46
"""Characters in a line of what happens."""
_LONGEST: Final = 400
_LINE, _PAD, _LEFT, _COLUMN, _TOP = 17, 12, 350, 210, 102
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Bar(NamedTuple):
    """What one account gains: as a share of the largest in the column's asset (-1 to 1), in words, and a mark."""

    size: float
    words: str
    mark: str = ""


class Row(NamedTuple):
    """One outcome: what happens, how it ends, and a bar for each column."""

    words: str
    ends: str
    bars: tuple[Bar, ...]


def picture(title: str, about: str, columns: Sequence[str], rows: Sequence[Row]) -> str:
    """An SVG document, whose text is the document's: title, what it shows, columns, rows."""
    width = _LEFT + max(len(columns), 1) * _COLUMN + _PAD
    parts: list[str] = []
    top = _TOP
    for number, row in enumerate(rows, start=1):
        drawn, height = _row(number, row, top)
        parts += drawn
        top += height
    heads = [
        _text(_LEFT + at * _COLUMN + _COLUMN // 2, _TOP - 14, _cut(head, 30), "head", anchor="middle")
        for at, head in enumerate(columns)
    ]
    height = top + _PAD
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title about">',
            f'<title id="title">{_clean(title)}</title>',
            f'<desc id="about">{_clean(about)}</desc>',
            _STYLE,
            f'<rect class="paper" width="{width}" height="{height}"/>',
            _text(_PAD, 26, _cut(title, width // 10), "title"),
            *(_text(_PAD, 44 + 15 * at, line, "small") for at, line in enumerate(_lines(about, width // 7)[:2])),
            *heads,
            *parts,
            "</svg>",
            "",
        ]
    )


_STYLE: Final = """<defs><pattern id="loss" width="6" height="6" patternUnits="userSpaceOnUse" \
patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/><rect width="2.5" height="6" fill="#333"/>\
</pattern></defs>
<style>
text { font-family: "DejaVu Sans", Verdana, sans-serif; font-size: 12px; fill: #111 }
.title { font-size: 18px; font-weight: bold } .head { font-weight: bold } .small { font-size: 11px; fill: #444 }
.paper { fill: #fff } .stripe { fill: #f2f2f2 } .axis { stroke: #777; stroke-width: 1 }
.gain { fill: #555; stroke: #111 } .loss { fill: url(#loss); stroke: #111 }
</style>"""


def _row(number: int, row: Row, top: int) -> tuple[list[str], int]:
    lines = _lines(row.words, _WORDS)
    height = max(len(lines) + 1, 3) * _LINE + _PAD
    found = []
    if number % 2:
        width = _LEFT + len(row.bars) * _COLUMN + _PAD
        found.append(f'<rect class="stripe" x="0" y="{top}" width="{width}" height="{height}"/>')
    for at, line in enumerate(lines):
        mark = f"{number}. " if not at else ""
        found.append(_text(_PAD, top + _LINE * (at + 1), f"{mark}{line}", ""))
    found.append(_text(_PAD, top + _LINE * (len(lines) + 1), _cut(row.ends, 50), "small"))
    for at, bar in enumerate(row.bars):
        found += _bar(bar, _LEFT + at * _COLUMN + _COLUMN // 2, top)
    return found, height


def _bar(bar: Bar, middle: int, top: int) -> list[str]:
    half = _COLUMN // 2 - 10
    length = round(abs(bar.size) * half)
    said = f"{bar.words}, {bar.mark}" if bar.mark else bar.words
    found = [
        f'<line class="axis" x1="{middle}" y1="{top + 3}" x2="{middle}" y2="{top + _LINE + 18}"/>',
        _text(middle, top + _LINE * 3, said, "small", anchor="middle"),
    ]
    if bar.size:
        x, kind = (middle, "gain") if bar.size > 0 else (middle - max(length, 1), "loss")
        found.append(f'<rect class="{kind}" x="{x}" y="{top + 8}" width="{max(length, 1)}" height="{_LINE + 5}"/>')
    return found


def _text(x: int, y: int, words: str, kind: str, *, anchor: str = "") -> str:
    where = f' text-anchor="{anchor}"' if anchor else ""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{named}{where}>{_clean(words)}</text>'


def _clean(words: str) -> str:
    return escape("".join(each for each in words if category(each) not in _UNSEEN))


def _lines(words: str, width: int) -> list[str]:
    """Broken between words only: a name keeps its hyphens."""
    return wrap(_cut(words, _LONGEST), width, break_on_hyphens=False) or [""]


def _cut(words: str, longest: int) -> str:
    words = " ".join(words.split())
    return words if len(words) <= longest else f"{words[: longest - 1]}…"
