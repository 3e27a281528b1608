"""Ten thousand requests around the block of a breach, and not one of them let in after it.

What is measured: the gateway writes down by which block it let each request in, and when, in the order of its
decisions. Somebody else watches the chain meanwhile and notes when each block was there. So it can be said of every
request that was let in that the gateway had not yet seen the block of the breach, and that the next block was not yet
there: blocks come every four seconds, and nobody is let in on a reading that is more than two old (`--stale-after`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from pyledger.chain.anvil import Anvil, rpc
from pyledger.chain.connect import connect
from pyledger.chain.deployments import deploy
from pyledger.chain.local import operator
from pyledger.chain.networks import Network
from pyledger.gateway.audit import Problem, check_log
from tests.gateway.conftest import eventually
from tests.gateway.houses import House, build_house
from tests.gateway.load import LOG, ask_all, gateway_program, prepare
from tests.gateway.service import Service

REQUESTS, CONNECTIONS, BLOCK_SECONDS = 10_000, 300, 4


class Watch:
    """Notes when each block of a chain was first there, Unix seconds."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.seen: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._ended.wait(0.01):
            number = int(rpc(self._url, "eth_blockNumber"), 16)
            self.seen.setdefault(number, time.time())


@pytest.fixture
def ticking(tmp_path: Path) -> Iterator[tuple[Anvil, House]]:
    """A chain with a block every four seconds, and an agreement in force on it."""
    with Anvil(timestamp=1_800_000_000) as node, connect(Network("local", node.url, node.chain_id)) as link:
        house = build_house(node, link, deploy(link, operator(link), directory=tmp_path / "deployments").places)
        rpc(node.url, "evm_setIntervalMining", [BLOCK_SECONDS])
        yield node, house


@pytest.fixture
def command(ticking: tuple[Anvil, House], service: Service, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The gateway as the program that people run: its origin and its record."""
    node, house = ticking
    with gateway_program(house, node.url, service.url, tmp_path) as program:
        yield program.origin, tmp_path / LOG


def lines(log: Path) -> list[dict[str, Any]]:
    found = [said for _, said in check_log(log)]
    assert not [each for each in found if isinstance(each, Problem)]
    return [each for each in found if isinstance(each, dict)]


@pytest.mark.slow
def test_nobody_is_let_in_after_the_block_of_a_breach(
    ticking: tuple[Anvil, House], command: tuple[str, Path], service: Service
) -> None:
    (node, house), (origin, log) = ticking, command
    entrance = house.entrance("host")
    longer = type(entrance)(entrance.signer, entrance.chain_id, entrance.agreement, "api", lifetime=600)
    time.sleep(1.1)
    prepared = prepare(longer, origin, "/quick", REQUESTS)
    breach: list[int] = []
    breaching = threading.Thread(target=lambda: breach.append(house.breach("host")))

    def told(let_in: int) -> None:
        if let_in == REQUESTS // 4:
            breaching.start()

    with Watch(node.url) as watch:
        replies = ask_all(origin, prepared, connections=CONNECTIONS, told=told)
        breaching.join(20)
        eventually(lambda: breach[0] + 1 in watch.seen)
    (block,) = breach
    said = lines(log)

    assert len(replies) == REQUESTS
    statuses = {status: sum(each.status == status for each in replies) for status in {each.status for each in replies}}
    assert statuses.keys() <= {200, 403, 503}, "503 where the node was too slow to be trusted"
    assert statuses[200] >= REQUESTS // 4, "before it they were let in"
    assert statuses[403] >= REQUESTS // 10, "and many came after it"

    admitted = [each for each in said if each["event"] == "admitted"]
    seen = next(at for at, each in enumerate(said) if each["event"] == "block" and each["block"] >= block)
    assert [each for each in said[seen:] if each["event"] == "admitted"] == [], "after the gateway had seen the block"
    assert [each for each in admitted if each["block"] >= block] == [], "by the block, or a later one"
    assert max(each["at"] for each in admitted) < watch.seen[block + 1], "when the next block was there"
    assert max(service.times) < watch.seen[block + 1], "nor did the service hear of any"
    assert len(admitted) >= len(service.times) >= statuses[200], "who was let in and cut off may not have been heard"
    assert [each for each in replies if each.status == 200 and each.sent > watch.seen[block + 1]] == []
    (lost,) = (each for each in said if each["event"] == "lost")
    assert (lost["holder"], lost["block"]) == ("host", block)


@pytest.mark.slow
def test_of_ten_thousand_replays_none_is_let_in(
    ticking: tuple[Anvil, House], command: tuple[str, Path], service: Service
) -> None:
    """A thousand requests, each sent ten times, all at once."""
    (_, house), (origin, log) = ticking, command
    time.sleep(1.1)
    prepared = prepare(house.entrance("host"), origin, "/quick", REQUESTS // 10)
    replies = ask_all(origin, prepared * 10, connections=CONNECTIONS)
    assert sum(each.status == 200 for each in replies) == REQUESTS // 10
    assert sum(each.status == 401 for each in replies) == REQUESTS - REQUESTS // 10
    assert len(service.times) == REQUESTS // 10
    assert sum(each["event"] == "admitted" for each in lines(log)) == REQUESTS // 10
