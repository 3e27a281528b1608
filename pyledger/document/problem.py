"""What can be wrong in a document, and where: the words that reading and checking share."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from pyledger.document.units import printable

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["Declared", "Inconsistent", "Location", "Problem", "did_you_mean", "nearest"]

_MAX_NAME: Final = 100
_SHOWN: Final = 32
"""Most names that a hint lists."""

Location = tuple[str | int, ...]
"""Keys and list indices from the top of the document down."""


class Problem(NamedTuple):
    """One thing wrong; `at_key` points at the key, not its value; `meant` is where a misspelt key belonged."""

    at: Location
    message: str
    hint: str | None = None
    at_key: bool = False
    meant: Location | None = None


class Inconsistent(ValueError):
    """All problems of a document whose parts could each be read."""

    def __init__(self, found: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, at))}: {message}" for at, message, *_ in found))
        self.problems = found


class Declared(NamedTuple):
    """The names a document gives to things, whether or not the things themselves could be read."""

    assets: tuple[str, ...]
    parties: tuple[str, ...]
    recipients: tuple[str, ...]
    standing: tuple[str, ...]
    panels: tuple[str, ...]
    obligations: tuple[tuple[str, ...], ...]
    payments: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, document: Document) -> Declared:
        """What a wholly readable document declares."""
        return cls(
            tuple(document.assets),
            tuple(document.parties),
            tuple(document.recipients),
            tuple(document.standing),
            tuple(document.panels),
            tuple(tuple(phase.obligations) for phase in document.phases),
            tuple(tuple(phase.payments) for phase in document.phases),
        )

    @property
    def accounts(self) -> tuple[str, ...]:
        """Whoever can be paid."""
        return self.parties + self.recipients


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    near = get_close_matches(printable(name), [known_name for known_name in known if len(known_name) <= _MAX_NAME], n=1)
    return near[0] if near else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint: the nearest known name, or the first of all."""
    known = tuple(dict.fromkeys(known))
    if near := nearest(name, known):
        return f"did you mean `{near}`?"
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"known here: {', '.join(map(printable, known[:_SHOWN]))}{more}" if known else "none is declared"
