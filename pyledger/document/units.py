"""Durations, dates, amounts and shares as people write them, and back.

Everything is exact: no binary floating point is read or made. A parser takes what YAML or Python hands it and raises
`NotUnderstood` with how to mend it.

Conventions, said once: a month is 30 days and a year is 365 days, so that a duration is the same number of seconds
whenever it begins; a date without a time is 00:00 UTC, the first instant of that day; a time without an offset is UTC.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from pyledger.document.limits import MAX_AMOUNT, MAX_COURT_DATA, MAX_DURATION, MAX_TIME, WHOLE

__all__ = [
    "NotUnderstood",
    "as_id",
    "describe",
    "parse_amount",
    "parse_bytes",
    "parse_duration",
    "parse_id",
    "parse_line",
    "parse_percent",
    "parse_prose",
    "parse_rate",
    "parse_time",
    "parse_truth",
    "parse_whole",
    "printable",
    "say_amount",
    "say_duration",
    "say_percent",
    "say_time",
    "to_smallest",
]

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_SECONDS: Final[Mapping[str, int]] = {
    "second": 1,
    "minute": MINUTE,
    "hour": HOUR,
    "day": DAY,
    "week": 7 * DAY,
    "month": 30 * DAY,
    "year": 365 * DAY,
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_DURATION = re.compile(r"[0-9]{1,12} +[a-z]+(?: +[0-9]{1,12} +[a-z]+)*")
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]*(?:_[0-9]+)*)(?:\.[0-9]+)?")
_PERCENT = re.compile(r"(0|[1-9][0-9]{0,4})(?:\.([0-9]{1,40}))? ?%")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})? ?(Z|UTC|[+-][0-9]{2}:[0-9]{2})?)?",
)
_DATE_LIKE = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[0-9]{1,2}\.? [A-Za-z]+ [0-9]{4}")
_BYTES = re.compile(r"0x((?:[0-9a-fA-F]{2})+)")
_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")

_MAX_ID: Final = 64
_MAX_LINE: Final = 200
_MAX_PROSE: Final = 10_000
_MAX_DIGITS: Final = 80

_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories that show nothing, or change the order in which other characters show."""

_QUOTES = frozenset("“”„‟‘’‚‛«»‹›")
"""Quotation marks that word processors write, and that are part of the text to YAML."""

_JOINERS = frozenset("\u200c\u200d")
"""Invisible too, but needed to write Persian, Hindi and others properly."""


class NotUnderstood(ValueError):
    """A value that cannot be read: `message` says what was expected and found, `hint` how to mend it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def describe(value: object) -> str:
    """A value as a person would name it in an error: `the text "8 month"`, `a list`, `the number 5`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"the truth value {str(value).lower()}"
        case int() | float() | Decimal():
            return f"the number {printable(str(value))}"
        case str():
            return f'the text "{printable(value)}"'
        case Mapping():
            return "a mapping"
        case _:
            return "a list"


def printable(text: str) -> str:
    """A text cut to one short line that does nothing to a terminal, for use in messages."""
    seen = "".join(char if char.isprintable() else "\ufffd" for char in text[:61])
    return seen if len(text) <= 60 else seen[:60] + "…"


def parse_duration(value: object) -> int:
    """Seconds in "14 days", "36 hours" or "1 day 12 hours"."""
    hint = 'write for example "14 days", "36 hours" or "1 day 12 hours"'
    if not isinstance(value, str) or not _DURATION.fullmatch(text := " ".join(value.split())):
        raise NotUnderstood(f"expected a duration, found {describe(value)}", _quoted(value) or _length(value) or hint)
    words = text.split(" ")
    total, seen = 0, set[str]()
    for count, word in zip(words[::2], words[1::2], strict=True):
        unit = word.removesuffix("s")
        if unit not in _SECONDS:
            raise NotUnderstood(f'"{printable(word)}" is no unit of time', f"known units: {', '.join(_SECONDS)}")
        if unit in seen:
            raise NotUnderstood(f'"{printable(text)}" gives {unit}s twice', hint)
        seen.add(unit)
        total += int(count) * _SECONDS[unit]
    if total > MAX_DURATION:
        raise NotUnderstood(f'"{printable(text)}" is longer than the longest duration, 136 years', "shorten it")
    return total


def _length(value: object) -> str | None:
    """How to mend what is nearly a duration."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if _DATE_LIKE.fullmatch(text):
        return 'give a length of time, not a date: write for example "14 days"'
    if _DURATION.fullmatch(text.lower()):
        return f'write it in small letters: "{printable(text.lower())}"'
    if re.match(r"[0-9]+[.,][0-9]", text):
        return 'write whole numbers: for example "1 month 15 days"'
    return None


def _quoted(value: object) -> str | None:
    """How to mend a text in quotation marks that YAML does not know."""
    if isinstance(value, str) and value[:1] in _QUOTES:
        return f'take {value[0]} and what closes it away, or write " and "'
    return None


def parse_time(value: object) -> int:
    """Unix seconds of "2027-01-31", "2027-01-31 12:00" or "2027-01-31T12:00:00+02:00"."""
    hint = 'write for example "2027-01-31" (00:00 UTC of that day) or "2027-01-31 12:00"'
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise NotUnderstood(f"expected a date, found {describe(value)}", _quoted(value) or hint)
    day, minute, second, offset = match.groups()
    written = f"{day}T{minute or '00:00'}{second or ':00'}{offset if offset and offset[0] in '+-' else '+00:00'}"
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise NotUnderstood(f"{describe(value)} is no date of the calendar: {error}", hint) from None
    seconds = (moment - _EPOCH).days * DAY + (moment - _EPOCH).seconds
    if not 0 <= seconds <= MAX_TIME:
        raise NotUnderstood(f"{describe(value)} is not between the years 1970 and 9999", hint)
    return seconds


def parse_amount(value: object) -> Decimal:
    """The exact amount, in units of its asset, in `1_080_000_000`, `0.25` or `"12.50"`."""
    hint = 'write digits, with "_" between groups and "." before decimals, for example 1_080_000 or 0.25'
    if isinstance(value, Decimal) and value.is_finite():
        text = f"{value:f}"
    elif isinstance(value, str):
        text = value
    elif isinstance(value, int) and not isinstance(value, bool):
        text = str(value) if abs(value) <= MAX_AMOUNT else "9" * (_MAX_DIGITS + 1)
    else:
        raise NotUnderstood(f"expected an amount, found {describe(value)}", hint)
    if len(text) > _MAX_DIGITS:
        raise NotUnderstood("the amount is larger or finer than any asset can hold", hint)
    if not _AMOUNT.fullmatch(text):
        raise NotUnderstood(f"expected an amount, found {describe(value)}", _quoted(text) or _amount_hint(text) or hint)
    return Decimal(text.replace("_", ""))


def parse_rate(value: object) -> int:
    """Basis points in a rate, which may be more than a whole: "250%"."""
    return _basis_points(value)


def parse_percent(value: object) -> int:
    """Basis points in "40%" or "12.5%"."""
    points = _basis_points(value)
    if points > WHOLE:
        raise NotUnderstood(f"{describe(value)} is more than the whole, 100%", 'write for example "40%" or "12.5%"')
    return points


def _basis_points(value: object) -> int:
    hint = 'write for example "40%" or "12.5%"'
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100:
            hint = f'write "{value}%"'
        raise NotUnderstood(f"expected a percentage, found {describe(value)}", _quoted(value) or hint)
    whole, decimals = match.group(1), (match.group(2) or "").rstrip("0")
    if len(decimals) > 2:
        raise NotUnderstood(f"{describe(value)} is finer than a hundredth of a percent", hint)
    return int(whole) * 100 + int(decimals.ljust(2, "0"))


def parse_whole(value: object) -> int:
    """A whole number, zero or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotUnderstood(f"expected a whole number, found {describe(value)}", "write digits only, for example 2")
    return value


def parse_truth(value: object) -> bool:
    """True or false, and nothing that merely looks like them."""
    if not isinstance(value, bool):
        raise NotUnderstood(f"expected true or false, found {describe(value)}", "write true or false, without quotes")
    return value


def parse_bytes(value: object) -> bytes:
    """At least one byte, in `0x00ff`."""
    if isinstance(value, bytes) and value:
        found = value
    elif isinstance(value, str) and (match := _BYTES.fullmatch(value)):
        found = bytes.fromhex(match.group(1))
    else:
        raise NotUnderstood(
            f"expected bytes, found {describe(value)}", "write 0x and two hexadecimal digits for each byte"
        )
    if len(found) > MAX_COURT_DATA:
        message = f"{len(found)} bytes, at most {MAX_COURT_DATA} are possible"
        raise NotUnderstood(message, "write less, or the hash of what is kept elsewhere")
    return found


def parse_id(value: object) -> str:
    """A name to refer by: lowercase letters, digits and single hyphens, a letter first."""
    if not isinstance(value, str) or not _ID.fullmatch(value) or len(value) > _MAX_ID:
        example = as_id(value) or "un-lift"
        hint = f"use lowercase letters, digits and hyphens, a letter first, at most {_MAX_ID}: for example {example}"
        odd = next((char for char in value if not char.isascii()), None) if isinstance(value, str) else None
        also = f" with U+{ord(odd):04X} ({unicodedata.name(odd, 'a character without a name')})" if odd else ""
        raise NotUnderstood(f"expected a name, found {describe(value)}{also}", hint)
    return value


def as_id(value: object) -> str | None:
    """The name to refer by that a text comes nearest to: "zephyria" for "Zéphyria"; None where it comes to none."""
    if not isinstance(value, str) or len(value) > _MAX_ID:
        return None
    letters = (char for char in unicodedata.normalize("NFKD", value.casefold()) if not unicodedata.combining(char))
    found = "-".join(re.split(r"[\s_-]+", "".join(letters).strip("_- ")))
    return found if _ID.fullmatch(found) and len(found) <= _MAX_ID else None


def parse_line(value: object) -> str:
    """One line of text."""
    text = _parse_text(value, longest=_MAX_LINE)
    if "\n" in text or "\t" in text:
        raise NotUnderstood("expected one line of text, found several", "keep it to one line")
    return text


def parse_prose(value: object) -> str:
    """Text of any number of lines; blanks around it do not count."""
    return _parse_text(value, longest=_MAX_PROSE)


def to_smallest(amount: Decimal, decimals: int, *, of: str = "the asset") -> int:
    """An exact amount in the smallest unit `of` what it counts, or `NotUnderstood` when it is finer than that."""
    numerator, denominator = amount.as_integer_ratio()
    whole, rest = divmod(numerator * int(10**decimals), denominator)
    if rest:
        raise NotUnderstood(
            f"{amount:f} has more decimals than {of}, which has {decimals}",
            f"write at most {decimals} decimals",
        )
    if whole > MAX_AMOUNT:
        raise NotUnderstood(f"{amount:f} is more than {of} can hold", "write a smaller number, or fewer decimals there")
    return whole


def say_duration(seconds: int) -> str:
    """Seconds as days, hours, minutes and seconds: "540 days", "1 day 12 hours"."""
    words = []
    for unit in ("day", "hour", "minute", "second"):
        count, seconds = divmod(seconds, _SECONDS[unit])
        if count:
            words.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(words) or "0 seconds"


def say_time(seconds: int) -> str:
    """Unix seconds as "2027-01-31" or "2027-01-31 12:00:00 UTC"."""
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return f"{moment:%Y-%m-%d}" if seconds % DAY == 0 else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def say_percent(points: int) -> str:
    """Basis points as "40%" or "12.5%"."""
    whole, rest = divmod(points, 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


def say_amount(amount: Decimal) -> str:
    """An amount with its thousands apart and no idle zeros: "1,080,000,000", "0.25"."""
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _parse_text(value: object, *, longest: int) -> str:
    if not isinstance(value, str):
        raise NotUnderstood(f"expected text, found {describe(value)}", "put it in quotes to make it text")
    text = value.strip()
    if not text:
        raise NotUnderstood("expected text, found none", "write it, or leave the key out")
    if len(text) > longest:
        raise NotUnderstood(f"the text has {len(text):,} characters, at most {longest:,} are read", "shorten it")
    for char in text:
        if unicodedata.category(char) in _UNSEEN and char not in _JOINERS and char not in "\n\t":
            name = unicodedata.name(char, "a control character")
            raise NotUnderstood(
                f"the text holds U+{ord(char):04X} ({name}), which does not show as it reads", "take the character out"
            )
    return unicodedata.normalize("NFC", text)


def _amount_hint(text: str) -> str | None:
    if text.startswith("-"):
        return "an amount is never negative: in a payment, `from` and `to` say who pays"
    if re.search(r"[0-9][eE][+-]?[0-9]", text):
        return "write the digits out: scientific notation is not read"
    if "," in text:
        return 'write "_" between groups of digits and "." before decimals, never ","'
    return None
