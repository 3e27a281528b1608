"""What an agreement's account stores, and the money that moves in and out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from pyledger.terms.structs import Phase, Share, Verdict

__all__ = ["SLOTS", "Cause", "Contest", "Flow", "Hearing", "Holding", "Split", "State", "Status", "Voice"]

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
    DISSOLVED = 6


class Cause(IntEnum):
    """Why money left the account."""

    PAYMENT = 0
    RETURN = 1
    FORFEITURE = 2
    BOND = 3
    SURPLUS = 4
    SPLIT = 5


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


class Contest(NamedTuple):
    """When a verdict was given, challenged and ruled on, in Unix seconds (0: not). A concession is its own ruling."""

    decided_at: int = 0
    challenged_at: int = 0
    ruled_at: int = 0


class Hearing(NamedTuple):
    """What the arbitrator has been asked, and the last moment (Unix seconds) at which its ruling counts."""

    phase: int
    obligation: int
    until: int
    ruled: bool = False


class Split(NamedTuple):
    """All that is held of an asset, by shares: what a dissolution makes of it."""

    asset: bytes
    shares: tuple[Share, ...]


class Flow(NamedTuple):
    """Money into the account (`cause` None, `to` empty) or out of it; `item` is the payment, party or split."""

    to: bytes
    asset: bytes
    amount: int
    cause: Cause | None
    item: int
    credited: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Everything the contract stores, in the shape that rules are best said in.

    Sets hold indices of parties or payments. `short` maps parties whose bond is short of the level of the phase at
    hand to what is held of it. `verdicts` are those given by quorum, concession or ruling in the phase at hand,
    silence not counted until it is challenged; `attested` are the values given with them, `contests` their times
    where there is an arbitrator: both by obligation of the phase at hand, and no entry where there is nothing.
    `cut_off` is the Unix time of the first material breach that no arbitrator can overrule, 0 where there is none
    (the contract keeps it relative to `opened_at`). `extended` is the phase at hand with the later times that the
    members have agreed on, None while it is as in the terms. `joining` are bound from the next phase on. `voices` are
    those of tallies that fell short of a quorum; `hearings` go by the arbitrator's numbers. What is held besides
    follows from the terms: see `pyledger.terms.outcome.holdings`.
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
    joining: frozenset[int] = frozenset()
    extended: Phase | None = None
    attested: Mapping[int, int] = field(default_factory=dict)
    contests: Mapping[int, Contest] = field(default_factory=dict)
    hearings: Mapping[int, Hearing] = field(default_factory=dict)
