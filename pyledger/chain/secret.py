"""Private keys at work, by libsecp256k1 alone: addresses, signatures, transactions as the network carries them.

eth_account does the same and much else, and takes a second to import; here it is left to keystore files.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from coincurve import PrivateKey
from eth_hash.auto import keccak

__all__ = ["Secret", "derived_key"]

_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_HARD: Final = 1 << 31
_ETHEREUM: Final = (_HARD + 44, _HARD + 60, _HARD, 0)
"""m/44'/60'/0'/0, where wallets look for accounts (BIP-44)."""

_Item = bytes | int | Sequence["_Item"]


class Secret:
    """A private key (32 bytes). ValueError if it is none."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a private key has 32 bytes")
        self._key = PrivateKey(key)
        self.address = keccak(self._key.public_key.format(compressed=False)[1:])[12:]

    def sign(self, digest: bytes) -> bytes:
        """65 bytes r, s, v (27 or 28) over a digest of 32 bytes; always the same (RFC 6979), with the lower s."""
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([27 + signature[64]])

    def sign_transaction(self, transaction: Mapping[str, Any]) -> tuple[bytes, bytes]:
        """The raw signed transaction and its hash; of type 2 if it names `maxFeePerGas`, else of the first type.

        Besides the fees it has `chainId`, `nonce`, `gas`, `value` (numbers), `data` (bytes), and `to` (20 bytes) unless
        it creates a contract. Sources: EIP-1559, EIP-155.
        """
        chain, nonce = transaction["chainId"], transaction["nonce"]
        body: list[_Item] = [transaction["gas"], transaction.get("to", b""), transaction["value"], transaction["data"]]
        if "maxFeePerGas" in transaction:
            fees = (transaction["maxPriorityFeePerGas"], transaction["maxFeePerGas"])
            fields: list[_Item] = [chain, nonce, *fees, *body, ()]
            signed = b"\x02" + _rlp([*fields, *self._parts(keccak(b"\x02" + _rlp(fields)), 0)])
        else:
            fields = [nonce, transaction["gasPrice"], *body]
            signed = _rlp([*fields, *self._parts(keccak(_rlp([*fields, chain, 0, 0])), 35 + 2 * chain)])
        return signed, keccak(signed)

    def _parts(self, digest: bytes, parity_from: int) -> tuple[int, int, int]:
        """The signature as transactions have it: parity, r, s."""
        found = self.sign(digest)
        return parity_from + found[64] - 27, int.from_bytes(found[:32], "big"), int.from_bytes(found[32:64], "big")


def derived_key(mnemonic: str, index: int) -> bytes:
    """The private key of account `index` of a mnemonic, at m/44'/60'/0'/0/index (BIP-32, BIP-39, BIP-44)."""
    return _child(*_wallet(mnemonic), index)[0]


@lru_cache(maxsize=1)
def _wallet(mnemonic: str) -> tuple[bytes, bytes]:
    seed = hashlib.pbkdf2_hmac("sha512", mnemonic.encode(), b"mnemonic", 2048)
    root = hmac.digest(b"Bitcoin seed", seed, "sha512")
    key, chain = root[:32], root[32:]
    for node in _ETHEREUM:
        key, chain = _child(key, chain, node)
    return key, chain


def _child(key: bytes, chain: bytes, node: int) -> tuple[bytes, bytes]:
    """A child of a key and its chain code (BIP-32)."""
    parent = b"\0" + key if node >= _HARD else PrivateKey(key).public_key.format()
    found = hmac.digest(chain, parent + node.to_bytes(4, "big"), "sha512")
    child = (int.from_bytes(found[:32], "big") + int.from_bytes(key, "big")) % _ORDER
    return child.to_bytes(32, "big"), found[32:]


def _rlp(item: _Item) -> bytes:
    """Recursive length prefix: numbers without leading zeros, the empty one for zero."""
    if isinstance(item, int):
        item = item.to_bytes((item.bit_length() + 7) // 8, "big")
    if isinstance(item, bytes):
        return item if len(item) == 1 and item[0] < 0x80 else _prefix(len(item), 0x80) + item
    body = b"".join(map(_rlp, item))
    return _prefix(len(body), 0xC0) + body


def _prefix(length: int, base: int) -> bytes:
    if length < 56:
        return bytes([base + length])
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(size)]) + size
