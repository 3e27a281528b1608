"""The books on the command line: read, listed, exported, and held against the chain to the unit."""

from __future__ import annotations

import json
from pathlib import Path

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
    parties = program.json("list")[0]["parties"]
    found = program.json("record", parties[0])
    assert found["named"] >= sum(found["joined"].values()) >= found["joined"]["in force"] >= 1
    assert found["counterparties"] >= 1
    assert "Wilson" in program.ok("record", parties[1]).out
    nobody = "0x" + "77" * 20
    assert "nothing to say of it" in program.ok("record", nobody).out
    assert "ADDRESS" in program.refused("record", "somebody", code=2)
