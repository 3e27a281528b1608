"""Hashes, digests and addresses against vectors, and against what a wallet makes of the same typed data.

Each file of `tests/vectors/` holds inputs (a chain, two addresses, terms, what is signed under them) and what follows.
The Solidity tests read the same files. `PYLEDGER_UPDATE_VECTORS=1` writes anew what follows: for a new vector, write a
file of inputs. What is written is still held against eth-account and eth-abi, which share no code with pyledger.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from eth_abi.abi import encode
from eth_account.messages import SignableMessage, encode_typed_data
from eth_hash.auto import keccak

from pyledger.terms import state, structs, typed_data
from pyledger.terms.commitment import agreement_address, commitment, packed_terms
from pyledger.terms.packed import pack_phase
from pyledger.terms.structs import Phase, Terms
from pyledger.terms.typed_data import (
    TYPES,
    Attestation,
    Dissolution,
    Extension,
    Ruling,
    agenda,
    attestation_digest,
    attestation_message,
    dissolution_digest,
    dissolution_message,
    domain_separator,
    extension_digest,
    extension_message,
    phase_hash,
    phases_hash,
    ruling_digest,
    ruling_message,
    struct_hash,
    terms_digest,
    terms_hash,
    terms_message,
)

FILES: Final = sorted((Path(__file__).parents[1] / "vectors").glob("*.json"))
AS_TEXT: Final = ("uint128", "uint256")
"""Numbers that JSON readers of 53 bits would lose; they are written as decimal text."""


def parse(kind: str, plain: Any) -> Any:
    """A value of the JSON form as the structs hold it."""
    if kind.endswith("[]"):
        return tuple(parse(kind[:-2], item) for item in plain)
    if kind in TYPES:
        made = next(getattr(room, kind) for room in (structs, state, typed_data) if hasattr(room, kind))
        assert set(plain) == {name for _, name in TYPES[kind]}
        return made(*(parse(inner, plain[name]) for inner, name in TYPES[kind]))
    if kind in ("bytes", "bytes32", "address"):
        return bytes.fromhex(plain.removeprefix("0x"))
    return int(plain) if kind in AS_TEXT else plain


def abi_type(kind: str) -> str:
    """A struct as the contracts take it: there the terms carry the hash of their phases."""
    if kind.endswith("[]"):
        return abi_type(kind[:-2]) + "[]"
    if kind == "Terms":
        return "(" + ",".join([*(abi_type(each) for each, _ in TYPES[kind][:-1]), "bytes32"]) + ")"
    return "(" + ",".join(abi_type(each) for each, _ in TYPES[kind]) + ")" if kind in TYPES else kind


class Vector:
    """One file: its inputs parsed, and all that follows from them."""

    def __init__(self, path: Path) -> None:
        self.written: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        inputs = self.written["inputs"]
        self.chain_id = int(inputs["chainId"])
        self.factory = parse("address", inputs["factory"])
        self.implementation = parse("address", inputs["implementation"])
        self.terms: Terms = parse("Terms", inputs["terms"])
        self.attestation: Attestation = parse("Attestation", inputs["attestation"])
        self.dissolution: Dissolution = parse("Dissolution", inputs["dissolution"])
        self.extension: Extension = parse("Extension", inputs["extension"])
        self.account = agreement_address(factory=self.factory, implementation=self.implementation, terms=self.terms)

    def follows(self) -> dict[str, Any]:
        hashes = [phase_hash(phase) for phase in self.terms.phases]
        header = (*self.terms[:-1], phases_hash(hashes))
        here: dict[str, Any] = {"chain_id": self.chain_id, "agreement": self.account}
        found: dict[str, Any] = {
            "phaseHashes": hashes,
            "phasesHash": phases_hash(hashes),
            "agendas": [agenda(hashes, start) for start in range(len(hashes) + 1)],
            "termsHash": terms_hash(self.terms),
            "commitment": commitment(self.terms),
            "agreement": self.account,
            "domainSeparator": domain_separator(self.chain_id, self.account),
            "termsDigest": terms_digest(self.terms, **here),
            "attestationHash": struct_hash("Attestation", self.attestation),
            "attestationDigest": attestation_digest(self.attestation, **here),
            "dissolutionHash": struct_hash("Dissolution", self.dissolution),
            "dissolutionDigest": dissolution_digest(self.dissolution, **here),
            "extensionHash": struct_hash("Extension", self.extension),
            "extensionDigest": extension_digest(self.extension, **here),
            "packedTerms": packed_terms(self.terms),
            "packedPhases": [pack_phase(phase) for phase in self.terms.phases],
            "encodedTerms": encode([abi_type("Terms")], [header]),
            "encodedPhases": [encode([abi_type("Phase")], [phase]) for phase in self.terms.phases],
            "encodedAttestation": encode([abi_type("Attestation")], [self.attestation]),
            "encodedDissolution": encode([abi_type("Dissolution")], [self.dissolution]),
            "encodedExtension": encode([abi_type("Extension")], [self.extension]),
        }
        return {name: _hex(value) for name, value in found.items()}


def _hex(value: bytes | Sequence[bytes]) -> str | list[str]:
    return "0x" + value.hex() if isinstance(value, bytes) else ["0x" + each.hex() for each in value]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def vector(request: pytest.FixtureRequest) -> Vector:
    path: Path = request.param
    made = Vector(path)
    if os.environ.get("PYLEDGER_UPDATE_VECTORS"):
        made.written["follows"] = made.follows()
        path.write_text(json.dumps(made.written, indent=1) + "\n", encoding="utf-8")
    return made


def signed_by_a_wallet(message: dict[str, Any]) -> SignableMessage:
    return encode_typed_data(full_message=message)


def test_there_are_vectors() -> None:
    assert len(FILES) >= 4


def test_what_follows_is_what_is_written(vector: Vector) -> None:
    assert vector.follows() == vector.written["follows"]


def digest_of(wallet: SignableMessage) -> bytes:
    return keccak(b"\x19" + wallet.version + wallet.header + wallet.body)


def test_a_wallet_signs_the_same_terms(vector: Vector) -> None:
    message = terms_message(vector.terms, chain_id=vector.chain_id, agreement=vector.account)
    wallet = signed_by_a_wallet(message)
    written = vector.written["follows"]
    assert _hex(wallet.header) == written["domainSeparator"]
    assert _hex(wallet.body) == written["termsHash"]
    assert _hex(digest_of(wallet)) == written["termsDigest"]


def test_a_wallet_signs_the_same_statements(vector: Vector) -> None:
    here: dict[str, Any] = {"chain_id": vector.chain_id, "agreement": vector.account}
    written = vector.written["follows"]
    for name, message in (
        ("attestation", attestation_message(vector.attestation, **here)),
        ("dissolution", dissolution_message(vector.dissolution, **here)),
        ("extension", extension_message(vector.extension, **here)),
    ):
        wallet = signed_by_a_wallet(message)
        assert _hex(wallet.body) == written[f"{name}Hash"]
        assert _hex(digest_of(wallet)) == written[f"{name}Digest"]


def test_a_wallet_signs_the_same_ruling_under_the_domain_of_the_court(vector: Vector) -> None:
    ruling = Ruling(vector.account, 2**256 - 1, 3, bytes(range(32)), 2**40 - 1)
    court: dict[str, Any] = {"chain_id": vector.chain_id, "court": vector.factory}
    wallet = signed_by_a_wallet(ruling_message(ruling, **court))
    assert wallet.header == domain_separator(vector.chain_id, vector.factory, name="pyledger arbitrator")
    assert wallet.body == struct_hash("Ruling", ruling)
    assert digest_of(wallet) == ruling_digest(ruling, **court)


def test_a_wallet_hashes_the_same_phases(vector: Vector) -> None:
    message = terms_message(vector.terms, chain_id=vector.chain_id, agreement=vector.account)
    types = {
        name: fields for name, fields in message["types"].items() if name not in ("Terms", "Party", "Panel", "Seat")
    }
    hashes = [
        bytes(signed_by_a_wallet(message | {"types": types, "primaryType": "Phase", "message": phase}).body)
        for phase in message["message"]["phases"]
    ]
    written = vector.written["follows"]
    assert _hex(hashes) == written["phaseHashes"]
    assert _hex(keccak(b"".join(hashes))) == written["phasesHash"]
    chain = bytes(32)
    for each in reversed(hashes):
        chain = keccak(each + chain)
    assert _hex(chain) == written["agendas"][0]
    ahead = keccak(keccak(bytes.fromhex(written["packedPhases"][0][2:])) + bytes.fromhex(written["agendas"][1][2:]))
    assert _hex(keccak(keccak(bytes.fromhex(written["packedTerms"][2:])) + ahead)) == written["commitment"]


def test_the_message_holds_what_the_file_says(vector: Vector) -> None:
    """A wallet shows the terms as they are in the file, field for field."""
    shown = terms_message(vector.terms, chain_id=vector.chain_id, agreement=vector.account)["message"]
    assert parse("Terms", _as_written("Terms", shown)) == vector.terms
    assert _as_written("Terms", shown) == vector.written["inputs"]["terms"]


def _as_written(kind: str, shown: Any) -> Any:
    if kind.endswith("[]"):
        return [_as_written(kind[:-2], item) for item in shown]
    if kind in TYPES:
        return {name: _as_written(inner, shown[name]) for inner, name in TYPES[kind]}
    return str(shown) if kind in AS_TEXT else shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Share", (bytes(20), 1 << 16)),
        ("Share", (bytes(20), -1)),
        ("Share", (bytes(19), 1)),
        ("Share", (bytes(20),)),
        ("Phase", (bytes(31), 0, (), (), ())),
        ("Phase", (bytes(32), 0, (1 << 128,), (), ())),
        ("Phase", (bytes(32), 1 << 40, (), (), ())),
    ],
)
def test_values_that_do_not_fit_are_refused(name: str, value: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"fit|takes|fields"):
        struct_hash(name, value)


def test_any_change_of_a_phase_changes_every_hash_above_it() -> None:
    vector = next(made for made in map(Vector, FILES) if len(made.terms.phases) > 2)
    terms = vector.terms
    last: Phase = terms.phases[-1]
    other = terms._replace(phases=(*terms.phases[:-1], last._replace(notBefore=last.notBefore + 1)))
    assert terms_hash(other) != terms_hash(terms)
    assert commitment(other) != commitment(terms)
