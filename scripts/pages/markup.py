"""Text put into Markdown so that it stays the text it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["anchor", "code", "prose", "table"]

_SPECIAL = re.compile(r"([\\*_\[\]#|~^])")


def prose(text: str) -> str:
    """A paragraph; what is in backticks is code, and nothing else is markup."""
    pieces = re.split(r"`([^`]+)`", " ".join(text.split()))
    return "".join(code(each) if odd else _escaped(each) for odd, each in ((n % 2, p) for n, p in enumerate(pieces)))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", escape(text, quote=False))


def code(text: str) -> str:
    """Code within a line, in a table too."""
    return f"<code>{_entities(text)}</code>"


def _entities(text: str) -> str:
    escaped = escape(text, quote=False)
    return re.sub(r"[|*_\[\]`\\~^]", lambda found: f"&#{ord(found[0])};", escaped)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of cells that are Markdown already, and an empty line; nothing when there is no row."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines, ""] if lines else []


def anchor(text: str) -> str:
    """A name for a place in a page."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
