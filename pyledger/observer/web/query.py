"""What a request asks for, read strictly: every parameter has a kind and a bound."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from starlette.requests import Request

from pyledger.ledger.browse import Place
from pyledger.observer.status import STATES
from pyledger.observer.web.problems import WrongQuery
from pyledger.observer.web.window import MOST, read_address, read_hash

__all__ = ["FEW", "LARGEST", "STATUSES", "Query"]

FEW: Final = 50
"""Rows of a part of a list, unless another number is asked for."""

STATUSES: Final = tuple(word.replace(" ", "-") for word in STATES.values())
"""How agreements can stand, as addresses say it."""

LARGEST: Final = 2**53 - 1
"""The largest whole number that every reader of JSON understands (RFC 8259)."""


class Query:
    """The parameters of a request. Whatever is wrong with one is a WrongQuery that names it."""

    def __init__(self, request: Request, known: Collection[str], *, strict: bool) -> None:
        """`strict` refuses parameters that are not known, or empty; pages pass them over, as forms send them."""
        given = request.query_params.multi_items()
        self._given = {name: value for name, value in given if name in known and (value or strict)}
        if strict and (strange := sorted({name for name, _ in given} - set(known))):
            raise WrongQuery(
                f"there is no parameter {strange[0][:40]!r} here", f"there are: {', '.join(known) or 'none'}"
            )
        if strict and len(given) > len(self._given):
            raise WrongQuery("a parameter is given twice", "give each once")

    def text(self, name: str) -> str | None:
        """A parameter as it is."""
        return self._given.get(name)

    def limit(self) -> int:
        """How many rows are wanted."""
        found = self._whole("limit", 1)
        if found is not None and found > MOST:
            raise WrongQuery(f"limit: {found} are too many", f"at most {MOST}; `next` says where the list goes on")
        return FEW if found is None else found

    def skip(self) -> int:
        """How many rows are to be passed over."""
        return self._whole("after", 0) or 0

    def place(self) -> Place | None:
        """Where an earlier part of a list of agreements ended."""
        given = self._given.get("after")
        if given is None:
            return None
        block, _, address = given.partition("-")
        return Place(_number(block, "after", 0), read_address(address.lower(), "after"))

    def status(self) -> str | None:
        """How agreements are to stand: one of STATES' words."""
        given = self._given.get("status")
        if given is None:
            return None
        if given.replace(" ", "-") not in STATUSES:
            raise WrongQuery("status: there is no such state", f"one of {', '.join(STATUSES)}")
        return given.replace("-", " ")

    def address(self, name: str) -> bytes | None:
        """An address."""
        given = self._given.get(name)
        return None if given is None else read_address(given, name)

    def hash(self, name: str) -> bytes | None:
        """A hash."""
        given = self._given.get(name)
        return None if given is None else read_hash(given, name)

    def _whole(self, name: str, least: int) -> int | None:
        given = self._given.get(name)
        return None if given is None else _number(given, name, least)


def _number(text: str, of: str, least: int) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 16 or not least <= int(text) <= LARGEST:
        raise WrongQuery(f"{of}: expected a whole number from {least} on", None)
    return int(text)
