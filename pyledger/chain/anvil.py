"""Local chains: one that lives as long as its `with` block, and one in the background of a state folder.

This is the one door to them; nothing here imports web3. Blocks, times and snapshots are moved by the functions of
`pyledger.chain.rpc`, which are offered here as well.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pyledger.chain.anvil_process import (
    HARDFORK,
    LOCAL_CHAIN_ID,
    UNFIT,
    Options,
    fetch_anvil,
    find_anvil,
    wait_until_listening,
)
from pyledger.chain.background import BackgroundChain, background_status, start_background, stop_background
from pyledger.chain.rpc import block_time, genesis_hash, mine, revert, rpc, snapshot, warp
from pyledger.errors import ToolError

__all__ = [
    "HARDFORK",
    "LOCAL_CHAIN_ID",
    "Anvil",
    "BackgroundChain",
    "background_status",
    "block_time",
    "fetch_anvil",
    "find_anvil",
    "genesis_hash",
    "mine",
    "revert",
    "rpc",
    "snapshot",
    "start_background",
    "stop_background",
    "warp",
]

_STOP_SECONDS = 3.0
_PR_SET_PDEATHSIG = 1
_NO_CACHE = Path(os.devnull) / "pyledger"
"""Where nothing can be written: no states are kept, and should some be after all, nobody has to tidy up."""


class Anvil:
    """A local chain for as long as the `with` block lasts, and never longer than the process that started it.

        with Anvil(timestamp=1_800_000_000) as chain:
            rpc(chain.url, "eth_blockNumber")

    `port` 0 takes a free one; `timestamp` is that of block 0 (seconds since 1970); `accounts` are unlocked, with
    10,000 ether each; `ipc` also listens on that socket; `extra` goes to Anvil as it is. Start it from a thread that
    lives as long as it should: on Linux it ends with the thread that started it. It writes no file that has a name, so
    that nothing is left of it however it ends; but `ipc`, if whoever started it is killed.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        chain_id: int = LOCAL_CHAIN_ID,
        timestamp: int | None = None,
        accounts: int = 10,
        hardfork: str = HARDFORK,
        ipc: Path | None = None,
        extra: tuple[str, ...] = (),
        binary: Path | None = None,
    ) -> None:
        self.chain_id = chain_id
        self.port = port
        self.ipc = ipc
        self._options = Options(
            port=port,
            chain_id=chain_id,
            timestamp=timestamp,
            accounts=accounts,
            hardfork=hardfork,
            ipc=ipc,
            extra=extra,
        )
        self._binary = binary
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers, over HTTP. Before the start the port may be 0."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id, or None when it is not running."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> Self:
        """Start it and wait until it answers.

        Raises:
            ToolError: Anvil is missing, does not start, or this chain runs already.
        """
        self.spawn()
        return self.ready()

    def spawn(self) -> None:
        """Start it without waiting, so that something else can be done meanwhile; then call `ready`.

        Raises:
            ToolError: Anvil is missing or cannot be run, or this chain runs already.
        """
        if self._process is not None:
            raise ToolError("this chain is already running", where=self.url, hint="use it, or stop it first")
        binary = self._binary or find_anvil()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed as it stops
        try:
            self._process = subprocess.Popen(
                [str(binary), *self._options.arguments(cache=_NO_CACHE)],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - one system call, prepared beforehand
                process_group=0,  # Ctrl-C is for who started it, and ends it in the order that it needs
            )
        except OSError as error:
            self.stop()
            raise ToolError(f"Anvil cannot be run: {error.strerror or error}", where=str(binary), hint=UNFIT) from error

    def ready(self) -> Self:
        """Wait until a chain that was spawned answers.

        Raises:
            ToolError: it does not start, or was not spawned.
        """
        process, log = self._process, self._log
        if process is None or log is None:
            raise ToolError("this chain has not been started", hint="start it first")
        try:
            self.port = wait_until_listening(lambda: _read(log), alive=lambda: process.poll() is None)
            if self.ipc is not None:
                _wait_for_socket(self.ipc)
            # Told after it has named its port: it would go on writing a line for every call.
            rpc(self.url, "anvil_setLoggingEnabled", [False])
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop it and remove what it wrote; nothing happens when it is not running."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log, self._log = self._log, None
        if log is not None:
            log.close()
        if self.ipc is not None:
            self.ipc.unlink(missing_ok=True)
        self.port = self._options.port

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _die_with_parent() -> Callable[[], object] | None:
    """What the child runs before it becomes Anvil: on Linux, ask to be killed when its parent dies."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _read(log: IO[bytes]) -> str:
    """What has been written to a log by another process, which shares its position."""
    if sys.platform == "win32":
        log.seek(0)
        return log.read().decode(errors="replace")
    return os.pread(log.fileno(), 1 << 20, 0).decode(errors="replace")


def _wait_for_socket(path: Path) -> None:
    """The socket's file is there before anybody listens on it."""
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            return
        time.sleep(0.002)
    raise ToolError("Anvil does not listen on its socket", where=str(path), hint="start it again")
