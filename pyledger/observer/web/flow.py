"""Where money goes, as a picture: who has what in, the account that holds it, and who would receive it.

Bands are as broad as amounts. One picture shows one asset, as amounts of two cannot be compared. It is SVG without
style or script: looks are attributes, which a page's style sheet changes in the dark. What comes back to its owner is
told from what comes from others by a pattern, not by colour alone; everything is said in words beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from pyledger.document.explain.svg import FONTS, clean, fit
from pyledger.document.units import say_amount
from pyledger.observer.shapes import Money
from pyledger.observer.web.agreement_views import AgreementPage
from pyledger.observer.web.markup import clipped
from pyledger.observer.web.means import Way, ways_of

__all__ = ["BROAD", "SLIM", "Sheet", "draw", "render_flow", "told"]

_BAR: Final = 9
_LINE: Final = 15
_SIZE: Final = 12
_CAUTION: Final = 1.08
"""By how much wider than usual the reader's font may be."""
_GAP: Final = 14
_TALLEST: Final = 130.0
"""Units that all bands together are high."""
_THINNEST: Final = 2.0
_TOP: Final = 28
_INK, _SOFT, _OWN, _GAINED = "#1b1f26", "#515966", "#8b8577", "#17603a"


class Sheet(NamedTuple):
    """How broad a picture is, what of it is left to labels on either side, and the class it has on a page."""

    width: int
    margin: int
    name: str


BROAD: Final = Sheet(680, 190, "broad")
SLIM: Final = Sheet(340, 108, "slim")


class _Band(NamedTuple):
    """Some money of one end, and whether it is that account's own coming back."""

    amount: int
    own: bool


class _End(NamedTuple):
    """Somebody on one side: what is written, and the bands that begin or end there."""

    label: str
    says: str
    bands: tuple[_Band, ...]


class _Side(NamedTuple):
    """One side as drawn: where its bars begin and how high they are, their labels (name, amount), and its lower end."""

    bars: tuple[tuple[float, float], ...]
    labels: tuple[tuple[list[str], list[str]], ...]
    high: float


def render_flow(page: AgreementPage) -> str:
    """All pictures of an agreement as one SVG document; where nothing is held it says so."""
    found, y = [], 16.0
    ways = ways_of(page)
    for number, way in enumerate(ways):
        for line in fit(clipped(way.words, 200), BROAD.width - 32, 15, lines=2, bold=True):
            y += 20
            found.append(f'<text x="16" y="{y:g}" font-size="15" font-weight="bold" fill="{_INK}">{clean(line)}</text>')
        for asset in way.assets:
            drawn, high = _picture(way, asset, BROAD, f"way-{number}-{asset}")
            found.append(f'<svg x="0" y="{y + 8:g}" width="{BROAD.width}" height="{high:g}">{drawn}</svg>')
            y += high + 12
        y += 10
    if not ways:
        y = 48
        found = [f'<text x="16" y="32" font-size="15" fill="{_INK}">Nothing is held.</text>']
    size = f'viewBox="0 0 {BROAD.width} {y:g}" width="{BROAD.width}" height="{y:g}" font-family="{FONTS}"'
    title = clean(f"Where the money of {clipped(page.row.title or page.row.address)} would go")
    ground = f'<rect width="{BROAD.width}" height="{y:g}" fill="#ffffff"/>'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{title}</title>",
            ground,
            *found,
            "</svg>",
            "",
        ]
    )


def draw(way: Way, asset: str, sheet: Sheet, *, name: str) -> str:
    """One way that things can go, for one asset, to stand in a page; `name` begins every id in it."""
    drawn, high = _picture(way, asset, sheet, name)
    size = f'viewBox="0 0 {sheet.width} {high:g}" width="{sheet.width}" height="{high:g}" font-family="{FONTS}"'
    title = f'<title id="{name}-says">{clean(told(way, asset))}</title>'
    return f'<svg class="flow {sheet.name}" {size} role="img" aria-labelledby="{name}-says">{title}{drawn}</svg>'


def told(way: Way, asset: str) -> str:
    """The picture in words: who has what in, and who receives what."""
    puts = [f"{clipped(each.label, 40)} has {each.says} in" for each in _sources(way, asset)]
    gets = [f"{clipped(each.label, 40)} receives {each.says}" for each in _targets(way, asset)]
    return f"{clipped(way.words, 160)}: {'; '.join([*puts, *gets])}."


def _sources(way: Way, asset: str) -> list[_End]:
    found = []
    for who in way.who:
        kinds = [(money, kind) for money, kind in who.puts if money.asset == asset and money.amount]
        if kinds:
            says = " and ".join(f"{_say(money)} {kind}" for money, kind in kinds)
            found.append(_End(who.label, says, tuple(_Band(money.amount, True) for money, _ in kinds)))
    return found


def _targets(way: Way, asset: str) -> list[_End]:
    found = []
    for who, cells in zip(way.who, way.cells, strict=True):
        for cell in cells:
            if cell.money.asset == asset and cell.money.amount:
                gained = max(cell.more.amount, 0)
                bands = (_Band(cell.money.amount - gained, True), _Band(gained, False))
                found.append(_End(who.label, _say(cell.money), tuple(each for each in bands if each.amount)))
    return found


def _say(money: Money) -> str:
    return f"{say_amount(money.units)} {clipped(money.symbol, 12)}"


def _picture(way: Way, asset: str, sheet: Sheet, name: str) -> tuple[str, float]:
    sources, targets = _sources(way, asset), _targets(way, asset)
    whole = max(_sum(sources), _sum(targets), 1)
    left, right = _side(sources, whole, sheet), _side(targets, whole, sheet)
    high = max(left.high, right.high)
    x, to, middle = sheet.margin, sheet.width - sheet.margin - _BAR, (sheet.width - _BAR) / 2
    thick = [_TALLEST * _sum(side) / whole for side in (sources, targets)]
    top = _TOP + max((high - _TOP - max(thick)) / 2, 0)
    parts = [
        _pattern(name),
        _bands(sources, left, whole, (x + _BAR, middle), top, name),
        _bands(targets, right, whole, (to, middle + _BAR), top, name),
        f'<rect class="flow-bar" x="{middle:g}" y="{top:.1f}" width="{_BAR}" height="{max(thick):.1f}" fill="{_INK}"/>',
        _labels(left, x, end=False),
        _labels(right, to, end=True),
        _text(x + _BAR, 13, "has in", "end", kind="head"),
        _text(middle + _BAR / 2, 13, "the account", "middle", kind="head"),
        _text(to, 13, "would receive", "start", kind="head"),
    ]
    return "\n".join(parts), high + 6


def _sum(ends: Iterable[_End]) -> int:
    return sum(band.amount for end in ends for band in end.bands)


def _thick(amount: int, whole: int) -> float:
    return max(amount * _TALLEST / whole, _THINNEST)


def _side(ends: Sequence[_End], whole: int, sheet: Sheet) -> _Side:
    """Bars one under another, each with room for its label."""
    bars, labels = [], []
    top, width = float(_TOP), sheet.margin - 10
    for end in ends:
        name = fit(clipped(end.label), width, _SIZE * _CAUTION, lines=2, bold=True)
        amount = fit(end.says, width, _SIZE * _CAUTION, lines=4)
        bar = sum(_thick(band.amount, whole) for band in end.bands)
        room = max(bar, (len(name) + len(amount)) * _LINE)
        bars.append((top + (room - bar) / 2, bar))
        labels.append((name, amount))
        top += room + _GAP
    return _Side(tuple(bars), tuple(labels), top)


def _bands(ends: Sequence[_End], side: _Side, whole: int, between: tuple[float, float], top: float, name: str) -> str:
    """Bands from the bars of one side to the bar in the middle."""
    (x, to), found = between, []
    bend = (x + to) / 2
    for end, (start, _) in zip(ends, side.bars, strict=True):
        y = start
        for band in end.bands:
            high = _thick(band.amount, whole)
            way = (
                f"M{x:g},{y:.1f} C{bend:g},{y:.1f} {bend:g},{top:.1f} {to:g},{top:.1f} V{top + high:.1f} "
                f"C{bend:g},{top + high:.1f} {bend:g},{y + high:.1f} {x:g},{y + high:.1f} Z"
            )
            fill = f'fill="{_OWN}" fill-opacity=".4"' if band.own else f'fill="url(#{name}-gained)"'
            found.append(f'<path class="flow-{"own" if band.own else "gained"}" d="{way}" {fill}/>')
            y, top = y + high, top + band.amount * _TALLEST / whole
        rect = f'x="{x if x > to else x - _BAR:g}" y="{start:.1f}" width="{_BAR}" height="{y - start:.1f}"'
        found.append(f'<rect class="flow-bar" {rect} fill="{_INK}"/>')
    return "\n".join(found)


def _labels(side: _Side, x: float, *, end: bool) -> str:
    found = []
    at, anchor = (x + _BAR + 7, "start") if end else (x - 7, "end")
    for (top, high), (name, amount) in zip(side.bars, side.labels, strict=True):
        y = top + high / 2 - (len(name) + len(amount) - 1) * _LINE / 2 + 4
        for number, line in enumerate([*name, *amount]):
            found.append(_text(at, y + number * _LINE, line, anchor, kind="strong" if number < len(name) else ""))
    return "\n".join(found)


def _text(x: float, y: float, words: str, anchor: str, *, kind: str = "") -> str:
    looks = {
        "head": f'class="flow-head" font-size="11" fill="{_SOFT}"',
        "strong": f'font-size="{_SIZE}" font-weight="bold" fill="{_INK}"',
        "": f'font-size="{_SIZE}" fill="{_INK}"',
    }[kind]
    return f'<text x="{x:g}" y="{y:.1f}" text-anchor="{anchor}" {looks}>{clean(words)}</text>'


def _pattern(name: str) -> str:
    return (
        f'<defs><pattern id="{name}-gained" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)">'
        f'<rect class="flow-pale" width="6" height="6" fill="{_GAINED}" fill-opacity=".35"/>'
        f'<rect class="flow-line" width="2.4" height="6" fill="{_GAINED}"/></pattern></defs>'
    )
