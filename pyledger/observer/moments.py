"""How far away a moment is, as people say it."""

from __future__ import annotations

from typing import Final

__all__ = ["ago"]

_UNITS: Final = (("year", 365 * 86_400), ("month", 30 * 86_400), ("day", 86_400), ("hour", 3_600), ("minute", 60))
_MANY: Final = 10
"""From so many of a unit on, the next smaller unit is of no interest."""


def ago(moment: int, now: int) -> str:
    """How far a moment (Unix seconds) is from now, in its two largest units at most.

    "in 3 days", "1 year 2 months ago", "now".
    """
    text = _distance(abs(moment - now))
    if text is None:
        return "now" if moment == now else ("in less than a minute" if moment > now else "a moment ago")
    return f"in {text}" if moment > now else f"{text} ago"


def _distance(seconds: int) -> str | None:
    """Seconds in one unit if there are ten or more of it, else in two; rounded. None if less than a minute."""
    for index, (name, size) in enumerate(_UNITS):
        count = seconds // size
        if count < (2 if name == "month" else 1):  # 35 days say more than a month and five days
            continue
        if count >= _MANY or index + 1 == len(_UNITS):
            return _plural((seconds + size // 2) // size, name)
        lesser, part = _UNITS[index + 1]
        rest = (seconds - count * size + part // 2) // part
        if rest >= size // part:  # 23 hours and 50 minutes are a day
            return _plural(count + 1, name)
        return f"{_plural(count, name)} {_plural(rest, lesser)}" if rest else _plural(count, name)
    return None


def _plural(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"
