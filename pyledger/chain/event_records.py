"""The records of what agreements and the factory say; `pyledger.chain.events` reads them from a node.

Sets of parties or payments are sets of their indices.
"""

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
    "Challenged",
    "Decided",
    "Disclosed",
    "Dispute",
    "Ended",
    "Event",
    "Evidence",
    "Extended",
    "Funded",
    "MetaEvidence",
    "Opened",
    "Origin",
    "Paid",
    "PhaseDisclosed",
    "PhaseOpened",
    "PhaseRejected",
    "PhaseSettled",
    "Published",
    "Ruled",
    "Ruling",
    "ToppedUp",
    "Withdrawn",
]


_MOST: Final = 255
"""Largest number of a phase; in place of an obligation, the whole phase."""


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
    """An agreement's terms, in clear, but for phases that are not `disclosed`; `hashes` are those of all phases."""

    agreement: bytes
    terms_hash: bytes
    terms: Terms
    hashes: tuple[bytes, ...]
    disclosed: tuple[Phase, ...]

    @property
    def complete(self) -> bool:
        """Whether every phase was disclosed, so that `terms` can be read whole."""
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
    """A phase opened; its clocks run from `opened_at` (Unix seconds).

    `members` is the set of parties bound by it, `short` that of members short of bond.
    """

    phase: int
    opened_at: int
    members: frozenset[int]
    short: frozenset[int]


@dataclass(frozen=True, slots=True)
class PhaseDisclosed(Event):
    """A later phase in clear, as it opened; the first is in what was said at the opening of the agreement."""

    phase: int
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
    """`from_` put a set of payments into escrow, each in full."""

    phase: int
    from_: bytes
    payments: frozenset[int]


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
class Challenged(Event):
    """`by` contested a verdict before the arbitrator, whose ruling counts until `until` (Unix seconds), included."""

    phase: int
    obligation: int
    by: bytes
    verdict: Verdict
    dispute_id: int
    until: int


@dataclass(frozen=True, slots=True)
class Ruled(Event):
    """The arbitrator ruled: the verdict is this one for good."""

    phase: int
    obligation: int
    verdict: Verdict
    dispute_id: int


@dataclass(frozen=True, slots=True)
class Extended(Event):
    """All members gave a payment, or else an obligation, time until `to` (seconds from the phase's opening)."""

    phase: int
    payment: bool
    index: int
    to: int


@dataclass(frozen=True, slots=True)
class PhaseSettled(Event):
    """A phase closed: all verdicts (two bits an obligation), parties in default, cut-off (Unix seconds; 0: none)."""

    phase: int
    verdicts: int
    defaults: frozenset[int]
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

    `index` is the payment (causes PAYMENT, RETURN), the party (FORFEITURE, BOND) or the split of a dissolution (SPLIT)
    that it comes from; coin beyond what was due (SURPLUS) comes from nobody's.
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


@dataclass(frozen=True, slots=True)
class MetaEvidence(Event):
    """What a dispute is about, as ERC-1497 has it: `evidence` is a URI of the document."""

    meta_evidence_id: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Dispute(Event):
    """A dispute was put before an arbitrator, as ERC-1497 has it; for both last ids, see `Evidence.about`."""

    arbitrator: bytes
    dispute_id: int
    meta_evidence_id: int
    evidence_group_id: int


@dataclass(frozen=True, slots=True)
class Evidence(Event):
    """Somebody who is heard said something, as ERC-1497 has it. `evidence` is text that anybody may have written."""

    arbitrator: bytes
    evidence_group_id: int
    party: bytes
    evidence: str

    @property
    def about(self) -> tuple[int, int | None] | None:
        """The phase that its group number stands for, and the obligation if it is about one; None for other numbers."""
        phase, obligation = divmod(self.evidence_group_id, 256)
        return None if phase > _MOST else (phase, None if obligation == _MOST else obligation)


@dataclass(frozen=True, slots=True)
class Ruling(Event):
    """The arbitrator's ruling on a dispute, as ERC-792 has it: 1 to 3 are verdicts, 0 that it will not say."""

    arbitrator: bytes
    dispute_id: int
    ruling: int


KINDS: Final[Mapping[str, type[Event]]] = {
    kind.__name__: kind
    for kind in (
        Opened,
        Disclosed,
        Accepted,
        PhaseOpened,
        PhaseDisclosed,
        PhaseRejected,
        ToppedUp,
        Funded,
        Attested,
        Decided,
        Challenged,
        Ruled,
        Extended,
        PhaseSettled,
        Ended,
        Paid,
        Withdrawn,
        MetaEvidence,
        Dispute,
        Evidence,
        Ruling,
    )
}
"""Every kind of event by its name in the contracts."""
