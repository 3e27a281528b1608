"""What prove, audit, mutate, coverage and fuzz share: environments for the tools, sources, and copies to work in.

Halmos and slither pin other versions of what pyledger itself needs, so each has an environment of its own below
`build`, made from `requirements/<name>.txt` with every file pinned by its hash. Only the standard library is imported
here.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bootstrap import CONTRACTS, PINS, ROOT, VENV, fail, prepare

__all__ = [
    "BUILD",
    "SHIPPED",
    "UNOPTIMISED",
    "Objects",
    "Shipped",
    "compile_sources",
    "copy_contracts",
    "environment_with",
    "let_write",
    "one_build",
    "read_sources",
    "say",
    "viewed",
]

BUILD = ROOT / "build"
"""Where results that are not part of the repository lie; ignored by git."""

UNOPTIMISED = {"FOUNDRY_ADDITIONAL_COMPILER_PROFILES": '[{name = "shipped", via_ir = true, optimizer = false}]'}
"""What ships, without the optimiser, which takes most of the time."""

SHIPPED = {
    "Agreement": "src/Agreement.sol",
    "AgreementFactory": "src/AgreementFactory.sol",
    "Recourse": "src/Recourse.sol",
    "PanelArbitrator": "src/arbitration/PanelArbitrator.sol",
    "SealedBallot": "src/panels/SealedBallot.sol",
    "AnonymousBallot": "src/panels/AnonymousBallot.sol",
    "Entitlements": "src/entitlements/Entitlements.sol",
    "Seats": "src/entitlements/Seats.sol",
    "CommonStanding": "src/standing/CommonStanding.sol",
}

FACTORY = "src/AgreementFactory.sol"
APART = {
    b'import {Agreement} from "./Agreement.sol";': b"""interface Deploying {
    function deployCode(string calldata artifact, bytes calldata arguments) external returns (address);
}""",
    b"address(new Agreement(recourse))": b"""Deploying(
            address(uint160(uint256(keccak256("hevm cheat code"))))
        ).deployCode("Agreement.sol:Agreement", abi.encode(recourse))""",
}
"""The factory holds the code of an agreement: here it deploys it by its name, so that each is compiled without the
other."""

Objects = dict[str, tuple[str, str]]
"""Of a contract, by name: the code that deploys it, and the code deployed."""

_STARTED = time.monotonic()


def say(what: str) -> None:
    """Tell the person at the terminal what is being done, with the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:6.1f} s] {what}", file=sys.stderr, flush=True)


def environment_with(tool: str | None = None) -> dict[str, str]:
    """The environment to run programs in: on PATH the programs of the tool, installed if need be, and forge."""
    environment = prepare("test")
    first = [str(_forge().parent)]
    if tool:
        first.insert(0, str(_venv(tool) / "bin"))
    environment["PATH"] = os.pathsep.join([*first, environment["PATH"]])
    # What forge and halmos leave in a home folder stays out of the user's.
    home = BUILD / "home"
    home.mkdir(parents=True, exist_ok=True)
    environment["HOME"] = str(home)
    return {name: value for name, value in environment.items() if not name.startswith(("FOUNDRY_", "DAPP_"))}


def one_build() -> dict[str, str]:
    """Settings by which everything is compiled as what ships is, in one build.

    The project's own settings build what ships through the IR and the optimiser, and the tests through neither: two
    builds, in each of which an analyser sees half of the contracts.
    """
    settings = tomllib.loads((CONTRACTS / "foundry.toml").read_text())["profile"]["default"]
    (shipped,) = (each for each in settings["additional_compiler_profiles"] if each["name"] == "shipped")
    return {
        "FOUNDRY_VIA_IR": "true",
        "FOUNDRY_OPTIMIZER": "true",
        "FOUNDRY_OPTIMIZER_RUNS": str(shipped["optimizer_runs"]),
        "FOUNDRY_COMPILATION_RESTRICTIONS": "[]",
        "FOUNDRY_ADDITIONAL_COMPILER_PROFILES": "[]",
    }


def copy_contracts(to: Path, parts: Iterable[str], keep: Iterable[str] = ()) -> Path:
    """Copy the Foundry project with these of its folders, and the test vectors, below `to`; return its root.

    What lies there already is lost but for the folders to keep, such as what forge has compiled.
    """
    root = to / "contracts"
    with tempfile.TemporaryDirectory(dir=to.parent if to.exists() else None) as aside:
        kept = [name for name in keep if (root / name).exists()]
        for name in kept:
            (root / name).rename(Path(aside) / name)
        shutil.rmtree(to, ignore_errors=True)
        root.mkdir(parents=True)
        for name in kept:
            (Path(aside) / name).rename(root / name)
    for name in ("foundry.toml", "package.json", "solc.js"):
        shutil.copy2(CONTRACTS / name, root / name)
    for name in parts:
        shutil.copytree(CONTRACTS / name, root / name)
    (root / "node_modules").symlink_to(CONTRACTS / "node_modules")
    vectors = Path("tests") / "vectors"
    shutil.copytree(ROOT / vectors, to / vectors)
    return root


def let_write(root: Path, folder: str) -> Path:
    """Make a folder of a copy, and let tests write there; forge takes this from no variable of the environment."""
    settings = root / "foundry.toml"
    before = "fs_permissions = ["
    text = settings.read_text()
    if before not in text:
        fail(f"{settings.name} has no {before!r}")
    settings.write_text(text.replace(before, f'{before}{{ access = "write", path = "{folder}" }}, '))
    (root / folder).mkdir()
    return root / folder


def read_sources(root: Path) -> dict[str, bytes]:
    """The contracts and all that they import, by the names that they have in the compiler."""
    sources: dict[str, bytes] = {}
    waiting = [path.relative_to(root).as_posix() for path in (root / "src").rglob("*.sol")]
    while waiting:
        name = waiting.pop()
        if name in sources:
            continue
        sources[name] = (root / "node_modules" / name if name.startswith("@") else root / name).read_bytes()
        here = posixpath.dirname(name)
        targets = re.findall(r'(?:\bfrom|\bimport)\s+"([^"]+)"', sources[name].decode())
        waiting += [posixpath.normpath(posixpath.join(here, t)) if t.startswith(".") else t for t in targets]
    return sources


def compile_sources(sources: dict[str, bytes], environment: dict[str, str]) -> dict[str, Any]:
    """Parse and type-check, without making code, which is what takes time."""
    asked = {
        "language": "Solidity",
        "sources": {name: {"content": text.decode()} for name, text in sources.items()},
        "settings": {"outputSelection": {"*": {"": ["ast"]}}},
    }
    compiler = shutil.which("node", path=environment["PATH"])
    if not compiler:
        fail("there is no node on PATH")
    command = [compiler, str(CONTRACTS / "solc.js"), "--standard-json"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout)


class _Compiler:
    """The compiler of the project, kept in memory: its start takes as long as a small contract does."""

    SERVE = """
    const solc = require("solc");
    const lines = require("readline").createInterface({ input: process.stdin });
    lines.on("line", (line) => process.stdout.write(solc.compile(line).replace(/\\n/g, " ") + "\\n"));
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["node", "-e", self.SERVE],
            cwd=CONTRACTS,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, sources: dict[str, bytes], wanted: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
        """Compile, with the settings of the project but for these."""
        asked = {
            "language": "Solidity",
            "sources": {name: {"content": text.decode()} for name, text in sources.items()},
            "settings": {
                "evmVersion": "prague",
                "metadata": {"bytecodeHash": "none", "appendCBOR": False},
                **settings,
                "outputSelection": wanted,
            },
        }
        if not self._process.stdin or not self._process.stdout:
            fail("the compiler cannot be asked")
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class Shipped:
    """The tests, built once, and the contracts that they deploy by name, compiled apart, put where the tests look."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.root = copy_contracts(BUILD / "tests", ["src", "test"], keep=("out", "cache"))
        self._compiler = _Compiler(environment)
        self._there: Objects = {}
        say("building the tests")
        done = subprocess.run(
            ["forge", "build", "--threads", "1"],
            cwd=self.root,
            env=environment | UNOPTIMISED,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            fail(f"the tests do not compile:\n{done.stdout[-3000:]}")

    def compile(self, sources: dict[str, bytes], names: Iterable[str]) -> Objects | None:
        """Compile these contracts from sources; none if they are no Solidity."""
        factory = sources[FACTORY]
        for before, after in APART.items():
            if factory.count(before) != 1:
                fail(f"{FACTORY} does not read {before.decode()!r} once")
            factory = factory.replace(before, after)
        wanted = {SHIPPED[name]: {name: ["evm.bytecode.object", "evm.deployedBytecode.object"]} for name in names}
        settings = {"viaIR": True, "optimizer": {"enabled": False}}
        told = self._compiler.ask(sources | {FACTORY: factory}, wanted, settings)
        if any(error["severity"] == "error" for error in told.get("errors", [])):
            return None
        made = {name: told["contracts"][SHIPPED[name]][name]["evm"] for name in names}
        return {name: (each["bytecode"]["object"], each["deployedBytecode"]["object"]) for name, each in made.items()}

    def put(self, objects: Objects) -> None:
        """Make the tests deploy this code."""
        for name, (creation, deployed) in objects.items():
            if self._there.get(name) == (creation, deployed):
                continue
            path = self.root / "out" / f"{name}.sol" / f"{name}.json"
            artifact = json.loads(path.read_text())
            artifact["bytecode"]["object"] = f"0x{creation}"
            artifact["deployedBytecode"]["object"] = f"0x{deployed}"
            path.write_text(json.dumps(artifact))
            self._there[name] = (creation, deployed)


def viewed(source: bytes) -> bytes:
    """The source with every pure function made a view: only that may read the block or call a cheatcode."""
    return re.sub(rb"\bpure\b", b"view", source)


def _forge() -> Path:
    found = sorted(CONTRACTS.glob("node_modules/@foundry-rs/forge-*/bin/forge"))
    if not found:
        fail("npm has no forge for this platform")
    return found[0]


def _venv(tool: str) -> Path:
    venv, pins = BUILD / f"venv-{tool}", PINS / f"{tool}.txt"
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode() + pins.read_bytes()).hexdigest()
    stamp = venv / ".stamp"
    if stamp.exists() and stamp.read_text() == digest:
        return venv
    say(f"installing what requirements/{pins.name} lists")
    shutil.rmtree(venv, ignore_errors=True)
    python = venv / "bin" / "python"
    _run([sys.executable, "-m", "venv", str(venv)], "could not make a virtual environment")
    uv = VENV / "bin" / "uv"
    pip = [str(uv), "pip", "install", "--python", str(python)] if uv.exists() else [str(python), "-m", "pip", "install"]
    otherwise = f"could not install what requirements/{pins.name} lists"
    _run([*pip, "--quiet", "--require-hashes", "-r", str(pins)], otherwise)
    stamp.write_text(digest)
    return venv


def _run(command: list[str], otherwise: str) -> None:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        last = "\n".join(f"    {line}" for line in done.stdout.strip().splitlines()[-15:])
        fail(f"{otherwise}:\n{last}", "check that this machine reaches PyPI, then run the same command again")
