"""The contracts' ABI, spoken in the structs of `pyledger.terms.structs`.

Types are taken from the shipped artifacts and coded with eth_abi. On the way in, structs are what they are: tuples in
the contract's order. On the way out, addresses become 20 bytes, enums their names, structs their NamedTuples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_hash.auto import keccak

from pyledger.chain.artifacts import load_artifact
from pyledger.errors import NodeError
from pyledger.terms.ballots import Question, Result, Round
from pyledger.terms.state import Cause, Contest, Status
from pyledger.terms.structs import (
    Obligation,
    Panel,
    Party,
    Payment,
    Phase,
    Seat,
    Share,
    Terms,
    Tier,
    Verdict,
)

__all__ = [
    "ENUMS",
    "Contract",
    "DisputeStatus",
    "DisputeWord",
    "Entry",
    "HearingWord",
    "StateWord",
    "agreement_abi",
    "anonymous_ballot_abi",
    "court_abi",
    "factory_abi",
    "read_values",
    "sealed_ballot_abi",
    "standing_abi",
    "token_abi",
]


class DisputeStatus(IntEnum):
    """Where a dispute stands (ERC-792)."""

    WAITING = 0
    APPEALABLE = 1
    SOLVED = 2


class DisputeWord(NamedTuple):
    """A dispute of a `PanelArbitrator`: the agreement that has it, how many rulings there can be, and the ruling."""

    arbitrable: bytes
    choices: int
    ruling: int
    status: DisputeStatus


class HearingWord(NamedTuple):
    """The contract's `Hearing`: what an arbitrator has been asked, and until when (Unix seconds) its ruling counts."""

    arbitrator: bytes
    phase: int
    obligation: int
    until: int
    ruled: bool


class StateWord(NamedTuple):
    """The contract's `State` as it is packed: sets have a bit an index, `verdicts` two bits an obligation.

    `cut_off` is in seconds after `opened_at`, and one more: zero is none.
    """

    status: Status
    phase: int
    marks: int
    members: int
    short: int
    opened_at: int
    cut_off: int
    verdicts: int
    funded: int
    paid: int


_STRUCTS: Final[Mapping[str, type[Any]]] = {
    "State": StateWord,
    "Contest": Contest,
    "Hearing": HearingWord,
    "Dispute": DisputeWord,
    **{each.__name__: each for each in (Share, Party, Seat, Panel, Obligation, Tier, Payment, Phase)},
    **{each.__name__: each for each in (Question, Round, Result)},
}
ENUMS: Final[Mapping[str, type[IntEnum]]] = {each.__name__: each for each in (Verdict, Status, Cause, DisputeStatus)}
"""Solidity's enums by name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One function, event or error: its name, and the ABI's own description of what goes in and comes out."""

    name: str
    inputs: tuple[Mapping[str, Any], ...]
    outputs: tuple[Mapping[str, Any], ...]

    @property
    def signature(self) -> str:
        """Name and canonical types: what is hashed into a selector or topic."""
        return f"{self.name}({','.join(_type(each) for each in self.inputs)})"

    @property
    def selector(self) -> bytes:
        """First four bytes of the signature's hash."""
        return keccak(self.signature.encode())[:4]

    @property
    def topic(self) -> bytes:
        """Hash of an event's signature."""
        return keccak(self.signature.encode())


class Contract:
    """The functions, events and errors of one ABI."""

    def __init__(self, abi: Sequence[Mapping[str, Any]]) -> None:
        def entries(kind: str) -> list[Entry]:
            return [
                Entry(each["name"], tuple(each["inputs"]), tuple(each.get("outputs", ())))
                for each in abi
                if each["type"] == kind
            ]

        self.functions: Mapping[str, Entry] = {each.name: each for each in entries("function")}
        self._by_selector = {each.selector: each for each in self.functions.values()}
        self.events: Mapping[bytes, Entry] = {each.topic: each for each in entries("event")}
        self.errors: Mapping[bytes, Entry] = {each.selector: each for each in entries("error")}

    def encode(self, function: str, *values: object) -> bytes:
        """Call data. ValueError where a value does not fit its type."""
        entry = self.functions[function]
        try:
            return entry.selector + encode([_type(each) for each in entry.inputs], values)
        except EncodingError as error:
            raise ValueError(str(error)) from error

    def call(self, data: bytes) -> tuple[str, dict[str, Any]] | None:
        """Which function call data is for, and its arguments by name as eth_abi has them; None if none of these."""
        entry = self._by_selector.get(data[:4])
        if entry is None:
            return None
        try:
            values = decode([_type(each) for each in entry.inputs], data[4:])
        except (DecodingError, ValueError, TypeError, OverflowError, MemoryError):
            return None
        return entry.name, {each["name"]: value for each, value in zip(entry.inputs, values, strict=True)}

    def decode(self, function: str, data: bytes) -> tuple[Any, ...]:
        """What a call returned. NodeError if it cannot have been that function."""
        return read_values(self.functions[function].outputs, data, f"the answer of {function}")


def read_values(params: Sequence[Mapping[str, Any]], data: bytes, what: str) -> tuple[Any, ...]:
    """ABI data as Python values in our structs. NodeError, naming `what`, if the data does not decode."""
    try:
        raw = decode([_type(each) for each in params], data)
        return tuple(_shape(param, value) for param, value in zip(params, raw, strict=True))
    except Exception as error:  # eth_abi raises many kinds, OverflowError and MemoryError among them
        hint = "check the address, and the network; or ask another node"
        raise NodeError(f"{what} cannot be read: {error}"[:200], hint=hint) from error


def _type(param: Mapping[str, Any]) -> str:
    kind: str = param["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_type(each) for each in param['components'])}){kind.removeprefix('tuple')}"


def _shape(param: Mapping[str, Any], value: Any) -> Any:
    kind: str = param["type"]
    if kind.endswith("[]"):
        inner = {**param, "type": kind[:-2], "internalType": param.get("internalType", "").removesuffix("[]")}
        return tuple(_shape(inner, each) for each in value)
    word = param.get("internalType", "").rsplit(" ", 1)[-1].rsplit(".", 1)[-1]
    if kind == "tuple":
        fields = [_shape(each, item) for each, item in zip(param["components"], value, strict=True)]
        if word == Terms.__name__:
            return Terms(*fields[:-1], ())  # type: ignore[call-arg]
        return _STRUCTS[word](*fields)
    if kind == "address":
        return bytes.fromhex(value[2:])
    if word in ENUMS and kind == "uint8":
        return ENUMS[word](value)
    return value


@lru_cache(maxsize=1)
def agreement_abi() -> Contract:
    """The ABI of every agreement: its interface, and every error that the code behind it can refuse with."""
    errors = (each for name in ("Agreement", "Recourse") for each in load_artifact(name).abi if each["type"] == "error")
    return Contract((*load_artifact("IAgreement").abi, *errors))


@lru_cache(maxsize=1)
def court_abi() -> Contract:
    """The ABI of a court that rules as its panel signs; of any other arbitrator (ERC-792) it is a part."""
    return Contract(load_artifact("PanelArbitrator").abi)


@lru_cache(maxsize=1)
def sealed_ballot_abi() -> Contract:
    """The ABI of a seat whose voters are known."""
    return Contract(load_artifact("SealedBallot").abi)


@lru_cache(maxsize=1)
def anonymous_ballot_abi() -> Contract:
    """The ABI of a seat whose voters are not told apart."""
    return Contract(load_artifact("AnonymousBallot").abi)


@lru_cache(maxsize=1)
def standing_abi() -> Contract:
    """The ABI of standing that many share."""
    return Contract(load_artifact("CommonStanding").abi)


@lru_cache(maxsize=1)
def factory_abi() -> Contract:
    """The ABI of the factory."""
    return Contract(load_artifact("AgreementFactory").abi)


def _function(name: str, inputs: str, outputs: str = "") -> dict[str, Any]:
    def params(kinds: str) -> list[dict[str, str]]:
        return [{"name": "", "type": kind} for kind in kinds.split()]

    return {"type": "function", "name": name, "inputs": params(inputs), "outputs": params(outputs)}


@lru_cache(maxsize=1)
def token_abi() -> Contract:
    """What pyledger asks of a token (ERC-20, ERC-2612, ERC-5267); `mint` is the test token's own."""
    return Contract(
        [
            _function("balanceOf", "address", "uint256"),
            _function("allowance", "address address", "uint256"),
            _function("approve", "address uint256"),
            _function("decimals", "", "uint8"),
            _function("name", "", "string"),
            _function("symbol", "", "string"),
            _function("version", "", "string"),
            _function("nonces", "address", "uint256"),
            _function("DOMAIN_SEPARATOR", "", "bytes32"),
            _function("eip712Domain", "", "bytes1 string string uint256 address bytes32 uint256[]"),
            _function("mint", "address uint256"),
        ]
    )
