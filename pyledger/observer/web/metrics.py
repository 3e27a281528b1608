"""What is counted while a server runs, for Prometheus; several processes count together.

`pyledger serve --metrics-port` has a folder of its own for it, which PROMETHEUS_MULTIPROC_DIR names before this module
is imported; without it every process counts for itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client.metrics_core import Metric

__all__ = ["FOLDER", "behind", "expose", "failed", "heard", "listening", "read", "served"]

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

_REQUESTS: Final = Counter("pyledger_requests", "Requests answered", ["endpoint", "status"])
_LATENCY: Final = Histogram("pyledger_request_seconds", "Time to answer a request", ["endpoint"], buckets=_SECONDS)
_LISTENERS: Final = Gauge("pyledger_listeners", "Open event streams", multiprocess_mode="livesum")
_BEHIND: Final = Gauge("pyledger_blocks_behind", "Blocks of the node still to be read", multiprocess_mode="mostrecent")
_HEARD: Final = Gauge(
    "pyledger_node_heard_timestamp_seconds", "When the node last answered", multiprocess_mode="mostrecent"
)
_BLOCKS: Final = Counter("pyledger_blocks_read", "Blocks read into the store")
_EVENTS: Final = Counter("pyledger_events_read", "Events read into the store")
_REORGANISED: Final = Counter("pyledger_blocks_reorganised", "Blocks that reorganisations took back")
_ERRORS: Final = Counter("pyledger_sync_errors", "Attempts to read the node that failed", ["kind"])


def served(endpoint: str, status: int, seconds: float) -> None:
    """One request was answered."""
    _REQUESTS.labels(endpoint, str(status)).inc()
    _LATENCY.labels(endpoint).observe(seconds)


def listening(more: int) -> None:
    """So many more event streams are open."""
    _LISTENERS.inc(more)


def behind(blocks: int) -> None:
    """So many blocks are still to be read."""
    _BEHIND.set(blocks)


def heard(moment: int) -> None:
    """The node answered (Unix seconds)."""
    _HEARD.set(moment)


def read(*, blocks: int, events: int, reorganised: int) -> None:
    """So much was read."""
    _BLOCKS.inc(blocks)
    _EVENTS.inc(events)
    _REORGANISED.inc(reorganised)


def failed(kind: str) -> None:
    """An attempt to read failed."""
    _ERRORS.labels(kind).inc()


class _Alive(MultiProcessCollector):
    """All processes' counts; those that have died have no listeners any more."""

    def collect(self) -> Iterable[Metric]:
        """As the base class, once the dead are taken out."""
        folder = Path(os.environ[FOLDER])
        for process in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*_*.db")}:
            if not _runs(process):
                mark_process_dead(process)  # type: ignore[no-untyped-call]
        found: Iterable[Metric] = super().collect()  # type: ignore[no-untyped-call]
        return found


def expose(port: int, host: str) -> tuple[Callable[[], None], int]:
    """Answer Prometheus at a port of its own (0: a free one); what ends that, and the port.

    Raises OSError where the port cannot be had.
    """
    registry = REGISTRY
    if FOLDER in os.environ:
        registry = CollectorRegistry()
        _Alive(registry)  # type: ignore[no-untyped-call]
    server, thread = start_http_server(port, host, registry=registry)

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close, server.server_port


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
