"""The records of what agreements and the factory say; `pyledger.chain.events` reads them from a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from pyledger.terms.state import Cause, Status
from pyledger.terms.structs import Phase, Terms, Verdict

__all__ = [
    "KINDS",
    "Accepted",
    "Attested",
    "Decided",
    "Disclosed",
    "Ended",
    "Event",
    "Funded",
    "Opened",
    "Origin",
    "Paid",
    "PhaseOpened",
    "PhaseRejected",
    "PhaseSettled",
    "Published",
    "ToppedUp",
    "Withdrawn",
]


class Origin(NamedTuple):
    """Where an event was emitted: by `address`, as log number `log` of a block, in a transaction."""

    block: int
    log: int
    address: bytes
    transaction: bytes
    block_hash: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """Something that an agreement or the factory says has happened."""

    origin: Origin


@dataclass(frozen=True, slots=True)
class Published(Event):
    """An agreement's terms, in clear. `terms.phases` holds the disclosed phases only; `hashes` are those of all."""

    agreement: bytes
    terms_hash: bytes
    terms: Terms
    hashes: tuple[bytes, ...]
    disclosed: tuple[Phase, ...]

    @property
    def complete(self) -> bool:
        """Whether every phase was disclosed, so that `terms` are the whole terms."""
        return len(self.disclosed) == len(self.hashes)


@dataclass(frozen=True, slots=True)
class Opened(Published):
    """An agreement was opened; `document` is the hash of its document."""

    document: bytes


@dataclass(frozen=True, slots=True)
class Disclosed(Published):
    """The terms of an agreement were published anew."""


@dataclass(frozen=True, slots=True)
class Accepted(Event):
    """A party joined; `from_` paid its bond (smallest units)."""

    party: int
    from_: bytes
    bond: int


@dataclass(frozen=True, slots=True)
class PhaseOpened(Event):
    """A phase opened; its clocks run from `opened_at` (Unix seconds); `short` is the set of parties short of bond."""

    phase: int
    opened_at: int
    short: int
    content: Phase


@dataclass(frozen=True, slots=True)
class PhaseRejected(Event):
    """A phase that could not open, because `flaw` breaks a rule: the agreement ends instead."""

    phase: int
    flaw: str
    index: int


@dataclass(frozen=True, slots=True)
class ToppedUp(Event):
    """`from_` restored a party's bond by `amount` (smallest units)."""

    party: int
    from_: bytes
    amount: int


@dataclass(frozen=True, slots=True)
class Funded(Event):
    """`from_` put a payment of `amount` (smallest units) into escrow."""

    phase: int
    payment: int
    from_: bytes
    amount: int


@dataclass(frozen=True, slots=True)
class Attested(Event):
    """A seat attested; `evidence` is a hash."""

    phase: int
    obligation: int
    seat: int
    verdict: Verdict
    value: int
    evidence: bytes


@dataclass(frozen=True, slots=True)
class Decided(Event):
    """A verdict by quorum, or by concession of the obligor."""

    phase: int
    obligation: int
    verdict: Verdict
    value: int
    conceded: bool


@dataclass(frozen=True, slots=True)
class PhaseSettled(Event):
    """A phase closed: all verdicts (two bits an obligation), parties in default (a set), cut-off (0: none)."""

    phase: int
    verdicts: int
    defaults: int
    cut_off: int

    def verdict(self, obligation: int) -> Verdict:
        """The final verdict on one obligation, silence counted."""
        return Verdict(self.verdicts >> 2 * obligation & 3)


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The agreement came to its end."""

    status: Status


@dataclass(frozen=True, slots=True)
class Paid(Event):
    """`amount` (smallest units) left the account for `to`, or was credited to it if the push failed.

    `index` is the payment (causes PAYMENT, RETURN) or the party (FORFEITURE, BOND) that it comes from; coin beyond what
    was due (SURPLUS) comes from nobody's.
    """

    to: bytes
    asset: bytes
    amount: int
    cause: Cause
    index: int
    credited: bool


@dataclass(frozen=True, slots=True)
class Withdrawn(Event):
    """An account took what was credited to it."""

    account: bytes
    asset: bytes
    to: bytes
    amount: int


KINDS: Final[Mapping[str, type[Event]]] = {
    kind.__name__: kind
    for kind in (
        Opened,
        Disclosed,
        Accepted,
        PhaseOpened,
        PhaseRejected,
        ToppedUp,
        Funded,
        Attested,
        Decided,
        PhaseSettled,
        Ended,
        Paid,
        Withdrawn,
    )
}
"""Every kind of event by its name in the contracts."""
