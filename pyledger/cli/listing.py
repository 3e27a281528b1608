"""Every agreement on a chain, in a list: how each stands, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from pyledger.cli.books import Books, depth_option, opened, store_option
from pyledger.cli.options import Where, answers, network_option
from pyledger.cli.output import Screen, ago

if TYPE_CHECKING:
    from pyledger.ledger.browse import Database
    from pyledger.ledger.reading import Listed
    from pyledger.observer.deadlines import Deadline
    from pyledger.observer.naming import Named
    from pyledger.observer.shapes import Money

__all__ = ["list_"]

_WIDE: Final = 150
"""From so many columns on, each agreement has one line."""


class _Row(NamedTuple):
    """One agreement, its title if a document is at hand, what it holds and what comes next.

    `finality` is how settled its last event is.
    """

    of: Listed
    title: str | None
    held: tuple[Money, ...]
    ahead: Deadline | None
    finality: str


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
    """List every agreement on a chain, what it holds and what comes next in it, those that changed last first."""
    from pyledger.ledger.reading import agreements, latest
    from pyledger.terms.state import Status

    wanted = Status[status.upper().replace("-", "_")] if status else None
    with opened(where, store_url, depth, screen) as books, books.store.reading() as database:
        source, read = books.cursor.source, books.cursor.next - 1
        found = agreements(database, source, status=wanted, limit=limit)
        _, now = latest(database, source, read) or (0, 0)
        rows = list(_rows(books, database, found, now))
    screen.data([_as_data(each) for each in rows])
    if not rows:
        screen.say("no agreements")
    elif screen.width >= _WIDE:
        heads = ("address", "title", "status", "phase", "holds", "next deadline", "as of")
        screen.table((_line(each, now) for each in rows), columns=heads, fold=(1, 4, 5), styles={0: "cyan"})
    else:
        _stacked([_line(each, now) for each in rows], screen)


def _named(books: Books, database: Database, found: Sequence[Listed]) -> dict[bytes, Named]:
    """The words of each: by its document if that is at hand, as it was opened from here, or was brought."""
    from pyledger.cli.papers import kept
    from pyledger.ledger.browse import opened_terms
    from pyledger.ledger.reading import documents
    from pyledger.observer.naming import named

    wanted = {each.document for each in found}
    texts, own = documents(database, wanted), {}
    for paper in kept(books.cursor.chain_id, wanted):
        texts.setdefault(paper.document, (paper.text, None))
        own[paper.address] = paper.text, paper.bindings
    terms = opened_terms(database, books.cursor.source, [each.address for each in found])
    said = {}
    for each in found:
        text, bindings = own.get(each.address) or texts.get(each.document) or (None, None)
        said[each.address] = named(terms[each.address], books.cursor.chain_id, text, bindings)
    return said


def _rows(books: Books, database: Database, found: Sequence[Listed], now: int) -> Iterator[_Row]:
    from pyledger.ledger.browse import holdings
    from pyledger.observer.deadlines import next_deadline
    from pyledger.observer.reader import Reader

    said = _named(books, database, found)
    held = holdings(database, books.cursor.source, said)
    for each in found:
        words = said[each.address]
        reader = Reader(words.words, words.names, words.terms)
        yield _Row(
            of=each,
            title=words.document.title if words.document else None,
            held=tuple(reader.money(*amount) for amount in sorted(held.get(each.address, {}).items())),
            ahead=next_deadline(each.due, now, each.phase, words.names),
            finality=books.cursor.finality(each.changed),
        )


def _as_data(row: _Row) -> dict[str, Any]:
    from pyledger.observer.shapes import plain
    from pyledger.observer.status import STATES
    from pyledger.terms.addresses import checksum

    return {
        "address": checksum(row.of.address),
        "title": row.title,
        "status": STATES[row.of.status],
        "phase": row.of.phase + 1,
        "phases": row.of.phases,
        "parties": [checksum(party) for party in row.of.parties],
        "document": "0x" + row.of.document.hex(),
        "held": plain(row.held),
        "next_deadline": row.ahead and row.ahead._asdict(),
        "opened_in": row.of.opened,
        "changed_in": row.of.changed,
        "finality": row.finality,
    }


def _line(row: _Row, now: int) -> tuple[str, ...]:
    from pyledger.observer.status import STATES
    from pyledger.terms.addresses import checksum

    of, held = row.of, ", ".join(map(str, row.held))
    ahead = "" if row.ahead is None else f"{ago(row.ahead.at, now)}: {row.ahead.what}"
    title = row.title or "document unknown here"
    return checksum(of.address), title, STATES[of.status], f"{of.phase + 1} of {of.phases}", held, ahead, row.finality


def _stacked(lines: Sequence[Sequence[str]], screen: Screen) -> None:
    """One agreement below the other, where a table has no room."""
    for address, title, status, phase, held, ahead, finality in lines:
        screen.say(f"{address}  {status}, phase {phase}, {finality}", "cyan")
        screen.say(title, "bold", indent=2)
        if held:
            screen.say(f"holds {held}", indent=2)
        if ahead:
            screen.say(ahead, indent=2)
