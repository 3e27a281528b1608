"""An observer with a document and an address finds again who each name is."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import pytest

from pyledger.document import gallery, loads
from pyledger.document.model import Document
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.recovery import recover_bindings


def bound(document: Document, *, predecessor: bytes | None = None) -> Bindings:
    """Bindings of all names to addresses, no two alike."""
    number = count(1)

    def addresses(names: Iterable[str]) -> dict[str, bytes]:
        return {name: next(number).to_bytes(20, "big") for name in names}

    seats = dict.fromkeys(name for panel in document.panels.values() for name, _ in panel.seats)
    return Bindings(
        chain_id=31337,
        start=1_900_000_000,
        predecessor=predecessor,
        parties=addresses(document.parties),
        recipients=addresses(document.recipients),
        verifiers=addresses(seats),
        standing=addresses(document.standing),
        courts=addresses([document.arbitration.court] if document.arbitration else []),
        assets=addresses(name for name, asset in document.assets.items() if not asset.native),
    )


@pytest.mark.parametrize("predecessor", [None, b"\x77" * 20], ids=["first", "successor"])
@pytest.mark.parametrize("name", gallery.names())
def test_the_terms_of_every_document_lead_back_to_its_bindings(name: str, predecessor: bytes | None) -> None:
    document = loads(gallery.read(name))
    bindings = bound(document, predecessor=predecessor)
    terms = compile_terms(document, bindings)
    found = recover_bindings(document, terms, bindings.chain_id)
    assert found is not None
    assert compile_terms(document, found) == terms
    kinds = ("predecessor", "parties", "recipients", "verifiers", "standing", "courts", "assets")
    assert all(getattr(found, kind) == getattr(bindings, kind) for kind in kinds)
