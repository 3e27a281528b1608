"""The terms as typed data: what parties sign, what the contracts hash.

Every struct here has the same name, the same fields and the same order in Solidity
(`contracts/src/interfaces/IAgreement.sol`) and in the EIP-712 types a wallet shows. Addresses are 20 raw bytes, so
that checksums and letter case cannot make two equal things differ; amounts are integers in the asset's smallest
unit; times are Unix seconds; durations are seconds; shares are basis points.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

__all__ = [
    "BPS",
    "MAX_PHASES",
    "NATIVE",
    "OUTSIDE",
    "Obligation",
    "Panel",
    "Party",
    "Payment",
    "Phase",
    "Seat",
    "Share",
    "Terms",
    "Tier",
    "Verdict",
]

BPS: Final = 10_000
"""Basis points in a whole."""

OUTSIDE: Final = 255
"""Obligor of an outside event: nobody's promise, nobody's bond."""

NATIVE: Final = bytes(20)
"""The asset that stands for the chain's native coin."""

MAX_PHASES: Final = 255
"""Most phases an agreement can have: the contract counts them in eight bits."""


class Verdict(IntEnum):
    """What became of an obligation."""

    UNDECIDED = 0
    MET = 1
    BREACHED = 2
    LAPSED = 3


class Share(NamedTuple):
    """`bps` of an amount for `to`; a list of shares sums to 10,000 and its last takes the remainder."""

    to: bytes
    bps: int


class Party(NamedTuple):
    """A party, the asset and level (smallest units) of its bond, and who receives what it forfeits."""

    account: bytes
    asset: bytes
    bond: int
    forfeiture: tuple[Share, ...]


class Seat(NamedTuple):
    """One voice on a panel: the verifier who holds it and the chamber it sits in."""

    verifier: bytes
    chamber: int


class Panel(NamedTuple):
    """Verifiers who decide: `threshold` of all `seats`, and of each chamber at least its quota."""

    threshold: int
    quotas: tuple[int, ...]
    seats: tuple[Seat, ...]


class Obligation(NamedTuple):
    """What must be done, not done, or happen outside; `within` and `grace` in seconds from the phase's opening."""

    obligor: int
    panel: int
    presumption: int
    material: bool
    within: int
    grace: int
    forfeitBps: int  # noqa: N815 - the name is part of the typed data


class Tier(NamedTuple):
    """From an attested `from_` value on: released = base + (value - from)·bps/10,000, at most the amount."""

    from_: int
    base: int
    bps: int


class Payment(NamedTuple):
    """Escrow of `amount` by `payer`, released when the verdict on `obligation` has its bit (1 << verdict) in `on`."""

    payer: int
    obligation: int
    on: int
    asset: bytes
    amount: int
    due: int
    payees: tuple[Share, ...]
    tiers: tuple[Tier, ...]


class Phase(NamedTuple):
    """One step of exposure; `bonds` holds a level per party, or nothing where the header's levels apply."""

    salt: bytes
    notBefore: int  # noqa: N815
    bonds: tuple[int, ...]
    obligations: tuple[Obligation, ...]
    payments: tuple[Payment, ...]


class Undisclosed(Phase):
    """A phase of which no more than the struct hash is known: there is nothing to read in it until it is published."""

    __slots__ = ()

    @classmethod
    def of(cls, known: bytes) -> Undisclosed:
        """The phase whose struct hash (32 bytes) is `known`."""
        return cls(salt=known, notBefore=0, bonds=(), obligations=(), payments=())

    @property
    def hash(self) -> bytes:
        """Its struct hash: 32 bytes."""
        return self.salt


class Terms(NamedTuple):
    """The whole deal. On chain `phases` is represented by the hash of the list of its phases' struct hashes."""

    document: bytes
    predecessor: bytes
    joinBy: int  # noqa: N815
    longStop: int  # noqa: N815
    minParties: int  # noqa: N815
    accession: bool
    challengeWindow: int  # noqa: N815
    rulingWindow: int  # noqa: N815
    topUpWithin: int  # noqa: N815
    defaultForfeitBps: int  # noqa: N815
    arbitrator: bytes
    arbitratorData: bytes  # noqa: N815
    parties: tuple[Party, ...]
    panels: tuple[Panel, ...]
    standing: tuple[bytes, ...]
    phases: tuple[Phase, ...]
