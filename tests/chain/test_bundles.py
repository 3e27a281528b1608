"""A bundle is what it says, or it is told which part is not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from pyledger.chain.acceptances import SignedAcceptance, sign_acceptance
from pyledger.chain.bundles import Bundle, check_bundle, dump_bundle, make_bundle, opened_bundle, read_bundle
from pyledger.chain.deployments import places
from pyledger.chain.keys import dev_signer
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.document import gallery, loads
from pyledger.errors import PyledgerError, SignatureError
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import Bindings, loads_bindings
from pyledger.terms.commitment import agreement_address
from pyledger.terms.compile import compile_terms

TEXT = gallery.read("windfall-coalition")
DOCUMENT = loads(TEXT)


def bindings_of(chain_id: int = LOCAL_CHAIN_ID) -> Bindings:
    """Everybody a development account of its own: the parties the first ones."""
    names = iter(range(1, 200))

    def accounts(of: Any) -> str:
        return "".join(
            f'  {name}: "{checksum(dev_signer(next(names), chain_id=LOCAL_CHAIN_ID).address)}"\n' for name in of
        )

    kinds = {
        "parties": DOCUMENT.parties,
        "recipients": DOCUMENT.recipients,
        "verifiers": dict.fromkeys(seat for panel in DOCUMENT.panels.values() for seat, _ in panel.seats),
        "standing": DOCUMENT.standing,
        "courts": [DOCUMENT.arbitration.court] if DOCUMENT.arbitration else [],
        "assets": [name for name, asset in DOCUMENT.assets.items() if not asset.native],
    }
    lists = "".join(f"{kind}:\n{accounts(of)}" for kind, of in kinds.items() if of)
    return loads_bindings(f"chain_id: {chain_id}\nstart: 2027-01-31\n{lists}")


BINDINGS = bindings_of()
TERMS = compile_terms(DOCUMENT, BINDINGS)
ADDRESS = agreement_address(factory=places().factory, implementation=places().implementation, terms=TERMS)


def acceptance(party: int) -> SignedAcceptance:
    signer = dev_signer(party + 1, chain_id=LOCAL_CHAIN_ID)
    return sign_acceptance(signer, TERMS, chain_id=LOCAL_CHAIN_ID, agreement=ADDRESS)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """Of a coalition, two of whose parties have signed."""
    return make_bundle(TEXT, DOCUMENT, BINDINGS, [acceptance(1), acceptance(0)])


def wrong(bundle: Bundle) -> dict[str, str]:
    """What was found of each part that differs."""
    return {step.part: step.found for step in reversed(check_bundle(bundle)) if step.holds is False}


def test_a_bundle_holds_in_all_its_parts(bundle: Bundle) -> None:
    steps = check_bundle(bundle)
    assert all(step.holds for step in steps)
    assert list(dict.fromkeys(step.part for step in steps)) == [
        "document",
        "bindings",
        "terms",
        "address",
        "signatures",
    ]
    assert [record.party for record in bundle.signatures] == [0, 1]
    assert bundle.agreement == ADDRESS


def test_the_same_content_is_the_same_bytes_and_reads_back(bundle: Bundle, tmp_path: Path) -> None:
    again = make_bundle(TEXT, DOCUMENT, BINDINGS, [acceptance(0), acceptance(1), acceptance(0)])
    assert dump_bundle(again) == dump_bundle(bundle)
    file = tmp_path / "deal.json"
    file.write_text(dump_bundle(bundle), encoding="utf-8")
    assert read_bundle(file) == opened_bundle(file) == bundle


def signature(**changes: object) -> Callable[[Bundle], Bundle]:
    """A bundle whose first signature says something else."""

    def change(bundle: Bundle) -> Bundle:
        first, *others = bundle.signatures
        return bundle.model_copy(update={"signatures": [first.model_copy(update=changes), *others]})

    return change


def said(**changes: Callable[[Any], object]) -> Callable[[Bundle], Bundle]:
    """A bundle of which some parts are changed."""
    return lambda bundle: bundle.model_copy(update={key: by(getattr(bundle, key)) for key, by in changes.items()})


def flipped(octets: bytes, at: int = -1) -> bytes:
    made = bytearray(octets)
    made[at] ^= 1
    return bytes(made)


TAMPERED: dict[str, tuple[Callable[[Bundle], Bundle], str, str]] = {
    "document": (
        said(document=lambda text: text.replace("90 days", "91 days")),
        "document", "and the bundle says 0x",
    ),
    "unreadable document": (said(document=lambda text: text + "\n  x"), "document", "not YAML"),
    "document hash": (said(document_hash=flipped), "document", "and the bundle says 0x"),
    "bindings": (
        said(bindings=lambda text: re.sub(r"chain_id: \d+", "chain_id: 1", text)),
        "bindings", "1, and the bundle says 31337",
    ),
    "unreadable bindings": (said(bindings=lambda text: text + "others: {}\n"), "bindings", "unknown key"),
    "an account": (
        said(bindings=lambda text: re.sub(r"'0x[0-9a-fA-F]{40}'", f"'0x{'12' * 20}'", text, count=1)),
        "terms", "terms.parties[0].account is 0x1212",
    ),
    "a name": (said(bindings=lambda text: text.replace("lab-", "labs-", 1)), "terms", "do not fit the document"),
    "chain": (said(chain_id=lambda _: 1), "bindings", "31337, and the bundle says 1"),
    "terms": (said(terms=lambda octets: flipped(octets, 60)), "terms", "and the bundle says"),
    "cut terms": (said(terms=lambda octets: octets[:-1]), "terms", "no packed terms"),
    "terms' phases": (said(terms=flipped), "terms", "the bundle's header names other phases"),
    "a phase": (said(phases=lambda all_: [flipped(all_[0], 31), *all_[1:]]), "terms", "terms.phases[0].salt"),
    "one phase less": (said(phases=lambda all_: all_[:-1]), "terms", "terms.phases: "),
    "no phases": (said(phases=lambda _: []), "terms", "terms.phases: "),
    "terms hash": (said(terms_hash=flipped), "terms", "and the bundle says 0x"),
    "address": (said(agreement=flipped), "address", "is for the contracts of another version of pyledger"),
    "signature": (signature(signature=flipped(acceptance(0).signature, 40)), "signatures", "did not sign this"),
    "another's signature": (signature(signature=acceptance(1).signature), "signatures", "the party did not sign this"),
    "cut signature": (signature(signature=b"\1" * 64), "signatures", "64 bytes instead of 65"),
    "signature for another chain": (signature(chain_id=1), "signatures", "it was signed for chain 1"),
    "signature for other terms": (signature(terms_hash=bytes(32)), "signatures", "it says it is for terms"),
    "signature for another address": (signature(agreement=bytes(20)), "signatures", "it was signed for the agreement"),
    "another party": (signature(party=2), "signatures", "is party 0, not 2"),
    "no such party": (signature(party=77), "signatures", "is party 0, not 77"),
    "a name that is another's": (signature(party_name="somebody"), "signatures", "it is of another: somebody"),
    "no party's account": (signature(account=b"\7" * 20), "signatures", "is no party to these terms"),
    "signed twice": (
        lambda bundle: bundle.model_copy(update={"signatures": [*bundle.signatures, bundle.signatures[0]]}),
        "signatures", "one of them is there twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_each_part_that_was_tampered_with_is_told(bundle: Bundle, name: str) -> None:
    change, part, words = TAMPERED[name]
    tampered = change(bundle)
    assert tampered != bundle
    found = wrong(tampered)
    assert part in found
    assert words in found[part]


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_tampered_with_is_no_deal_to_open_unless_only_signatures_were(
    bundle: Bundle, tmp_path: Path, name: str
) -> None:
    change, part, _ = TAMPERED[name]
    file = tmp_path / "deal.json"
    file.write_text(dump_bundle(change(bundle)), encoding="utf-8")
    if part == "signatures":
        assert opened_bundle(file).agreement == ADDRESS
        return
    with pytest.raises(SignatureError, match="not what it says it is"):
        opened_bundle(file)


def test_layout_and_comments_of_the_document_may_differ(bundle: Bundle) -> None:
    assert wrong(said(document=lambda text: "# as it was mailed\n" + text)(bundle)) == {}


def test_a_signature_of_a_contract_is_neither_right_nor_wrong_here(bundle: Bundle) -> None:
    other = signature(signature=b"as the contract likes")(bundle)
    party = next(iter(DOCUMENT.parties))
    steps = check_bundle(other, contracts=[party])
    assert [step.holds for step in steps if step.part == "signatures"] == [None, True]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_character_can_be_changed_without_notice(data: st.DataObject) -> None:
    """Any one character of the file: no file at all, a difference that is told, or the same agreement as before."""
    text = dump_bundle(make_bundle(TEXT, DOCUMENT, BINDINGS, [acceptance(0)]))
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters(codec="utf-8")) + text[at + 1 :]
    try:
        found = Bundle.model_validate(json.loads(changed), strict=False)
    except ValueError:
        return
    if not wrong(found):
        assert (found.agreement, found.terms_hash, found.chain_id) == (ADDRESS, json_bytes(text), LOCAL_CHAIN_ID)
        assert compile_terms(loads(found.document), loads_bindings(found.bindings)) == TERMS


def json_bytes(text: str) -> bytes:
    return bytes.fromhex(json.loads(text)["terms_hash"][2:])


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b"5", b'{"kind": "bundle"}', b"[" * 1_000_000, b'{"kind": ' + b"9" * 10_000 + b"}",
     b'{"kind": "bundle", "kind": "bundle"}', b'{"kind": "bundle", "chain_id": NaN}', b"PK\x03\x04" + b"\0" * 1000],
    ids=lambda content: str(content[:20]),
)  # fmt: skip
def test_whatever_else_a_file_holds_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "deal.json"
    file.write_bytes(content)
    with pytest.raises(PyledgerError):
        read_bundle(file)


@pytest.mark.parametrize("key", Bundle.model_fields)
@pytest.mark.parametrize("value", [None, 5, -1, "", "0x", "0xzz", [], {}, [None], "\ud800", 2**300, 1.5], ids=repr)
def test_any_part_replaced_by_anything_is_refused_or_told(
    bundle: Bundle, tmp_path: Path, key: str, value: object
) -> None:
    file = tmp_path / "deal.json"
    content = json.loads(dump_bundle(bundle)) | {key: value}
    file.write_text(json.dumps(content), encoding="utf-8")
    try:
        found = read_bundle(file)
    except SignatureError:
        return
    assert wrong(found) or (key, value) == ("signatures", [])


def test_a_file_that_goes_on_for_ever_is_refused() -> None:
    with pytest.raises(SignatureError, match="more than 4,194,304 bytes"):
        read_bundle(Path("/dev/zero"))
