"""The store against a real node: random histories, reorganised each time, and books that hold what the chain holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from sqlalchemy import select

from pyledger.chain.anvil import mine
from pyledger.chain.connect import Connection, connect
from pyledger.chain.networks import Network
from pyledger.ledger.store import Store, StoreError, open_store
from pyledger.ledger.sync import Progress, sync
from pyledger.ledger.tables import AGREEMENT
from pyledger.terms.state import Status
from tests.ledger.conftest import Place
from tests.ledger.stores import MOVES, books, content, on_chain
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import run

HISTORIES = 40


def test_books_hold_what_the_chain_holds_however_often_it_is_reorganised(
    player: Player, connection: Connection, store: Store, clean: Store
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
    sync(clean, connection, player.factory, depth=10_000)
    assert content(store) == content(clean)


def test_in_small_batches_it_comes_to_the_same(
    player: Player, connection: Connection, store: Store, clean: Store
) -> None:
    run(player, Random(3).randbytes(3 * MOVES))
    sync(clean, connection, player.factory, depth=5)
    sync(store, connection, player.factory, depth=5, span=1)
    assert content(store) == content(clean)


def test_reading_again_changes_nothing(player: Player, connection: Connection, store: Store) -> None:
    run(player, Random(4).randbytes(3 * MOVES))
    sync(store, connection, player.factory)
    before = content(store)
    assert sync(store, connection, player.factory).blocks == 0
    assert content(store) == before


def test_a_deeper_reorganisation_than_expected_is_refused(
    player: Player, connection: Connection, store: Store, network: Network
) -> None:
    player.rewind()
    mine(network.url, 30)
    sync(store, connection, player.factory, depth=8)
    before = content(store)
    player.rewind()
    player.rpc("evm_setNextBlockTimestamp", player.start + 50)
    mine(network.url, 40)
    with pytest.raises(StoreError, match="blocks deep, and 8 were expected"):
        sync(store, connection, player.factory, depth=8)
    assert content(store) == before
    sync(store, connection, player.factory, depth=64)
    assert content(store) != before


def test_events_in_the_place_of_blocks_that_held_none_are_not_missed(
    player: Player, connection: Connection, store: Store, clean: Store, network: Network
) -> None:
    """A sync that stopped far below the head has kept one block of what it read: that must do to notice."""
    player.rewind()
    base = connection.block_number()
    mine(network.url, 200)

    def stop(at: Progress) -> None:
        if at.block > base + 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(store, connection, player.factory, depth=0, span=7, progress=stop)
    run(player, Random(5).randbytes(3 * MOVES))
    mine(network.url, 200)
    sync(store, connection, player.factory, depth=1_000)
    sync(clean, connection, player.factory, depth=1_000)
    assert content(store)["log"] == content(clean)["log"] != []


def test_an_agreement_is_as_it_was_before_what_was_reorganised_away(
    player: Player, connection: Connection, store: Store, clean: Store
) -> None:
    run(player, Random(3).randbytes(3 * MOVES))
    sync(store, connection, player.factory)
    blocks = sorted({row[1] for row in content(store)["log"]})
    before = content(store)["agreement"]
    player.rpc("anvil_reorg", connection.block_number() - blocks[len(blocks) // 2], [])
    player.rpc("evm_mine")
    sync(store, connection, player.factory)
    sync(clean, connection, player.factory)
    assert content(store)["agreement"] != before
    assert content(store) == content(clean)


def test_several_indexers_on_one_store_do_no_harm(
    player: Player, connection: Connection, place: Place, clean: Store, network: Network
) -> None:
    run(player, Random(6).randbytes(3 * MOVES))

    def index(number: int) -> None:
        with connect(network) as own, open_store(place) as same:
            sync(same, own, player.factory, span=3 + number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(index, range(4)))
    sync(clean, connection, player.factory)
    with open_store(place) as store:
        assert content(store) == content(clean)
