"""Signing before anything is on chain, with a key here or a wallet elsewhere, and all of it in a file that verifies."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from pyledger.chain.anvil import Anvil
from pyledger.chain.keys import Keystore
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import dump_bindings, load_bindings
from tests.cli.conftest import Program

PAGE = Path(__file__).parents[2] / "docs" / "bindings.md"
CITY, BUILDER, STRANGER = (bytes([number]) * 32 for number in (1, 2, 3))


def address(key: bytes) -> str:
    return str(Account.from_key(key).address)


def write(name: str, content: Any) -> str:
    Path(name).write_text(json.dumps(content), encoding="utf-8")
    return name


@pytest.fixture
def deal(program: Program) -> tuple[str, ...]:
    """The starter on a network of its own, its parties bound to keys that are nobody else's: the words that name it."""
    program.ok("new", "deal.yaml")
    sample = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)[0]
    for name, key in (("city", CITY), ("builder", BUILDER)):
        sample = re.sub(rf'{name}: "0x\w+"', f'{name}: "{address(key)}"', sample)
    Path("bindings.yaml").write_text(sample, encoding="utf-8")
    return ("deal.yaml", "--bindings", "bindings.yaml")


@pytest.fixture
def keyed(deal: tuple[str, ...], home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The same, with the city's key in the keystore."""
    monkeypatch.setenv("PYLEDGER_PASSPHRASE", "correct horse")
    Keystore(home / "keys", work=2).import_key("treasury", CITY, lambda _: "correct horse")
    return deal


def by_wallet(program: Program, deal: tuple[str, ...], role: str, key: bytes) -> str:
    """The signature that a wallet makes of a request, shown nothing but its typed data."""
    program.ok("sign", *deal, "--as", role, "--request", "request.json")
    request: dict[str, Any] = json.loads(Path("request.json").read_text(encoding="utf-8"))
    signed = Account.sign_message(encode_typed_data(full_message=request["typed_data"]), key)
    assert f"0x{bytes(signed.message_hash).hex()}" == request["digest"]
    return f"0x{bytes(signed.signature).hex()}"


def test_a_key_in_the_keystore_signs_what_accept_signs_offline(keyed: tuple[str, ...], program: Program) -> None:
    signed = json.loads(program.ok("sign", *keyed, "--as", "city").out)
    assert signed["account"] == address(CITY)
    assert signed["party_name"] == "city"
    accepted = json.loads(program.ok("accept", *keyed, "--as", "city", "--offline").out)
    assert signed == accepted


def test_a_role_whose_key_is_elsewhere_is_told_what_to_do(keyed: tuple[str, ...], program: Program) -> None:
    assert f"no key here is that of builder, {address(BUILDER)}" in program.refused("sign", *keyed, "--as", "builder")
    assert "did you mean `builder`?" in program.refused("sign", *keyed, "--as", "bilder", code=2)


def test_a_wallet_elsewhere_signs_the_request(deal: tuple[str, ...], program: Program) -> None:
    signature = by_wallet(program, deal, "builder", BUILDER)
    out = program.ok("sign", *deal, "--as", "builder", "--signature", signature, "--output", "builder.json").out
    assert f"builder, {address(BUILDER)}, accepts these terms" in out
    record = json.loads(Path("builder.json").read_text(encoding="utf-8"))
    assert record["signature"] == signature


def test_the_request_can_be_read_by_wallets_that_know_no_large_numbers(deal: tuple[str, ...], program: Program) -> None:
    text = Path("deal.yaml").read_text(encoding="utf-8").replace("amount: 100_000", "amount: 100_000_000_000")
    Path("deal.yaml").write_text(text, encoding="utf-8")
    by_wallet(program, deal, "builder", BUILDER)
    data = json.loads(Path("request.json").read_text(encoding="utf-8"))["typed_data"]
    assert data["message"]["parties"][1]["bond"] == str(100_000_000_000 * 10**6)
    assert data["message"]["parties"][0]["bond"] == 50_000 * 10**6


@pytest.mark.parametrize("form", ["{}", " {}\n", '"{}"'])
def test_a_signature_may_stand_in_a_file(deal: tuple[str, ...], program: Program, form: str) -> None:
    signature = by_wallet(program, deal, "city", CITY)
    Path("signed.txt").write_text(form.format(signature), encoding="utf-8")
    assert (
        json.loads(program.ok("sign", *deal, "--as", "city", "--signature", "@signed.txt").out)["signature"]
        == signature
    )


def test_wallets_that_end_a_signature_in_0_or_1_are_understood(deal: tuple[str, ...], program: Program) -> None:
    signature = by_wallet(program, deal, "city", CITY)
    short = signature[:-2] + f"{int(signature[-2:], 16) - 27:02x}"
    assert json.loads(program.ok("sign", *deal, "--as", "city", "--signature", short).out)["signature"] == signature


@pytest.mark.parametrize(
    ("signature", "words", "code"),
    [
        ("0x1234", "2 bytes instead of 65", 1),
        ("1234", "that is no signature", 1),
        ("0xzz", "that is no signature", 1),
        ("@nowhere.txt", "cannot be read", 2),
        ("@/dev/zero", "that is no signature", 1),
        ("0x" + "00" * 65, "belongs to no account", 1),
        ("0x" + "ff" * 65, "malleable", 1),
    ],
)
def test_what_is_no_signature_is_refused(
    deal: tuple[str, ...], program: Program, signature: str, words: str, code: int
) -> None:
    assert words in program.refused("sign", *deal, "--as", "city", "--signature", signature, code=code)


def test_a_signature_of_another_key_or_for_other_terms_is_refused(deal: tuple[str, ...], program: Program) -> None:
    stranger = by_wallet(program, deal, "city", STRANGER)
    assert "the party did not sign this" in program.refused("sign", *deal, "--as", "city", "--signature", stranger)
    mine = by_wallet(program, deal, "city", CITY)
    text = Path("deal.yaml").read_text(encoding="utf-8").replace("amount: 100_000", "amount: 100_001")
    Path("deal.yaml").write_text(text, encoding="utf-8")
    assert "the party did not sign this" in program.refused("sign", *deal, "--as", "city", "--signature", mine)


def test_a_contracts_signature_is_taken_and_said_to_be_unchecked(deal: tuple[str, ...], program: Program) -> None:
    words = ("sign", *deal, "--as", "city", "--signature", "0x1234", "--contract", "--output", "city.json")
    assert "only a chain can check" in program.ok(*words).out
    assert "2 bytes instead of 65" in program.refused("bundle", *deal, "city.json", "--output", "all.json")
    program.ok("bundle", *deal, "city.json", "--output", "all.json", "--contract", "city")
    assert program("verify", "all.json").code == 1
    checked = program.ok("verify", "all.json", "--contract", "city").out
    assert "?    city has signed them" in checked
    assert "which only a chain can ask" in checked


def test_what_cannot_be_asked_together_is_a_mistake_of_usage(deal: tuple[str, ...], program: Program) -> None:
    assert "a request comes before" in program.refused(
        "sign", *deal, "--as", "city", "--request", "r.json", "--signature", "0x", code=2
    )
    assert "a contract signs elsewhere" in program.refused("sign", *deal, "--as", "city", "--contract", code=2)
    assert "give the document" in program.refused("bundle", "0x" + "12" * 20, "--output", "all.json", code=2)


# bundles


@pytest.fixture
def bundle(deal: tuple[str, ...], program: Program) -> str:
    """Both parties' signatures, with all that they signed."""
    for role, key in (("city", CITY), ("builder", BUILDER)):
        signature = by_wallet(program, deal, role, key)
        program.ok("sign", *deal, "--as", role, "--signature", signature, "--output", f"{role}.json")
    program.ok("bundle", *deal, "builder.json", "city.json", "--output", "all.json")
    for name in ("deal.yaml", "bindings.yaml"):
        Path(name).rename(f"moved-{name}")
    return "all.json"


def test_a_bundle_is_checked_with_no_chain_and_no_other_file(bundle: str, program: Program) -> None:
    out = program.ok("verify", bundle).out
    for words in (
        "yes  the document has this hash",
        "yes  document and bindings give these terms",
        "yes  the address follows from the terms",
        "yes  city has signed them",
        "yes  builder has signed them",
        "all of it was computed anew",
    ):
        assert words in out
    found = program.json("verify", bundle)
    assert (found["ok"], found["signed"], found["missing"]) == (True, ["city", "builder"], [])
    assert found["agreement"] == program.ok("address", bundle).out.strip()
    assert program.ok("hash", bundle).out == program.ok("hash", "moved-deal.yaml").out


def test_a_bundle_of_another_address_or_other_bindings_is_not_the_one_meant(bundle: str, program: Program) -> None:
    at = program.json("verify", bundle)["agreement"]
    program.ok("verify", bundle, "--at", at, "--bindings", "moved-bindings.yaml")
    other = program("verify", bundle, "--at", "0x" + "12" * 20)
    assert other.code == 1
    assert "NO   it is the address given with --at" in other.out
    text = Path("moved-bindings.yaml").read_text(encoding="utf-8")
    Path("moved-bindings.yaml").write_text(text.replace(address(CITY), address(STRANGER)), encoding="utf-8")
    assert "NO   the bindings are those given" in program("verify", bundle, "--bindings", "moved-bindings.yaml").out


def test_signatures_are_added_to_a_bundle_one_after_another(deal: tuple[str, ...], program: Program) -> None:
    program.ok("bundle", *deal, "--output", "none.json")
    assert program.json("verify", "none.json")["missing"] == ["city", "builder"]
    assert "nobody has signed the bundle yet" in program.refused("submit", "none.json")
    signature = by_wallet(program, ("none.json",), "city", CITY)
    program.ok("sign", "none.json", "--as", "city", "--signature", signature, "--output", "city.json")
    program.ok("bundle", "none.json", "city.json", "--output", "one.json")
    signature = by_wallet(program, ("one.json",), "builder", BUILDER)
    program.ok("sign", "one.json", "--as", "builder", "--signature", signature, "--output", "builder.json")
    program.ok("bundle", "one.json", "builder.json", "--output", "both.json")
    assert program.json("verify", "both.json")["missing"] == []
    program.ok("bundle", *deal, "city.json", "builder.json", "--output", "again.json")
    assert Path("again.json").read_bytes() == Path("both.json").read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("100_000", "900_000", "(document, terms, address, signatures)"),
        ('"terms_hash": "0x', '"terms_hash": "0x00', "this is no bundle: terms_hash"),
        ('"chain_id": 11155111', '"chain_id": 1', "bindings"),
        ('"version": 1', '"version": 2', "this is no bundle: version"),
        ('"version": 1', '"version": 1, "version": 1', "a key is written twice"),
    ],
)
def test_a_tampered_bundle_fails_and_is_no_deal(bundle: str, program: Program, old: str, new: str, words: str) -> None:
    text = Path(bundle).read_text(encoding="utf-8")
    assert old in text
    Path(bundle).write_text(text.replace(old, new, 1), encoding="utf-8")
    said = program("verify", bundle)
    assert said.code == 1
    assert words in said.out + said.err
    assert program("check", bundle).code == 1
    assert program("open", bundle, "--network", "http://127.0.0.1:9").code != 0


def test_a_signature_for_other_terms_is_not_bundled(bundle: str, program: Program) -> None:
    text = Path("moved-deal.yaml").read_text(encoding="utf-8").replace("100_000", "100_001")
    Path("other.yaml").write_text(text, encoding="utf-8")
    err = program.refused(
        "bundle", "other.yaml", "--bindings", "moved-bindings.yaml", "city.json", "--output", "o.json"
    )
    assert "it was signed for the agreement" in err
    assert not Path("o.json").exists()


def test_garbage_that_begins_like_a_bundle_ends_in_words(program: Program) -> None:
    for content in (
        '{"kind": "bundle"',
        '{"kind": "bundle", ' + "[" * 100_000,
        '{"kind": "bundle"}' + "\0" * 5_000_000,
    ):
        Path("all.json").write_text(content, encoding="utf-8")
        for command in (("verify",), ("check",), ("address",), ("submit",), ("sign", "--as", "city")):
            assert "Traceback" not in program.refused(command[0], "all.json", *command[1:])


def test_a_bundle_is_opened_and_its_signatures_are_relayed(node: Anvil, opened: str, program: Program) -> None:
    """On the local chain: signed and bundled offline, opened from the bundle alone, both bonds posted by others."""
    for role in ("city", "builder"):
        program.ok("sign", opened, "--as", role, "--output", f"{role}.json")
    program.ok("bundle", opened, "city.json", "builder.json", "--output", "all.json")
    Path(opened).unlink()
    assert "it is open already" in program.ok("open", "all.json").out
    said = program.ok("submit", "all.json", "--as", "city").out
    assert "builder accepted, posting 100,000 USDX, paid by city" in said
    assert program.json("status", "all.json")["state"] == "in force"
    assert "city has accepted already" in program.ok("accept", "all.json", "--as", "city").out
    assert checksum(bytes.fromhex(program.json("verify", "all.json")["agreement"][2:])) in program.ok("status").out


def test_whoever_has_only_the_bundle_opens_it(node: Anvil, opened: str, home: Path, program: Program) -> None:
    (file,) = home.glob("agreements/*/*/bindings.yaml")
    bindings = load_bindings(file)
    later = bindings.model_copy(update={"start": (bindings.start or 0) + 60})
    Path("later.yaml").write_text(dump_bindings(later), encoding="utf-8")
    program.ok("sign", opened, "--bindings", "later.yaml", "--as", "city", "--output", "city.json")
    program.ok("bundle", opened, "--bindings", "later.yaml", "city.json", "--output", "all.json")
    before = program.json("status", opened)["agreement"]
    made = program.json("open", "all.json")
    assert made["agreement"] == program.json("verify", "all.json")["agreement"] != before
    assert "city accepted, posting 50,000 USDX" in program.ok("submit", "all.json", "--as", "city").out


def test_nothing_that_is_read_is_written_over(keyed: tuple[str, ...], program: Program) -> None:
    before = Path("deal.yaml").read_bytes()
    for words in (("--output", "deal.yaml"), ("--request", "deal.yaml"), ("--output", "bindings.yaml")):
        assert "is read here" in program.refused("sign", *keyed, "--as", "city", *words, code=2)
    assert "is read here" in program.refused("bundle", *keyed, "--output", "./deal.yaml", code=2)
    program.ok("sign", *keyed, "--as", "city", "--output", "city.json")
    assert "is read here" in program.refused("bundle", *keyed, "city.json", "--output", "city.json", code=2)
    assert Path("deal.yaml").read_bytes() == before
    program.ok("bundle", *keyed, "--output", "bundle.json")
    program.ok("bundle", "bundle.json", "city.json", "--output", "bundle.json")
    assert program.json("verify", "bundle.json")["signed"] == ["city"]
