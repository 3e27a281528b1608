"""An explanation as one page of HTML that stands by itself: no script, nothing loaded, read on a phone or on paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from pyledger.document.explain import explain, picture, svg
from pyledger.document.explain.tree import Explanation, Section, plain, say
from pyledger.document.model import Document

__all__ = ["KIND", "PICTURE", "Figure", "compose", "pictured", "render"]

KIND: Final = "An agreement in plain words"
PICTURE: Final = "picture"
"""The section that holds the picture of the phases."""

_NUMBERS = frozenset({"amount", "duration", "share", "time", "count"})
_CODE = frozenset({"id", "key", "hash", "bytes"})
_PHONE = 360
"""Units that a picture for a phone is wide."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture (SVG that holds no style or script), as drawn for a broad page and for a phone."""

    broad: str
    slim: str
    caption: str = ""


def render(document: Document) -> str:
    """The page of a document. Everything in it is escaped; its policy lets a browser do nothing but show it."""
    figure = Figure(
        picture.draw(document, name="broad", alone=False),
        picture.draw(document, width=_PHONE, name="slim", alone=False),
    )
    return compose(pictured(explain(document)), kind=KIND, figures={PICTURE: (figure,)}, dark=picture.DARK)


def pictured(explanation: Explanation) -> Explanation:
    """The same with a section for the picture of the phases after the first."""
    first, *others = explanation.sections
    section = Section(PICTURE, say("The phases in a picture"))
    return Explanation(explanation.title, (first, section, *others))


def compose(explanation: Explanation, *, kind: str, figures: Mapping[str, Sequence[Figure]], dark: str = "") -> str:
    """A page of any tree of sections, figures at the end of the section that they are named for.

    `kind` says above the title what this is; `dark` are style rules for figures where the reader prefers the dark.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = files("pyledger.document.explain")
    style = folder.joinpath("page.css").read_text(encoding="utf-8").replace("DARK", dark)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    environment.filters["clean"] = svg.legal
    template = environment.from_string(folder.joinpath("page.html.jinja").read_text(encoding="utf-8"))
    return template.render(
        explanation=explanation,
        title=plain(explanation.title),
        kind=kind,
        policy=_policy(style),
        style=Markup(style),
        figures={
            name: [{"broad": Markup(each.broad), "slim": Markup(each.slim), "caption": each.caption} for each in found]
            for name, found in figures.items()
        },
        numbers=_NUMBERS,
        code=_CODE,
    )


def _policy(style: str) -> str:
    """Nothing may be loaded or run, and no style may apply but the page's own."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
