"""The Pythons that the package promises to work on, and where this machine has them: on PATH, or kept by pyenv."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["FOUND", "PROMISED"]

PROMISED = ("3.11", "3.12", "3.13")


def _candidates(version: str) -> Iterator[str]:
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        yield sys.executable
    if found := shutil.which(f"python{version}"):
        yield found
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from map(str, sorted(kept.glob(f"{version}.*/bin/python{version}"), reverse=True))


def _works(path: str, version: str) -> bool:
    asked = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    return (said.returncode, said.stdout.strip()) == (0, version)


FOUND = {
    version: path
    for version in PROMISED
    if (path := next((each for each in _candidates(version) if _works(each, version)), None))
}
"""Version → interpreter."""


if __name__ == "__main__":
    for version in PROMISED:
        if version not in FOUND:
            print(f"Python {version} NOT TESTED: this machine has none", file=sys.stderr)
