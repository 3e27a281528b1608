"""Access follows the agreement and ends with the block that ends it, for those inside too; it fails closed."""

from __future__ import annotations

import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from eth_hash.auto import keccak

from pyledger.chain.anvil import Anvil, block_time, mine, revert, snapshot, warp
from pyledger.chain.connect import Block, Connection, connect
from pyledger.chain.deployments import deploy
from pyledger.chain.local import operator
from pyledger.chain.networks import Network
from pyledger.document.units import DAY
from pyledger.errors import MismatchError, NodeError, UsageError
from pyledger.gateway.audit import Problem, check_log, line_hash
from pyledger.gateway.door import Times
from pyledger.gateway.reading import Guarded, NodeReader
from pyledger.terms.structs import Verdict
from tests.gateway.conftest import Build, Running, Start, eventually
from tests.gateway.houses import House
from tests.gateway.service import Service
from tests.gateway.test_requests import reason


class Listener:
    """Somebody who reads an answer as it comes."""

    def __init__(self, gateway: Running, house: House, name: str, target: str = "/stream") -> None:
        self.heard = 0
        self.ended: str | None = None
        self._answer = gateway.ask(house.entrance(name), target, stream=True)
        self.status = self._answer.status_code
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            for _ in self._answer.iter_lines():
                self.heard += 1
            self.ended = "whole"
        except requests.exceptions.ChunkedEncodingError:
            self.ended = "broken off"


# What begins and ends it


def test_nobody_is_let_in_before_the_agreement_is_in_force(start: Start, build: Build) -> None:
    house = build(joined=False)
    with start(house) as gateway:
        answer = gateway.ask(house.entrance())
        assert (answer.status_code, reason(answer)) == (403, "not-entitled")
        for name in house.document.parties:
            house.agreement.accept(house.signer(name))
        eventually(lambda: gateway.ask(house.entrance()).status_code == 200)


def test_a_breach_ends_access_of_who_breached_and_of_nobody_else(start: Start, house: House) -> None:
    with start(house) as gateway:
        host, guest = Listener(gateway, house, "host"), Listener(gateway, house, "guest")
        eventually(lambda: host.heard and guest.heard)
        block = house.breach("host")
        eventually(lambda: host.ended)
        assert host.ended == "broken off"
        answer = gateway.ask(house.entrance("host"))
        assert (answer.status_code, reason(answer)) == (403, "not-entitled")
        assert "host-keeps is breached" in answer.json()["error"]["what"]
        before = guest.heard
        eventually(lambda: guest.heard > before)
        assert gateway.ask(house.entrance("guest")).status_code == 200
        (lost,) = gateway.lines("lost")
        assert (lost["holder"], lost["block"]) == ("host", block)
        (cut,) = gateway.lines("cut")
        assert cut["status"] == 200


def test_who_waits_for_an_answer_when_access_ends_is_told_why(start: Start, house: House) -> None:
    with start(house) as gateway:
        found: list[requests.Response] = []
        waiting = threading.Thread(target=lambda: found.append(gateway.ask(house.entrance(), "/never")))
        waiting.start()
        eventually(lambda: gateway.lines("admitted"))
        house.breach()
        waiting.join(20)
        assert (found[0].status_code, reason(found[0])) == (403, "cut")


def test_a_material_breach_of_the_provider_ends_it_for_all(start: Start, house: House, node: Anvil) -> None:
    with start(house) as gateway:
        house.breach("provider")
        warp(node.url, to=block_time(node.url) + 1)
        eventually(lambda: gateway.ask(house.entrance("host")).status_code == 403)
        eventually(lambda: gateway.ask(house.entrance("guest")).status_code == 403)


def test_what_a_panel_finds_ends_it(start: Start, house: House) -> None:
    with start(house) as gateway:
        house.find("guest", Verdict.BREACHED)
        eventually(lambda: gateway.ask(house.entrance("guest")).status_code == 403)


def test_it_ends_with_its_time_although_no_block_comes(start: Start, house: House, node: Anvil) -> None:
    """The long stop is two seconds away, and the chain stands still."""
    warp(node.url, to=house.agreement.terms.longStop - 2)
    with start(house) as gateway:
        height = house.connection.block_number()
        eventually(lambda: gateway.ask(house.entrance()).status_code == 403)
        assert house.connection.block_number() == height


def test_it_ends_with_the_agreement(start: Start, house: House, node: Anvil) -> None:
    with start(house) as gateway:
        warp(node.url, to=block_time(node.url) + 61 * DAY)
        house.agreement.settle(operator(house.connection))
        eventually(lambda: gateway.ask(house.entrance()).status_code == 403)
        assert "completed" in gateway.ask(house.entrance()).json()["error"]["what"]


# It fails closed


class Failing:
    """A connection that can be told to fail, to answer for another chain, or to stay behind."""

    def __init__(self, inner: Connection) -> None:
        self.inner = inner
        self.error: Exception | None = None
        self.other_chain = False
        self.frozen: Block | None = None
        self.delay = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def block(self, tag: int | str = "latest") -> Block:
        time.sleep(self.delay)
        if self.error is not None:
            raise self.error
        if self.frozen is not None and tag == "latest":
            return self.frozen
        return self.inner.block(tag)

    def request(self, method: str, *params: object) -> Any:
        if method == "eth_chainId" and self.other_chain:
            return "0x1"
        return self.inner.request(method, *params)


@pytest.fixture
def failing(connection: Connection) -> Failing:
    return Failing(connection)


def shut(gateway: Running, house: House) -> str:
    """Why it is closed, as it answers."""
    answer = gateway.ask(house.entrance())
    assert (answer.status_code, reason(answer)) == (503, "closed")
    assert answer.headers["Retry-After"] == "1"
    what: str = answer.json()["error"]["what"]
    return what


def test_closed_when_the_node_has_been_silent_for_too_long(start: Start, house: House, failing: Failing) -> None:
    times = Times(stale_after=0.6, oldest_head=None)
    with start(house, connection=failing, times=times) as gateway:
        listener = Listener(gateway, house, "host")
        failing.error = NodeError("no node answers")
        eventually(lambda: not gateway.about()["open"])
        assert "has not said anything new" in shut(gateway, house)
        eventually(lambda: listener.ended == "broken off")
        failing.error = None
        eventually(lambda: gateway.ask(house.entrance()).status_code == 200)
        assert [each["event"] for each in gateway.lines("opened", "closed")] == ["opened", "closed", "opened"]


def test_closed_when_the_node_takes_too_long_to_answer(start: Start, house: House, failing: Failing) -> None:
    with start(house, connection=failing, times=Times(stale_after=0.6, oldest_head=None)) as gateway:
        failing.delay = 1.0
        eventually(lambda: not gateway.about()["open"])
        shut(gateway, house)
        failing.delay = 0.0


def test_closed_when_the_newest_block_is_too_old(start: Start, house: House, node: Anvil) -> None:
    """The chain's clock is years ahead of ours here; so anything but a head from the far future is too old."""
    ahead = block_time(node.url) - time.time()
    with start(house, times=Times(oldest_head=3 - ahead)) as gateway:
        eventually(lambda: not gateway.about()["open"])
        assert "is too old" in shut(gateway, house)


def test_closed_when_the_node_answers_for_another_chain(start: Start, house: House, failing: Failing) -> None:
    with start(house, connection=failing) as gateway:
        failing.other_chain = True
        mine(house.connection.network.url)
        eventually(lambda: not gateway.about()["open"])
        assert "now answers for chain 1" in shut(gateway, house)
        failing.other_chain = False
        eventually(lambda: gateway.ask(house.entrance()).status_code == 200)


def test_closed_when_the_agreement_cannot_be_read(start: Start, house: House, failing: Failing) -> None:
    with start(house, connection=failing) as gateway:
        failing.error = MismatchError("no agreement is open there")
        eventually(lambda: not gateway.about()["open"])
        assert "no agreement is open there" in shut(gateway, house)


def test_closed_while_the_chain_is_reorganised_and_then_as_the_new_chain_says(
    start: Start, house: House, node: Anvil
) -> None:
    """A breach was seen, and then is no longer of the chain."""
    before = snapshot(node.url)
    with start(house) as gateway:
        listener = Listener(gateway, house, "guest")
        house.breach("host")
        eventually(lambda: gateway.lines("lost"))
        revert(node.url, before)
        mine(node.url, 2)
        eventually(lambda: [each for each in gateway.lines("closed") if "reorganised" in each["why"]])
        eventually(lambda: listener.ended == "broken off")
        eventually(lambda: gateway.ask(house.entrance("host")).status_code == 200)


def test_the_same_block_is_read_again_as_time_goes_on(house: House) -> None:
    passed = [0.0]
    reader = NodeReader(house.connection, house.guarded(), steady=lambda: passed[0])
    first = reader.read()
    assert first is not None
    assert all(each.holds for each in first.holders.values())
    passed[0] += house.agreement.terms.longStop - first.block.time + 1
    later = reader.read()
    assert later is not None
    assert later.block == first.block
    assert not any(each.holds for each in later.holders.values())


def test_an_older_answer_of_the_same_chain_is_no_news(house: House, failing: Failing) -> None:
    reader = NodeReader(failing, house.guarded())  # type: ignore[arg-type]
    first = reader.read()
    assert first is not None
    mine(house.connection.network.url)
    assert (second := reader.read()) is not None
    assert second.block.number == first.block.number + 1
    failing.frozen = first.block
    assert reader.read() is None
    failing.frozen = None
    assert reader.read() is not None


def test_closed_when_the_node_is_gone(build: Build, start: Start, tmp_path: Path) -> None:
    """A node of its own, which is ended."""
    with Anvil(timestamp=1_800_000_000) as own, connect(Network("local", own.url, own.chain_id), timeout=2) as link:
        house = build(on=(own, link, deploy(link, operator(link), directory=tmp_path).places))
        with start(house, connection=link, times=Times(stale_after=1.0, oldest_head=None)) as gateway:
            assert gateway.ask(house.entrance()).status_code == 200
            own.stop()
            eventually(lambda: not gateway.about()["open"])
            shut(gateway, house)


# Not to be started


def test_refused_where_the_document_gives_no_such_benefit(house: House) -> None:
    with pytest.raises(UsageError, match="gives no benefit `apy`"):
        Guarded(house.document, house.names, house.agreement.terms, house.agreement.address, "apy")


def test_refused_where_real_time_monitoring_has_nowhere_to_go(start: Start, build: Build) -> None:
    with pytest.raises(UsageError, match="monitored in real time"), start(build(monitoring="realtime")):
        pass


# The record


@pytest.fixture
def asked(start: Start, build: Build) -> Any:
    """What a gateway keeps of one question, by the level of monitoring; and what it keeps of it elsewhere."""

    def ask(level: str, sink: Path | None = None) -> tuple[Running, list[dict[str, Any]]]:
        house = build(monitoring=level)
        with start(house, sink=sink) as gateway:
            assert gateway.ask(house.entrance(), "/ask?x=1", "POST", data=b"why?").status_code == 200
            eventually(lambda: level == "none" or gateway.lines("answered"))
        return gateway, gateway.lines("admitted", "answered")

    return ask


def test_monitoring_none_keeps_no_request(asked: Any) -> None:
    gateway, lines = asked("none")
    assert lines == []
    assert [each["holder"] for each in gateway.lines("gained")] == ["host", "guest"]
    (tally,) = gateway.lines("tally")
    assert (tally["admitted"], tally["answered"]) == (1, 1)


def test_monitoring_minimal_keeps_when_who_and_how_it_ended(asked: Any) -> None:
    _, (admitted, answered) = asked("minimal")
    assert admitted.keys() == {"n", "prev", "event", "at", "id", "holder", "block"}
    assert answered.keys() == {"n", "prev", "event", "at", "id", "status", "whole"}
    assert (admitted["holder"], answered["status"], answered["whole"]) == ("host", 200, True)
    assert admitted["id"] == answered["id"]


def test_monitoring_for_audits_keeps_what_bodies_can_be_held_against(asked: Any, service: Service) -> None:
    _, (admitted, answered) = asked("periodic_audit")
    assert (admitted["method"], admitted["target"]) == ("POST", "/ask?x=1")
    assert (answered["request_bytes"], answered["request_hash"]) == (4, "0x" + keccak(b"why?").hex())
    assert answered["response_bytes"] > 0


def test_monitoring_in_real_time_keeps_the_bodies_for_who_is_named(asked: Any, tmp_path: Path) -> None:
    sink = tmp_path / "keeper"
    _, (admitted, answered) = asked("realtime", sink)
    request, response = (sink / f"{admitted['id']}.{part}" for part in ("request", "response"))
    assert request.read_bytes() == b"why?"
    assert "0x" + keccak(response.read_bytes()).hex() == answered["response_hash"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in (request, response)} == {0o600}
    assert stat.S_IMODE(sink.stat().st_mode) == 0o700


def test_what_cannot_be_kept_is_not_let_in(start: Start, build: Build, service: Service, tmp_path: Path) -> None:
    house, sink = build(monitoring="realtime"), tmp_path / "keeper"
    with start(house, sink=sink) as gateway:
        assert gateway.ask(house.entrance()).status_code == 200
        for each in sink.iterdir():
            each.unlink()
        sink.rmdir()
        answer = gateway.ask(house.entrance())
        assert (answer.status_code, reason(answer)) == (503, "not-monitored")
    assert len(service.asked) == 1


@pytest.fixture
def log(start: Start, house: House) -> Path:
    """The record of three questions."""
    gateway: Running
    with start(house) as gateway:
        for _ in range(3):
            gateway.ask(house.entrance())
    return gateway.log


def problems(log: Path) -> list[int]:
    return [found.line for _, found in check_log(log) if isinstance(found, Problem)]


def test_only_its_owner_reads_the_record(log: Path) -> None:
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert problems(log) == []


def test_a_record_that_was_tampered_with_shows_where(log: Path, tmp_path: Path) -> None:
    lines, changed = log.read_text().splitlines(keepends=True), tmp_path / "changed.jsonl"
    third = lines[3].replace('"at":1', '"at":2')
    assert third != lines[3]
    changed.write_text("".join([*lines[:3], third, *lines[4:]]))
    assert problems(changed) == [5], "changed: the line after it does not follow"
    changed.write_text("".join([*lines[:3], *lines[4:]]))
    assert problems(changed)[0] == 4, "removed"
    changed.write_text("".join([*lines[:3], lines[1], *lines[3:]]))
    assert problems(changed)[:2] == [4, 5], "inserted"
    changed.write_text("".join([*lines[:3], lines[4], lines[3], *lines[5:]]))
    assert problems(changed)[:3] == [4, 5, 6], "moved"


def test_a_record_goes_on_after_a_crash_and_says_where_it_was(start: Start, house: House, log: Path) -> None:
    whole = len(log.read_text().splitlines())
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - 10)
    with start(house, log=log):
        pass
    assert problems(log) == [whole]
    assert len(log.read_text().splitlines()) > whole


def test_the_last_line_is_told_to_whoever_writes_it_down(start: Start, house: House) -> None:
    with start(house) as gateway:
        told = gateway.about()["log"]
        assert line_hash(gateway.log.read_bytes().splitlines()[-1]) == told
