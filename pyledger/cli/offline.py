"""Signing without a node: the agreement's address follows from the document and its bindings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pyledger.chain.deployments import places
from pyledger.chain.networks import resolve_network
from pyledger.cli.bundled import bindings_of
from pyledger.cli.home import project_file, user_file
from pyledger.cli.lazy import nearest
from pyledger.cli.options import Where
from pyledger.cli.output import Screen
from pyledger.cli.papers import as_address, openings, read_document
from pyledger.document import document_hash
from pyledger.errors import UsageError
from pyledger.observer.reader import Reader
from pyledger.terms.bindings import Bindings
from pyledger.terms.commitment import agreement_address
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.structs import Terms

__all__ = ["OfflineDeal", "offline_deal", "signed_acceptance"]


@dataclass(frozen=True, slots=True)
class OfflineDeal:
    """A deal of which nothing is asked: its words, its chain and its address."""

    reader: Reader
    bindings: Bindings
    address: bytes

    @property
    def chain_id(self) -> int:
        """Its chain."""
        return self.bindings.chain_id

    @property
    def terms(self) -> Terms:
        """Its terms."""
        return self.reader.terms

    @property
    def names(self) -> Names:
        """Its names."""
        return self.reader.names

    def obligation(self, name: str) -> tuple[int, int]:
        """Phase and index of the obligation of that name."""
        for phase, names in enumerate(self.names.obligations):
            if name in names:
                return phase, names.index(name)
        known = tuple(each for names in self.names.obligations for each in names)
        raise UsageError(f"`{name}` is no obligation of this document", hint=nearest(name, known))


def offline_deal(named: str, where: Where) -> OfflineDeal:
    """The deal of a document with the bindings given, or those it was last opened with from here."""
    document = None if as_address(named) else read_document(named)
    address = as_address(named) or where.address
    bindings = bindings_of(named, where) if document is not None else None
    if document is None or bindings is None:
        network = resolve_network(where.network, project=project_file(), user=user_file())
        digest = document_hash(document) if document else None
        known = openings(network.chain_id, document=digest, address=address) if network.chain_id else ()
        if not known:
            raise UsageError(
                f"`{named}` is not known here on network {network.name}, and without a node it cannot be looked up",
                hint="give the document with --bindings FILE, or open it from here first",
            )
        document, bindings = known[0].document, known[0].bindings
    terms = compile_terms(document, bindings)
    at = places()
    found = agreement_address(factory=at.factory, implementation=at.implementation, terms=terms)
    return OfflineDeal(Reader(document, Names.of(document, bindings), terms), bindings, found)


def signed_acceptance(named: str, role: str, where: Where, out: Path | None, screen: Screen) -> None:
    """Sign the terms for a party, and print or write the acceptance."""
    from pyledger.chain.acceptances import sign_acceptance
    from pyledger.cli.signers import role_signer
    from pyledger.cli.submitting import write_records

    deal = offline_deal(named, where)
    deal.names.party(role)
    signer = role_signer(role, deal.reader, deal.chain_id, where)
    record = sign_acceptance(signer, deal.terms, chain_id=deal.chain_id, agreement=deal.address, names=deal.names)
    write_records([record], out, screen)
