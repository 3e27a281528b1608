"""The books: events read into the store, agreements listed, the journal exported and held against the chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from pyledger.cli.options import Where, answers, bindings_options, given_address, network_option
from pyledger.cli.output import Screen
from pyledger.cli.writing import refuse_there

if TYPE_CHECKING:
    from pyledger.chain.connect import Connection
    from pyledger.ledger.reading import Listed
    from pyledger.ledger.store import Cursor, Store
    from pyledger.ledger.sync import Synced

__all__ = ["export", "list_", "reconcile", "start_of", "sync"]

FORMATS = ("beancount", "hledger", "csv", "jsonl", "parquet")

store_option = click.option(
    "--store",
    "store_url",
    metavar="FILE|URL",
    envvar="PYLEDGER_STORE",
    help="An SQLite file or a PostgreSQL URL (default: $PYLEDGER_STORE, else a file among pyledger's own).",
)
depth_option = click.option(
    "--depth",
    type=click.IntRange(0),
    default=64,
    show_default=True,
    help="How many blocks deep a reorganisation may be.",
)


class Books(NamedTuple):
    """A store that has been brought up to date, the node it was read from, and what reading it did."""

    store: Store
    connection: Connection
    synced: Synced

    @property
    def cursor(self) -> Cursor:
        """Where the store stands."""
        return self.synced.cursor


@contextmanager
def opened(
    where: Where, store_url: str | None, depth: int, screen: Screen, *, start: int | None = None
) -> Iterator[Books]:
    """The store, brought up to date from the node."""
    from pyledger.chain.deployments import places
    from pyledger.cli.deals import connected
    from pyledger.cli.home import home
    from pyledger.ledger.store import open_store
    from pyledger.ledger.sync import sync as read

    with connected(where) as connection, open_store(store_url or home() / "ledger.db") as store:
        factory = places().factory
        if start is None:
            start = start_of(connection)
        with _bar(screen) as progress:
            done = read(store, connection, factory, start=start, depth=depth, progress=progress)
        yield Books(store, connection, done)


def start_of(connection: Connection) -> int:
    """The block in which the factory was deployed, if that is recorded here; else the first."""
    from pyledger.chain.deployments import load_deployment
    from pyledger.cli.home import deployment_folders
    from pyledger.errors import DeploymentError

    try:
        return load_deployment(connection, *deployment_folders()).block or 0
    except DeploymentError:
        return 0


@contextmanager
def _bar(screen: Screen) -> Iterator[Callable[[Any], None]]:
    """A progress bar with an estimate, on a terminal."""
    import sys

    if screen.as_json or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading blocks"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda at: bar.update(task, completed=at.block + 1, total=at.head + 1)


@click.command()
@bindings_options
@store_option
@depth_option
@click.option("--from-block", type=click.IntRange(0), help="Where to begin in a new store (default: the deployment's).")
@click.option("--document", metavar="DEAL", help="A document, or a bundle, whose names agreements are to be shown by.")
@answers
def sync(
    where: Where, store_url: str | None, depth: int, from_block: int | None, document: str | None, screen: Screen
) -> None:
    """Read what is new on a chain into the store. Stopped at any moment, it goes on from there.

    With --document the store also keeps that document, once its hash is found to be one that agreements name, and with
    --bindings who is who in it, if these give an agreement's terms.
    """
    if where.bindings is not None and document is None:
        from pyledger.errors import UsageError

        raise UsageError("bindings say who is who in a document", hint="add --document DEAL")
    with opened(where, store_url, depth, screen, start=from_block) as books:
        done, at = books.synced, books.cursor
        named = _add_document(books, document, where) if document is not None else []
    from pyledger.terms.addresses import checksum

    screen.data(
        {
            "chain_id": at.chain_id,
            "blocks": done.blocks,
            "events": done.events,
            "reorganised": done.reorganised,
            "next": at.next,
            "head": at.head,
            "safe": at.safe if at.safe >= 0 else None,
            "finalized": at.finalized if at.finalized >= 0 else None,
            **({"named": [checksum(each.address) for each in named]} if document is not None else {}),
        }
    )
    if done.reorganised:
        screen.say(f"the chain was reorganised: {done.reorganised} blocks were read anew", "yellow")
    screen.say(f"read {done.blocks} blocks and {done.events} events; the store stands at block {at.next - 1}")
    screen.say(f"head {at.head}, safe {_tag(at.safe)}, finalized {_tag(at.finalized)}", "dim")
    for each in named:
        screen.say(f"{checksum(each.address)} is named by this document", "green")


def _add_document(books: Books, deal: str, where: Where) -> list[Listed]:
    import time

    from pyledger.cli.bundled import bindings_of
    from pyledger.cli.papers import read_draft
    from pyledger.ledger.papers import add_document

    draft, bindings = read_draft(deal), bindings_of(deal, where)
    with books.store.writing() as database:
        source = books.cursor.source
        return add_document(database, source, draft.document, draft.text, bindings, now=int(time.time()))


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
    from pyledger.ledger.export import TEXT_FORMATS, write_parquet
    from pyledger.ledger.reading import entries

    refuse_there(output, force=force)
    if output is None and (kind == "parquet" or screen.as_json):
        raise UsageError("this needs a file to write to", hint="give --output FILE")
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


def _tag(block: int) -> str:
    return str(block) if block >= 0 else "unknown"
