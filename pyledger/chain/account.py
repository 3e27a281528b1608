"""One agreement's account on one chain: where it is, what it holds, and what was said about it."""

from __future__ import annotations

from functools import cached_property

from pyledger.chain.abi import agreement_abi
from pyledger.chain.arbitration import Court
from pyledger.chain.connect import Connection
from pyledger.chain.deployments import Places
from pyledger.chain.encoding import Encoder
from pyledger.chain.events import Event, read_events
from pyledger.chain.reading import (
    Check,
    Snapshot,
    is_open,
    not_open,
    read_hearing,
    read_snapshot,
    read_state,
    verify,
)
from pyledger.chain.refusals import Label, labels_of, refused
from pyledger.errors import MismatchError
from pyledger.terms.addresses import checksum
from pyledger.terms.commitment import agreement_address, clone_code
from pyledger.terms.names import Names
from pyledger.terms.outcome import has_court, phase_at_hand
from pyledger.terms.state import Hearing, State
from pyledger.terms.structs import Phase, Terms

__all__ = ["Account"]


class Account:
    """The account that some terms lead to, opened or not.

    Reading raises MismatchError where the agreement is not open, NodeError for a node that fails or contradicts itself.
    `names` make messages speak of the document's things; `since` is a block before the agreement's first event, from
    which on events are looked for; `timeout`, in seconds, is how long a transaction is waited for.
    """

    def __init__(
        self,
        connection: Connection,
        terms: Terms,
        places: Places,
        *,
        names: Names | None = None,
        since: int = 0,
        timeout: float = 120.0,
    ) -> None:
        self.connection = connection
        self.terms = terms
        self.places = places
        self.names = names
        self.since = since
        self.timeout = timeout
        self.address = agreement_address(factory=places.factory, implementation=places.implementation, terms=terms)
        self.encoder = Encoder(terms)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The struct hashes of all phases."""
        return self.encoder.hashes

    @cached_property
    def _code(self) -> bytes:
        return clone_code(self.places.implementation, self.terms)

    # reading

    def is_open(self) -> bool:
        """Whether the agreement has been opened."""
        return is_open(self.connection, self.address)

    def state(self) -> State:
        """What the contract stores at the latest block, without credits, voices and hearings."""
        return read_state(self.connection, self.address, self.terms, since=self.since)

    def snapshot(self) -> Snapshot:
        """State, holdings, credits and balances at the latest block."""
        return read_snapshot(self.connection, self.address, self.terms, since=self.since)

    def credit(self, account: bytes, asset: bytes) -> int:
        """What is credited to any account in one asset, in its smallest unit."""
        self.require_open()
        data = self.connection.call(self.address, agreement_abi().encode("credit", account, asset))
        return int(agreement_abi().decode("credit", data)[0])

    def hearing(self, dispute: int) -> Hearing | None:
        """What the arbitrator has been asked under a number; None if nothing."""
        self.require_open()
        return read_hearing(self.connection, self.address, dispute)

    def court(self) -> Court:
        """The arbitrator, as a court of pyledger's kind. Refused if the terms name none."""
        if not has_court(self.terms):
            raise refused("NoArbitrator", {})
        return Court(self.connection, self.terms.arbitrator, label=self.label(), timeout=self.timeout)

    def challenge_cost(self) -> int:
        """What the arbitrator asks for a dispute now, in wei. Refused if there is none, or it does not say."""
        cost = self.court().cost(self.terms.arbitratorData)
        if cost is None:
            raise refused("ArbitratorSilent", {"arbitrator": self.terms.arbitrator}, label=self.label())
        return cost

    def verify(self) -> tuple[Check, ...]:
        """Whether the account is the agreement of these terms, step by step."""
        return verify(self.connection, self.address, self.terms, self.places)

    def events(self, *, start: int | None = None) -> tuple[Event, ...]:
        """All that was ever said about it, in the order of the chain, from block `start` on (`since`)."""
        first = self.since if start is None else start
        of_it = read_events(self.connection, [self.places.factory], start=first, agreement=self.address)
        by_it = read_events(self.connection, [self.address], start=first)
        return tuple(sorted((*of_it, *by_it), key=lambda each: each.origin[:2]))

    # what moves need

    def label(self, phase: int = 0, *, panel: int | None = None) -> Label:
        """Names for the things of a phase, and the seats of a panel, as far as there are names."""
        return labels_of(self.names, phase, panel=panel)

    def require_open(self) -> None:
        """MismatchError unless the agreement of these terms, and nothing else, is at the address."""
        code = self.connection.code(self.address)
        if not code:
            raise not_open(self.connection, self.address)
        if code != self._code:
            raise MismatchError(
                f"the code at {checksum(self.address)} is not that of the agreement of these terms",
                hint="do not send it anything; `pyledger verify` shows what does not fit",
            )

    def at_hand(self) -> tuple[Phase, State]:
        """The phase at hand, with the times that hold now, and the state."""
        self.require_open()
        state = self.state()
        return phase_at_hand(state, self.terms), state
