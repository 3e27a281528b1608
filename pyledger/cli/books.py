"""The store behind every command that reads it: opened, brought up to date from the node, and given documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from pyledger.cli.options import Where, answers, bindings_options
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.chain.connect import Connection
    from pyledger.ledger.reading import Listed
    from pyledger.ledger.store import Cursor, Store
    from pyledger.ledger.sync import Synced

__all__ = ["Books", "depth_option", "opened", "start_of", "store_option", "sync"]

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
    from pyledger.cli.brought import store_place
    from pyledger.cli.connecting import connected
    from pyledger.ledger.store import open_store, require_driver
    from pyledger.ledger.sync import sync as read

    place = store_place(store_url)
    require_driver(place)
    with connected(where) as connection, open_store(place) as store:
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


def _tag(block: int) -> str:
    return str(block) if block >= 0 else "unknown"
