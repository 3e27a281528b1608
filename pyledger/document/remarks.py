"""What is said on record: plain words, or words that refer to an earlier remark, or to a submission kept elsewhere.

On the chain a remark is one text (the evidence of ERC-1497). Plain words stand as they are. What refers to something
is JSON: `{"submission": "0x…", "language": "guc", "at": "https://…", "answers": 2, "text": "…"}`, each key where it
applies. Anybody may have written it, so what cannot be read as such is plain words too.
"""

from __future__ import annotations

import json
from typing import NamedTuple

__all__ = ["Remark", "read", "write"]

_LONGEST = 100_000
_LAST = 10**9
"""The highest number that is taken for a remark's: nobody makes so many, and longer ones would only fill the page."""


class Remark(NamedTuple):
    """Words; the number (from 1) of the remark that they answer; a submission's root (32 bytes), language and link."""

    text: str = ""
    answers: int | None = None
    submission: bytes | None = None
    language: str | None = None
    at: str | None = None


def write(remark: Remark) -> str:
    """The remark as it goes on the chain."""
    if remark == Remark(remark.text):
        return remark.text
    parts = {
        "submission": None if remark.submission is None else "0x" + remark.submission.hex(),
        "language": remark.language,
        "at": remark.at,
        "answers": remark.answers,
        "text": remark.text or None,
    }
    return json.dumps({key: value for key, value in parts.items() if value is not None}, ensure_ascii=False)


def read(said: str) -> Remark:
    """What was said; anything that is not exactly such a remark is plain words."""
    if not said.startswith("{") or len(said) > _LONGEST:
        return Remark(said)
    try:
        data = json.loads(said)
        root = data.get("submission")
        found = Remark(
            text=data.get("text", ""),
            answers=data.get("answers"),
            submission=None if root is None else bytes.fromhex(root.removeprefix("0x")),
            language=data.get("language"),
            at=data.get("at"),
        )
    except (ValueError, AttributeError, RecursionError):
        return Remark(said)
    return found if _possible(found) and write(found) == said else Remark(said)


def _possible(found: Remark) -> bool:
    words = (found.text, found.language or "", found.at or "")
    number = found.answers is None or (type(found.answers) is int and 0 < found.answers <= _LAST)
    root = found.submission is None or len(found.submission) == 32
    return number and root and all(isinstance(each, str) for each in words)
