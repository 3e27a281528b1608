"""Documents that `sync --document` has brought to the store of this machine, for those who name an address alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pyledger.cli.home import home
from pyledger.errors import PyledgerError
from pyledger.terms.structs import Terms

if TYPE_CHECKING:
    from pyledger.observer.naming import Named

__all__ = ["brought", "store_place"]

_VARIABLE = "PYLEDGER_STORE"


def store_place(given: str | None = None) -> str | Path:
    """Which store is meant: the one given, else that of the environment, else a file among pyledger's own."""
    return given or os.environ.get(_VARIABLE) or home() / "ledger.db"


def brought(terms: Terms, chain_id: int) -> Named | None:
    """The names that a document in the store puts on terms, all hashes checked; None where there are none.

    The store is a help here, not a need: where there is none, or it fails, things are numbered.
    """
    place = store_place()
    if isinstance(place, Path) and not place.exists():
        return None
    from pyledger.ledger.reading import documents
    from pyledger.ledger.store import open_store
    from pyledger.observer.naming import named

    try:
        with open_store(place) as store, store.reading() as database:
            found = documents(database, [terms.document]).get(terms.document)
    except PyledgerError:
        return None
    if found is None:
        return None
    names = named(terms, chain_id, *found)
    return names if names.bound else None
