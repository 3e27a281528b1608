"""One agreement as the store knows it, without a node: its terms, its state, and everything that was said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from pyledger.chain.events import Event, Published, fullest, possible
from pyledger.errors import NodeError
from pyledger.ledger.folding import Heard, fold, heard
from pyledger.ledger.projection import logs_of
from pyledger.ledger.tables import BLOCK, LOG
from pyledger.terms.addresses import checksum
from pyledger.terms.state import State
from pyledger.terms.structs import Terms
from pyledger.terms.typed_data import phase_hash, terms_hash

__all__ = ["Standing", "standing", "standing_of", "times_of"]


@dataclass(frozen=True, slots=True)
class Standing:
    """An agreement (20 bytes) as its events leave it.

    `terms` were held to `terms_hash` (32 bytes); `disclosed` is how many of their phases are known in clear. Of `state`
    the voices are in `heard`, as they are where it is read from an account. `events` are all of the agreement's own and
    the factory's of it, in the order of the chain; `times` are those of their blocks (Unix seconds).
    """

    agreement: bytes
    terms: Terms
    terms_hash: bytes
    disclosed: int
    state: State
    heard: Heard
    events: tuple[Event, ...]
    times: Mapping[int, int]

    @property
    def complete(self) -> bool:
        """Whether every phase is known in clear."""
        return self.disclosed == len(self.terms.phases)

    @property
    def changed(self) -> int:
        """The block of the last event."""
        return self.events[-1].origin.block


def standing(connection: Connection, source: int, agreement: bytes) -> Standing | None:
    """An agreement (20 bytes) of a source, from its stored events alone; None where the store has none of that address.

    Raises NodeError where the events kept cannot be true.
    """
    events = tuple(logs_of(connection, source, agreement))
    return standing_of(agreement, events, times_of(connection, source, agreement))


def standing_of(agreement: bytes, events: Sequence[Event], times: Mapping[int, int]) -> Standing | None:
    """The same, from all events of an agreement in the order of the chain, and the times of their blocks."""
    told = fullest(events)
    if told is None:
        return None
    _hold_to_hash(told)
    strange = next((each for each in events if not possible(each, told.terms)), None)
    if strange is not None:
        what = f"{type(strange).__name__} in block {strange.origin.block}"
        raise _untrue(agreement, f"{what} names what its terms do not have")
    return Standing(
        agreement=agreement,
        terms=told.terms,
        terms_hash=told.terms_hash,
        disclosed=len(told.disclosed),
        state=fold(events, told.terms, times),
        heard=heard(events),
        events=tuple(events),
        times=times,
    )


def times_of(connection: Connection, source: int, agreement: bytes) -> dict[int, int]:
    """Times (Unix seconds) of the blocks that hold events of an agreement, by their numbers."""
    blocks = select(LOG.c.block).where(LOG.c.source == source, LOG.c.agreement == agreement)
    query = select(BLOCK.c.number, BLOCK.c.time).where(BLOCK.c.source == source, BLOCK.c.number.in_(blocks))
    return {row.number: row.time for row in connection.execute(query)}


def _hold_to_hash(told: Published) -> None:
    """NodeError if the terms are not what their hash says: the store keeps what a node said, unchecked."""
    phases = [phase_hash(each) for each in told.terms.phases]
    if phases != list(told.hashes) or terms_hash(told.terms) != told.terms_hash:
        raise _untrue(told.agreement, "the terms are not what their hash says")


def _untrue(agreement: bytes, why: str) -> NodeError:
    return NodeError(
        f"what a node told of {checksum(agreement)} cannot be true: {why}",
        hint="read the chain from another node; what is in a store already, into a new one",
    )
