"""The store against a real node: random histories, reorganised each time, and books that hold what the chain holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from pyledger.chain.anvil import Anvil, mine
from pyledger.chain.connect import Connection, connect
from pyledger.chain.networks import Network
from pyledger.ledger.journal import held_by
from pyledger.ledger.store import Store, StoreError, open_store
from pyledger.ledger.sync import sync
from pyledger.ledger.tables import AGREEMENT, BLOCK, CURSOR, ENTRY, LOG, MEMBER, POSTING
from pyledger.terms.state import Status
from pyledger.terms.structs import NATIVE
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import run

HISTORIES = 40
MOVES = 40


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with Anvil(timestamp=1_800_000_000) as node, closing(Player(node.url)) as made:
        made.url = node.url  # type: ignore[attr-defined]
        yield made


@pytest.fixture(scope="module")
def connection(player: Player) -> Iterator[Connection]:
    with connect(Network("local", player.url, 31337)) as made:  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.db") as made:
        yield made


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a store but when it was made."""
    with store.reading() as database:
        found = {
            table.name: [tuple(row) for row in database.execute(select(table).order_by(*table.primary_key.columns))]
            for table in (BLOCK, LOG, AGREEMENT, MEMBER, ENTRY, POSTING)
        }
        found["cursor"] = [tuple(row)[:-1] for row in database.execute(select(CURSOR))]
    return found


def books(store: Store) -> dict[bytes, dict[bytes, int]]:
    """What each agreement holds by its books."""
    balances: dict[bytes, dict[tuple[str, bytes], int]] = {}
    with store.reading() as database:
        query = select(ENTRY.c.agreement, POSTING).join(
            POSTING,
            (ENTRY.c.source == POSTING.c.source) & (ENTRY.c.block == POSTING.c.block) & (ENTRY.c.log == POSTING.c.log),
        )
        for row in database.execute(query):
            if row.account.startswith("outside:"):
                continue
            own = balances.setdefault(row.agreement, {})
            own[row.account, row.asset] = own.get((row.account, row.asset), 0) + int(row.amount)
        agreements = database.scalars(select(AGREEMENT.c.address)).all()
    assert all(amount >= 0 for own in balances.values() for amount in own.values())
    return {address: held_by(balances.get(address, {})) for address in agreements}


def on_chain(connection: Connection, player: Player, agreement: bytes) -> dict[bytes, int]:
    from pyledger.chain.tokens import token_balance

    found = {token: token_balance(connection, token, agreement) for token in player.tokens}
    found[NATIVE] = connection.balance(agreement)
    return {asset: amount for asset, amount in found.items() if amount}


def test_books_hold_what_the_chain_holds_however_often_it_is_reorganised(
    player: Player, connection: Connection, store: Store, tmp_path: Path
) -> None:
    dice, reorganised, ended = Random(11), 0, set[int]()
    for _ in range(HISTORIES):
        run(player, dice.randbytes(3 * MOVES))
        reorganised += sync(store, connection, player.factory, depth=10_000).reorganised
        held = books(store)
        assert held
        for agreement, amounts in held.items():
            assert amounts == on_chain(connection, player, agreement)
        with store.reading() as database:
            ended |= set(database.scalars(select(AGREEMENT.c.status)))
    assert reorganised > 0
    assert ended >= {Status.TERMINATED, Status.VOID, Status.DISSOLVED, Status.UNWOUND}
    with open_store(tmp_path / "clean.db") as clean:
        sync(clean, connection, player.factory)
        assert content(store) == content(clean)


def test_in_small_batches_it_comes_to_the_same(player: Player, connection: Connection, tmp_path: Path) -> None:
    run(player, Random(3).randbytes(3 * MOVES))
    with open_store(tmp_path / "whole.db") as whole, open_store(tmp_path / "parts.db") as parts:
        sync(whole, connection, player.factory)
        sync(parts, connection, player.factory, span=1)
        assert content(whole) == content(parts)


def test_reading_again_changes_nothing(player: Player, connection: Connection, store: Store) -> None:
    run(player, Random(4).randbytes(3 * MOVES))
    sync(store, connection, player.factory)
    before = content(store)
    assert sync(store, connection, player.factory).blocks == 0
    assert content(store) == before


def test_a_deeper_reorganisation_than_expected_is_refused(player: Player, connection: Connection, store: Store) -> None:
    player.rewind()
    mine(player.url, 30)  # type: ignore[attr-defined]
    sync(store, connection, player.factory, depth=8)
    before = content(store)
    player.rewind()
    player.rpc("evm_setNextBlockTimestamp", player.start + 50)
    mine(player.url, 40)  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="blocks deep, and 8 were expected"):
        sync(store, connection, player.factory, depth=8)
    assert content(store) == before
    sync(store, connection, player.factory, depth=64)
    assert content(store) != before


def test_two_indexers_on_one_store_do_no_harm(
    player: Player, connection: Connection, store: Store, tmp_path: Path
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    run(player, Random(6).randbytes(3 * MOVES))

    def index(number: int) -> None:
        network = Network("local", player.url, 31337)  # type: ignore[attr-defined]
        with connect(network) as own, open_store(tmp_path / "store.db") as same:
            sync(same, own, player.factory, span=3 + number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(index, range(4)))
    with open_store(tmp_path / "clean.db") as clean:
        sync(clean, connection, player.factory)
        assert content(store) == content(clean)
