"""The store held against the chain: sound after honest reading, and told where a node has left something out."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from pyledger.chain.abi import agreement_abi
from pyledger.chain.connect import Connection, connect
from pyledger.chain.networks import Network
from pyledger.ledger.reconcile import Reconciled, reconcile
from pyledger.ledger.store import Store, open_store
from pyledger.ledger.sync import sync
from pyledger.terms.state import Status
from tests.ledger.proxy import Call, Proxy, proxied
from tests.ledger.stores import MOVES
from tests.terms.dealing import Cast, deal
from tests.terms.history import History
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import play_the_phase, run, start

TOPICS = {entry.name: "0x" + topic.hex() for topic, entry in agreement_abi().events.items()}


def held_against(connection: Connection, store: Store, player: Player) -> Reconciled:
    done = sync(store, connection, player.factory, depth=10_000)
    return reconcile(store, connection, done.cursor)


def test_honest_books_are_the_chains_and_so_is_the_state(player: Player, connection: Connection, store: Store) -> None:
    dice = Random(31)
    for _ in range(10):
        run(player, dice.randbytes(3 * MOVES))
        found = held_against(connection, store, player)
        assert found == Reconciled([], [])
        assert found.sound


@pytest.fixture
def funded(player: Player) -> History:
    """An agreement in force, something in escrow and something decided."""
    parties, seats = [key.address for key in player.parties], [key.address for key in player.seats]
    for seed in range(100):
        dice = Random(seed)
        play = History(player, deal(dice, Cast(player.start, player.tokens, parties, seats)), 1)
        start(play, dice)
        if play.state.status is Status.IN_FORCE:
            play_the_phase(play, dice)
            if play.state.funded - play.state.paid and any(play.state.verdicts):
                return play
    pytest.fail("no such agreement was thrown")


@pytest.mark.parametrize(
    ("kind", "on"),
    [
        ("Funded", "what was paid into escrow"),
        ("Decided", "the verdicts"),
        ("PhaseOpened", "whether it is in force, or how it has ended"),
    ],
)
def test_an_event_that_a_node_leaves_out_is_missed(
    funded: History, kind: str, on: str, connection: Connection, network: Network, player: Player, tmp_path: Path
) -> None:
    def without(_proxy: Proxy, call: Call, answer: Any) -> Any:
        if call["method"] != "eth_getLogs":
            return answer
        return answer | {"result": [log for log in answer["result"] if log["topics"][0] != TOPICS[kind]]}

    with open_store(tmp_path / "store.db") as store, proxied(network.url) as proxy:
        proxy.fault = without
        with connect(Network("local", proxy.url, None)) as node:
            done = sync(store, node, player.factory, depth=10_000)
        found = reconcile(store, connection, done.cursor)
    assert not found.sound
    (astray,) = (each for each in found.astray if each.agreement == funded.game.address)
    assert on in astray.on
