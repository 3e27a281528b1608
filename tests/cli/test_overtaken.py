"""Somebody else is faster: what a command finds done it does not claim to have done, and does not fail for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.chain.calls import Call
from pyledger.chain.client import Agreement
from pyledger.chain.keys import Signer
from pyledger.chain.transactions import Receipt
from tests.cli.conftest import Program


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Once called: of everything that is sent, somebody else has sent the same just before."""
    send = Agreement.send

    def twice(self: Agreement, signer: Signer, *calls: Call) -> Receipt:
        send(self, signer, *calls)
        return send(self, signer, *(call._replace(due={}) for call in calls))

    return lambda: monkeypatch.setattr(Agreement, "send", twice)


def done_by_others(program: Program, *words: str) -> Any:
    """The command ends well, claims nothing, and what it says there was no need to do."""
    said = program.json(*words)
    assert said["done"] == [], "it claims nothing"
    assert len(said["transactions"]) == 1
    return said["already"]


def test_fund_what_somebody_else_has_just_funded(in_force: str, program: Program, late: Callable[[], None]) -> None:
    late()
    assert done_by_others(program, "fund", in_force, "--as", "city") == ["first-half is funded already"]


def test_fund_tops_up_what_somebody_else_has_just_topped_up(
    funded: str, program: Program, late: Callable[[], None]
) -> None:
    program.ok("concede", funded, "foundations-laid", "--as", "builder")
    program.ok("settle", funded)
    late()
    assert done_by_others(program, "fund", funded, "--as", "builder") == ["the bond of builder is topped up already"]


def test_attest_what_somebody_else_has_just_relayed(funded: str, program: Program, late: Callable[[], None]) -> None:
    words = ("attest", funded, "foundations-laid", "met", "--as")
    late()
    assert done_by_others(program, *words, "engineer-a") == ["that foundations-laid is met was heard already"]
    assert done_by_others(program, *words, "engineer-b") == ["foundations-laid is decided already: met"]


def test_submit_what_somebody_else_has_just_relayed(
    funded: str, program: Program, late: Callable[[], None], tmp_path: Path
) -> None:
    file = str(tmp_path / "voices.json")
    voices = ("--as", "engineer-a", "--as", "engineer-b")
    program.ok("attest", funded, "foundations-laid", "met", *voices, "--offline", "--output", file)
    late()
    assert done_by_others(program, "submit", file, "--as", "city") == ["foundations-laid is decided already: met"]


def test_release_what_somebody_else_has_just_released(
    funded: str, program: Program, late: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    attest = Agreement.attest
    with monkeypatch.context() as patched:
        patched.setattr(Agreement, "attest", lambda *given: attest(*given, pay=[]))
        voices = ("--as", "engineer-a", "--as", "engineer-b")
        program.ok("attest", funded, "foundations-laid", "met", *voices)
    late()
    assert done_by_others(program, "release", funded, "--as", "city") == ["first-half is paid out already"]


def test_open_and_accept_what_somebody_else_has_just_opened(
    node: Anvil, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = Agreement.launch

    def late(self: Agreement, signer: Signer, *chosen: Collection[int], disclosed: int) -> Receipt:
        self.open(signer)
        return launch(self, signer, *chosen, disclosed=disclosed)

    monkeypatch.setattr(Agreement, "launch", late)
    program.ok("new", "deal.yaml")
    said = program.json("open", "deal.yaml", "--as", "city", "--accept")
    assert said["already"] == ["somebody else had opened it before"]
    assert [each["event"] for each in said["done"]] == ["Accepted"]
    kinds = [each["event"] for each in program.json("history", "deal.yaml")]
    assert kinds == ["Opened", "Accepted"], "its history begins with the opening"
