"""What an agreement's account stores, and the money that moves in and out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from pyledger.terms.structs import Verdict

__all__ = ["SLOTS", "Cause", "Flow", "Holding", "State", "Status", "Voice"]

SLOTS: Final = 32
"""Most obligations, and most payments, of a phase."""


class Status(IntEnum):
    """Where an agreement stands."""

    OPEN = 0
    IN_FORCE = 1
    COMPLETED = 2
    TERMINATED = 3
    VOID = 4
    UNWOUND = 5


class Cause(IntEnum):
    """Why money left the account."""

    PAYMENT = 0
    RETURN = 1
    FORFEITURE = 2
    BOND = 3
    SURPLUS = 4


class Holding(NamedTuple):
    """What the account holds of one asset for one party: its bond, and its escrow for payments of this phase."""

    bond: int = 0
    escrow: int = 0


class Voice(NamedTuple):
    """A seat's attestation that counts in a tally."""

    phase: int
    obligation: int
    seat: int
    verdict: Verdict
    value: int


class Flow(NamedTuple):
    """Money into the account (`cause` None, `to` empty) or out of it; `item` is the payment or party it comes from."""

    to: bytes
    asset: bytes
    amount: int
    cause: Cause | None
    item: int
    credited: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Everything the contract stores.

    Sets hold indices of parties or payments. `short` maps parties whose bond is short of the level of the phase at
    hand to what is held of it. `verdicts` are those given by quorum or concession in the phase at hand, silence not
    counted; `cut_off` is 0 where no material breach was given; `voices` are those of tallies still open. What is held
    besides follows from the terms: see `pyledger.terms.outcome.holdings`.
    """

    status: Status = Status.OPEN
    phase: int = 0
    members: frozenset[int] = frozenset()
    short: Mapping[int, int] = field(default_factory=dict)
    opened_at: int = 0
    cut_off: int = 0
    verdicts: tuple[Verdict, ...] = (Verdict.UNDECIDED,) * SLOTS
    funded: frozenset[int] = frozenset()
    paid: frozenset[int] = frozenset()
    credits: Mapping[tuple[bytes, bytes], int] = field(default_factory=dict)
    voices: frozenset[Voice] = frozenset()
