"""An explanation as one page of HTML that stands by itself: no script, nothing loaded, read on a phone or on paper."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from pyledger.document.explain import explain, picture, svg
from pyledger.document.explain.tree import plain
from pyledger.document.model import Document

__all__ = ["render"]

_NUMBERS = frozenset({"amount", "duration", "share", "time", "count"})
_CODE = frozenset({"id", "key", "hash", "bytes"})
_PHONE = 360
"""Units that a picture for a phone is wide."""


def render(document: Document) -> str:
    """The page. Everything in it is escaped; its policy lets a browser do nothing but show it."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = files("pyledger.document.explain")
    style = folder.joinpath("page.css").read_text(encoding="utf-8").replace("DARK", picture.DARK)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    environment.filters["clean"] = svg.legal
    template = environment.from_string(folder.joinpath("page.html.jinja").read_text(encoding="utf-8"))
    explanation = explain(document)
    return template.render(
        explanation=explanation,
        title=plain(explanation.title),
        policy=_policy(style),
        style=Markup(style),
        broad=Markup(picture.draw(document, name="broad", alone=False)),
        slim=Markup(picture.draw(document, width=_PHONE, name="slim", alone=False)),
        numbers=_NUMBERS,
        code=_CODE,
    )


def _policy(style: str) -> str:
    """Nothing may be loaded or run, and no style may apply but the page's own."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
