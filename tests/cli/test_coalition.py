"""Not all join, one joins later, and the members agree on something else: typed command by command."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil
from tests.cli.conftest import Program

COALITION = "windfall-coalition"
EAST = ("--as", "lab-east")
NORTH = ("--as", "lab-north")


@pytest.fixture
def invited(node: Anvil, program: Program) -> str:
    """The coalition, which two of three laboratories have joined."""
    program.ok("open", COALITION, "--again", *EAST, "--accept")
    program.ok("accept", COALITION, *NORTH)
    return COALITION


@pytest.fixture
def entered(invited: str, program: Program) -> str:
    """The same, in force without the third."""
    program.ok("chain", "warp", "91 days")
    program.ok("enter", invited)
    return invited


def membership(program: Program) -> dict[str, str]:
    return {each["name"]: each["membership"] for each in program.json("status", COALITION)["parties"]}


def commands(program: Program) -> list[str]:
    return [each["command"].removeprefix("pyledger ") for each in program.json("status", COALITION)["actions"]]


def test_two_begin_and_the_third_joins_later(invited: str, program: Program) -> None:
    assert "too early" in program.refused("enter", invited)
    assert commands(program) == ["accept windfall-coalition --as lab-south", "enter windfall-coalition"]
    program.ok("chain", "warp", "91 days")
    assert "without lab-south" in program.json("status", invited)["warnings"][0]
    assert commands(program) == ["enter windfall-coalition"]
    assert "pyledger enter windfall-coalition" in program.refused("unwind", invited)
    assert "phase first-year opened" in program.ok("enter", invited).out
    assert program.json("enter", invited)["already"] == ["the agreement is in force already"]
    assert membership(program) == {"lab-east": "member", "lab-north": "member", "lab-south": "invited"}
    seen = program.ok("status", invited).out
    assert "binds nobody: lab-south is not in" in seen
    assert "can still join, from the next phase on" in seen

    assert program.json("fund", invited, "--as", "lab-south")["already"] == ["lab-south owes nothing in this phase"]
    err = program.refused("fund", invited, "--as", "lab-south", "--payment", "south-share-1")
    assert "has not joined" in err
    err = program.refused("attest", invited, "south-books-1", "met", "--value", "1", "--as", "auditor-a")
    assert "decided already: lapsed" in err

    assert "accept windfall-coalition --as lab-south" in commands(program)
    program.ok("accept", invited, "--as", "lab-south")
    assert "joins with the next phase" in program.json("accept", invited, "--as", "lab-south")["already"][0]
    assert membership(program)["lab-south"] == "joining"
    for lab, value in (("east", "12_000_000_000"), ("north", "500_000_000")):
        program.ok("fund", invited, "--as", f"lab-{lab}")
        attest = ("attest", invited, f"{lab}-books-1", "met", "--value", value)
        program.ok(*attest, "--as", "auditor-a", "--as", "auditor-c")
    assert "300,000,000 USDX returned to lab-north (north-share-1)" in program.ok("history", invited).out
    assert "190,000,000 USDX paid to commons" in program.ok("history", invited).out
    assert "south-books-1 lapsed" in program.ok("settle", invited).out
    assert membership(program)["lab-south"] == "member"
    assert "fund windfall-coalition --as lab-south" in commands(program)


def test_too_few_join(node: Anvil, program: Program) -> None:
    program.ok("open", COALITION, "--again", *EAST, "--accept")
    program.ok("chain", "warp", "91 days")
    assert "without the 2 parties it needs" in program.json("status", COALITION)["warnings"][0]
    err = program.refused("extend", COALITION, "east-books-1", "--by", "1 day", *EAST)
    assert "`pyledger unwind" in err
    assert "1 have joined, and the terms ask for 2" in program.refused("enter", COALITION)
    assert commands(program) == ["unwind windfall-coalition"]
    assert "bond of 300,000,000 USDX back to lab-east" in program.ok("unwind", COALITION).out


def test_members_give_more_time(entered: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    before = program.json("status", entered)["phase"]["obligations"][0]["deadline"]
    sign = ("extend", entered, "east-books-1", "--by", "30 days", *EAST)
    assert "still to sign: lab-north" in program.refused(*sign)
    said = program.ok(*sign, "--offline", "--output", "east.json").out
    assert "east-books-1, to be done until" in said
    assert f"pyledger extend {entered} east.json --as MEMBER" in said
    with monkeypatch.context() as away:
        away.setenv("PYLEDGER_RPC_URL", "http://127.0.0.1:9")
        program.ok("extend", entered, "east.json", *NORTH, "--offline", "--output", "both.json")
    assert "all members gave east-books-1 time until 20" in program.ok("submit", "both.json").out
    found = program.json("status", entered)["phase"]["obligations"][0]
    assert (found["deadline"], found["extended_from"]) == (before + 30 * 86_400, before)
    assert "extended from" in program.ok("status", entered).out
    until = datetime.fromtimestamp(found["deadline"], UTC).strftime("%Y-%m-%d %H:%M UTC")
    told = " ".join(program.ok("history", entered).out.split())
    assert f"all members gave east-books-1 time until {until}" in told
    assert program.json("submit", "both.json")["already"] == ["east-books-1 has that time already"]
    assert program.json("extend", entered, "east.json", *NORTH)["already"] == ["east-books-1 has that time already"]
    program.ok("extend", entered, "east-share-1", "--by", "10 days", *EAST, *NORTH)
    assert program.json("status", entered)["phase"]["payments"][0]["extended_from"]
    program.ok("chain", "warp", "65 days")
    assert "lab-north did not fund north-share-1" in program.json("status", entered)["warnings"][0]


def test_extensions_that_are_refused(entered: str, program: Program) -> None:
    both = (*EAST, *NORTH)
    extend = ("extend", entered)
    assert "east-books-1" in program.refused(*extend, "east-bookss-1", "--by", "1 day", *both, code=2)
    assert "has until" in program.refused(*extend, "east-books-1", "--until", "2020-01-01", *both, code=2)
    assert "would be due after" in program.refused(*extend, "east-share-1", "--by", "3 years", *both, code=2)
    assert "one thing at a time" in program.refused(*extend, "a", "b", "--by", "1 day", *both, code=2)
    assert "cannot be read" in program.refused(*extend, "nowhere.json", *both, code=2)
    assert "nobody is named" in program.refused(*extend, "east-books-1", "--by", "1 day", "--offline", code=2)
    sign = (*extend, "east-books-1", "--by", "30 days", "--offline")
    program.ok(*sign, *EAST, "--output", "east.json")
    record = json.loads(Path("east.json").read_text(encoding="utf-8"))
    Path("longer.json").write_text(json.dumps(record | {"after": record["after"] + 1}), encoding="utf-8")
    assert "the party did not sign this" in program.refused(*extend, "longer.json", *NORTH)
    assert "do not say the same" in program.refused(*extend, "east.json", "longer.json", *NORTH)
    Path("named.json").write_text(json.dumps(record | {"item_name": "north-books-1"}), encoding="utf-8")
    assert "ask the party what was meant" in program.refused(*extend, "named.json", *NORTH)
    program.ok(*sign, *NORTH, "--expires", "1 day", "--output", "soon.json")
    assert "do not say the same" in program.refused(*extend, "east.json", "soon.json", *NORTH)
    program.ok("chain", "warp", "31 days")
    assert "expired" in program.refused(*extend, "east.json", *NORTH)
    assert program.json("status", entered)["phase"]["obligations"][0]["extended_from"] is None


def test_an_extension_that_another_has_overtaken(entered: str, program: Program) -> None:
    extend = ("extend", entered, "east-books-1", "--by")
    program.ok(*extend, "5 days", *EAST, "--offline", "--output", "five.json")
    program.ok(*extend, "1 day", *EAST, *NORTH)
    for words in (("extend", entered, "five.json", *NORTH), ("submit", "five.json", "--as", "lab-north")):
        err = program.refused(*words)
        assert "`east-books-1` has other times now than when this was signed" in err
        assert "have all sign anew" in err


def test_times_that_no_extension_can_give(entered: str, program: Program) -> None:
    both = (*EAST, *NORTH)
    extend = ("extend", entered, "east-books-1")
    err = program.refused(*extend, "--until", "2500-01-01", *both, code=2)
    assert "136 years" in err
    assert "next:" in err
    assert "next:" in program.refused(*extend, "--by", "200 years", *both, code=2)
    assert "136 years" in program.refused(*extend, "--by", "136 years", *both, code=2)
    err = program.refused(*extend, *both, code=2)
    assert "how much more time" in err
    assert "--by" in err
    past = ("--offline", *EAST, "--expires", "2001-01-01")
    assert "is over already" in program.refused(*extend, "--by", "1 day", *past, code=2)
    late = program.ok(*extend, "--by", "10 years", *EAST, "--offline", "--output", "late.json").out
    assert "the long stop" in late
    assert "long stop" not in program.ok(*extend, "--by", "1 day", *EAST, "--offline", "--output", "soon.json").out


def test_what_was_signed_for_something_else_is_not_joined_offline(entered: str, program: Program) -> None:
    program.ok("extend", entered, "east-books-1", "--by", "30 days", *EAST, "--offline", "--output", "east.json")
    record = json.loads(Path("east.json").read_text(encoding="utf-8"))
    changes = {"phase": 77, "index": 77, "chain_id": 5, "agreement": "0x" + "11" * 20, "item_name": "north-books-1"}
    for key, value in changes.items():
        Path("other.json").write_text(json.dumps(record | {key: value}), encoding="utf-8")
        program.refused("extend", entered, "other.json", *NORTH, "--offline")


def test_members_end_it_as_they_agree(entered: str, program: Program) -> None:
    program.ok("fund", entered, *EAST)
    program.ok("accept", entered, "--as", "lab-south")
    Path("split.yaml").write_text("splits:\n  usd: {lab-east: 50%, lab-north: 40%, commons: 10%}\n", encoding="utf-8")
    said = program.ok("dissolve", entered, "split.yaml", *EAST, "--offline", "--output", "east.json").out
    assert "lab-east: 50% of all USDX, 450,000,000 USDX as of now" in said
    said = program.ok("dissolve", entered, "east.json", *NORTH).out
    assert "360,000,000 USDX to lab-north, as all members have agreed" in said
    assert "bond of 300,000,000 USDX back to lab-south" in said
    assert "the agreement is dissolved" in said
    status = program.json("status", entered)
    assert (status["state"], status["actions"], status["if_ended_now"]) == ("dissolved", [], [])
    assert status["phase"]["payments"][0]["state"] == "split"
    assert "joins with the next phase" not in program.ok("status", entered).out
    assert program.json("dissolve", entered, "east.json", *NORTH)["already"] == ["the agreement is dissolved already"]
    assert program.json("submit", "east.json")["already"] == ["the agreement is dissolved already"]
    assert "it is dissolved" in program.refused("fund", entered, *NORTH)


def test_dissolutions_that_are_refused(entered: str, program: Program) -> None:
    dissolve = ("dissolve", entered, *EAST, *NORTH)
    assert "sum to 90%" in program.refused(*dissolve, "--split", "usd:lab-east=50%,lab-north=40%", code=2)
    assert "did you mean `lab-east`" in program.refused(*dissolve, "--split", "usd:lab-est=100%", code=2)
    assert "did you mean `usd`" in program.refused(*dissolve, "--split", "usdx:lab-east=100%", code=2)
    assert "--split" in program.refused(*dissolve, "--split", "usd:lab-east=much", code=2)
    assert "one thing to agree on" in program.refused(*dissolve, code=2)
    Path("split.yaml").write_text("splits: {}\n", encoding="utf-8")
    assert "nothing is said of usd" in program.refused(*dissolve, "split.yaml", code=2)
    Path("split.yaml").write_text("split:\n  usd: lab-east\n", encoding="utf-8")
    assert "split.yaml:1" in program.refused(*dissolve, "split.yaml")
    Path("sides.json").write_text("[" * 100_000 + '"kind"', encoding="utf-8")
    assert "nested deeper than" in program.refused(*dissolve, "sides.json")
    even = ("--split", "usd:lab-east=50%,lab-north=50%")
    assert "usd is split twice" in program.refused(*dissolve, *even, "--split", "usd:lab-east=100%", code=2)
    assert "leave it out" in program.refused(*dissolve, "--split", "usd:lab-east=0%,lab-north=100%", code=2)
    assert "no party" in program.refused("dissolve", entered, *even, "--as", "commons", code=2)
    program.ok("dissolve", entered, *even, *EAST, "--offline", "--output", "east.json")
    record = json.loads(Path("east.json").read_text(encoding="utf-8"))
    record["splits"][0]["shares"][0]["bps"] = 9000
    record["splits"][0]["shares"][1]["bps"] = 1000
    Path("mine.json").write_text(json.dumps(record), encoding="utf-8")
    assert "the party did not sign this" in program.refused("dissolve", entered, "mine.json", *NORTH)
    assert "not every member has signed" in program.refused("submit", "east.json")
    assert program.json("status", entered)["state"] == "in force"
    assert "300,000,000 USDX to lab-east" in program.ok("dissolve", entered, *even, *EAST, *NORTH).out


def test_joining_and_paying_in_take_one_step(node: Anvil, program: Program) -> None:
    program.ok("new", "deal.yaml")
    assert "nobody is named" in program.refused("open", "deal.yaml", "--accept", code=2)
    said = program.json("open", "deal.yaml", "--as", "builder", "--accept", "--fund")
    assert [each["event"] for each in said["done"]] == ["Opened", "Accepted"]
    assert said["already"] == []
    assert (
        program.json("open", "deal.yaml", "--as", "builder", "--accept")["already"][-1]
        == "builder has accepted already"
    )
    said = program.json("accept", "deal.yaml", "--as", "city", "--fund")
    assert [each["event"] for each in said["done"]] == ["Accepted", "PhaseOpened", "Funded"]
    assert program.json("accept", "deal.yaml", "--as", "city", "--fund")["transactions"] == []


def test_paying_in_waits_for_the_others(node: Anvil, program: Program) -> None:
    program.ok("new", "deal.yaml")
    said = program.json("open", "deal.yaml", "--as", "city", "--accept", "--fund")
    assert said["already"] == ["nothing can be paid in before builder accepted too"]
    program.ok("open", "deal.yaml", "--again")
    said = program.json("accept", "deal.yaml", "--as", "city", "--fund")
    assert said["already"] == ["nothing can be paid in before builder accepted too"]
    assert [each["event"] for each in said["done"]] == ["Accepted"]


PLEDGE = """
pyledger: 1
title: A pledge to open the archives
assets: {coin: {symbol: COIN, native: true}}
parties:
  ministry: {name: The ministry, bond: {amount: 2, asset: coin}, forfeits_to: museum}
recipients:
  museum: {name: The museum}
panels:
  record: {verifiers: [historian], threshold: 1}
join_within: 10 days
long_stop_after: 1 year
phases:
  - id: opening
    obligations:
      archives-open:
        {by: ministry, what: They are open, within: 90 days, decided_by: record, if_silent: breach, forfeit: 100%}
    payments:
      upkeep: {from: ministry, to: museum, amount: 1, asset: coin, when: {archives-open: met}, fund_within: 10 days}
      tours: {from: ministry, to: museum, amount: 0.5, asset: coin, when: {archives-open: met}, fund_within: 10 days}
"""


def test_a_pledge_is_made_in_one_transaction(node: Anvil, program: Program) -> None:
    Path("pledge.yaml").write_text(PLEDGE, encoding="utf-8")
    said = program.json("open", "pledge.yaml", "--as", "ministry", "--accept", "--fund")
    assert [each["event"] for each in said["done"]] == ["Opened", "Accepted", "PhaseOpened", "Funded"]
    assert len(said["transactions"]) == 1
    again = program.json("open", "pledge.yaml", "--as", "ministry", "--accept", "--fund")
    assert again["transactions"] == []
    assert "1.5 COIN in escrow" in program.ok("status", "pledge.yaml").out
    said = program.ok("attest", "pledge.yaml", "archives-open", "met", "--as", "historian").out
    assert "1 COIN paid to museum (upkeep)" in said


def test_coin_goes_by_itself(node: Anvil, program: Program) -> None:
    Path("pledge.yaml").write_text(PLEDGE, encoding="utf-8")
    program.ok("open", "pledge.yaml")
    said = program.json("accept", "pledge.yaml", "--as", "ministry", "--fund")
    assert [each["event"] for each in said["done"]] == ["Accepted", "PhaseOpened", "Funded"]
    assert len(said["transactions"]) == 2
