"""The journal in the formats of others, read back by them; and the command line over all of it."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from beancount import loader
from pyarrow import parquet

from pyledger.ledger.export import beancount, comma_separated, hledger, json_lines, write_parquet
from pyledger.ledger.journal import Line
from pyledger.ledger.reading import Posted

AGREEMENT = bytes.fromhex("ab" * 20)
TOKEN = bytes.fromhex("cd" * 20)
NAME = "0x" + AGREEMENT.hex()
PAYER = "outside:0x" + "11" * 20
PAYEE = "outside:0x" + "22" * 20


def posted(large: int = 2**127 + 1) -> list[Posted]:
    escrow = f"{NAME}:escrow:0:2"
    paid_in = (Line(PAYER, TOKEN, -large), Line(escrow, TOKEN, large))
    paid_out = (Line(escrow, TOKEN, -large), Line(PAYEE, TOKEN, large - 3), Line(PAYER, TOKEN, 3))
    coin = (Line(PAYER, bytes(20), -5), Line(f"{NAME}:bond:1", bytes(20), 5))
    return [
        Posted(7, 0, 1_800_000_000, b"\x01" * 32, AGREEMENT, "payments funded", paid_in),
        Posted(8, 1, 1_800_086_400, b"\x02" * 32, AGREEMENT, "payment 2 paid", paid_out),
        Posted(9, 0, 1_800_086_500, b"\x03" * 32, AGREEMENT, "bond of party 1", coin),
    ]


def test_beancount_accepts_it_and_comes_to_the_same_balances() -> None:
    journal = posted(10**27 + 1)
    entries, errors, _ = loader.load_string("".join(beancount(journal)))
    assert errors == []
    amounts = [posting.units.number for entry in entries for posting in getattr(entry, "postings", ())]
    assert sorted(amounts) == sorted(line.amount for entry in journal for line in entry.lines)


def test_hledger_has_a_line_for_each_posting_and_every_transaction_balances() -> None:
    transactions = "".join(hledger(posted())).strip().split("\n\n")
    assert len(transactions) == 3
    for transaction in transactions:
        sums: dict[str, int] = {}
        for line in transaction.splitlines()[1:]:
            _, amount, commodity = line.split()
            sums[commodity] = sums.get(commodity, 0) + int(amount)
        assert not any(sums.values())


def test_csv_and_parquet_hold_the_same_rows(tmp_path: Path) -> None:
    rows = list(csv.DictReader(StringIO("".join(comma_separated(posted())))))
    assert write_parquet(posted(), tmp_path / "journal.parquet") == len(rows) == 7
    table = parquet.read_table(tmp_path / "journal.parquet").to_pylist()
    assert [{key: str(value) for key, value in row.items()} for row in table] == rows
    assert rows[0]["amount"] == str(-(2**127 + 1))


def test_json_lines_keep_amounts_of_any_size() -> None:
    found = [json.loads(line) for line in json_lines(posted())]
    assert found[0]["lines"][1]["amount"] == str(2**127 + 1)
    assert [each["block"] for each in found] == [7, 8, 9]


@pytest.mark.parametrize("words", ['=cmd|" /C calc"', "a, b", 'say "no"'])
def test_words_stay_one_cell(words: str) -> None:
    (entry, *_) = posted()
    rows = list(csv.DictReader(StringIO("".join(comma_separated([entry._replace(words=words)])))))
    assert [row["words"] for row in rows] == [words, words]
