"""How tests of one transaction read with each of the tools that people use, and where each of them is installed.

titanoboa and ape pin other versions of what pyledger itself needs, and their pytest plugins watch every test: each has
an environment of its own below `build`, made from `requirements/titanoboa.txt` and `requirements/ape.txt`.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from hardening import BUILD, environment_with

__all__ = ["OURS", "PYLEDGER", "TO", "WEB3", "Way", "peers", "python_of", "ways"]

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""Of the first of Anvil's development accounts."""

TO = "0x" + "00" * 19 + "99"

OURS = "pyledger"


class Way(NamedTuple):
    """A tool to test with: the Python that has it, a test of one transaction, and a program that sends many.

    `test` is the body of a test and `before` the lines before it, `fixtures` what it asks for; `one` sends a
    transaction, after the lines of `start`. All find the address of a node in BENCH_NODE, if `node`: it runs already.
    """

    name: str
    python: str
    before: str
    fixtures: str
    test: str
    start: str = ""
    one: str = ""
    words: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    node: bool = True

    @property
    def tests(self) -> str:
        """A file of as many tests as BENCH_TESTS says, each written as a person would write one."""
        return TESTS.format(before=self.before.strip(), fixtures=self.fixtures, test=_indented(self.test, 8), to=TO)

    @property
    def sender(self) -> str:
        """A program that sends BENCH_COUNT transactions, and says in a file how many a second."""
        return SENDER.format(start=self.start.strip(), one=_indented(self.one, 4), to=TO)


TESTS = """
import os

TO = "{to}"
{before}


def made():
    def test({fixtures}):
{test}

    return test


for number in range(int(os.environ["BENCH_TESTS"])):
    globals()[f"test_{{number}}"] = made()
"""
"""Made in a loop, since a parameter counts as a fixture, and some plugins take a snapshot for each of those."""

SENDER = """
import os
import time
from pathlib import Path

TO = "{to}"
{start}


def one():
{one}


one()
count = int(os.environ["BENCH_COUNT"])
began = time.perf_counter()
for _ in range(count):
    one()
Path("rate").write_text(str(count / (time.perf_counter() - began)))
"""

PYLEDGER = Way(
    OURS,
    sys.executable,
    before="""
from pyledger.chain.local import operator
from pyledger.chain.transactions import transact

TO = bytes.fromhex(TO[2:])
""",
    fixtures="chain",
    test="""
transact(chain.connection, operator(chain.connection), TO, b"", value=1)
assert chain.connection.balance(TO) == 1
""",
    node=False,
)

WEB3 = Way(
    "plain web3 and pytest",
    sys.executable,
    before="""
import pytest
from web3 import Web3


@pytest.fixture(scope="session")
def w3():
    return Web3(Web3.HTTPProvider(os.environ["BENCH_NODE"]))


@pytest.fixture(autouse=True)
def clean(w3):
    mark = w3.provider.make_request("evm_snapshot", [])["result"]
    yield
    assert w3.provider.make_request("evm_revert", [mark])["result"]
""",
    fixtures="w3",
    test="""
sent = w3.eth.send_transaction({"from": w3.eth.accounts[0], "to": TO, "value": 1})
w3.eth.wait_for_transaction_receipt(sent)
assert w3.eth.get_balance(TO) == 1
""",
    start=f"""
from web3 import Web3
from web3.middleware import SignAndSendRawMiddlewareBuilder

w3 = Web3(Web3.HTTPProvider(os.environ["BENCH_NODE"]))
account = w3.eth.account.from_key("{KEY}")
w3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(account), layer=0)
""",
    one="""
sent = w3.eth.send_transaction({"from": account.address, "to": TO, "value": 1})
w3.eth.wait_for_transaction_receipt(sent)
""",
    words=("-p", "no:pyledger"),
)
"""As its documentation has it. Its tests let the node sign, which costs least; its programs sign themselves."""

BOA_ON_NODE = f"""
import boa
from eth_account import Account

boa.set_network_env(os.environ["BENCH_NODE"])
boa.env.add_account(Account.from_key("{KEY}"))
"""

BOA_ALONE = """
import boa

boa.env.set_balance(boa.env.eoa, 10**24)
"""

BOA_TEST = """
boa.env.raw_call(TO, value=1)
assert boa.env.get_balance(TO) == 1
"""

APE_TEST = """
accounts[0].transfer(TO, 1)
assert chain.provider.get_balance(TO) == 1
"""

APE_START = """
from ape import accounts, networks

networks.parse_network_choice("{network}").__enter__()
account = accounts.test_accounts[0]
"""


def peers() -> list[Way]:
    """Of titanoboa and ape, installed if need be: each on Anvil, and in the EVM that it brings."""
    return [*_titanoboa(environment_with("titanoboa")), *_ape(environment_with("ape"))]


def _titanoboa(environment: Mapping[str, str]) -> Iterator[Way]:
    for place, start, node in (("on Anvil", BOA_ON_NODE, True), ("in its own EVM", BOA_ALONE, False)):
        yield Way(
            f"titanoboa {place}",
            str(python_of("titanoboa")),
            before=start,
            fixtures="",
            test=BOA_TEST,
            start=start,
            one="boa.env.raw_call(TO, value=1)",
            environment=environment,
            node=node,
        )


def _ape(environment: Mapping[str, str]) -> Iterator[Way]:
    for place, network, node in (
        ("on Anvil", "ethereum:local:foundry", True),
        ("in its own EVM", "ethereum:local:test", False),
    ):
        yield Way(
            f"ape {place}",
            str(python_of("ape")),
            before="",
            fixtures="accounts, chain",
            test=APE_TEST,
            start=APE_START.format(network=network),
            one="account.transfer(TO, 1)",
            words=("--network", network),
            environment=environment,
            node=node,
        )


def ways(*, alone: bool) -> list[Way]:
    """All that are measured; only pyledger and plain web3 if `alone`."""
    return [PYLEDGER, WEB3, *([] if alone else peers())]


def python_of(tool: str) -> Path:
    """The interpreter of a tool's own environment."""
    return BUILD / f"venv-{tool}" / "bin" / "python"


def _indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.strip().splitlines())
