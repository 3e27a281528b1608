"""An explanation as PDF, set by Typst from the optional extra `paper`; the same document gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final, Literal

from pyledger.document.explain import as_json, explain, picture
from pyledger.document.explain.page import KIND, PICTURE, pictured
from pyledger.document.explain.tree import Explanation, plain
from pyledger.document.model import Document
from pyledger.errors import ToolError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Drawn", "compiled", "data", "inputs_of", "render", "render_pages"]

_LONG: Final = re.compile(r"(\S{30})(?=\S)")
_UNITS: Final = 640
"""Units that a picture is wide on paper, so that its smallest text is set in 8 points or more."""


def render(document: Document) -> bytes:
    """The PDF. Raises `ToolError` when Typst is not installed or fails."""
    (found,) = _compiled(document, "pdf")
    return found


def render_pages(document: Document) -> list[bytes]:
    """Each page as a picture (PNG), to be looked at. Raises as `render`."""
    return _compiled(document, "png")


def _compiled(document: Document, form: Literal["pdf", "png"]) -> list[bytes]:
    return compiled(data(document), form)


def compiled(inputs: dict[str, str], form: Literal["pdf", "png"]) -> list[bytes]:
    """What the template makes of data: one PDF, or a picture of each page. Raises as `render`."""
    typst = _typst()
    with as_file(files("pyledger.document.explain").joinpath("paper.typ")) as template:
        try:
            found = typst.compile(str(template), format=form, sys_inputs=inputs)
        except typst.TypstError as error:
            raise ToolError(
                f"Typst could not set the page: {error}", hint="use --format html, and print it from a browser"
            ) from None
    return found if isinstance(found, list) else [found]


def data(document: Document) -> dict[str, str]:
    """What the template `paper.typ` is given of a document: all of it data, to be set as text."""
    drawn = picture.draw_phases(document, width=_UNITS)
    figures = [Drawn(each, "One phase of the agreement") for each in drawn]
    return inputs_of(pictured(explain(document)), kind=KIND, figures={PICTURE: figures})


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture on paper (SVG), what it shows in words, and the line that stands below it."""

    svg: str
    alt: str
    caption: str = ""


def inputs_of(explanation: Explanation, *, kind: str, figures: Mapping[str, Sequence[Drawn]]) -> dict[str, str]:
    """The data for any tree of sections, figures at the end of the section that they are named for."""
    drawn = {name: [asdict(each) for each in found] for name, found in figures.items()}
    return {
        "explanation": json.dumps(_breakable(as_json(explanation))),
        "pictures": json.dumps(drawn),
        "title": plain(explanation.title),
        "kind": kind,
    }


def _breakable(value: Any) -> Any:
    """The tree, in which a word too long for its line has places to break, which Typst would not look for."""
    match value:
        case str():
            return _LONG.sub("\\1\u200b", value)
        case list():
            return [_breakable(each) for each in value]
        case dict():
            return {key: _breakable(each) for key, each in value.items()}
    return value


def _typst() -> ModuleType:
    try:
        import typst
    except ImportError:
        raise ToolError(
            "PDF needs Typst, which is not installed",
            hint='install it with `pip install "pyledger[paper]"`, or use --format html and print it from a browser',
        ) from None
    return typst
