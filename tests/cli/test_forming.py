"""Panels formed by nomination: who is sent sits, who is on a side steps aside; and the page that says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyledger.chain.keys import dev_signer
from pyledger.chain.nominations import sign_nomination
from pyledger.chain.records import dump_records
from pyledger.document import document_hash, loads
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import load_bindings
from pyledger.terms.typed_data import Nomination
from tests.cli.conftest import Program
from tests.walkthrough import blocks, empty_folder, run_line

PAGE = "docs/panels.md"
RIVER, DRAFT = (block.text for block in blocks(PAGE) if block.language == "yaml")
FORM = ("panel", "form", "river.yaml", "--bindings", "draft.yaml", "--output", "bindings.yaml")


def account(index: int) -> str:
    return checksum(dev_signer(index, chain_id=31337).address)


@pytest.fixture
def river(program: Program) -> Program:
    Path("river.yaml").write_text(RIVER, encoding="utf-8")
    Path("draft.yaml").write_text(DRAFT, encoding="utf-8")
    return program


def nominate(program: Program, seat: str, index: int, *more: str) -> str:
    out = f"{seat}-{index}.json"
    words = ("panel", "nominate", "river.yaml", seat, account(index), "--bindings", "draft.yaml", "--output", out)
    program.ok(*words, *more)
    return out


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    yield from empty_folder(tmp_path, monkeypatch, capsys)


def test_the_page_can_be_played(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (reader / "river.yaml").write_text(RIVER, encoding="utf-8")
    (reader / "draft.yaml").write_text(DRAFT, encoding="utf-8")
    said = [run_line(line, capsys) for each in blocks(PAGE) if each.language == "sh" for line in each.text.splitlines()]
    assert "steps aside from worker: panel river decides what mill owes" in said[3]
    filled = load_bindings(reader / "bindings.yaml").verifiers
    assert checksum(filled["worker"]) == "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f"
    assert set(filled) == {"laboratory", "angler", "worker"}


def test_a_party_and_whoever_the_document_says_is_on_a_side_cannot_sit(river: Program) -> None:
    itself, second = nominate(river, "worker", 1), nominate(river, "worker", 8, "--rank", "2")
    text = RIVER.replace("nominated_by: union", "nominated_by: union, affiliated_with: mill")
    angler = nominate(river, "angler", 6)
    assert river.json(*FORM, itself, second, angler)["recused"][0]["party"] == "mill"
    Path("river.yaml").write_text(text, encoding="utf-8")
    files = [nominate(river, "worker", 8), nominate(river, "angler", 6)]
    Path("bindings.yaml").unlink()
    said = river(*FORM, *files)
    assert (said.code, "worker is empty" in said.out, Path("bindings.yaml").exists()) == (1, True, False)


def test_one_on_the_side_of_a_party_that_owes_nothing_there_can_sit(river: Program) -> None:
    files = [nominate(river, "worker", 8, "--conflict", "town"), nominate(river, "angler", 6)]
    assert river.json(*FORM, *files)["recused"] == []


def test_a_seat_that_nobody_is_sent_to_stays_empty_and_nothing_is_written(river: Program) -> None:
    said = river(*FORM, nominate(river, "angler", 6))
    assert (said.code, "worker is empty: union has nobody left" in said.out) == (1, True)
    assert not Path("bindings.yaml").exists()


def test_nominations_of_others_or_changed_or_for_another_document_are_refused(river: Program) -> None:
    mine = nominate(river, "angler", 6)
    record = json.loads(Path(mine).read_text(encoding="utf-8"))
    for change, says in (
        ({"seat": "worker"}, "the constituency union did not sign this"),
        ({"holder": account(9)}, "the constituency anglers did not sign this"),
        ({"rank": 2}, "the constituency anglers did not sign this"),
        ({"seat": "laboratory"}, "nobody nominates for a seat of that name"),
        ({"chain_id": 1}, "it is for chain 1"),
    ):
        Path("forged.json").write_text(json.dumps(record | change), encoding="utf-8")
        assert says in river.refused(*FORM, "forged.json"), change
    Path("river.yaml").write_text(RIVER.replace("6 months", "7 months"), encoding="utf-8")
    assert "signed for another document" in river.refused(*FORM, mine)


def test_a_conflict_with_nobody_is_refused_and_not_passed_over(river: Program) -> None:
    """Another program may have signed it: who meant `mill` has said that the nominee must not sit."""
    document = loads(RIVER)
    said = Nomination(document_hash(document), "worker", bytes(19) + b"\x01", ("Mill",), 1)
    record = sign_nomination(dev_signer(5, chain_id=31337), said, chain_id=31337)
    Path("worker.json").write_text(dump_records([record]), encoding="utf-8")
    refused = river.refused(*FORM, "worker.json", nominate(river, "angler", 6))
    assert "it declares a conflict with `Mill`, which is no party" in refused
    assert "where: nomination for `worker` in worker.json" in refused


def test_nobody_is_no_nominee(river: Program) -> None:
    nobody = ("panel", "nominate", "river.yaml", "worker", "0x" + "00" * 20, "--bindings", "draft.yaml")
    assert "the zero address belongs to nobody" in river.refused(*nobody, code=2)


def test_whoever_has_the_nominations_finds_the_same_agreement(river: Program) -> None:
    """So that a party need not believe the bindings that it is sent: a first choice left out leads elsewhere."""
    sent = [nominate(river, "angler", 6), nominate(river, "worker", 8), nominate(river, "worker", 9, "--rank", "2")]
    river.ok(*FORM, *sent)
    of = river.json("address", "river.yaml", "--bindings", "bindings.yaml")["address"]
    for files, same in ((reversed(sent), True), ((sent[0], sent[2]), False)):
        river.ok(*FORM, *files, "--force")
        assert (river.json("address", "river.yaml", "--bindings", "bindings.yaml")["address"] == of) is same


def test_two_first_choices_and_two_seats_for_one_are_refused(river: Program) -> None:
    first, other = nominate(river, "angler", 6), nominate(river, "angler", 7)
    assert "two nominations for `angler` have rank 1" in river.refused(*FORM, first, other, code=2)
    same = nominate(river, "worker", 6)
    assert "would sit as `angler` and as `worker`" in river.refused(*FORM, first, same, code=2)


def test_who_nominates_must_be_known(river: Program) -> None:
    Path("draft.yaml").write_text(DRAFT.split("nominators")[0], encoding="utf-8")
    words = ("panel", "nominate", "river.yaml", "angler", account(6), "--bindings", "draft.yaml")
    assert "does not say which account `anglers` is" in river.refused(*words, code=2)
    unknown = ("panel", "nominate", "river.yaml", "laboratory", account(6), "--bindings", "draft.yaml")
    assert "nobody nominates for a seat `laboratory`" in river.refused(*unknown, code=2)


def test_the_document_of_the_page_is_in_order() -> None:
    assert loads(RIVER).panels["river"].needed == 2
