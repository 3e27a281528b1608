"""Commands for documents: what a negotiator meets before any chain."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Program


def test_the_gallery_is_listed_and_each_can_be_read(program: Program) -> None:
    found = program.json("examples")
    assert found[0]["name"] == "starter"
    assert "lockerbie-2003" in [each["name"] for each in found]
    for each in found:
        assert program.ok("examples", each["name"]).out.startswith("#")


def test_the_gallery_is_told_by_subject_with_what_each_document_shows(program: Program) -> None:
    found = {each["name"]: each for each in program.json("examples")}
    assert found["starter"]["about"] == "To begin with"
    assert found["six-party-2007"]["about"] == "Settlements and arms control"
    assert found["six-party-2007"]["shows"] == "fuel in steps of 5 and 95 percent, and no bond"
    said = program.ok("examples").out
    assert {each["about"] for each in found.values()} <= set(said.splitlines())
    assert all(f"  {name} " in said and each["shows"] in said for name, each in found.items())


def test_every_document_of_the_gallery_checks(program: Program) -> None:
    for each in program.json("examples"):
        assert "no errors" in program.ok("check", each["name"]).out


def test_an_unknown_example_meets_the_nearest(program: Program) -> None:
    assert "did you mean `lockerbie-2003`?" in program.refused("examples", "lockerbie", code=2)


def test_new_copies_and_never_overwrites_unasked(program: Program) -> None:
    program.ok("new", "deal.yaml", "--from", "lockerbie-2003")
    Path("deal.yaml").write_text("mine", encoding="utf-8")
    assert "left as it is" in program.refused("new", "deal.yaml", code=2)
    assert Path("deal.yaml").read_text(encoding="utf-8") == "mine"
    program.ok("new", "deal.yaml", "--force")
    assert "bridge" in Path("deal.yaml").read_text(encoding="utf-8")


def test_new_makes_no_folders_unasked(program: Program) -> None:
    assert "cannot be written" in program.refused("new", "nowhere/deal.yaml", code=2)
    assert not Path("nowhere").exists()


@pytest.mark.parametrize("command", ["verify", "open", "status", "settle", "rights"])
def test_where_no_node_answers_what_is_wrong_with_the_document_is_said_first(
    program: Program, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("PYLEDGER_RPC_URL", "http://127.0.0.1:1")
    program.ok("new", "deal.yaml")
    assert "no node answers" in program.refused(command, "deal.yaml", code=3)
    path = Path("deal.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("from: city", "from: citty"), encoding="utf-8")
    assert "did you mean `city`?" in program.refused(command, "deal.yaml")
    assert "there is no file" in program.refused(command, "dael.yaml", code=2)


def test_check_shows_every_error_with_its_line(program: Program) -> None:
    program.ok("new", "deal.yaml")
    text = Path("deal.yaml").read_text(encoding="utf-8")
    Path("deal.yaml").write_text(text.replace("from: city", "from: citty"), encoding="utf-8")
    err = program.refused("check", "deal.yaml")
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if "from: city" in line]
    assert [line.split(":")[1] for line in err.splitlines() if line.startswith("deal.yaml:")][:2] == [*map(str, lines)]
    assert "did you mean `city`?" in err
    assert err.rstrip().endswith("error: deal.yaml: 2 errors")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pyledger: [1", "deal.yaml:1:"),
        ("pyledger: 1\npyledger: 1\n", "deal.yaml:2:"),
        ("- a\n- b\n", "deal.yaml"),
        ("", "deal.yaml"),
        ("a: &a [x, x]\nb: &b [*a, *a]\n", "deal.yaml:"),
        ("pyledger: one\ntitle: 5\n", "found"),
    ],
    ids=["malformed", "duplicate key", "no mapping", "empty", "aliases", "wrong types"],
)
def test_unreadable_documents_are_findings_not_tracebacks(program: Program, text: str, words: str) -> None:
    Path("deal.yaml").write_text(text, encoding="utf-8")
    assert words in program.refused("check", "deal.yaml")
    found = program("check", "deal.yaml", "--json")
    assert found.code == 1
    assert found.json["error"]["kind"] == "DocumentError"
    assert found.json["error"]["findings"]


def test_check_leads_to_the_words_of_the_deal(program: Program) -> None:
    assert "`pyledger explain windfall-coalition`" in program.ok("check", "windfall-coalition").out
    assert "pyledger explain" not in program.ok("check", "windfall-coalition", "--quiet").out
    assert "at most 65,588,405 USDX" in program.ok("check", "forest-guyana-norway").out


def test_times_count_from_the_start_that_the_parties_set(program: Program) -> None:
    """Not from when somebody opens the agreement: a start can be weeks before or after."""
    said = program.ok("check", "starter").out
    assert "14 days of the start" in said
    assert "730 days after the start" in said


@pytest.mark.parametrize("command", ["check", "explain", "whatif", "verify"])
@pytest.mark.parametrize("text", ['{"kind": "acceptance", "version": 1}', '[\n  {"kind": "consent"}\n]'])
def test_a_signature_is_not_read_as_a_document(program: Program, command: str, text: str) -> None:
    """Who names it in place of the document is told so, and not that the format has no key `signature`."""
    Path("city.json").write_text(text, encoding="utf-8")
    said = program.refused(command, "city.json", code=2)
    assert "city.json holds a signed " in said
    assert "and this wants a document" in said


def test_check_shows_errors_in_court_standing_and_tiers_with_their_lines(program: Program) -> None:
    program.ok("new", "deal.yaml", "--from", "forest-guyana-norway")
    text = Path("deal.yaml").read_text(encoding="utf-8")
    for right, wrong in (
        ("challenge_within: 30 days", "challenge_within: 0 days"),
        ("  villages: {name: Villages of the forest}", "  guyana: {name: Villages of the forest}"),
        ("{from: 0.219, pays: 70_225_273}", "{from: 0.2195, pays: 70_225_274}"),
    ):
        text = text.replace(right, wrong)
    Path("deal.yaml").write_text(text, encoding="utf-8")
    err = program.refused("check", "deal.yaml")
    for wrong in ("challenge_within: 0 days", "  guyana: {name: Villages", "standing: villages, seats", "70_225_274"):
        (line,) = (number for number, each in enumerate(text.splitlines(), start=1) if wrong in each)
        assert f"deal.yaml:{line}:" in err
    assert err.rstrip().endswith("error: deal.yaml: 5 errors")


def test_hash_ignores_layout(program: Program) -> None:
    program.ok("new", "deal.yaml")
    text = Path("deal.yaml").read_text(encoding="utf-8")
    Path("same.yaml").write_text("# another comment\n" + text, encoding="utf-8")
    assert (
        program.ok("hash", "deal.yaml").out == program.ok("hash", "same.yaml").out == program.ok("hash", "starter").out
    )


def test_address_needs_to_know_who_is_who(program: Program) -> None:
    err = program.refused("address", "starter", code=2)
    assert "depends on its bindings" in err
    assert "pyledger open starter" in err


def test_a_missing_file_is_named(program: Program) -> None:
    for command in ("check", "hash"):
        assert "there is no file `nowhere.yaml`" in program.refused(command, "nowhere.yaml", code=2)
    assert "no document is named" in program.refused("check", "", code=2)
    assert "the gallery has none of that name" in program.refused("check", "nowhere", code=2)


@pytest.mark.parametrize("typed", ["Treaty", "TREATY.yaml", "traety.yaml", "treaty.yml", "treaty"])
def test_a_file_that_was_nearly_named_is_offered(program: Program, typed: str) -> None:
    program.ok("new", "treaty.yaml")
    assert "did you mean `treaty.yaml`?" in program.refused("check", typed, code=2)
    Path("drafts").mkdir()
    program.ok("new", "drafts/treaty-2.yaml")
    assert "did you mean `drafts/treaty-2.yaml`?" in program.refused("check", "drafts/treaty2.yaml", code=2)
    assert "did you mean `lockerbie-2003`?" in program.refused("check", "lockerbie", code=2)
