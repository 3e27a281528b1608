"""What a test on a local chain costs, and until the first one runs, with pyledger's plugin and with others."""

import json
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench_figures import compared, in_turn, taken_by
from bench_peers import PYLEDGER, Way, ways

from pyledger.chain.anvil import Anvil

__all__ = ["DEAL", "Tested", "isolation", "one_run"]

PLAYED = """
import os
from pathlib import Path
import pytest
from pyledger.document import load

DEAL = load(Path(__file__).with_name("deal.yaml"))

@pytest.mark.parametrize("number", range(int(os.environ["BENCH_TESTS"])))
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
    first or first.extend((time.time() - float(os.environ["BENCH_BEGAN"]), time.process_time()))

def pytest_sessionfinish(session):
    if took:
        with open("figures-" + os.environ.get("PYTEST_XDIST_WORKER", "one"), "w") as file:
            json.dump({"took": took, "first": first[0], "spent": first[1]}, file)
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


class Tested(NamedTuple):
    """A run of pytest: milliseconds a test (median), seconds from its start until the first test runs, and in all.

    `spent` are the CPU seconds of pytest itself until the first test runs.
    """

    each: float
    first: float
    spent: float
    all: float


def isolation(times: int, count: int, *, alone: bool) -> None:
    """Time of each test, from its set-up to its end; then with one and two workers."""
    found = in_turn({way.name: partial(one_run, way, count) for way in ways(alone=alone)}, times)
    print(f"{count} tests, isolated by snapshot, one transaction each; medians of {times} runs (lowest to highest)")
    print("milliseconds a test, with its set-up and tear-down")
    compared({name: [run.each for run in runs] for name, runs in found.items()}, "ms", 2)
    print("seconds from the start of pytest until the first test runs; others find a node running, pyledger starts one")
    compared({name: [run.first for run in runs] for name, runs in found.items()}, "s", 2)
    workers = {"two workers": "2", "one worker": "1"}
    played = {name: partial(one_run, PYLEDGER, 200, "-n", words, source=PLAYED) for name, words in workers.items()}
    found = in_turn(played, times)
    print("200 tests that each play an agreement from opening to settlement, with pytest-xdist")
    compared({name: [run.all for run in runs] for name, runs in found.items()}, "s", 2, ours="two workers")


def one_run(way: Way, count: int, *words: str, source: str | None = None) -> Tested:
    """One run of pytest in a project of its own."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        project = Path(folder)
        (project / "test_it.py").write_text(source or way.tests, encoding="utf-8")
        (project / "deal.yaml").write_text(DEAL, encoding="utf-8")
        (project / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        node = stack.enter_context(Anvil()).url if way.node else ""
        began = time.time()
        variables = {"BENCH_BEGAN": str(began), "BENCH_TESTS": str(count), "BENCH_NODE": node, "PYLEDGER_HOME": folder}
        run = [way.python, "-m", "pytest", "-p", "no:cacheprovider", "-q", *way.words, *words]
        took = taken_by(run, where=project, environment={**way.environment, **variables, "APE_FOUNDRY_HOST": node})
        found = [json.loads(file.read_text()) for file in project.glob("figures-*")]
        if sum(len(one["took"]) for one in found) != count:
            raise SystemExit(f"{way.name}: {count} tests should have run")
        each = [1000 * second for one in found for second in one["took"]]
        first, spent = (min(one[name] for one in found) for name in ("first", "spent"))
        return Tested(median(each), first, spent, took.clock)
