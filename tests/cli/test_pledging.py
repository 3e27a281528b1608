"""Pledges: drafted in one command, seen in the register, led on to a clause; and the page that says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.document import load
from tests.cli.conftest import Program
from tests.walkthrough import blocks, empty_folder, run_line

PAGE = "docs/pledges.md"
NEW = (
    "pledge", "new", "pledge.yaml", "--by", "Northern Laboratory", "--promise", "No large run is hidden",
    "--review-in", "12 months", "--referee", "Institute", "--evidence", "The log at the registry",
)  # fmt: skip
MEASURED = ("--metric", "Hidden runs", "--unit", "runs", "--at-most", "0")
BACKED = ("--deposit", "10_000 USDX", "--forfeits-to", "Commons Fund")


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    yield from empty_folder(tmp_path, monkeypatch, capsys)


def test_the_page_can_be_played(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = [run_line(line, capsys) for each in blocks(PAGE) if each.language == "sh" for line in each.text.splitlines()]
    assert "kept" in said[7]
    assert "wrote clause.yaml" in said[8]
    assert "70,000,000 USDX paid to commons" in said[-2]
    assert load(reader / "clause.yaml").instrument.level == "treaty"  # type: ignore[union-attr]


def pledged(program: Program, *more: str) -> str:
    program.ok(*NEW, *more)
    program.ok("open", "pledge.yaml", "--as", "northern-laboratory", "--accept")
    return "pledge.yaml"


def promise(program: Program) -> dict[str, object]:
    (found,) = [each for each in program.json("pledge", "list") if each["agreement"] == address(program)]
    (only,) = found["promises"]
    return dict(only)


def address(program: Program) -> str:
    return str(program.json("address", "pledge.yaml")["address"])


def test_a_promise_goes_from_open_over_overdue_to_missed(node: Anvil, program: Program) -> None:
    file = pledged(program, *BACKED)
    assert program.ok("pledge", "list").out.splitlines()[0].split()[-1] == "stands"
    assert (promise(program)["status"], promise(program)["evidence"]) == ("open", "The log at the registry")
    program.ok("chain", "warp", "--past", file, "promise")
    program.ok("settle", file)
    assert promise(program)["status"] == "missed"


def test_past_its_review_it_is_overdue_until_something_is_final(node: Anvil, program: Program) -> None:
    program.ok(*NEW, *BACKED)
    text = Path("pledge.yaml").read_text(encoding="utf-8")
    Path("pledge.yaml").write_text(text.replace("12 months", "12 months\n        grace: 30 days"), encoding="utf-8")
    program.ok("open", "pledge.yaml", "--as", "northern-laboratory", "--accept")
    program.ok("chain", "warp", "361 days")
    assert promise(program)["status"] == "overdue"


def test_what_was_found_is_shown_beside_the_target(node: Anvil, program: Program) -> None:
    file = pledged(program, *MEASURED)
    Path("log.txt").write_text("no runs", encoding="utf-8")
    program.ok("attest", file, "promise", "met", "--value", "0", "--evidence", "log.txt", "--as", "institute")
    found = promise(program)
    assert (found["status"], found["target"], found["attested"]) == ("kept", found["attested"], found["target"])
    assert found["by_number"] == "kept"
    assert len(found["shown"]) == 1  # type: ignore[arg-type]


def test_a_pledge_that_its_maker_never_joined_is_withdrawn_and_not_missed(node: Anvil, program: Program) -> None:
    program.ok(*NEW)
    program.ok("open", "pledge.yaml")
    program.ok("chain", "warp", "31 days")
    program.ok("unwind", "pledge.yaml")
    assert promise(program)["status"] == "withdrawn"


def test_a_maker_that_does_not_pay_in_is_seen_to_have_left(node: Anvil, program: Program) -> None:
    """Nothing is decided then, and what is undecided lapses: that is no end without anybody's fault."""
    program.ok("open", "windfall-pledge", "--as", "lab", "--accept")
    there = program.json("address", "windfall-pledge")["address"]

    def told() -> tuple[object, ...]:
        (found,) = [each for each in program.json("pledge", "list") if each["agreement"] == there]
        return (found["deposit"]["amount"], *(each["status"] for each in found["promises"]))

    assert told() == ("300000000.000000", "open", "open")
    program.ok("chain", "warp", "61 days")
    assert told() == ("300000000.000000", "defaulted", "defaulted")
    program.ok("settle", "windfall-pledge")
    assert told() == ("300000000.000000", "defaulted", "defaulted")


def test_the_register_says_that_a_pledge_has_more_than_it_shows(node: Anvil, program: Program, home: Path) -> None:
    program.ok(*NEW)
    text = Path("pledge.yaml").read_text(encoding="utf-8")
    more = "{by: northern-laboratory, what: More, within: 6 months, decided_by: referees, if_silent: lapse}"
    later = f"\n  - id: later\n    obligations:\n      more: {more}\n"
    Path("pledge.yaml").write_text(text.rstrip() + later, encoding="utf-8")
    program.ok("seal", "pledge.yaml", "--from", "later")
    program.ok("open", "pledge.yaml", "--as", "northern-laboratory", "--accept")
    there = address(program)
    shutil.rmtree(home / "agreements")
    (found,) = [each for each in program.json("pledge", "list") if each["agreement"] == there]
    assert (found["undisclosed"], len(found["promises"])) == (1, 1)
    said = " ".join(program.ok("pledge", "list").out.split())
    assert f"a phase of {there} nobody else can read until it opens" in said


@pytest.mark.parametrize(
    "way_out", [("dissolve", "--split", "usdx:northern-laboratory=100%"), ("extend", "promise", "--by", "1 day")]
)
def test_a_maker_cannot_let_itself_off(node: Anvil, program: Program, way_out: tuple[str, ...]) -> None:
    file = pledged(program, *BACKED)
    command, *rest = way_out
    refused = program.refused(command, file, *rest, "--as", "northern-laboratory")
    assert "a pledge holds until it ends" in refused


def test_without_the_document_the_register_has_numbers_and_no_words(node: Anvil, program: Program, home: Path) -> None:
    pledged(program)
    there = address(program)
    shutil.rmtree(home / "agreements")
    (found,) = [each for each in program.json("pledge", "list") if each["agreement"] == there]
    assert (found["maker"], found["promises"][0]["what"]) == ("party-1", "obligation-1")


def test_silence_without_a_deposit_is_nobodys_breach(program: Program) -> None:
    program.ok(*NEW)
    assert load("pledge.yaml").phases[0].obligations["promise"].if_silent == "lapsed"


def test_a_ladder_waits_until_enough_is_kept(node: Anvil, program: Program) -> None:
    file = pledged(program, "--leads-to", "treaty", "--after-kept", "1")
    said = program.refused("pledge", "ladder", file, "--output", "c.yaml")
    assert "it is too early: promises kept so far: 0" in said
    assert f"where: {file}, which asks for 1 kept" in said
    assert not Path("c.yaml").exists()
    program.ok("attest", file, "promise", "met", "--as", "institute")
    program.ok("pledge", "ladder", file, "--output", "c.yaml")
    assert list(load("c.yaml").phases[0].obligations) == ["northern-laboratory-promise"]


def test_a_promise_whose_own_number_says_that_it_was_missed_leads_nowhere(node: Anvil, program: Program) -> None:
    file = pledged(program, *MEASURED, "--leads-to", "treaty", "--after-kept", "1")
    err = program.refused("attest", file, "promise", "met", "--as", "institute", code=2)
    assert "the document asks for a value with `promise`, and none is given" in err
    program.ok("attest", file, "promise", "met", "--value", "5", "--as", "institute")
    found = promise(program)
    assert (found["status"], found["by_number"]) == ("kept", "missed")
    assert "kept, but by its number missed" in " ".join(program.ok("pledge", "list").out.split())
    assert "promises kept so far: 0" in program.refused("pledge", "ladder", file, "--output", "c.yaml")


@pytest.mark.parametrize("silent", [True, False])
def test_who_finds_a_breach_signs_no_number(node: Anvil, program: Program, silent: bool) -> None:
    file = pledged(program, *MEASURED, *BACKED)
    if silent:
        program.ok("chain", "warp", "--past", file, "promise")
    else:
        program.ok("attest", file, "promise", "breached", "--as", "institute")
    program.ok("settle", file)
    assert (promise(program)["status"], promise(program)["by_number"]) == ("missed", None)


def test_pledges_that_say_different_things_of_one_name_are_not_joined(node: Anvil, program: Program) -> None:
    program.ok(*NEW, *BACKED)
    text = Path("pledge.yaml").read_text(encoding="utf-8").replace("northern-laboratory", "southern-laboratory")
    Path("other.yaml").write_text(text.replace("decimals: 6", "decimals: 18"), encoding="utf-8")
    words = ("pledge", "ladder", "pledge.yaml", "other.yaml", "--to", "mou", "--output", "c.yaml")
    assert "says something else of `usdx`, under `assets`" in program.refused(*words, code=2)
    same = ("pledge", "ladder", "pledge.yaml", "pledge.yaml", "--to", "mou", "--output", "c.yaml")
    assert "is of the maker `northern-laboratory`" in program.refused(*same, code=2)


def test_what_makes_no_document_is_said_of_what_was_asked_for_as_there_is_no_file(program: Program) -> None:
    words = [each if each != "12 months" else "soon" for each in NEW]
    assert "soon" in words
    said = program.refused(*words, code=2)
    assert "no document can be made of this: expected a duration" in said
    assert "where: phases.pledged.obligations.promise.within, of what would be pledge.yaml" in said
    assert not Path("pledge.yaml").exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--at-most", "0"), "nothing that it measures"),
        (("--metric", "Runs", "--at-most", "0", "--at-least", "1"), "both given"),
        (("--metric", "Runs", "--at-most", "none"), "`none` is no number"),
        (("--deposit", "10_000"), "is no amount of anything"),
        (("--deposit", "10_000 USDX"), "who receives the deposit"),
        (("--forfeits-to", "Fund"), "nothing is deposited"),
        (("--leads-to", "treaty"), "after what"),
    ],
)
def test_what_a_pledge_lacks_is_said(program: Program, more: tuple[str, ...], says: str) -> None:
    assert says in program.refused(*NEW, *more, code=2)
    assert not Path("pledge.yaml").exists()
