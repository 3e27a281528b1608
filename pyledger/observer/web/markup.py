"""Strangers' words, money, moments and addresses as HTML: escaped, isolated, clipped, and never taken for ours.

Every function gives `Markup`, and everything in it that came from outside has gone through `escape`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup, escape

from pyledger.document.explain.svg import legal
from pyledger.observer.moments import ago
from pyledger.observer.shapes import Measured, Money, short
from pyledger.observer.untrusted import visible

__all__ = [
    "account",
    "amount",
    "badge",
    "clipped",
    "day",
    "figure",
    "join",
    "name",
    "prose",
    "seen",
    "sentence",
    "short",
    "when",
]

_NAME: Final = 80
"""Characters of a name that are shown; the whole of it is in its tooltip."""
_SYMBOL: Final = 40
"""Characters of an asset's symbol that are shown."""
_PROSE: Final = 420
"""Characters of a text that are shown before it is folded."""
_LAST: Final = 253_370_764_800
_DAY: Final = 86_400

_BADGES: Final = {
    "open": "wait",
    "in force": "wait",
    "completed": "good",
    "terminated": "bad",
    "void": "warn",
    "unwound": "warn",
    "dissolved": "good",
    "met": "good",
    "breached": "bad",
    "lapsed": "idle",
    "released": "good",
    "returned": "idle",
    "overdue": "bad",
    "not paid": "bad",
    "funded": "wait",
    "due": "warn",
    "holds": "good",
    "not yet": "wait",
    "over": "idle",
    "disputed": "warn",
    "contestable": "warn",
    "answered": "good",
    "answered late": "warn",
}


def seen(text: str, *, keep: str = "") -> str:
    """A stranger's text, in which what shows as nothing is written out, and what HTML cannot hold is replaced."""
    return legal(visible(text, keep=keep))


def clipped(text: str, longest: int = _NAME) -> str:
    """At most so many characters of a text, as plain text."""
    text = seen(text)
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def name(text: str, longest: int = _NAME) -> Markup:
    """A name within a sentence, isolated from the direction of what is around it."""
    text = seen(text)
    short = clipped(text, longest)
    if short == text:
        return Markup("<bdi>{}</bdi>").format(text)
    return Markup('<bdi title="{}">{}</bdi>').format(text, short)


def prose(text: str, longest: int = _PROSE) -> Markup:
    """A text of any length, as blocks: folded where it is long."""
    text = seen(text, keep="\n")
    if len(text) <= longest:
        return Markup('<bdi class="words">{}</bdi>').format(text)
    head = text[:longest].rstrip()
    return Markup(
        '<details class="clip"><summary><bdi>{}…</bdi> <span class="soft">({} characters)</span></summary>'
        '<bdi class="full" role="group" aria-label="The whole text" tabindex="0">{}</bdi></details>'
    ).format(head, f"{len(text):,}", text)


def sentence(text: str) -> str:
    """An error's words, which begin small and end without a stop, as a sentence."""
    found = text[:1].upper() + text[1:]
    return found if not found or found[-1] in ".!?" else found + "."


def amount(money: Money) -> Markup:
    """Money: digits in groups, and what is counted. What is counted in many words may go below its number."""
    said, _, counted = str(money).partition(" ")
    symbol = name(counted, _SYMBOL)
    unit = Markup('<span class="unit">{}</span>').format(symbol) if " " in money.symbol else symbol
    return Markup("{} {}").format(_number(said), unit)


def figure(measured: Measured) -> Markup:
    """A number that was attested, and its unit."""
    said, _, unit = str(measured).partition(" ")
    return Markup("{} {}").format(_number(said), name(unit)) if unit else _number(said)


def _number(said: str) -> Markup:
    return Markup('<span class="number">{}</span>').format(said)


def account(address: str, *, whole: bool = False) -> Markup:
    """An account, linked to its page."""
    shown = address if whole else short(address)
    return Markup('<a class="code" href="/accounts/{}" title="{}">{}</a>').format(address, address, shown)


def day(moment: int) -> str:
    """A moment (Unix seconds) in UTC, to the minute, by words where no calendar has it."""
    if not 0 <= moment <= _LAST:
        return f"second {moment:,}"
    found = datetime.fromtimestamp(moment, tz=UTC)
    return f"{found.day} {found:%b %Y, %H:%M} UTC"


def when(moment: int, now: int | None = None) -> Markup:
    """A moment as an element that programs can read too; with `now`, how far away it is."""
    said = day(moment)
    if not 0 <= moment <= _LAST:
        return escape(said)
    iso = datetime.fromtimestamp(moment, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = Markup('<time datetime="{}">{}</time>').format(iso, said)
    return found if now is None else found + Markup(' <span class="soft">({})</span>').format(ago(moment, now))


def badge(word: str, *, large: bool = False) -> Markup:
    """A state or a verdict as a sign and a word."""
    kind = _BADGES.get(word, "idle")
    return Markup('<span class="badge {}{}">{}</span>').format(kind, " large" if large else "", word)


def join(parts: list[Markup], last: str = " and ") -> Markup:
    """Several things in a sentence."""
    if len(parts) < 2:
        return Markup("").join(parts)
    return Markup(", ").join(parts[:-1]) + last + parts[-1]
