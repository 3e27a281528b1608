"""Proofs that a ballot is some member's, made by Semaphore's own libraries in node: an optional part, installed by npm.

Versions and hashes of all that is installed are pinned in `prover/package-lock.json`. The proving keys come with it, so
that nothing is fetched when something is proved. Secrets go to the program by its input, and to nobody else.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pyledger.chain.ballots import Proof
from pyledger.errors import ToolError
from pyledger.terms.poseidon import tree_root

__all__ = ["Prover"]

_FILES: Final = ("package.json", "package-lock.json", "prove.mjs")
_STAMP: Final = "installed"
_LONGEST: Final = 120.0  # seconds; a proof takes two


class Prover:
    """The program in a folder. What it cannot do is a ToolError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def ready(self) -> bool:
        """Whether it is installed, and is the one that this pyledger wants."""
        try:
            return (self.folder / "node_modules" / _STAMP).read_text(encoding="utf-8") == _wanted()
        except OSError:
            return False

    def install(self) -> bool:
        """Installs it with npm unless it is there; returns whether there was anything to do."""
        if self.ready:
            return False
        npm = _program("npm")
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            (self.folder / name).write_text(_shipped(name), encoding="utf-8")
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ToolError(
                f"npm could not install the prover: {done.stderr.strip()[-500:]}",
                where=str(self.folder),
                hint="check that this machine reaches npm, then do it again",
            )
        (self.folder / "node_modules" / _STAMP).write_text(_wanted(), encoding="utf-8")
        return True

    def commitment(self, secret: bytes) -> int:
        """The identity commitment of a secret of 32 bytes: what others may know of it."""
        return int(self._ask({"secret": secret.hex()})["commitment"])

    def prove(self, secret: bytes, members: Sequence[int], message: int, scope: int) -> Proof:
        """That a member of a group says a message, once in a scope."""
        given = [str(each) for each in members]
        question = {"secret": secret.hex(), "members": given, "message": str(message), "scope": str(scope)}
        found = self._ask(question)
        if int(found["root"]) != tree_root(members):
            raise ToolError("the prover made another tree of the members than pyledger", hint="do not send its proof")
        return Proof(int(found["nullifier"]), tuple(int(each) for each in found["points"]))

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        if not self.ready:
            raise ToolError(
                "what proves membership is not installed",
                where=str(self.folder),
                hint="run `pyledger ballot prover`, which fetches it with npm (400 MB)",
            )
        command = [_program("node"), str(self.folder / "prove.mjs")]
        environment = {key: value for key, value in os.environ.items() if key != "NODE_OPTIONS"}
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=environment,
                input=json.dumps(question),
                capture_output=True,
                text=True,
                check=False,
                timeout=_LONGEST,
            )
            found: dict[str, Any] = json.loads(done.stdout)
        except (OSError, subprocess.TimeoutExpired, ValueError):
            # What it was asked holds a secret: nothing of it is shown.
            raise ToolError("the prover has failed", where=str(self.folder), hint="install it anew") from None
        return found


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ToolError(f"{name} is not installed", hint="anonymous ballots need node 20 or newer; see docs/ballots.md")
    return found


def _shipped(name: str) -> str:
    return files("pyledger.chain").joinpath("prover", name).read_text(encoding="utf-8")


def _wanted() -> str:
    return hashlib.sha256("".join(_shipped(name) for name in _FILES).encode()).hexdigest()
