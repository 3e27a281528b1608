"""The store: SQLite in a file by default, PostgreSQL by a URL, one code for both.

Whoever writes does so in one transaction that begins by taking the lock of its source, so that two indexers on one
database do no harm: the second finds that its place has moved on, and goes on from there.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import Connection, Engine, Row, create_engine, delete, event, insert, select, text, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from pyledger.errors import PyledgerError, ToolError
from pyledger.ledger.migrations import migrate
from pyledger.ledger.tables import AGREEMENT, BLOCK, CURSOR, ENTRY, LOG, MEMBER, POSTING

__all__ = ["Cursor", "Store", "StoreError", "open_store", "require_driver"]

_WAIT: Final = 30
"""Seconds to wait for another writer."""

_LOCK: Final = 7_074_695_120
"""The number that pyledger's advisory lock goes by."""


class StoreError(PyledgerError):
    """The store cannot be opened, read or written."""


class Cursor(NamedTuple):
    """One factory on one run of one chain, as far as it has been read.

    `next` is the first block not read yet; `head`, `safe` and `finalized` are blocks as the node last named them, −1
    where it named none; `start` is where reading began.
    """

    source: int
    chain_id: int
    genesis: bytes
    factory: bytes
    start: int
    next: int
    head: int
    safe: int
    finalized: int
    synced_at: int

    def finality(self, block: int) -> str:
        """How settled a block is: `finalized`, `safe`, or `latest`, which may yet be reorganised away."""
        if block <= self.finalized:
            return "finalized"
        return "safe" if block <= self.safe else "latest"


class Store:
    """A database that is open. Use it in a `with`, or close it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # What SQLite does in any transaction, PostgreSQL does when told to.
        several = engine.dialect.name == "postgresql"
        self._one_view: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if several else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of everything. Raises StoreError."""
        try:
            with self.engine.connect().execution_options(**self._one_view) as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise self._failed(error) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is kept, or nothing. Raises StoreError."""
        try:
            with self.engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise self._failed(error) from error

    def _failed(self, error: SQLAlchemyError) -> StoreError:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        hint = "try again in a moment" if isinstance(error, OperationalError) else None
        return StoreError(f"the store fails: {reason}", where=_shown(self.engine.url), hint=hint)

    # Cursors

    def cursor(self, connection: Connection, source: int, *, lock: bool = False) -> Cursor:
        """Where a source stands; with `lock` nobody else moves it until the transaction ends."""
        query = select(CURSOR).where(CURSOR.c.source == source)
        return _cursor(connection.execute(query.with_for_update() if lock else query).one())

    def cursors(self, connection: Connection) -> list[Cursor]:
        """All sources, the last read first."""
        return [_cursor(row) for row in connection.execute(select(CURSOR).order_by(CURSOR.c.synced_at.desc()))]

    def source(self, connection: Connection, *, chain_id: int, genesis: bytes, factory: bytes, start: int) -> Cursor:
        """The source of a factory on one run of a chain; made if it is new, to be read from block `start` on."""
        key = (CURSOR.c.chain_id == chain_id) & (CURSOR.c.genesis == genesis) & (CURSOR.c.factory == factory)
        found = connection.execute(select(CURSOR).where(key)).one_or_none()
        if found is None:
            alone(connection)
            found = connection.execute(select(CURSOR).where(key)).one_or_none()
        if found is None:
            fresh = {"chain_id": chain_id, "genesis": genesis, "factory": factory, "start": start, "next": start}
            unknown = {"head": -1, "safe": -1, "finalized": -1, "synced_at": 0}
            connection.execute(insert(CURSOR).values(**fresh, **unknown))
            found = connection.execute(select(CURSOR).where(key)).one()
        return _cursor(found)

    def move(self, connection: Connection, cursor: Cursor) -> None:
        """Write down where a source stands."""
        values = cursor._asdict()
        source = values.pop("source")
        connection.execute(update(CURSOR).where(CURSOR.c.source == source).values(**values))

    # Blocks

    def blocks(self, connection: Connection, source: int) -> list[tuple[int, bytes]]:
        """Number and hash of every block that is kept, lowest first."""
        query = select(BLOCK.c.number, BLOCK.c.hash).where(BLOCK.c.source == source).order_by(BLOCK.c.number)
        return [(row.number, row.hash) for row in connection.execute(query)]

    def latest_block(self, connection: Connection, source: int, most: int) -> tuple[int, bytes] | None:
        """Number and hash of the highest block that is kept, of those up to `most`; None if there is none."""
        key = (BLOCK.c.source == source) & (BLOCK.c.number <= most)
        query = select(BLOCK.c.number, BLOCK.c.hash).where(key).order_by(BLOCK.c.number.desc()).limit(1)
        found = connection.execute(query).first()
        return None if found is None else (found.number, found.hash)

    def rewind(self, connection: Connection, source: int, block: int) -> list[bytes]:
        """Forget everything from a block on; the agreements that were touched there and have to be projected anew."""
        beyond = (LOG.c.source == source) & (LOG.c.block >= block)
        touched = list(connection.scalars(select(LOG.c.agreement).where(beyond).distinct()))
        for table in (POSTING, ENTRY, LOG):
            connection.execute(delete(table).where((table.c.source == source) & (table.c.block >= block)))
        gone = (AGREEMENT.c.source == source) & (AGREEMENT.c.block >= block)
        for address in connection.scalars(select(AGREEMENT.c.address).where(gone)).all():
            connection.execute(delete(MEMBER).where((MEMBER.c.source == source) & (MEMBER.c.agreement == address)))
        connection.execute(delete(AGREEMENT).where(gone))
        connection.execute(delete(BLOCK).where((BLOCK.c.source == source) & (BLOCK.c.number >= block)))
        return touched


def open_store(url: str | Path) -> Store:
    """Open a store by the path of an SQLite file or the URL of a PostgreSQL database, and bring it up to date.

    Raises StoreError where it cannot be opened, ToolError where the driver of the database is missing.
    """
    engine = _engine(url)
    if _is_file(url):
        _make_folder(Path(url).parent)
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine)
    store = Store(engine)
    try:
        with store.writing() as connection:
            alone(connection)
            migrate(connection, int(time.time()))
    except BaseException:
        store.close()
        raise
    return store


def require_driver(url: str | Path) -> None:
    """See that a store of this kind can be opened here; nothing is opened or made.

    Raises StoreError where the address is none of a store, ToolError where the driver of the database is missing.
    """
    _engine(url).dispose()


def alone(connection: Connection) -> None:
    """Wait until nobody else makes tables or sources; in SQLite whoever writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def _engine(url: str | Path) -> Engine:
    target = _url(url)
    try:
        return create_engine(target, pool_pre_ping=True)
    except ImportError as error:
        raise ToolError(
            f"the driver of {target.get_backend_name()} is not installed: {error}",
            hint="install it: pip install 'pyledger[postgresql]'",
        ) from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror}", hint="choose another place") from None


def _is_file(url: str | Path) -> bool:
    return isinstance(url, Path) or "://" not in url


def _url(url: str | Path) -> URL:
    if _is_file(url):
        return URL.create("sqlite", database=str(url))
    try:
        found = make_url(str(url))
    except ArgumentError:
        raise StoreError("this is no address of a database", hint="write postgresql://user@host/name") from None
    if found.get_backend_name() == "postgresql" and found.drivername == "postgresql":
        found = found.set(drivername="postgresql+psycopg")
    if found.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"a store is SQLite or PostgreSQL, not {found.get_backend_name()}")
    return found


def _tune_sqlite(engine: Engine) -> None:
    """Readers beside a writer, foreign keys, and transactions that begin when SQLAlchemy says so."""

    @event.listens_for(engine, "connect")
    def connected(raw: Any, _record: object) -> None:
        raw.isolation_level = None
        for pragma in (f"busy_timeout={_WAIT * 1000}", "synchronous=NORMAL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")
        _write_ahead(raw)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        kind = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")


def _write_ahead(raw: Any) -> None:
    """Readers beside a writer. Where several make a new file at once SQLite refuses instead of waiting: ask again."""
    for attempt in range(_WAIT * 10):
        try:
            raw.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if attempt == _WAIT * 10 - 1:
                raise
            time.sleep(0.1)
        else:
            return


def _cursor(row: Row[Any]) -> Cursor:
    return Cursor(**row._mapping)


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)
