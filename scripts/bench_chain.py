"""How many transactions a client sends and has confirmed, and how long a thousand agreements take, beside others."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench_figures import compared, in_turn, ratio, say, taken_by
from bench_peers import OURS, TO, WEB3, Way, ways
from bench_tests import DEAL

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

__all__ = ["agreements", "throughput"]

REFUSING = "0x5f5ffd"
"""Code that refuses whatever it is sent."""


@contextmanager
def _node(*extra: str) -> Iterator[tuple[Anvil, Connection]]:
    with tempfile.TemporaryDirectory() as folder:
        ipc = Path(folder) / "anvil.ipc"
        with Anvil(ipc=ipc, extra=extra) as node, connect(Network("local", str(ipc))) as connection:
            yield node, connection


def throughput(times: int, count: int, *, alone: bool) -> None:
    """Signed transactions a second until they are confirmed, one after another; then ours in batches as well."""
    one, batches = f"{OURS}, one after another", f"{OURS}, in batches"
    makers = {one: partial(_one_by_one, count), batches: partial(_in_batches, 5 * count)}
    makers |= {way.name: partial(_sent_by, way, min(count, 100)) for way in ways(alone=alone) if way.one}
    figures = in_turn(makers, times)
    print(f"signed transactions a second until confirmed; median of {times} (lowest to highest)")
    print("gas is given in batches; in an EVM of its own nothing is sent to a node, and titanoboa signs nothing")
    say(batches, figures[batches], "a second")
    compared({name: rates for name, rates in figures.items() if name != batches}, "a second", 0, ours=one, rates=True)
    ratio(batches, WEB3.name, figures, rates=True)


def _one_by_one(count: int) -> float:
    with _node() as (_, connection):
        signer = dev_signer(0, chain_id=connection.chain_id)
        return _rate(lambda: transact(connection, signer, bytes.fromhex(TO[2:]), b"", value=1), count)


def _in_batches(count: int) -> float:
    with _node() as (_, connection):
        signer = dev_signer(0, chain_id=connection.chain_id)
        messages = [Message(signer, bytes.fromhex(TO[2:]), b"", value=1, gas=21_000)] * count
        began = time.perf_counter()
        transact_all(connection, messages)
        return count / (time.perf_counter() - began)


def _sent_by(way: Way, count: int) -> float:
    """What a program written with another tool reaches."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        program = Path(folder) / "send.py"
        program.write_text(way.sender, encoding="utf-8")
        node = stack.enter_context(Anvil()).url if way.node else ""
        variables = {"BENCH_NODE": node, "APE_FOUNDRY_HOST": node, "BENCH_COUNT": str(count)}
        taken_by([way.python, str(program)], where=Path(folder), environment={**way.environment, **variables})
        return float((Path(folder) / "rate").read_text(encoding="utf-8"))


def _spent(node: Anvil) -> float:
    """CPU seconds that this process and the node have taken so far."""
    ticks = Path(f"/proc/{node.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


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
            place: dict[str, Any] = {"chain_id": 31337, "agreement": client.address, "expiry": client.terms.longStop}
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
        plain = _sent_by(WEB3, 50)
        print(f"  plain web3 sends {plain:.0f} transactions a second: {count * len(moves) / plain:.0f} s for as many")
        print(f"  faster by {count * len(moves) / plain / took:.1f} times")
