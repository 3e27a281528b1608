"""What a reader of many agreements asks of the store: parts of long lists, what has changed, how many there are.

Each question is answered from an index, however many agreements there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Select, func, or_, select

from pyledger.ledger.journal import Line
from pyledger.ledger.reading import Listed, Posted, listed
from pyledger.ledger.store import Cursor, Store
from pyledger.ledger.tables import AGREEMENT, BLOCK, DOCUMENT, ENTRY, LOG, MEMBER, POSTING
from pyledger.terms.state import Status

__all__ = [
    "Place",
    "agreement",
    "changed_since",
    "counts",
    "holdings",
    "journal_length",
    "journal_part",
    "papers_mark",
    "part",
    "roles",
    "source_of",
    "times_of",
]

_FEW: Final = 1_000
"""Up to so many agreements of one account are looked up one by one; of more, the list is searched from its top."""


class Place(NamedTuple):
    """Where a part of a list of agreements ended: the block in which the last one changed, and its address."""

    changed: int
    address: bytes


def source_of(store: Store, connection: Connection, *, factory: bytes, chain_id: int | None) -> Cursor | None:
    """The source of a factory that was read last, on one chain if it is given; None if there is none."""
    found = store.cursors(connection)
    return next((each for each in found if each.factory == factory and chain_id in (None, each.chain_id)), None)


def agreement(connection: Connection, source: int, address: bytes) -> Listed | None:
    """One agreement as its events leave it; None if there is none at the address."""
    query = select(AGREEMENT).where(AGREEMENT.c.source == source, AGREEMENT.c.address == address)
    found = connection.execute(query).first()
    return None if found is None else listed(found)


def part(
    connection: Connection,
    source: int,
    *,
    limit: int,
    after: Place | None = None,
    status: Status | None = None,
    document: bytes | None = None,
    account: bytes | None = None,
    role: str | None = None,
) -> list[Listed]:
    """At most `limit` agreements, those that changed last first, from where an earlier part ended.

    Of one status, document hash, or account that has a role in them (any role, unless one is given) only.
    """
    query = select(AGREEMENT).where(AGREEMENT.c.source == source)
    if status is not None:
        query = query.where(AGREEMENT.c.status == int(status))
    if document is not None:
        query = query.where(AGREEMENT.c.document == document)
    if account is not None:
        query = _of_account(connection, query, source, account, role)
    if after is not None:
        earlier = AGREEMENT.c.changed < after.changed
        query = query.where(AGREEMENT.c.changed <= after.changed, or_(earlier, AGREEMENT.c.address > after.address))
    query = query.order_by(AGREEMENT.c.changed.desc(), AGREEMENT.c.address).limit(limit)
    return [listed(row) for row in connection.execute(query)]


def _of_account(
    connection: Connection, query: Select[Any], source: int, account: bytes, role: str | None
) -> Select[Any]:
    own = (MEMBER.c.source == source) & (MEMBER.c.account == account)
    if role is not None:
        own &= MEMBER.c.role == role
    few = connection.scalars(select(MEMBER.c.agreement).where(own).distinct().limit(_FEW + 1)).all()
    if len(few) <= _FEW:
        return query.where(AGREEMENT.c.address.in_(few))
    return query.where(select(MEMBER.c.role).where(own, MEMBER.c.agreement == AGREEMENT.c.address).exists())


def roles(connection: Connection, source: int, account: bytes, agreements: Collection[bytes]) -> dict[bytes, list[str]]:
    """What an account is in each of some agreements."""
    query = select(MEMBER.c.agreement, MEMBER.c.role).where(
        MEMBER.c.source == source, MEMBER.c.account == account, MEMBER.c.agreement.in_(list(agreements))
    )
    found: dict[bytes, list[str]] = {}
    for row in connection.execute(query.order_by(MEMBER.c.role)):
        found.setdefault(row.agreement, []).append(row.role)
    return found


def counts(connection: Connection, source: int) -> dict[Status, int]:
    """How many agreements stand how."""
    query = select(AGREEMENT.c.status, func.count()).where(AGREEMENT.c.source == source).group_by(AGREEMENT.c.status)
    return {Status(status): count for status, count in sorted(connection.execute(query).tuples())}


def changed_since(connection: Connection, source: int, block: int, most: int) -> list[bytes]:
    """Addresses of at most `most` agreements that have changed in a block or later, the latest first."""
    query = select(AGREEMENT.c.address).where(AGREEMENT.c.source == source, AGREEMENT.c.changed >= block)
    return list(connection.scalars(query.order_by(AGREEMENT.c.changed.desc()).limit(most)))


def times_of(connection: Connection, source: int, blocks: Collection[int]) -> dict[int, int]:
    """When blocks were made (Unix seconds), of those that are kept: all that hold events, and the last one."""
    query = select(BLOCK.c.number, BLOCK.c.time).where(BLOCK.c.source == source, BLOCK.c.number.in_(list(blocks)))
    return {row.number: row.time for row in connection.execute(query)}


def holdings(connection: Connection, source: int, agreements: Collection[bytes]) -> dict[bytes, dict[bytes, int]]:
    """What each of some agreements holds by its books, by asset (smallest units); nothing for those that hold none."""
    query = (
        select(ENTRY.c.agreement, POSTING.c.account, POSTING.c.asset, POSTING.c.amount)
        .join(POSTING, _same_entry(POSTING))
        .where(ENTRY.c.source == source, ENTRY.c.agreement.in_(list(agreements)))
    )
    found: dict[bytes, dict[bytes, int]] = {}
    for agreement, account, asset, amount in connection.execute(query):
        if not account.startswith("outside:"):
            held = found.setdefault(agreement, {})
            held[asset] = held.get(asset, 0) + int(amount)
    return {each: {asset: amount for asset, amount in held.items() if amount} for each, held in found.items()}


def journal_part(
    connection: Connection,
    source: int,
    agreement: bytes,
    *,
    limit: int,
    after: tuple[int, int] | None = None,
    latest: bool = False,
) -> list[Posted]:
    """At most `limit` entries of an agreement in the order of the chain: after a place (block, log), or the latest."""
    own = (ENTRY.c.source == source) & (ENTRY.c.agreement == agreement)
    if after is not None:
        own &= (ENTRY.c.block > after[0]) | ((ENTRY.c.block == after[0]) & (ENTRY.c.log > after[1]))
    order = (ENTRY.c.block.desc(), ENTRY.c.log.desc()) if latest else (ENTRY.c.block, ENTRY.c.log)
    heads = connection.execute(
        select(ENTRY, BLOCK.c.time, LOG.c.transaction)
        .join(BLOCK, (BLOCK.c.source == ENTRY.c.source) & (BLOCK.c.number == ENTRY.c.block))
        .join(LOG, (LOG.c.source == ENTRY.c.source) & (LOG.c.block == ENTRY.c.block) & (LOG.c.log == ENTRY.c.log))
        .where(own)
        .order_by(*order)
        .limit(limit)
    ).all()
    if not heads:
        return []
    lines = _lines_of(connection, source, agreement, min(row.block for row in heads), max(row.block for row in heads))
    return [_posted(row, lines) for row in sorted(heads, key=lambda row: (row.block, row.log))]


def journal_length(connection: Connection, source: int, agreement: bytes) -> int:
    """How many entries an agreement has."""
    own = (ENTRY.c.source == source) & (ENTRY.c.agreement == agreement)
    return connection.execute(select(func.count()).select_from(ENTRY).where(own)).scalar_one()


def papers_mark(connection: Connection) -> tuple[int, int]:
    """What changes whenever a document is brought: how many there are, and when the last one came."""
    count, last = connection.execute(select(func.count(), func.max(DOCUMENT.c.added_at)).select_from(DOCUMENT)).one()
    return count, last or 0


def _same_entry(table: Any) -> Any:
    return (table.c.source == ENTRY.c.source) & (table.c.block == ENTRY.c.block) & (table.c.log == ENTRY.c.log)


def _lines_of(
    connection: Connection, source: int, agreement: bytes, first: int, last: int
) -> dict[tuple[int, int], list[Line]]:
    query = (
        select(POSTING)
        .join(ENTRY, _same_entry(POSTING))
        .where(ENTRY.c.source == source, ENTRY.c.agreement == agreement, ENTRY.c.block.between(first, last))
        .order_by(POSTING.c.block, POSTING.c.log, POSTING.c.line)
    )
    found: dict[tuple[int, int], list[Line]] = {}
    for row in connection.execute(query):
        found.setdefault((row.block, row.log), []).append(Line(row.account, row.asset, int(row.amount)))
    return found


def _posted(row: Row[Any], lines: Mapping[tuple[int, int], Sequence[Line]]) -> Posted:
    own = tuple(lines[row.block, row.log])
    return Posted(row.block, row.log, row.time, row.transaction, row.agreement, row.words, own)
