"""Sending: tried first, signed here, sent once, waited for, and explained when it fails.

Gas is estimated before anything is sent, which runs the call: a refusal costs nothing and arrives by its name. Only
what happens between the estimate and the block can still fail on chain; the reason is then found by replaying.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pyledger.chain.connect import Connection, RpcError, message
from pyledger.chain.events import Event, decode_logs
from pyledger.chain.keys import Signer
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.chain.quotes import MARKET, Market, most
from pyledger.chain.refusals import Label, explain_revert, refused
from pyledger.errors import NodeError, PyledgerError, TransactionError

__all__ = ["Receipt", "confirm", "explain", "preflight", "transact", "untaken", "wait", "why"]

_FIRST_PAUSE: Final = 0.01
_LONGEST_PAUSE: Final = 2.0
_MOST_FAILURES: Final = 5
_TOGETHER: Final = 50
"""How many transactions are asked about in one request."""
_AT_ONCE: Final = 0.25
"""Seconds in which a development node that mines at once has done so; any other is asked again and again."""


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
        raise explain(connection, error, sender, value, label, where) from error


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
    account = "0x" + signer.address.hex()
    gas, nonce, held, block, tip = connection.batch(
        [
            ("eth_estimateGas", (message(to, data, sender=signer.address, value=value),)),
            ("eth_getTransactionCount", (account, "pending")),
            ("eth_getBalance", (account, "latest")),
            *MARKET,
        ]
    )
    if isinstance(gas, RpcError):
        raise explain(connection, gas, signer.address, value, label, where) from gas
    market, has = Market.read(connection, block, tip), connection.number("eth_getBalance", held)
    made = market.transaction(
        to,
        data,
        value=value,
        nonce=connection.number("eth_getTransactionCount", nonce),
        gas=market.gas(connection.number("eth_estimateGas", gas)),
    )
    if has < most(made):
        values = {"account": signer.address, "actual": has, "needed": most(made)}
        raise refused("InsufficientFunds", values, label=label, where=where)
    raw, hash_ = signer.sign_transaction(made)
    receipt = _deliver(connection, raw, hash_, where, timeout)
    if receipt is None:
        raise why(connection, hash_, signer.address, to, data, value, label, where)
    return receipt


def wait(connection: Connection, hash_: bytes, *, timeout: float = 120.0) -> Receipt | None:
    """Waits for a transaction and its confirmations; None if it was included and failed.

    TransactionError if it is not there after `timeout` seconds.
    """
    return confirm(connection, [hash_], timeout=timeout)[0]


def confirm(connection: Connection, hashes: Sequence[bytes], *, timeout: float = 120.0) -> list[Receipt | None]:
    """Waits for transactions and their confirmations; None in the place of one that was included and failed.

    TransactionError for the first that is not there after `timeout` seconds.
    """
    give_up = time.monotonic() + timeout
    pause, failures = _FIRST_PAUSE, 0
    found: dict[bytes, Receipt | None] = {}
    while missing := [each for each in hashes if each not in found][:_TOGETHER]:
        try:
            found |= _confirmed(connection, missing)
            failures = 0
        except NodeError as error:  # a node that stumbles once says nothing about the transaction
            failures += 1
            if failures == _MOST_FAILURES:
                raise _unknown(
                    connection, missing[0], "is under way, and the node no longer says what became of it"
                ) from error
        if all(each in found for each in missing):
            continue
        if time.monotonic() > give_up:
            raise _unknown(connection, missing[0], f"is still under way after {timeout:.0f} seconds")
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    return [found[each] for each in hashes]


def _confirmed(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, Receipt | None]:
    """Those that have the confirmations that the network asks for: the receipt, or None for one that failed."""
    method, wanted = "eth_getTransactionReceipt", connection.network.confirmations
    answers = connection.batch([(method, ("0x" + each.hex(),)) for each in hashes])
    found: dict[bytes, Receipt | None] = {}
    head: int | None = None
    for hash_, answer in zip(hashes, answers, strict=True):
        if isinstance(answer, RpcError):
            raise answer
        if answer is None:
            continue
        receipt, succeeded = _receipt(connection, answer, hash_)
        if wanted > 1:
            head = connection.block_number() if head is None else head
            if head - receipt.block + 1 < wanted:
                continue
        found[hash_] = receipt if succeeded else None
    return found


def _unknown(connection: Connection, hash_: bytes, what: str) -> TransactionError:
    return TransactionError(
        f"transaction 0x{hash_.hex()} {what}",
        where=connection.network.place,
        hint="look at `pyledger status` before doing it again: it may yet happen, and would then happen twice",
    )


def _deliver(connection: Connection, raw: bytes, hash_: bytes, where: str | None, timeout: float) -> Receipt | None:
    """Sends it and waits; None if it was included and failed.

    A development node is asked to answer only when it has mined, if it can do that and mines at once.
    """
    if connection.chain_id == LOCAL_CHAIN_ID and connection.network.confirmations <= 1:
        try:
            answer = connection.request("eth_sendRawTransactionSync", "0x" + raw.hex(), timeout=min(_AT_ONCE, timeout))
            receipt, succeeded = _receipt(connection, answer, hash_)
            return receipt if succeeded else None
        except RpcError:
            _send(connection, raw, hash_, where)  # it may not know that request; what it does not take it refuses again
        except NodeError:
            pass  # it may have taken it: that is found out below
    else:
        _send(connection, raw, hash_, where)
    return wait(connection, hash_, timeout=timeout)


def _send(connection: Connection, raw: bytes, hash_: bytes, where: str | None) -> None:
    try:
        answer = connection.request("eth_sendRawTransaction", "0x" + raw.hex())
    except RpcError as error:
        if (untook := untaken(error, where)) is None:
            return
        raise untook from error
    except NodeError as error:
        raise _unknown(connection, hash_, "may be under way: the node fell silent while it was being sent") from error
    if connection.as_bytes("eth_sendRawTransaction", answer, 32) != hash_:
        raise TransactionError(
            f"the node answers with another hash than 0x{hash_.hex()}, which it was given",
            where=connection.network.place,
            hint="do not trust this node; look for the transaction through another one",
        )


def untaken(error: RpcError, where: str | None) -> TransactionError | None:
    """The error for a transaction that a node did not take; None if it has it already."""
    if "already known" in error.message.lower():
        return None
    return TransactionError(
        f"the node did not take the transaction: {error.message}",
        where=where,
        hint="if another transaction of this account is under way, wait for it and do it again",
    )


def _receipt(connection: Connection, found: object, hash_: bytes) -> tuple[Receipt, bool]:
    """A receipt, and whether the transaction succeeded. NodeError for that of another transaction."""
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
    if receipt.hash != hash_:
        raise connection.nonsense(method, "the receipt of another transaction")
    return receipt, connection.as_number(method, found.get("status")) == 1


def explain(
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


def why(
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
