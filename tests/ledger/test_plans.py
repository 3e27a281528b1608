"""What is asked of the store for one agreement is found by an index, however many agreements there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from pyledger.chain.connect import Connection
from pyledger.ledger.browse import holdings, opened_terms, part, roles, times_of
from pyledger.ledger.reading import agreements
from pyledger.ledger.store import Store
from pyledger.ledger.sync import sync
from pyledger.observer.reading import read_agreement
from tests.ledger.stores import MOVES
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import run

WHOLE = ("(source=?)", "(source=? AND number<?)")
"""How SQLite says that it goes through all that there is of a source; the latest block is the first of these."""


@contextmanager
def asked(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Every query that is put to a store meanwhile, with its values."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            found.append((statement, values))

    event.listen(store.engine, "before_cursor_execute", note)
    yield found
    event.remove(store.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_one_agreement_is_read_by_indexes_alone(player: Player, connection: Connection, store: Store) -> None:
    run(player, Random(2).randbytes(3 * MOVES))
    source = sync(store, connection, player.factory).cursor.source
    with store.reading() as database:
        address = agreements(database, source)[0].address
    with asked(store) as queries:
        read_agreement(store, source, address)
    assert len(queries) >= 6
    by_indexes_alone(store, queries)


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_rows_of_a_list_are_made_by_indexes_alone(player: Player, connection: Connection, store: Store) -> None:
    for seed in range(3):
        run(player, Random(seed).randbytes(3 * MOVES))
        sync(store, connection, player.factory)
    with store.reading() as database:
        source = store.cursors(database)[0].source
        found = agreements(database, source)
        places = [each.address for each in found]
        with asked(store) as queries:
            assert holdings(database, source, places)
            assert opened_terms(database, source, places).keys() == set(places)
            assert roles(database, source, found[0].parties[0], places)
            assert times_of(database, source, {each.changed for each in found})
            assert part(database, source, limit=2) == found[:2]
            assert part(database, source, limit=2, status=found[0].status)[0] == found[0]
    assert len(queries) == 7  # entries and their lines are two
    by_indexes_alone(store, queries)


def by_indexes_alone(store: Store, queries: Sequence[tuple[str, Any]]) -> None:
    with store.engine.connect() as database:
        for statement, values in queries:
            plan = [row[3] for row in database.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            if "LIMIT" not in statement:
                assert not [step for step in plan if step.startswith("SCAN") or step.endswith(WHOLE)], statement
            assert not [step for step in plan if step.startswith("SCAN")], statement
