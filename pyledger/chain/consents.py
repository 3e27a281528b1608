"""What members agree on in the course of an agreement, as signed records: to dissolve it, or to give more time.

Every member signs the same away from the chain; anybody may then submit all of it. A member that submits it itself
need not sign.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel

from pyledger.chain.acceptances import party_of
from pyledger.chain.keys import Signer
from pyledger.chain.records import Address, Hash, Octets, Record
from pyledger.chain.signatures import expired, require_meant, require_signed
from pyledger.errors import SignatureError
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names
from pyledger.terms.outcome import holdings, phase_at_hand
from pyledger.terms.state import Split, State
from pyledger.terms.structs import Share, Terms
from pyledger.terms.typed_data import Dissolution, Extension, dissolution_digest, extension_digest, terms_hash

__all__ = [
    "Consent",
    "SignedDissolution",
    "SignedExtension",
    "WrittenShare",
    "WrittenSplit",
    "assets_to_split",
    "check_consent",
    "extension_of",
    "gather_consents",
    "require_fits",
    "sign_dissolution",
    "sign_extension",
]

_OTHER_TERMS: Final = "use the document and bindings that the party signed for"


class Consent(Record):
    """One party's consent under the terms of one agreement on one chain; it counts until `expiry`, Unix seconds."""

    kind: str
    version: Literal[1] = 1
    chain_id: int
    agreement: Address
    terms_hash: Hash
    phase: int
    phase_name: str | None = None
    expiry: int
    party: int
    party_name: str | None = None
    account: Address
    signature: Octets

    @property
    @abstractmethod
    def said(self) -> Dissolution | Extension:
        """The typed data that is signed."""

    def digest(self) -> bytes:
        """What is signed: 32 bytes. SignatureError where a number cannot be one of the contract's."""
        try:
            said = self.said
            if isinstance(said, Dissolution):
                return dissolution_digest(said, chain_id=self.chain_id, agreement=self.agreement)
            return extension_digest(said, chain_id=self.chain_id, agreement=self.agreement)
        except ValueError as error:
            raise SignatureError(
                f"no such {self.kind} can be signed: {error}",
                hint="have it made anew, with numbers that the contract can hold",
            ) from None


class WrittenShare(BaseModel):
    """A share as it is written: basis points for an account."""

    model_config = Record.model_config

    to: Address
    bps: int


class WrittenSplit(BaseModel):
    """All that is held of an asset, by shares, as it is written."""

    model_config = Record.model_config

    asset: Address
    shares: tuple[WrittenShare, ...]


class SignedDissolution(Consent):
    """One party's consent to end the agreement and split what is held."""

    kind: Literal["dissolution"] = "dissolution"
    splits: tuple[WrittenSplit, ...]

    @property
    def said(self) -> Dissolution:
        """The typed data that is signed."""
        splits = (Split(each.asset, tuple(Share(part.to, part.bps) for part in each.shares)) for each in self.splits)
        return Dissolution(self.phase, tuple(splits), self.expiry)


class SignedExtension(Consent):
    """One party's consent to more time; `before` and `after` are in seconds from the phase's opening."""

    kind: Literal["extension"] = "extension"
    item: Literal["obligation", "payment"]
    index: int
    item_name: str | None = None
    before: int
    after: int

    @property
    def said(self) -> Extension:
        """The typed data that is signed."""
        return Extension(self.phase, self.item == "payment", self.index, self.before, self.after, self.expiry)


def assets_to_split(state: State, terms: Terms) -> tuple[bytes, ...]:
    """The assets that a dissolution has to split, in its order: all in which members have bonds or escrow."""
    held = holdings(state, terms)
    return tuple(sorted({asset for (party, asset), each in held.items() if each.escrow or party in state.members}))


def extension_of(state: State, terms: Terms, *, payment: bool, item: int, to: int, expiry: int) -> Extension:
    """More time for a payment, or else an obligation, of the phase at hand: until `to` seconds from its opening.

    SignatureError if the phase has no such item.
    """
    phase = phase_at_hand(state, terms)
    known: Sequence[Any] = phase.payments if payment else phase.obligations
    if not 0 <= item < len(known):
        what = "payment" if payment else "obligation"
        raise SignatureError(f"the phase has no {what} {item}", hint=f"it has {len(known)}, counted from 0")
    before = phase.payments[item].due if payment else phase.obligations[item].within
    return Extension(state.phase, payment, item, before, to, expiry)


def sign_dissolution(
    signer: Signer, terms: Terms, said: Dissolution, *, chain_id: int, agreement: bytes, names: Names | None = None
) -> SignedDissolution:
    """A party's consent to a dissolution. SignatureError if the key is no party's, or the terms have no such phase."""
    splits = tuple(
        WrittenSplit(asset=each.asset, shares=tuple(WrittenShare(to=to, bps=bps) for to, bps in each.shares))
        for each in said.splits
    )
    draft = SignedDissolution(
        splits=splits, expiry=said.expiry, **_place(signer, terms, said.phase, chain_id, agreement, names)
    )
    return draft.model_copy(update={"signature": signer.sign_digest(draft.digest(), chain_id=chain_id)})


def sign_extension(
    signer: Signer, terms: Terms, said: Extension, *, chain_id: int, agreement: bytes, names: Names | None = None
) -> SignedExtension:
    """A party's consent to more time. SignatureError if the key is no party's, or the terms have no such item."""
    place = _place(signer, terms, said.phase, chain_id, agreement, names)
    _require_item(terms, said, None)
    draft = SignedExtension(
        item="payment" if said.payment else "obligation",
        index=said.item,
        item_name=_item_name(said, names) if names else None,
        before=said.from_,
        after=said.to,
        expiry=said.expiry,
        **place,
    )
    return draft.model_copy(update={"signature": signer.sign_digest(draft.digest(), chain_id=chain_id)})


def check_consent(
    record: Consent,
    terms: Terms,
    *,
    chain_id: int,
    agreement: bytes,
    now: int,
    names: Names | None = None,
    by_contract: bool = False,
) -> int:
    """Index of the party that consents; `now` in Unix seconds, `by_contract` if it is a contract (ERC-1271).

    SignatureError if the record is for another agreement or chain, has expired, says one thing in names and another in
    numbers, or was signed by another account than it says.
    """
    where = _signed_by(record, names)
    party = require_fits(record, terms, chain_id=chain_id, agreement=agreement, names=names)
    if now > record.expiry:
        raise SignatureError(expired(record.expiry), where=where, hint="have all sign anew")
    if not by_contract:
        require_signed(record.digest(), record.signature, record.account, where=where, who="party")
    return party


def require_fits(record: Consent, terms: Terms, *, chain_id: int, agreement: bytes, names: Names | None = None) -> int:
    """Index of the party that a consent says is its: what can be checked of it without a node, but for the signature.

    SignatureError if it is for another agreement or chain, or says one thing in names and another in numbers.
    """
    where = _signed_by(record, names)
    require_meant(record, terms, chain_id=chain_id, agreement=agreement, where=where, who="party")
    party = party_of(terms, record.account)
    if party != record.party:
        raise SignatureError(
            f"{checksum(record.account)} is party {party}, not {record.party}",
            where=where,
            hint="do not submit it; ask the party to sign it again",
        )
    _require_phase(terms, record.phase, where)
    if isinstance(record, SignedExtension):
        _require_item(terms, record.said, where)
    if names is not None:
        _require_names(record, names, where)
    return party


def _signed_by(record: Consent, names: Names | None) -> str:
    return f"{record.kind} signed by {(names.who(record.account) if names else None) or checksum(record.account)}"


def gather_consents(
    records: Sequence[Consent],
    said: Dissolution | Extension,
    terms: Terms,
    members: Collection[int],
    *,
    chain_id: int,
    agreement: bytes,
    now: int,
    caller: bytes,
    is_contract: Callable[[bytes], bool],
    names: Names | None = None,
) -> tuple[bytes, ...]:
    """The signatures of all members in the order of the parties, as the contract takes them.

    The `caller`, where it is a member and has not signed, consents by calling. SignatureError if a record does not fit,
    says anything else, or a member is missing.
    """
    found = {party: b"" for party in members if terms.parties[party].account == caller}
    for record in records:
        party = check_consent(
            record,
            terms,
            chain_id=chain_id,
            agreement=agreement,
            now=now,
            names=names,
            by_contract=is_contract(record.account),
        )
        who = _party_name(terms, party, names)
        if record.said != said:
            raise SignatureError(f"{who} has signed something else", hint="all have to sign the same, word for word")
        if party not in members:
            raise SignatureError(f"{who} is no member", hint="only members sign: leave its consent out")
        if found.get(party):
            raise SignatureError(f"{who} has signed twice", hint="leave one of its consents out")
        found[party] = record.signature
    if missing := [_party_name(terms, party, names) for party in sorted(members) if party not in found]:
        raise SignatureError("not every member has signed", hint=f"still to sign: {', '.join(missing)}")
    return tuple(found[party] for party in sorted(found))


def _place(
    signer: Signer, terms: Terms, phase: int, chain_id: int, agreement: bytes, names: Names | None
) -> dict[str, Any]:
    """What every consent says of where it belongs and whose it is, not yet signed."""
    party = party_of(terms, signer.address)
    _require_phase(terms, phase, None)
    return {
        "chain_id": chain_id,
        "agreement": agreement,
        "terms_hash": terms_hash(terms),
        "phase": phase,
        "phase_name": names.phases[phase] if names else None,
        "party": party,
        "party_name": names.parties[party] if names else None,
        "account": signer.address,
        "signature": b"",
    }


def _require_phase(terms: Terms, phase: int, where: str | None) -> None:
    if not 0 <= phase < len(terms.phases):
        raise SignatureError(f"the terms have no phase {phase}", where=where, hint=_OTHER_TERMS)


def _require_item(terms: Terms, said: Extension, where: str | None) -> None:
    phase = terms.phases[said.phase]
    if not 0 <= said.item < len(phase.payments if said.payment else phase.obligations):
        what = "payment" if said.payment else "obligation"
        raise SignatureError(f"the phase has no {what} {said.item}", where=where, hint=_OTHER_TERMS)


def _require_names(record: Consent, names: Names, where: str) -> None:
    """Refuses a record whose words are for people one thing, and its numbers, which are what is signed, another."""
    told = [(record.phase_name, names.phases[record.phase]), (record.party_name, names.parties[record.party])]
    if isinstance(record, SignedExtension):
        told.append((record.item_name, _item_name(record.said, names)))
    for written, meant in told:
        if written not in (None, meant):
            raise SignatureError(
                f"it says `{written}`, but its numbers are those of `{meant}`",
                where=where,
                hint="do not submit it; ask the party what was meant",
            )


def _item_name(said: Extension, names: Names) -> str:
    return (names.payments if said.payment else names.obligations)[said.phase][said.item]


def _party_name(terms: Terms, party: int, names: Names | None) -> str:
    return names.parties[party] if names else checksum(terms.parties[party].account)
