"""Make a fresh clone ready to run, given nothing but Python 3.11 or newer.

`prepare("demo")` makes `.venv` with the pinned packages and fetches Anvil; `prepare("test")` adds what the checks need
(forge, solc, OpenZeppelin, pytest, mypy, ruff). What is there already is left alone: each part leaves a stamp, the hash
of the pins it was made from, so a second run costs a few milliseconds. Only the standard library is imported here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NoReturn

__all__ = ["CONTRACTS", "PINS", "ROOT", "VENV", "Profile", "environment", "fail", "prepare", "python"]

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONTRACTS = ROOT / "contracts"
PINS = ROOT / "requirements"

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 0)

Profile = Literal["demo", "test"]

_BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
_EXE = ".exe" if os.name == "nt" else ""


def prepare(profile: Profile, *, quiet: bool = False) -> dict[str, str]:
    """Install what `profile` needs, unless it is there, and return the environment to run its programs in.

    Exits with a plain message when the machine cannot do it (old Python, no network).
    """
    if sys.version_info < OLDEST_PYTHON:
        needed, this = _dotted(OLDEST_PYTHON), _dotted(sys.version_info[:3])
        fail(f"Python {needed} or newer is needed, and this is {this}", f"python{needed} {sys.argv[0]}")
    say: Callable[[str], None] = (lambda _: None) if quiet else _say
    _environment_for_python(profile, say)
    _packages_for_contracts(profile, say)
    return environment()


def python() -> str:
    """The interpreter of the checkout's own environment."""
    return str(_BIN / f"python{_EXE}")


def environment() -> dict[str, str]:
    """The environment of this process with the checkout's programs first on PATH."""
    found = dict(os.environ)
    found.pop("PYTHONHOME", None)
    found["VIRTUAL_ENV"] = str(VENV)
    found["PATH"] = os.pathsep.join([str(_BIN), found.get("PATH", os.defpath)])
    return found


def fail(what: str, hint: str | None = None) -> NoReturn:
    """Say in plain words what went wrong and stop with exit code 5 (a needed program is missing or broken)."""
    print(f"error: {what}" + (f"\n  next: {hint}" if hint else ""), file=sys.stderr)
    raise SystemExit(5)


def _environment_for_python(profile: Profile, say: Callable[[str], None]) -> None:
    wanted = "dev" if profile == "test" else "runtime"
    pins = [PINS / "uv.txt", PINS / f"{wanted}.txt", ROOT / "pyproject.toml"]
    # What the tests need includes what the demo needs, so its stamp serves both.
    if _fresh(VENV / ".stamp-dev", [PINS / "uv.txt", PINS / "dev.txt", ROOT / "pyproject.toml"]):
        return
    stamp = VENV / f".stamp-{wanted}"
    if _fresh(stamp, pins):
        return
    if not _works(python()):
        say("making .venv")
        if VENV.exists():
            shutil.rmtree(VENV)
        making = [sys.executable, "-m", "venv", str(VENV)]
        _run(making, "could not make a virtual environment in .venv", hint="install Python's venv module")
    say(f"installing Python packages ({wanted})")
    pip = _installer()
    _run([*pip, "--require-hashes", "-r", str(PINS / f"{wanted}.txt")], "could not install the Python packages")
    _run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], "could not install pyledger itself")
    _mark(stamp, pins)


def _installer() -> list[str]:
    """The command that installs packages: uv where pip can fetch it (several times faster), pip otherwise."""
    uv = _BIN / f"uv{_EXE}"
    pip = [python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not uv.exists():
        got = subprocess.run(
            [*pip, "--require-hashes", "-r", str(PINS / "uv.txt")], capture_output=True, text=True, check=False
        )
        if got.returncode or not uv.exists():
            return pip
    return [str(uv), "pip", "install", "--quiet", "--python", python()]


def _packages_for_contracts(profile: Profile, say: Callable[[str], None]) -> None:
    pins = [CONTRACTS / "package.json", CONTRACTS / "package-lock.json"]
    stamps = {name: CONTRACTS / "node_modules" / f".stamp-{name}" for name in ("demo", "test")}
    if _fresh(stamps["test"], pins):
        return
    if profile == "demo" and _fresh(stamps["demo"], pins):
        return
    npm = _npm(say)
    say("fetching Anvil" if profile == "demo" else "fetching Anvil, forge, solc and OpenZeppelin")
    # The packages carry finished binaries: their install scripts are not needed, and so are not run.
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    without = ["--omit=dev"] if profile == "demo" else []
    _run([*npm, "ci", *flags, *without], "npm could not fetch the tools", cwd=CONTRACTS)
    _mark(stamps[profile], pins)


def _npm(say: Callable[[str], None]) -> list[str]:
    """The npm to use: the one on PATH when its node is recent enough, otherwise one from PyPI inside .venv."""
    if (node := shutil.which("node")) and (npm := shutil.which("npm")) and _node_version(node) >= OLDEST_NODE:
        return [npm]
    npm_here = _BIN / f"npm{_EXE}"
    if not npm_here.exists():
        say(f"fetching node ({_dotted(OLDEST_NODE)} or newer is not on PATH)")
        _run([*_installer(), "--require-hashes", "-r", str(PINS / "node.txt")], "could not install node")
    return [str(npm_here)]


def _node_version(node: str) -> tuple[int, ...]:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
        return tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2])
    except (OSError, subprocess.SubprocessError, ValueError):
        return (0, 0)


def _works(interpreter: str) -> bool:
    try:
        return subprocess.run([interpreter, "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


_NETWORK = "check that this machine reaches PyPI and npm, then run the same command again"


def _run(command: Sequence[str], otherwise: str, *, cwd: Path = ROOT, hint: str = _NETWORK) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        fail(f"{otherwise}: {error}")
    if done.returncode:
        last = "\n".join(f"    {line}" for line in done.stdout.strip().splitlines()[-15:])
        fail(f"{otherwise}:\n{last}", hint)


def _hash(pins: Sequence[Path]) -> str:
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for path in pins:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _fresh(stamp: Path, pins: Sequence[Path]) -> bool:
    try:
        return stamp.read_text() == _hash(pins)
    except OSError:
        return False


def _mark(stamp: Path, pins: Sequence[Path]) -> None:
    stamp.write_text(_hash(pins))


_STARTED = time.monotonic()


def _say(what: str) -> None:
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {what}", file=sys.stderr, flush=True)


def _dotted(version: Sequence[object]) -> str:
    return ".".join(str(part) for part in version)
