"""From a document that was brought to the store to names for an agreement, once everything has been checked again."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from pyledger.document import Document, document_hash, loads
from pyledger.errors import PyledgerError
from pyledger.observer.reader import nameless
from pyledger.terms.bindings import Bindings, loads_bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.recovery import recover_bindings
from pyledger.terms.structs import Terms
from pyledger.terms.typed_data import terms_hash

__all__ = ["Named", "named"]

_KEPT: Final = 256
"""Documents that are remembered as they were read: reading one takes longer than all else that a page needs."""


class Named(NamedTuple):
    """What is known of an agreement's words.

    `document` is None where none was brought, or what was brought does not have the hash that the terms name. `bound`
    says that its names could be put on the terms: it compiles to exactly them, and `terms` are then complete, phases
    that are undisclosed on the chain included. Otherwise `names` are numbers, and `terms` those of the chain. `flaw`
    says what is wrong with what was brought.
    """

    document: Document | None
    names: Names
    terms: Terms
    bound: bool
    flaw: str | None = None

    @property
    def words(self) -> Document | None:
        """The document where it can be used: where its names are those of the terms."""
        return self.document if self.bound else None


def named(terms: Terms, chain_id: int, text: str | None, bindings: str | None) -> Named:
    """The names of terms by a document's text, and by the text of its bindings or else those that the terms give away.

    Both are as the store kept them: hashes are computed anew.
    """
    if text is None:
        return Named(None, nameless(terms), terms, bound=False)
    return _named(terms, chain_id, text, bindings)


@lru_cache(maxsize=_KEPT)
def _named(terms: Terms, chain_id: int, text: str, bindings: str | None) -> Named:
    document = _read(text)
    if document is None:
        return Named(None, nameless(terms), terms, bound=False, flaw="what was kept as its document cannot be read")
    if document_hash(document) != terms.document:
        return Named(None, nameless(terms), terms, bound=False, flaw="what was kept as its document has another hash")
    found = _fitting(document, terms, chain_id, bindings)
    if found is None:
        return Named(document, nameless(terms), terms, bound=False)
    return Named(document, Names.of(document, found), compile_terms(document, found), bound=True)


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> Document | None:
    """A document, which many agreements may have in common."""
    try:
        return loads(text)
    except PyledgerError:
        return None


def _fitting(document: Document, terms: Terms, chain_id: int, bindings: str | None) -> Bindings | None:
    """The bindings under which the document has exactly these terms: those that were kept, or those in the terms."""
    try:
        kept = loads_bindings(bindings) if bindings is not None else None
        if kept is not None and terms_hash(compile_terms(document, kept)) == terms_hash(terms):
            return kept
    except PyledgerError:
        pass
    return recover_bindings(document, terms, chain_id)
