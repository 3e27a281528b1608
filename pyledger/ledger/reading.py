"""What the store says, read back: agreements, entries of the journal, balances of the books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from pyledger.ledger.due import read_due
from pyledger.ledger.journal import Line
from pyledger.ledger.projection import logs_of
from pyledger.ledger.standing import times_of
from pyledger.ledger.tables import AGREEMENT, BLOCK, DOCUMENT, ENTRY, LOG, MEMBER, POSTING
from pyledger.ledger.track import Part, part
from pyledger.terms.due import Due
from pyledger.terms.state import Status

__all__ = ["Listed", "Posted", "agreements", "balances", "documents", "entries", "listed", "parts"]


class Listed(NamedTuple):
    """One agreement as its events leave it; `changed` is the block of its last event, `opened` that of its first.

    `due` are the moments at which something is due as long as nothing more happens, the soonest first.
    """

    address: bytes
    document: bytes
    terms_hash: bytes
    status: Status
    phase: int
    phases: int
    disclosed: int
    parties: tuple[bytes, ...]
    opened: int
    changed: int
    due: tuple[Due, ...]


class Posted(NamedTuple):
    """One entry of the journal: when (Unix seconds) and where it happened, in words, and its lines."""

    block: int
    log: int
    time: int
    transaction: bytes
    agreement: bytes
    words: str
    lines: tuple[Line, ...]


def agreements(
    connection: Connection,
    source: int,
    *,
    document: bytes | None = None,
    status: Status | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Listed]:
    """Agreements, those that changed last first; of one document hash or status only, if given."""
    query = select(AGREEMENT).where(AGREEMENT.c.source == source)
    if document is not None:
        query = query.where(AGREEMENT.c.document == document)
    if status is not None:
        query = query.where(AGREEMENT.c.status == int(status))
    query = query.order_by(AGREEMENT.c.changed.desc(), AGREEMENT.c.address).limit(limit).offset(offset)
    return [listed(row) for row in connection.execute(query)]


def listed(row: Row[Any]) -> Listed:
    """A row of AGREEMENT, read."""
    return Listed(
        address=row.address,
        document=row.document,
        terms_hash=row.terms_hash,
        status=Status(row.status),
        phase=row.phase,
        phases=row.phases,
        disclosed=row.disclosed,
        parties=tuple(bytes.fromhex(each) for each in row.parties.split()),
        opened=row.block,
        changed=row.changed,
        due=read_due(row.due),
    )


def entries(connection: Connection, source: int, *, agreement: bytes | None = None) -> Iterator[Posted]:
    """The journal in the order of the chain; of one agreement only, if given."""
    query = (
        select(ENTRY, BLOCK.c.time, LOG.c.transaction, *(POSTING.c[name] for name in ("line", *Line._fields)))
        .join(BLOCK, (BLOCK.c.source == ENTRY.c.source) & (BLOCK.c.number == ENTRY.c.block))
        .join(LOG, (LOG.c.source == ENTRY.c.source) & (LOG.c.block == ENTRY.c.block) & (LOG.c.log == ENTRY.c.log))
        .join(
            POSTING,
            (POSTING.c.source == ENTRY.c.source) & (POSTING.c.block == ENTRY.c.block) & (POSTING.c.log == ENTRY.c.log),
        )
        .where(ENTRY.c.source == source)
        # Asked for the lines in order too, SQLite would go through all entries to save sorting those of one agreement.
        .order_by(ENTRY.c.block, ENTRY.c.log)
    )
    if agreement is not None:
        query = query.where(ENTRY.c.agreement == agreement)
    rows = connection.execution_options(yield_per=1_000).execute(query)
    for (block, log), some in groupby(rows, key=lambda row: (row.block, row.log)):
        own = sorted(some, key=lambda row: row.line)
        lines = tuple(Line(row.account, row.asset, int(row.amount)) for row in own)
        yield Posted(block, log, own[0].time, own[0].transaction, own[0].agreement, own[0].words, lines)


def balances(connection: Connection, source: int, *, agreement: bytes | None = None) -> dict[tuple[str, bytes], int]:
    """What every account of the books has, by (account, asset), in the smallest unit; accounts at nothing left out."""
    found: dict[tuple[str, bytes], int] = {}
    for entry in entries(connection, source, agreement=agreement):
        for line in entry.lines:
            key = (line.account, line.asset)
            found[key] = found.get(key, 0) + line.amount
    return {key: amount for key, amount in found.items() if amount}


def parts(connection: Connection, source: int, account: bytes) -> Iterator[Part]:
    """An account's part in each agreement that names it as a party, in the order of their addresses."""
    own = (MEMBER.c.source == source) & (MEMBER.c.account == account) & (MEMBER.c.role == "party")
    for agreement in connection.scalars(select(MEMBER.c.agreement).where(own).order_by(MEMBER.c.agreement)).all():
        found = part(account, logs_of(connection, source, agreement), times_of(connection, source, agreement))
        if found is not None:
            yield found


def latest(connection: Connection, source: int, most: int) -> tuple[int, int] | None:
    """Number and time (Unix seconds) of the highest block kept of those up to `most`; None if there is none."""
    key = (BLOCK.c.source == source) & (BLOCK.c.number <= most)
    query = select(BLOCK.c.number, BLOCK.c.time).where(key).order_by(BLOCK.c.number.desc()).limit(1)
    found = connection.execute(query).first()
    return None if found is None else (found.number, found.time)


def documents(connection: Connection, hashes: Iterable[bytes]) -> dict[bytes, tuple[str, str | None]]:
    """Text and bindings (None if nobody brought any) of those documents that are in the store, by their hashes."""
    query = select(DOCUMENT).where(DOCUMENT.c.hash.in_(list(hashes)))
    return {row.hash: (row.text, row.bindings) for row in connection.execute(query)}
