"""The compiled contracts that ship with the package: what they accept (ABI) and what they are (bytecode).

The JSON files beside this module are written by `scripts/build` and compared with a fresh compilation by
`scripts/build --check`, so using pyledger never needs a compiler.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pyledger.errors import ToolError

__all__ = ["NAMES", "Artifact", "load_artifact"]

NAMES: Final = (
    "Agreement",
    "AgreementFactory",
    "AnonymousBallot",
    "CommonStanding",
    "Entitlements",
    "IAgreement",
    "PanelArbitrator",
    "Recourse",
    "SealedBallot",
    "Seats",
    "SemaphoreVerifier",
    "TestToken",
)
"""Every contract that ships. `IAgreement` has no code: it is the interface of `Agreement` and `Recourse`, which are one
account; `TestToken` is for local chains only; `SemaphoreVerifier` is Semaphore's own, as npm has it."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One compiled contract.

    `bytecode` creates it (constructor arguments are appended); `deployed_bytecode` is what then stands on the chain,
    with zeros where immutable values go. `compiler` is solc's full version, `source_hash` the SHA-256 (hex) of the
    standard-JSON input it was compiled from: sources and settings.
    """

    name: str
    abi: tuple[Mapping[str, Any], ...]
    bytecode: bytes
    deployed_bytecode: bytes
    compiler: str
    source_hash: str

    def to_json(self) -> str:
        """The committed form: sorted keys, two spaces, a closing newline."""
        data = {
            "abi": list(self.abi),
            "bytecode": "0x" + self.bytecode.hex(),
            "compiler": self.compiler,
            "deployedBytecode": "0x" + self.deployed_bytecode.hex(),
            "name": self.name,
            "sourceHash": self.source_hash,
        }
        return json.dumps(data, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Artifact:
        """The artifact that `to_json` wrote. Raises `KeyError` or `ValueError` for anything else."""
        data = json.loads(text)
        return cls(
            name=data["name"],
            abi=tuple(data["abi"]),
            bytecode=bytes.fromhex(data["bytecode"].removeprefix("0x")),
            deployed_bytecode=bytes.fromhex(data["deployedBytecode"].removeprefix("0x")),
            compiler=data["compiler"],
            source_hash=data["sourceHash"],
        )


@cache
def load_artifact(name: str) -> Artifact:
    """The shipped artifact of one contract of `NAMES`. Raises `ToolError` when it is missing or damaged."""
    file = files(__name__).joinpath(f"{name}.json")
    try:
        return Artifact.from_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ToolError(
            f"there is no compiled contract named {name}",
            hint=f"the contracts are {', '.join(NAMES)}; in a checkout, run scripts/build",
        ) from None
    except (KeyError, TypeError, ValueError) as error:
        raise ToolError(
            f"the compiled contract {name} is damaged: {error}", where=str(file), hint="reinstall pyledger"
        ) from error
