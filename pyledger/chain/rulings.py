"""Rulings as signed records: what a judge signs away from the chain, and anybody may bring to the court."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

from pyledger.chain.keys import Signer
from pyledger.chain.records import Address, Hash, Octets, Record
from pyledger.chain.signatures import expired, require_signed
from pyledger.errors import SignatureError
from pyledger.terms.addresses import checksum
from pyledger.terms.typed_data import Ruling, ruling_digest

__all__ = ["RULINGS", "SignedRuling", "Word", "check_ruling", "sign_ruling"]

Word = Literal["refused", "met", "breached", "lapsed"]

RULINGS: Final[Mapping[Word, int]] = {word: number for number, word in enumerate(get_args(Word))}
"""What a court can answer an agreement; refusing to say counts as lapsed."""


class SignedRuling(Record):
    """One judge's ruling on a dispute of an agreement; `expiry` in Unix seconds, `opinion` the hash of its reasons."""

    kind: Literal["ruling"] = "ruling"
    version: Literal[1] = 1
    chain_id: int
    court: Address
    agreement: Address
    dispute: int
    ruling: Word
    opinion: Hash = bytes(32)
    expiry: int
    judge: Address
    signature: Octets

    @property
    def said(self) -> Ruling:
        """The typed data that is signed."""
        return Ruling(self.agreement, self.dispute, RULINGS[self.ruling], self.opinion, self.expiry)

    def digest(self) -> bytes:
        """What is signed: 32 bytes. SignatureError where a number cannot be one of the contract's."""
        try:
            return ruling_digest(self.said, chain_id=self.chain_id, court=self.court)
        except ValueError as error:
            raise SignatureError(
                f"no such ruling can be signed: {error}", hint="have it made anew, with numbers that the court can hold"
            ) from None


def sign_ruling(
    signer: Signer,
    dispute: int,
    ruling: Word,
    *,
    chain_id: int,
    court: bytes,
    agreement: bytes,
    expiry: int,
    opinion: bytes = bytes(32),
) -> SignedRuling:
    """A judge's ruling, signed. Whether it sits on the court, and the dispute is the agreement's, the court knows."""
    draft = SignedRuling(
        chain_id=chain_id,
        court=court,
        agreement=agreement,
        dispute=dispute,
        ruling=ruling,
        opinion=opinion,
        expiry=expiry,
        judge=signer.address,
        signature=b"",
    )
    return draft.model_copy(update={"signature": signer.sign_digest(draft.digest(), chain_id=chain_id)})


class Place(NamedTuple):
    """Where a ruling belongs: a chain, a court, and the agreement that has put the dispute before it."""

    chain_id: int
    court: bytes
    agreement: bytes


def check_ruling(
    record: SignedRuling, place: Place, panel: tuple[bytes, ...], *, now: int, by_contract: bool = False
) -> int:
    """Index of the judge's seat; `now` in Unix seconds, `by_contract` if the judge is a contract (ERC-1271).

    SignatureError if the ruling is for another court, chain or agreement, has expired, was signed by another account
    than it says, or the judge has no seat.
    """
    where = f"ruling of {checksum(record.judge)}"
    if record.chain_id != place.chain_id:
        raise SignatureError(
            f"it was signed for chain {record.chain_id}, and this is chain {place.chain_id}",
            where=where,
            hint="choose the network with --network",
        )
    if record.court != place.court:
        raise SignatureError(
            f"it was signed for the court {checksum(record.court)}, and this is {checksum(place.court)}",
            where=where,
            hint="use the document and bindings that the judge signed for",
        )
    if record.agreement != place.agreement:
        raise SignatureError(
            f"it was signed for a dispute of {checksum(record.agreement)}, "
            f"and dispute {record.dispute} is one of {checksum(place.agreement)}",
            where=where,
            hint="do not submit it; ask the judge which dispute was meant",
        )
    if record.judge not in panel:
        raise SignatureError(
            f"{checksum(record.judge)} has no seat on this court",
            where=where,
            hint="seats: " + ", ".join(checksum(each) for each in panel),
        )
    if now > record.expiry:
        raise SignatureError(expired(record.expiry), where=where, hint="ask the judge to sign a new one")
    if not by_contract:
        require_signed(record.digest(), record.signature, record.judge, where=where, who="judge")
    return panel.index(record.judge)
