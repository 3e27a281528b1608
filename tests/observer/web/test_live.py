"""Live updates, and what becomes of the window when the node, a worker or the server ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pyledger.chain.anvil import Anvil
from pyledger.chain.rpc import mine
from pyledger.ledger.condition import condition_of
from pyledger.ledger.migrations import MIGRATIONS
from pyledger.ledger.store import open_store
from tests.browser.stage import Stage
from tests.ledger.conftest import Place, Places, places  # noqa: F401 - a fixture
from tests.ledger.proxy import Broken, Call, Proxy, proxied
from tests.observer.web.conftest import Scene
from tests.observer.web.server import PATIENCE, Server, serving, until


@pytest.fixture
def chain() -> Iterator[Anvil]:
    with Anvil(timestamp=1_800_000_000) as made:
        yield made


@pytest.fixture
def stage(chain: Anvil, tmp_path: Path) -> Stage:
    return Stage(tmp_path, chain.url)


@pytest.fixture
def empty(places: Places) -> Place:  # noqa: F811
    """A store that is not there yet, of each kind."""
    return places()


def live(server: Server) -> None:
    server.node_until(lambda node: node["reading"] == "live")


def dropped(_proxy: Proxy, _call: Call, _answer: object) -> object:
    raise Broken("drop")


def test_listeners_of_every_worker_hear_of_a_new_agreement(
    chain: Anvil,
    stage: Stage,
    tmp_path: Path,
    empty: Place,
) -> None:
    with serving(tmp_path / "server", chain.url, "--workers", "2", store=empty) as server:
        stage("open", "starter")
        address = stage.address("starter")
        until(lambda: server.get(f"/api/v1/agreements/{address}").status, lambda status: status == 200)
        elsewhere = "0x" + "00" * 19 + "07"
        with (
            server.listening() as one,
            server.listening() as other,
            server.listening(f"/agreements/{address}/events") as own,
            server.listening(f"/agreements/{elsewhere}/events") as nobody,
        ):
            for stream in (one, other, own, nobody):
                assert stream.response.headers["content-type"].startswith("text/event-stream")
                _, first = stream.event()
                assert first["node"]["chain_id"] == chain.chain_id
            stage("accept", "starter", "--as", "city")
            heard = [stream.until(lambda each: each["changed"]) for stream in (one, other, own)]
            assert [(each["changed"], each["everything"]) for each in heard] == [([address], False)] * 3
            at = max(each["node"]["read"] for each in heard)
            mine(chain.url)
            assert nobody.until(lambda each: each["node"]["read"] > at)["changed"] == []


def test_who_comes_back_is_told_what_was_missed(server: Server, scene: Scene) -> None:
    node = server.json("/api/v1/node")
    rows = server.json("/api/v1/agreements?limit=200")["agreements"]
    since = rows[2]["changed_in"]
    with server.listening(Last_Event_ID=f"{node['factory']}-{since}") as stream:
        _, told = stream.event()
        assert told["changed"] == [each["address"] for each in rows if each["changed_in"] > since]
    for strange in ("nonsense", f"{node['factory']}-{'9' * 30}", f"0x{'00' * 20}-7", f"{node['factory']}-999999999"):
        with server.listening(Last_Event_ID=strange) as stream:
            assert stream.event()[1]["everything"] is True


def test_a_new_document_puts_names_on_pages_that_are_open(chain: Anvil, stage: Stage, tmp_path: Path) -> None:
    store = tmp_path / "shared.db"
    stage("open", "starter")
    address = stage.address("starter")
    with serving(tmp_path / "server", chain.url, store=store) as server:
        until(lambda: server.get(f"/agreements/{address}").status, lambda status: status == 200)
        before = server.get(f"/api/v1/agreements/{address}")
        assert before.json["row"]["title"] is None
        with server.listening() as stream:
            stream.event()
            stage("sync", "--document", "starter", "--store", str(store))
            assert stream.until(lambda each: each["everything"])
        after = server.get(f"/api/v1/agreements/{address}", If_None_Match=before.headers["etag"])
        assert after.json["row"]["title"] == "A rebuilt bridge, paid in two steps"


def test_only_so_many_may_listen(scene: Scene, tmp_path: Path) -> None:
    with serving(tmp_path, scene.chain.url, "--listeners", "2") as server:
        with server.listening() as one, server.listening() as other:
            one.event()
            other.event()
            answer = server.get("/events")
            assert (answer.status, answer.headers["retry-after"]) == (503, "10")
            assert server.get("/").status == 200
        until(lambda: _listened(server), lambda status: status == 200)


def _listened(server: Server) -> int:
    with server.listening() as stream:
        return stream.response.status


def test_pages_stay_while_the_node_is_away_and_go_on_when_it_is_back(
    chain: Anvil,
    stage: Stage,
    tmp_path: Path,
    empty: Place,
) -> None:
    stage("open", "starter")
    address = stage.address("starter")
    with (
        proxied(chain.url) as proxy,
        serving(tmp_path / "server", proxy.url, "--metrics-port", "0", store=empty) as server,
    ):
        live(server)
        with server.listening() as stream:
            stream.event()
            proxy.fault = dropped
            node = server.node_until(lambda node: node["reading"] == "unreachable")
            assert "has not answered since" in node["words"]
            assert stream.until(lambda each: each["node"]["reading"] == "unreachable")
            page = server.get(f"/agreements/{address}")
            assert page.status == 200
            assert "has not answered since" in page.text
            stage("accept", "starter", "--as", "city")
            proxy.fault = lambda _proxy, _call, answer: answer
            assert stream.until(lambda each: address in each["changed"])
        live(server)
        until(
            lambda: server.get("/metrics", url=server.metrics_url).text,
            lambda told: "pyledger_sync_errors_total{" in told,
        )
        row = server.json(f"/api/v1/agreements/{address}")["row"]
        assert row["state"] == "open"


def test_a_node_killed_and_started_anew_with_another_chain_is_noticed_and_said(tmp_path: Path) -> None:
    before = Anvil(timestamp=1_800_000_000)
    with before:
        stage = Stage(tmp_path, before.url)
        stage("open", "starter")
        address = stage.address("starter")
        port = before.port
        with serving(tmp_path / "server", before.url) as server:
            until(lambda: server.get(f"/agreements/{address}").status, lambda status: status == 200)
            assert before.pid is not None
            os.kill(before.pid, signal.SIGKILL)
            server.node_until(lambda node: node["reading"] == "unreachable")
            assert server.get(f"/agreements/{address}").status == 200
            with Anvil(timestamp=1_900_000_000, port=port):
                node = server.node_until(lambda node: node["reading"] == "live")
                assert "started anew" in node["words"]
                until(lambda: server.get(f"/agreements/{address}").status, lambda status: status == 404)
                assert server.json("/api/v1/agreements")["agreements"] == []


def test_a_node_of_another_chain_is_not_read(tmp_path: Path, chain: Anvil, stage: Stage) -> None:
    stage("open", "starter")
    address = stage.address("starter")
    with proxied(chain.url) as proxy, serving(tmp_path / "server", proxy.url) as server:
        until(lambda: server.get(f"/agreements/{address}").status, lambda status: status == 200)
        with Anvil(timestamp=1_800_000_000, chain_id=77) as other:
            proxy.node = other.url
            node = server.node_until(lambda node: node["reading"] == "other-chain")
            assert "chain 77" in node["words"]
            assert server.get(f"/agreements/{address}").status == 200
            proxy.node = chain.url
            live(server)


def test_a_server_that_only_shows_reads_no_node(scene: Scene, tmp_path: Path) -> None:
    store = tmp_path / "ledger.db"
    shutil.copy(scene.store, store)
    with serving(tmp_path / "server", scene.chain.url, "--no-sync", store=store) as server:
        node = server.json("/api/v1/node")
        assert node["reading"] == "unread"
        assert "No program has been reading" in node["words"]
        with open_store(store) as opened, opened.reading() as database:
            assert condition_of(database, 1) is None
        assert server.get(f"/agreements/{scene.played.midway}").status == 200


def test_nothing_read_yet_is_said(tmp_path: Path) -> None:
    with serving(tmp_path, "http://127.0.0.1:9") as server:
        assert server.json("/api/v1/node")["reading"] == "unread"
        assert server.json("/api/v1/agreements")["agreements"] == []
        assert "Nothing has been read yet" in server.get("/").text


def test_a_worker_that_dies_is_replaced(scene: Scene, tmp_path: Path) -> None:
    with serving(tmp_path, scene.chain.url, "--workers", "2") as server:
        first = until(server.workers, lambda found: len(found) == 2)
        os.kill(first[0], signal.SIGKILL)
        until(server.workers, lambda found: len(found) == 2 and first[0] not in found)
        until(lambda: server.get("/healthz").status, lambda status: status == 200)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_though_somebody_listens(scene: Scene, tmp_path: Path, ending: signal.Signals) -> None:
    with serving(tmp_path, scene.chain.url) as server, server.listening() as stream:
        stream.event()
        server.process.send_signal(ending)
        assert server.process.wait(PATIENCE) == 0
        while stream.line():
            pass
        assert [line for line in server.log() if line["level"] == "error"] == []


def test_a_port_that_is_taken_is_said(scene: Scene, tmp_path: Path) -> None:
    with serving(tmp_path, scene.chain.url) as server:
        port = server.url.rstrip("/").rpartition(":")[2]
        words = [sys.executable, "-m", "pyledger", "serve", "--port", port, "--network", scene.chain.url]
        said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert said.returncode == 2
    assert f"port {port} of 127.0.0.1 cannot be had" in said.stderr
    assert "--port" in said.stderr
    assert "Traceback" not in said.stderr


def test_what_is_not_installed_is_said() -> None:
    without = "import sys; sys.modules['uvicorn'] = None; from pyledger.cli.app import run; sys.exit(run(['serve']))"
    said = subprocess.run(
        [sys.executable, "-c", without], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert said.returncode == 5
    assert "the server needs uvicorn, which is not installed" in said.stderr
    assert "pip install 'pyledger[serve]'" in said.stderr


def test_a_store_of_an_earlier_pyledger_is_brought_up_to_date(empty: Place) -> None:
    with open_store(empty) as store, store.writing() as database:
        database.execute(text("DROP TABLE condition"))
        database.execute(text("DROP INDEX agreement_by_status"))
        database.execute(text("DELETE FROM migration WHERE name = '0002-followed'"))
    with open_store(empty) as store, store.reading() as database:
        assert condition_of(database, 1) is None
        done = set(database.scalars(text("SELECT name FROM migration")))
    assert done == {name for name, _ in MIGRATIONS}
