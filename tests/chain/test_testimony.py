"""Who stood behind what happened: recovered from transactions, for every event of random histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from random import Random

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.chain.connect import Connection, connect
from pyledger.chain.events import Attested, Event, Opened, fullest, read_events
from pyledger.chain.networks import Network
from pyledger.chain.testimony import witnesses
from pyledger.terms.structs import Terms
from tests.terms.player import CHAIN_ID, Player
from tests.terms.test_settlement_on_chain import run

MOVES = 1_000


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with Anvil(timestamp=1_800_000_000) as node, closing(Player(node.url)) as made:
        made.url = node.url  # type: ignore[attr-defined]
        yield made


@pytest.fixture(scope="module")
def connection(player: Player) -> Iterator[Connection]:
    with connect(Network("local", player.url, CHAIN_ID)) as made:  # type: ignore[attr-defined]
        yield made


def stories(connection: Connection, factory: bytes) -> Iterator[tuple[bytes, Terms, tuple[Event, ...]]]:
    """Each agreement that is on the chain, with its terms and its events."""
    opened = read_events(connection, [factory], kind=Opened)
    for each in opened:
        assert isinstance(each, Opened)
        events = (each, *read_events(connection, [each.agreement]))
        told = fullest(events)
        assert told is not None
        yield each.agreement, told.terms, events


def test_everything_that_somebody_had_to_sign_or_send_was(
    player: Player, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Counter[tuple[str, str]]()

    def look() -> None:
        for agreement, terms, events in stories(connection, player.factory):
            kinds = {event.origin[:2]: type(event).__name__ for event in events}
            said = witnesses(connection, events, terms, agreement=agreement, factory=player.factory)
            found.update((kinds[place], each.how) for place, some in said.items() for each in some)
        rewind()

    rewind = player.rewind
    monkeypatch.setattr(player, "rewind", look)  # each agreement, before the next one takes its place
    run(player, Random(4).randbytes(3 * MOVES))
    assert {how for _, how in found} == {"signature", "sender"}
    assert {kind for kind, how in found if how == "signature"} == {"Accepted", "Attested", "Extended", "Ended"}
    assert {kind for kind, how in found if how == "sender"} == {"Accepted", "Challenged", "Decided", "Evidence"}


def test_what_nobody_signed_is_told(player: Player, connection: Connection) -> None:
    dice = Random(9)
    while True:
        run(player, dice.randbytes(90))
        told = [each for each in stories(connection, player.factory) if any(isinstance(e, Attested) for e in each[2])]
        if told:
            break
    agreement, terms, events = told[0]
    attested = next(each for each in events if isinstance(each, Attested))
    forged = replace(attested, evidence=bytes(31) + b"\1")
    made_up = tuple(forged if each is attested else each for each in events)
    said = witnesses(connection, made_up, terms, agreement=agreement, factory=player.factory)
    assert [each.how for each in said[attested.origin[:2]]] == ["false"]
    for account in {each.verifier for panel in terms.panels for each in panel.seats}:
        player.rpc("anvil_setCode", "0x" + account.hex(), "0x5f5ffd")
    said = witnesses(connection, made_up, terms, agreement=agreement, factory=player.factory)
    assert [each.how for each in said[attested.origin[:2]]] == ["contract"]
