"""Times as people type them: a duration from now, or a date."""

from __future__ import annotations

from pyledger.document.units import NotUnderstood, parse_duration, parse_time
from pyledger.errors import UsageError

__all__ = ["expiry_of", "moment"]


def moment(text: str, now: int) -> int:
    """Unix seconds of "3 days" (from `now`) or "2027-01-31 12:00". UsageError if it is neither."""
    try:
        return now + parse_duration(text)
    except NotUnderstood:
        pass
    try:
        return parse_time(text)
    except NotUnderstood:
        raise UsageError(
            f"`{text}` is neither a duration nor a date", hint='write for example "3 days" or "2027-01-31 12:00"'
        ) from None


def expiry_of(text: str, now: int) -> int:
    """Unix seconds until which something that is signed now counts. UsageError for a time that is over."""
    found = moment(text, now)
    if found <= now:
        raise UsageError(f"`{text}` is over already: what is signed would never count", hint="give a later time")
    return found
