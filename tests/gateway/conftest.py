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
from aiohttp import web

from pyledger.chain.anvil import Anvil, block_time, warp
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import Places, deploy
from pyledger.chain.keys import Signer
from pyledger.chain.local import bind_locally, local_signer, operator
from pyledger.chain.networks import Network
from pyledger.document import Document, loads
from pyledger.gateway.client import Entrance, RequestsAuth
from pyledger.gateway.door import Times
from pyledger.gateway.reading import Guarded
from pyledger.gateway.serving import Settings, listen, serve
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.structs import Verdict

ACCESS = """
pyledger: 1
title: Access for restraint
parties:
  provider: {name: Provider}
  host: {name: Host}
  guest: {name: Guest}
panels: {council: {verifiers: [inspector], threshold: 1}}
benefits:
  api:
    what: Queries to the model
    from: provider
    to: [host, guest]
    cluster: other
    phase: access
    verified_by: opened
    tangibility: metered_access
    revocability: {class: revocable_with_notice, by: council, notice: 1 day, grounds: Misuse}
    monitoring: MONITORING
    throttle: THROTTLE
join_within: 10 days
long_stop_after: 90 days
phases:
  - id: access
    obligations:
      opened: {by: provider, what: It is opened, within: 30 days, decided_by: council, if_silent: breach}
      host-keeps: {by: host, what: No misuse, within: 60 days, decided_by: council, if_silent: met}
      guest-keeps: {by: guest, what: No misuse, within: 60 days, decided_by: council, if_silent: met}
      provider-keeps:
        {by: provider, what: Stays open, within: 60 days, decided_by: council, if_silent: met, material: true}
"""

HOST_KEEPS, GUEST_KEEPS, PROVIDER_KEEPS = 1, 2, 3


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


@dataclass
class House:
    """An agreement in force by which host and guest have access."""

    connection: Connection
    document: Document
    names: Names
    agreement: Agreement
    bindings: Bindings

    def signer(self, name: str) -> Signer:
        return local_signer(self.bindings, name, chain_id=self.connection.chain_id)

    def entrance(self, name: str = "host") -> Entrance:
        return Entrance(self.signer(name), self.connection.chain_id, self.agreement.address, "api")

    def guarded(self) -> Guarded:
        return Guarded(self.document, self.names, self.agreement.terms, self.agreement.address, "api")

    def breach(self, name: str = "host") -> int:
        """A party concedes misuse; the number of the block."""
        obligation = {"host": HOST_KEEPS, "guest": GUEST_KEEPS, "provider": PROVIDER_KEEPS}[name]
        return self.agreement.concede(self.signer(name), obligation).block

    def find(self, name: str, verdict: Verdict) -> None:
        """The inspector finds what a party has done."""
        obligation = {"host": HOST_KEEPS, "guest": GUEST_KEEPS, "provider": PROVIDER_KEEPS}[name]
        self.agreement.attest_self(self.signer("inspector"), obligation, verdict)


Build = Callable[..., House]


@pytest.fixture(scope="package")
def build(node: Anvil, connection: Connection, places: Places) -> Build:
    """Makes a house; what its document says of throttle and monitoring can be chosen."""

    def made(
        *,
        monitoring: str = "minimal",
        throttle: str = "{}",
        joined: bool = True,
        on: tuple[Anvil, Connection, Places] = (node, connection, places),
    ) -> House:
        chain, connection, places = on
        warp(chain.url, to=block_time(chain.url) + 3600)  # what opens in the same second is the same agreement
        document = loads(ACCESS.replace("MONITORING", monitoring).replace("THROTTLE", throttle), file="access.yaml")
        bindings = bind_locally(connection, document)
        names = Names.of(document, bindings)
        agreement = Agreement(connection, compile_terms(document, bindings), places, names=names)
        house = House(connection, document, names, agreement, bindings)
        agreement.open(operator(connection))
        for name in document.parties if joined else ():
            agreement.accept(house.signer(name))
        return house

    return made


@pytest.fixture
def house(build: Build) -> House:
    return build()


class Service:
    """The service behind the gateway: says what it was asked, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.broken: list[str] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._begin())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _begin(self) -> None:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_get("/base/stream", self._stream)
        app.router.add_get("/base/elsewhere", self._redirect)
        app.router.add_get("/base/never", self._never)
        app.router.add_route("*", "/{path:.*}", self._echo)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _echo(self, request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except Exception:
            self.broken.append(request.path_qs)
            raise
        asked = {
            "method": request.method,
            "target": request.raw_path,
            "size": len(body),
            "body": body[:1000].decode("latin-1"),
            "headers": [[name.lower(), value] for name, value in request.headers.items()],
        }
        self.asked.append(asked)
        return web.json_response(asked, headers={"X-Answer": "yes", "Connection": "close, X-Gone", "X-Gone": "1"})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """A token each so many seconds."""
        response = web.StreamResponse()
        await response.prepare(request)
        for number in range(int(request.query.get("count", "1000"))):
            await response.write(f"token {number}\n".encode())
            await asyncio.sleep(float(request.query.get("each", "0.05")))
        return response

    async def _redirect(self, request: web.Request) -> web.Response:
        raise web.HTTPFound("http://127.0.0.1:1/secret")

    async def _never(self, request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()


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
