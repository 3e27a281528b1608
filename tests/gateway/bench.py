"""How many requests a second get through a gateway, beside the service alone: see `scripts/bench gateway`."""

from __future__ import annotations

import os
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
from tests.gateway.load import Program, ask_all, gateway_program, prepare
from tests.gateway.service import Service

__all__ = ["measure"]


@contextmanager
def _running(folder: Path) -> Iterator[tuple[Entrance, Program, str]]:
    """Who may ask; the gateway; where the service is."""
    with Anvil(timestamp=1_800_000_000) as node, connect(Network("local", node.url, node.chain_id)) as link:
        house = build_house(node, link, deploy(link, operator(link), directory=folder / "deployments").places)
        service = Service()
        service.start()
        try:
            with gateway_program(house, node.url, service.url, folder) as program:
                yield replace(house.entrance(), lifetime=600), program, service.url
        finally:
            service.stop()


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has taken (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(requests: int, connections: int) -> Iterator[str]:
    """Lines to print. One holder asks, all requests signed before; the service says one word."""
    with tempfile.TemporaryDirectory() as folder, _running(Path(folder)) as (entrance, gateway, service):
        spent = _cpu(gateway.pid)
        for name, url, target in (
            ("behind the gateway", gateway.origin, "/quick"),
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
        each = (_cpu(gateway.pid) - spent) / requests
        yield f"the gateway took {each * 1e6:,.0f} µs of CPU a request: {1 / each:,.0f} a second of CPU"
