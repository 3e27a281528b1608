"""A node's JSON-RPC in a few plain functions, and the clock of a development node.

For what must start fast (web3 takes a second to import) and for what only a development node does. Everything that
sends transactions goes through web3 instead.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from pyledger.errors import NodeError

__all__ = ["block_time", "genesis_hash", "mine", "revert", "rpc", "snapshot", "warp"]


def rpc(url: str, method: str, params: Sequence[object] = (), *, timeout: float = 10.0) -> Any:
    """What the node at `url` answers to one call; `timeout` is in seconds.

    Raises:
        NodeError: the node is down, answers something that is not JSON-RPC, or refuses the call.
    """
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).encode()
    try:
        request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
        with _opener(url).open(request, timeout=timeout) as response:
            raw = response.read()
    except urllib.error.HTTPError as error:
        with error:
            raise NodeError(
                f"the node answers HTTP {error.code} {error.reason}", where=url, hint="check the address"
            ) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise NodeError(f"no node answers: {reason}", where=url, hint="is it running?") from error
    except ValueError as error:
        raise NodeError(
            f"this is no address of a node: {error}", where=url, hint="write it like http://127.0.0.1:8545"
        ) from error
    return _result(raw, url=url, method=method)


def block_time(url: str) -> int:
    """The time of the latest block, in seconds since 1970. Raises `NodeError`."""
    return _quantity(_block(url, "latest"), "timestamp", url=url)


def genesis_hash(url: str) -> str:
    """The hash of block 0, which tells one run of a development node from the next. Raises `NodeError`."""
    return str(_block(url, "0x0").get("hash"))


def warp(url: str, *, to: int) -> None:
    """Move a development node's clock to `to` (seconds since 1970) and mine a block there.

    Raises:
        NodeError: `to` is not after the latest block, or the node is no development node.
    """
    now = block_time(url)
    if to <= now:
        raise NodeError(
            f"the chain's clock stands at {now} and cannot go back to {to}", where=url, hint="give a later time"
        )
    rpc(url, "evm_setNextBlockTimestamp", [to])
    rpc(url, "evm_mine")


def mine(url: str, blocks: int = 1) -> None:
    """Mine empty blocks on a development node. Raises `NodeError`."""
    rpc(url, "anvil_mine", [hex(blocks)])


def snapshot(url: str) -> str:
    """Remember a development node's state; the name that comes back is good for one `revert`. Raises `NodeError`."""
    return str(rpc(url, "evm_snapshot"))


def revert(url: str, name: str) -> None:
    """Go back to a snapshot, and use it up. Neither automine nor impersonation is restored.

    Raises:
        NodeError: no such snapshot, or it is used up.
    """
    if rpc(url, "evm_revert", [name]) is not True:
        raise NodeError(f"the node has no snapshot {name}", where=url, hint="a snapshot can be reverted to once")


def _opener(url: str) -> urllib.request.OpenerDirector:
    """A proxy named in the environment is for other machines, never for this one."""
    host = urlsplit(url).hostname or ""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return urllib.request.build_opener(urllib.request.ProxyHandler({})) if local else urllib.request.build_opener()


def _result(raw: bytes, *, url: str, method: str) -> Any:
    try:
        answer = json.loads(raw)
    except ValueError as error:
        raise NodeError(
            "something answers there, but not in JSON", where=url, hint="is it a node's address?"
        ) from error
    if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
        raise NodeError(
            "something answers there in JSON, but is no Ethereum node", where=url, hint="is it a node's address?"
        )
    if (refusal := answer.get("error")) is not None:
        message = refusal.get("message", refusal) if isinstance(refusal, dict) else refusal
        hint = "is it a development node, like Anvil? others do not do this"
        raise NodeError(f"the node refuses {method}: {message}", where=url, hint=hint)
    return answer["result"]


def _block(url: str, which: str) -> dict[str, Any]:
    block = rpc(url, "eth_getBlockByNumber", [which, False])
    if not isinstance(block, dict):
        raise NodeError(f"the node has no block {which}", where=url, hint="use another node")
    return block


def _quantity(block: dict[str, Any], field: str, *, url: str) -> int:
    try:
        return int(block[field], 16)
    except (KeyError, TypeError, ValueError) as error:
        raise NodeError(f"the node's block has no proper {field}", where=url, hint="use another node") from error
