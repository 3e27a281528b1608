"""Behind a bad network, or before a node that lies: the store ends as from a clean run, or says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pyledger.chain.anvil import mine
from pyledger.chain.connect import Connection, connect
from pyledger.chain.networks import Network
from pyledger.errors import NodeError, WrongNetworkError
from pyledger.ledger.store import Store, open_store
from pyledger.ledger.sync import sync
from tests.ledger.proxy import Broken, Call, Fault, Proxy, proxied
from tests.ledger.stores import MOVES, content
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import run

BLOCK = "eth_getBlockByNumber"
LOGS = "eth_getLogs"


@pytest.fixture(scope="module")
def played(player: Player, connection: Connection) -> None:
    run(player, Random(8).randbytes(3 * MOVES))
    mine(connection.network.url, 3)


@pytest.fixture
def proxy(played: None, network: Network) -> Iterator[Proxy]:
    with proxied(network.url) as made:
        yield made


@pytest.fixture
def clean(played: None, connection: Connection, player: Player, tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "clean.db") as made:
        sync(made, connection, player.factory, span=9)
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.db") as made:
        yield made


def through(proxy: Proxy, store: Store, player: Player, *, timeout: float = 5.0) -> None:
    """A sync by way of the proxy, without its pauses."""
    with connect(Network("local", proxy.url, None), timeout=timeout) as node:
        sync(store, node, player.factory, span=9, pause=lambda _: None)


def broken(how: str) -> Fault:
    def fault(_proxy: Proxy, _call: Call, _answer: Any) -> Any:
        raise Broken(how)

    return fault


def wrong_id(_proxy: Proxy, call: Call, answer: Any) -> Any:
    return answer | {"id": call["id"] + 1000}


def no_result(_proxy: Proxy, _call: Call, answer: Any) -> Any:
    return {"jsonrpc": "2.0", "id": answer["id"]}


def limited(_proxy: Proxy, _call: Call, answer: Any) -> Any:
    return {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": -32005, "message": "limit exceeded"}}


def logs(change: Any) -> Fault:
    def fault(_proxy: Proxy, call: Call, answer: Any) -> Any:
        return answer | {"result": change(answer["result"])} if call["method"] == LOGS else answer

    return fault


def narrow(_proxy: Proxy, call: Call, answer: Any) -> Any:
    """No answer for more than two blocks."""
    if call["method"] != LOGS or int(call["params"][0]["toBlock"], 16) - int(call["params"][0]["fromBlock"], 16) < 2:
        return answer
    return {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": -32602, "message": "range too large"}}


def block(wanted: str, change: Any) -> Fault:
    """What is answered for the block of a tag."""

    def fault(_proxy: Proxy, call: Call, answer: Any) -> Any:
        if call["method"] != BLOCK or call["params"][0] != wanted:
            return answer
        return answer | {"result": change(answer["result"])}

    return fault


def behind(proxy: Proxy, call: Call, answer: Any) -> Any:
    """The head was four blocks ago."""
    if call["method"] != BLOCK or call["params"][0] != "latest":
        return answer
    return proxy.ask(call | {"params": [hex(int(answer["result"]["number"], 16) - 4), False]})


def elsewhere(found: list[Any], **changed: str) -> list[Any]:
    return [each | changed for each in found]


def twisted(found: list[Any]) -> list[Any]:
    return [*found, *(each | {"data": "0x" + "11" * 32} for each in found[:1])]


@pytest.mark.parametrize(
    ("fault", "chance"),
    [
        (broken("429"), 0.2),
        (broken("drop"), 0.2),
        (broken("truncate"), 0.2),
        (broken("html"), 0.2),
        (wrong_id, 0.2),
        (no_result, 0.2),
        (limited, 0.2),
        (behind, 0.5),
        (narrow, 1.0),
        (logs(lambda found: [*found, *found[::-1]]), 1.0),
        (logs(lambda found: found[::-1]), 1.0),
        (logs(lambda found: elsewhere(found, blockNumber="0x7fff")), 0.5),
        (logs(lambda found: elsewhere(found, blockHash="0x" + "77" * 32)), 0.5),
        (logs(lambda found: elsewhere(found, transactionHash="0x77")), 0.5),
        (logs(lambda found: [each | {"removed": True} for each in found]), 0.5),
        (logs(twisted), 0.5),
        (logs(lambda _: None), 0.5),
        (block("latest", lambda found: found | {"number": hex(2**70)}), 0.2),
        (block("latest", lambda found: found | {"number": hex(int(found["number"], 16) + 5_000)}), 0.2),
        (block("latest", lambda found: found | {"timestamp": hex(2**70)}), 0.2),
        (block("latest", lambda _: None), 0.2),
    ],
    ids=[
        "429", "drop", "truncate", "html", "wrong-id", "no-result", "limited", "behind", "narrow", "twice", "backwards",
        "outside", "other-block", "short-hash", "removed", "twisted", "no-logs", "head-huge", "head-ahead",
        "time-huge", "no-head",
    ],
)  # fmt: skip
def test_what_fails_now_and_then_is_asked_again(
    proxy: Proxy, store: Store, clean: Store, player: Player, fault: Fault, chance: float
) -> None:
    with connect(Network("local", proxy.url, None), timeout=5) as node:
        proxy.fault, proxy.chance = fault, chance
        for _ in range(4):
            try:
                sync(store, node, player.factory, span=9, pause=lambda _: None)
            except NodeError as error:
                assert error.what  # noqa: PT017 - a sync may fail clearly, and the next goes on
    assert proxy.struck
    proxy.chance = 0.0
    through(proxy, store, player)
    assert content(store) == content(clean)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (broken("429"), "429"),
        (broken("drop"), "no node answers"),
        (broken("truncate"), "not JSON"),
        (broken("html"), "not JSON"),
        (wrong_id, "no question of ours"),
        (no_result, "neither a result nor an error"),
        (limited, "limit exceeded"),
        (logs(lambda found: elsewhere(found, blockNumber="0x7fff")), "not asked for"),
        (logs(lambda found: elsewhere(found, blockHash="0x" + "77" * 32)), "other blocks"),
        (logs(lambda found: elsewhere(found, topics="0x")), "no log"),
        (logs(lambda found: elsewhere(found, logIndex="-1")), "no log"),
        (logs(lambda _: {}), "no list of logs"),
        (logs(lambda _: [7]), "no log"),
        (logs(twisted), "two logs are in one place"),
        (block("latest", lambda found: found | {"number": hex(2**70)}), "when asked for latest"),
        (block("latest", lambda found: found | {"number": hex(int(found["number"], 16) + 5_000)}), "no block"),
        (block("latest", lambda found: found | {"hash": "0x" + "77" * 32}), "is not there"),
        (block("0x5", lambda found: found | {"number": "0x6"}), "block 6 when asked for 5"),
    ],
)  # fmt: skip
def test_what_always_fails_is_said_clearly_and_nothing_wrong_is_kept(
    proxy: Proxy, store: Store, clean: Store, player: Player, fault: Fault, says: str
) -> None:
    with connect(Network("local", proxy.url, None), timeout=5) as node:
        proxy.fault = fault
        with pytest.raises(NodeError, match=says):
            sync(store, node, player.factory, span=9, pause=lambda _: None)
    proxy.chance = 0.0
    through(proxy, store, player)
    assert content(store) == content(clean)


def test_a_node_that_does_not_answer_in_time(proxy: Proxy, store: Store, clean: Store, player: Player) -> None:
    with connect(Network("local", proxy.url, None), timeout=0.3) as node:
        proxy.fault = broken("hang")
        with pytest.raises(NodeError, match="no answer in time"):
            sync(store, node, player.factory, pause=lambda _: None)
    proxy.chance = 0.0
    through(proxy, store, player)
    assert content(store) == content(clean)


@pytest.mark.parametrize("tag", ["safe", "finalized"])
@pytest.mark.parametrize("refused", [True, False])
def test_a_node_without_finality_is_asked_once(
    proxy: Proxy, store: Store, player: Player, tag: str, refused: bool
) -> None:
    def fault(_proxy: Proxy, call: Call, answer: Any) -> Any:
        if call["method"] != BLOCK or call["params"][0] != tag:
            return answer
        nothing = {"error": {"code": -39001, "message": "unknown block"}} if refused else {"result": None}
        return {"jsonrpc": "2.0", "id": answer["id"], **nothing}

    def never(_: float) -> None:
        pytest.fail("it waited")

    proxy.fault = fault
    with connect(Network("local", proxy.url, None)) as node:
        cursor = sync(store, node, player.factory, pause=never).cursor
    assert getattr(cursor, tag) == -1
    assert cursor.finality(1) in {"latest", "safe", "finalized"}


def test_finality_beyond_the_head_is_not_believed(proxy: Proxy, store: Store, player: Player) -> None:
    proxy.fault = block("finalized", lambda found: found | {"number": "0xffffff"})
    with connect(Network("local", proxy.url, None)) as node:
        cursor = sync(store, node, player.factory).cursor
    assert cursor.finalized == cursor.head < 1_000


def test_another_chain_in_the_midst_of_it(proxy: Proxy, store: Store, clean: Store, player: Player) -> None:
    def renamed(proxy: Proxy, call: Call, answer: Any) -> Any:
        return answer | {"result": "0x1"} if call["method"] == "eth_chainId" and proxy.calls > 30 else answer

    with connect(Network("local", proxy.url, None)) as node:
        proxy.fault = renamed
        with pytest.raises(WrongNetworkError, match="has become one of chain 1"):
            sync(store, node, player.factory, span=9)
    proxy.chance = 0.0
    through(proxy, store, player)
    assert content(store) == content(clean)


def test_another_run_of_the_chain_in_the_midst_of_it(proxy: Proxy, store: Store, clean: Store, player: Player) -> None:
    def anew(proxy: Proxy, call: Call, answer: Any) -> Any:
        asked = call["method"] == BLOCK and call["params"][0] == "0x0" and proxy.calls > 30
        return answer | {"result": answer["result"] | {"hash": "0x" + "99" * 32}} if asked else answer

    with connect(Network("local", proxy.url, None)) as node:
        proxy.fault = anew
        with pytest.raises(WrongNetworkError, match="its first block is another"):
            sync(store, node, player.factory, span=9)
    proxy.chance = 0.0
    through(proxy, store, player)
    assert content(store) == content(clean)
