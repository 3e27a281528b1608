"""`pyledger run --record`: what was done at the terminal, on a chain, becomes a scenario that passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil, block_time, warp
from pyledger.chain.client import Agreement
from pyledger.chain.events import Attested
from pyledger.chain.facts import Story, read_story
from pyledger.terms.names import Names
from pyledger.terms.structs import Verdict
from tests.cli.conftest import Program


def later(node: Anvil, days: int) -> None:
    warp(node.url, to=block_time(node.url) + days * 86_400)


def replay(program: Program, deal: str, file: str = "recorded.yaml") -> str:
    """The scenario of a deal, which passes when it is played."""
    program.ok("run", "--record", deal, "--output", file)
    found = program.json("run", file)
    assert (found["passed"], found["failed"]) == (1, 0), found
    return Path(file).read_text(encoding="utf-8")


def test_a_deal_kept_to_the_end(funded: str, program: Program, node: Anvil) -> None:
    later(node, 20)
    program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b")
    program.ok("settle", funded)
    program.ok("fund", funded, "--as", "city")
    program.ok("attest", funded, "bridge-open", "met", "--as", "engineer-a", "--as", "engineer-b")
    later(node, 400)
    program.ok("settle", funded)
    text = replay(program, funded)
    assert "document: deal.yaml\n" in text
    assert "  - {met: foundations-laid, by: [engineer-a, engineer-b], at: 20 days" in text
    assert "  state: completed\n" in text
    assert "  gains: {builder: 1_000_000}\n  loses: {city: 1_000_000}\n" in text


def test_who_said_what_is_played_again_by_the_same_verifiers(
    funded: str, program: Program, node: Anvil, heard: list[tuple[str, str, Verdict]]
) -> None:
    for who, word in (("engineer-c", "met"), ("engineer-a", "breached"), ("engineer-b", "met")):
        later(node, 2)
        program.ok("attest", funded, "foundations-laid", word, "--as", who)
    text = replay(program, funded)
    said = re.findall(r"  - {(\w+): foundations-laid, by: (.*), at: (\d days).*}", text)
    assert said == [
        ("met", "engineer-c", "2 days"),
        ("breached", "engineer-a", "4 days"),
        ("met", "engineer-b", "6 days"),
    ]
    assert heard == [
        ("foundations-laid", "engineer-c", Verdict.MET),
        ("foundations-laid", "engineer-a", Verdict.BREACHED),
        ("foundations-laid", "engineer-b", Verdict.MET),
    ]


def test_a_voice_that_decides_nothing_is_told_too(funded: str, program: Program) -> None:
    program.ok("attest", funded, "foundations-laid", "breached", "--as", "engineer-c")
    text = replay(program, funded)
    assert "  - {breached: foundations-laid, by: engineer-c, at: " in text
    assert "foundations-laid: undecided" in text


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Verdict]]:
    """What verifiers have said on the chain that a scenario was last played on: of what, who, and the verdict."""
    found: list[tuple[str, str, Verdict]] = []

    def listening(agreement: Agreement, names: Names) -> Story:
        found[:] = [
            (names.obligations[each.phase][each.obligation], names.seats[0][each.seat], each.verdict)
            for each in agreement.events()
            if isinstance(each, Attested)
        ]
        return read_story(agreement, names)

    monkeypatch.setattr("pyledger.cli.performing.read_story", listening)
    return found


def test_a_breach_known_by_its_address_alone(funded: str, program: Program) -> None:
    address = program.json("address", funded)["address"]
    program.ok("concede", funded, "foundations-laid", "--as", "builder")
    program.ok("settle", funded)
    Path(funded).unlink()
    text = replay(program, address, "broken.yaml")
    assert "document: broken.deal.yaml\n" in text
    assert "breached: {builder: foundations-laid}" in text


def test_what_is_not_over_is_expected_where_it_stands(funded: str, program: Program) -> None:
    program.ok("attest", funded, "foundations-laid", "breached", "--as", "engineer-a", "--as", "engineer-b")
    text = replay(program, funded)
    assert "  - expect:\n      state: in force\n      phase: foundations\n" in text
    assert "      loses: {city: 50_000, builder: 100_000}\n" in text


def test_a_default_and_a_payment_that_was_never_made(in_force: str, program: Program, node: Anvil) -> None:
    later(node, 60)
    program.ok("settle", in_force)
    text = replay(program, in_force)
    assert "  - {default: city, on: payments}\n" in text
    assert "  in_default: [city]\n" in text


def test_joining_that_failed(opened: str, program: Program, node: Anvil) -> None:
    program.ok("accept", opened, "--as", "city")
    later(node, 20)
    program.ok("unwind", opened)
    assert "absent: [builder]\n" in replay(program, opened)


def test_what_cannot_be_recorded_is_said(opened: str, program: Program, tmp_path: Path) -> None:
    assert "nothing to play again" in program.refused("run", "--record", opened, "--output", "x.yaml")
    assert not Path("x.yaml").exists()
    assert "to one file" in program.refused("run", "--record", opened, code=2)
    Path("there.yaml").write_text("mine", encoding="utf-8")
    assert "is there already" in program.refused("run", "--record", opened, "--output", "there.yaml", code=2)
