"""One node, asked carefully: what it answers is checked before anybody relies on it.

Carriers bring the bytes (see `pyledger.chain.providers`). Of web3 nothing more is used, because its default retries
sends, accepts an answer to another question, and hands on a null block number.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from pyledger.chain.networks import LOCAL, Network
from pyledger.chain.providers import HttpStatus, carrier_for
from pyledger.errors import NodeError, WrongNetworkError

__all__ = ["Block", "Connection", "RpcError", "Tag", "connect", "message"]

Tag = int | str
"""A block: its number, or `latest`, `safe`, `finalized`, `pending`, `earliest`."""


_QUANTITY: Final = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DATA: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


_BATCH: Final = 50
"""Most requests that are sent together."""

_UNWELCOME: Final = frozenset({400, 403, 404, 405, 413, 415, 422, 501})
"""HTTP statuses by which servers refuse what they will not take in this form; others say that something is wrong."""


class RpcError(NodeError):
    """The node understood and said no: `code` and `message` are its words, `data` what a revert left behind."""

    def __init__(self, method: str, code: int, message: str, data: bytes | None) -> None:
        super().__init__(f"the node refused {method}: {message or code}")
        self.method = method
        self.code = code
        self.message = message
        self.data = data


class Block(NamedTuple):
    """Of a block what pyledger needs; `time` in Unix seconds, `base_fee` in wei (None before EIP-1559)."""

    number: int
    hash: bytes
    parent: bytes
    time: int
    gas_limit: int
    base_fee: int | None


class Connection:
    """A node that has answered for the right chain. Make one with `connect`; close it, or use it in a `with`.

    `requests` counts how often it has been asked.
    """

    def __init__(self, network: Network, *, timeout: float = 30.0) -> None:
        self.network = network
        self.requests = 0
        self._lock = threading.Lock()
        self._together = _BATCH
        self._carrier = carrier_for(network, timeout)
        try:
            self.chain_id = self._quantity("eth_chainId")
        except NodeError:
            self.close()
            raise
        if network.chain_id is not None and network.chain_id != self.chain_id:
            self.close()
            raise WrongNetworkError(
                f"network {network.name} is chain {network.chain_id}, but the node answers for chain {self.chain_id}",
                where=network.place,
                hint="choose the network with --network, or correct its url or chain_id in pyledger.toml",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Connection({self.network.name}, {self.network.place})"

    def close(self) -> None:
        """Lets the sockets go. Using the connection afterwards opens them again."""
        with self._lock:
            self._carrier.close()

    def request(self, method: str, *params: object, timeout: float | None = None) -> Any:
        """The node's answer to one JSON-RPC request, as it is. Raises RpcError if it says no, else NodeError.

        A node on this machine may be given another `timeout`, in seconds, than it usually has.
        """
        answer, asked = self._ask(lambda: self._carrier.ask(method, params, timeout=timeout))
        found = self._result(method, answer, asked)
        if isinstance(found, RpcError):
            raise found
        return found

    def batch(self, requests: Sequence[tuple[str, Sequence[object]]]) -> list[Any]:
        """The answers to many requests, in their order, an RpcError in the place of one refused. NodeError else.

        A node that will not take so many at once is asked for fewer from then on, in the end for one after another.
        """
        answers: list[Any] = []
        while len(answers) < len(requests):
            some = requests[len(answers) : len(answers) + self._together]
            found = [self._alone(*some[0])] if self._together == 1 else self._at_once(some)
            if found is None:
                self._together = max(1, len(some) // 2)
            else:
                answers += found
        return answers

    def _alone(self, method: str, params: Sequence[object]) -> Any:
        try:
            return self.request(method, *params)
        except RpcError as error:
            return error

    def _at_once(self, some: Sequence[tuple[str, Sequence[object]]]) -> list[Any] | None:
        """The answers to some requests that are sent together; None where the node refuses them as a whole."""
        try:
            found, last = self._ask(lambda: self._carrier.ask_all(some))
        except NodeError as error:
            if isinstance(error.__cause__, HttpStatus) and error.__cause__.status in _UNWELCOME:
                return None
            raise
        one = found[0] if isinstance(found, list) and len(found) == 1 < len(some) else found
        if isinstance(one, dict) and isinstance(one.get("error"), dict) and "code" in one["error"]:
            return None
        if not isinstance(found, list) or len(found) != len(some):
            raise self.nonsense("a batch of requests", "not as many answers")
        ids = range(last - len(some) + 1, last + 1)
        return [self._result(each[0], one, id_) for each, one, id_ in zip(some, found, ids, strict=True)]

    def _ask(self, send: Callable[[], tuple[object, int]]) -> tuple[object, int]:
        """What the carrier brings back, and the id of the last request that it took."""
        with self._lock:
            self.requests += 1
            try:
                return send()
            except (OSError, ValueError, HttpStatus) as error:
                raise self._down(error) from error

    def _result(self, method: str, answer: object, asked: int) -> Any:
        if not isinstance(answer, dict) or answer.get("id") != asked:
            raise self.nonsense(method, "an answer to no question of ours")
        if "error" in answer:
            return _rpc_error(method, answer["error"])
        if "result" not in answer:
            raise self.nonsense(method, "neither a result nor an error")
        return answer["result"]

    def nonsense(self, method: str, found: object) -> NodeError:
        """The error for an answer that cannot be what it should be."""
        return NodeError(
            f"the node answers nonsense to {method}: {str(found)[:80]}",
            where=self.network.place,
            hint="check that the address is that of an EVM node",
        )

    def block(self, tag: Tag = "latest") -> Block:
        """One block by number or tag. NodeError if there is no such block."""
        return self.as_block(tag, self.request("eth_getBlockByNumber", _tag(tag), False))

    def blocks(self, numbers: Sequence[int]) -> list[Block]:
        """Many blocks by number, asked for together. NodeError if one of them is not there."""
        answers = self.batch([("eth_getBlockByNumber", (_tag(number), False)) for number in numbers])
        if refused := next((each for each in answers if isinstance(each, RpcError)), None):
            raise refused
        return [self.as_block(number, found) for number, found in zip(numbers, answers, strict=True)]

    def as_block(self, tag: Tag, found: object) -> Block:
        """A JSON-RPC block, asked for by `tag`; NodeError if it is none."""
        method = "eth_getBlockByNumber"
        if not isinstance(found, dict):
            raise self.nonsense(method, f"no block {tag}")
        base_fee = found.get("baseFeePerGas")
        return Block(
            number=self.as_number(method, found.get("number")),
            hash=self.as_bytes(method, found.get("hash"), 32),
            parent=self.as_bytes(method, found.get("parentHash"), 32),
            time=self.as_number(method, found.get("timestamp")),
            gas_limit=self.as_number(method, found.get("gasLimit")),
            base_fee=None if base_fee is None else self.as_number(method, base_fee),
        )

    def latest_time(self) -> int:
        """Time of the latest block, Unix seconds: the clock that agreements run by."""
        return self.block().time

    def block_number(self) -> int:
        """Number of the latest block."""
        return self._quantity("eth_blockNumber")

    @property
    def genesis_hash(self) -> bytes:
        """Hash of block 0, asked anew each time: two runs of a development node differ in it."""
        return self.block(0).hash

    def balance(self, account: bytes, block: Tag = "latest") -> int:
        """Native coin of an account, in wei."""
        return self._quantity("eth_getBalance", _hex(account), _tag(block))

    def code(self, address: bytes, block: Tag = "latest") -> bytes:
        """Runtime code at an address; empty if there is none."""
        return self.as_bytes("eth_getCode", self.request("eth_getCode", _hex(address), _tag(block)))

    def nonce(self, account: bytes) -> int:
        """Next transaction number of an account, those waiting included."""
        return self._quantity("eth_getTransactionCount", _hex(account), "pending")

    def call(
        self, to: bytes, data: bytes, *, sender: bytes | None = None, value: int = 0, block: Tag = "latest"
    ) -> bytes:
        """What a call returns, nothing sent. RpcError carries the revert data."""
        call = message(to, data, sender=sender, value=value)
        return self.as_bytes("eth_call", self.request("eth_call", call, _tag(block)))

    def as_number(self, method: str, value: object) -> int:
        """A JSON-RPC quantity; NodeError if it is none."""
        if isinstance(value, str) and _QUANTITY.fullmatch(value):
            return int(value, 0)
        raise self.nonsense(method, f"{value!r} is no number")

    def number(self, method: str, answer: object) -> int:
        """A quantity among the answers of a batch; raises the RpcError in its place, if there is one."""
        if isinstance(answer, RpcError):
            raise answer
        return self.as_number(method, answer)

    def as_bytes(self, method: str, value: object, size: int | None = None) -> bytes:
        """JSON-RPC data, `size` bytes long if given; NodeError if it is none."""
        if isinstance(value, str) and _DATA.fullmatch(value) and size in (None, len(value) // 2 - 1):
            return bytes.fromhex(value[2:])
        raise self.nonsense(method, f"{value!r} is not what was asked for")

    def _quantity(self, method: str, *params: object) -> int:
        return self.as_number(method, self.request(method, *params))

    def _down(self, error: Exception) -> NodeError:
        if isinstance(error, HttpStatus):
            return NodeError(
                f"the node at {self.network.place} answers with HTTP status {error.status}",
                hint="check its url, and the key in it if it wants one; or try again later",
            )
        if isinstance(error, ValueError):
            return self.nonsense("the request", "not JSON")
        if isinstance(error, TimeoutError):
            return NodeError(
                f"the node at {self.network.place} gave no answer in time", hint="try again, or use another node"
            )
        local = self.network.name == LOCAL.name
        return NodeError(
            f"no node answers at {self.network.place}",
            hint="start one with `pyledger chain start`" if local else "check the url of the network, or try again",
        )


def connect(network: Network = LOCAL, *, timeout: float = 30.0) -> Connection:
    """Connects and checks the chain id; `timeout` in seconds an answer.

    Raises NodeError if nothing answers, WrongNetworkError if the node answers for another chain.
    """
    return Connection(network, timeout=timeout)


def message(to: bytes | None, data: bytes, *, sender: bytes | None = None, value: int = 0) -> dict[str, str]:
    """A call as JSON-RPC takes it; `value` in wei."""
    call = {"data": _hex(data), "value": hex(value)}
    if to is not None:
        call["to"] = _hex(to)
    if sender is not None:
        call["from"] = _hex(sender)
    return call


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _tag(block: Tag) -> str:
    return hex(block) if isinstance(block, int) else block


def _rpc_error(method: str, error: object) -> RpcError:
    fields = error if isinstance(error, dict) else {}
    code, text = fields.get("code"), fields.get("message")
    return RpcError(
        method,
        code if isinstance(code, int) else 0,
        text if isinstance(text, str) else "",
        _revert_data(fields.get("data")),
    )


def _revert_data(data: object) -> bytes | None:
    """Revert data in the shapes nodes give it: plain, inside an object, or behind a word."""
    if isinstance(data, dict):
        candidates: Sequence[object] = [data.get("data"), data.get("result"), data.get("output")]
    else:
        candidates = [data]
    for each in candidates:
        found = _DATA.search(each) if isinstance(each, str) else None
        if found is not None:
            return bytes.fromhex(found.group()[2:])
    return None
