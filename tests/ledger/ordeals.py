"""What a store goes through and must come out of as if nothing had happened: kills, and reorganisations."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random
from typing import Any

from pyledger.chain.anvil import mine
from pyledger.chain.connect import Connection
from pyledger.ledger.store import open_store
from pyledger.ledger.sync import DEPTH, sync
from tests.ledger.conftest import Places
from tests.ledger.indexer import nursery
from tests.ledger.stores import content
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import run

LONG = 150
"""Moves of a history that is longer than a reorganisation is deep."""

AGAIN = 4
"""Reorganisations of one history, before the next."""


def killed_syncs(connection: Connection, factory: bytes, places: Places, dice: Random, kills: int) -> Iterator[int]:
    """Syncs killed at random instants and resumed until there have been `kills`; how many after each whole sync.

    Each time a store has come to the head, it is held against a clean one and the next is begun.
    """
    with open_store(places()) as made:
        sync(made, connection, factory)
        clean = content(made)
    with nursery(connection.network.url, factory) as each:
        began = time.monotonic()
        assert each.sync(places())
        whole, done = time.monotonic() - began, 0
        while done < kills:
            place = places()
            while done < kills and not each.sync(place, dice.random() * whole / 2):
                done += 1
            assert each.sync(place)
            with open_store(place) as store:
                assert content(store) == clean
            yield done


def reorganisations(player: Player, connection: Connection, places: Places, dice: Random, number: int) -> Iterator[int]:
    """So many, the store synced and held against a clean one after each; how deep each was."""
    player.rewind()
    lowest = connection.block_number()
    while number > 0:
        run(player, dice.randbytes(3 * LONG))
        mine(connection.network.url, dice.randint(1, DEPTH))
        with open_store(places()) as store:
            sync(store, connection, player.factory)
            for _ in range(min(AGAIN, number)):
                depth = dice.randint(1, min(DEPTH, connection.block_number() - lowest - 1))
                _reorganise(player, connection, dice, depth)
                mine(connection.network.url, dice.randint(1, 3))
                assert sync(store, connection, player.factory).reorganised == depth
                with open_store(places()) as clean:
                    sync(clean, connection, player.factory)
                    assert content(store) == content(clean)
                yield depth
        number -= AGAIN


def _reorganise(player: Player, connection: Connection, dice: Random, depth: int) -> None:
    """The last `depth` blocks are others: with none or most of their transactions, in other blocks, in order."""
    head = connection.block_number()
    gone = [
        each
        for number in range(head - depth + 1, head + 1)
        for each in player.rpc("eth_getBlockByNumber", hex(number), True)["transactions"]
    ]
    places = sorted(dice.randrange(depth) for _ in gone)
    share = dice.choice((0.0, 0.8))
    kept = [(_again(each), place) for each, place in zip(gone, places, strict=True) if dice.random() < share]
    fresh = {"from": "0x" + player.relayer.hex(), "to": "0x" + dice.randbytes(20).hex(), "gasPrice": "0x0"}
    player.rpc("anvil_reorg", depth, [(fresh, 0), *kept])


def _again(transaction: dict[str, Any]) -> dict[str, str]:
    asked = {"from": transaction["from"], "to": transaction["to"], "data": transaction["input"], "gas": "0x4c4b40"}
    return asked | {"value": transaction["value"], "gasPrice": "0x0"}
