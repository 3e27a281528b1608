"""Recovering who signed, strictly: one signature has one form, and one signer."""

from __future__ import annotations

from typing import Final

import coincurve
from eth_hash.auto import keccak

from pyledger.errors import SignatureError

__all__ = ["recover"]

_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


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
