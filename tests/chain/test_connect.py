from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pyledger.chain import providers
from pyledger.chain.anvil import Anvil
from pyledger.chain.connect import Connection, RpcError, connect
from pyledger.chain.networks import LOCAL, Network, resolve_network
from pyledger.errors import NodeError, UsageError, WrongNetworkError

Answer = Callable[[dict[str, Any]], object]


@pytest.fixture(params=["directly", "by web3"])
def liar(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], Network]]:
    """A server that answers what a test tells it to: spoken to as one on this machine is, and as any other."""
    if request.param == "by web3":
        monkeypatch.setattr(providers, "_is_loopback", lambda _: False)
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> Network:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                body = answer(asked)
                status, raw = body if isinstance(body, tuple) else (200, json.dumps(body).encode())
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return Network("liar", f"http://127.0.0.1:{server.server_port}/secret-key")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def result(asked: dict[str, Any], value: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": asked["id"], "result": value}


def chain_then(value: object) -> Answer:
    """Answers for chain 1, and `value` to everything else."""
    return lambda asked: result(asked, "0x1" if asked["method"] == "eth_chainId" else value)


def test_connect_reads_chain_genesis_time_and_balance(connection: Connection) -> None:
    assert connection.chain_id == 31337
    assert len(connection.genesis_hash) == 32
    assert connection.latest_time() >= 1_800_000_000
    assert connection.balance(bytes.fromhex("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266")) > 10**18


def test_connect_over_a_socket(tmp_path: Path) -> None:
    path = tmp_path / "node.ipc"
    with Anvil(ipc=path), connect(Network("socket", str(path))) as connection:
        assert connection.chain_id == 31337
        assert connection.batch([("eth_chainId", ()), ("eth_blockNumber", ())]) == ["0x7a69", "0x0"]


def test_connect_refuses_when_chain_is_another(anvil: Anvil) -> None:
    with pytest.raises(WrongNetworkError, match="network main is chain 1, but the node answers for chain 31337"):
        connect(Network("main", anvil.url, 1))


def test_connect_refuses_when_node_is_down() -> None:
    with pytest.raises(NodeError, match=r"no node answers at http://127\.0\.0\.1:1") as caught:
        connect(Network(LOCAL.name, "http://127.0.0.1:1", 31337))
    assert "pyledger chain start" in str(caught.value)
    with pytest.raises(NodeError, match="no node answers"):
        connect(Network("socket", "/nowhere/node.ipc"))


def test_connect_refuses_when_address_is_a_web_socket() -> None:
    with pytest.raises(UsageError, match="WebSocket"):
        connect(Network("ws", "ws://127.0.0.1:8545"))


@pytest.mark.parametrize(
    "answer",
    [
        lambda asked: result(asked, None),
        lambda asked: result(asked, 31337),
        lambda asked: result(asked, "0xzz"),
        lambda asked: result(asked, "0x"),
        lambda asked: result(asked, "0x1_0"),
        lambda asked: result(asked, "0x" + "f" * 65),
        lambda asked: {"jsonrpc": "2.0", "id": asked["id"] + 1, "result": "0x1"},
        lambda asked: {"jsonrpc": "2.0", "id": asked["id"]},
        lambda asked: [result(asked, "0x1")],
        lambda _: "0x1",
        lambda _: (200, b"<html>"),
        lambda _: (200, b"\xff\xfe"),
        lambda _: (502, b"bad gateway"),
    ],
)
def test_connect_refuses_when_node_talks_nonsense(liar: Callable[[Answer], Network], answer: Answer) -> None:
    network = liar(answer)
    with pytest.raises(NodeError) as caught:
        connect(network)
    assert "secret-key" not in str(caught.value)


@pytest.mark.parametrize(
    "block",
    [
        None,
        "0x1",
        {},
        {
            "number": None,
            "hash": "0x" + "00" * 32,
            "parentHash": "0x" + "00" * 32,
            "timestamp": "0x1",
            "gasLimit": "0x1",
        },
        {"number": "0x1", "hash": "0x00", "parentHash": "0x" + "00" * 32, "timestamp": "0x1", "gasLimit": "0x1"},
    ],
)
def test_block_refuses_when_node_talks_nonsense(liar: Callable[[Answer], Network], block: object) -> None:
    with connect(liar(chain_then(block))) as connection, pytest.raises(NodeError, match="nonsense"):
        connection.block()


def test_call_refuses_when_data_is_no_hex(liar: Callable[[Answer], Network]) -> None:
    values: tuple[object, ...] = ("0x0", "0x 12", "12", 12, None, {})
    for value in values:
        with connect(liar(chain_then(value))) as connection, pytest.raises(NodeError, match="nonsense"):
            connection.call(bytes(20), b"")


def test_batch_refuses_when_answers_are_missing_or_mixed_up(liar: Callable[[Answer], Network]) -> None:
    def short(asked: Any) -> object:
        return [result(asked[0], "0x1")] if isinstance(asked, list) else result(asked, "0x1")

    def strange(asked: Any) -> object:
        if isinstance(asked, list):
            return [result({"id": each["id"] + 1}, "0x1") for each in asked]
        return result(asked, "0x1")

    for answer in (short, strange, lambda asked: result(asked, "0x1") if isinstance(asked, dict) else {"error": {}}):
        with connect(liar(answer)) as connection, pytest.raises(NodeError):
            connection.batch([("eth_blockNumber", ()), ("eth_blockNumber", ())])


def test_request_is_sent_once_even_if_the_node_fails(liar: Callable[[Answer], Network]) -> None:
    seen: list[str] = []

    def answer(asked: dict[str, Any]) -> object:
        seen.append(asked["method"])
        return result(asked, "0x1") if asked["method"] == "eth_chainId" else (503, b"")

    with connect(liar(answer)) as connection:
        with pytest.raises(NodeError, match="HTTP status 503"):
            connection.request("eth_sendRawTransaction", "0x00")
        assert seen == ["eth_chainId", "eth_sendRawTransaction"]


def test_revert_data_is_found_in_every_shape_nodes_give_it(liar: Callable[[Answer], Network]) -> None:
    for data in ("0xd92e233d", {"data": "0xd92e233d"}, "Reverted 0xd92e233d", {"result": "0xd92e233d"}):

        def answer(asked: dict[str, Any], data: object = data) -> object:
            if asked["method"] == "eth_chainId":
                return result(asked, "0x1")
            error = {"code": 3, "message": "execution reverted", "data": data}
            return {"jsonrpc": "2.0", "id": asked["id"], "error": error}

        with connect(liar(answer)) as connection, pytest.raises(RpcError) as caught:
            connection.call(bytes(20), b"")
        assert caught.value.data == bytes.fromhex("d92e233d")


def test_network_is_found_by_flag_then_environment_then_project_then_user(tmp_path: Path) -> None:
    project, user = tmp_path / "pyledger.toml", tmp_path / "config.toml"
    user.write_text('network = "mine"\n[networks.mine]\nurl = "http://u"\n[networks.both]\nurl = "http://user"\n')
    resolve = partial(resolve_network, project=project, user=user)
    assert resolve_network(environ={}) == LOCAL
    assert resolve(environ={}).url == "http://u"
    project.write_text('network = "both"\n[networks.both]\nurl = "http://project"\nchain_id = 5\nconfirmations = 3\n')
    assert resolve(environ={}) == Network("both", "http://project", 5, 3)
    assert resolve(environ={"PYLEDGER_NETWORK": "mine"}).name == "mine"
    assert resolve(environ={"PYLEDGER_RPC_URL": "http://x"}) == Network("custom", "http://x")
    both = {"PYLEDGER_NETWORK": "both", "PYLEDGER_RPC_URL": "http://x"}
    assert resolve(environ=both) == Network("both", "http://x", 5, 3)
    assert resolve("local", environ=both) == LOCAL
    assert resolve("http://y", environ=both) == Network("custom", "http://y")


@pytest.mark.parametrize(
    "text",
    ["networks = [", "[networks.a]\n", "[networks.a]\nurl = 1\n", '[networks.a]\nurl = "x"\nchain = 1\n']
    + [f'[networks.a]\nurl = "x"\nchain_id = {value}\n' for value in ("0", "true", '"1"')],
)
def test_network_file_refuses_when_malformed(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pyledger.toml"
    file.write_text(text)
    with pytest.raises(UsageError):
        resolve_network("a", environ={}, project=file)


def test_network_refuses_when_nobody_wrote_it_down() -> None:
    with pytest.raises(UsageError, match="no network is called 'sepolia'") as caught:
        resolve_network("sepolia", environ={})
    assert "known: local" in str(caught.value)


def test_network_place_hides_what_may_be_secret() -> None:
    assert Network("a", "https://user:pw@node.example:8/v3/key?x=1").place == "https://node.example:8/…"
    assert Network("a", "http://127.0.0.1:8545").place == "http://127.0.0.1:8545"


def test_socket_that_talks_nonsense_or_goes_away_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "node.ipc"
    for said in (b"", b"[1", b"\xff\xfe}", b"{}", b'{"id": 1}{"id": 1}'):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            server.listen()
            answering = threading.Thread(target=_say, args=(server, said), daemon=True)
            answering.start()
            with pytest.raises(NodeError):
                connect(Network("socket", str(path)), timeout=0.5)
            answering.join()
        path.unlink()


def _say(server: socket.socket, said: bytes) -> None:
    client, _ = server.accept()
    with client:
        client.recv(1000)
        client.sendall(said)


def test_request_of_its_own_patience_leaves_no_half_answer_behind(tmp_path: Path) -> None:
    path = tmp_path / "node.ipc"
    with Anvil(ipc=path) as chain:
        for url in (str(path), chain.url):
            with connect(Network("near", url)) as connection:
                connection.request("evm_setAutomine", False)
                sender, to = connection.request("eth_accounts")[:2]
                call = {"from": sender, "to": to, "value": "0x1"}
                with pytest.raises(NodeError, match="gave no answer in time"):
                    connection.request("eth_sendTransactionSync", call, timeout=0.05)
                assert connection.request("eth_chainId") == "0x7a69"
                connection.request("evm_setAutomine", True)


def test_connection_goes_on_when_the_server_lets_go_of_it() -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            raw = json.dumps(result(asked, "0x1")).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)
            self.close_connection = True  # without having said so

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with connect(Network("brief", f"http://127.0.0.1:{server.server_port}")) as connection:
            for _ in range(3):
                time.sleep(0.02)
                assert connection.request("eth_blockNumber") == "0x1"
        server.shutdown()
