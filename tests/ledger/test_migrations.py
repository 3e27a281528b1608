"""A store that an earlier pyledger made comes to the shape that a new one has, with all that is in it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, inspect, text

from pyledger.chain.connect import Connection
from pyledger.errors import PyledgerError
from pyledger.ledger.migrations import MIGRATIONS
from pyledger.ledger.store import Store, open_store
from pyledger.ledger.sync import sync
from pyledger.ledger.tables import AGREEMENT, CONDITION, METADATA, MIGRATION
from tests.ledger.conftest import Place
from tests.ledger.stores import MOVES, content
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import run

LATER = ("agreement_by_status", "document_by_time", "member_of_agreement")
"""Indexes that steps after the first have brought."""


def indexes(store: Store) -> set[str | None]:
    found = inspect(store.engine)
    there = METADATA.tables.keys() & set(found.get_table_names())
    return {index["name"] for table in there for index in found.get_indexes(table)}


def made_old(store: Store) -> None:
    """As the first step alone left it."""
    with store.writing() as database:
        for name in LATER:
            database.execute(text(f"DROP INDEX {name}"))
        database.execute(text(f"DROP TABLE {CONDITION.name}"))
        database.execute(text(f"ALTER TABLE {AGREEMENT.name} DROP COLUMN due"))
        database.execute(delete(MIGRATION).where(MIGRATION.c.name != MIGRATIONS[0][0]))


def test_an_old_store_is_brought_up_to_date(player: Player, connection: Connection, place: Place) -> None:
    run(player, bytes(range(3 * MOVES)))
    with open_store(place) as store:
        sync(store, connection, player.factory)
        before, wanted = content(store), indexes(store)
        made_old(store)
        assert indexes(store) == wanted - set(LATER)
    with open_store(place) as store:
        assert (content(store), indexes(store)) == (before, wanted)
        assert sync(store, connection, player.factory).blocks == 0


def test_a_store_from_the_future_is_left_alone(place: Place) -> None:
    with open_store(place) as store, store.writing() as database:
        database.execute(text("INSERT INTO migration (name, applied_at) VALUES ('9999-telepathy', 0)"))
    with pytest.raises(PyledgerError, match="9999-telepathy"):
        open_store(place)
