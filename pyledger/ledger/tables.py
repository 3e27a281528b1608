"""The store's tables, for SQLite and PostgreSQL alike.

`block`, `log` and `cursor` are what a node said; `agreement`, `entry` and `posting` follow from them and can be made
anew at any time. Hashes and addresses are bytes; amounts are decimal text, as 256 bits fit no integer column; times are
Unix seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    select,
)

__all__ = [
    "AGREEMENT",
    "BLOCK",
    "CONDITION",
    "CURSOR",
    "DOCUMENT",
    "ENTRY",
    "LOG",
    "MEMBER",
    "METADATA",
    "MIGRATION",
    "POSTING",
    "add_rows",
    "times_of",
]

METADATA: Final = MetaData()

_TOGETHER: Final = 500
"""So many are asked for at once: a query cannot have any number of values."""

_BIG: Final = BigInteger().with_variant(Integer, "sqlite")

MIGRATION: Final = Table(
    "migration",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("applied_at", _BIG, nullable=False),
)
"""Which migrations the store has been through."""

CURSOR: Final = Table(
    "cursor",
    METADATA,
    Column("source", Integer, primary_key=True, autoincrement=True),
    Column("chain_id", _BIG, nullable=False),
    Column("genesis", LargeBinary(32), nullable=False),
    Column("factory", LargeBinary(20), nullable=False),
    Column("start", _BIG, nullable=False),
    Column("next", _BIG, nullable=False),
    Column("head", _BIG, nullable=False),
    Column("safe", _BIG, nullable=False),
    Column("finalized", _BIG, nullable=False),
    Column("synced_at", _BIG, nullable=False),
    Index("cursor_of_factory", "chain_id", "genesis", "factory", unique=True),
)
"""One factory on one run of one chain: the next block to read, and what the node last said of its head."""

CONDITION: Final = Table(
    "condition",
    METADATA,
    Column("source", Integer, primary_key=True, autoincrement=False),
    Column("reading", String(16), nullable=False),
    Column("since", _BIG, nullable=False),
    Column("heard_at", _BIG, nullable=False),
    Column("told_at", _BIG, nullable=False),
    Column("words", Text, nullable=False),
)
"""How it goes with whoever follows a source: how the node answers, since when, and when it last did and was told of."""

BLOCK: Final = Table(
    "block",
    METADATA,
    Column("source", Integer, nullable=False),
    Column("number", _BIG, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("time", _BIG, nullable=False),
    PrimaryKeyConstraint("source", "number"),
)
"""Blocks that hold events, and the latest blocks whether they do or not: what a reorganisation is noticed by."""

LOG: Final = Table(
    "log",
    METADATA,
    Column("source", Integer, nullable=False),
    Column("block", _BIG, nullable=False),
    Column("log", Integer, nullable=False),
    Column("address", LargeBinary(20), nullable=False),
    Column("agreement", LargeBinary(20), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("transaction", LargeBinary(32), nullable=False),
    Column("topics", LargeBinary, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("source", "block", "log"),
    Index("log_of_agreement", "source", "agreement", "block", "log"),
)
"""Events as the node gave them: topics one after another, and data."""

AGREEMENT: Final = Table(
    "agreement",
    METADATA,
    Column("source", Integer, nullable=False),
    Column("address", LargeBinary(20), nullable=False),
    Column("block", _BIG, nullable=False),
    Column("terms_hash", LargeBinary(32), nullable=False),
    Column("document", LargeBinary(32), nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("phase", SmallInteger, nullable=False),
    Column("phases", SmallInteger, nullable=False),
    Column("disclosed", SmallInteger, nullable=False),
    Column("parties", Text, nullable=False),
    Column("opened_at", _BIG, nullable=False),
    Column("changed", _BIG, nullable=False),
    Column("due", Text, nullable=False, server_default="[]"),
    PrimaryKeyConstraint("source", "address"),
    Index("agreement_by_change", "source", "changed"),
    Index("agreement_by_document", "source", "document"),
    Index("agreement_by_status", "source", "status", "changed"),
)
"""Every agreement, as its events leave it. `parties` are the accounts in hexadecimal, apart by blanks; `due` is JSON:
the moments at which something is due, falls silent or becomes final as long as nothing more happens."""

MEMBER: Final = Table(
    "member",
    METADATA,
    Column("source", Integer, nullable=False),
    Column("account", LargeBinary(20), nullable=False),
    Column("agreement", LargeBinary(20), nullable=False),
    Column("role", String(12), nullable=False),
    PrimaryKeyConstraint("source", "account", "agreement", "role"),
    Index("member_of_agreement", "source", "agreement"),
)
"""Who is party, verifier, payee, or has standing in which agreement: what an account's record is found by."""

ENTRY: Final = Table(
    "entry",
    METADATA,
    Column("source", Integer, nullable=False),
    Column("block", _BIG, nullable=False),
    Column("log", Integer, nullable=False),
    Column("agreement", LargeBinary(20), nullable=False),
    Column("words", Text, nullable=False),
    PrimaryKeyConstraint("source", "block", "log"),
    ForeignKeyConstraint(("source", "block", "log"), ("log.source", "log.block", "log.log"), ondelete="CASCADE"),
    Index("entry_of_agreement", "source", "agreement", "block", "log"),
)
"""One balanced transaction of the journal for each event that moves money."""

POSTING: Final = Table(
    "posting",
    METADATA,
    Column("source", Integer, nullable=False),
    Column("block", _BIG, nullable=False),
    Column("log", Integer, nullable=False),
    Column("line", SmallInteger, nullable=False),
    Column("account", String(160), nullable=False),
    Column("asset", LargeBinary(20), nullable=False),
    Column("amount", String(80), nullable=False),
    PrimaryKeyConstraint("source", "block", "log", "line"),
    ForeignKeyConstraint(("source", "block", "log"), ("entry.source", "entry.block", "entry.log"), ondelete="CASCADE"),
    Index("posting_of_account", "source", "account"),
)
"""The lines of an entry: an account, and what it gains or loses of an asset (smallest units). They sum to nothing."""

DOCUMENT: Final = Table(
    "document",
    METADATA,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("bindings", Text),
    Column("added_at", _BIG, nullable=False),
    Index("document_by_time", "added_at", "hash"),
)
"""Documents that somebody has brought, found to have the hash that agreements name: their names can be shown."""


def add_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert many rows, each with a value for every column in order, as the driver takes them: nothing is converted."""
    if rows:
        connection.exec_driver_sql(_insertion(table, connection.dialect.paramstyle), list(rows))


def times_of(connection: Connection, source: int, blocks: Collection[int]) -> dict[int, int]:
    """When blocks were made (Unix seconds), of those that are kept: all that hold events, and the last one."""
    some, found = list(blocks), dict[int, int]()
    for first in range(0, len(some), _TOGETHER):
        own = (BLOCK.c.source == source) & BLOCK.c.number.in_(some[first : first + _TOGETHER])
        found |= {row.number: row.time for row in connection.execute(select(BLOCK.c.number, BLOCK.c.time).where(own))}
    return found


@cache
def _insertion(table: Table, style: str) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" if style == "qmark" else "%s" for _ in table.columns)
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'
