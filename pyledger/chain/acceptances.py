"""Acceptances as signed records: a party signs the terms away from the chain, and anybody may post its bond for it."""

from __future__ import annotations

from typing import Literal

from pyledger.chain.keys import Signer
from pyledger.chain.records import Address, Hash, Octets, Record
from pyledger.chain.signatures import require_meant, require_signed
from pyledger.errors import SignatureError
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names
from pyledger.terms.structs import Terms
from pyledger.terms.typed_data import terms_digest, terms_hash

__all__ = ["SignedAcceptance", "check_acceptance", "party_of", "sign_acceptance"]


class SignedAcceptance(Record):
    """One party's signature over the terms of one agreement on one chain."""

    kind: Literal["acceptance"] = "acceptance"
    version: Literal[1] = 1
    chain_id: int
    agreement: Address
    terms_hash: Hash
    party: int
    party_name: str | None = None
    account: Address
    signature: Octets


def party_of(terms: Terms, account: bytes) -> int:
    """Index of the party with this account. SignatureError if there is none."""
    for index, party in enumerate(terms.parties):
        if party.account == account:
            return index
    raise SignatureError(
        f"{checksum(account)} is no party to these terms",
        hint="parties: " + ", ".join(checksum(party.account) for party in terms.parties),
    )


def sign_acceptance(
    signer: Signer, terms: Terms, *, chain_id: int, agreement: bytes, names: Names | None = None
) -> SignedAcceptance:
    """A party's acceptance, signed. SignatureError if the key is no party's."""
    party = party_of(terms, signer.address)
    digest = terms_digest(terms, chain_id=chain_id, agreement=agreement)
    return SignedAcceptance(
        chain_id=chain_id,
        agreement=agreement,
        terms_hash=terms_hash(terms),
        party=party,
        party_name=names.parties[party] if names else None,
        account=signer.address,
        signature=signer.sign_digest(digest, chain_id=chain_id),
    )


def check_acceptance(
    record: SignedAcceptance, terms: Terms, *, chain_id: int, agreement: bytes, by_contract: bool = False
) -> int:
    """Index of the party that a record accepts for; `by_contract` if its account is a contract (ERC-1271).

    SignatureError if it is for another agreement or chain, or was signed by another account than it says.
    """
    where = f"acceptance of {checksum(record.account)}"
    require_meant(record, terms, chain_id=chain_id, agreement=agreement, where=where, who="party")
    party = party_of(terms, record.account)
    if party != record.party:
        raise SignatureError(f"{checksum(record.account)} is party {party}, not {record.party}", where=where)
    if not by_contract:
        digest = terms_digest(terms, chain_id=chain_id, agreement=agreement)
        require_signed(digest, record.signature, record.account, where=where, who="party")
    return party
