"""Bindings from terms: which address each name of a document has, read back from what was opened.

With them an observer who has only a document and an address can tell whether the one is the other: the document is
compiled again with the bindings found, and the terms must come out the same to the last byte.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyledger.document import Document
from pyledger.errors import BindingsError, PyledgerError
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.structs import NATIVE, Share, Terms, Undisclosed
from pyledger.terms.typed_data import terms_hash

__all__ = ["recover_bindings"]


def recover_bindings(document: Document, terms: Terms, chain_id: int) -> Bindings | None:
    """The bindings under which a document compiles to exactly these terms, or None if there are none."""
    try:
        bindings = _read_back(document, terms, chain_id)
        return bindings if terms_hash(compile_terms(document, bindings)) == terms_hash(terms) else None
    except (ValueError, KeyError, PyledgerError):
        return None


def _read_back(document: Document, terms: Terms, chain_id: int) -> Bindings:
    parties = {name: party.account for name, party in zip(document.parties, terms.parties, strict=True)}
    verifiers: dict[str, bytes] = {}
    for panel, compiled in zip(document.panels.values(), terms.panels, strict=True):
        for (name, _), seat in zip(panel.seats, compiled.seats, strict=True):
            verifiers[name] = seat.verifier
    recipients: dict[str, bytes] = {}
    assets: dict[str, bytes] = {}

    def shares(names: Iterable[str], compiled: tuple[Share, ...]) -> None:
        for name, share in zip(names, compiled, strict=True):
            if name in document.recipients:
                recipients[name] = share.to

    for party, terms_party in zip(document.parties.values(), terms.parties, strict=True):
        if party.bond:
            assets[party.bond.asset] = terms_party.asset
        shares(party.forfeits_to or {}, terms_party.forfeiture)
    for phase, terms_phase in zip(document.phases, terms.phases, strict=True):
        if isinstance(terms_phase, Undisclosed):
            continue
        for payment, terms_payment in zip(phase.payments.values(), terms_phase.payments, strict=True):
            assets[payment.asset] = terms_payment.asset
            shares(payment.to, terms_payment.payees)
    if unused := (document.recipients.keys() - recipients) | (document.assets.keys() - assets):
        raise BindingsError(
            f"nothing in the terms says what {', '.join(sorted(unused))} is",
            hint="give the bindings that the agreement was opened with: --bindings FILE",
        )
    start = None
    if document.join_within is not None:
        start = terms.joinBy - document.join_within
    elif document.long_stop_after is not None:
        start = terms.longStop - document.long_stop_after
    tokens = {name: token for name, token in assets.items() if token != NATIVE}
    return Bindings(
        chain_id=chain_id,
        start=start,
        predecessor=terms.predecessor if any(terms.predecessor) else None,
        parties=parties,
        recipients=recipients,
        verifiers=verifiers,
        standing=dict(zip(document.standing, terms.standing, strict=True)),
        courts={document.arbitration.court: terms.arbitrator} if document.arbitration else {},
        assets=tokens,
    )
