"""What has happened, told with who stood behind it; and an address whose document the store knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pyledger.chain.anvil import Anvil
from tests.cli.conftest import Program
from tests.cli.test_lying_node import lying

EVIDENCE = b"The foundations, seen on a Monday"


@pytest.fixture
def attested(funded: str, program: Program) -> str:
    Path("report.txt").write_bytes(EVIDENCE)
    words = ("attest", funded, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b")
    program.ok(*words, "--evidence", "report.txt")
    return funded


def of_kind(told: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each for each in told if each["event"] == kind]


def test_who_stood_behind_what_is_recovered_from_the_transactions(attested: str, program: Program) -> None:
    told = program.json("history", attested)
    accepted = [each["by"] for each in of_kind(told, "Accepted")]
    assert [[(by["name"], by["how"]) for by in each] for each in accepted] == [
        [("city", "sender")],
        [("builder", "sender")],
    ]
    said = of_kind(told, "Attested")
    assert [each["by"][0]["name"] for each in said] == ["engineer-a", "engineer-b"]
    assert {each["by"][0]["how"] for each in said} == {"signature"}
    (evidence,) = {each["evidence"] for each in said}
    assert len(evidence) == 66
    assert "by" not in of_kind(told, "Decided")[0]
    assert f"signature checked; evidence {evidence}" in program.ok("history", attested).out


def test_an_attestation_that_nobody_signed_is_told(
    attested: str, program: Program, node: Anvil, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = of_kind(program.json("history", attested), "Attested")[0]["evidence"][2:]

    def other_evidence(asked: dict[str, Any], answer: Any) -> Any:
        if asked["method"] != "eth_getLogs":
            return answer
        return [log | {"data": log["data"].replace(hidden, "ab" * 32)} for log in answer]

    with lying(node.url, other_evidence) as url:
        monkeypatch.setenv("PYLEDGER_RPC_URL", url)
        said = of_kind(program.json("history", attested), "Attested")
        assert {each["by"][0]["how"] for each in said} == {"false"}
        assert "NOT SIGNED: the node makes this up" in program.ok("history", attested).out


def test_a_document_in_the_store_puts_names_on_an_address(
    attested: str, program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = program.json("address", attested)["address"]
    text = str(Path(attested).resolve())
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "observer"))
    assert program.json("status", address)["parties"][0]["name"] == "party-1"
    program.ok("sync", "--document", text)
    assert [each["name"] for each in program.json("status", address)["parties"]] == ["city", "builder"]
    words = [each["words"] for each in program.json("history", address)]
    assert any(each.startswith("engineer-a attested foundations-laid: met") for each in words)
