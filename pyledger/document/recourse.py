"""Whether those who may contest a verdict, and the court that hears them, fit the rest of a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyledger.document.problem import Declared, Problem
from pyledger.document.rules import positive

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["recourse"]


def recourse(document: Document, declared: Declared) -> Iterator[Problem]:
    """Names that are somebody else's, and windows in which nothing could be done."""
    taken = {seat: "a verifier" for panel in document.panels.values() for seat, _ in panel.seats}
    taken |= dict.fromkeys(declared.recipients, "a recipient") | dict.fromkeys(declared.parties, "a party")
    for name in declared.standing:
        if name in taken:
            hint = "give whoever has standing a name of its own"
            yield Problem(("standing", name), f"`{name}` is already {taken[name]}", hint, at_key=True)
    if document.arbitration is None:
        return
    taken |= dict.fromkeys(declared.standing, "somebody with standing") | {"outside": "an outside event"}
    if (court := document.arbitration.court) in taken:
        message = f"`{court}` is already {taken[court]}"
        yield Problem(("arbitration", "court"), message, "give the court a name of its own")
    yield from positive(("arbitration", "challenge_within"), document.arbitration.challenge_within)
    yield from positive(("arbitration", "ruling_within"), document.arbitration.ruling_within)
