"""Standing that many share (`CommonStanding`): making one, admitting people by credentials, speaking through it."""

from __future__ import annotations

from typing import Final, Literal

from eth_abi.abi import encode
from eth_hash.auto import keccak

from pyledger.chain.abi import standing_abi
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.calls import Call
from pyledger.chain.connect import Connection, RpcError
from pyledger.chain.deployments import DEPLOYER, SALT, create
from pyledger.chain.keys import Signer
from pyledger.chain.records import Address, Octets, Record
from pyledger.chain.signatures import expired, require_signed
from pyledger.chain.transactions import Receipt
from pyledger.errors import SignatureError
from pyledger.terms.addresses import checksum
from pyledger.terms.typed_data import create2_address, domain_separator

__all__ = ["SignedCredential", "admit", "body_of", "check_credential", "create_standing", "standing_address", "through"]

DOMAIN_NAME: Final = "pyledger standing"

_TYPEHASH: Final = keccak(b"Credential(address holder,uint40 expiry)")


class SignedCredential(Record):
    """A body admits `holder` to the standing of the contract `standing`, until `expiry` (Unix seconds)."""

    kind: Literal["credential"] = "credential"
    version: Literal[1] = 1
    chain_id: int
    standing: Address
    holder: Address
    expiry: int
    signature: Octets

    def digest(self) -> bytes:
        """What the body signs: 32 bytes. SignatureError where the time cannot be one of the contract's."""
        if not 0 <= self.expiry < 2**40:
            raise SignatureError(f"no credential can count until {self.expiry}", hint="give an earlier time")
        said = keccak(_TYPEHASH + bytes(12) + self.holder + self.expiry.to_bytes(32, "big"))
        return keccak(b"\x19\x01" + domain_separator(self.chain_id, self.standing, name=DOMAIN_NAME) + said)


def _code(body: bytes) -> bytes:
    return load_artifact("CommonStanding").bytecode + encode(["address"], [body])


def standing_address(body: bytes) -> bytes:
    """Where the standing that a body (20 bytes) admits to is, on every chain, created or not: 20 bytes."""
    return create2_address(DEPLOYER, SALT, _code(body))


def create_standing(connection: Connection, signer: Signer, body: bytes) -> tuple[bytes, Receipt | None]:
    """Makes it, unless it is there; its address, and the transaction if one was needed."""
    address = standing_address(body)
    return address, create(connection, signer, address, _code(body))


def body_of(connection: Connection, address: bytes) -> bytes | None:
    """Who admits to what is at an address; None where that is no such contract."""
    if not connection.code(address):
        return None
    try:
        data = connection.call(address, standing_abi().encode("body"))
    except RpcError:  # the contract there refuses
        return None
    if len(data) != 32 or any(data[:12]):
        return None
    body = data[12:]
    return body if standing_address(body) == address else None


def admit(signer: Signer, holder: bytes, *, chain_id: int, expiry: int) -> SignedCredential:
    """The signer's credential for an account: to the standing that it admits to."""
    draft = SignedCredential(
        chain_id=chain_id, standing=standing_address(signer.address), holder=holder, expiry=expiry, signature=b""
    )
    return draft.model_copy(update={"signature": signer.sign_digest(draft.digest(), chain_id=chain_id)})


def check_credential(record: SignedCredential, *, chain_id: int, body: bytes, holder: bytes, now: int) -> None:
    """SignatureError for another chain, contract or holder, one that has expired, or that the body has not signed."""
    where = f"credential of {checksum(record.holder)}"
    if record.chain_id != chain_id:
        hint = "choose the network with --network, or ask the body that admits for one of this chain"
        raise SignatureError(f"it is for chain {record.chain_id}, and this is chain {chain_id}", where=where, hint=hint)
    if record.standing != standing_address(body):
        raise SignatureError(
            f"it is for {checksum(record.standing)}, which has no standing here",
            where=where,
            hint=f"ask {checksum(body)}, who admits to this standing, for a credential",
        )
    if record.holder != holder:
        raise SignatureError(
            f"it admits {checksum(record.holder)}, and the key that signs is {checksum(holder)}",
            where=where,
            hint="sign with the key of who was admitted: --key NAME",
        )
    if now > record.expiry:
        raise SignatureError(expired(record.expiry), where=where, hint="ask the body that admits for a new one")
    require_signed(record.digest(), record.signature, body, where=where, who="body that admits")


def through(call: Call, agreement: bytes, credential: SignedCredential) -> Call:
    """A comment or challenge as somebody sends it who was admitted to the standing it is said with."""
    data = standing_abi().encode("speak", agreement, call.data, credential.expiry, credential.signature)
    return Call(credential.standing, data, call.label, call.due)
