"""The limits of an agreement: one place, for the document that is read and for the terms compiled from it.

The contract checks the same numbers again at opening.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "MAX_AMOUNT",
    "MAX_ASSETS",
    "MAX_CHAMBERS",
    "MAX_COURT_DATA",
    "MAX_DEADLINE",
    "MAX_DECIMALS",
    "MAX_DURATION",
    "MAX_OBLIGATIONS",
    "MAX_PANELS",
    "MAX_PARTIES",
    "MAX_PAYMENTS",
    "MAX_PHASES",
    "MAX_RECIPIENTS",
    "MAX_SEATS",
    "MAX_SHARES",
    "MAX_STANDING",
    "MAX_TIERS",
    "MAX_TIME",
    "WHOLE",
]

MAX_PARTIES: Final = 16
MAX_RECIPIENTS: Final = 64
MAX_ASSETS: Final = 32
MAX_PANELS: Final = 8
MAX_SEATS: Final = 32
MAX_CHAMBERS: Final = 8
MAX_DECIMALS: Final = 36
MAX_PHASES: Final = 255
MAX_OBLIGATIONS: Final = 32
MAX_PAYMENTS: Final = 32
MAX_SHARES: Final = 8
MAX_STANDING: Final = 32
MAX_TIERS: Final = 16

WHOLE: Final = 10_000
"""A whole, in basis points."""

MAX_AMOUNT: Final = 2**128 - 1
"""Largest amount, in an asset's smallest unit (uint128)."""

MAX_DURATION: Final = 2**32 - 1
"""Longest duration, in seconds (uint32): a little over 136 years."""

MAX_DEADLINE: Final = 2**32 - 2
"""Longest time, in seconds, from a phase's opening to a deadline: the contract keeps one second more in a uint32."""

MAX_COURT_DATA: Final = 1024
"""Most bytes that a document hands to its court: they travel with every call, and courts read a few words."""

MAX_TIME: Final = 253_402_300_799
"""Latest time, in Unix seconds: the end of the year 9999, which fits the contract's uint40."""
