"""Running a gateway: everything put together, from start to end."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyledger.chain.connect import Connection
from pyledger.document.limits import WHOLE
from pyledger.errors import NodeError, ToolError, UsageError
from pyledger.gateway.app import Contracts, Gateway, Place, Sizes
from pyledger.gateway.audit import AuditLog
from pyledger.gateway.door import Door, Times
from pyledger.gateway.following import Follower
from pyledger.gateway.limits import Pace
from pyledger.gateway.monitoring import Monitor, require_sink
from pyledger.gateway.reading import Guarded, NodeReader, require_holders
from pyledger.gateway.signed import origin_of
from pyledger.gateway.upstream import Upstream

if TYPE_CHECKING:
    import uvicorn

__all__ = ["Settings", "listen", "run", "serve"]

_MAGIC: Final = bytes.fromhex("1626ba7e")
"""Selector of `isValidSignature(bytes32,bytes)`, and what it answers for a signature that it takes."""

_AT_ONCE: Final = 8
"""Questions to contracts that may wait for the node together."""


class Settings(NamedTuple):
    """How a gateway runs. `origin` is how holders address it, by default as it listens; times are in seconds."""

    upstream: str
    host: str
    port: int
    log: Path
    origin: str | None = None
    sink: Path | None = None
    poll: float = 1.0
    times: Times = Times()
    sizes: Sizes = Sizes()
    connect: float = 5.0
    idle: float = 300.0
    at_once: int = 1_000
    remembered: int = 1_000_000
    sync_always: bool = False
    contracts: bool = False


def run(
    connection: Connection,
    guarded: Guarded,
    settings: Settings,
    *,
    ready: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    """Serves until it is interrupted. `ready` is told the origin once requests are taken, `say` what happens.

    ToolError where the extra `serve` is not installed; UsageError and MismatchError for what cannot be served.
    """
    try:
        import aiohttp  # noqa: F401 - missed here, not when the first request comes
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise ToolError(f"a gateway needs the package {error.name}", hint="pip install 'pyledger[serve]'") from error
    sys.setswitchinterval(0.001)  # else what reads the chain waits for the requests, with every answer of the node
    with listen(settings.host, settings.port) as listening, asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_until_told(connection, guarded, settings, listening, ready, say))


async def _until_told(
    connection: Connection,
    guarded: Guarded,
    settings: Settings,
    listening: socket.socket,
    ready: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    """Serves until the process is asked to end."""
    ending = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, ending.set)
    await serve(connection, guarded, settings, listening, ready=ready, say=say, ending=ending)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster event loop, where it is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections. UsageError where that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048, reuse_port=False)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror or error}", hint="choose another with --listen"
        ) from error


async def serve(
    connection: Connection,
    guarded: Guarded,
    settings: Settings,
    listening: socket.socket,
    *,
    ready: Callable[[str], None],
    say: Callable[[str], None],
    ending: asyncio.Event,
) -> None:
    """Serves on a socket until `ending` is set. Raises as `run` does."""
    benefit = guarded.document.benefits[guarded.benefit]
    port = listening.getsockname()[1]
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    origin = origin_of(settings.origin or f"http://{shown}:{port}")
    place = Place(connection.chain_id, guarded.agreement, guarded.benefit, origin)
    level = benefit.monitoring or "minimal"
    require_sink(level, settings.sink)
    upstream = Upstream(settings.upstream, connect=settings.connect, idle=settings.idle, most=settings.at_once)
    log = AuditLog(settings.log, always=settings.sync_always)
    try:
        door = Door(guarded.benefit, benefit.throttle, times=settings.times, most=settings.remembered)
        monitor = Monitor(level, log, sink=settings.sink)
        speed = benefit.throttle.speed if benefit.throttle else None
        gateway = Gateway(
            place,
            door,
            monitor,
            upstream,
            pace=Pace(WHOLE if speed is None else speed),
            sizes=settings.sizes,
            contracts=_asking(connection, door) if settings.contracts else None,
            last_line=lambda: log.last,
        )
        follower = Follower(NodeReader(connection, guarded), door, log, monitor, poll=settings.poll, say=say)
        log.write("started", _started(place, settings, monitor))
        await follower.look()
        if door.reading is not None:
            require_holders(door.reading, guarded.benefit)
        await upstream.start()
        try:
            await _together(_server(gateway), follower, listening, ready=lambda: ready(origin), ending=ending)
        finally:
            await upstream.stop()
            monitor.tally(at=door.clock.wall())
            log.write("stopped", {"at": round(door.clock.wall(), 3)})
    finally:
        log.close()


def _server(gateway: Gateway) -> uvicorn.Server:
    """What speaks HTTP. It says nothing of its own, and leaves signals alone."""
    import uvicorn

    from pyledger.gateway.heads import BoundedProtocol

    config = uvicorn.Config(
        gateway,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[assignment, method-assign]
    return server


def _started(place: Place, settings: Settings, monitor: Monitor) -> dict[str, Any]:
    return {
        "at": round(time.time(), 3),
        "chain_id": place.chain_id,
        "agreement": "0x" + place.agreement.hex(),
        "benefit": place.benefit,
        "origin": place.origin,
        "upstream": origin_of(settings.upstream),
        "monitoring": monitor.level,
        "stale_after": settings.times.stale_after,
        "oldest_head": settings.times.oldest_head,
    }


async def _together(
    server: uvicorn.Server,
    follower: Follower,
    listening: socket.socket,
    *,
    ready: Callable[[], None],
    ending: asyncio.Event,
) -> None:
    """Serves and follows until `ending` is set. Where one of both fails, so does the other, and the error is raised."""
    following = asyncio.create_task(follower.run())
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    told = asyncio.create_task(ending.wait())
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        ready()
        await asyncio.wait((following, serving, told), return_when=asyncio.FIRST_COMPLETED)
    finally:
        failed = following.done()
        server.should_exit = True
        told.cancel()
        following.cancel()
        await asyncio.wait((following, serving))
    if failed:
        following.result()
    serving.result()


def _asking(connection: Connection, door: Door) -> Contracts:
    """Asks accounts that are contracts, at the block by which requests are let in."""
    turns = asyncio.Semaphore(_AT_ONCE)

    def ask(account: bytes, digest: bytes, signature: bytes) -> bool:
        assert door.reading is not None, "an open door has a reading"
        padded = signature.ljust(-(-len(signature) // 32) * 32, b"\0")
        data = _MAGIC + digest + (64).to_bytes(32, "big") + len(signature).to_bytes(32, "big") + padded
        try:
            answer = connection.call(account, data, block=door.reading.block.number)
        except NodeError:
            return False
        return answer[:32] == _MAGIC.ljust(32, b"\0")

    async def asked(account: bytes, digest: bytes, signature: bytes) -> bool:
        async with turns:
            return await asyncio.to_thread(ask, account, digest, signature)

    return asked
