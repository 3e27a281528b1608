"""The phases as a picture (SVG): who must do what by when, what is at stake, what can be undone.

A band for each phase, in it a lane for each party, in the lane a box for each obligation from left to right in order of
time. What a box's shape says is also said in a word, so that nothing is lost in grey or to a screen reader.
The defaults are for paper; a page may set other colours for the classes ground, band, lane, box, ink and soft.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from pyledger.document.explain import svg
from pyledger.document.explain.scene import Box, Lane, Scene, due, scenes
from pyledger.document.explain.words import CHOICES
from pyledger.document.model import Document

__all__ = ["DARK", "draw", "draw_phases"]

WIDE: Final = 800
_MARGIN: Final = 10
_PAD: Final = 10
_GAP: Final = 10
_LABEL: Final = 176
_COLUMN: Final = 200
"""Narrowest column of time."""
_BIG, _MIDDLE, _SMALL = 17.0, 13.0, 11.5
_LEADING: Final = 1.35
_SAYS: Final = 3
"""Most lines of an obligation's words in its box."""

DARK: Final = (
    ".ground{fill:#16181c}.band{fill:#2c3038}.lane{fill:#1d2026}.box{fill:#16181c;stroke:#e8e8e8}"
    ".ink{fill:#f2f2f2}.soft{fill:#c4c8cf}"
)
"""Colours of the classes on a dark ground, as CSS."""


class Piece(NamedTuple):
    """Something drawn, and how tall it is."""

    drawn: list[str]
    height: float


def draw(document: Document, *, width: int = WIDE, name: str = "phases", alone: bool = True) -> str:
    """All phases, one below the other, `width` units wide.

    `name` makes the ids of title and description unique on a page. Where it is `alone`, dark colours come with it.
    """
    found = scenes(document)
    return _document(document.title, found, found, width=width, name=name, alone=alone)


def draw_phases(document: Document, *, width: int = WIDE) -> tuple[str, ...]:
    """Each phase by itself, for pages that a picture of all might not fit on."""
    found = scenes(document)
    return tuple(
        _document(document.title, (scene,), found, width=width, name=f"phase-{index}", alone=False)
        for index, scene in enumerate(found)
    )


def _document(title: str, shown: Sequence[Scene], every: Sequence[Scene], *, width: int, name: str, alone: bool) -> str:
    drawn, y = list[str](), float(_MARGIN)
    for scene in shown:
        piece = _scene(scene, width - 2 * _MARGIN, y)
        drawn += piece.drawn
        y += piece.height + 2 * _GAP
    shapes = {box.shape for scene in every for lane in scene.lanes for box in lane.boxes}
    if shown[-1] is every[-1]:
        legend = _legend([shape for shape in CHOICES["reversibility"] if shape in shapes], width - 2 * _MARGIN, y)
        drawn += legend.drawn
        y += legend.height
    height = y + _MARGIN - _GAP
    style = f"<style>@media (prefers-color-scheme: dark){{{DARK}}}</style>" if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" width="{width}" height="{height:g}" '
        f'role="img" aria-labelledby="{name}-title {name}-desc" font-family="{svg.FONTS}">'
        f'<title id="{name}-title">{svg.clean(title)}</title><desc id="{name}-desc">{svg.clean(_told(shown))}</desc>'
        f"{style}{svg.rect(0, 0, width, height, kind='ground')}{''.join(drawn)}</svg>\n"
    )


def _told(shown: Sequence[Scene]) -> str:
    """The picture in words, for those who cannot see it."""
    parts = []
    for scene in shown:
        parts.append(f"{scene.title}. {scene.opens}. {scene.stake}.")
        for lane in scene.lanes:
            parts += [f"{lane.name}, {due(box)}: {box.what}{_word(box)}." for box in lane.boxes]
    return " ".join(parts)


def _word(box: Box) -> str:
    return f" ({box.undone})" if box.undone else ""


# Phases


def _scene(scene: Scene, width: float, y: float) -> Piece:
    x, top = _MARGIN, y
    title = svg.fit(scene.title, width - 2 * _PAD, _BIG, lines=2, bold=True)
    under = [
        *svg.fit(scene.opens, width - 2 * _PAD, _SMALL, lines=2),
        *svg.fit(scene.stake, width - 2 * _PAD, _MIDDLE, lines=3, bold=True),
    ]
    drawn = list[str]()
    y += _PAD
    for row in title:
        y += _BIG * _LEADING
        drawn.append(svg.text(x + _PAD, y - 4, row, size=_BIG, bold=True))
    for at, row in enumerate(under):
        y += _MIDDLE * _LEADING
        first = at < len(svg.fit(scene.opens, width - 2 * _PAD, _SMALL, lines=2))
        drawn.append(svg.text(x + _PAD, y - 3, row, size=_SMALL if first else _MIDDLE, bold=not first, kind="ink"))
    y += _PAD
    drawn.insert(0, svg.rect(x, top, width, y - top, kind="band"))
    strips = _strips(scene, width)
    for dues in strips:
        piece = _strip(scene, dues, width, y, first=dues is strips[0])
        drawn += piece.drawn
        y += piece.height
    return Piece(drawn, y - top)


def _strips(scene: Scene, width: float) -> list[list[int]]:
    """The moments at which something is due, in order, as many side by side as fit."""
    dues = sorted({box.due for lane in scene.lanes for box in lane.boxes})
    side = max(1, int((width - _label(width)) // _COLUMN))
    return [dues[at : at + side] for at in range(0, len(dues), side)]


def _label(width: float) -> float:
    """Room for names left of the boxes; a narrow picture has them above."""
    return _LABEL if width >= _LABEL + 2 * _COLUMN else 0


def _strip(scene: Scene, dues: list[int], width: float, y: float, *, first: bool) -> Piece:
    """Some columns of time, and the lanes of those who have something in them."""
    top, label = y, _label(width)
    column = (width - label) / len(dues)
    drawn = list[str]()
    y += _MIDDLE * _LEADING + 4
    for at, moment in enumerate(dues):
        words = svg.fit(due_words(scene, moment), column - _GAP, _MIDDLE, lines=1, bold=True)
        drawn += [svg.text(_MARGIN + label + at * column, y - 4, words[0], size=_MIDDLE, bold=True)]
    if label:
        drawn.append(svg.text(_MARGIN + _PAD, y - 4, "Who", size=_MIDDLE, bold=True))
    y += 4
    for lane in scene.lanes:
        if first or any(box.due in dues for box in lane.boxes):
            piece = _lane(lane, dues, width, y, money=first)
            drawn += piece.drawn
            y += piece.height + _GAP / 2
    return Piece(drawn, y - top)


def due_words(scene: Scene, moment: int) -> str:
    """What stands above a column of boxes."""
    boxes = (box for lane in scene.lanes for box in lane.boxes)
    words = due(next(box for box in boxes if box.due == moment))
    return words[0].upper() + words[1:]


def _lane(lane: Lane, dues: list[int], width: float, y: float, *, money: bool) -> Piece:
    label = _label(width)
    named = _named(lane, label or width, y, money=money)
    start = y + _PAD / 2 if label else y + named.height
    column = (width - label) / len(dues)
    drawn, tallest = list[str](), 0.0
    for at, moment in enumerate(dues):
        below = start
        for box in (each for each in lane.boxes if each.due == moment):
            inset = 0 if label else _PAD
            piece = _box(box, _MARGIN + label + inset + at * column, below, column - _GAP - inset)
            drawn += piece.drawn
            below += piece.height + _GAP / 2
        tallest = max(tallest, below - start)
    height = max(named.height, tallest + _PAD / 2) if label else named.height + tallest
    return Piece([svg.rect(_MARGIN, y, width, height, kind="lane"), *named.drawn, *drawn], height)


def _named(lane: Lane, width: float, y: float, *, money: bool) -> Piece:
    drawn, top = list[str](), y
    rows = [(row, _MIDDLE, True) for row in svg.fit(lane.name, width - 2 * _PAD, _MIDDLE, lines=3, bold=True)]
    for held in lane.held if money else ():
        rows += [(row, _SMALL, False) for row in svg.fit(held, width - 2 * _PAD, _SMALL, lines=3)]
    y += _PAD / 2
    for row, size, bold in rows:
        y += size * _LEADING
        drawn.append(svg.text(_MARGIN + _PAD, y - 3, row, size=size, bold=bold))
    return Piece(drawn, y - top + _PAD / 2)


def _box(box: Box, x: float, y: float, width: float) -> Piece:
    inner = width - 2 * _PAD
    rows = [(row, _MIDDLE, False) for row in svg.fit(box.what, inner, _MIDDLE, lines=_SAYS)]
    rows += [(row, _SMALL, True) for word in box.strong for row in svg.fit(word, inner, _SMALL, lines=2, bold=True)]
    if box.undone:
        word = box.undone[0].upper() + box.undone[1:]
        rows += [(row, _SMALL, True) for row in svg.fit(word, inner, _SMALL, lines=1, bold=True)]
    rows += [(row, _SMALL, False) for note in box.notes for row in svg.fit(note, inner, _SMALL, lines=4)]
    height = _PAD + sum(size * _LEADING for _, size, _ in rows) + _PAD / 2
    drawn, below = [svg.shaped(box.shape, x, y, width, height)], y + _PAD / 2
    for row, size, bold in rows:
        below += size * _LEADING
        drawn.append(
            svg.text(x + _PAD, below - 2, row, size=size, bold=bold, kind="ink" if size > _SMALL or bold else "soft")
        )
    return Piece(drawn, height)


def _legend(shapes: Sequence[str], width: float, y: float) -> Piece:
    """What the shapes mean; nothing where no act is said to be reversible or not."""
    if not shapes:
        return Piece([], 0)
    drawn, x, top = list[str](), float(_MARGIN), y
    for shape in ("reversible", "partly_reversible", "irreversible"):
        if shape not in shapes:
            continue
        word = CHOICES["reversibility"][shape]
        wide = 44 + svg.width_of(word, _MIDDLE) + 2 * _GAP
        if x > _MARGIN and x + wide > _MARGIN + width:
            x, y = _MARGIN, y + 30
        drawn.append(svg.shaped(shape, x + 2, y, 34, 22))
        drawn.append(svg.text(x + 44, y + 16, word, size=_MIDDLE))
        x += wide
    return Piece(drawn, y + 30 - top)
