"""Two drafts on the command line: exit codes as diff has them, and nothing in a draft that passes for our own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Program


@pytest.fixture
def drafts(program: Program) -> tuple[str, str]:
    """The starter, and a copy to change."""
    program.ok("new", "old.yaml")
    program.ok("new", "new.yaml")
    return "old.yaml", "new.yaml"


def rewrite(name: str, *pairs: tuple[str, str]) -> None:
    text = Path(name).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    Path(name).write_text(text, encoding="utf-8")


def test_drafts_that_differ_in_layout_alone_are_one_document(drafts: tuple[str, str], program: Program) -> None:
    Path("new.yaml").write_text("# ours\n" + Path("new.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    said = program.ok("diff", *drafts)
    assert said.out.startswith("nothing but layout changed: both are document 0x")
    found = program.json("diff", *drafts)
    assert (found["same"], found["changes"]) == (True, [])
    assert found["old"]["hash"] == found["new"]["hash"] == program.ok("hash", "old.yaml").out.strip()


def test_a_higher_bond_binds_one_and_protects_the_other(drafts: tuple[str, str], program: Program) -> None:
    rewrite("new.yaml", ("amount: 100_000", "amount: 130_000"))
    said = program("diff", *drafts)
    assert said.code == 1
    assert (
        "party builder\n  bond level: 100,000 → 130,000 USDX, 30,000 more\n    gains: city; loses: builder" in said.out
    )
    assert "1 change\n" in said.out
    found = program("diff", *drafts, "--json").json
    assert found["tally"] == {"city": {"gains": 1, "loses": 0}, "builder": {"gains": 0, "loses": 1}}
    (change,) = found["changes"]
    assert (change["at"], change["old"], change["new"]) == (
        "parties.builder.bond.amount",
        "100,000 USDX",
        "130,000 USDX",
    )


def test_documents_of_the_gallery_can_be_compared_by_name(program: Program) -> None:
    said = program("diff", "lockerbie-2003", "starter")
    assert said.code == 1
    assert "nobody" not in said.out
    assert "phase release" in said.out


def test_words_of_a_draft_do_nothing_to_the_terminal(drafts: tuple[str, str], program: Program) -> None:
    text = Path("new.yaml").read_text(encoding="utf-8")
    Path("new.yaml").write_text(
        f'{text}\nglossary: {{"[bold]road[/]": "a way\\nparty city: gains"}}\n', encoding="utf-8"
    )
    said = program("diff", *drafts)
    assert said.code == 1
    assert 'the word [bold]road[/]: new: "a way party city: gains"' in said.out


@pytest.mark.parametrize("broken", ["old.yaml", "new.yaml"])
def test_a_draft_with_errors_is_told_with_its_lines(drafts: tuple[str, str], program: Program, broken: str) -> None:
    rewrite(broken, ("from: city", "from: citty"))
    err = program.refused("diff", *drafts)
    assert f"{broken}:" in err
    assert "did you mean `city`?" in err


def test_a_draft_that_is_not_there_is_a_mistake_of_usage(program: Program) -> None:
    assert "there is no file `nowhere.yaml`" in program.refused("diff", "starter", "nowhere.yaml", code=2)


def test_changes_whose_effect_is_open_are_not_said_to_move_nothing(drafts: tuple[str, str], program: Program) -> None:
    """A payment that a lapse releases in place of a bridge is no change by which nobody gains or loses."""
    rewrite("new.yaml", ("{bridge-open: met}", "{bridge-open: lapsed}"))
    said = program("diff", *drafts).out
    assert "1 is open: the terms do not say who gains by it" in said
    assert "nobody" not in said
    rewrite("new.yaml", ("amount: 100_000", "amount: 130_000"), ("The bridge is open", "The bridge is done"))
    said = program("diff", *drafts).out
    assert "2 are open: the terms do not say who gains by them" in said
    assert "counted by changes, whatever their size" in said


def test_only_what_moves_nothing_is_said_to_move_nothing(drafts: tuple[str, str], program: Program) -> None:
    rewrite("new.yaml", ("A rebuilt bridge", "A bridge"))
    assert "nobody gains or loses anything by them" in program("diff", *drafts).out
