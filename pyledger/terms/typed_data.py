"""EIP-712 hashes of the terms and of all that is signed under them, and the address they lead to.

The same digests come out of the contracts (`contracts/src/libraries/TermsHash.sol`, `PanelArbitrator.sol`) and of any
wallet that is shown the message; `tests/vectors/` holds values that both sides must reproduce.

Sources: EIP-712 (typed structured data), EIP-1014 (CREATE2), EIP-1167 (minimal clones).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from eth_hash.auto import keccak

from pyledger.terms.state import Split
from pyledger.terms.structs import NATIVE, Terms, Undisclosed

__all__ = [
    "TYPES",
    "Attestation",
    "Dissolution",
    "Extension",
    "Nomination",
    "Ruling",
    "agenda",
    "attestation_digest",
    "attestation_message",
    "create2_address",
    "dissolution_digest",
    "dissolution_message",
    "domain_separator",
    "extension_digest",
    "extension_message",
    "nomination_digest",
    "phase_hash",
    "phases_hash",
    "ruling_digest",
    "ruling_message",
    "struct_hash",
    "terms_digest",
    "terms_hash",
    "terms_message",
]

DOMAIN_NAME: Final = "pyledger"
COURT_DOMAIN_NAME: Final = "pyledger arbitrator"
PANEL_DOMAIN_NAME: Final = "pyledger panel"
DOMAIN_VERSION: Final = "1"

TYPES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "Share": (("address", "to"), ("uint16", "bps")),
    "Party": (("address", "account"), ("address", "asset"), ("uint128", "bond"), ("Share[]", "forfeiture")),
    "Seat": (("address", "verifier"), ("uint8", "chamber")),
    "Panel": (("uint8", "threshold"), ("uint8[]", "quotas"), ("Seat[]", "seats")),
    "Obligation": (
        ("uint8", "obligor"),
        ("uint8", "panel"),
        ("uint8", "presumption"),
        ("bool", "material"),
        ("uint32", "within"),
        ("uint32", "grace"),
        ("uint16", "forfeitBps"),
    ),
    "Tier": (("uint256", "from"), ("uint256", "base"), ("uint16", "bps")),
    "Payment": (
        ("uint8", "payer"),
        ("uint8", "obligation"),
        ("uint8", "on"),
        ("address", "asset"),
        ("uint128", "amount"),
        ("uint32", "due"),
        ("Share[]", "payees"),
        ("Tier[]", "tiers"),
    ),
    "Phase": (
        ("bytes32", "salt"),
        ("uint40", "notBefore"),
        ("uint128[]", "bonds"),
        ("Obligation[]", "obligations"),
        ("Payment[]", "payments"),
    ),
    "Terms": (
        ("bytes32", "document"),
        ("address", "predecessor"),
        ("uint40", "joinBy"),
        ("uint40", "longStop"),
        ("uint8", "minParties"),
        ("bool", "accession"),
        ("uint32", "challengeWindow"),
        ("uint32", "rulingWindow"),
        ("uint32", "topUpWithin"),
        ("uint16", "defaultForfeitBps"),
        ("address", "arbitrator"),
        ("bytes", "arbitratorData"),
        ("Party[]", "parties"),
        ("Panel[]", "panels"),
        ("address[]", "standing"),
        ("Phase[]", "phases"),
    ),
    "Attestation": (
        ("uint8", "phase"),
        ("uint8", "obligation"),
        ("uint8", "verdict"),
        ("uint256", "value"),
        ("bytes32", "evidence"),
        ("uint40", "expiry"),
    ),
    "Split": (("address", "asset"), ("Share[]", "shares")),
    "Dissolution": (("uint8", "phase"), ("Split[]", "splits"), ("uint40", "expiry")),
    "Extension": (
        ("uint8", "phase"),
        ("bool", "payment"),
        ("uint8", "index"),
        ("uint32", "from"),
        ("uint32", "to"),
        ("uint40", "expiry"),
    ),
    "Ruling": (
        ("address", "arbitrable"),
        ("uint256", "dispute"),
        ("uint256", "ruling"),
        ("bytes32", "opinion"),
        ("uint40", "expiry"),
    ),
    "Nomination": (
        ("bytes32", "document"),
        ("string", "seat"),
        ("address", "holder"),
        ("string[]", "conflicts"),
        ("uint8", "rank"),
    ),
}
"""The typed data, in signing order: `(type, name)` for each field of each struct."""

DOMAIN_FIELDS: Final = (
    ("string", "name"),
    ("string", "version"),
    ("uint256", "chainId"),
    ("address", "verifyingContract"),
)


class Attestation(NamedTuple):
    """A seat's verdict on one obligation; `evidence` is a hash, `expiry` the last Unix time at which it counts."""

    phase: int
    obligation: int
    verdict: int
    value: int
    evidence: bytes
    expiry: int


class Dissolution(NamedTuple):
    """What members agree to make of all that is held in a phase; it counts until `expiry`, Unix time."""

    phase: int
    splits: tuple[Split, ...]
    expiry: int


class Extension(NamedTuple):
    """More time that members agree on, for a payment, or else an obligation; it counts until `expiry`, Unix time.

    `item` is the index of either, `index` in the typed data. `from_` and `to` are in seconds from the phase's opening:
    its `due`, or its `within`, as it was and as it is to be.
    """

    phase: int
    payment: bool
    item: int
    from_: int
    to: int
    expiry: int


class Ruling(NamedTuple):
    """A judge's ruling on a dispute of `arbitrable`, the agreement; `opinion` is a hash of its reasons."""

    arbitrable: bytes
    dispute: int
    ruling: int
    opinion: bytes
    expiry: int


class Nomination(NamedTuple):
    """Whom a constituency sends to a seat of a document (by its hash): its first choice has rank 1, alternates more.

    `conflicts` are the parties on whose side `holder` is, by their names in the document.
    """

    document: bytes
    seat: str
    holder: bytes
    conflicts: tuple[str, ...]
    rank: int


def _referenced(name: str) -> set[str]:
    found = {name}
    for kind, _ in TYPES[name]:
        inner = kind.removesuffix("[]")
        if inner in TYPES:
            found |= _referenced(inner)
    return found


def _encode_type(name: str) -> str:
    others = sorted(_referenced(name) - {name})
    return "".join(f"{each}({','.join(f'{kind} {field}' for kind, field in TYPES[each])})" for each in (name, *others))


_TYPEHASH: Final = {name: keccak(_encode_type(name).encode()) for name in TYPES}
_DOMAIN_TYPEHASH: Final = keccak(f"EIP712Domain({','.join(f'{k} {n}' for k, n in DOMAIN_FIELDS)})".encode())


def _word(kind: str, value: Any) -> bytes:
    """One value in the 32 bytes that EIP-712's encodeData gives it; bytes may stand for a struct: its hash."""
    if kind.endswith("[]"):
        return keccak(b"".join(_word(kind[:-2], item) for item in value))
    if kind in TYPES:
        return value if isinstance(value, bytes) else struct_hash(kind, value)
    if kind in ("bytes", "string"):
        return keccak(value if kind == "bytes" else value.encode())
    if kind == "bytes32":
        if len(value) != 32:
            raise ValueError(f"bytes32 takes 32 bytes, not {len(value)}")
        return bytes(value)
    if kind == "address":
        if len(value) != 20:
            raise ValueError(f"an address takes 20 bytes, not {len(value)}")
        return bytes(12) + bytes(value)
    if kind == "bool":
        return int(bool(value)).to_bytes(32, "big")
    bits = int(kind.removeprefix("uint"))
    number = int(value)
    if not 0 <= number < 1 << bits:
        raise ValueError(f"{number} does not fit {kind}")
    return number.to_bytes(32, "big")


def struct_hash(name: str, value: Sequence[Any]) -> bytes:
    """EIP-712 `hashStruct` of one struct, its fields in order. 32 bytes; ValueError where a value does not fit."""
    if isinstance(value, Undisclosed):
        return value.hash
    fields = TYPES[name]
    if len(fields) != len(value):
        raise ValueError(f"{name} has {len(fields)} fields, not {len(value)}")
    words = (_word(kind, item) for (kind, _), item in zip(fields, value, strict=True))
    return keccak(_TYPEHASH[name] + b"".join(words))


def phase_hash(phase: Sequence[Any]) -> bytes:
    """Struct hash of one phase: 32 bytes."""
    return struct_hash("Phase", phase)


def phases_hash(hashes: Sequence[bytes]) -> bytes:
    """What EIP-712 makes of `Phase[] phases`, from the phases' struct hashes: 32 bytes."""
    return keccak(b"".join(hashes))


def agenda(hashes: Sequence[bytes], start: int = 0) -> bytes:
    """Hash chain of the phases from index `start` on: keccak(hash of the phase, chain of those after it), or zero."""
    chain = bytes(32)
    for each in reversed(hashes[start:]):
        chain = keccak(each + chain)
    return chain


def terms_hash(terms: Terms) -> bytes:
    """Struct hash of the terms: 32 bytes; what parties sign under an agreement's domain, and its CREATE2 salt."""
    return struct_hash("Terms", terms)


def domain_separator(
    chain_id: int, contract: bytes, *, name: str = DOMAIN_NAME, version: str = DOMAIN_VERSION
) -> bytes:
    """EIP-712 domain of one contract on one chain, an agreement unless said otherwise: 32 bytes."""
    return keccak(
        _DOMAIN_TYPEHASH
        + keccak(name.encode())
        + keccak(version.encode())
        + _word("uint256", chain_id)
        + _word("address", contract)
    )


def _digest(chain_id: int, contract: bytes, message: bytes, *, domain: str = DOMAIN_NAME) -> bytes:
    return keccak(b"\x19\x01" + domain_separator(chain_id, contract, name=domain) + message)


def terms_digest(terms: Terms, *, chain_id: int, agreement: bytes) -> bytes:
    """What a party signs to accept: 32 bytes."""
    return _digest(chain_id, agreement, terms_hash(terms))


def attestation_digest(attestation: Attestation, *, chain_id: int, agreement: bytes) -> bytes:
    """What a seat signs to attest: 32 bytes."""
    return _digest(chain_id, agreement, struct_hash("Attestation", attestation))


def dissolution_digest(dissolution: Dissolution, *, chain_id: int, agreement: bytes) -> bytes:
    """What a member signs to dissolve: 32 bytes."""
    return _digest(chain_id, agreement, struct_hash("Dissolution", dissolution))


def extension_digest(extension: Extension, *, chain_id: int, agreement: bytes) -> bytes:
    """What a member signs to give more time: 32 bytes."""
    return _digest(chain_id, agreement, struct_hash("Extension", extension))


def ruling_digest(ruling: Ruling, *, chain_id: int, court: bytes) -> bytes:
    """What a judge signs to rule, under the domain of its court (a `PanelArbitrator`): 32 bytes."""
    return _digest(chain_id, court, struct_hash("Ruling", ruling), domain=COURT_DOMAIN_NAME)


def nomination_digest(nomination: Nomination, *, chain_id: int) -> bytes:
    """What a constituency signs to fill a seat, under a domain of its own, for there is no contract yet: 32 bytes."""
    return _digest(chain_id, NATIVE, struct_hash("Nomination", nomination), domain=PANEL_DOMAIN_NAME)


def _plain(kind: str, value: Any) -> Any:
    if kind.endswith("[]"):
        return [_plain(kind[:-2], item) for item in value]
    if kind in TYPES:
        return {name: _plain(inner, item) for (inner, name), item in zip(TYPES[kind], value, strict=True)}
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value if kind in ("bool", "string") else int(value)


def _message(
    primary: str, value: Sequence[Any], *, chain_id: int, contract: bytes, domain: str = DOMAIN_NAME
) -> dict[str, Any]:
    types = {
        name: [{"name": field, "type": kind} for kind, field in TYPES[name]] for name in sorted(_referenced(primary))
    }
    types["EIP712Domain"] = [{"name": field, "type": kind} for kind, field in DOMAIN_FIELDS]
    return {
        "types": types,
        "primaryType": primary,
        "domain": {
            "name": domain,
            "version": DOMAIN_VERSION,
            "chainId": chain_id,
            "verifyingContract": "0x" + contract.hex(),
        },
        "message": _plain(primary, value),
    }


def terms_message(terms: Terms, *, chain_id: int, agreement: bytes) -> dict[str, Any]:
    """The nested typed data of the terms, as a wallet takes it (`eth_signTypedData_v4`)."""
    return _message("Terms", terms, chain_id=chain_id, contract=agreement)


def attestation_message(attestation: Attestation, *, chain_id: int, agreement: bytes) -> dict[str, Any]:
    """The typed data of an attestation, as a wallet takes it (`eth_signTypedData_v4`)."""
    return _message("Attestation", attestation, chain_id=chain_id, contract=agreement)


def dissolution_message(dissolution: Dissolution, *, chain_id: int, agreement: bytes) -> dict[str, Any]:
    """The typed data of a dissolution, as a wallet takes it."""
    return _message("Dissolution", dissolution, chain_id=chain_id, contract=agreement)


def extension_message(extension: Extension, *, chain_id: int, agreement: bytes) -> dict[str, Any]:
    """The typed data of an extension, as a wallet takes it."""
    return _message("Extension", extension, chain_id=chain_id, contract=agreement)


def ruling_message(ruling: Ruling, *, chain_id: int, court: bytes) -> dict[str, Any]:
    """The typed data of a ruling, as a wallet takes it."""
    return _message("Ruling", ruling, chain_id=chain_id, contract=court, domain=COURT_DOMAIN_NAME)


def create2_address(deployer: bytes, salt: bytes, init_code: bytes) -> bytes:
    """Address of a contract made by CREATE2 (EIP-1014): 20 bytes."""
    return keccak(b"\xff" + deployer + salt + keccak(init_code))[12:]
