"""ERC-20 tokens as pyledger uses them: balances, and the one place where an agreement is allowed to take some."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pyledger.chain.abi import agreement_abi, factory_abi, token_abi
from pyledger.chain.connect import Connection, RpcError
from pyledger.chain.keys import Signer
from pyledger.chain.permits import Permit, sign_permit
from pyledger.chain.refusals import Label, refused
from pyledger.chain.transactions import Receipt, preflight, transact
from pyledger.errors import NodeError, Refused
from pyledger.terms.structs import NATIVE

__all__ = ["allow", "token_balance"]

_OF_THE_TOKEN: Final = frozenset({"SafeERC20FailedOperation", "DepositMismatch", "FailedCall"})
"""Refusals of the agreement that may only mean that an allowance is missing."""

_PERMIT_TIME: Final = 3_600
"""Seconds for which a permit counts: long enough for its transaction, too short to lie around."""


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
    to: bytes,
    then: bytes,
    value: int = 0,
    permitting: Callable[[Sequence[Permit]], bytes] | None = None,
    label: Label | None = None,
) -> tuple[bytes, tuple[Receipt, ...]]:
    """Sees to it that the call `then` of `to` finds `spender` allowed to take exactly what is due of each token.

    Returns the call data to send, and the transactions that had to go first. Where all tokens take permits that is one
    call instead, what `permitting` makes of the permits; else each allowance is a transaction. Nothing is sent if the
    call would be refused for another reason than the allowance. Raises Refused if the signer has too little.
    """
    short: dict[bytes, int] = {}
    for asset, amount in due.items():
        allowed = _read(connection, asset, "allowance", signer.address, spender) if amount else 0
        if allowed < amount:
            short[asset] = allowed
    if short:
        _rehearse(connection, signer, to, then, value, label)
    for asset, amount in due.items():
        held = token_balance(connection, asset, signer.address)
        if held < amount:
            values = {"sender": signer.address, "balance": held, "needed": amount, "token": asset}
            raise refused("ERC20InsufficientBalance", values, label=label)
    if short and permitting is not None:
        permits = _permits(connection, signer, spender, {asset: due[asset] for asset in short})
        if permits and _passes(connection, signer, to, permitted := permitting(permits)):
            return permitted, ()
    receipts: list[Receipt] = []
    for asset, allowed in short.items():
        receipts += _approve(connection, signer, asset, spender, due[asset], allowed, label)
    return then, tuple(receipts)


def _permits(connection: Connection, signer: Signer, spender: bytes, due: Mapping[bytes, int]) -> list[Permit]:
    """A permit for each token; none at all if one of them takes none."""
    deadline = connection.latest_time() + _PERMIT_TIME
    found = [
        sign_permit(connection, signer, asset, spender=spender, amount=amount, deadline=deadline)
        for asset, amount in due.items()
    ]
    permits = [each for each in found if each is not None]
    return permits if len(permits) == len(found) else []


def _passes(connection: Connection, signer: Signer, to: bytes, data: bytes) -> bool:
    """Whether a call goes through; tokens have permits of their own kinds, which only trying tells."""
    try:
        preflight(connection, signer.address, to, data)
    except Refused:
        return False
    return True


def _rehearse(connection: Connection, signer: Signer, to: bytes, data: bytes, value: int, label: Label | None) -> None:
    """Refused by a rule of the contracts, if one forbids the call; a token's own refusal is passed over."""
    entries = (*agreement_abi().errors.values(), *factory_abi().errors.values())
    rules = {entry.name for entry in entries} - _OF_THE_TOKEN
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
