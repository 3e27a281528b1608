from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pyledger.chain.acceptances import SignedAcceptance, check_acceptance, sign_acceptance
from pyledger.chain.attestations import (
    Motion,
    SignedAttestation,
    check_attestation,
    evidence_hash,
    group_attestations,
    sign_attestation,
)
from pyledger.chain.events import Attested, Decided
from pyledger.chain.records import dump_records, read_records
from pyledger.chain.signatures import recover
from pyledger.chain.transactions import transact
from pyledger.errors import Refused, SignatureError, UsageError
from pyledger.terms.names import Names
from pyledger.terms.structs import Terms, Verdict
from pyledger.terms.typed_data import attestation_digest
from tests.chain.deals import DAY, PAYER, STRANGER, VERIFIERS, WORKER, Deal, two_phases

FIRST, SECOND, THIRD = VERIFIERS
NOW = 1_800_000_000
CHAIN = 31337
HERE = b"\xaa" * 20
MET = Motion(0, 0, Verdict.MET, 0)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
TERMS = two_phases(NOW, b"\x11" * 20)
NAMES = Names(
    parties=("payer", "worker"),
    panels=("jury",),
    seats=(("one", "two", "three"),),
    phases=("build", "upkeep"),
    obligations=(("work", "weather", "silence"), ("silence",)),
    payments=(("wage", "tip"), ()),
    accounts={},
    assets={},
)


@contextmanager
def refuses(match: str) -> Iterator[None]:
    with pytest.raises(SignatureError, match=match):
        yield


def signed(motion: Motion = MET, **changes: Any) -> SignedAttestation:
    made = sign_attestation(FIRST, TERMS, motion, chain_id=CHAIN, agreement=HERE, expiry=NOW + DAY, names=NAMES)
    return made.model_copy(update=changes)


def check(record: SignedAttestation, terms: Terms = TERMS, **changes: Any) -> Any:
    where: dict[str, Any] = {"chain_id": CHAIN, "agreement": HERE, "now": NOW, "names": NAMES} | changes
    return check_attestation(record, terms, **where)


def test_attestation_that_fits_becomes_a_voice() -> None:
    record = signed(evidence=evidence_hash(b"minutes of the meeting"))
    with refuses("something was changed"):
        check(record)
    voice = check(signed())
    assert (voice.seat, voice.expiry, len(voice.signature)) == (0, NOW + DAY, 65)


def test_attestation_survives_being_written_and_read(tmp_path: Path) -> None:
    record = sign_attestation(
        SECOND, TERMS, Motion(0, 0, Verdict.MET, 2**255), chain_id=CHAIN, agreement=HERE, expiry=NOW, names=NAMES
    )
    file = tmp_path / "attestation.json"
    file.write_text(dump_records([record]))
    assert read_records(file, SignedAttestation) == (record,)
    written = json.loads(file.read_text())
    assert written["value"] == str(2**255), "no JSON reader may round it"
    assert written["obligation_name"] == "work"
    assert written["verdict"] == "met"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "acceptance"},
        {"version": 2},
        {"verdict": "maybe"},
        {"value": 1.5},
        {"value": "-1"},
        {"evidence": "0x00"},
        {"verifier": "me"},
        {"signature": "00"},
        {"chain_id": "31337"},
        {"note": "hello"},
    ],
)
def test_record_refuses_when_a_field_is_not_what_it_should_be(tmp_path: Path, change: dict[str, object]) -> None:
    file = tmp_path / "attestation.json"
    file.write_text(json.dumps(json.loads(signed().model_dump_json()) | change))
    with refuses("this is (not a|no) signed attestation"):
        read_records(file, SignedAttestation)


def test_a_file_holds_one_record_or_many(tmp_path: Path) -> None:
    file = tmp_path / "records.json"
    acceptance = sign_acceptance(WORKER, TERMS, chain_id=CHAIN, agreement=HERE, names=NAMES)
    for records in ([signed()], [signed(), acceptance, signed()]):
        file.write_text(dump_records(records))
        assert list(read_records(file, SignedAttestation, SignedAcceptance)) == records
    with refuses("this is no signed attestation"):
        read_records(file, SignedAttestation)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"\xff\xfe", "this is not JSON"),
        (b"{", "this is not JSON"),
        (b"1" * 5_000, "this is not JSON"),
        (b"[" * 101, "nested too deeply"),
        (b"[" * 1_000_000, "nested too deeply"),
        (b" " * (4 * 1024 * 1024 + 1), "more than 4,194,304 bytes"),
        (b"[]", "no signed record"),
        (b"7", "no signed attestation"),
        (b'{"kind": []}', "no signed attestation"),
        (b'{"kind": "attestation"}', "chain_id: it is missing"),
    ],
)
def test_read_refuses_when_a_file_holds_something_else(tmp_path: Path, content: bytes, match: str) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(content)
    with refuses(match):
        read_records(file, SignedAttestation)


def test_read_refuses_when_a_file_cannot_be_read(tmp_path: Path) -> None:
    for file in (tmp_path / "none.json", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_records(file, SignedAttestation)


def test_sign_refuses_when_key_has_no_seat() -> None:
    with refuses("has no seat on the panel"):
        sign_attestation(STRANGER, TERMS, MET, chain_id=CHAIN, agreement=HERE, expiry=NOW)


@pytest.mark.parametrize(
    "motion", [Motion(0, 2, Verdict.MET, 0), Motion(0, 2, Verdict.LAPSED, 0), Motion(0, 0, Verdict.UNDECIDED, 0)]
)
def test_sign_refuses_when_verdict_cannot_be_attested(motion: Motion) -> None:
    with refuses("cannot be attested of this obligation"):
        sign_attestation(FIRST, TERMS, motion, chain_id=CHAIN, agreement=HERE, expiry=NOW)


def test_check_refuses_when_signed_for_another_chain() -> None:
    with refuses("signed for chain 31337, and this is chain 1"):
        check(signed(), chain_id=1)
    with refuses("something was changed"):
        check(signed(chain_id=1), chain_id=1)


def test_check_refuses_when_signed_for_another_agreement() -> None:
    with refuses("signed for the agreement 0x"):
        check(signed(), agreement=b"\xbb" * 20)
    with refuses("for terms 0x"):
        check(signed(), TERMS._replace(document=bytes(32)))
    with refuses("something was changed"):
        check(signed(agreement=b"\xbb" * 20), agreement=b"\xbb" * 20)


def test_check_refuses_when_signed_for_another_obligation() -> None:
    with refuses("no obligation 9 in phase 0"):
        check(signed(obligation=9))
    with refuses("no obligation 0 in phase 9"):
        check(signed(phase=9))
    with refuses("something was changed"):
        check(signed(obligation=1, obligation_name="weather"))
    with refuses("says `work` of phase `build`, but its numbers are those of `weather`"):
        check(signed(obligation=1))
    with refuses("something was changed"):
        check(signed(verdict="breached"))


def test_check_refuses_when_verifier_has_no_seat_or_another_signed() -> None:
    with refuses("has no seat"):
        check(signed(verifier=STRANGER.address))
    with refuses("another key signed"):
        check(signed(verifier=SECOND.address))


def test_check_refuses_when_expired() -> None:
    assert check(signed(), now=NOW + DAY).seat == 0
    with refuses("it expired at 20"):
        check(signed(), now=NOW + DAY + 1)


def test_check_refuses_when_number_is_out_of_range() -> None:
    with refuses("out of range"):
        check(signed(expiry=1 << 40))
    with refuses("out of range"):
        check(signed(value=1 << 256))


def test_check_refuses_when_signature_is_malleable_or_malformed() -> None:
    good = signed().signature
    s = int.from_bytes(good[32:64], "big")
    twin = good[:32] + (ORDER - s).to_bytes(32, "big") + bytes([55 - good[64]])
    with refuses("malleable"):
        check(signed(signature=twin))
    with refuses("64 bytes instead of 65"):
        check(signed(signature=good[:64]))
    with refuses("0 bytes instead of 65"):
        check(signed(signature=b""))
    with refuses("ends in 0 instead of 27 or 28"):
        check(signed(signature=good[:64] + b"\x00"))
    with refuses("belongs to no account"):
        check(signed(signature=b"\xff" * 32 + good[32:]))


def test_signature_recovers_to_the_same_account_as_on_chain() -> None:
    record = signed()
    digest = attestation_digest(record.attestation, chain_id=CHAIN, agreement=HERE)
    assert recover(digest, record.signature) == FIRST.address


def test_group_refuses_when_a_seat_is_repeated() -> None:
    other = sign_attestation(
        FIRST, TERMS, Motion(0, 0, Verdict.BREACHED, 0), chain_id=CHAIN, agreement=HERE, expiry=NOW
    )
    with refuses("attests twice on the same obligation"):
        group_attestations([signed(), other])
    weather = sign_attestation(FIRST, TERMS, Motion(0, 1, Verdict.MET, 0), chain_id=CHAIN, agreement=HERE, expiry=NOW)
    assert list(group_attestations([signed(), weather])) == [MET, Motion(0, 1, Verdict.MET, 0)]


def test_acceptance_is_checked_like_an_attestation(tmp_path: Path) -> None:
    record = sign_acceptance(WORKER, TERMS, chain_id=CHAIN, agreement=HERE, names=NAMES)
    file = tmp_path / "acceptance.json"
    file.write_text(dump_records([record]))
    assert read_records(file, SignedAttestation, SignedAcceptance) == (record,)
    assert check_acceptance(record, TERMS, chain_id=CHAIN, agreement=HERE) == 1
    with refuses("signed for chain 31337"):
        check_acceptance(record, TERMS, chain_id=1, agreement=HERE)
    with refuses("for terms 0x"):
        check_acceptance(record, TERMS._replace(joinBy=1), chain_id=CHAIN, agreement=HERE)
    for change, match in (
        ({"account": PAYER.address, "party": 0}, "something was changed"),
        ({"account": STRANGER.address}, "is no party"),
        ({"party": 0}, "is party 1, not 0"),
    ):
        with refuses(match):
            check_acceptance(record.model_copy(update=change), TERMS, chain_id=CHAIN, agreement=HERE)
    with refuses("is no party"):
        sign_acceptance(STRANGER, TERMS, chain_id=CHAIN, agreement=HERE)


# On the chain


def sign_here(deal: Deal, verifier: int, verdict: Verdict = Verdict.MET, obligation: int = 0) -> SignedAttestation:
    return sign_attestation(
        VERIFIERS[verifier],
        deal.agreement.terms,
        Motion(0, obligation, verdict, 0),
        chain_id=CHAIN,
        agreement=deal.agreement.address,
        expiry=deal.agreement.terms.longStop,
    )


def test_attestations_are_relayed_by_anybody_in_one_transaction_a_verdict(in_force: Deal) -> None:
    in_force.agreement.fund(PAYER, [0, 1])
    records = [sign_here(in_force, 0), sign_here(in_force, 1), sign_here(in_force, 0, obligation=1)]
    decided, tallied = in_force.agreement.attest(STRANGER, records)
    assert [type(each) for each in decided.events[:3]] == [Attested, Attested, Decided]
    assert [type(each) for each in tallied.events] == [Attested]


def test_attest_refuses_when_a_record_does_not_fit_and_sends_nothing(in_force: Deal) -> None:
    connection = in_force.agreement.connection
    nonce = connection.nonce(STRANGER.address)
    bad = sign_here(in_force, 1).model_copy(update={"agreement": HERE})
    with refuses("signed for the agreement"):
        in_force.agreement.attest(STRANGER, [sign_here(in_force, 0), bad])
    with refuses("attests twice"):
        in_force.agreement.attest(STRANGER, [sign_here(in_force, 0), sign_here(in_force, 0)])
    later = sign_attestation(
        FIRST,
        in_force.agreement.terms,
        Motion(1, 0, Verdict.BREACHED, 0),
        chain_id=CHAIN,
        agreement=in_force.agreement.address,
        expiry=in_force.agreement.terms.longStop,
    )
    with refuses("is for phase 1, and the agreement is in phase 0"):
        in_force.agreement.attest(STRANGER, [later])
    assert connection.nonce(STRANGER.address) == nonce


def test_the_contract_refuses_what_the_check_refuses(in_force: Deal) -> None:
    """The same faults, past the check: a signature of another agreement, and a malleable one."""
    agreement = in_force.agreement
    good = sign_here(in_force, 0).signature
    s = int.from_bytes(good[32:64], "big")
    twin = good[:32] + (ORDER - s).to_bytes(32, "big") + bytes([55 - good[64]])
    for signature in (signed().signature, twin, good[:64]):
        voice = (0, bytes(32), agreement.terms.longStop, signature)
        data = agreement.encoder.in_phase("attest", 0, 0, Verdict.MET, 0, [voice], 0)
        with pytest.raises(Refused) as caught:
            transact(agreement.connection, STRANGER, agreement.address, data)
        assert caught.value.name == "BadSignature"


def test_seat_of_a_contract_signs_in_its_own_way(in_force: Deal) -> None:
    """An ERC-1271 wallet cannot be recovered from its signature: it is asked instead."""
    agreement = in_force.agreement
    record = sign_here(in_force, 0).model_copy(update={"signature": b"its own way"})
    with refuses("11 bytes instead of 65"):
        agreement.attest(STRANGER, [record])
    agreement.connection.request("anvil_setCode", "0x" + FIRST.address.hex(), "0x5f5ffd")
    with pytest.raises(Refused, match="is not that of"):
        agreement.attest(STRANGER, [record])
    yes = "0x" + "7f" + "1626ba7e" + "00" * 28 + "5f5260205ff3"  # answers the magic word to everything
    agreement.connection.request("anvil_setCode", "0x" + FIRST.address.hex(), yes)
    assert isinstance(agreement.attest(STRANGER, [record])[0].events[0], Attested)
