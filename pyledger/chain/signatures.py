"""Who signed, strictly (one signature has one form, and one signer), and whether it was for this agreement."""

from __future__ import annotations

from typing import Final, Protocol

import coincurve
from eth_hash.auto import keccak

from pyledger.document.units import say_time
from pyledger.errors import SignatureError
from pyledger.terms.addresses import checksum
from pyledger.terms.structs import Terms
from pyledger.terms.typed_data import terms_hash

__all__ = ["Meant", "expired", "recover", "require_meant", "require_signed"]

_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class Meant(Protocol):
    """A record that says for which agreement it was signed."""

    @property
    def chain_id(self) -> int:
        """The chain of the agreement."""

    @property
    def agreement(self) -> bytes:
        """Its address."""

    @property
    def terms_hash(self) -> bytes:
        """The hash of its terms."""


def recover(digest: bytes, signature: bytes, *, where: str | None = None) -> bytes:
    """The account (20 bytes) that signed a digest, as the contracts see it.

    SignatureError for a signature of another length than 65 bytes, a malleable one (high s), or one of no account.
    """
    again = "have it signed again by an ordinary wallet"
    if len(signature) != 65:
        raise SignatureError(f"the signature has {len(signature)} bytes instead of 65", where=where, hint=again)
    if int.from_bytes(signature[32:64], "big") > _ORDER // 2:
        raise SignatureError(
            "the signature is malleable (its s is in the upper half): the contract refuses it", where=where, hint=again
        )
    if signature[64] not in (27, 28):
        raise SignatureError(f"the signature ends in {signature[64]} instead of 27 or 28", where=where, hint=again)
    try:
        plain = signature[:64] + bytes([signature[64] - 27])
        key = coincurve.PublicKey.from_signature_and_message(plain, digest, hasher=None)
    except Exception as error:  # coincurve raises bare Exceptions
        raise SignatureError("the signature belongs to no account", where=where, hint=again) from error
    return keccak(key.format(compressed=False)[1:])[12:]


def require_signed(digest: bytes, signature: bytes, by: bytes, *, where: str, who: str) -> None:
    """Refuses a signature over a digest that is not that of the account `by`: SignatureError. `who` is what it is."""
    if recover(digest, signature, where=where) != by:
        raise SignatureError(
            f"the {who} did not sign this: something was changed, or another key signed",
            where=where,
            hint=f"ask the {who} to sign it again",
        )


def expired(expiry: int) -> str:
    """What to say of something signed that counted until `expiry`, Unix seconds."""
    return f"it expired at {say_time(max(expiry, 0))}"


def require_meant(record: Meant, terms: Terms, *, chain_id: int, agreement: bytes, where: str, who: str) -> None:
    """Refuses what was signed for another chain, agreement or terms than these: SignatureError."""
    if record.chain_id != chain_id:
        raise SignatureError(
            f"it was signed for chain {record.chain_id}, and this is chain {chain_id}",
            where=where,
            hint=f"use the network, and the bindings, that the {who} signed for",
        )
    hash_ = terms_hash(terms)
    if record.agreement != agreement:
        what = f"it was signed for the agreement {checksum(record.agreement)}, and this is {checksum(agreement)}"
    elif record.terms_hash != hash_:
        what = f"it says it is for terms 0x{record.terms_hash.hex()}, and those of this agreement are 0x{hash_.hex()}"
    else:
        return
    raise SignatureError(what, where=where, hint=f"use the document and bindings that the {who} signed for")
