"""A development node's clock, moved by times as people write them."""

from __future__ import annotations

from pyledger.chain.connect import Connection
from pyledger.document.units import NotUnderstood, parse_duration, parse_time, say_time
from pyledger.errors import UsageError

__all__ = ["move_clock"]


def move_clock(connection: Connection, time: str | int) -> None:
    """By "3 days", to "2027-01-31 12:00", or to Unix seconds; a block is mined there.

    UsageError if it is no time, or over; RpcError from a node whose clock cannot be moved.
    """
    now = connection.latest_time()
    moment = time if isinstance(time, int) else _moment(time, now)
    if moment <= now:
        raise UsageError(f"the chain's clock stands at {say_time(now)} and cannot go back to {say_time(moment)}")
    connection.request("evm_setNextBlockTimestamp", moment)
    connection.request("evm_mine")


def _moment(text: str, now: int) -> int:
    try:
        return now + parse_duration(text)
    except NotUnderstood:
        pass
    try:
        return parse_time(text)
    except NotUnderstood:
        hint = 'write for example "3 days" or "2027-01-31 12:00"'
        raise UsageError(f"`{text}` is neither a duration nor a date", hint=hint) from None
