"""Compile the contracts of a checkout into the artifacts that ship.

Only developers come here: `scripts/build` calls `compile_all`. The settings are those of `contracts/foundry.toml`, the
compiler's version that of `contracts/package.json`, and sources go in whole under their names in the project, so the
result depends on no path and no machine. A native solc that py-solc-x has installed is used when its version fits,
otherwise the same version in WebAssembly behind `contracts/solc.js`, which needs node on PATH.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from subprocess import SubprocessError
from typing import Any, Final

from pyledger.chain.artifacts import NAMES, Artifact
from pyledger.errors import ToolError

__all__ = ["ROOTS", "compile_all", "compile_source", "find_contracts", "find_solc", "solc_version", "standard_json"]

ROOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "src/AgreementFactory.sol": ("Agreement", "AgreementFactory"),
    "src/Recourse.sol": ("Recourse",),
    "src/arbitration/PanelArbitrator.sol": ("PanelArbitrator",),
    "src/entitlements/Entitlements.sol": ("Entitlements",),
    "src/entitlements/Seats.sol": ("Seats",),
    "src/interfaces/IAgreement.sol": ("IAgreement",),
    "src/panels/AnonymousBallot.sol": ("AnonymousBallot",),
    "src/panels/SealedBallot.sol": ("SealedBallot",),
    "src/standing/CommonStanding.sol": ("CommonStanding",),
    "src/tokens/TestToken.sol": ("TestToken",),
    "@semaphore-protocol/contracts/base/SemaphoreVerifier.sol": ("SemaphoreVerifier",),
}
"""Source to compile → contracts to keep of it. The factory's source holds the agreement's whole code."""

_IMPORT = re.compile(r"^\s*import\b[^;\"']*[\"']([^\"']+)[\"']", re.MULTILINE)
_OUTPUT: Final = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences", "evm.deployedBytecode.object"]


def compile_all(contracts: Path | None = None, *, solc: Path | None = None) -> tuple[Artifact, ...]:
    """Compile every contract of `NAMES`, in that order.

    Raises:
        ToolError: no compiler, a source that is missing, or one that does not compile.
    """
    contracts = contracts or find_contracts()
    built = [artifact for root in ROOTS for artifact in compile_source(root, contracts=contracts, solc=solc)]
    return tuple(sorted(built, key=lambda artifact: NAMES.index(artifact.name)))


def compile_source(root: str, *, contracts: Path | None = None, solc: Path | None = None) -> tuple[Artifact, ...]:
    """Compile one source of `ROOTS` and what it imports.

    Raises:
        ToolError: no compiler, a source that is missing, or one that does not compile.
    """
    from solcx import compile_standard, wrapper
    from solcx.exceptions import SolcError

    contracts = contracts or find_contracts()
    solc = solc or find_solc(contracts)
    job = standard_json(root, contracts=contracts)
    try:
        compiler = wrapper.get_version_str_from_solc_binary(solc)
        if not compiler.startswith(f"{solc_version(contracts)}+"):
            hint = "run scripts/build, which fetches that one"
            raise ToolError(f"solc is {compiler}, and the contracts are pinned to {solc_version(contracts)}", hint=hint)
        units = compile_standard(job, solc_binary=solc)["contracts"]
    except (OSError, SolcError, SubprocessError, ValueError) as error:
        hint = "mend the source where the compiler says"
        raise ToolError(f"solc could not compile {root}: {error}", where=str(contracts), hint=hint) from error
    found = {name: body for unit in units.values() for name, body in unit.items()}
    digest = hashlib.sha256(json.dumps(job, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return tuple(_artifact(name, found[name], compiler=compiler, source_hash=digest) for name in ROOTS[root])


def standard_json(root: str, *, contracts: Path) -> dict[str, Any]:
    """The compiler's standard-JSON input for one source: every imported source in full, and the settings.

    Raises:
        ToolError: a source that is missing.
    """
    return {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sorted(_sources(root, contracts))},
        "settings": _settings(contracts),
    }


def solc_version(contracts: Path) -> str:
    """The compiler's version, as npm pins it."""
    pins = json.loads((contracts / "package.json").read_text(encoding="utf-8"))
    return str(pins["devDependencies"]["solc"])


def find_contracts() -> Path:
    """The `contracts` folder of the checkout this module belongs to.

    Raises:
        ToolError: this is an installed package, which has none.
    """
    contracts = Path(__file__).resolve().parents[2] / "contracts"
    if not (contracts / "foundry.toml").is_file():
        raise ToolError("the contracts' sources are not installed with the package", hint="work from a checkout")
    return contracts


def find_solc(contracts: Path) -> Path:
    """The compiler to use: py-solc-x's native one when it has this version installed, otherwise `contracts/solc.js`.

    Raises:
        ToolError: neither is there.
    """
    import solcx
    from solcx.install import get_executable

    version = solc_version(contracts)
    if any(str(installed) == version for installed in solcx.get_installed_solc_versions()):
        return get_executable(version)
    shim = contracts / "solc.js"
    if shutil.which("node") is None or not (contracts / "node_modules" / "solc").is_dir():
        raise ToolError(f"solc {version} is not installed", hint="run scripts/build, which fetches it")
    if not os.access(shim, os.X_OK):
        raise ToolError("the compiler's wrapper cannot be run", where=str(shim), hint=f"chmod +x {shim}")
    return shim


def _settings(contracts: Path) -> dict[str, Any]:
    profile = tomllib.loads((contracts / "foundry.toml").read_text(encoding="utf-8"))["profile"]["default"]
    (shipped,) = (each for each in profile["additional_compiler_profiles"] if each["name"] == "shipped")
    profile |= shipped
    return {
        "evmVersion": profile["evm_version"],
        "viaIR": profile["via_ir"],
        "optimizer": {"enabled": profile["optimizer"], "runs": profile["optimizer_runs"]},
        "metadata": {"bytecodeHash": profile["bytecode_hash"], "appendCBOR": profile["cbor_metadata"]},
        "outputSelection": {"*": {"*": _OUTPUT}},
    }


def _sources(root: str, contracts: Path) -> Iterator[tuple[str, str]]:
    waiting, seen = [root], {root}
    while waiting:
        name = waiting.pop()
        path = contracts / ("node_modules" if name.startswith("@") else "") / name
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            hint = "check the import; scripts/build fetches what is imported from elsewhere"
            raise ToolError(f"cannot read the source {name}: {error.strerror}", where=str(path), hint=hint) from error
        yield name, text
        imported = {_unit_name(each, importer=name) for each in _IMPORT.findall(text)} - seen
        seen |= imported
        waiting += sorted(imported)


def _unit_name(imported: str, *, importer: str) -> str:
    """An import path as the compiler names it: relative ones start at the importing source's folder."""
    if not imported.startswith("."):
        return imported
    parts = list(PurePosixPath(importer).parent.parts)
    for part in PurePosixPath(imported).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _artifact(name: str, body: Mapping[str, Any], *, compiler: str, source_hash: str) -> Artifact:
    code = body["evm"]
    if code["bytecode"]["linkReferences"]:
        hint = "make the functions of its libraries internal"
        raise ToolError(f"{name} needs separately deployed libraries, which the artifacts do not support", hint=hint)
    return Artifact(
        name=name,
        abi=tuple(body["abi"]),
        bytecode=bytes.fromhex(code["bytecode"]["object"]),
        deployed_bytecode=bytes.fromhex(code["deployedBytecode"]["object"]),
        compiler=compiler,
        source_hash=source_hash,
    )
