"""A deal from its document to its last payout, typed command by command."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil, rpc
from tests.cli.conftest import Program, PutCode

MILLION = 10**6


def test_a_deal_that_is_kept(funded: str, program: Program) -> None:
    program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-a")
    said = program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-c").out
    assert "decided: foundations-laid is met" in said
    assert "400,000 USDX paid to builder (first-half)" in said
    assert "phase bridge opened" in program.ok("settle", funded).out
    program.ok("fund", funded, "--as", "city")
    program.ok("attest", funded, "bridge-open", "met", "--as", "engineer-b", "--as", "engineer-a")
    program.ok("chain", "warp", "--past", funded, "road-kept-clear")
    said = program.ok("settle", funded).out
    assert "bond of 50,000 USDX back to city" in said
    assert said.rstrip().splitlines()[-2].startswith("the agreement is completed")
    status = program.json("status", funded)
    assert status["state"] == "completed"
    assert status["if_ended_now"] == []
    assert status["actions"] == []
    assert all(each["bonds"]["smallest"] == each["escrow"]["smallest"] == "0" for each in status["held"])
    road = status["phase"]["obligations"][1]
    assert (road["name"], road["verdict"], road["by_silence"]) == ("road-kept-clear", "met", True)


def test_a_conceded_breach_forfeits_bond(funded: str, program: Program) -> None:
    assert (
        "builder conceded: foundations-laid is breached"
        in program.ok("concede", funded, "foundations-laid", "--as", "builder").out
    )
    said = program.ok("settle", funded).out
    assert "builder forfeited 50,000 USDX to city" in said
    assert "400,000 USDX returned to city (first-half)" in said
    status = program.json("status", funded)
    (builder,) = [party for party in status["parties"] if party["name"] == "builder"]
    assert builder["bond"]["short"]["amount"] == "50000.000000"
    said = program.ok("fund", funded, "--as", "builder").out
    assert "builder topped up its bond by 50,000 USDX" in said


def test_silence_decides_and_unfunded_payments_end_it(in_force: str, program: Program) -> None:
    program.ok("chain", "warp", "11 days")
    status = program.json("status", in_force)
    assert any("city did not fund first-half" in each for each in status["warnings"])
    said = program.ok("settle", in_force).out
    assert "in default: city" in said
    assert "city forfeited 50,000 USDX to builder" in said
    assert program.json("status", in_force)["state"] == "terminated"


def test_a_deal_that_not_all_accept_is_unwound(opened: str, program: Program) -> None:
    program.ok("accept", opened, "--as", "city")
    assert "too early" in program.refused("unwind", opened)
    program.ok("chain", "warp", "15 days")
    assert "bond of 50,000 USDX back to city" in program.ok("unwind", opened).out
    again = program.ok("unwind", opened).out
    assert "void already" in again


def test_doing_again_what_is_done_changes_nothing(funded: str, program: Program) -> None:
    assert program.json("open", funded)["already"]
    assert program.json("accept", funded, "--as", "city")["already"] == ["city has accepted already"]
    assert program.json("fund", funded, "--as", "city")["already"] == ["first-half is funded already"]
    assert program.json("fund", funded, "--as", "builder")["already"] == ["builder owes nothing in this phase"]
    attest = ("attest", funded, "foundations-laid", "met", "--as", "engineer-a")
    program.ok(*attest)
    again = program.json(*attest)
    assert again["already"] == ["engineer-a has attested that already"]
    assert again["transactions"] == []
    program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-b")
    assert program.json(*attest)["already"] == ["foundations-laid is decided already: met"]
    assert program.json("release", funded)["already"] == ["nothing can be paid out now"]


def test_doing_again_what_a_phase_that_is_over_has_seen_changes_nothing(funded: str, program: Program) -> None:
    attest = ("attest", funded, "foundations-laid", "met", "--as")
    program.ok(*attest, "engineer-a", "--as", "engineer-b")
    program.ok("settle", funded)
    decided = ["foundations-laid is decided already: met"]
    assert program.json(*attest, "engineer-a")["already"] == decided
    again = ("fund", funded, "--as", "city", "--payment", "first-half")
    assert program.json(*again)["already"] == ["first-half was funded, and is settled"]
    assert program.json("release", funded, "--payment", "first-half")["already"] == [
        "first-half was settled with its phase"
    ]
    assert "which is over" in program.refused("attest", funded, "foundations-laid", "breached", "--as", "engineer-c")
    program.ok("fund", funded, "--as", "city")
    program.ok("attest", funded, "bridge-open", "met", "--as", "engineer-b", "--as", "engineer-a")
    program.ok("chain", "warp", "--past", funded, "road-kept-clear")
    program.ok("settle", funded)
    assert program.json(*attest, "engineer-a")["already"] == decided
    for command in (("fund", funded, "--as", "city"), ("fund", funded, "--as", "builder"), ("release", funded), again):
        assert program.json(*command)["transactions"] == []


def test_conceding_again_changes_nothing(funded: str, program: Program) -> None:
    concede = ("concede", funded, "foundations-laid", "--as", "builder")
    program.ok(*concede)
    program.ok("settle", funded)
    assert program.json(*concede)["already"] == ["foundations-laid is breached already"]


def test_past_the_long_stop_what_was_decided_is_paid(funded: str, program: Program) -> None:
    program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b")
    program.ok("settle", funded)
    program.ok("fund", funded, "--as", "city")
    program.ok("attest", funded, "bridge-open", "met", "--as", "engineer-b", "--as", "engineer-a")
    program.ok("chain", "warp", "3 years")
    assert "close the agreement: pay what was decided" in program.ok("status", funded).out
    said = program.ok("unwind", funded).out
    assert "bond of 100,000 USDX back to builder" in said
    assert program.json("status", funded)["state"] == "unwound"


def test_a_credit_is_sent_to_its_owner_by_anybody(
    funded: str, node: Anvil, program: Program, put_code: PutCode
) -> None:
    assert program.json("withdraw", funded, "--for", "builder")["already"] == ["nothing is credited to builder"]
    assert "nobody is named" in program.refused("withdraw", funded, code=2)
    assert "only the owner" in program.refused("withdraw", funded, "--for", "builder", "--to", "city", code=2)
    (file,) = Path(os.environ["PYLEDGER_HOME"]).glob("agreements/*/*/bindings.yaml")
    token = file.read_text(encoding="utf-8").split("usd: ")[1].split()[0].strip("'\"")
    code = rpc(node.url, "eth_getCode", [token, "latest"])
    put_code(token, "0xfe")
    program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b")
    put_code(token, code)
    words = [each["what"] for each in program.json("status", funded)["actions"]]
    assert "send builder the 400,000 USDX it is owed" in words
    assert "a part of the credit" in program.refused("withdraw", funded, "--as", "builder", "--amount", "1", code=2)
    part = ("withdraw", funded, "--as", "builder", "--asset", "usd", "--amount")
    assert "--amount" in program.refused(*part, "lots", code=2)
    assert "nothing is credited" in program.refused(*part, "0")
    assert "builder withdrew 100,000 USDX" in program.ok(*part, "100_000").out
    said = program.ok("withdraw", funded, "--for", "builder", "--as", "city").out
    assert "builder withdrew 300,000 USDX" in said
    assert program.json("status", funded)["credits"] == []


def test_open_again_makes_another_agreement(opened: str, program: Program) -> None:
    first = program.json("status", opened)["agreement"]
    second = program.json("open", opened, "--again")["agreement"]
    assert second != first
    assert program.json("status", opened)["agreement"] == second
    assert program.json("status", first)["agreement"] == first
    assert [each["address"] for each in program.json("status")] == [second, first]


def test_status_says_all_at_a_glance(funded: str, program: Program) -> None:
    said = program.ok("status", funded).out
    for words in (
        "A rebuilt bridge, paid in two steps",
        "in force, phase 1 of 2: foundations, Foundations",
        "bond 50,000 USDX",
        "open; silence: breached",
        "0 of 2 heard",
        "in 2 months 7 days",
        "funded",
        "150,000 USDX of bonds, 400,000 USDX in escrow",
        "450,000 USDX to city, 100,000 USDX to builder",
        f"pyledger attest {funded} foundations-laid met --as engineer-a",
        f"pyledger concede {funded} foundations-laid --as builder",
        f"pyledger settle {funded}",
    ):
        assert words in said, said


def test_every_command_that_status_suggests_works_as_typed(funded: str, program: Program) -> None:
    for _ in range(3):
        action = next(each for each in program.json("status", funded)["actions"] if each["since"] is None)
        words = action["command"].split()
        assert words[0] == "pyledger"
        program.ok(*words[1:])
    assert program.json("status", funded)["phase"]["name"] == "bridge"


def test_history_tells_it_in_order(funded: str, program: Program) -> None:
    told = [each["words"] for each in program.json("history", funded)]
    assert told[1:] == [
        "city accepted, posting 50,000 USDX",
        "builder accepted, posting 100,000 USDX",
        "phase foundations opened",
        "city put 400,000 USDX into escrow for first-half",
    ]
    assert "phase foundations opened" in program.ok("history", funded).out


def test_an_observer_with_only_an_address_reads_it(
    funded: str, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = program.json("status", funded)["agreement"]
    text = Path(funded).read_text(encoding="utf-8")
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "another"))
    said = program.ok("status", address).out
    assert "party-1" in said
    assert re.search("400,000,000,000 smallest units of token 0x[0-9a-fA-F]{4}…", said)
    assert re.search("asset-1 +0x[0-9a-fA-F]{40}", said)
    Path("theirs.yaml").write_text(text, encoding="utf-8")
    named = program.ok("status", "theirs.yaml", "--at", address).out
    assert "foundations-laid" in named
    assert f"--at {address}" in named
    checks = program.json("verify", "theirs.yaml", "--at", address)
    assert checks["ok"]
    assert checks["roles"]["city"].startswith("0x")


def test_verify_notices_another_document(funded: str, program: Program) -> None:
    address = program.json("status", funded)["agreement"]
    text = Path(funded).read_text(encoding="utf-8")
    Path("other.yaml").write_text(text.replace("400_000", "300_000"), encoding="utf-8")
    err = program.refused("verify", "other.yaml", "--at", address)
    assert "is not of this document" in err
    assert "ask for the text that was agreed" in err


def test_lockerbie_by_hand(node: Anvil, program: Program) -> None:
    deal = "lockerbie-2003"
    program.ok("open", deal)
    for party in ("libya", "families"):
        program.ok("accept", deal, "--as", party)
    program.ok("fund", deal, "--as", "libya")
    for act in ("un-lift", "us-lift"):
        program.ok("attest", deal, act, "met", "--as", "registrar", "--as", "auditor")
    program.ok("chain", "warp", "--past", deal, "us-delist")
    assert "540,000,000 USDX returned to libya" in program.ok("settle", deal).out
    found = {each["words"] for each in program.json("history", deal) if each["event"] == "Paid"}
    assert "1,080,000,000 USDX paid to families (un-tranche)" in found
    assert (
        sum(
            each["money"]["smallest"] == str(540 * MILLION * MILLION)
            for each in program.json("history", deal)
            if each["event"] == "Paid"
        )
        == 1
    )
