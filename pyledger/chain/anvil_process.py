"""Find the Anvil program and start it: what a chain in the foreground and one in the background have in common."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyledger.chain.npm import Installed, program, state_folder
from pyledger.errors import ToolError

__all__ = [
    "HARDFORK",
    "LOCAL_CHAIN_ID",
    "UNFIT",
    "Options",
    "fetch_anvil",
    "find_anvil",
    "wait_for_port",
    "wait_until_listening",
]

HARDFORK: Final = "prague"
"""The rules every local chain runs by; those of `evm_version` in `contracts/foundry.toml`."""

LOCAL_CHAIN_ID: Final = 31337

UNFIT: Final = "is it an Anvil for this machine? `pyledger chain install` fetches one that is"
"""What to do about a program that does not run."""

_TAKEN: Final = "choose another port, or 0 for a free one; until then commands speak to whatever answers at this one"

_START_SECONDS: Final = 20.0
_LISTENING = re.compile(r"Listening on \S*:(\d+)")
_SUFFIX: Final = ".exe" if sys.platform == "win32" else ""
_NPM_ARCHITECTURES: Final = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a chain starts: `port` 0 takes a free one, `timestamp` is that of block 0 (seconds since 1970)."""

    port: int = 0
    chain_id: int = LOCAL_CHAIN_ID
    timestamp: int | None = None
    accounts: int = 10
    hardfork: str = HARDFORK
    ipc: Path | None = None
    extra: tuple[str, ...] = ()

    def arguments(self, *, cache: Path) -> list[str]:
        """Anvil's command line; `cache` is where states would go, rather than to the home folder, if any were kept."""
        arguments = ["--host", "127.0.0.1", "--port", str(self.port), "--chain-id", str(self.chain_id)]
        arguments += ["--hardfork", self.hardfork, "--accounts", str(self.accounts), "--color", "never"]
        arguments += ["--max-persisted-states", "0", "--cache-path", str(cache)]
        if self.timestamp is not None:
            arguments += ["--timestamp", str(self.timestamp)]
        if self.ipc is not None:
            arguments += ["--ipc", str(self.ipc)]
        return [*arguments, *self.extra]


def find_anvil() -> Path:
    """The Anvil program: `PYLEDGER_ANVIL`, else the checkout's own from npm, the one fetched, the one on PATH.

    Raises:
        ToolError: there is none, or `PYLEDGER_ANVIL` names none.
    """
    if named := os.environ.get("PYLEDGER_ANVIL"):
        if found := shutil.which(named):
            return Path(found).absolute()
        raise ToolError("PYLEDGER_ANVIL names no program", where=named, hint="unset it, or give Anvil's full path")
    checkout = Path(__file__).resolve().parents[2] / "contracts"
    for folder in (checkout, _fetched().folder):
        own = folder / "node_modules" / "@foundry-rs" / _package() / "bin" / f"anvil{_SUFFIX}"
        if os.access(own, os.X_OK):
            return own
    if found := shutil.which("anvil"):
        return Path(found).absolute()
    raise ToolError(
        "Anvil, the local chain, is not installed",
        hint="`pyledger chain install` fetches it with npm (45 MB); or name one that you have with PYLEDGER_ANVIL",
    )


def fetch_anvil() -> Path:
    """Fetches Anvil with npm, in the version and by the hash that ship with the package, unless that was done.

    Raises:
        ToolError: there is no npm, it cannot do it, or it has no Anvil for this platform.
    """
    fetched = _fetched()
    if not fetched.ready:
        fetched.install(npm=program("npm", why="it brings Anvil, the local chain"))
    return find_anvil()


def _fetched() -> Installed:
    names = ("package.json", "package-lock.json")
    return Installed(state_folder() / "anvil", shipped="anvil_npm", names=names, what="Anvil")


def _package() -> str:
    """The npm package with the program for this platform."""
    system = "win32" if sys.platform == "win32" else "darwin" if sys.platform == "darwin" else "linux"
    return f"anvil-{system}-{_NPM_ARCHITECTURES.get(platform.machine(), platform.machine())}"


def wait_for_port(log: Path, *, alive: Callable[[], bool]) -> int:
    """The port Anvil says in its log that it listens on.

    Raises:
        ToolError: Anvil has stopped, or says nothing for 20 seconds.
    """
    return wait_until_listening(lambda: log.read_text(encoding="utf-8", errors="replace"), alive=alive)


def wait_until_listening(said_so_far: Callable[[], str], *, alive: Callable[[], bool]) -> int:
    """The same, for a log that is kept elsewhere: `said_so_far` reads all of it."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        running = alive()  # asked before reading, so that what it said last is not missed
        said = said_so_far()
        if found := _LISTENING.search(said):
            return int(found[1])
        if not running:
            raise ToolError(f"Anvil did not start: {_complaint(said)}", hint=_advice(said))
        if time.monotonic() > deadline:
            hint = "this machine may be too busy: try again"
            raise ToolError(f"Anvil did not start within {_START_SECONDS:.0f} seconds", hint=hint)
        time.sleep(0.002)


def _complaint(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines[-1:] or ["it said nothing"])[0].removeprefix("Error: ").removeprefix("error: ")


def _advice(said: str) -> str:
    return _TAKEN if "already in use" in said else UNFIT
