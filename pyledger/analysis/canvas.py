"""A sheet to draw charts on with Matplotlib, and the SVG that comes of it: the same bytes for the same numbers.

No script, no style and nothing to load is in the SVG: every look is an attribute, so that a page whose policy allows
no foreign style can hold it, and can change its few colours in the dark. Needs Matplotlib (extra `analysis`).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from pyledger.document.units import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["GROUND", "INK", "MARKS", "SHADES", "SOFT", "drawn", "short"]

INK: Final = "#1a1a1a"
SOFT: Final = "#767676"
GROUND: Final = "#ffffff"
SHADES: Final = ("#1f6f8b", "#c8553d", "#5c8a3a", "#7b5ea7", "#b08900", "#444f5a", "#a83279", "#2f4b9b")
"""Colours that differ in lightness too; what they tell is told by marks, hatches or words as well."""
MARKS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")

_SETTINGS: Final = {
    "svg.hashsalt": "pyledger",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "hatch.color": GROUND,
    "hatch.linewidth": 0.8,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_LONGEST: Final = 22
_FONTS: Final = "'DejaVu Sans', Verdana, Arial, sans-serif"

_STYLE = re.compile(r'(?<=\s)style="([^"]*)"')
_SHEET = re.compile(r"\s*<defs>\s*<style[^>]*>.*?</style>\s*</defs>", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_PROLOGUE = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
_IDS = re.compile(r'(\bid="|url\(#|href="#)')
_SIZE = re.compile(r"^[\d.]+px$")


def short(name: str) -> str:
    """A name as it fits beside a chart."""
    text = printable(name)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def drawn(
    draw: Callable[[Figure], None], *, name: str, alt: str, size: tuple[float, float], outlines: bool = False
) -> str:
    """An SVG of what `draw` puts on a figure `size` inches wide and high; `name` begins every id in it.

    With `outlines` letters are drawn as shapes, for where no font can be counted on.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settings: Any = _SETTINGS | {"svg.fonttype": "path" if outlines else "none"}
    stream = StringIO()
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a symbol that the font lacks is drawn by the reader's
        figure = Figure(figsize=size, layout="constrained", facecolor=GROUND)
        FigureCanvasSVG(figure)
        draw(figure)
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return _plain(stream.getvalue(), name=name, alt=alt)


def _plain(svg: str, *, name: str, alt: str) -> str:
    svg = _PROLOGUE.sub("", svg)
    svg = _METADATA.sub("", _SHEET.sub("", svg))
    svg = _STYLE.sub(lambda found: _attributes(found[1]), svg)
    svg = _IDS.sub(lambda found: f"{found[1]}{name}-", svg)
    says = escape(alt, quote=True)
    beginning = '<svg class="chart" role="img" stroke-linejoin="round" stroke-linecap="butt"'
    svg = svg.replace("<svg", f'{beginning} aria-label="{says}"', 1)
    return re.sub(r"\n\s*", "\n", svg).strip() + "\n"


def _attributes(style: str) -> str:
    """A style as attributes that mean the same."""
    found: dict[str, str] = {}
    for part in style.split(";"):
        key, _, value = part.partition(":")
        key, value = key.strip(), value.strip().replace('"', "'")
        if key == "font":
            found["font-size"] = next(word.removesuffix("px") for word in value.split() if _SIZE.match(word))
            found["font-family"] = _FONTS
        elif key:
            found[key] = value
    return " ".join(f'{key}="{value}"' for key, value in found.items())
