"""Drawing in SVG: shapes, and text that is cut where it does not fit. Pure text out; nothing in it can be markup."""

from __future__ import annotations

import re
import unicodedata
from html import escape
from typing import Final, Literal

__all__ = ["FONTS", "Shape", "clean", "fit", "legal", "rect", "shaped", "text", "width_of"]

FONTS: Final = "Arial, 'Liberation Sans', Helvetica, 'DejaVu Sans', 'Libertinus Serif', sans-serif"

Shape = Literal["plain", "reversible", "partly_reversible", "irreversible"]

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]-·/")
_WIDE: Final = frozenset("mwMW@%—…")
_CORNER: Final = 12


def clean(value: str) -> str:
    """Text for XML: escaped, and without the characters that XML cannot hold."""
    return escape(legal(value), quote=True)


def legal(value: str) -> str:
    """Text without the characters that XML cannot hold, such as U+FFFF."""
    return _ILLEGAL.sub("\ufffd", value)


def width_of(value: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is, rather too wide than too narrow, as the reader's font is not known."""
    return sum(_em(each) for each in value) * size * (1.08 if bold else 1.0)


def _em(each: str) -> float:
    if each == " ":
        return 0.3
    if each in _NARROW:
        return 0.36
    if each in _WIDE:
        return 0.92
    if each.isascii():
        return 0.7 if each.isupper() else 0.57
    if unicodedata.combining(each):
        return 0.0
    return 1.05 if unicodedata.east_asian_width(each) in "WF" else 0.72


def fit(value: str, width: float, size: float, *, lines: int, bold: bool = False) -> list[str]:
    """A text on at most so many lines of a width; what does not fit is cut, and an ellipsis says so."""
    found: list[str] = []
    words = value.split()
    while words and len(found) < lines:
        row = ""
        while words and width_of(f"{row} {words[0]}".strip(), size, bold=bold) <= width:
            row = f"{row} {words.pop(0)}".strip()
        if not row:  # a word wider than a line
            row, words[0] = _broken(words[0], width, size, bold=bold)
        found.append(row)
    if words:
        found[-1] = _cut(found[-1], width, size, bold=bold)
    return found


def _cut(row: str, width: float, size: float, *, bold: bool) -> str:
    """A line with an ellipsis after as many of its words as fit, or after a part of the only one."""
    kept = row.split(" ")
    while len(kept) > 1 and width_of(f"{' '.join(kept)}…", size, bold=bold) > width:
        kept.pop()
    last = " ".join(kept)
    while last and width_of(f"{last}…", size, bold=bold) > width:
        last = last[:-1]
    return f"{last}…"


def _broken(word: str, width: float, size: float, *, bold: bool) -> tuple[str, str]:
    at, used = 0, 0.0
    while at < len(word) and (at == 0 or used + width_of(word[at], size, bold=bold) <= width):
        used += width_of(word[at], size, bold=bold)
        at += 1
    return word[:at], word[at:]


def text(x: float, y: float, value: str, *, size: float, bold: bool = False, kind: str = "ink") -> str:
    """One line of text, its baseline at `y`."""
    weight = ' font-weight="bold"' if bold else ""
    fill = {"ink": "#1a1a1a", "soft": "#4a4a4a"}[kind]
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" font-size="{size:g}"{weight} fill="{fill}">{clean(value)}</text>'


def rect(x: float, y: float, width: float, height: float, *, kind: str) -> str:
    """A plain area: the ground of the picture, or the band of a heading."""
    fill = {"ground": "#ffffff", "band": "#e6e6e6", "lane": "#f5f5f5"}[kind]
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"/>'


def shaped(shape: Shape, x: float, y: float, width: float, height: float) -> str:
    """The outline of a box: round is reversible, cut corners are irreversible, and between them is half of each."""
    right, bottom, c = x + width, y + height, min(_CORNER, height / 2)
    stroke = {"plain": "1", "reversible": "1.5", "partly_reversible": "1.5", "irreversible": "3"}[shape]
    dash = ' stroke-dasharray="7 3"' if shape == "partly_reversible" else ""
    if shape in {"plain", "reversible"}:
        radius = f' rx="{c:g}"' if shape == "reversible" else ""
        outline = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"{radius}'
    elif shape == "irreversible":
        points = (
            (x + c, y), (right - c, y), (right, y + c), (right, bottom - c), (right - c, bottom), (x + c, bottom),
            (x, bottom - c), (x, y + c),
        )  # fmt: skip
        outline = f'<polygon points="{" ".join(f"{a:g},{b:g}" for a, b in points)}"'
    else:
        outline = (
            f'<path d="M{x + c:g},{y:g} H{right - c:g} L{right:g},{y + c:g} V{bottom - c:g} L{right - c:g},{bottom:g} '
            f"H{x + c:g} A{c:g},{c:g} 0 0 1 {x:g},{bottom - c:g} V{y + c:g} A{c:g},{c:g} 0 0 1 {x + c:g},{y:g} Z"
            '"'
        )
    return f'{outline} class="box" fill="#ffffff" stroke="#1a1a1a" stroke-width="{stroke}"{dash}/>'
