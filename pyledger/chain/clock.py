"""A development node's clock, moved by times as people write them."""

from __future__ import annotations

from pyledger.chain.connect import Connection
from pyledger.document.moments import moment
from pyledger.document.units import say_time
from pyledger.errors import UsageError

__all__ = ["move_clock"]


def move_clock(connection: Connection, time: str | int) -> None:
    """By "3 days", to "2027-01-31 12:00", or to Unix seconds; a block is mined there.

    UsageError if it is no time, or over; RpcError from a node whose clock cannot be moved.
    """
    now = connection.latest_time()
    to = time if isinstance(time, int) else moment(time, now)
    if to <= now:
        raise UsageError(
            f"the chain's clock stands at {say_time(now)} and cannot go back to {say_time(to)}",
            hint="give a later time; only a new chain has an earlier one: `pyledger chain stop`, then start it",
        )
    connection.request("evm_setNextBlockTimestamp", to)
    connection.request("evm_mine")
