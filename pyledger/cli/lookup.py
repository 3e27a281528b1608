"""From what a person typed to the agreement that is meant: opened from here, by others, or known by its address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.deployments import places
from pyledger.chain.events import Opened, PhaseDisclosed, fullest, read_events
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.chain.reading import is_open
from pyledger.cli.brought import brought
from pyledger.cli.bundled import bindings_of
from pyledger.cli.deals import Deal, deal_of
from pyledger.cli.options import Where
from pyledger.cli.papers import Opening, as_address, openings, read_document
from pyledger.document import Document, document_hash
from pyledger.errors import DeploymentError, MismatchError
from pyledger.observer.reader import Reader, nameless
from pyledger.terms.addresses import checksum
from pyledger.terms.recovery import recover_bindings

__all__ = ["find_deal", "options_of", "payer_of"]


def find_deal(named: str, where: Where, connection: Connection, *, strict: bool = True) -> Deal:
    """As `_find`, with the options that lead there again."""
    found = _find(named, where, connection, strict=strict)
    return replace(found, options=options_of(where), payer=payer_of(where, connection))


def options_of(where: Where) -> tuple[str, ...]:
    """What was given to find a deal, to be given again."""
    given = (
        ("--network", where.network),
        ("--bindings", where.bindings),
        ("--at", where.at),
        ("--password-file", where.password_file),
    )
    return tuple(word for option, value in given if value is not None for word in (option, str(value)))


def payer_of(where: Where, connection: Connection) -> tuple[str, ...]:
    """The options that say who pays for what anybody may send: none on a local chain, elsewhere a key that is here."""
    if connection.chain_id == LOCAL_CHAIN_ID:
        return ()
    from pyledger.chain.keys import Keystore
    from pyledger.cli.home import keys_folder

    known = [where.key] if where.key else [file.name for file in Keystore(keys_folder()).list()]
    return ("--key", known[0]) if known else ()


def _find(named: str, where: Where, connection: Connection, *, strict: bool) -> Deal:
    """The deal that a person means by a document or an address; `strict` unless whoever calls does the checking.

    Raises UsageError, DocumentError or BindingsError for what cannot be read, DeploymentError where the chain was
    restarted since, MismatchError where nothing is known of it, or --at names another agreement.
    """
    address = as_address(named)
    document = None if address else read_document(named)
    if document is not None and (bindings := bindings_of(named, where)) is not None:
        found = deal_of(named, connection, document, bindings)
        if strict and where.address not in (None, found.agreement.address):
            raise MismatchError(
                f"under these bindings the document is at {checksum(found.agreement.address)}, not at {where.at}",
                hint=f"see why: `pyledger verify {named} --at {where.at}`",
            )
        return found
    if document is not None and where.address is not None:
        return _document_at(named, document, where.address, connection)
    digest = document_hash(document) if document else None
    known = openings(connection.chain_id, document=digest, address=address)
    genesis = "0x" + connection.genesis_hash.hex()
    here = [each for each in known if each.genesis_hash == genesis]
    if here:
        # A local chain that was started anew at the same time looks like the one before, and has not what was on that.
        current = next((each for each in here[:-1] if is_open(connection, each.address)), here[-1])
        return deal_of(named, connection, current.document, current.bindings, since=current.since)
    if address is not None:
        return _from_chain(address, connection)
    raise _unknown(named, connection, known)


def _document_at(named: str, document: Document, address: bytes, connection: Connection) -> Deal:
    """An agreement that others opened, with the words of its document, if it is its document."""
    found = _from_chain(address, connection)
    bindings = recover_bindings(document, found.terms, connection.chain_id)
    if bindings is None:
        same = document_hash(document) == found.terms.document
        raise MismatchError(
            f"the agreement at {checksum(address)} is not of this document",
            where=f"it names document 0x{found.terms.document.hex()}",
            hint="the document is the one named, but the terms are not what it says: do not rely on them"
            if same
            else f"this one is 0x{document_hash(document).hex()}: ask for the text that was agreed",
        )
    return deal_of(named, connection, document, bindings, since=found.since)


def _unknown(named: str, connection: Connection, known: Sequence[Opening]) -> DeploymentError | MismatchError:
    if known and connection.chain_id == LOCAL_CHAIN_ID:
        return DeploymentError(
            f"the node was restarted since `{named}` was opened, and what was on it is gone",
            where=connection.network.place,
            hint=f"open it again: `pyledger open {named}`",
        )
    genesis = "0x" + connection.genesis_hash.hex()
    before = [each for each in openings(connection.chain_id, genesis_hash=genesis) if each.named == named]
    if before:
        return MismatchError(
            f"`{named}` has changed since it was opened: it is another document now",
            where=f"{checksum(before[0].address)} holds document 0x{before[0].terms.document.hex()}",
            hint="put it back as it was, refer to the agreement by its address, or open the new one",
        )
    return MismatchError(
        f"`{named}` has not been opened from here on chain {connection.chain_id}",
        where=connection.network.place,
        hint=f"open it: `pyledger open {named}`; if others opened it, give --bindings FILE, or its address",
    )


def _from_chain(address: bytes, connection: Connection) -> Deal:
    """An agreement of which only the address is known: its terms are in what the factory said of it.

    Of all that can be read, what discloses most counts: whoever opened it, and in whatever form, cannot hide them. Of
    phases that the parties keep to themselves until they open, no more than the hashes is known.
    """
    at = places()
    said = read_events(connection, [at.factory], agreement=address)
    found, text = fullest(said), checksum(address)
    if found is None and is_open(connection, address):
        raise MismatchError(
            f"the factory has said nothing readable of what is at {text} on chain {connection.chain_id}",
            where=connection.network.place,
            hint="if it is an agreement, whoever opened it can publish its terms: `pyledger disclose DOCUMENT`",
        )
    if found is None:
        raise MismatchError(
            f"no agreement was opened at {text} on chain {connection.chain_id}",
            where=connection.network.place,
            hint="check the address and the network; a local chain forgets everything when it is restarted",
        )
    if not found.complete:
        found = fullest([*said, *read_events(connection, [address], kind=PhaseDisclosed)]) or found
    terms, words = found.terms, brought(found.terms, connection.chain_id)
    if words is None:
        reader = Reader(None, nameless(terms), terms)
    else:
        terms, reader = words.terms, Reader(words.document, words.names, words.terms)
    since = next((each.origin.block for each in said if isinstance(each, Opened)), 0)
    agreement = Agreement(connection, terms, at, names=reader.names, since=since)
    if agreement.address != address:
        raise MismatchError(
            f"the terms that the node reports lead to {checksum(agreement.address)}, not to {text}",
            where=connection.network.place,
            hint="do not rely on this node: ask another one",
        )
    return Deal(text, connection, agreement, reader, since)
