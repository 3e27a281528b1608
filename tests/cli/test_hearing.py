"""Being heard: remarks, the duty to answer, texts of which only the hash is on record; and the page that says so."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.chain.keys import dev_signer
from pyledger.terms.addresses import checksum
from tests.cli.conftest import Program, PutCode
from tests.walkthrough import blocks, empty_folder, run_line

PAGE = "docs/hearing.md"
DEAL = "forest-guyana-norway"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    yield from empty_folder(tmp_path, monkeypatch, capsys)


def test_the_page_can_be_played(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for name, text in zip(("shifts.yaml", "bindings.yaml"), written(), strict=True):
        (reader / name).write_text(text, encoding="utf-8")
    for line in (line for each in blocks(PAGE) if each.language == "sh" for line in each.text.splitlines()):
        if line.startswith("printf"):
            subprocess.run(["sh", "-c", line], check=True, cwd=reader)
        else:
            said.append(run_line(line, capsys))
    before, after, checked = said[4], said[6], said[10]
    assert "answer due by" in before
    assert "answered in 2" in after
    assert "3 paragraphs, 1 withheld" in checked
    assert "on record as remark 3" in checked
    assert "1  workers on shifts" in said[-2]
    assert "answer due by" in said[-2]


def written() -> tuple[str, str]:
    """The document and the bindings of the page."""
    document, bindings = (block.text for block in blocks(PAGE) if block.language == "yaml")
    return document, bindings


UNION, MEMBER, OTHER = (checksum(dev_signer(index, chain_id=31337).address) for index in (7, 8, 9))


@pytest.fixture
def shifts(home: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The agreement of the page, in force on a chain of its own, whose clock fits the dates of its bindings."""
    for name, text in zip(("shifts.yaml", "bindings.yaml"), written(), strict=True):
        Path(name).write_text(text, encoding="utf-8")
    with Anvil(timestamp=1_769_904_000) as chain:
        monkeypatch.setenv("PYLEDGER_NETWORK", "local")
        monkeypatch.setenv("PYLEDGER_RPC_URL", chain.url)
        program.ok("standing", "deploy", "--body", UNION)
        program.ok("open", "shifts.yaml", "--bindings", "bindings.yaml")
        program.ok("accept", "shifts.yaml", "--as", "mill")
        yield "shifts.yaml"


def admitted(program: Program, *more: str, holder: str = MEMBER, body: str = UNION) -> str:
    program.ok("standing", "admit", holder, "--body", body, "--output", "credential.json", *more)
    return "credential.json"


def test_who_is_not_admitted_or_no_longer_is_not_heard(shifts: str, program: Program) -> None:
    say = ("comment", shifts, "Twelve hours", "--as", "workers", "--credential", "credential.json")
    admitted(program, "--expires", "2 days")
    program.ok(*say)
    program.ok("chain", "warp", "3 days")
    assert "it expired at" in program.refused(*say[:2], "Again", *say[3:])
    admitted(program, body=OTHER)
    assert "which has no standing here" in program.refused(*say[:2], "Again", *say[3:])
    record = json.loads(Path(admitted(program)).read_text(encoding="utf-8"))
    Path("credential.json").write_text(json.dumps(record | {"holder": OTHER}), encoding="utf-8")
    assert "the body that admits did not sign this" in program.refused(*say[:2], "Again", *say[3:])
    assert [each["text"] for each in program.json("comments", shifts)["remarks"]] == ["Twelve hours"]


def test_without_a_credential_it_is_said_that_one_is_needed(shifts: str, program: Program) -> None:
    said = program.refused("comment", shifts, "Twelve hours", "--as", "workers")
    assert "is a standing that many share" in said
    assert f"--credential FILE that you are admitted to it; {UNION} admits" in " ".join(said.split())


def test_a_credential_is_of_no_use_where_an_account_speaks_for_itself(
    forest: str, program: Program, put_code: PutCode
) -> None:
    admitted(program)
    words = ("comment", forest, "Heard", "--as", "villages", "--credential", "credential.json")
    assert "is no standing that many share" in program.refused(*words)
    account = program.json("verify", forest)["roles"]["villages"]
    for code in (
        "0x00",
        "0x5f5ffd",
        "0x7f" + "ff" * 32 + "5f5260205ff3",
    ):  # says nothing, refuses, says what is no account
        put_code(account, code)
        assert "is no standing that many share" in program.refused(*words)


@pytest.fixture
def forest(node: Anvil, program: Program) -> str:
    program.ok("open", DEAL, "--as", "norway", "--accept", "--again")
    program.ok("accept", DEAL, "--as", "guyana")
    return DEAL


def remarks(program: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.json("comments", DEAL)["remarks"]
    return found


def test_an_answer_that_does_not_come_is_overdue_and_one_that_comes_late_is_late(forest: str, program: Program) -> None:
    program.ok("comment", forest, "The east was not counted", "--as", "villages")
    assert [each["duty"] for each in remarks(program)] == ["due"]
    program.ok("chain", "warp", "31 days")
    assert [each["duty"] for each in remarks(program)] == ["overdue"]
    assert "answer overdue" in program.ok("comments", forest).out
    program.ok("comment", forest, "It was counted since", "--as", "guyana", "--answers", "1")
    assert [(each["duty"], each["answered_by"]) for each in remarks(program)] == [("answered late", 2), (None, None)]


def test_only_a_party_answers_and_only_what_was_said_before(forest: str, program: Program) -> None:
    nothing = ("comment", forest, "It rains", "--as", "guyana", "--answers", "2")
    assert "there is no remark 2 to answer" in program.refused(*nothing, code=2)
    program.ok("comment", forest, '{"answers": 2, "text": "It rains"}', "--as", "guyana")  # as other programs may
    program.ok("comment", forest, "The east was not counted", "--as", "villages")
    program.ok("comment", forest, "We know", "--as", "surveyor", "--answers", "2")
    assert [(each["duty"], each["answered_by"]) for each in remarks(program)][1] == ("due", None)


def test_what_is_said_after_the_window_is_on_record_as_late(forest: str, program: Program) -> None:
    program.ok("comment", forest, "In time", "--as", "villages")
    program.ok("chain", "warp", "91 days")
    program.ok("comment", forest, "Too late", "--as", "villages")
    assert [each["late"] for each in remarks(program)] == [False, True]


def test_words_that_look_like_a_reference_and_are_none_stay_words(forest: str, program: Program) -> None:
    forged = '{"submission": "0x00", "answers": "1"}'
    program.ok("comment", forest, forged, "--as", "villages")
    (only,) = remarks(program)
    assert (only["text"], only["submission"], only["answers"]) == (forged, None, None)


def test_another_text_has_another_hash(forest: str, program: Program) -> None:
    Path("letter.txt").write_text("One.\n\nTwo.\n", encoding="utf-8")
    program.ok("submission", "write", "letter.txt", "--output", "a.json")
    program.ok("submission", "write", "letter.txt", "--output", "b.json")
    program.ok("comment", forest, "--submission", "a.json", "--as", "villages")
    assert program.json("submission", "check", "a.json", forest)["remarks"] == [1]
    assert Path("a.json").stat().st_mode & 0o777 == 0o600, "it holds every word, and what hides them"
    said = program("submission", "check", "b.json", forest)
    assert (said.code, "no remark on this agreement has that hash" in said.out) == (1, True)


def test_a_hash_that_somebody_else_repeats_is_told_apart(forest: str, program: Program) -> None:
    Path("letter.txt").write_text("One.\n", encoding="utf-8")
    program.ok("submission", "write", "letter.txt", "--output", "a.json")
    program.ok("comment", forest, "--submission", "a.json", "--as", "villages", "--about", "loss-2012")
    program.ok("chain", "warp", "91 days")
    program.ok("comment", forest, "--submission", "a.json", "--as", "norway")
    said = program.json("submission", "check", "a.json", forest)["said"]
    assert [(each["number"], each["by"], each["late"]) for each in said] == [
        (1, "villages", False),
        (2, "norway", True),
    ]
    told = program.ok("submission", "check", "a.json", forest).out
    assert "on record as remark 1  villages on loss-2012, 20" in told
    assert "on record as remark 2  norway on phase year-2012, 20" in told
    assert "after the window for comments" in told


def test_what_is_no_submission_is_refused_with_its_reason(program: Program) -> None:
    Path("no.json").write_text('{"kind": "submission", "version": 1, "language": "en"}', encoding="utf-8")
    assert "`paragraphs` is missing" in program.refused("submission", "check", "no.json", code=2)
    Path("letter.txt").write_text("One.", encoding="utf-8")
    program.ok("submission", "write", "letter.txt", "--output", "one.json")
    Path("list.json").write_text("[1]", encoding="utf-8")
    assert "list.json is no submission: it is of another kind" in program.refused(
        "submission", "check", "list.json", code=2
    )
    Path("empty.txt").write_text("\n\n", encoding="utf-8")
    empty = ("submission", "write", "empty.txt", "--output", "empty.json")
    assert "empty.txt has 0 paragraphs" in program.refused(*empty, code=2)
    assert "there is no paragraph 2" in program.refused(
        "submission", "withhold", "one.json", "2", "--output", "x.json", code=2
    )
