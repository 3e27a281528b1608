"""How the store came to its present shape: named steps, each done once and recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, Table, insert, inspect, select, text, update

from pyledger.errors import PyledgerError
from pyledger.ledger.due import NOTHING, due_text, timed
from pyledger.ledger.projection import logs_of
from pyledger.ledger.tables import AGREEMENT, CONDITION, DOCUMENT, MEMBER, METADATA, MIGRATION, times_of
from pyledger.terms.state import Status

__all__ = ["MIGRATIONS", "migrate"]


def _first(connection: Connection) -> None:
    """All tables as they were at first; later steps alter them."""
    METADATA.create_all(connection)


def _followed(connection: Connection) -> None:
    """How it goes with whoever follows a source; and agreements of one status by when they changed."""
    CONDITION.create(connection, checkfirst=True)
    _index(connection, AGREEMENT, "agreement_by_status")


def _members(connection: Connection) -> None:
    """Members found by their agreement: a reorganisation makes some agreements anew, however many there are."""
    _index(connection, MEMBER, "member_of_agreement")


def _due(connection: Connection) -> None:
    """What is due in each agreement, found from its events."""
    if AGREEMENT.c.due.name not in {each["name"] for each in inspect(connection).get_columns(AGREEMENT.name)}:
        connection.execute(text(f"ALTER TABLE {AGREEMENT.name} ADD COLUMN due TEXT NOT NULL DEFAULT '{NOTHING}'"))
    alive = AGREEMENT.c.status.in_((int(Status.OPEN), int(Status.IN_FORCE)))
    for source, address in connection.execute(select(AGREEMENT.c.source, AGREEMENT.c.address).where(alive)).all():
        events = list(logs_of(connection, source, address))
        found = due_text(events, times_of(connection, source, set(timed(events))))
        own = (AGREEMENT.c.source == source) & (AGREEMENT.c.address == address)
        connection.execute(update(AGREEMENT).where(own).values(due=found))


def _documents(connection: Connection) -> None:
    """Documents by when they were brought: the texts of others are long, and need not be read to find the latest."""
    _index(connection, DOCUMENT, "document_by_time")


def _index(connection: Connection, table: Table, name: str) -> None:
    """An index of a table, unless it is there: the first step makes tables as they are now."""
    if name not in {each["name"] for each in inspect(connection).get_indexes(table.name)}:
        next(index for index in table.indexes if index.name == name).create(connection)


MIGRATIONS: Final[tuple[tuple[str, Callable[[Connection], None]], ...]] = (
    ("0001-first", _first),
    ("0002-followed", _followed),
    ("0003-members-of-agreement", _members),
    ("0004-due", _due),
    ("0005-documents-by-time", _documents),
)
"""In order; a step that has been released is never changed."""


def migrate(connection: Connection, now: int) -> list[str]:
    """Do what is not yet done, within the transaction at hand; the names of what was done.

    Raises PyledgerError where the store has been through steps that this program does not know.
    """
    known = [name for name, _ in MIGRATIONS]
    done: set[str] = set()
    if inspect(connection).has_table(MIGRATION.name):
        done = set(connection.scalars(select(MIGRATION.c.name)))
    if foreign := sorted(done - set(known)):
        raise PyledgerError(
            f"the store has been used by a later pyledger: it has been through {', '.join(foreign)}",
            hint="use that version, or another store",
        )
    fresh = [(name, step) for name, step in MIGRATIONS if name not in done]
    for name, step in fresh:
        step(connection)
        connection.execute(insert(MIGRATION).values(name=name, applied_at=now))
    return [name for name, _ in fresh]
