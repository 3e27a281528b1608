"""When something is due in an agreement: found from its events, and kept beside it as text for lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pyledger.chain.events import Challenged, Decided, Event, Ruled, fullest, possible
from pyledger.ledger.folding import fold
from pyledger.terms.due import Due, dues
from pyledger.terms.structs import Verdict

__all__ = ["NOTHING", "due_text", "read_due", "timed"]

NOTHING: Final = "[]"
"""How it is kept that nothing is due."""


def due_text(events: Sequence[Event], times: Mapping[int, int]) -> str:
    """The moments to come of an agreement (`pyledger.terms.due`), from all its events in the order of the chain.

    `times` are those (Unix seconds) of the blocks that `timed` names. Nothing is due where the events cannot be true.
    """
    told = fullest(events)
    if told is None or not all(possible(each, told.terms) for each in events):
        return NOTHING
    return json.dumps(dues(fold(events, told.terms, times), told.terms), separators=(",", ":"))


def read_due(text: str) -> tuple[Due, ...]:
    """What `due_text` has written."""
    return tuple(Due(at, kind, index, Verdict(verdict)) for at, kind, index, verdict in json.loads(text))


def timed(events: Iterable[Event]) -> Iterator[int]:
    """The blocks whose times what is due depends on: a verdict's windows run from when it was given or contested."""
    return (each.origin.block for each in events if isinstance(each, Decided | Challenged | Ruled))
