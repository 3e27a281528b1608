"""Text from strangers, made safe to show: comments and evidence on a chain can hold anything at all."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["one_line", "visible"]

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that show as nothing, or change how others show: controls, direction marks, line separators."""

_JOINERS: Final = "\u200c\u200d"
"""Two of them that some scripts cannot be written without."""

_LONGEST: Final = 500


def visible(text: str, *, keep: str = "") -> str:
    r"""The text with every character that does not show as what it is written out: `\x1b`, `\u202e`.

    Those in `keep` stay. A terminal that is sent the result does nothing but show it.
    """
    if text.isprintable():
        return text
    shown = keep + _JOINERS
    return "".join(each if each in shown or unicodedata.category(each) not in _UNSEEN else _out(each) for each in text)


def one_line(text: str, *, longest: int = _LONGEST) -> str:
    """The text in one line of bounded length, in quotes, so that nobody takes it for what pyledger says."""
    cut = text if len(text) <= longest else text[:longest] + "…"
    return f"“{visible(cut)}”" + (f" ({len(text):,} characters in all)" if cut != text else "")


def _out(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return {10: "\\n", 13: "\\r", 9: "\\t"}.get(number, f"\\x{number:02x}")
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
