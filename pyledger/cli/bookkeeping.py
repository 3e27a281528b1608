"""Keeping the books: agreements listed, the journal exported and held against the chain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pyledger.cli.books import Books, depth_option, opened, store_option
from pyledger.cli.options import Where, answers, given_address, network_option
from pyledger.cli.output import Screen
from pyledger.cli.writing import refuse_there

if TYPE_CHECKING:
    from pyledger.ledger.reading import Listed

__all__ = ["export", "list_", "reconcile"]

FORMATS: Final = ("beancount", "hledger", "csv", "jsonl", "parquet")


@click.command(name="list")
@network_option
@store_option
@depth_option
@click.option(
    "--status",
    type=click.Choice(["open", "in-force", "completed", "terminated", "void", "unwound", "dissolved"]),
    help="Only those that stand so.",
)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Most to show.")
@answers
def list_(where: Where, store_url: str | None, depth: int, status: str | None, limit: int, screen: Screen) -> None:
    """List every agreement on a chain, those that changed last first."""
    from pyledger.ledger.reading import agreements
    from pyledger.observer.status import STATES
    from pyledger.terms.addresses import checksum
    from pyledger.terms.state import Status

    wanted = Status[status.upper().replace("-", "_")] if status else None
    with opened(where, store_url, depth, screen) as books, books.store.reading() as database:
        found = agreements(database, books.cursor.source, status=wanted, limit=limit)
        titles = _titles(books, found)
        finality = [books.cursor.finality(each.changed) for each in found]
    screen.data(
        [
            {
                "address": checksum(each.address),
                "title": titles.get(each.document),
                "status": STATES[each.status],
                "phase": each.phase + 1,
                "phases": each.phases,
                "parties": [checksum(party) for party in each.parties],
                "document": "0x" + each.document.hex(),
                "opened_in": each.opened,
                "changed_in": each.changed,
                "finality": settled,
            }
            for each, settled in zip(found, finality, strict=True)
        ]
    )
    if not found:
        screen.say("no agreements")
        return
    rows = [
        (
            checksum(each.address),
            titles.get(each.document, "document unknown here"),
            STATES[each.status],
            _phase(each),
            settled,
        )
        for each, settled in zip(found, finality, strict=True)
    ]
    screen.table(rows, columns=("address", "title", "status", "phase", "as of"), fold=(1,), styles={0: "cyan"})


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
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to (default: standard output).")
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


def _titles(books: Books, listed: Sequence[Listed]) -> dict[bytes, str]:
    """Titles of documents, by their hashes: of those that were opened from here, and of those that were brought."""
    from pyledger.cli.papers import openings
    from pyledger.document import document_hash, loads
    from pyledger.ledger.reading import documents

    titles = {document_hash(each.document): each.document.title for each in openings(books.cursor.chain_id)}
    with books.store.reading() as database:
        brought = documents(database, {each.document for each in listed} - titles.keys())
    return titles | {digest: loads(text).title for digest, (text, _) in brought.items()}


def _phase(listed: Listed) -> str:
    return f"{listed.phase + 1} of {listed.phases}"
