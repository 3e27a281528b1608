"""Permits (ERC-2612): an allowance by signature, so that a deposit in a token takes one transaction instead of two.

A permit is signed under the domain of its token on this chain, and of no other contract: of what the token says of its
domain only name and version are used, and only if the token itself checks signatures against what they make.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from eth_hash.auto import keccak

from pyledger.chain.abi import token_abi
from pyledger.chain.connect import Connection, RpcError, message
from pyledger.chain.keys import Signer
from pyledger.errors import NodeError
from pyledger.terms.typed_data import domain_separator

__all__ = ["Permit", "sign_permit"]

_TYPEHASH: Final = keccak(b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")


class Permit(NamedTuple):
    """An allowance as an agreement's `permit` takes it: `amount` in smallest units, `deadline` in Unix seconds."""

    asset: bytes
    amount: int
    deadline: int
    v: int
    r: bytes
    s: bytes


def sign_permit(
    connection: Connection, signer: Signer, asset: bytes, *, spender: bytes, amount: int, deadline: int
) -> Permit | None:
    """The signer's permit for `spender` to take `amount` of a token; None where the token has none to rely on.

    NodeError if the node fails.
    """
    token = _ask(connection, asset, signer.address)
    if "DOMAIN_SEPARATOR" not in token or "nonces" not in token:
        return None
    ours = (domain_separator(connection.chain_id, asset, name=n, version=v) for n, v in _domains(token))
    separator = next((each for each in ours if each == token["DOMAIN_SEPARATOR"]), None)
    if separator is None:
        return None
    accounts = bytes(12) + signer.address + bytes(12) + spender
    numbers = b"".join(each.to_bytes(32, "big") for each in (amount, token["nonces"], deadline))
    digest = keccak(b"\x19\x01" + separator + keccak(_TYPEHASH + accounts + numbers))
    signature = signer.sign_digest(digest, chain_id=connection.chain_id)
    return Permit(asset, amount, deadline, signature[64], signature[:32], signature[32:64])


def _ask(connection: Connection, asset: bytes, owner: bytes) -> dict[str, Any]:
    """What a token says of itself, by function; what it does not answer is missing."""
    asked = {"DOMAIN_SEPARATOR": (), "nonces": (owner,), "eip712Domain": (), "name": (), "version": ()}
    calls = [
        ("eth_call", (message(asset, token_abi().encode(each, *values)), "latest")) for each, values in asked.items()
    ]
    found: dict[str, Any] = {}
    for function, answer in zip(asked, connection.batch(calls), strict=True):
        if isinstance(answer, RpcError):
            continue
        try:
            data = connection.as_bytes("eth_call", answer)
            found[function], *rest = token_abi().decode(function, data)
        except NodeError:
            continue
        if rest:
            found[function] = (found[function], *rest)
    return found


def _domains(token: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and versions that the token's domain may have (ERC-5267, else by custom)."""
    if "eip712Domain" in token:
        _, name, version, *_ = token["eip712Domain"]
        yield name, version
    if "name" in token:
        yield token["name"], token.get("version", "1")
