"""Acceptances as signed records: a party signs the terms away from the chain, and anybody may post its bond for it."""

from __future__ import annotations

from typing import Any, Final, Literal

from pyledger.chain.keys import Signer
from pyledger.chain.records import Address, Hash, Octets, Record
from pyledger.chain.signatures import require_meant, require_signed
from pyledger.errors import SignatureError
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names
from pyledger.terms.structs import Terms
from pyledger.terms.typed_data import terms_digest, terms_hash, terms_message

__all__ = [
    "AcceptanceRequest",
    "SignedAcceptance",
    "check_acceptance",
    "party_of",
    "request_acceptance",
    "sign_acceptance",
    "take_signature",
]

_LARGEST_NUMBER: Final = 2**53 - 1


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


class AcceptanceRequest(Record):
    """What a wallet elsewhere is to sign: `typed_data` is what `eth_signTypedData_v4` takes, `digest` its hash."""

    kind: Literal["acceptance-request"] = "acceptance-request"
    version: Literal[1] = 1
    chain_id: int
    agreement: Address
    terms_hash: Hash
    party_name: str
    account: Address
    digest: Hash
    typed_data: dict[str, Any]


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
    signature = signer.sign_digest(digest, chain_id=chain_id)
    return _acceptance(terms, party, signature, chain_id=chain_id, agreement=agreement, names=names)


def request_acceptance(terms: Terms, party: int, *, chain_id: int, agreement: bytes, names: Names) -> AcceptanceRequest:
    """What a party's wallet is to sign: the terms whole, as it shows them, and the digest that comes of them."""
    return AcceptanceRequest(
        chain_id=chain_id,
        agreement=agreement,
        terms_hash=terms_hash(terms),
        party_name=names.parties[party],
        account=terms.parties[party].account,
        digest=terms_digest(terms, chain_id=chain_id, agreement=agreement),
        typed_data=_for_wallets(terms_message(terms, chain_id=chain_id, agreement=agreement)),
    )


def take_signature(
    terms: Terms,
    party: int,
    signature: bytes,
    *,
    chain_id: int,
    agreement: bytes,
    names: Names,
    by_contract: bool = False,
) -> SignedAcceptance:
    """A party's acceptance from what its wallet made of the request: 65 bytes, of which some wallets end in 0 or 1.

    SignatureError if it is not that of the party's account; with `by_contract` (ERC-1271) only a chain can tell.
    """
    if len(signature) == 65 and signature[64] in (0, 1) and not by_contract:
        signature = signature[:64] + bytes([signature[64] + 27])
    record = _acceptance(terms, party, signature, chain_id=chain_id, agreement=agreement, names=names)
    check_acceptance(record, terms, chain_id=chain_id, agreement=agreement, by_contract=by_contract)
    return record


def _acceptance(
    terms: Terms, party: int, signature: bytes, *, chain_id: int, agreement: bytes, names: Names | None
) -> SignedAcceptance:
    return SignedAcceptance(
        chain_id=chain_id,
        agreement=agreement,
        terms_hash=terms_hash(terms),
        party=party,
        party_name=names.parties[party] if names else None,
        account=terms.parties[party].account,
        signature=signature,
    )


def _for_wallets(value: Any) -> Any:
    """Typed data whose large numbers are text: wallets read JSON, of which most hold numbers only up to 2^53."""
    if isinstance(value, dict):
        return {key: _for_wallets(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_for_wallets(each) for each in value]
    return str(value) if isinstance(value, int) and value > _LARGEST_NUMBER else value


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
        raise SignatureError(
            f"{checksum(record.account)} is party {party}, not {record.party}",
            where=where,
            hint="do not submit it; ask the party to sign it again",
        )
    if not by_contract:
        digest = terms_digest(terms, chain_id=chain_id, agreement=agreement)
        require_signed(digest, record.signature, record.account, where=where, who="party")
    return party
