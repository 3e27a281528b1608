"""Terms of a document that nobody has bound to addresses yet: every name gets one of its own, made from the name.

What a deal pays to whom does not depend on who is where; so everything that is asked of the settlement model about a
document can be asked with these.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, NamedTuple

from pyledger.document import Document
from pyledger.document.units import DAY
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.structs import Terms

__all__ = ["Deal", "deal_of", "stand_ins"]

_BEGIN: Final = 1_798_761_600
"""Where relative times begin in a document without a date: 2027-01-01."""
_CHAIN: Final = 31337


class Deal(NamedTuple):
    """A document, the terms it compiles to, and its names in their order."""

    document: Document
    terms: Terms
    names: Names
    start: int


def deal_of(document: Document, bindings: Bindings | None = None) -> Deal:
    """The deal that a document is, on stand-ins unless it is bound. Raises `TermsError` as `compile_terms` does."""
    bound = bindings or stand_ins(document)
    start = _BEGIN if bound.start is None else bound.start
    return Deal(document, compile_terms(document, bound), Names.of(document, bound), start)


def stand_ins(document: Document) -> Bindings:
    """An address for every name, each different and always the same; and a start early enough for every date."""
    verifiers = [name for panel in document.panels.values() for name, _ in panel.seats]
    courts = [document.arbitration.court] if document.arbitration else []
    tokens = [name for name, asset in document.assets.items() if not asset.native]
    return Bindings(
        chain_id=_CHAIN,
        start=_start(document),
        parties={name: _address("account", name) for name in document.parties},
        recipients={name: _address("account", name) for name in document.recipients},
        verifiers={name: _address("account", name) for name in verifiers},
        standing={name: _address("account", name) for name in document.standing},
        courts={name: _address("account", name) for name in courts},
        assets={name: _address("asset", name) for name in tokens},
    )


def _address(kind: str, name: str) -> bytes:
    return sha256(f"pyledger stand-in {kind} {name}".encode()).digest()[-20:]


def _start(document: Document) -> int:
    """A date after which joining, and where nothing else bounds them all phases, fit before the dates there are."""
    dates = [phase.not_before for phase in document.phases] + [document.join_by, document.long_stop]
    given = [date for date in dates if date is not None]
    if not given:
        return _BEGIN
    ahead = document.join_within or 0
    if document.long_stop_after is None:
        ahead += sum(max(each.deadline for each in phase.obligations.values()) for phase in document.phases)
        ahead += document.contest_time * len(document.phases)
    return max(min(given) - ahead - DAY, 0)
