"""Keeping the books: the journal exported, and held against the chain."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from pyledger.cli.books import depth_option, opened, store_option
from pyledger.cli.options import Where, answers, given_address, network_option, output_option
from pyledger.cli.output import Screen
from pyledger.cli.writing import refuse_there

__all__ = ["export", "reconcile"]

FORMATS: Final = ("beancount", "hledger", "csv", "jsonl", "parquet")


@click.command()
@network_option
@store_option
@depth_option
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    default="beancount",
    show_default=True,
    help="What is to read it; parquet needs a file.",
)
@click.option("--agreement", metavar="ADDRESS", help="Only of this agreement.")
@output_option("Where to (default: standard output).")
@click.option("--force", is_flag=True, help="Overwrite the output if it is there.")
@answers
def export(
    where: Where,
    store_url: str | None,
    depth: int,
    kind: str,
    agreement: str | None,
    output: Path | None,
    force: bool,
    screen: Screen,
) -> None:
    """Write the journal as beancount, hledger, CSV, JSON lines or Parquet: one balanced entry for each event."""
    from pyledger.errors import UsageError
    from pyledger.ledger.export import TEXT_FORMATS, require_parquet, write_parquet
    from pyledger.ledger.reading import entries

    refuse_there(output, force=force)
    if output is None and (kind == "parquet" or screen.as_json):
        raise UsageError("this needs a file to write to", hint="give --output FILE")
    if kind == "parquet":
        require_parquet()
    only = given_address(agreement, "--agreement") if agreement is not None else None
    with opened(where, store_url, depth, screen) as books, books.store.reading() as database:
        posted = entries(database, books.cursor.source, agreement=only)
        if kind == "parquet" and output is not None:
            write_parquet(posted, output)
        elif output is not None:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(TEXT_FORMATS[kind](posted))
        else:
            for line in TEXT_FORMATS[kind](posted):
                click.echo(line, nl=False)
    if output is not None:
        screen.data({"file": str(output), "format": kind, "block": books.cursor.next - 1})
        screen.say(f"wrote {output}, as of block {books.cursor.next - 1}")


@click.command()
@network_option
@store_option
@depth_option
@click.option("--agreement", metavar="ADDRESS", help="Only this agreement.")
@answers
def reconcile(where: Where, store_url: str | None, depth: int, agreement: str | None, screen: Screen) -> int:
    """Hold the books against the chain's balances, to the unit, and what events say against the accounts' state.

    Exits with 1 where something is missing, or where an agreement does not stand as its events say.
    """
    from pyledger.ledger.reconcile import reconcile as compare
    from pyledger.terms.addresses import checksum
    from pyledger.terms.structs import NATIVE

    only = given_address(agreement, "--agreement") if agreement is not None else None
    with opened(where, store_url, depth, screen) as books:
        whole = compare(books.store, books.connection, books.cursor, agreement=only)
        block, found = books.cursor.next - 1, whole.differences
    missing = any(each.missing for each in found)
    screen.data(
        {
            "block": block,
            "missing": missing,
            "differences": [
                {
                    "agreement": checksum(each.agreement),
                    "asset": "native" if each.asset == NATIVE else checksum(each.asset),
                    "books": str(each.books),
                    "chain": None if each.held is None else str(each.held),
                }
                for each in found
            ],
            "astray": [{"agreement": checksum(each.agreement), "on": each.on} for each in whole.astray],
        }
    )
    for astray in whole.astray:
        screen.say(f"{checksum(astray.agreement)} is not as its events say: {', '.join(astray.on)}", "bold red")
    if whole.astray:
        screen.say("a node has left out events, or made some up: read the chain from another, into a new store", "red")
    rows = [
        (
            checksum(each.agreement),
            "native coin" if each.asset == NATIVE else checksum(each.asset),
            f"{each.books:,}",
            "no answer" if each.held is None else f"{each.held:,}",
            "missing" if each.missing else "more than owed: sent by strangers",
        )
        for each in found
    ]
    screen.table(rows, columns=("agreement", "asset", "books", "chain", ""), right=(2, 3), fold=(0, 1, 4))
    if not found and whole.sound:
        screen.say(f"the books are the chain's, to the unit, as of block {block}", "green")
    elif not missing:
        screen.say(f"nothing is missing as of block {block}", "green")
    return 0 if whole.sound else 1
