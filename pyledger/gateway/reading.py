"""What the node says of an agreement at its newest block: who is entitled, and whether the chain is still the same.

Everything here waits for the node; the gateway runs it beside its loop. What cannot be read, or does not fit what was
read before, is an error: nobody is admitted on it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from pyledger.chain.connect import Block, Connection
from pyledger.chain.events import Event, read_events
from pyledger.chain.reading import read_state
from pyledger.document import Document
from pyledger.errors import MismatchError, NodeError, UsageError, WrongNetworkError
from pyledger.ledger.past import past
from pyledger.observer.rights import Entitlement, entitlements
from pyledger.terms.addresses import parse_address
from pyledger.terms.names import Names
from pyledger.terms.state import State
from pyledger.terms.structs import Terms

__all__ = ["Guarded", "NodeReader", "Reading", "Reorganised", "require_holders"]

_REMEMBERED: Final = 128
"""Blocks whose hashes are kept, to tell an older answer of the same chain from another chain."""


class Reorganised(NodeError):
    """The chain has replaced a block on which somebody was admitted."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """What a gateway stands before: one benefit of one agreement, opened in block `since`."""

    document: Document
    names: Names
    terms: Terms
    agreement: bytes
    benefit: str
    since: int = 0

    def __post_init__(self) -> None:
        """UsageError if the document gives no such benefit."""
        if self.benefit not in self.document.benefits:
            known = ", ".join(self.document.benefits) or "none"
            raise UsageError(f"the document gives no benefit `{self.benefit}`", hint=f"it gives: {known}")


class Reading(NamedTuple):
    """The entitlements to one benefit by the holders' accounts, by the newest block there is.

    `came` is when the block was first seen, by a clock that never goes back, in seconds.
    """

    block: Block
    came: float
    state: State
    holders: Mapping[bytes, Entitlement]

    def chain_time(self, steady: float) -> int:
        """The chain's time, Unix seconds: that of the block, and what has passed since it was first seen."""
        return self.block.time + int(steady - self.came)


class NodeReader:
    """Reads an agreement block by block. Not for several threads at once."""

    def __init__(
        self, connection: Connection, guarded: Guarded, *, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._steady = steady
        self._guarded = guarded
        self._last: Reading | None = None
        self._forget()

    def _forget(self) -> None:
        self._events: list[Event] = []
        self._times: dict[int, int] = {}
        self._next = self._guarded.since
        self._known: deque[tuple[int, bytes]] = deque(maxlen=_REMEMBERED)

    def read(self) -> Reading | None:
        """What the newest block says by now; None where the node answers with an older one of the same chain.

        Reorganised if a block that was read is no longer of the chain: the next call begins anew. WrongNetworkError if
        the node answers for another chain; NodeError and MismatchError as the agreement's reading has them.
        """
        head = self._connection.block()
        if self._last is not None and head.hash == self._last.block.hash:
            now = self._last.chain_time(self._steady())
            self._last = self._last._replace(holders=self._holders(self._last.state, now))
            return self._last
        if (head.number, head.hash) in self._known:
            return None
        came = self._steady()
        self._same_chain()
        self._linked(head)
        found = self._read(head, came)
        if self._connection.block(head.number).hash != head.hash:
            raise self._reorganised(head.number)
        self._known.append((head.number, head.hash))
        self._last = found
        return found

    def _same_chain(self) -> None:
        answered = self._connection.as_number("eth_chainId", self._connection.request("eth_chainId"))
        if answered != self._connection.chain_id:
            raise WrongNetworkError(
                f"the node now answers for chain {answered}, not for chain {self._connection.chain_id}",
                where=self._connection.network.place,
                hint="whoever runs that address has changed it: use another",
            )

    def _linked(self, head: Block) -> None:
        """Holds a new block against the newest one known."""
        if not self._known:
            return
        number, digest = self._known[-1]
        if head.number <= number:
            raise self._reorganised(head.number)
        before = head.parent if head.number == number + 1 else self._connection.block(number).hash
        if before != digest:
            raise self._reorganised(number)

    def _reorganised(self, number: int) -> Reorganised:
        self._forget()
        self._last = None
        return Reorganised(f"the chain was reorganised: block {number} is another one now")

    def _read(self, head: Block, came: float) -> Reading:
        guarded, connection = self._guarded, self._connection
        new = read_events(connection, [guarded.agreement], start=self._next, end=head.number)
        numbers = sorted({event.origin.block for event in new})
        self._times |= {each.number: each.time for each in connection.blocks(numbers)}
        self._events += new
        self._next = head.number + 1
        state = read_state(connection, guarded.agreement, guarded.terms, block=head.number, since=guarded.since)
        return Reading(head, came, state, self._holders(state, head.time))

    def _holders(self, state: State, now: int) -> Mapping[bytes, Entitlement]:
        guarded = self._guarded
        told = past(self._events, self._times)
        found = entitlements(guarded.document, guarded.names, guarded.terms, state, told, now)
        return {
            parse_address(each.account): each
            for each in found
            if each.benefit == guarded.benefit and each.account is not None
        }


def require_holders(reading: Reading, benefit: str) -> None:
    """Refuses, with MismatchError, a benefit that nobody with an account can have."""
    if not reading.holders:
        raise MismatchError(
            f"nobody whom `{benefit}` is for has an account",
            hint="holders are parties, recipients and groups with standing: the bindings give their accounts",
        )
