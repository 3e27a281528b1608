"""Where the contracts are on each chain: one address everywhere, a record of how it came to be, and a check of both.

An agreement's code is in two contracts: `Recourse` and, over the same storage, the implementation behind every clone.
Recourse goes through the CREATE2 deployer that most chains have, and so does the factory, which is made for it: their
addresses follow from their code. The implementation is the factory's first creation, so its address follows too. The
record keeps the hash of block 0: a development node that was restarted is noticed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from eth_hash.auto import keccak
from pydantic import BaseModel, ConfigDict, ValidationError

from pyledger.chain.artifacts import load_artifact
from pyledger.chain.connect import Connection
from pyledger.chain.keys import Signer
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.chain.transactions import Receipt, transact
from pyledger.errors import DeploymentError
from pyledger.terms.addresses import checksum
from pyledger.terms.typed_data import create2_address

__all__ = [
    "DEPLOYER",
    "SALT",
    "Deployment",
    "Places",
    "check_code",
    "check_deployment",
    "create",
    "deploy",
    "factory_code",
    "load_deployment",
    "places",
    "record_file",
]

DEPLOYER: Final = bytes.fromhex("4e59b44847b379578588920ca78fbf26c0b4956c")
"""The deterministic deployer: creates by CREATE2 whatever it is sent, after 32 bytes of salt."""

SALT: Final = bytes(32)


class Places(NamedTuple):
    """Addresses (20 bytes) of the factory and of the code behind every agreement, the same on every chain.

    `recourse` holds the other half of that code.
    """

    factory: bytes
    implementation: bytes
    recourse: bytes


class Deployment(BaseModel):
    """A deployment as it is written down; `address` is the factory's.

    `transaction` and `block` are those of the factory, None where it was there already; `recourse` is None in records
    of contracts that had none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    chain_id: int
    genesis_hash: str
    address: str
    implementation: str
    recourse: str | None = None
    code_hash: str
    abi_hash: str
    compiler: str
    transaction: str | None = None
    block: int | None = None
    commit: str | None = None

    @property
    def places(self) -> Places:
        """The addresses as bytes."""
        written = (self.address, self.implementation, self.recourse or "")
        return Places(*(bytes.fromhex(each.removeprefix("0x")) for each in written))


def places() -> Places:
    """Where the contracts that this pyledger ships are, deployed or not."""
    recourse = create2_address(DEPLOYER, SALT, load_artifact("Recourse").bytecode)
    factory = create2_address(DEPLOYER, SALT, factory_code(recourse))
    first_creation = b"\xd6\x94" + factory + b"\x01"  # RLP of [factory, 1]
    return Places(factory, keccak(first_creation)[12:], recourse)


def record_file(directory: Path, chain_id: int) -> Path:
    """The file that a chain's record is kept in."""
    return directory / f"{chain_id}.json"


def deploy(connection: Connection, signer: Signer, *, directory: Path, commit: str | None = None) -> Deployment:
    """Deploys the contracts that are not there yet, checks them all, and records them in `directory`.

    Raises DeploymentError if the chain has no deterministic deployer or other code sits at an address, besides what
    `transact` raises.
    """
    where = places()
    transaction, block = None, None
    old = _old(record_file(directory, connection.chain_id))
    genesis = "0x" + connection.genesis_hash.hex()
    create(connection, signer, where.recourse, load_artifact("Recourse").bytecode)
    receipt = create(connection, signer, where.factory, factory_code(where.recourse))
    if receipt is not None:
        transaction, block = receipt.hash_text, receipt.block
    elif old is not None and old.genesis_hash == genesis and old.places == where:
        transaction, block = old.transaction, old.block
    check_code(connection, where)
    artifact = load_artifact("AgreementFactory")
    made = Deployment(
        chain_id=connection.chain_id,
        genesis_hash=genesis,
        address=checksum(where.factory),
        implementation=checksum(where.implementation),
        recourse=checksum(where.recourse),
        code_hash="0x" + keccak(connection.code(where.factory)).hex(),
        abi_hash=_abi_hash(),
        compiler=artifact.compiler,
        transaction=transaction,
        block=block,
        commit=commit,
    )
    directory.mkdir(parents=True, exist_ok=True)
    record_file(directory, connection.chain_id).write_text(made.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return made


def load_deployment(connection: Connection, *directories: Path) -> Deployment:
    """The chain's deployment from the first directory that records it, checked against the node.

    Raises DeploymentError if there is none, or it belongs to another chain's history or to other contracts.
    """
    for directory in directories:
        found = _read(record_file(directory, connection.chain_id))
        if found is not None:
            check_deployment(connection, found)
            return found
    raise DeploymentError(f"no deployment is recorded for chain {connection.chain_id}", hint="run `pyledger deploy`")


def check_deployment(connection: Connection, deployment: Deployment) -> None:
    """Holds a record against the node and against the contracts that this pyledger ships. Raises DeploymentError."""
    again = "run `pyledger deploy`"
    if deployment.chain_id != connection.chain_id:
        raise DeploymentError(
            f"the record is for chain {deployment.chain_id}, the node is on {connection.chain_id}",
            hint=f"the file's name says for which chain it is: put it right, or {again}",
        )
    other_genesis = deployment.genesis_hash != "0x" + connection.genesis_hash.hex()
    gone = deployment.places == places() and not connection.code(deployment.places.factory)
    if connection.chain_id == LOCAL_CHAIN_ID and (other_genesis or gone):
        raise DeploymentError(
            "the node was restarted since the contracts were deployed, and what was on it is gone", hint=again
        )
    if other_genesis:
        raise DeploymentError(f"the record belongs to another chain with the id {connection.chain_id}", hint=again)
    if deployment.places != places() or deployment.abi_hash != _abi_hash():
        raise DeploymentError(
            "the record is of other contracts than those of this pyledger",
            where=f"{deployment.address} on chain {connection.chain_id}",
            hint=f"{again}, or use the pyledger that the record was made with",
        )
    check_code(connection, deployment.places)
    if deployment.code_hash != "0x" + keccak(connection.code(deployment.places.factory)).hex():
        raise DeploymentError("the recorded code hash is not that of the factory's code", hint=again)


def check_code(connection: Connection, where: Places) -> None:
    """The code at all addresses is the code that this pyledger ships. Raises DeploymentError."""
    for name, address, immutables in (
        ("AgreementFactory", where.factory, (where.implementation,)),
        ("Agreement", where.implementation, (where.factory, where.recourse)),
        ("Recourse", where.recourse, ()),
    ):
        code = connection.code(address)
        if not code:
            raise DeploymentError(
                f"there is no {name} at {checksum(address)} on chain {connection.chain_id}",
                hint="run `pyledger deploy`",
            )
        if not _is_code(code, name, immutables):
            raise DeploymentError(
                f"the code at {checksum(address)} is not the {name} of this pyledger",
                hint="use the pyledger that it was deployed with",
            )


def _is_code(code: bytes, name: str, immutables: Iterable[bytes]) -> bool:
    """Whether code is that of a contract with these addresses in it, which it holds in full words, the artifact not."""
    for address in immutables:
        word = bytes(12) + address
        if word not in code:
            return False
        code = code.replace(word, bytes(32))
    return code == load_artifact(name).deployed_bytecode


def factory_code(recourse: bytes) -> bytes:
    """Creation code of the factory, made for the contract at `recourse` (20 bytes)."""
    return load_artifact("AgreementFactory").bytecode + bytes(12) + recourse


def create(connection: Connection, signer: Signer, address: bytes, code: bytes) -> Receipt | None:
    """Has the deterministic deployer create a contract, with `SALT`; None if something is at its address already.

    DeploymentError if the chain has no such deployer, besides what `transact` raises.
    """
    if connection.code(address):
        return None
    if not connection.code(DEPLOYER):
        raise DeploymentError(
            f"chain {connection.chain_id} has no deterministic deployer at {checksum(DEPLOYER)}",
            where=connection.network.place,
            hint="have it put there first (Arachnid/deterministic-deployment-proxy says how), then deploy again",
        )
    return transact(connection, signer, DEPLOYER, SALT + code)


def _abi_hash() -> str:
    abis = [load_artifact(name).abi for name in ("IAgreement", "AgreementFactory")]
    return "0x" + keccak(json.dumps(abis, sort_keys=True, separators=(",", ":")).encode()).hex()


def _old(file: Path) -> Deployment | None:
    """What was recorded before; a broken record is about to be replaced."""
    try:
        return _read(file)
    except DeploymentError:
        return None


def _read(file: Path) -> Deployment | None:
    if not file.is_file():
        return None
    try:
        found = Deployment.model_validate_json(file.read_text(encoding="utf-8"))
        sizes = [20, 20, 20 if found.recourse else 0]
        if [len(each) for each in found.places] != sizes:
            raise ValueError("an address is too short")
    except (ValidationError, ValueError) as error:
        raise DeploymentError(
            f"the deployment record cannot be read: {error}", where=str(file), hint="run `pyledger deploy` anew"
        ) from error
    return found
