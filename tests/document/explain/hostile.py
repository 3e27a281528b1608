"""A document whose every word tries to be more than a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from pyledger.document import Document

__all__ = ["ATTACKS", "with_words"]

ATTACKS = {
    "html": """<script>alert(1)</script><img src=x onerror=alert(1)>"'><svg/onload=x>&amp;""",
    "closing": "</title></style></svg></p></main><!-- ]]> --> <?xml?> {{ 7*7 }} {% raw %}",
    "markdown": "[press](javascript:alert(1)) **bold** `code` | cell | # head <https://evil.example> www.a.example ~x~",
    "list": "1. one - two + three * four === --- 2) five",
    "typst": '#panic("no") #include "x" $ x $ @ref <label> *bold* _it_ = head // away \\ /* #[ ] }',
    "bidi": "\u202e\u2066reversed\u2069 \u200f שלום עולם",
    "control": "\x1b[31mred\x1b[0m \x00 \x07 \uffff \ufffe",
    "wide": "広い名前" * 20,
    "long": "x" * 10_000,
    "many": "word " * 2_000,
}

WORDS = frozenset({
    "title", "summary", "name", "what", "instead", "joint_framing", "how", "undone_by", "grounds", "domain",
    "training_below", "source", "because", "published", "unit", "symbol", "finding", "at", "group",
})  # fmt: skip


def with_words(document: Document, words: str) -> Document:
    """The document with `words` wherever it has words of its own; ids and numbers stay. Nothing is validated."""
    found = _changed(document, words)
    assert isinstance(found, Document)
    return found.model_copy(update={"glossary": {words: words}, "notes": (words,)})


def _changed(value: Any, words: str) -> Any:
    match value:
        case BaseModel():
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            return value.model_copy(
                update={
                    name: words if name in WORDS and isinstance(each, str) else _changed(each, words)
                    for name, each in fields.items()
                }
            )
        case Mapping():
            return {key: _changed(each, words) for key, each in value.items()}
        case tuple():
            return tuple(_changed(each, words) for each in value)
    return value
