"""`docs/books.md` names what there is: tables, steps, accounts, formats and the commands of the books."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyledger.cli.app import ENTRIES
from pyledger.cli.bookkeeping import FORMATS
from pyledger.ledger import journal
from pyledger.ledger.migrations import MIGRATIONS
from pyledger.ledger.sync import DEPTH
from pyledger.ledger.tables import METADATA

PAGE = Path(__file__).parents[1].joinpath("docs", "books.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*METADATA.tables, *(name for name, _ in MIGRATIONS), *FORMATS])
def test_every_table_step_and_format_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("command", ["sync", "list", "export", "reconcile", "history", "status", "serve"])
def test_the_commands_it_names_are_there(command: str) -> None:
    assert command in ENTRIES
    assert f"`{command}" in PAGE or f"`pyledger {command}" in PAGE


def test_the_accounts_are_those_of_the_journal() -> None:
    assert journal.__doc__ is not None
    accounts = [line.split()[0] for line in journal.__doc__.splitlines() if line.startswith("    ")]
    assert len(accounts) == 5
    for account in accounts:
        assert f"| `{account}` |" in PAGE


def test_the_depth_is_the_one_there_is() -> None:
    assert f"({DEPTH} blocks)" in PAGE
