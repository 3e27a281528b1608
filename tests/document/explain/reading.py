"""An explanation read back: every fact's text is parsed as a person would read it, and the document made anew of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pyledger.document import Document
from pyledger.document.explain import Explanation
from pyledger.document.explain.tree import Fact, facts
from pyledger.document.explain.words import CHOICES
from pyledger.document.problem import Location
from pyledger.document.units import parse_duration

__all__ = ["digits", "labels", "number", "said", "written_anew"]

NUMBERS = ("amount", "duration", "share", "time", "count")
VERDICTS = ("met", "breached", "lapsed")


def said(explanation: Explanation) -> tuple[Fact, ...]:
    """What the document says, without what is worked out from it."""
    return tuple(fact for fact in facts(explanation) if not fact.derived)


def number(fact: Fact) -> str | int:
    """What a number's text says: a decimal, seconds, basis points, Unix seconds, a count."""
    match fact.kind:
        case "amount":
            return f"{Decimal(fact.text.replace(',', '')):f}"
        case "duration":
            years, _, days = fact.text.removesuffix(")").partition(" (")
            assert not days or parse_duration(years) == parse_duration(days)
            return parse_duration(years)
        case "share":
            return 10_000 if fact.text in {"all", "All"} else int(Decimal(fact.text.removesuffix("%")) * 100)
        case "time":
            form = "%d %B %Y, %H:%M:%S UTC" if "," in fact.text else "%d %B %Y"
            return int(datetime.strptime(fact.text, form).replace(tzinfo=UTC).timestamp())
        case "count":
            digits = re.sub(r"[^0-9]", "", fact.text)
            return int(digits) if digits else 0
    raise AssertionError(f"{fact.kind} is no number")


def labels(explanation: Explanation) -> dict[str, str]:
    """Short name → id, as far as the explanation uses short names; the two never mix."""
    found: dict[str, str] = {}
    for fact in facts(explanation):
        if fact.kind in {"name", "asset", "entry"} and fact.at[0] != "glossary":
            kind = "asset " if fact.kind == "asset" or "prices" in fact.at else ""
            assert found.setdefault(kind + fact.text, str(fact.value)) == fact.value, fact
    return found


def written_anew(explanation: Explanation) -> Document:
    """The document that the explanation tells, from the texts of its facts alone."""
    root = _Node()
    for fact in said(explanation):
        if fact.kind in {"key", "entry"}:
            assert fact.value == fact.at[-1]
            _touch(root, fact.at)
        else:
            _put(root, fact.at, _read(fact))
    return Document.model_validate(_plain(root))


def _read(fact: Fact) -> Any:
    match fact.kind:
        case "duration":
            return f"{number(fact)} seconds"
        case "share":
            return f"{Decimal(number(fact)) / 100}%"
        case "time":
            return datetime.fromtimestamp(int(number(fact)), tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
        case "amount" | "count":
            return number(fact)
        case "truth":
            return bool(fact.value)
        case "choice":
            return _chosen(fact)
        case "verdict" | "words" | "bytes" | "id":
            return fact.text
    return fact.value  # names and assets: `labels` shows that each text stands for one id


def _chosen(fact: Fact) -> str:
    """The word that is said so: the text determines it within every field that could be meant."""
    words = {word for field in CHOICES.values() for word, text in field.items() if text.lower() == fact.text.lower()}
    spaced = str(fact.value).replace("_", " ")
    assert fact.value in words or fact.text.lower() == spaced
    return str(fact.value)


class _Node(dict[str | int, Any]):
    """Part of a document of which it is not yet known whether it is a mapping or a list."""


def _touch(root: _Node, at: Location) -> _Node:
    node: Any = root
    for part in at:
        node = node.setdefault(part, _Node())
        if not isinstance(node, _Node):  # what is said of it is here already
            return _Node()
    assert isinstance(node, _Node)
    return node


def _put(root: _Node, at: Location, value: Any) -> None:
    node = _touch(root, at[:-1])
    before = node.get(at[-1])
    assert before in (None, {}, value), (at, before, value)
    node[at[-1]] = value


def _plain(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(isinstance(key, int) for key in node):
        assert sorted(node) == list(range(len(node)))
        return [_plain(node[index]) for index in range(len(node))]
    return {key: _plain(value) for key, value in node.items()}


def digits(texts: Iterable[str]) -> list[str]:
    """Those of some texts in which there is a digit."""
    return [text for text in texts if any(each.isdigit() for each in text)]
