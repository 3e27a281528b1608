"""Signing in one place and submitting in another: what fits is relayed, what does not is refused before it is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.chain.attestations import evidence_hash
from tests.cli.conftest import Program

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def signed(funded: str, program: Program) -> dict[str, Any]:
    """One verifier's attestation, printed."""
    found: dict[str, Any] = json.loads(
        program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-a", "--offline").out
    )
    return found


def write(name: str, record: Any) -> str:
    Path(name).write_text(json.dumps(record), encoding="utf-8")
    return name


def test_signing_asks_no_node(funded: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYLEDGER_RPC_URL", "http://127.0.0.1:9")
    record = json.loads(program.ok("attest", funded, "foundations-laid", "met", "--as", "engineer-b", "--offline").out)
    assert record["obligation_name"] == "foundations-laid"
    assert record["verdict"] == "met"


def test_any_number_is_submitted_at_once(funded: str, program: Program) -> None:
    for who in ("engineer-a", "engineer-c"):
        said = program.ok(
            "attest", funded, "foundations-laid", "met", "--as", who, "--offline", "--output", f"{who}.json"
        )
        assert f"pyledger submit {who}.json" in said.out
    said = program.json("submit", "engineer-a.json", "engineer-c.json")
    assert len(said["transactions"]) == 1
    assert "decided: foundations-laid is met" in [each["words"] for each in said["done"]]


def test_several_seats_in_one_file(funded: str, program: Program) -> None:
    who = ("--as", "engineer-a", "--as", "engineer-b")
    program.ok("attest", funded, "foundations-laid", "breached", *who, "--offline", "--output", "both.json")
    assert "decided: foundations-laid is breached" in program.ok("submit", "both.json").out


def test_evidence_is_kept_by_its_hash(funded: str, program: Program) -> None:
    Path("report.txt").write_text("load test passed", encoding="utf-8")
    words = ("attest", funded, "foundations-laid", "met", "--as", "engineer-a", "--offline")
    record = json.loads(program.ok(*words, "--evidence", "report.txt").out)
    assert record["evidence"] == "0x" + evidence_hash(b"load test passed").hex()
    again = json.loads(program.ok(*words, "--evidence", record["evidence"]).out)
    assert again["evidence"] == record["evidence"]
    assert "cannot be read" in program.refused(*words, "--evidence", "nowhere.txt", code=2)


def test_an_attestation_can_expire(funded: str, program: Program) -> None:
    words = ("attest", funded, "foundations-laid", "met", "--as", "engineer-a", "--offline", "--expires")
    assert "is over already" in program.refused(*words, "2000-01-01", code=2)
    program.ok(*words, "1 day", "--output", "old.json")
    program.ok("chain", "warp", "2 days")
    assert "it expired at 20" in program.refused("submit", "old.json")
    assert "neither a duration nor a date" in program.refused(*words, "soon", code=2)


def test_a_repeated_seat(signed: dict[str, Any], program: Program) -> None:
    err = program.refused("submit", write("a.json", signed), write("b.json", signed))
    assert "attests twice on the same obligation" in err


def test_a_signature_of_another_agreement(signed: dict[str, Any], program: Program) -> None:
    other = program.json("open", "deal.yaml", "--again")["agreement"]
    for party in ("city", "builder"):
        program.ok("accept", "deal.yaml", "--as", party)
    err = program.refused("submit", write("a.json", signed), "--deal", "deal.yaml")
    assert f"it was signed for the agreement {signed['agreement']}, and this is {other}" in err


def test_a_signature_moved_to_another_agreement(signed: dict[str, Any], program: Program) -> None:
    program.ok("open", "deal.yaml", "--again")
    for party in ("city", "builder"):
        program.ok("accept", "deal.yaml", "--as", party)
    now = json.loads(
        program.ok("attest", "deal.yaml", "foundations-laid", "met", "--as", "engineer-b", "--offline").out
    )
    moved = {**signed, "agreement": now["agreement"], "terms_hash": now["terms_hash"]}
    assert "the verifier did not sign this" in program.refused("submit", write("a.json", moved))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chain_id": 1}, "it was signed for chain 1, and this is chain 31337"),
        ({"obligation": 1, "phase": 1, "phase_name": None, "obligation_name": None}, "is for the phase `bridge`"),
        ({"obligation": 7}, "the terms have no obligation 7 in phase 0"),
        ({"verdict": "breached"}, "the verifier did not sign this"),
        ({"obligation_name": "bridge-open"}, "ask the verifier what was meant"),
        ({"signature": "0x1234"}, "the signature has 2 bytes instead of 65"),
        ({"verifier": "0x" + "12" * 20}, "has no seat on the panel"),
        ({"value": -1}, "value, -1, is out of range"),
        ({"extra": 1}, "this is not a signed attestation: extra"),
        ({"kind": "letter"}, "no signed attestation or acceptance"),
        ({"kind": []}, "no signed attestation or acceptance"),
    ],
    ids=lambda value: "" if isinstance(value, str) else ",".join(value),
)
def test_what_does_not_fit_is_refused(
    signed: dict[str, Any], program: Program, change: dict[str, Any], words: str
) -> None:
    err = program.refused("submit", write("a.json", {**signed, **change}), "--deal", "deal.yaml")
    assert words in err


def test_a_malleable_signature(signed: dict[str, Any], program: Program) -> None:
    raw = bytes.fromhex(signed["signature"][2:])
    mirrored = raw[:32] + (ORDER - int.from_bytes(raw[32:64], "big")).to_bytes(32, "big") + bytes([55 - raw[64]])
    assert "malleable" in program.refused("submit", write("a.json", {**signed, "signature": "0x" + mirrored.hex()}))


def test_what_was_relayed_before_changes_nothing(signed: dict[str, Any], program: Program) -> None:
    file = write("a.json", signed)
    program.ok("submit", file)
    again = program.json("submit", file)
    assert again["already"] == ["engineer-a has attested that already"]
    assert again["transactions"] == []


def test_an_attestation_of_another_phase_is_told_by_name(funded: str, program: Program) -> None:
    program.ok("attest", funded, "bridge-open", "met", "--as", "engineer-a", "--offline", "--output", "early.json")
    err = program.refused("submit", "early.json")
    assert "is for the phase `bridge`, and the agreement is in the phase `foundations`" in err


def test_terms_that_a_record_only_says_it_is_for(signed: dict[str, Any], program: Program) -> None:
    err = program.refused("submit", write("a.json", signed | {"terms_hash": "0x" + "12" * 32}))
    assert f"it says it is for terms 0x{'12' * 32}" in err


def test_no_json_and_no_file(funded: str, program: Program) -> None:
    Path("a.json").write_text("{", encoding="utf-8")
    assert "this is not JSON" in program.refused("submit", "a.json")
    Path("a.json").write_text("[" * 100_000, encoding="utf-8")
    assert "nested too deeply" in program.refused("submit", "a.json")
    assert "more than 4,194,304 bytes" in program.refused("submit", "/dev/zero")
    assert "cannot be read" in program.refused("submit", "nowhere.json", code=2)


def test_a_party_signs_and_another_pays(opened: str, node: Anvil, program: Program) -> None:
    program.ok("accept", opened, "--as", "city", "--offline", "--output", "city.json")
    said = program.ok("submit", "city.json", "--as", "builder").out
    assert "city accepted, posting 50,000 USDX, paid by builder" in said
    assert program.json("submit", "city.json")["already"] == ["city has accepted already"]
