"""Attestations as signed records: what a verifier signs away from the chain and anybody may submit.

A record names everything its signature covers, so that what does not fit is refused, with the reason, before anything
is sent. Accounts that are contracts (ERC-1271) sign in their own way: only the contract can check those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from eth_hash.auto import keccak

from pyledger.chain.keys import Signer
from pyledger.chain.records import Address, Amount, Hash, Octets, Record
from pyledger.chain.signatures import expired, require_meant, require_signed
from pyledger.errors import SignatureError
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names
from pyledger.terms.structs import Obligation, Terms, Verdict
from pyledger.terms.typed_data import Attestation, attestation_digest, terms_hash

__all__ = [
    "Motion",
    "SignedAttestation",
    "Voice",
    "check_attestation",
    "draft_attestation",
    "evidence_hash",
    "group_attestations",
    "seat_of",
    "sign_attestation",
]


class Voice(NamedTuple):
    """The contract's `Voice`: a seat's attestation as it is relayed."""

    seat: int
    evidence: bytes
    expiry: int
    signature: bytes


class Motion(NamedTuple):
    """What seats agree on: one verdict, with its value, on one obligation of one phase."""

    phase: int
    obligation: int
    verdict: Verdict
    value: int


class SignedAttestation(Record):
    """One seat's signed verdict. `expiry` in Unix seconds; `evidence` a 32-byte hash; names are for people only."""

    kind: Literal["attestation"] = "attestation"
    version: Literal[1] = 1
    chain_id: int
    agreement: Address
    terms_hash: Hash
    phase: int
    phase_name: str | None = None
    obligation: int
    obligation_name: str | None = None
    verdict: Literal["met", "breached", "lapsed"]
    value: Amount = 0
    evidence: Hash = bytes(32)
    expiry: int
    verifier: Address
    signature: Octets

    @property
    def motion(self) -> Motion:
        """What this attestation is for."""
        return Motion(self.phase, self.obligation, Verdict[self.verdict.upper()], self.value)

    @property
    def attestation(self) -> Attestation:
        """The typed data that is signed. SignatureError where a number cannot be one of the contract's."""
        for name, number, bits in (
            ("phase", self.phase, 8),
            ("obligation", self.obligation, 8),
            ("value", self.value, 256),
            ("expiry", self.expiry, 40),
        ):
            if not 0 <= number < 1 << bits:
                raise SignatureError(
                    f"the attestation's {name}, {number}, is out of range", hint="ask the verifier to sign a new one"
                )
        return Attestation(self.phase, self.obligation, self.motion.verdict, self.value, self.evidence, self.expiry)


def evidence_hash(content: bytes) -> bytes:
    """The hash (keccak-256, 32 bytes) by which an attestation refers to its evidence."""
    return keccak(content)


def seat_of(terms: Terms, phase: int, obligation: int, verifier: bytes, *, names: Names | None = None) -> int:
    """Index of a verifier's seat on the panel that decides an obligation. SignatureError if it has none."""
    number = _obligation(terms, phase, obligation).panel
    panel = terms.panels[number]
    for index, seat in enumerate(panel.seats):
        if seat.verifier == verifier:
            return index
    if names is None:
        raise SignatureError(
            f"{checksum(verifier)} has no seat on the panel that decides this obligation",
            hint="seats: " + ", ".join(checksum(seat.verifier) for seat in panel.seats),
        )
    raise SignatureError(
        f"{names.who(verifier) or checksum(verifier)} has no seat on the panel `{names.panels[number]}`, which decides "
        f"`{names.obligations[phase][obligation]}`",
        hint=f"its verifiers: {', '.join(names.seats[number])}",
    )


def draft_attestation(
    verifier: bytes,
    terms: Terms,
    motion: Motion,
    *,
    chain_id: int,
    agreement: bytes,
    expiry: int,
    evidence: bytes = bytes(32),
    names: Names | None = None,
) -> SignedAttestation:
    """A verifier's attestation, still without its signature: what a wallet is to sign.

    SignatureError if the verifier has no seat, or the verdict cannot be attested.
    """
    subject = _obligation(terms, motion.phase, motion.obligation)
    if motion.verdict is Verdict.UNDECIDED or (
        subject.presumption == Verdict.MET and motion.verdict != Verdict.BREACHED
    ):
        raise SignatureError(
            f"{motion.verdict.name.lower()} cannot be attested of this obligation",
            hint="it holds unless it is found breached: attest `breached`, or nothing",
        )
    seat_of(terms, motion.phase, motion.obligation, verifier)
    return SignedAttestation(
        chain_id=chain_id,
        agreement=agreement,
        terms_hash=terms_hash(terms),
        phase=motion.phase,
        phase_name=names.phases[motion.phase] if names else None,
        obligation=motion.obligation,
        obligation_name=names.obligations[motion.phase][motion.obligation] if names else None,
        verdict=_word(motion.verdict),
        value=motion.value,
        evidence=evidence,
        expiry=expiry,
        verifier=verifier,
        signature=b"",
    )


def sign_attestation(
    signer: Signer,
    terms: Terms,
    motion: Motion,
    *,
    chain_id: int,
    agreement: bytes,
    expiry: int,
    evidence: bytes = bytes(32),
    names: Names | None = None,
) -> SignedAttestation:
    """A verifier's attestation, signed. SignatureError if the key has no seat, or the verdict cannot be attested."""
    draft = draft_attestation(
        signer.address,
        terms,
        motion,
        chain_id=chain_id,
        agreement=agreement,
        expiry=expiry,
        evidence=evidence,
        names=names,
    )
    digest = attestation_digest(draft.attestation, chain_id=chain_id, agreement=agreement)
    return draft.model_copy(update={"signature": signer.sign_digest(digest, chain_id=chain_id)})


def check_attestation(
    record: SignedAttestation,
    terms: Terms,
    *,
    chain_id: int,
    agreement: bytes,
    now: int,
    names: Names | None = None,
    by_contract: bool = False,
) -> Voice:
    """What to relay for one record; `now` in Unix seconds, `by_contract` if the verifier is a contract (ERC-1271).

    SignatureError if it is for another agreement, chain or obligation, has expired, was signed by another account
    than it says, or its verifier has no seat.
    """
    who = (names.who(record.verifier) if names else None) or checksum(record.verifier)
    where = f"attestation of {who}"
    require_meant(record, terms, chain_id=chain_id, agreement=agreement, where=where, who="verifier")
    _obligation(terms, record.phase, record.obligation, where)
    if names is not None:
        meant = (names.phases[record.phase], names.obligations[record.phase][record.obligation])
        said = (record.phase_name or meant[0], record.obligation_name or meant[1])
        if said != meant:
            raise SignatureError(
                f"it says `{said[1]}` of phase `{said[0]}`, but its numbers are those of `{meant[1]}` of `{meant[0]}`",
                where=where,
                hint="do not submit it; ask the verifier what was meant",
            )
    seat = seat_of(terms, record.phase, record.obligation, record.verifier, names=names)
    if now > record.expiry:
        raise SignatureError(expired(record.expiry), where=where, hint="ask the verifier to sign a new one")
    if not by_contract:
        digest = attestation_digest(record.attestation, chain_id=chain_id, agreement=agreement)
        require_signed(digest, record.signature, record.verifier, where=where, who="verifier")
    return Voice(seat, record.evidence, record.expiry, record.signature)


def group_attestations(
    records: Sequence[SignedAttestation], *, names: Names | None = None
) -> dict[Motion, tuple[SignedAttestation, ...]]:
    """Records by what they attest, in the order given. SignatureError if a verifier appears twice on one obligation."""
    groups: dict[Motion, tuple[SignedAttestation, ...]] = {}
    heard: set[tuple[int, int, bytes]] = set()
    for record in records:
        voice = (record.phase, record.obligation, record.verifier)
        if voice in heard:
            who = (names.who(record.verifier) if names else None) or checksum(record.verifier)
            raise SignatureError(
                f"{who} attests twice on the same obligation",
                hint="a seat has one voice: leave one of its attestations out",
            )
        heard.add(voice)
        groups[record.motion] = (*groups.get(record.motion, ()), record)
    return groups


def _obligation(terms: Terms, phase: int, obligation: int, where: str | None = None) -> Obligation:
    if 0 <= phase < len(terms.phases) and 0 <= obligation < len(terms.phases[phase].obligations):
        return terms.phases[phase].obligations[obligation]
    hint = "use the document and bindings that the verifier signed for"
    raise SignatureError(f"the terms have no obligation {obligation} in phase {phase}", where=where, hint=hint)


def _word(verdict: Verdict) -> Literal["met", "breached", "lapsed"]:
    if verdict is Verdict.MET:
        return "met"
    return "breached" if verdict is Verdict.BREACHED else "lapsed"
