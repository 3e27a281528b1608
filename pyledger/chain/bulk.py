"""Many transactions at once: tried together, signed here, sent together, waited for together.

One request carries dozens of them, and as many go into a block as fit: several times as fast as one after another,
where they do not depend on each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from pyledger.chain.connect import Connection, RpcError, message
from pyledger.chain.keys import Signer
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.chain.quotes import MARKET, Market, most
from pyledger.chain.refusals import Label, refused
from pyledger.chain.transactions import Receipt, confirm, explain, untaken, why
from pyledger.errors import NodeError, PyledgerError

__all__ = ["Message", "transact_all"]


class Message(NamedTuple):
    """A transaction to be made: from whom, to which contract, with how much coin (`value`, in wei).

    `gas` is given where it cannot be estimated, because the call needs what messages before it do. `label` and `where`
    serve what is said if it is refused.
    """

    signer: Signer
    to: bytes | None
    data: bytes
    value: int = 0
    gas: int | None = None
    label: Label | None = None
    where: str | None = None


def transact_all(connection: Connection, messages: Sequence[Message], *, timeout: float = 120.0) -> tuple[Receipt, ...]:
    """Sends them all, those of one signer in their order, and waits up to `timeout` seconds for each.

    Messages without `gas` are tried as the chain stands: Refused for the first that would be, and nothing is sent. One
    that fails on chain is Refused once all have been included; the others have happened. NodeError if the node fails
    before sending, TransactionError if transactions may be under way.
    """
    if not messages:
        return ()
    for signer in {each.signer for each in messages}:
        signer.require_chain(connection.chain_id)
    signed = [
        each.signer.sign_transaction(made) for each, made in zip(messages, _made(connection, messages), strict=True)
    ]
    with _mined_together(connection):
        answers = connection.batch([("eth_sendRawTransaction", ("0x" + raw.hex(),)) for raw, _ in signed])
    for each, answer in zip(messages, answers, strict=True):
        if isinstance(answer, RpcError) and (error := untaken(answer, each.where)) is not None:
            raise error
    found = confirm(connection, [hash_ for _, hash_ in signed], timeout=timeout)
    for each, receipt, (_, hash_) in zip(messages, found, signed, strict=True):
        if receipt is None:
            call = (each.signer.address, each.to, each.data, each.value)
            raise why(connection, hash_, *call, each.label, each.where)
    return tuple(receipt for receipt in found if receipt is not None)


@contextmanager
def _mined_together(connection: Connection) -> Iterator[None]:
    """A development node that makes a block for every transaction makes one for all that it is given meanwhile."""
    at_once = False
    if connection.chain_id == LOCAL_CHAIN_ID:
        with suppress(NodeError):  # a development node of another kind is left as it is
            at_once = connection.request("anvil_getAutomine") is True
    if not at_once:
        yield
        return
    connection.request("evm_setAutomine", False)
    try:
        yield
        waiting = None
        while (left := _waiting(connection)) and left != waiting:  # as many blocks as it takes
            waiting = left
            connection.request("evm_mine")
    finally:
        connection.request("evm_setAutomine", True)


def _waiting(connection: Connection) -> int:
    """How many transactions are ready to be mined."""
    return connection.as_number("txpool_status", connection.request("txpool_status")["pending"])


def _made(connection: Connection, messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The transactions to sign. Refused for one that would be, or if a signer has too little coin for all of its."""
    senders = list(dict.fromkeys(each.signer.address for each in messages))
    untried = [each for each in messages if each.gas is None]
    block, tip, *answers = connection.batch(
        [
            *MARKET,
            *(("eth_getTransactionCount", ("0x" + each.hex(), "pending")) for each in senders),
            *(("eth_getBalance", ("0x" + each.hex(), "latest")) for each in senders),
            *(("eth_estimateGas", (_call(each),)) for each in untried),
        ]
    )
    market, rest = Market.read(connection, block, tip), iter(answers)
    nonces = {each: connection.number("eth_getTransactionCount", next(rest)) for each in senders}
    held = {each: connection.number("eth_getBalance", next(rest)) for each in senders}
    made, spent = [], Counter[bytes]()
    for each in messages:
        sender = each.signer.address
        gas = market.gas(_needed(connection, each, rest)) if each.gas is None else each.gas
        made.append(market.transaction(each.to, each.data, value=each.value, nonce=nonces[sender], gas=gas))
        nonces[sender] += 1
        spent[sender] += most(made[-1])
    for sender, needed in spent.items():
        if held[sender] < needed:
            raise refused("InsufficientFunds", {"account": sender, "actual": held[sender], "needed": needed})
    return made


def _needed(connection: Connection, each: Message, answers: Iterator[object]) -> int:
    answer = next(answers)
    if isinstance(answer, RpcError):
        error: PyledgerError = explain(connection, answer, each.signer.address, each.value, each.label, each.where)
        raise error from answer
    return connection.as_number("eth_estimateGas", answer)


def _call(each: Message) -> dict[str, str]:
    return message(each.to, each.data, sender=each.signer.address, value=each.value)
