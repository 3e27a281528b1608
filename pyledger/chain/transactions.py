"""Sending: tried first, signed here, sent once, waited for, and explained when it fails.

Gas is estimated before anything is sent, which runs the call: a refusal costs nothing and arrives by its name. Only
what happens between the estimate and the block can still fail on chain; the reason is then found by replaying.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from pyledger.chain.connect import Connection, RpcError, message
from pyledger.chain.events import Event, decode_logs
from pyledger.chain.keys import Signer
from pyledger.chain.refusals import Label, explain_revert, refused
from pyledger.errors import NodeError, PyledgerError, TransactionError
from pyledger.terms.addresses import checksum

__all__ = ["Receipt", "preflight", "transact", "wait"]

_GAS_MARGIN: Final = 4  # a quarter more than estimated: by the time of the block the state may have moved on
_GAS_CAP: Final = 1 << 24  # most gas that one transaction may use (EIP-7825)
_FALLBACK_TIP: Final = 10**9
_FIRST_PAUSE: Final = 0.01
_LONGEST_PAUSE: Final = 2.0
_MOST_FAILURES: Final = 5


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction that has happened: its hash, block, gas and what the contracts said in it.

    `contract` is the address it created, if any; `before` are transactions that had to go first (allowances).
    """

    hash: bytes
    block: int
    block_hash: bytes
    gas_used: int
    events: tuple[Event, ...]
    contract: bytes | None = None
    before: tuple[Receipt, ...] = ()

    @property
    def hash_text(self) -> str:
        """The hash as people write it."""
        return "0x" + self.hash.hex()


def preflight(
    connection: Connection,
    sender: bytes,
    to: bytes | None,
    data: bytes,
    *,
    value: int = 0,
    label: Label | None = None,
    where: str | None = None,
) -> int:
    """The gas a call needs, nothing sent. Refused if the contract would refuse it; `value` in wei."""
    call = message(to, data, sender=sender, value=value)
    try:
        return connection.as_number("eth_estimateGas", connection.request("eth_estimateGas", call))
    except RpcError as error:
        raise _explain(connection, error, sender, value, label, where) from error


def transact(
    connection: Connection,
    signer: Signer,
    to: bytes | None,
    data: bytes,
    *,
    value: int = 0,
    label: Label | None = None,
    where: str | None = None,
    timeout: float = 120.0,
) -> Receipt:
    """Tries, signs, sends and waits up to `timeout` seconds; `value` in wei, `to` None to create a contract.

    Raises Refused if the contracts forbid it (nothing is sent, or it failed on chain), NodeError if the node fails
    before sending, TransactionError if the transaction may be under way.
    """
    signer.require_chain(connection.chain_id)
    needed = preflight(connection, signer.address, to, data, value=value, label=label, where=where)
    latest = connection.block()
    transaction: dict[str, Any] = {
        "chainId": connection.chain_id,
        "nonce": connection.nonce(signer.address),
        "gas": min(needed + needed // _GAS_MARGIN, max(needed, _GAS_CAP), latest.gas_limit),
        "value": value,
        "data": "0x" + data.hex(),
        **_fees(connection, latest.base_fee),
    }
    if to is not None:
        transaction["to"] = checksum(to)
    most = transaction["gas"] * transaction.get("maxFeePerGas", transaction.get("gasPrice", 0)) + value
    held = connection.balance(signer.address)
    if held < most:
        values = {"account": signer.address, "actual": held, "needed": most}
        raise refused("InsufficientFunds", values, label=label, where=where)
    raw, hash_ = signer.sign_transaction(transaction)
    _send(connection, raw, hash_, where)
    receipt = wait(connection, hash_, timeout=timeout)
    if receipt is None:
        raise _why(connection, hash_, signer.address, to, data, value, label, where)
    return receipt


def wait(connection: Connection, hash_: bytes, *, timeout: float = 120.0) -> Receipt | None:
    """Waits for a transaction and its confirmations; None if it was included and failed.

    TransactionError if it is not there after `timeout` seconds.
    """
    give_up = time.monotonic() + timeout
    pause, failures = _FIRST_PAUSE, 0
    while True:
        try:
            found = _confirmed(connection, hash_)
            failures = 0
        except NodeError as error:  # a node that stumbles once says nothing about the transaction
            found, failures = None, failures + 1
            if failures == _MOST_FAILURES:
                raise _unknown(
                    connection, hash_, "is under way, and the node no longer says what became of it"
                ) from error
        if found is not None:
            receipt, succeeded = found
            return receipt if succeeded else None
        if time.monotonic() > give_up:
            raise _unknown(connection, hash_, f"is still under way after {timeout:.0f} seconds")
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _confirmed(connection: Connection, hash_: bytes) -> tuple[Receipt, bool] | None:
    """The receipt, and whether it succeeded, once it has the confirmations that the network asks for."""
    method, wanted = "eth_getTransactionReceipt", connection.network.confirmations
    found = connection.request(method, "0x" + hash_.hex())
    if found is None:
        return None
    receipt, succeeded = _receipt(connection, found)
    if receipt.hash != hash_:
        raise connection.nonsense(method, "the receipt of another transaction")
    if wanted > 1 and connection.block_number() - receipt.block + 1 < wanted:
        return None
    return receipt, succeeded


def _unknown(connection: Connection, hash_: bytes, what: str) -> TransactionError:
    return TransactionError(
        f"transaction 0x{hash_.hex()} {what}",
        where=connection.network.place,
        hint="look at `pyledger status` before doing it again: it may yet happen, and would then happen twice",
    )


def _fees(connection: Connection, base_fee: int | None) -> dict[str, int]:
    """EIP-1559 fees with room for the base fee to double; the old gas price on chains before it. In wei."""
    if base_fee is None:
        return {"gasPrice": connection.as_number("eth_gasPrice", connection.request("eth_gasPrice"))}
    try:
        tip = connection.as_number("eth_maxPriorityFeePerGas", connection.request("eth_maxPriorityFeePerGas"))
    except RpcError:
        tip = _FALLBACK_TIP
    return {"maxFeePerGas": 2 * base_fee + tip, "maxPriorityFeePerGas": tip}


def _send(connection: Connection, raw: bytes, hash_: bytes, where: str | None) -> None:
    try:
        answer = connection.request("eth_sendRawTransaction", "0x" + raw.hex())
    except RpcError as error:
        if "already known" in error.message.lower():
            return
        raise TransactionError(
            f"the node did not take the transaction: {error.message}",
            where=where,
            hint="if another transaction of this account is under way, wait for it and do it again",
        ) from error
    except NodeError as error:
        raise _unknown(connection, hash_, "may be under way: the node fell silent while it was being sent") from error
    if connection.as_bytes("eth_sendRawTransaction", answer, 32) != hash_:
        raise TransactionError(
            f"the node answers with another hash than 0x{hash_.hex()}, which it was given",
            where=connection.network.place,
            hint="do not trust this node; look for the transaction through another one",
        )


def _receipt(connection: Connection, found: object) -> tuple[Receipt, bool]:
    method = "eth_getTransactionReceipt"
    if not isinstance(found, dict):
        raise connection.nonsense(method, found)
    logs, contract = found.get("logs"), found.get("contractAddress")
    if not isinstance(logs, list):
        raise connection.nonsense(method, "no logs")
    receipt = Receipt(
        hash=connection.as_bytes(method, found.get("transactionHash"), 32),
        block=connection.as_number(method, found.get("blockNumber")),
        block_hash=connection.as_bytes(method, found.get("blockHash"), 32),
        gas_used=connection.as_number(method, found.get("gasUsed")),
        events=decode_logs(logs),
        contract=None if contract is None else connection.as_bytes(method, contract, 20),
    )
    return receipt, connection.as_number(method, found.get("status")) == 1


def _explain(
    connection: Connection, error: RpcError, sender: bytes, value: int, label: Label | None, where: str | None
) -> PyledgerError:
    """What a failed estimate means. A revert says so, with data or without; anything else is the node's trouble."""
    text = error.message.lower()
    if "insufficient funds" in text or "insufficientfunds" in text.replace(" ", ""):
        held = connection.balance(sender)
        return refused("InsufficientFunds", {"account": sender, "actual": held, "needed": value}, label=label)
    if error.data or "revert" in text:
        return explain_revert(error.data, label=label, where=where)
    return error


def _why(
    connection: Connection,
    hash_: bytes,
    sender: bytes,
    to: bytes | None,
    data: bytes,
    value: int,
    label: Label | None,
    where: str | None,
) -> PyledgerError:
    """Why an included transaction failed: by its trace where the node keeps traces, else by calling it again."""
    text = "0x" + hash_.hex()
    try:
        trace = connection.request("debug_traceTransaction", text, {"tracer": "callTracer"})
        if isinstance(trace, dict) and isinstance(trace.get("output"), str):
            return explain_revert(connection.as_bytes("debug_traceTransaction", trace["output"]), label=label)
    except NodeError:
        pass
    try:
        found = connection.request("eth_getTransactionReceipt", text)
        block = connection.as_number("eth_getTransactionReceipt", found["blockNumber"])
        connection.request("eth_call", message(to, data, sender=sender, value=value), hex(block))
    except RpcError as error:
        if error.data:
            return explain_revert(error.data, label=label, where=where)
    except (NodeError, TypeError, KeyError):
        pass
    return TransactionError(
        f"transaction {text} failed, and nothing says why",
        where=where,
        hint="it may have run out of gas; look at it in a block explorer, then do it again",
    )
