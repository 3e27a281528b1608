"""What is asked of the store for one agreement is found by an index, however many agreements there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from pyledger.chain.connect import Connection
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
    with store.engine.connect() as database:
        for statement, values in queries:
            plan = [row[3] for row in database.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            if "LIMIT" not in statement:
                assert not [step for step in plan if step.startswith("SCAN") or step.endswith(WHOLE)], statement
            assert not [step for step in plan if step.startswith("SCAN")], statement
