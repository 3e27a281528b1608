"""Documents that somebody has brought: kept once their hash is found to be one that agreements name."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from pyledger.document import Document, document_hash
from pyledger.errors import MismatchError, UsageError
from pyledger.ledger.reading import Listed, agreements
from pyledger.ledger.tables import DOCUMENT
from pyledger.terms.bindings import Bindings, dump_bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.typed_data import terms_hash

__all__ = ["add_document"]


def add_document(
    connection: Connection, source: int, document: Document, text: str, bindings: Bindings | None, *, now: int
) -> list[Listed]:
    """Keep a document, as `text` has it, and its bindings if there are any; the agreements that it puts names on.

    `now` is in Unix seconds. What was kept before stays where this brings no bindings. Raises MismatchError where no
    agreement names the document, or where it does not have the terms of any of those under these bindings; UsageError
    where the document has phases that are not public.
    """
    digest = document_hash(document)
    named = agreements(connection, source, document=digest)
    if not named:
        raise MismatchError(
            f"no agreement here names this document, whose hash is 0x{digest.hex()}",
            hint="`pyledger list --json` shows which documents agreements name; one changed word gives another hash",
        )
    if bindings is not None and terms_hash(compile_terms(document, bindings)) not in {
        each.terms_hash for each in named
    }:
        raise MismatchError(
            "agreements name this document, but none of them has these bindings",
            hint="ask for the bindings that it was opened with, or bring the document alone",
        )
    if document.confidential is not None and any(each.disclosed < each.phases for each in named):
        raise UsageError(
            "this document has phases that are not public yet, and whoever reads the store would read them",
            hint="bring it when they have opened, or when `pyledger disclose --all` has published them",
        )
    row = {"hash": digest, "text": text, "added_at": now}
    row |= {"bindings": dump_bindings(bindings) if bindings else _bindings_kept(connection, digest)}
    connection.execute(delete(DOCUMENT).where(DOCUMENT.c.hash == digest))
    connection.execute(insert(DOCUMENT).values(**row))
    return named


def _bindings_kept(connection: Connection, digest: bytes) -> str | None:
    return connection.execute(select(DOCUMENT.c.bindings).where(DOCUMENT.c.hash == digest)).scalar()
