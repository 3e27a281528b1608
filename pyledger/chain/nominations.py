"""Nominations as signed records: a constituency says, away from any chain, whom it sends to a seat."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from pyledger.chain.keys import Signer
from pyledger.chain.records import Address, Hash, Octets, Record
from pyledger.chain.signatures import require_signed
from pyledger.document import Document, document_hash
from pyledger.document.problem import did_you_mean
from pyledger.errors import SignatureError
from pyledger.terms.bindings import Bindings
from pyledger.terms.formation import nominated_seats
from pyledger.terms.typed_data import Nomination, nomination_digest

__all__ = ["SignedNomination", "check_nomination", "sign_nomination"]


class SignedNomination(Record):
    """A constituency's signature over one nomination; `body` is its account."""

    kind: Literal["nomination"] = "nomination"
    version: Literal[1] = 1
    chain_id: int
    document: Hash
    seat: str
    holder: Address
    conflicts: tuple[str, ...] = ()
    rank: int = Field(1, ge=1, le=255)
    body: Address
    signature: Octets

    @property
    def said(self) -> Nomination:
        """The typed data that is signed."""
        return Nomination(self.document, self.seat, self.holder, self.conflicts, self.rank)


def sign_nomination(signer: Signer, nomination: Nomination, *, chain_id: int) -> SignedNomination:
    """A nomination, signed by the constituency's key."""
    return SignedNomination(
        chain_id=chain_id,
        document=nomination.document,
        seat=nomination.seat,
        holder=nomination.holder,
        conflicts=nomination.conflicts,
        rank=nomination.rank,
        body=signer.address,
        signature=signer.sign_digest(nomination_digest(nomination, chain_id=chain_id), chain_id=chain_id),
    )


def check_nomination(
    record: SignedNomination, document: Document, bindings: Bindings, *, file: Path | None = None
) -> Nomination:
    """What was nominated. SignatureError if for another document or chain, or not by the body that fills the seat."""
    where = f"nomination for `{record.seat}`" + (f" in {file}" if file else "")
    if record.chain_id != bindings.chain_id:
        raise SignatureError(
            f"it is for chain {record.chain_id}, and the bindings for {bindings.chain_id}",
            where=where,
            hint="give the bindings of that chain, or have it signed again with these",
        )
    if record.document != document_hash(document):
        raise SignatureError(
            "it was signed for another document, or for this one as it was before a change",
            where=where,
            hint="have it signed again for this document",
        )
    seats = nominated_seats(document)
    if record.seat not in seats:
        raise SignatureError(
            "nobody nominates for a seat of that name", where=where, hint=did_you_mean(record.seat, seats)
        )
    if unknown := [each for each in record.conflicts if each not in document.parties]:
        raise SignatureError(
            f"it declares a conflict with `{unknown[0]}`, which is no party: nobody would step aside for it",
            where=where,
            hint=did_you_mean(unknown[0], document.parties),
        )
    body = seats[record.seat]
    if body not in bindings.nominators:
        raise SignatureError(
            f"the bindings do not say which account `{body}` is",
            where=where,
            hint=f"write it there: `nominators: {{{body}: 0x…}}`",
        )
    require_signed(
        nomination_digest(record.said, chain_id=record.chain_id),
        record.signature,
        bindings.nominators[body],
        where=where,
        who=f"constituency {body}",
    )
    return record.said
