"""The node that tests run on: one of their own, gone with them however they end, or one given by its address."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from pyledger.errors import UsageError

if TYPE_CHECKING:
    from pyledger.chain.anvil import Anvil

__all__ = ["START", "GivenNode", "OwnNode"]

START: Final = 1_800_000_000
"""The time of block 0 on a node of one's own, in Unix seconds: 2027-01-15 08:00 UTC."""

_FREE_GAS: Final = ("--block-base-fee-per-gas", "0", "--gas-price", "0")
"""So that balances of coin change by what agreements move, and by nothing else."""

_LONGEST_SOCKET: Final = 100
_LOCK: Final = "lock"


@dataclass(frozen=True)
class GivenNode:
    """An Anvil that somebody else has started."""

    url: str

    @classmethod
    def at(cls, url: str) -> GivenNode:
        """The one at an address. UsageError for what is none."""
        if not url.startswith(("http://", "https://")) and not Path(url).exists():
            raise UsageError(f"`{url}` is no address of an Anvil", hint="write for example http://127.0.0.1:8545")
        return cls(url)

    @property
    def place(self) -> str:
        """How to reach it best."""
        return self.url


class OwnNode:
    """An Anvil for one process of pytest, on a free port.

    What it needs of the file system, a socket, is in the state folder. A run that is killed leaves it there, and the
    next one takes it away; the process itself ends with pytest's.
    """

    def __init__(self) -> None:
        from pyledger.chain.anvil import Anvil

        self._folder = _own_folder()
        self._lock = None if self._folder is None else _locked(self._folder)
        self.ipc = None if self._folder is None else self._folder / "anvil.ipc"
        self.anvil: Anvil = Anvil(timestamp=START, ipc=self.ipc, extra=_FREE_GAS)
        try:
            self.anvil.spawn()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        """Where it answers over HTTP."""
        return self.anvil.url

    @property
    def place(self) -> str:
        """How to reach it best."""
        return str(self.ipc) if self.ipc is not None else self.url

    def close(self) -> None:
        """Ends it and leaves nothing behind."""
        self.anvil.stop()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _own_folder() -> Path | None:
    """A new folder of the state folder; None where sockets have no paths, or there is no place for one."""
    with suppress(OSError, ImportError):
        import fcntl  # noqa: F401 - where it is missing, so are Unix sockets

        home = _state_folder() / "testing"
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(home)
        if len(str(home)) + len("/12345678/anvil.ipc") <= _LONGEST_SOCKET:
            return Path(mkdtemp(prefix="", dir=home))
    return None


def _state_folder() -> Path:
    """The folder for state, as the command line knows it."""
    if chosen := os.environ.get("PYLEDGER_HOME"):
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return platformdirs.user_state_path("pyledger")


def _locked(folder: Path) -> int | None:
    """A lock in a folder, which the system lets go when its owner ends, however that happens."""
    import fcntl

    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _sweep(home: Path) -> None:
    """Takes away what killed runs have left: folders whose owner is no more."""
    for folder in home.iterdir():
        with suppress(OSError):
            if (folder / _LOCK).exists() and (handle := _locked(folder)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(handle)
