"""What a test, a transaction and an agreement cost on a local chain, beside plain web3 and pytest in the same run."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyledger.chain.anvil import Anvil
from pyledger.chain.bulk import Message, transact_all
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import deploy
from pyledger.chain.keys import dev_signer
from pyledger.chain.local import bind_locally, local_signer, operator
from pyledger.chain.networks import Network
from pyledger.chain.transactions import transact
from pyledger.document import loads
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names

__all__ = ["agreements", "isolation", "throughput"]

OURS = """
from pyledger.chain.local import operator
from pyledger.chain.transactions import transact
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_it(chain, number):
    transact(chain.connection, operator(chain.connection), bytes(19) + b"\\x99", b"", value=1)
    assert chain.connection.balance(bytes(19) + b"\\x99") == 1
"""

PLAIN = """
import pytest
from web3 import Web3

@pytest.fixture(scope="session")
def w3():
    from pyledger.chain.anvil import Anvil
    with Anvil() as node:
        yield Web3(Web3.HTTPProvider(node.url))

@pytest.fixture(autouse=True)
def clean(w3):
    mark = w3.provider.make_request("evm_snapshot", [])["result"]
    yield
    assert w3.provider.make_request("evm_revert", [mark])["result"]

@pytest.mark.parametrize("number", range({count}))
def test_it(w3, number):
    to = Web3.to_checksum_address("0x" + "00" * 19 + "99")
    sent = w3.eth.send_transaction({{"from": w3.eth.accounts[0], "to": to, "value": 1}})
    w3.eth.wait_for_transaction_receipt(sent)
    assert w3.eth.get_balance(to) == 1
"""

PLAYED = """
from pathlib import Path
import pytest
from pyledger.document import load

DEAL = load(Path(__file__).with_name("deal.yaml"))

@pytest.mark.parametrize("number", range({count}))
def test_it(agreement, number):
    deal = agreement(DEAL, funded=True)
    deal.attest("done", "met")
    deal.settle()
    assert deal.status == "completed"
"""

CONFTEST = """
import json, os, time
import pytest

took, first = [], []

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    began = time.perf_counter()
    found = yield
    took.append(time.perf_counter() - began)
    return found

def pytest_runtest_call(item):
    first or first.append(time.time() - float(os.environ["BENCH_BEGAN"]))

def pytest_sessionfinish(session):
    if took:
        with open("figures-" + os.environ.get("PYTEST_XDIST_WORKER", "one"), "w") as file:
            json.dump({"took": took, "first": first[0]}, file)
"""

DEAL = """
pyledger: 1
title: A thousand of these
assets: {coin: {native: true}}
parties:
  east: {name: East, bond: {amount: 1, asset: coin}, forfeits_to: west}
  west: {name: West, bond: {amount: 1, asset: coin}, forfeits_to: east}
recipients: {vault: {name: Where West takes its money}}
panels: {panel: {verifiers: [auditor], threshold: 1}}
join_within: 30 days
long_stop_after: 2 years
phases:
  - id: only
    obligations:
      done: {by: west, what: It is done, within: 90 days, decided_by: panel, if_silent: lapse, forfeit: 50%}
    payments:
      wage: {from: east, to: west, amount: 2, asset: coin, when: {done: met}, fund_within: 30 days}
"""

REFUSING = "0x5f5ffd"
"""Code that refuses whatever it is sent."""


def say(name: str, figures: Sequence[float], unit: str, digits: int = 0) -> None:
    low, high = min(figures), max(figures)
    print(f"  {name:<44}{statistics.median(figures):>9,.{digits}f} {unit}   ({low:,.{digits}f} to {high:,.{digits}f})")


def ratio(what: str, ours: Sequence[float], theirs: Sequence[float], *, faster: bool) -> None:
    """How much better, pair by pair: `faster` where more is better."""
    pairs = [mine / other if faster else other / mine for mine, other in zip(ours, theirs, strict=True)]
    print(f"  {what}: {statistics.median(pairs):.1f} times   ({min(pairs):.1f} to {max(pairs):.1f})")


def isolation(times: int, count: int) -> None:
    """Time of each test, from its set-up to its end, and until the first one runs; then with one and two workers."""
    ours: list[dict[str, float]] = []
    plain: list[dict[str, float]] = []
    for _ in range(times):
        ours.append(_pytest(OURS.format(count=count)))
        plain.append(_pytest(PLAIN.format(count=count)))
    print(f"{count} tests, isolated by snapshot, one transaction each; medians of {times} runs (lowest to highest)")
    for key, title, unit, digits in (("test", "a test", "ms", 2), ("first", "until the first test runs", "s", 2)):
        mine, other = [each[key] for each in ours], [each[key] for each in plain]
        say(f"{title}, pyledger", mine, unit, digits)
        say(f"{title}, plain web3 and pytest", other, unit, digits)
        ratio(f"{title}, faster by", mine, other, faster=False)
    workers: dict[str, list[float]] = {"1": [], "2": []}
    for _ in range(times):
        for number, found in workers.items():
            found.append(_pytest(PLAYED.format(count=200), "-n", number)["all"])
    for number, found in workers.items():
        say(f"200 tests that play an agreement, -n {number}", found, "s", 2)
    ratio("two workers, faster by", workers["2"], workers["1"], faster=False)


def _pytest(source: str, *words: str) -> dict[str, float]:
    """One run of pytest in a project of its own: ms a test (median), s until the first, s in all."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "test_it.py").write_text(source, encoding="utf-8")
        (project / "deal.yaml").write_text(DEAL, encoding="utf-8")
        (project / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        began = time.time()
        environment = {**os.environ, "BENCH_BEGAN": str(began), "PYLEDGER_HOME": folder}
        run = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *words]
        done = subprocess.run(run, cwd=project, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        took = time.time() - began
        found = [json.loads(file.read_text()) for file in project.glob("figures-*")]
        each = [1000 * second for one in found for second in one["took"]]
        return {"test": statistics.median(each), "first": min(one["first"] for one in found), "all": took}


@contextmanager
def _node(*extra: str) -> Iterator[tuple[Anvil, Connection]]:
    with tempfile.TemporaryDirectory() as folder:
        ipc = Path(folder) / "anvil.ipc"
        with Anvil(ipc=ipc, extra=extra) as node, connect(Network("local", str(ipc))) as connection:
            yield node, connection


def throughput(times: int, count: int) -> None:
    """Signed transactions a second until they are confirmed."""
    figures: dict[str, list[float]] = {"plain web3, one after another": [], "one after another": [], "in batches": []}
    for _ in range(times):
        with _node() as (node, _):
            figures["plain web3, one after another"].append(_rate(_plain(node), min(count, 100)))
        with _node() as (_, connection):
            signer, to = dev_signer(0, chain_id=connection.chain_id), bytes(19) + b"\x99"
            one = lambda: transact(connection, signer, to, b"", value=1)  # noqa: B023, E731 - called at once
            figures["one after another"].append(_rate(one, count))
        with _node() as (_, connection):
            messages = [Message(signer, to, b"", value=1, gas=21_000)] * (5 * count)
            began = time.perf_counter()
            transact_all(connection, messages)
            figures["in batches"].append(len(messages) / (time.perf_counter() - began))
    print(f"signed transactions a second until confirmed, gas given in batches; median of {times} (lowest to highest)")
    for name, found in figures.items():
        say(name, found, "a second")
    plain = figures["plain web3, one after another"]
    ratio("one after another, faster by", figures["one after another"], plain, faster=True)
    ratio("in batches, faster by", figures["in batches"], plain, faster=True)


def _spent(node: Anvil) -> float:
    """CPU seconds that this process and the node have taken so far."""
    ticks = Path(f"/proc/{node.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _plain(node: Anvil) -> Callable[[], object]:
    """web3 as its documentation has it: signed here, sent, waited for."""
    from web3 import Web3
    from web3.middleware import SignAndSendRawMiddlewareBuilder

    web3: Any = Web3(Web3.HTTPProvider(node.url))
    account = web3.eth.account.from_key("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
    web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(account), layer=0)
    to = "0x" + "00" * 19 + "99"

    def one() -> object:
        sent = web3.eth.send_transaction({"from": account.address, "to": to, "value": 1})
        return web3.eth.wait_for_transaction_receipt(sent)

    return one


def _rate(one: Callable[[], object], count: int) -> float:
    one()
    began = time.perf_counter()
    for _ in range(count):
        one()
    return count / (time.perf_counter() - began)


def agreements(count: int) -> None:
    """From the opening to the last withdrawal, each move for all of them before the next."""
    with _node() as (node, connection), tempfile.TemporaryDirectory() as folder:
        relay = operator(connection)
        places = deploy(connection, relay, directory=Path(folder)).places
        document = loads(DEAL)
        first = bind_locally(connection, document)
        names = Names.of(document, first)
        east, west, auditor = (local_signer(first, name, chain_id=31337) for name in ("east", "west", "auditor"))
        wall = bytes(18) + b"\xca\x11"
        connection.request("anvil_setCode", "0x" + wall.hex(), REFUSING)
        connection.request("anvil_setCode", "0x" + west.address.hex(), "0xef0100" + wall.hex())  # cannot be sent coin
        start = connection.latest_time()
        bound = [first.model_copy(update={"start": start + number}) for number in range(count)]
        clients = [Agreement(connection, compile_terms(document, each), places, names=names) for each in bound]
        from pyledger.chain.attestations import Motion, sign_attestation
        from pyledger.terms.structs import NATIVE, Verdict

        said = Motion(0, 0, Verdict.MET, 0)

        def voice(client: Agreement) -> Any:
            place = {"chain_id": 31337, "agreement": client.address, "expiry": client.terms.longStop}
            return client.calls.attest(said, [sign_attestation(auditor, client.terms, said, **place)])

        moves: list[tuple[str, Any, Callable[[Agreement], Any]]] = [
            ("open", relay, lambda each: each.calls.open()),
            ("accept", east, lambda each: each.calls.accept(east.address)),
            ("accept", west, lambda each: each.calls.accept(west.address)),
            ("fund", east, lambda each: each.calls.fund([0])),
            ("attest", relay, voice),
            ("settle", relay, lambda each: each.calls.settle()),
            ("withdraw", west, lambda each: each.calls.withdraw(NATIVE, to=names.account("vault"))),
        ]
        began, spent = time.perf_counter(), _spent(node)
        for name, signer, move in moves:
            at = time.perf_counter()
            calls = [move(client) for client in clients]
            asked = time.perf_counter()
            transact_all(
                connection,
                [
                    Message(signer, call.to, call.data, value=call.due.get(NATIVE, 0), label=call.label)
                    for call in calls
                ],
            )
            print(f"  {name:<10}{asked - at:>7.1f} s to prepare {time.perf_counter() - asked:>7.1f} s to send")
        took = time.perf_counter() - began
        gained = connection.balance(names.account("vault")) - 10_000 * 10**18
        if gained != count * 3 * 10**18:
            raise SystemExit(f"the vault should have gained {count * 3} coin, and has {gained / 10**18}")
        print(f"{count:,} agreements, {count * len(moves):,} transactions: {took:.1f} s, {count / took:.0f} a second")
        print(f"  of that {_spent(node) - spent:.1f} s of CPU time, pyledger's and Anvil's together")
        plain = _rate(_plain(node), 50)
        print(f"  plain web3 sends {plain:.0f} transactions a second: {count * len(moves) / plain:.0f} s for as many")
        print(f"  faster by {count * len(moves) / plain / took:.1f} times")
