"""The command line as a person meets it: run in this process, against a real node, with a home of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pyledger.chain.anvil import Anvil, block_time, rpc, warp
from pyledger.cli.app import run as run_program


class Said(NamedTuple):
    """What a command answered: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


PutCode = Callable[[str, str], None]
"""Puts code at an address."""


class Program:
    """`program("status", "starter")` runs the command line; `ok` insists on success, `json` on an object."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> Said:
        self._capsys.readouterr()
        code = run_program(words)
        out, err = self._capsys.readouterr()
        return Said(code, out, err)

    def ok(self, *words: str) -> Said:
        said = self(*words)
        assert said.code == 0, f"{words}: {said.err or said.out}"
        return said

    def json(self, *words: str) -> Any:
        return self.ok(*words, "--json").json

    def refused(self, *words: str, code: int = 1) -> str:
        """What stderr says of a command that must fail."""
        said = self(*words)
        assert said.code == code, f"{words} gave {said.code}: {said.err or said.out}"
        assert said.out == ""
        assert "Traceback" not in said.err
        return said.err


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder and a working folder that nobody else has."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TZ", "UTC")
    for name in (
        "PYLEDGER_NETWORK",
        "PYLEDGER_RPC_URL",
        "PYLEDGER_PASSPHRASE",
        "PYLEDGER_DEBUG",
        "FORCE_COLOR",
        "COLUMNS",
    ):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def program(home: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(capsys)


@pytest.fixture(scope="session")
def own_node() -> Iterator[Anvil]:
    """A chain for the command line alone: its tests move the clock by years."""
    with Anvil(timestamp=1_800_000_000) as chain:
        yield chain


@pytest.fixture
def node(own_node: Anvil, home: Path, monkeypatch: pytest.MonkeyPatch) -> Anvil:
    """That chain, as the network every command uses, at an hour of its own.

    What opens in the same second with the same terms is the same agreement.
    """
    warp(own_node.url, to=block_time(own_node.url) + 3600)
    monkeypatch.setenv("PYLEDGER_NETWORK", "local")
    monkeypatch.setenv("PYLEDGER_RPC_URL", own_node.url)
    return own_node


@pytest.fixture
def put_code(node: Anvil) -> Iterator[PutCode]:
    """Puts code at an address; what was there before comes back, as other tests use the same chain."""
    before: dict[str, str] = {}

    def put(address: str, code: str) -> None:
        before.setdefault(address, rpc(node.url, "eth_getCode", [address, "latest"]))
        rpc(node.url, "anvil_setCode", [address, code])

    yield put
    for address, code in before.items():
        rpc(node.url, "anvil_setCode", [address, code])


@pytest.fixture
def opened(node: Anvil, program: Program) -> str:
    """A copy of the starter, opened; what is returned is the file."""
    program.ok("new", "deal.yaml")
    program.ok("open", "deal.yaml")
    return "deal.yaml"


@pytest.fixture
def in_force(opened: str, program: Program) -> str:
    """The same, accepted by both parties."""
    program.ok("accept", opened, "--as", "city")
    program.ok("accept", opened, "--as", "builder")
    return opened


@pytest.fixture
def funded(in_force: str, program: Program) -> str:
    """The same, its first payment in escrow."""
    program.ok("fund", in_force, "--as", "city")
    return in_force
