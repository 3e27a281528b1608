"""`pyledger run`: scenarios played on real nodes, and what is said of those that are not as expected."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pyledger.document import gallery
from tests.cli.conftest import Program, Said

KEPT = """\
document: lockerbie-2003
title: Two of three
steps:
  - {met: un-lift, by: registrar}
  - {expect: {verdicts: {un-lift: undecided}, held: {usd: 2_700_000_000}}}
  - {met: un-lift, by: auditor}
  - {met: us-lift}
  - {met: us-delist, at: 600 days, refused: TooLate}
expect:
  state: completed
  gains: {families: 2_160_000_000}
  loses: {libya: 2_160_000_000}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A scenario that passes."""
    file = tmp_path / "kept.yaml"
    file.write_text(KEPT, encoding="utf-8")
    return file


def change(file: Path, old: str, new: str) -> Path:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def test_every_document_of_the_gallery_has_its_history_and_a_defection() -> None:
    told = gallery.scenarios()
    for name in gallery.names():
        mine = [each for each in told if each.startswith(f"{name}/")]
        assert f"{name}/history" in mine
        assert len(mine) >= 2, f"{name} has no defection"


def test_every_scenario_of_the_gallery_passes_on_a_chain(program: Program) -> None:
    found = program.json("run", "gallery", "--workers", "2")
    assert (found["passed"], found["failed"]) == (len(gallery.scenarios()), 0)
    assert [each["file"] for each in found["scenarios"]] == list(gallery.scenarios())
    assert all(each["transactions"] > 1 for each in found["scenarios"])


def test_each_thing_that_is_not_as_expected_has_its_line(program: Program, scenario: Path) -> None:
    change(scenario, "libya: 2_160_000_000", "libya: 2_160_000_000.000001")
    change(scenario, "un-lift: undecided", "un-lift: met")
    change(scenario, "state: completed", "state: terminated")
    said = program("run", str(scenario), "--json")
    assert said.code == 1
    (found,) = said.json["scenarios"]
    assert [(each["line"], each["what"], each["expected"], each["actual"]) for each in found["problems"]] == [
        (5, "un-lift", "met", "undecided"),
        (10, "the agreement", "terminated", "completed"),
        (12, "what libya gains", "−2,160,000,000.000001 usd", "−2,160,000,000 usd"),
    ]


def test_whoever_is_not_named_must_gain_nothing(program: Program, scenario: Path) -> None:
    change(scenario, "  gains: {families: 2_160_000_000}\n", "")
    (problem,) = program("run", str(scenario), "--json").json["scenarios"][0]["problems"]
    assert (problem["line"], problem["what"], problem["expected"]) == (11, "what families gains", "0 usd")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("refused: TooLate", "refused: TooEarly", 8, "it is refused, but by TooLate"),
        (", at: 600 days, refused: TooLate", ", refused: TooLate", 8, "it is not refused"),
        ("by: auditor", "by: mayor", 6, "`mayor` has no seat on the panel"),
        ("un-lift: undecided", "un-lifted: undecided", 5, "there is no obligation `un-lifted`"),
        ("{libya:", "{lybia:", 12, "did you mean `libya`?"),
        ("state: completed", "stat: completed", 10, "unknown key `stat`"),
        ("document: lockerbie-2003", "document: lockerbie.yaml", 1, "there is no document `lockerbie.yaml`"),
        ("{usd: 2_700_000_000}", "{usd: 0.1234567}", 5, "more decimals than usd"),
        ("document: lockerbie-2003\n", "", None, "it does not say what is played"),
    ],
)
def test_what_cannot_be_played_is_told_with_its_line(
    program: Program, scenario: Path, old: str, new: str, line: int | None, said: str
) -> None:
    change(scenario, old, new)
    answer = program("run", str(scenario))
    assert answer.code == 1
    assert f"{scenario}{f':{line}' if line else ''}: " in answer.out
    assert said in answer.out


def test_one_bad_file_does_not_keep_the_others_from_being_played(program: Program, scenario: Path) -> None:
    bad = scenario.with_name("bad.yaml")
    bad.write_text("steps: [", encoding="utf-8")
    deal = scenario.with_name("deal.yaml")
    deal.write_text(gallery.read("lockerbie-2003"), encoding="utf-8")
    scenario.with_name("bindings.yaml").write_text("chain_id: 1\n", encoding="utf-8")  # what is neither is passed over
    change(scenario, "document: lockerbie-2003", "document: deal.yaml")
    said = program("run", str(scenario.parent))
    assert said.code == 1
    assert "1 passed, 1 failed" in said.out


def test_a_history_that_names_no_document_can_be_given_one(program: Program, scenario: Path) -> None:
    change(scenario, "document: lockerbie-2003\n", "")
    assert program.json("run", str(scenario), "--document", "lockerbie-2003")["passed"] == 1


def test_whatif_holds_the_same_file_against_the_model(program: Program, scenario: Path) -> None:
    words = ("whatif", "lockerbie-2003", "--scenario", str(scenario))
    assert "all is as expected" in program.ok(*words).out
    change(scenario, "held: {usd: 2_700_000_000}", "held: {usd: 2_700_000_001}")
    said = program(*words)
    assert said.code == 1
    assert f"{scenario}:5: usd held: 2,700,000,000 usd, not 2,700,000,001 usd" in said.out


def test_junit_names_what_failed(program: Program, scenario: Path, tmp_path: Path) -> None:
    worse = scenario.with_name("worse.yaml")
    worse.write_text(KEPT.replace("state: completed", "state: void"), encoding="utf-8")
    report = tmp_path / "junit.xml"
    assert program("run", str(scenario), str(worse), "--junit", str(report)).code == 1
    suite = ET.parse(report).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    kept, broken = suite
    assert list(kept) == []
    assert broken[0].get("message") == f"{worse}:10: the agreement: expected void, actual completed"


def test_names_that_there_are_not_are_a_matter_of_usage(program: Program, tmp_path: Path) -> None:
    def usage(*words: str) -> str:
        return program.refused("run", *words, code=2)

    assert "did you mean `lockerbie-2003`?" in usage("lockerby-2003")
    assert "no scenario is named" in usage()
    assert "there is no scenario in" in usage(str(tmp_path))
    deal = tmp_path / "deal.yaml"
    deal.write_text(gallery.read("lockerbie-2003"), encoding="utf-8")
    assert "is a document, and not a scenario" in usage(str(deal))
    assert "see `pyledger run --list`" in usage("nowhere/deal.yaml")


@pytest.mark.parametrize(
    "words",
    [
        ("--record", "starter", "--matrix", "starter"),
        ("--matrix", "starter", "lockerbie-2003"),
        ("--matrix", "starter", "--list"),
        ("--matrix", "starter", "--document", "starter"),
        ("--record", "starter", "--output", "x.yaml", "--document", "starter"),
        ("--record", "starter", "--output", "x.yaml", "--junit", "x.xml"),
        ("--record", "starter", "--output", "x.yaml", "--workers", "2"),
        ("lockerbie-2003", "--output", "x.yaml"),
        ("lockerbie-2003", "--force"),
        ("--list", "--junit", "x.xml"),
    ],
)
def test_options_that_would_do_nothing_are_refused(program: Program, words: tuple[str, ...]) -> None:
    program.refused("run", *words, code=2)
    assert list(Path().iterdir()) == []


def test_a_scenario_of_the_gallery_is_read_and_copied_like_a_document(program: Program) -> None:
    text = gallery.read_scenario("lockerbie-2003/history")
    assert program.ok("examples", "lockerbie-2003/history").out == text
    assert "then `pyledger run mine.yaml`" in program.ok("new", "mine.yaml", "--from", "lockerbie-2003/history").out
    assert Path("mine.yaml").read_text(encoding="utf-8") == text
    assert program.json("run", "mine.yaml")["passed"] == 1


def test_the_list_says_what_can_be_played(program: Program) -> None:
    said: Said = program.ok("run", "--list")
    assert said.out.splitlines() == list(gallery.scenarios())
