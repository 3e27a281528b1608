"""The state folded from stored events, held against what is read from the account, after every move."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from pyledger.chain.connect import Connection
from pyledger.chain.reading import read_snapshot
from pyledger.ledger.browse import agreement
from pyledger.ledger.standing import standing
from pyledger.ledger.store import Store
from pyledger.ledger.sync import sync
from pyledger.terms.due import dues
from pyledger.terms.outcome import holdings
from pyledger.terms.state import Status
from pyledger.terms.typed_data import terms_hash
from tests.ledger.stores import MOVES
from tests.terms.history import History
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import run

HISTORIES = 6


def test_the_state_folded_from_events_is_what_the_account_stores(
    player: Player, connection: Connection, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what the model says of voices and hearings, which an account tells only of those that are asked for.

    And the moments to come that are kept beside an agreement are those of its state.
    """
    source = sync(store, connection, player.factory, depth=10_000).cursor.source
    ended, compared = set[Status](), 0

    def compare(play: History) -> None:
        nonlocal compared
        as_before(play)
        sync(store, connection, player.factory, depth=10_000)
        with store.reading() as database:
            found = standing(database, source, play.game.address)
            row = agreement(database, source, play.game.address)
        assert found is not None
        assert row is not None
        assert row.due == dues(found.state, found.terms)
        assert found.disclosed > found.state.phase
        assert found.terms.phases[: found.disclosed] == play.terms.phases[: found.disclosed]
        assert terms_hash(found.terms) == terms_hash(play.terms)
        read = read_snapshot(connection, play.game.address, play.terms)
        known = {key: amount for key, amount in found.state.credits.items() if key in read.balances}
        assert replace(found.state, hearings={}, credits=known) == read.state
        assert holdings(found.state, found.terms) == read.holdings
        assert replace(found.state, voices=play.state.voices) == replace(play.state, credits=found.state.credits)
        assert found.state.credits == {key: owed for key, owed in play.state.credits.items() if owed}
        assert found.heard.voices >= play.state.voices
        ended.add(found.state.status)
        compared += 1

    as_before = History.compare
    monkeypatch.setattr(History, "compare", compare)
    dice = Random(13)
    for _ in range(HISTORIES):
        run(player, dice.randbytes(3 * MOVES))
    assert ended == set(Status)
    assert compared > 20 * HISTORIES
