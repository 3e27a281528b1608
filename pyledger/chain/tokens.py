"""ERC-20 tokens as pyledger uses them: balances, and the one place where an allowance is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pyledger.chain.abi import agreement_abi, token_abi
from pyledger.chain.connect import Connection, RpcError
from pyledger.chain.keys import Signer
from pyledger.chain.refusals import Label, refused
from pyledger.chain.transactions import Receipt, preflight, transact
from pyledger.errors import NodeError, Refused
from pyledger.terms.structs import NATIVE

__all__ = ["Deposit", "allow", "deposits", "token_balance"]

_OF_THE_TOKEN = frozenset({"SafeERC20FailedOperation", "DepositMismatch"})
"""Refusals of the agreement that may only mean that an allowance is missing."""


class Deposit(NamedTuple):
    """Money that a move takes, in smallest units."""

    asset: bytes
    amount: int


def deposits(wanted: Iterable[Deposit]) -> dict[bytes, int]:
    """Sums by asset."""
    due: dict[bytes, int] = {}
    for asset, amount in wanted:
        due[asset] = due.get(asset, 0) + amount
    return due


def token_balance(connection: Connection, asset: bytes, account: bytes) -> int:
    """What an account has of an asset, the native coin included, in smallest units. Refused if it is no token."""
    if asset == NATIVE:
        return connection.balance(account)
    return _read(connection, asset, "balanceOf", account)


def allow(
    connection: Connection,
    signer: Signer,
    spender: bytes,
    due: Mapping[bytes, int],
    *,
    then: bytes,
    value: int = 0,
    label: Label | None = None,
) -> tuple[Receipt, ...]:
    """Lets `spender` take exactly what is due of each token, where it may not yet; returns the transactions it took.

    Nothing is sent if the call `then` would be refused for another reason than the allowance. Raises Refused if the
    signer has too little.
    """
    short: dict[bytes, int] = {}
    for asset, amount in due.items():
        if amount == 0:
            continue
        allowed = _read(connection, asset, "allowance", signer.address, spender)
        if allowed < amount:
            short[asset] = allowed
    if short:
        _rehearse(connection, signer, spender, then, value, label)
    for asset, amount in due.items():
        held = token_balance(connection, asset, signer.address)
        if held < amount:
            values = {"sender": signer.address, "balance": held, "needed": amount, "token": asset}
            raise refused("ERC20InsufficientBalance", values, label=label)
    receipts: list[Receipt] = []
    for asset, allowed in short.items():
        receipts += _approve(connection, signer, asset, spender, due[asset], allowed, label)
    return tuple(receipts)


def _rehearse(connection: Connection, signer: Signer, to: bytes, data: bytes, value: int, label: Label | None) -> None:
    """Refused by a rule of the agreement, if one forbids the call; a token's own refusal is passed over."""
    rules = {entry.name for entry in agreement_abi().errors.values()} - _OF_THE_TOKEN
    try:
        preflight(connection, signer.address, to, data, value=value, label=label)
    except Refused as error:
        if error.name in rules:
            raise


def _approve(
    connection: Connection,
    signer: Signer,
    asset: bytes,
    spender: bytes,
    amount: int,
    allowed: int,
    label: Label | None,
) -> list[Receipt]:
    def approve(what: int) -> Receipt:
        return transact(connection, signer, asset, token_abi().encode("approve", spender, what), label=label)

    try:
        return [approve(amount)]
    except Refused:
        if not allowed:
            raise
        return [approve(0), approve(amount)]  # some tokens change an allowance only from or to nothing


def _read(connection: Connection, asset: bytes, function: str, *values: bytes) -> int:
    try:
        data = connection.call(asset, token_abi().encode(function, *values))
        (found,) = token_abi().decode(function, data)
    except RpcError as error:
        raise refused("SafeERC20FailedOperation", {"token": asset}) from error
    except NodeError as error:
        if connection.code(asset):
            raise
        raise refused("SafeERC20FailedOperation", {"token": asset}) from error
    return int(found)
