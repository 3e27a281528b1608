"""Phases that only the parties know: what the document must say of them."""

from __future__ import annotations

import pytest

from pyledger.document import document_hash, loads
from tests.document.conftest import Refuse

SEAL = "0x" + "5e" * 32
SEALED = f"confidential: {{from: upkeep, seal: {SEAL}}}\nphases:"


def test_phases_before_the_seal_are_for_everybody(deal: str) -> None:
    assert loads(deal).open_phases == 2
    assert loads(deal.replace("phases:", SEALED)).open_phases == 1


def test_the_seal_is_part_of_the_hash(deal: str) -> None:
    sealed = deal.replace("phases:", SEALED)
    hashes = {document_hash(loads(text)) for text in (deal, sealed, sealed.replace(SEAL, SEAL[:-1] + "f"))}
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("said", "path", "says"),
    [
        (f"{{from: build, seal: {SEAL}}}", "confidential.from", "the first phase opens at once"),
        (f"{{from: upkep, seal: {SEAL}}}", "confidential.from", "`upkep` is no phase"),
        (f"{{from: upkeep, seal: {SEAL[:-2]}}}", "confidential.seal", "the seal has 31 bytes, not 32"),
        ("{from: upkeep}", "confidential.seal", "`seal` is missing"),
    ],
)
def test_what_cannot_be_sealed_is_refused(refuse: Refuse, said: str, path: str, says: str) -> None:
    (found,) = refuse(("phases:", f"confidential: {said}\nphases:"))
    assert (found.path, says in found.message) == (path, True)
