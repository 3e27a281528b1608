"""How many requests a second get through a gateway, beside the service alone: see `scripts/bench gateway`."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pyledger.chain.anvil import Anvil
from pyledger.chain.connect import connect
from pyledger.chain.deployments import deploy
from pyledger.chain.local import operator
from pyledger.chain.networks import Network
from pyledger.gateway.client import Entrance
from tests.gateway.houses import build_house
from tests.gateway.load import ask_all, gateway_program, prepare
from tests.gateway.service import Service

__all__ = ["measure"]


@contextmanager
def _running(folder: Path) -> Iterator[tuple[Entrance, str, str]]:
    """Who may ask; the gateway's origin; the service's."""
    with Anvil(timestamp=1_800_000_000) as node, connect(Network("local", node.url, node.chain_id)) as link:
        house = build_house(node, link, deploy(link, operator(link), directory=folder / "deployments").places)
        service = Service()
        service.start()
        try:
            with gateway_program(house, node.url, service.url, folder) as origin:
                yield replace(house.entrance(), lifetime=600), origin, service.url
        finally:
            service.stop()


def measure(requests: int, connections: int) -> Iterator[str]:
    """Lines to print. One holder asks, all requests signed before; the service says one word."""
    with tempfile.TemporaryDirectory() as folder, _running(Path(folder)) as (entrance, origin, service):
        for name, url, target in (
            ("behind the gateway", origin, "/quick"),
            ("the service alone", service, "/base/quick"),
        ):
            prepared = prepare(entrance, url, target, requests)
            began = time.perf_counter()
            replies = ask_all(url, prepared, connections=connections)
            took = time.perf_counter() - began
            late = statistics.quantiles([each.done - each.sent for each in replies], n=100)
            fine = sum(each.status == 200 for each in replies)
            yield (
                f"{name:<20}{fine:>8,} of {requests:,} answered{requests / took:>9,.0f} a second; "
                f"half within {late[49] * 1000:.0f} ms, 99 of 100 within {late[98] * 1000:.0f} ms"
            )
