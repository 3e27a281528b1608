"""A local chain in the background of a state folder, for the command line: it outlives the command that started it.

The folder keeps `anvil.json` (who runs, where, since which genesis), `anvil.log` and a lock. A process id alone proves
nothing, as the system uses ids again: the record also has the moment the process started, and both must fit before
anything is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from pyledger.chain.anvil_process import LOCAL_CHAIN_ID, UNFIT, Options, find_anvil, wait_for_port
from pyledger.chain.rpc import genesis_hash, rpc
from pyledger.errors import NodeError, ToolError, UsageError

__all__ = ["BackgroundChain", "background_status", "start_background", "stop_background"]

_RECORD: Final = "anvil.json"
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_STOP_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundChain:
    """A chain that runs: `genesis` is the hash of block 0, `born` the system's own mark of when its process started."""

    pid: int
    born: str
    port: int
    chain_id: int
    genesis: str

    @property
    def url(self) -> str:
        """Where it answers, over HTTP."""
        return f"http://127.0.0.1:{self.port}"


def start_background(
    state_dir: Path,
    *,
    port: int = 8545,
    chain_id: int = LOCAL_CHAIN_ID,
    timestamp: int | None = None,
    accounts: int = 10,
    extra: tuple[str, ...] = (),
) -> tuple[BackgroundChain, bool]:
    """Start the folder's chain, and say whether it was started now (True) or was running already (False).

    `port` 0 takes a free one; `timestamp` is that of block 0 (seconds since 1970).

    Raises:
        ToolError: Anvil is missing or does not start (the port is taken).
        UsageError: one is running, with another port or chain id than asked for.
    """
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(state_dir):
        if running := background_status(state_dir):
            if port not in (0, running.port) or chain_id != running.chain_id:
                raise UsageError(
                    f"a chain is running already, on port {running.port} with chain id {running.chain_id}",
                    where=str(state_dir),
                    hint="stop it first, or use another state folder",
                )
            return running, False
        options = Options(port=port, chain_id=chain_id, timestamp=timestamp, accounts=accounts, extra=extra)
        return _start(state_dir, options), True


def background_status(state_dir: Path) -> BackgroundChain | None:
    """The folder's chain, or None when none runs: never started, stopped, or died."""
    try:
        chain = BackgroundChain(**json.loads((state_dir / _RECORD).read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        return None
    return chain if _born(chain.pid) == chain.born else None


def stop_background(state_dir: Path) -> bool:
    """Stop the folder's chain; False when none was running. Its state is gone with it.

    Raises:
        ToolError: it does not stop.
    """
    if not state_dir.is_dir():
        return False
    with _lock(state_dir):
        chain = background_status(state_dir)
        if chain is not None:
            _end(chain.pid, chain.born)
        (state_dir / _RECORD).unlink(missing_ok=True)
    return chain is not None


def _start(state_dir: Path, options: Options) -> BackgroundChain:
    binary, log = find_anvil(), state_dir / "anvil.log"
    pid = _spawn([str(binary), *options.arguments(cache=state_dir / "cache")], log)
    born = _born(pid) or ""
    try:
        port = wait_for_port(log, alive=lambda: _born(pid) == born != "")
        url = f"http://127.0.0.1:{port}"
        rpc(url, "anvil_setLoggingEnabled", [False])
        chain = BackgroundChain(pid=pid, born=born, port=port, chain_id=options.chain_id, genesis=genesis_hash(url))
        _write(state_dir / _RECORD, json.dumps(asdict(chain), indent=2) + "\n")
    except NodeError as error:
        _end(pid, born)
        hint = "see there what it says of itself, then start it again"
        raise ToolError(f"Anvil started but does not answer: {error.what}", where=str(log), hint=hint) from error
    except BaseException:
        _end(pid, born)
        raise
    return chain


def _spawn(command: list[str], log: Path) -> int:
    """Start a process of a session of its own, so that closing the terminal does not end it."""
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    redirect = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), write, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    try:
        return os.posix_spawn(command[0], command, os.environ, file_actions=redirect, setsid=True)
    except OSError as error:
        raise ToolError(f"Anvil cannot be run: {error.strerror}", where=command[0], hint=UNFIT) from error


def _end(pid: int, born: str) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + _STOP_SECONDS
        if born and _born(pid) == born:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while born and _born(pid) == born:
            if time.monotonic() > deadline:
                break
            time.sleep(0.005)
        else:
            return
    raise ToolError(f"the local chain, process {pid}, does not stop", hint=f"end that process yourself: kill -9 {pid}")


def _born(pid: int) -> str | None:
    """The system's mark of when a living process started, or None when there is none of that id."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # one that we started and that has ended would linger as a zombie
    if _BOOT.exists():
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        state, *_, started = stat.rpartition(")")[2].split()[:20]
        return None if state in "ZX" else f"{_BOOT.read_text().strip()} {started}"
    done = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


@contextlib.contextmanager
def _lock(state_dir: Path) -> Iterator[None]:
    """Two commands at once must not start two chains."""
    import fcntl

    with (state_dir / "anvil.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
