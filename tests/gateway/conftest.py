"""A gateway as it runs: a real service behind it, a real node beside it, requests over HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from pyledger.chain.anvil import Anvil
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import Places, deploy
from pyledger.chain.local import operator
from pyledger.chain.networks import Network
from pyledger.gateway.client import Entrance, RequestsAuth
from pyledger.gateway.door import Times
from pyledger.gateway.serving import Settings, listen, serve
from tests.gateway.houses import House, build_house
from tests.gateway.service import Service


def eventually(holds: Callable[[], object], *, within: float = 20.0) -> None:
    """Waits for something that has to come; fails if it does not."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@pytest.fixture(scope="package")
def node() -> Iterator[Anvil]:
    """A chain for gateways alone."""
    with Anvil(timestamp=1_800_000_000) as chain:
        yield chain


@pytest.fixture(scope="package")
def connection(node: Anvil) -> Iterator[Connection]:
    with connect(Network("local", node.url, node.chain_id), timeout=5) as made:
        yield made


@pytest.fixture(scope="package")
def places(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Places:
    return deploy(connection, operator(connection), directory=tmp_path_factory.mktemp("deployments")).places


Build = Callable[..., House]


@pytest.fixture(scope="package")
def build(node: Anvil, connection: Connection, places: Places) -> Build:
    """Makes a house; what its document says of throttle and monitoring can be chosen, and the chain it is on."""

    def made(*, on: tuple[Anvil, Connection, Places] = (node, connection, places), **said: Any) -> House:
        return build_house(*on, **said)

    return made


@pytest.fixture
def house(build: Build) -> House:
    return build()


@pytest.fixture(scope="package")
def behind() -> Iterator[Service]:
    service = Service()
    service.start()
    yield service
    service.stop()


@pytest.fixture
def service(behind: Service) -> Service:
    """The service, having heard nothing yet."""
    behind.asked.clear()
    behind.times.clear()
    behind.broken.clear()
    return behind


@dataclass
class Running:
    """A gateway that runs, and what it has said."""

    origin: str
    log: Path
    said: list[str] = field(default_factory=list)

    def lines(self, *events: str) -> list[dict[str, Any]]:
        """The record, or what it says of some kinds of events."""
        found = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]
        return [each for each in found if not events or each["event"] in events]

    def about(self) -> Any:
        return requests.get(f"{self.origin}/.well-known/pyledger", timeout=10).json()

    def ask(self, entrance: Entrance, target: str = "/question", method: str = "GET", **more: Any) -> requests.Response:
        return requests.request(method, self.origin + target, auth=RequestsAuth(entrance), timeout=20, **more)


Start = Callable[..., Any]


@pytest.fixture(scope="package")
def start(behind: Service, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Runs a gateway while a `with` lasts. It looks at the chain ten times a second."""

    @contextmanager
    def running(house: House, *, connection: Connection | None = None, **chosen: Any) -> Iterator[Running]:
        log = tmp_path_factory.mktemp("gateway") / "gateway.jsonl"
        settings = Settings(f"{behind.url}/base", "127.0.0.1", 0, log, poll=0.1, times=Times(oldest_head=None))
        settings = settings._replace(**chosen)
        loop, ending, ready, failed = asyncio.new_event_loop(), asyncio.Event(), threading.Event(), []
        found = Running("", settings.log)

        def begun(origin: str) -> None:
            found.origin = origin
            ready.set()

        def run() -> None:
            with listen(settings.host, settings.port) as listening:
                try:
                    loop.run_until_complete(
                        serve(
                            connection or house.connection,
                            house.guarded(),
                            settings,
                            listening,
                            ready=begun,
                            say=found.said.append,
                            ending=ending,
                        )
                    )
                except Exception as error:  # noqa: BLE001 - raised where the gateway was started
                    failed.append(error)
                finally:
                    loop.run_until_complete(loop.shutdown_default_executor())
                    loop.close()
                    ready.set()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        assert ready.wait(20)
        if failed:
            thread.join(10)
            raise failed[0]
        time.sleep(1.05 - time.time() % 1)  # what was signed in the second of its start does not count
        try:
            yield found
        finally:
            if thread.is_alive():
                loop.call_soon_threadsafe(ending.set)
                thread.join(20)
            assert not thread.is_alive()
            if failed:
                raise failed[0]

    return running
