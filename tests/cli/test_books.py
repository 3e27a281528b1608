"""The books on the command line: read, listed, exported, and held against the chain to the unit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from beancount import loader

from pyledger.chain.anvil import Anvil, rpc
from tests.cli.conftest import Program


def test_the_books_of_a_deal(node: Anvil, program: Program, home: Path) -> None:
    program.ok("open", "lockerbie-2003", "--as", "libya", "--accept")
    program.ok("accept", "lockerbie-2003", "--as", "families")
    program.ok("fund", "lockerbie-2003", "--as", "libya")
    program.ok("attest", "lockerbie-2003", "un-lift", "met", "--as", "registrar", "--as", "auditor")
    first = program.json("sync")
    assert first["events"] > 5
    assert program.json("sync")["blocks"] == 0
    listed = program.json("list")[0]
    assert (listed["status"], listed["phases"], listed["title"][:10]) == ("in force", 1, "Pan Am 103")
    assert all(each["status"] == "completed" for each in program.json("list", "--status", "completed"))
    assert "to the unit" in program.ok("reconcile").out
    program.ok("export", "--output", "books.beancount")
    entries, errors, _ = loader.load_file("books.beancount")
    assert errors == []
    assert entries
    program.ok("export", "--format", "jsonl", "--output", "books.jsonl")
    lines = [json.loads(line) for line in Path("books.jsonl").read_text(encoding="utf-8").splitlines()]
    moved = [each for each in lines if each["agreement"] == listed["address"].lower()]
    assert {each["words"] for each in moved} == {"payments funded", "payment 0 paid"}
    assert "was left as it is" in program.refused("export", "--output", "books.beancount", code=2)
    assert "needs a file" in program.refused("export", "--format", "parquet", code=2)

    address = listed["address"]
    rpc(node.url, "anvil_setBalance", [address, "0x5"])
    assert "sent by strangers" in program.ok("reconcile").out


def test_what_a_token_took_back_is_missing(node: Anvil, program: Program, home: Path) -> None:
    program.ok("open", "lockerbie-2003", "--as", "libya", "--accept")
    program.ok("accept", "lockerbie-2003", "--as", "families")
    program.ok("fund", "lockerbie-2003", "--as", "libya")
    agreement = program.json("list")[0]["address"]
    program.ok("reconcile", "--agreement", agreement)
    program.ok("export", "--agreement", agreement, "--format", "jsonl", "--output", "entries.jsonl")
    (entry,) = (json.loads(line) for line in Path("entries.jsonl").read_text(encoding="utf-8").splitlines())
    token = entry["lines"][0]["asset"]
    code = rpc(node.url, "eth_getCode", [token, "latest"])
    rpc(node.url, "anvil_setCode", [token, "0x60015f5260205ff3"])  # every balance is one unit
    rpc(node.url, "evm_mine")
    said = program("reconcile", "--agreement", agreement)
    assert (said.code, "missing" in said.out) == (1, True)
    rpc(node.url, "anvil_setCode", [token, code])


def test_the_record_of_an_account(node: Anvil, program: Program, funded: str) -> None:
    _, builder = program.json("list")[0]["parties"]
    before = program.json("record", builder)
    program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b")
    program.ok("settle", funded)
    found = program.json("record", builder)
    assert found["obligations"]["kept"] == before["obligations"]["kept"] + 1
    assert found["named"] >= sum(found["joined"].values()) >= found["joined"]["in force"] >= 1
    assert found["counterparties"] >= 1
    share, of = found["share_kept"], found["obligations"]
    assert (share["interval"], share["kept"], share["n"]) == ("Wilson, 95 %", of["kept"], of["kept"] + of["breached"])
    assert "Wilson" in program.ok("record", builder).out
    assert "nothing to say of it" in program.ok("record", "0x" + "77" * 20).out
    assert "ADDRESS" in program.refused("record", "somebody", code=2)


def test_a_document_that_is_brought_puts_its_title_on_what_it_is_of(
    node: Anvil, program: Program, in_force: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program.ok("bundle", in_force, "--output", "deal.json")
    elsewhere = str(tmp_path / "observer")
    monkeypatch.setenv("PYLEDGER_HOME", elsewhere)
    before = program.json("list")[0]
    assert before["title"] is None
    assert "document unknown here" in program.ok("list").out
    named = program.json("sync", "--document", "deal.json")["named"]
    assert before["address"] in named
    assert program.json("list")[0]["title"] == "A rebuilt bridge, paid in two steps"

    text = Path(in_force).read_text(encoding="utf-8")
    Path("other.yaml").write_text(text.replace("title: ", "title: Not ", 1), encoding="utf-8")
    assert "no agreement here names this document" in program.refused("sync", "--document", "other.yaml")
    assert "say who is who" in program.refused("sync", "--bindings", "deal.json", code=2)


def test_the_list_says_what_is_held_and_what_comes_next(
    program: Program, funded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, stands = program.json("list")[0], program.json("status", funded)
    first = stands["phase"]["obligations"][0]
    assert row["next_deadline"] == {"at": first["deadline"], "what": f"{first['name']} is breached by silence"}
    (held,) = stands["held"]
    assert [each["symbol"] for each in row["held"]] == ["USDX"]
    assert int(row["held"][0]["smallest"]) == int(held["bonds"]["smallest"]) + int(held["escrow"]["smallest"])
    for columns in ("80", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        told = program.ok("list").out
        assert row["address"] in told
        assert "foundations-laid is" in told
