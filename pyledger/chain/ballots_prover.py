"""Proofs that a ballot is some member's, made by Semaphore's own libraries in node: an optional part, installed by npm.

Versions and hashes of all that is installed are pinned in `prover/package-lock.json`. The proving keys come with it, so
that nothing is fetched when something is proved. Secrets go to the program by its input, and to nobody else.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pyledger.chain.ballots import Proof
from pyledger.chain.npm import Installed, program
from pyledger.errors import ToolError
from pyledger.terms.poseidon import tree_root

__all__ = ["Prover"]

_FILES: Final = ("package.json", "package-lock.json", "prove.mjs")
_WHY: Final = "anonymous ballots need it (see docs/ballots.md)"
_LONGEST: Final = 120.0  # seconds; a proof takes two


class Prover:
    """The program in a folder. What it cannot do is a ToolError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._installed = Installed(folder, shipped="prover", names=_FILES, what="the prover")

    @property
    def ready(self) -> bool:
        """Whether it is installed, and is the one that this pyledger wants."""
        return self._installed.ready

    def install(self) -> bool:
        """Installs it with npm unless it is there; returns whether there was anything to do."""
        return self._installed.install(npm=program("npm", why=_WHY)) if not self.ready else False

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
        command = [program("node", why=_WHY), str(self.folder / "prove.mjs")]
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
