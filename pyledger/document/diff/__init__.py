"""Two drafts compared in the language of the deal: what changed, by how much, and who gains or loses by it.

    compare(old, new).changes           # empty if, and only if, both have the same document hash

What is only called otherwise is told once, as a new name, and the rest is compared under it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyledger.document.canonical import canonical, document_hash
from pyledger.document.diff.effects import NEUTRAL, Effect
from pyledger.document.diff.parts import accounts, deal, panels, surroundings
from pyledger.document.diff.renames import Rename, applied, renames
from pyledger.document.diff.shapes import Change, Comparison, Pair
from pyledger.document.diff.steps import phases
from pyledger.document.model import Document

__all__ = ["Change", "Comparison", "Effect", "compare"]


def compare(old: Document, new: Document) -> Comparison:
    """All changes from one draft to another, in the order of the newer one."""
    if document_hash(old) == document_hash(new):
        return Comparison(True, ())
    found = renames(old, new)
    pair = Pair(applied(old, found), new)
    changes = (
        *map(_renamed, found),
        *deal(pair),
        *accounts(pair),
        *panels(pair),
        *phases(pair),
        *surroundings(pair),
    )
    return Comparison(False, changes or tuple(_unforeseen(old, new)))


def _renamed(found: Rename) -> Change:
    words = f"{found.old} is called {found.new} now"
    return Change(found.at, "renamed", f"{found.kind} {found.new}", "name", words, NEUTRAL, found.old, found.new)


def _unforeseen(old: Document, new: Document) -> Iterator[Change]:
    """Parts of the canonical form that differ where no field was found to: nothing may go unsaid."""
    before, after = canonical(old), canonical(new)
    for key in dict.fromkeys((*after, *before)):
        if before.get(key) != after.get(key):
            yield Change(key, "changed", "the deal", key, "it says something else", NEUTRAL)
