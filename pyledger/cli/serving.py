"""The window for observers: `pyledger serve`, its workers, and the node that is followed beside them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from pyledger.cli.books import depth_option, start_of, store_option
from pyledger.cli.options import Where, answers, network_option
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.chain.connect import Connection
    from pyledger.chain.networks import Network
    from pyledger.ledger.store import Store
    from pyledger.ledger.sync import Progress, Synced
    from pyledger.observer.web.settings import Settings

__all__ = ["Followed", "serve"]

_NEEDED: Final = ("httptools", "prometheus_client", "starlette", "uvicorn")
_BACKLOG: Final = 2_048
_AT_ONCE: Final = 500
"""Connections that a worker keeps besides those of listeners."""

_PATIENCE: Final = 30
"""Seconds after which a worker that does not answer is replaced; one that only starts may be slow on a busy machine."""

_GRACE: Final = 10
"""Seconds that requests have to end when the server does."""


@click.command()
@network_option
@store_option
@depth_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to answer at.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
@click.option("--no-sync", is_flag=True, help="Only show the store; another program reads the node into it.")
@click.option(
    "--interval",
    type=click.FloatRange(0.1, 3_600),
    default=1.0,
    show_default=True,
    help="Seconds between looks at the node.",
)
@click.option(
    "--listeners",
    type=click.IntRange(1, 100_000),
    default=500,
    show_default=True,
    help="Pages a worker keeps up to date.",
)
@click.option("--metrics-port", type=click.IntRange(0, 65_535), help="Answer Prometheus at this port.")
@click.option("--metrics-host", default="127.0.0.1", show_default=True, help="The address to answer Prometheus at.")
@click.option("--log-requests/--no-log-requests", default=True, show_default=True, help="A line of log a request.")
@click.option("--openapi", is_flag=True, help="Print the description of the JSON API, and end.")
@answers
def serve(
    where: Where,
    store_url: str | None,
    depth: int,
    host: str,
    port: int,
    workers: int,
    no_sync: bool,
    interval: float,
    listeners: int,
    metrics_port: int | None,
    metrics_host: str,
    log_requests: bool,
    openapi: bool,
    screen: Screen,
) -> None:
    """Show all agreements of a chain as pages and as JSON, to whoever asks. No key is held, nothing can be changed.

    The node is read as its blocks come, and everything is shown from the store: while the node is down the pages say
    so and stay. The log goes to standard error, one JSON object a line. SIGTERM ends it, SIGHUP renews the workers.
    """
    from pyledger.cli.connecting import meant_network

    _require_server()
    if openapi:
        _describe()
        return
    network = meant_network(where)
    with ExitStack() as stack:
        listening = stack.enter_context(_bound(host, port))
        metrics = None if metrics_port is None else stack.enter_context(_measured(metrics_host, metrics_port))
        _log(requests=log_requests)
        chain = Followed(network, depth=depth)
        store = _store_of(store_url)
        settings = _settings(store, network, chain, listeners)
        if no_sync:
            chain.close()
        else:
            stack.enter_context(_following(store, chain, interval))
        address = _url(listening)
        screen.data({"url": address, "metrics": metrics, "network": network.name, "workers": workers})
        screen.say(f"agreements of {network.name} at {address}", "bold green")
        if metrics is not None:
            screen.say(f"metrics at {metrics}", "dim")
        screen.say("Ctrl-C ends it", "dim")
        _flush()
        _run(settings, listening, workers, requests=log_requests)


def _require_server() -> None:
    """ToolError if something is not installed; nothing is imported: metrics are set up by what is there on import."""
    from importlib.util import find_spec

    from pyledger.errors import ToolError

    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise ToolError(
            f"the server needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            hint="install what it needs: pip install 'pyledger[serve]'",
        )


def _describe() -> None:
    import json

    from pyledger.observer.web.schema import openapi

    click.echo(json.dumps(openapi(), indent=2, ensure_ascii=False))


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens already, so that nobody who comes while workers start is turned away."""
    from pyledger.errors import UsageError

    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(
            f"{host} is no address to answer at: {error.strerror or error}",
            hint="give one of this machine's, like 127.0.0.1",
        ) from None
    with listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
        except OSError as error:
            raise _taken(host, port, "--port", error) from None
        listening.listen(_BACKLOG)
        yield listening


def _taken(host: str, port: int, option: str, error: OSError) -> Exception:
    from pyledger.errors import UsageError

    return UsageError(
        f"port {port} of {host} cannot be had: {error.strerror or error}",
        hint=f"choose another with {option}, or 0 for a free one; or end the program that has it",
    )


@contextmanager
def _measured(host: str, port: int) -> Iterator[str]:
    """Metrics of all processes, at an address of their own."""
    import os
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pyledger-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        from pyledger.observer.web.metrics import expose

        try:
            close, answered = expose(port, host)
        except OSError as error:
            raise _taken(host, port, "--metrics-port", error) from None
        try:
            yield f"http://{_in_url(host)}:{answered}/metrics"
        finally:
            close()
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]


def _log(*, requests: bool) -> None:
    from logging.config import dictConfig

    from pyledger.observer.web.log import configuration

    dictConfig(configuration(requests=requests))


def _store_of(store_url: str | None) -> str:
    """Path or URL of the store, which can be opened and is up to date."""
    from pyledger.cli.home import home
    from pyledger.ledger.store import open_store

    store = store_url or str(home() / "ledger.db")
    open_store(store).close()
    return store


def _settings(store: str, network: Network, chain: Followed, listeners: int) -> Settings:
    """What workers are told. The chain is the node's, if it answers; else that of the network."""
    from pyledger.chain.deployments import places
    from pyledger.errors import NodeError, WrongNetworkError
    from pyledger.observer.web.settings import Settings

    where = places()
    try:
        chain.head()
    except WrongNetworkError:
        raise
    except NodeError:
        chain.chain_id = network.chain_id
    return Settings(
        store=store,
        network=network.name,
        chain_id=chain.chain_id,
        factory=where.factory,
        implementation=where.implementation,
        listeners=listeners,
    )


@contextmanager
def _following(store: str, chain: Followed, interval: float) -> Iterator[None]:
    from pyledger.ledger.store import open_store
    from pyledger.observer.web.follow import Follower

    with open_store(store) as opened:
        follower = Follower(opened, chain, interval=interval)
        follower.start()
        try:
            yield
        finally:
            follower.stop()
            chain.close()


def _run(settings: Settings, listening: socket.socket, workers: int, *, requests: bool) -> None:
    """Workers until a signal ends them. PyledgerError if they cannot start."""
    from uvicorn import Config
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    from pyledger.errors import PyledgerError
    from pyledger.observer.web.app import make_app
    from pyledger.observer.web.log import configuration
    from pyledger.observer.web.protocol import BoundedProtocol

    config = Config(
        partial(make_app, settings),
        factory=True,
        workers=workers,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=configuration(requests=requests),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
        timeout_worker_healthcheck=_PATIENCE,
        limit_concurrency=settings.listeners + _AT_ONCE,
    )
    supervisor = Multiprocess(config, sockets=[listening])
    supervisor.run()
    if any(each.exitcode == STARTUP_FAILURE for each in supervisor.processes):
        raise PyledgerError("the server could not start", hint="the log above says why")


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{_in_url(host)}:{port}/"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _flush() -> None:
    """Whoever waits for the address has it at once."""
    import sys

    sys.stdout.flush()


class Followed:
    """A node that is followed, through whatever happens to it."""

    def __init__(self, network: Network, *, depth: int) -> None:
        from pyledger.chain.deployments import places

        self.factory = places().factory
        self.chain_id: int | None = None
        self.note = ""
        self._network = network
        self._depth = depth
        self._connection: Connection | None = None
        self._genesis: bytes | None = None
        self._start: int | None = None

    def head(self) -> bytes:
        """Hash of the latest block. Raises NodeError, WrongNetworkError."""
        return self._connected().block().hash

    def read(self, store: Store, pause: Callable[[float], None], progress: Callable[[Progress], None]) -> Synced:
        """Bring the store up to the node's head. Raises NodeError, StoreError, WrongNetworkError."""
        from pyledger.ledger.sync import sync

        connection = self._same_chain()
        if self._start is None:
            self._start = start_of(connection)
        return sync(
            store, connection, self.factory, start=self._start, depth=self._depth, progress=progress, pause=pause
        )

    def close(self) -> None:
        """Let the node go."""
        if self._connection is not None:
            self._connection.close()

    def _connected(self) -> Connection:
        from pyledger.chain.connect import connect

        if self._connection is None:
            self._connection = connect(self._network)
            self.chain_id = self.chain_id or self._connection.chain_id
        return self._connection

    def _same_chain(self) -> Connection:
        """The node, which is of the chain that was read before; a development node may begin that anew."""
        import time

        from pyledger.chain.networks import LOCAL_CHAIN_ID
        from pyledger.document.units import say_time

        connection = self._connected()
        found = connection.as_number("eth_chainId", connection.request("eth_chainId"))
        if found != self.chain_id:
            raise self._wrong(f"it answers for chain {found}, and chain {self.chain_id} is shown")
        genesis = connection.genesis_hash
        if self._genesis not in (None, genesis):
            if found != LOCAL_CHAIN_ID:
                raise self._wrong(f"its first block is no longer the one of chain {found} that is shown")
            self._start = None
            self.note = (
                f"The node was started anew at {say_time(int(time.time()))}, with an empty chain: "
                "what was on the one before is no longer shown."
            )
        self._genesis = genesis
        return connection

    def _wrong(self, what: str) -> Exception:
        from pyledger.errors import WrongNetworkError

        return WrongNetworkError(what, where=self._network.place, hint="use another node, or start the server again")
