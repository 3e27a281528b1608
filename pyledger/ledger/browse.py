"""What a reader of many agreements asks of the store: parts of long lists, what has changed, how many there are.

Each question is answered from an index, however many agreements there are; words are looked for in the documents that
were brought last.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, func, or_, select

from pyledger.chain.events import Opened
from pyledger.ledger.projection import event_of
from pyledger.ledger.reading import Listed, listed
from pyledger.ledger.store import Cursor, Store
from pyledger.ledger.tables import AGREEMENT, DOCUMENT, ENTRY, LOG, MEMBER, POSTING, times_of
from pyledger.terms.state import Status
from pyledger.terms.structs import Terms

__all__ = [
    "Database",
    "Place",
    "agreement",
    "changed_since",
    "count_of",
    "counts",
    "holdings",
    "opened_terms",
    "papers_mark",
    "part",
    "roles",
    "source_of",
    "times_of",
]

Database = Connection
"""A view of the store that is open."""

_FEW: Final = 1_000
"""Up to so many agreements of one account are looked up one by one; of more, the list is searched from its top."""

_SEARCHED: Final = 1_000
"""Documents that are searched for words, those that were brought last."""

_TOGETHER: Final = 500
"""Blocks whose lines are asked for at once. By entries or joined to them, SQLite would go through the whole journal."""


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
    words: str | None = None,
    account: bytes | None = None,
    role: str | None = None,
    alone: bool = False,
) -> list[Listed]:
    """At most `limit` agreements, those that changed last first, from where an earlier part ended.

    Of one status, document hash, or account that has a role in them (any role, unless one is given) only; with `words`
    those whose document was brought here and has them all; with `alone` those of one party.
    """
    query = select(AGREEMENT).where(AGREEMENT.c.source == source)
    if status is not None:
        query = query.where(AGREEMENT.c.status == int(status))
    if document is not None:
        query = query.where(AGREEMENT.c.document == document)
    if words is not None:
        query = query.where(AGREEMENT.c.document.in_(_documents_with(connection, words.split())))
    if alone:
        query = query.where(AGREEMENT.c.parties.not_like("% %"))
    if account is not None:
        query = _of_account(connection, query, source, account, role)
    if after is not None:
        earlier = AGREEMENT.c.changed < after.changed
        query = query.where(AGREEMENT.c.changed <= after.changed, or_(earlier, AGREEMENT.c.address > after.address))
    query = query.order_by(AGREEMENT.c.changed.desc(), AGREEMENT.c.address).limit(limit)
    return [listed(row) for row in connection.execute(query)]


def _documents_with(connection: Connection, words: Sequence[str]) -> Sequence[bytes]:
    """Hashes of the documents, among the latest that were brought, whose text has each of some words."""
    latest = select(DOCUMENT.c.hash).order_by(DOCUMENT.c.added_at.desc()).limit(_SEARCHED).subquery()
    query = select(DOCUMENT.c.hash).where(DOCUMENT.c.hash.in_(select(latest.c.hash)))
    for word in words:
        query = query.where(DOCUMENT.c.text.icontains(word, autoescape=True))
    return connection.scalars(query).all()


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


def count_of(connection: Connection, source: int, account: bytes, *, role: str | None = None, most: int) -> int:
    """In how many agreements an account has a role (any, unless one is given), counted up to `most`."""
    own = (MEMBER.c.source == source) & (MEMBER.c.account == account)
    if role is not None:
        own &= MEMBER.c.role == role
    few = select(MEMBER.c.agreement).where(own).distinct().limit(most).subquery()
    return connection.execute(select(func.count()).select_from(few)).scalar_one()


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


def holdings(connection: Connection, source: int, agreements: Collection[bytes]) -> dict[bytes, dict[bytes, int]]:
    """What each of some agreements holds by its books, by asset (smallest units); nothing for those that hold none."""
    own = (ENTRY.c.source == source) & ENTRY.c.agreement.in_(list(agreements))
    whose = {(row.block, row.log): row.agreement for row in connection.execute(select(ENTRY).where(own))}
    blocks, found = sorted({block for block, _ in whose}), dict[bytes, dict[bytes, int]]()
    for first in range(0, len(blocks), _TOGETHER):
        at = POSTING.c.block.in_(blocks[first : first + _TOGETHER])
        for row in connection.execute(select(POSTING).where(POSTING.c.source == source, at)):
            agreement = whose.get((row.block, row.log))
            if agreement is not None and not row.account.startswith("outside:"):
                held = found.setdefault(agreement, {})
                held[row.asset] = held.get(row.asset, 0) + int(row.amount)
    return {each: {asset: amount for asset, amount in held.items() if amount} for each, held in found.items()}


def opened_terms(connection: Connection, source: int, agreements: Collection[bytes]) -> dict[bytes, Terms]:
    """The terms with which agreements were opened, as far as they were disclosed then; not held to any hash."""
    query = select(LOG).where(
        LOG.c.source == source, LOG.c.agreement.in_(list(agreements)), LOG.c.kind == Opened.__name__
    )
    found = (event_of(row) for row in connection.execute(query))
    return {each.agreement: each.terms for each in found if isinstance(each, Opened)}


def papers_mark(connection: Connection) -> tuple[int, int]:
    """What changes whenever a document is brought: how many there are, and when the last one came."""
    count, last = connection.execute(select(func.count(), func.max(DOCUMENT.c.added_at)).select_from(DOCUMENT)).one()
    return count, last or 0
