"""A node asked patiently and believed little: logs and blocks that fit together, or a NodeError.

Nodes limit how often they are asked, drop connections, lag behind each other behind one address, and lie. Whatever does
not answer is asked again after longer and longer pauses; what contradicts itself is thrown away and asked anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from pyledger.chain.connect import Block, Connection, RpcError, Tag
from pyledger.chain.events import Origin, topics_known
from pyledger.errors import NodeError, WrongNetworkError

__all__ = ["TRIES", "Batch", "Contradiction", "Intake", "Raw", "TooMuch"]

A = TypeVar("A")

TRIES: Final = 6
"""How often a question is put before it is given up."""

_PAUSE: Final = 0.5
"""Seconds to wait after a node's first failure; each further one doubles it."""

_LARGEST: Final = 2**63
"""No number of a block and no time of one comes near: who names it is lying, and no database holds it."""


class Contradiction(NodeError):
    """What the node says does not fit together: it is being reorganised, is several nodes, or lies."""


class TooMuch(NodeError):
    """The node will not answer for so many blocks at once."""


class Raw(NamedTuple):
    """A log as the node gave it, read but not yet understood."""

    origin: Origin
    topics: tuple[bytes, ...]
    data: bytes


class Batch(NamedTuple):
    """Logs of some blocks in the order of the chain, each once; and hash and time of the blocks that may be kept."""

    logs: list[Raw]
    blocks: dict[int, tuple[bytes, int]]


class Intake:
    """One node, for one reading of one chain: `genesis` is the hash of its first block."""

    def __init__(self, node: Connection, pause: Callable[[float], None] = time.sleep) -> None:
        self._node = node
        self._pause = pause
        self._topics = ["0x" + each.hex() for each in topics_known()]
        self.genesis = self.patiently(lambda: node.genesis_hash)

    def rest(self, attempt: int) -> None:
        """Wait before the next attempt; the first is 0."""
        self._pause(_PAUSE * 2**attempt)

    def patiently(self, ask: Callable[[], A], *, refusals: bool = True) -> A:
        """Ask until there is an answer, at most `TRIES` times; a refusal is an answer unless they are to be waited out.

        Raises NodeError when patience is at its end.
        """
        for attempt in range(TRIES):
            try:
                return ask()
            except NodeError as error:
                if attempt == TRIES - 1 or (isinstance(error, RpcError) and not refusals):
                    raise
                self.rest(attempt)
        raise AssertionError("unreachable")

    def head(self) -> Block:
        """The latest block, as the node has it. Raises NodeError."""
        return self.block("latest")

    def block(self, tag: Tag) -> Block:
        """One block, which is the one that was asked for. Raises NodeError."""
        return self.patiently(lambda: self._fitting(tag, self._node.block(tag)))

    def finality(self, head: Block) -> tuple[int, int]:
        """Number of the safe and the finalized block, −1 where the node knows none; neither lies beyond the head."""
        return self._tagged("safe", head), self._tagged("finalized", head)

    def read(self, first: int, last: int, window: Collection[int], head: Block) -> Batch:
        """All logs of the blocks from `first` to `last`, and the headers of theirs and of those in `window`.

        Raises TooMuch where the node wants to be asked for less, Contradiction where its answers do not fit together,
        WrongNetworkError where it has become another chain's, NodeError where it does not answer.
        """
        ending = self.block(last)
        logs = self._logs(first, last)
        blocks = self._blocks(sorted({log.origin.block for log in logs} | {*window} - {last}))
        blocks[last] = ending
        if self.block(last).hash != ending.hash:
            raise self._contradiction(f"block {last} was replaced while it was read")
        if any(log.origin.block_hash != blocks[log.origin.block].hash for log in logs):
            raise self._contradiction("logs are of other blocks than there are")
        if self.block(head.number).hash != head.hash:
            raise self._contradiction(f"the head it named, block {head.number}, is not there")
        self.same_chain()
        return Batch(logs, {number: (block.hash, block.time) for number, block in blocks.items()})

    def same_chain(self) -> None:
        """WrongNetworkError if the node answers for another chain, or another run of it, than at first."""
        found = self.patiently(lambda: self._node.as_number("eth_chainId", self._node.request("eth_chainId")))
        if found != self._node.chain_id:
            raise WrongNetworkError(
                f"the node has become one of chain {found}, and was one of chain {self._node.chain_id}",
                where=self._node.network.place,
                hint="whoever runs that address has changed it: use another",
            )
        if self.block(0).hash != self.genesis:
            raise WrongNetworkError(
                "the node has become one of another chain: its first block is another",
                where=self._node.network.place,
                hint="if a development node was started anew, run this again",
            )

    def _tagged(self, tag: str, head: Block) -> int:
        try:
            found = self.patiently(
                lambda: self._node.request("eth_getBlockByNumber", tag, False),
                refusals=False,
            )
        except RpcError:
            return -1
        if not isinstance(found, dict):
            return -1
        return min(self._node.as_number("eth_getBlockByNumber", found.get("number")), head.number)

    def _fitting(self, tag: Tag, block: Block) -> Block:
        if tag not in (block.number, "latest") or max(block.number, block.time) >= _LARGEST:
            raise self._node.nonsense("eth_getBlockByNumber", f"block {block.number} when asked for {tag}")
        return block

    def _blocks(self, numbers: Sequence[int]) -> dict[int, Block]:
        found = self.patiently(lambda: self._node.blocks(numbers))
        return {number: self._fitting(number, block) for number, block in zip(numbers, found, strict=True)}

    def _logs(self, first: int, last: int) -> list[Raw]:
        query = {"topics": [self._topics], "fromBlock": hex(first), "toBlock": hex(last)}
        try:
            found = self.patiently(lambda: self._listed(query), refusals=first == last)
        except RpcError as error:
            if first == last:
                raise
            raise TooMuch(error.what) from error
        unique: dict[tuple[int, int], Raw] = {}
        for log in found:
            raw = self._raw(log)
            place = raw.origin[:2]
            if not first <= place[0] <= last:
                raise self._contradiction("logs are of blocks that were not asked for")
            if unique.setdefault(place, raw) != raw:
                raise self._contradiction("two logs are in one place")
        return [unique[place] for place in sorted(unique)]

    def _listed(self, query: object) -> list[Any]:
        found = self._node.request("eth_getLogs", query)
        if not isinstance(found, list):
            raise self._node.nonsense("eth_getLogs", "no list of logs")
        return found

    def _raw(self, log: Any) -> Raw:
        try:
            block, number = int(log["blockNumber"], 16), int(log["logIndex"], 16)
            origin = Origin(
                block, number, _data(log["address"]), _data(log["transactionHash"]), _data(log["blockHash"])
            )
            raw = Raw(origin, tuple(map(_data, log["topics"])), _data(log["data"]))
            fits = not log.get("removed") and 0 <= number < 1 << 31
            sizes = (len(origin.address), len(origin.transaction), len(origin.block_hash), *map(len, raw.topics))
        except (AttributeError, KeyError, TypeError, ValueError):
            raise self._contradiction("a log is no log") from None
        if not fits or sizes != (20, 32, 32, *(32 for _ in raw.topics)):
            raise self._contradiction("a log is no log")
        return raw

    def _contradiction(self, what: str) -> Contradiction:
        return Contradiction(
            f"the node contradicts itself: {what}",
            where=self._node.network.place,
            hint="try again in a moment, or use another node",
        )


def _data(text: str) -> bytes:
    """Bytes of JSON-RPC data; ValueError for anything else."""
    if text[:2] != "0x":
        raise ValueError(text)
    return bytes.fromhex(text[2:])
