"""How it goes with whoever follows a node into the store, kept there so that every reader can say it."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from pyledger.ledger.store import Store
from pyledger.ledger.tables import CONDITION

__all__ = ["READINGS", "Condition", "condition_of", "tell"]

READINGS: Final = ("live", "behind", "unreachable", "other-chain", "stopped")
"""What a follower can say of itself; see `pyledger.observer.web.views.NodeState`."""


class Condition(NamedTuple):
    """How following goes, one of READINGS, and `since` when it does so.

    `heard_at` is when the node last answered, `told_at` when this was written down; `words` is what has to be said
    besides, empty if nothing. Times are Unix seconds.
    """

    reading: str
    since: int
    heard_at: int
    told_at: int
    words: str


def condition_of(connection: Connection, source: int) -> Condition | None:
    """What was last told of a source; None if nobody has followed it."""
    columns = (CONDITION.c.reading, CONDITION.c.since, CONDITION.c.heard_at, CONDITION.c.told_at, CONDITION.c.words)
    found = connection.execute(select(*columns).where(CONDITION.c.source == source)).first()
    return None if found is None else Condition(*found)


def tell(store: Store, source: int, condition: Condition) -> None:
    """Write down how following a source goes. Raises StoreError."""
    with store.writing() as connection:
        connection.execute(delete(CONDITION).where(CONDITION.c.source == source))
        connection.execute(insert(CONDITION).values(source=source, **condition._asdict()))
