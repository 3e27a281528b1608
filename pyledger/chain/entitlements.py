"""What other contracts can be told of entitlements (`Entitlements`), and seats that hang on them (`Seats`).

`pyledger.observer.rights` says by which rules a benefit holds. The contracts know the verdicts of the phase at hand
alone; for a benefit that its document confines to one phase, and can take back, both answer the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from eth_abi.abi import decode, encode

from pyledger.chain.abi import Contract
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.connect import Connection, Tag
from pyledger.chain.deployments import DEPLOYER, SALT, create
from pyledger.chain.keys import Signer
from pyledger.chain.transactions import Receipt, transact
from pyledger.document import Document
from pyledger.terms.commitment import packed_terms
from pyledger.terms.names import Names
from pyledger.terms.outcome import phase_at_hand
from pyledger.terms.packed import pack_phase
from pyledger.terms.state import State
from pyledger.terms.structs import Terms
from pyledger.terms.typed_data import agenda, create2_address, phase_hash

__all__ = [
    "Condition",
    "SeatsPlan",
    "brought",
    "conditions_of",
    "create_entitlements",
    "create_seats",
    "entitled_until",
]

_CONDITIONS = "(uint16,uint16,uint8,bool,bool,uint32,uint32)[]"


class Condition(NamedTuple):
    """What entitles parties, in the contract's order. All but `phase` and the bools are sets, a bit for each index.

    The party and all in `givers` are members; the agreement is in force with `phase` at hand, or, if `completed`, was
    completed with it; those in `met` stand met, none in `kept` stands breached, nor, if `own`, any of the party's own
    obligations there.
    """

    parties: int
    givers: int
    phase: int
    completed: bool = False
    own: bool = True
    met: int = 0
    kept: int = 0


class SeatsPlan(NamedTuple):
    """What seats at a table are made of for good; two of the same plan are the same: the address follows from it.

    `about` is where the seats are described, the `tokenURI` of each.
    """

    agreement: bytes
    conditions: tuple[Condition, ...]
    name: str
    symbol: str
    about: str

    @property
    def code(self) -> bytes:
        """What creates it."""
        arguments = encode(["address", _CONDITIONS, "string", "string", "string"], self)
        return load_artifact("Seats").bytecode + arguments

    @property
    def address(self) -> bytes:
        """Where it is, on every chain, created or not: 20 bytes."""
        return create2_address(DEPLOYER, SALT, self.code)


class Seats:
    """Seats at a table on one chain, created or not."""

    def __init__(self, connection: Connection, plan: SeatsPlan) -> None:
        self.connection = connection
        self.address = plan.address
        self._abi = Contract(load_artifact("Seats").abi)

    def exist(self) -> bool:
        """Whether they have been created."""
        return bool(self.connection.code(self.address))

    def published(self) -> bytes:
        """What the agreement was committed to when its terms and phase at hand were last brought: 32 bytes."""
        found: bytes = self._read("published")
        return found

    def seated(self, account: bytes) -> bool:
        """Whether an account was given a seat that nobody has burned, entitled or not."""
        return bool(self._read("seated", account))

    def owned(self, account: bytes) -> bool:
        """Whether an account has a seat, as other contracts see it: computed from the agreement's state."""
        return bool(self._read("balanceOf", account))

    def publish(self, signer: Signer, told: tuple[bytes, bytes, bytes]) -> Receipt:
        """Brings terms and phase at hand; the signer may be anybody."""
        return transact(self.connection, signer, self.address, self._abi.encode("publish", *told))

    def mint(self, signer: Signer, account: bytes) -> Receipt:
        """Gives an entitled account its seat; the signer may be anybody."""
        nothing = (b"", b"", bytes(32))
        return transact(self.connection, signer, self.address, self._abi.encode("mint", account, *nothing))

    def burn(self, signer: Signer, account: bytes) -> Receipt:
        """Takes away a seat whose entitlement has ended; the signer may be anybody."""
        return transact(self.connection, signer, self.address, self._abi.encode("burn", account))

    def _read(self, function: str, *values: object) -> Any:
        data = self.connection.call(self.address, self._abi.encode(function, *values))
        (found,) = self._abi.decode(function, data)
        return found


def conditions_of(document: Document, names: Names, benefit: str) -> tuple[Condition, ...]:
    """By which conditions the parties that a benefit is for have it: in its phase, or in each; KeyError if none is so.

    Who is no party is left out, as contracts know parties alone: others hold a benefit, and give one, by being named.
    """
    said = document.benefits[benefit]
    phases = range(len(names.phases)) if said.phase is None else (names.phase(said.phase),)
    return tuple(Condition(_parties(names, said.to), _parties(names, [said.from_]), phase) for phase in phases)


def _parties(names: Names, among: Iterable[str]) -> int:
    """The set of those that are parties."""
    return sum(1 << names.party(each) for each in among if each in names.parties)


def create_entitlements(connection: Connection, signer: Signer) -> bytes:
    """The view contract's address, the same on every chain; it is created there unless it is there already."""
    code = load_artifact("Entitlements").bytecode
    address = create2_address(DEPLOYER, SALT, code)
    create(connection, signer, address, code)
    return address


def create_seats(connection: Connection, signer: Signer, plan: SeatsPlan) -> tuple[bytes, Receipt | None]:
    """The address of the seats of a plan, created unless they are there: then there is no receipt."""
    return plan.address, create(connection, signer, plan.address, plan.code)


def brought(terms: Terms, state: State) -> tuple[bytes, bytes, bytes]:
    """What calls bring of an agreement as it stands: terms, phase at hand, hash chain of the later ones."""
    hashes = [phase_hash(each) for each in terms.phases]
    return packed_terms(terms), pack_phase(phase_at_hand(state, terms)), agenda(hashes, state.phase + 1)


def entitled_until(
    connection: Connection,
    contract: bytes,
    agreement: bytes,
    told: tuple[bytes, bytes, bytes],
    account: bytes,
    conditions: Sequence[Condition],
    *,
    block: Tag = "latest",
) -> int:
    """Until when (Unix seconds) the view contract says that an account is sure to be entitled; 0 if it is not now.

    `told` is what `brought` says. RpcError where the agreement is committed to something else.
    """
    data = Contract(load_artifact("Entitlements").abi).encode("until", agreement, *told, account, list(conditions))
    (found,) = decode(["uint256"], connection.call(contract, data, block=block))
    return int(found)
