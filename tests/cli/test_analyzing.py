"""`analyze` as a person meets it: what it says, what it writes, what it refuses, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pyledger.analysis.notions import NOTIONS
from pyledger.cli.papers import gallery_text
from tests.cli.conftest import Program

CREDIBLE = "monitored-model-access"
DRAWS = ("--draws", "200")


@pytest.fixture
def broken(program: Program) -> str:
    """The worked deal with a host who is tempted by twice as much in the end."""
    text = gallery_text(CREDIBLE).replace(
        "{low: 20_000_000, likely: 40_000_000, high: 60_000_000}",
        "{low: 60_000_000, likely: 80_000_000, high: 95_000_000}",
    )
    Path("deal.yaml").write_text(text, encoding="utf-8")
    return "deal.yaml"


def test_a_credible_deal_ends_with_0(program: Program) -> None:
    said = program.ok("analyze", CREDIBLE, *DRAWS)
    assert "the deal is credible: each of 5 promises pays to keep" in said.out


def test_one_that_is_not_ends_with_1_and_says_who_breaks_what_and_what_would_mend_it(
    program: Program, broken: str
) -> None:
    said = program("analyze", broken, *DRAWS)
    assert said.code == 1
    assert "The first deviation that pays: in hosting, host gains 80 million USDX" in said.out
    assert "a bond of 121.9 million USDX instead of 100" in said.out


@pytest.mark.parametrize("columns", ["80", "100", "120", "200"])
@pytest.mark.parametrize("name", ["six-party-2007", CREDIBLE, "safe-development-coalition"])
def test_no_table_is_cut_or_wider_than_the_screen(
    program: Program, monkeypatch: pytest.MonkeyPatch, columns: str, name: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = program("analyze", name, *DRAWS).out.splitlines()
    assert "…" not in "".join(lines)
    assert all(len(line.rstrip()) <= int(columns) for line in lines if line.startswith("  "))


def test_on_a_wide_screen_every_column_is_there(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    wide = program("analyze", CREDIBLE, *DRAWS).out
    monkeypatch.setenv("COLUMNS", "80")
    narrow = program("analyze", CREDIBLE, *DRAWS).out
    for heading in ("detection needed", "patience needed", "exposure before", "coverage", "credible until"):
        assert heading in wide
        assert heading not in narrow
    assert "temptation" in narrow


def test_what_does_not_fit_side_by_side_stands_one_below_the_other(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    said = program("analyze", CREDIBLE, *DRAWS).out
    assert re.search(r"^  host\n +keeps\n +temptation +1$", said, re.MULTILINE)


def test_programs_get_all_of_it(program: Program) -> None:
    found = program.json("analyze", "safe-development-coalition", *DRAWS)
    assert found["credible"] is True
    assert len(found["promises"]) == 4 * 3
    assert {"exposure_before", "exposure_after", "coverage", "credible_until", "stays"} <= found["promises"][0].keys()
    assert found["accession"][0]["phase"] == "restraint"
    assert found["wager"]["error"] == pytest.approx(0.05)
    assert found["simulation"]["draws"] == 200
    assert {each["would_show"] for each in found["unshown"]}


def test_the_same_seed_says_the_same(program: Program) -> None:
    first, again, other = (program.json("analyze", CREDIBLE, *DRAWS, "--seed", seed) for seed in ("1", "1", "2"))
    assert first == again
    assert first["simulation"] != other["simulation"]


class TestWords:
    @pytest.mark.parametrize("name", NOTIONS)
    def test_every_word_explains_itself_without_a_deal(self, program: Program, name: str) -> None:
        found = program.json("analyze", "--explain", name)
        assert all(found[key] for key in ("means", "formula", "source", "assumes"))
        assert name in program.ok("analyze", "--explain", name.upper().replace(" ", "-")).out

    def test_all_of_them(self, program: Program) -> None:
        assert {each["name"] for each in program.json("analyze", "--explain", "all")} == set(NOTIONS)

    def test_one_that_there_is_not(self, program: Program) -> None:
        assert "slack" in program.refused("analyze", "--explain", "slak", code=2)

    def test_without_a_deal_there_is_nothing_to_analyze(self, program: Program) -> None:
        assert "no document is named" in program.refused("analyze", code=2)


class TestTemplate:
    def test_pasted_and_filled_in_it_is_analyzed(self, program: Program) -> None:
        program.ok("new", "deal.yaml")
        block = program.ok("analyze", "deal.yaml", "--template").out
        path = Path("deal.yaml")
        path.write_text(path.read_text(encoding="utf-8") + "\n" + block, encoding="utf-8")
        found = program("analyze", "deal.yaml", *DRAWS, "--json").json
        assert found["missing"] == []

    def test_without_estimates_its_use_is_said(self, program: Program) -> None:
        assert "`pyledger analyze starter --template`" in " ".join(program("analyze", "starter").out.split())


class TestFiles:
    def test_charts(self, program: Program) -> None:
        found = program.json("analyze", CREDIBLE, *DRAWS, "--charts", "pictures")
        names = {Path(each).stem for each in found["charts"]}
        assert names == {"slack", "exposure", "bonds", "tornado", "steps"}
        assert all(Path(each).read_text(encoding="utf-8").startswith("<svg") for each in found["charts"])

    def test_charts_that_are_there_are_left_alone(self, program: Program) -> None:
        program.ok("analyze", CREDIBLE, *DRAWS, "--charts", "pictures")
        assert "is there already" in program.refused("analyze", CREDIBLE, *DRAWS, "--charts", "pictures", code=2)
        program.ok("analyze", CREDIBLE, *DRAWS, "--charts", "pictures", "--force")

    @pytest.mark.parametrize(
        ("name", "begins"),
        [("report.html", b"<!DOCTYPE html>"), ("report.pdf", b"%PDF-"), ("report.md", b"# Monitored"),
         ("report.txt", b"Monitored access")],
    )  # fmt: skip
    def test_the_ending_says_the_format(self, program: Program, name: str, begins: bytes) -> None:
        assert f"wrote {name}" in program.ok("analyze", CREDIBLE, *DRAWS, "--output", name).out
        assert Path(name).read_bytes().startswith(begins)
        assert "left as it is" in program.refused("analyze", CREDIBLE, *DRAWS, "--output", name, code=2)

    def test_a_page_goes_to_a_pipe(self, home: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        from pyledger.cli.app import run

        assert run(["analyze", CREDIBLE, *DRAWS, "--format", "html"]) == 0
        assert capfdbinary.readouterr().out.startswith(b"<!DOCTYPE html>")

    def test_a_place_that_cannot_be_written(self, program: Program) -> None:
        assert "cannot be written" in program.refused("analyze", CREDIBLE, *DRAWS, "--output", "no/such/r.md", code=2)


class TestProposal:
    def test_it_is_shown_and_nothing_is_written(self, program: Program, broken: str) -> None:
        before = Path(broken).read_bytes()
        said = program.ok("analyze", broken, *DRAWS, "--propose")
        assert "bond of host: 100,000,000 → 130,000,000 USDX" in said.out
        assert "nothing was written" in said.out
        assert Path(broken).read_bytes() == before
        assert [path.name for path in Path().iterdir()] == [broken]

    def test_written_it_is_what_was_shown_and_credible(self, program: Program, broken: str) -> None:
        shown = program.json("analyze", broken, *DRAWS, "--propose")
        program.ok("analyze", broken, *DRAWS, "--propose", "--output", "better.yaml")
        assert Path("better.yaml").read_text(encoding="utf-8") == shown["proposal"]["text"]
        assert program.ok("analyze", "better.yaml", *DRAWS).code == 0
        assert program("diff", broken, "better.yaml", "--json").json["changes"] == shown["diff"]["changes"]
        assert shown["after"]["credible"] is True

    def test_the_draft_itself_is_overwritten_only_if_that_is_asked_for(self, program: Program, broken: str) -> None:
        before = Path(broken).read_bytes()
        program.refused("analyze", broken, *DRAWS, "--propose", "--output", broken, code=2)
        assert Path(broken).read_bytes() == before
        program.ok("analyze", broken, *DRAWS, "--propose", "--output", broken, "--force")
        assert program.ok("analyze", broken, *DRAWS)

    def test_with_caution_all_draws_hold(self, program: Program, broken: str) -> None:
        found = program.json("analyze", broken, *DRAWS, "--propose", "--cautious")
        assert found["after"]["simulation"]["credible"] == 1

    def test_raised_only(self, program: Program, broken: str) -> None:
        found = program.json("analyze", broken, *DRAWS, "--propose", "--raise-only")
        assert [change["at"] for change in found["diff"]["changes"]] == ["phases.hosting.bonds.host"]

    def test_what_nobody_can_lock_in_is_done_in_steps(self, program: Program, broken: str) -> None:
        self.poor(broken, "50_000_000")
        said = program.ok("analyze", broken, *DRAWS, "--propose", "--output", "better.yaml")
        words = " ".join(said.out.split())
        assert "hosting is done in 3 steps, hosting-1, hosting-2 and hosting-3" in words
        assert "hosting is called hosting-1 now" in words
        assert program.ok("analyze", "better.yaml", *DRAWS)
        assert program.ok("check", "better.yaml")

    def test_what_nothing_mends_is_told_with_why_and_ends_with_1(self, program: Program, broken: str) -> None:
        self.poor(broken, "0", "reputation: 10_000_000", "reputation: 0")
        said = program("analyze", broken, *DRAWS, "--propose")
        assert said.code == 1
        words = " ".join(said.out.split())
        assert "host in hosting: slack −" in words
        assert "not bondable: it would take" in words
        assert "smaller steps: nothing that host has at stake there would hold it, however small the steps" in words
        found = program("analyze", broken, *DRAWS, "--propose", "--json").json["proposal"]
        assert {(each["party"], each["phase"]) for each in found["remaining"]} >= {("host", "hosting")}
        assert all(each["slack"] < 0 for each in found["remaining"])

    @staticmethod
    def poor(broken: str, wealth: str, old: str = "", new: str = "") -> None:
        text = Path(broken).read_text(encoding="utf-8").replace("wealth: 1_000_000_000", f"wealth: {wealth}")
        Path(broken).write_text(text.replace(old, new) if old else text, encoding="utf-8")

    def test_without_estimates_there_is_nothing_to_propose(self, program: Program) -> None:
        assert "`pyledger analyze starter --template`" in program.refused("analyze", "starter", "--propose", code=2)

    def test_of_a_credible_deal_it_says_that_lower_bonds_only_save_cost(self, program: Program, broken: str) -> None:
        only = "lowering them saves that cost, and does nothing else"
        assert only in " ".join(program.ok("analyze", CREDIBLE, *DRAWS, "--propose").out.split())
        assert program.json("analyze", CREDIBLE, *DRAWS, "--propose")["proposal"]["credible_before"] is True
        assert only not in " ".join(program.ok("analyze", CREDIBLE, *DRAWS, "--propose", "--raise-only").out.split())
        assert only not in " ".join(program("analyze", broken, *DRAWS, "--propose").out.split())

    @pytest.mark.parametrize("words", [("--cautious",), ("--raise-only",), ("--propose", "--format", "html")])
    def test_what_does_not_go_together(self, program: Program, words: tuple[str, ...]) -> None:
        program.refused("analyze", CREDIBLE, *words, code=2)


def test_hostile_words_reach_no_terminal(program: Program, broken: str) -> None:
    path = Path(broken)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("name: Host country", 'name: "[bold]x[/bold]"'), encoding="utf-8")
    assert json.loads(program("analyze", broken, *DRAWS, "--json").out)
    assert "\x1b" not in program("analyze", broken, *DRAWS).out
