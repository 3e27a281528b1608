"""Killed at any instant, or under reorganisations: the store ends as from a clean run.

`scripts/ordeals` does the same for longer.
"""

from __future__ import annotations

from random import Random

from pyledger.chain.connect import Connection
from tests.ledger.conftest import Places
from tests.ledger.ordeals import killed_syncs, reorganisations
from tests.ledger.stores import MOVES
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import run

KILLS = 10
REORGANISATIONS = 8


def test_killed_at_any_instant_it_goes_on(player: Player, connection: Connection, places: Places) -> None:
    run(player, Random(7).randbytes(3 * MOVES))
    *_, done = killed_syncs(connection, player.factory, places, Random(1), KILLS)
    assert done == KILLS


def test_reorganised_it_follows(player: Player, connection: Connection, places: Places) -> None:
    depths = list(reorganisations(player, connection, places, Random(2), REORGANISATIONS))
    assert max(depths) > 40
