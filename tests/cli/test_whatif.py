"""What a deal pays, whatever happens, as a negotiator asks for it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pyledger.cli import replay
from pyledger.document import gallery
from pyledger.terms.state import Status
from tests.cli.conftest import Program

MILLION = 10**6


def gains(found: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {each["who"]: each["amount"] for each in found["gains"]}


def test_lockerbie_as_it_happened(program: Program) -> None:
    found = program.json("whatif", "lockerbie-2003", "--that", "un-lift=met,us-lift=met")
    assert gains(found) == {"libya": "-2160000000.000000", "families": "2160000000.000000"}
    assert {each["obligation"]: each["verdict"] for each in found["verdicts"]} == {
        "un-lift": "met",
        "us-lift": "met",
        "us-delist": "lapsed",
    }
    libya = next(each for each in found["gains"] if each["who"] == "libya")
    assert (libya["pays_in"], libya["receives"]) == (str(2_700 * 10**12), str(540 * 10**12))


def test_every_outcome_has_its_row_and_the_best_and_worst_are_marked(program: Program) -> None:
    found = program.json("whatif", "lockerbie-2003")
    assert found["outcomes_in_all"] == len(found["outcomes"])
    assert found["histories"] == sum(each["ways"] for each in found["outcomes"])
    marked = {
        (each["who"], each["is"], each["amount"]) for one in found["outcomes"] for each in one["gains"] if "is" in each
    }
    assert marked == {
        ("libya", "best", "0.000000"),
        ("libya", "worst", "-2700000000.000000"),
        ("families", "best", "2700000000.000000"),
        ("families", "worst", "0.000000"),
    }
    (silent,) = (each for each in found["outcomes"] if each["silence"])
    assert silent["ends"] == "terminated"


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("name", ["lockerbie-2003", "model-access-three-steps", "windfall-coalition", "jcpoa-2015"])
def test_it_fits_its_screen_and_nothing_is_cut(
    program: Program, monkeypatch: pytest.MonkeyPatch, columns: int, name: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    said = program.ok("whatif", name).out
    assert max(map(len, said.splitlines())) <= columns
    assert "…" not in said
    numbers = {each["amount"] for one in program.json("whatif", name)["outcomes"][:24] for each in one["gains"]}
    for number in numbers:
        assert f"{abs(int(number.split('.')[0])):,}" in said


def test_many_outcomes_are_grouped_and_all_can_be_had(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    found = program.json("whatif", "windfall-coalition")
    said = program.ok("whatif", "windfall-coalition").out
    assert f"{found['outcomes_in_all'] - 24:,} more outcomes" in said
    assert "lab-east in default" in said
    assert "best and worst" in said
    assert sum(each["outcomes"] for each in found["groups"]) == found["outcomes_in_all"]
    everything = program.ok("whatif", "windfall-coalition", "--all").out
    assert "more outcomes" not in everything
    assert f"  {found['outcomes_in_all']:,}  " in everything


def test_one_party_sees_its_own_best_first(program: Program) -> None:
    found = program.json("whatif", "model-access-three-steps", "--party", "south")["outcomes"]
    amounts = [int(one["gains"][0]["smallest"]) for one in found]
    assert amounts == sorted(amounts, reverse=True)
    assert {each["who"] for one in found for each in one["gains"]} == {"south"}
    assert "did you mean `south`?" in program.refused("whatif", "model-access-three-steps", "--party", "soth", code=2)


def test_who_forfeits_is_said(program: Program) -> None:
    said = program.ok("whatif", "model-access-three-steps", "--that", "no-large-run=breached").out
    assert "south forfeits 41,000,000 USDX of its bond." in said
    assert "The deal is terminated." in said


def test_a_scenario_file_and_its_errors(program: Program) -> None:
    Path("story.yaml").write_text(
        "steps:\n  - {met: un-lift, at: 30 days}\n  - {breached: us-lift}\n", encoding="utf-8"
    )
    assert (
        gains(program.json("whatif", "lockerbie-2003", "--scenario", "story.yaml"))["families"] == "1350000000.000000"
    )
    Path("story.yaml").write_text("steps:\n  - {met: un-lift, at: 900 days}\n", encoding="utf-8")
    said = program.refused("whatif", "lockerbie-2003", "--scenario", "story.yaml")
    assert "story.yaml:2:" in said
    assert "(556 days after the phase opened)" in said
    assert "cannot be read" in program.refused("whatif", "lockerbie-2003", "--scenario", "nowhere.yaml")


def test_options_that_contradict_each_other(program: Program) -> None:
    both = ("--that", "un-lift=met", "--scenario", "story.yaml")
    assert "are both given" in program.refused("whatif", "lockerbie-2003", *both, code=2)
    drawn = ("--that", "un-lift=met", "--picture", "p.svg")
    assert "draws all outcomes" in program.refused("whatif", "lockerbie-2003", *drawn, code=2)
    assert "this cannot happen" in program.refused("whatif", "forest-guyana-norway", "--that", "loss-2012=met", code=2)


def test_the_picture_tells_the_numbers(program: Program) -> None:
    program.ok("whatif", "lockerbie-2003", "--picture", "outcomes.svg")
    said = " ".join(ET.parse("outcomes.svg").getroot().itertext())
    for words in ("everything is kept", "+2,160,000,000", "−1,350,000,000", "libya (USDX)", "worst"):
        assert words in said
    assert "cannot be written" in program.refused("whatif", "lockerbie-2003", "--picture", "no/where.svg", code=2)


def test_a_picture_takes_the_place_of_nothing(program: Program) -> None:
    program.ok("new", "deal.yaml")
    before = Path("deal.yaml").read_bytes()
    assert "is there already" in program.refused("whatif", "deal.yaml", "--picture", "deal.yaml", code=2)
    assert Path("deal.yaml").read_bytes() == before
    for words in ((), ("--force",)):
        program.ok("whatif", "deal.yaml", "--picture", "outcomes.svg", *words)


def test_a_hostile_document_draws_and_prints_harmlessly(program: Program) -> None:
    title = "</title><script>x</script> & " + "long " * 30
    text = gallery.read("lockerbie-2003").replace(
        "title: Pan Am 103 settlement, Libya and the families, 2003", f"title: '{title}'"
    )
    Path("deal.yaml").write_text(text, encoding="utf-8")
    program.ok("whatif", "deal.yaml", "--picture", "outcomes.svg")
    assert "<script" not in Path("outcomes.svg").read_text(encoding="utf-8")
    assert ET.parse("outcomes.svg").getroot().tag.endswith("svg")


def test_a_chosen_history_is_equal_on_a_chain(program: Program) -> None:
    found = program.json("whatif", "lockerbie-2003", "--that", "un-lift=met", "--on-chain")
    assert found["on_chain"] == {"equal": True, "transactions": 6, "differences": []}


def test_court_extension_and_dissolution_are_equal_on_a_chain(program: Program) -> None:
    stories = {
        "forest-guyana-norway": "steps: [{breached: loss-2012}, {challenge: loss-2012, by: villages, at: 10 days},"
        " {ruling: met, at: 20 days}, {met: loss-2013, value: 0.2}]",
        "lockerbie-2003": "steps: [{met: un-lift}, {extend: us-lift, to: 700 days}, {met: us-lift, at: 600 days},"
        " {dissolve: {usd: {libya: 75%, families: 25%}}}]",
        "windfall-coalition": "absent: [lab-south]\nsteps: [{join: lab-south}, {concede: south-books-2}]",
    }
    for name, text in stories.items():
        Path("story.yaml").write_text(text, encoding="utf-8")
        found = program.json("whatif", name, "--scenario", "story.yaml", "--on-chain")
        assert found["on_chain"]["equal"], found["on_chain"]


def test_a_difference_is_noticed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    play = replay.Theatre.play

    def wrong(house: replay.Theatre, acts: object, status: Status, gained: dict[tuple[str, str], int]) -> object:
        return play(house, acts, status, {**gained, ("families", "usd"): 1})  # type: ignore[arg-type]

    monkeypatch.setattr(replay.Theatre, "play", wrong)
    said = program("whatif", "lockerbie-2003", "--that", "un-lift=met", "--on-chain")
    assert said.code == 1
    assert "families: +0.000001 USDX by the model, +1,350,000,000 USDX on the chain" in said.out
    assert "this is a defect of pyledger" in said.out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("windfall-pledge", "Everybody acts as soon as it can. One history"),
        ("lockerbie-2003", "Not gone through: what all members may agree on later."),
        ("forest-guyana-norway", "Not gone through: rulings of the court, what all members may agree on later."),
        ("windfall-coalition", "Not gone through: two parties that leave payments unfunded in one phase, what all"),
    ],
)
def test_it_says_what_it_does_not_go_through(program: Program, name: str, said: str) -> None:
    assert said in program.ok("whatif", name).out


def test_help_says_what_it_does_not_go_through(program: Program) -> None:
    said = " ".join(program.ok("whatif", "--help").out.split())
    for each in ("two parties that leave payments unfunded", "rulings of a court", "what all members may agree on"):
        assert each in said


def test_one_history_says_which_verdicts_nobody_gave(program: Program) -> None:
    """Whoever asks about one default is told what silence adds to it, and that what the end cut off is not silence."""
    program.ok("new", "deal.yaml")
    deal = Path("deal.yaml")
    words = deal.read_text(encoding="utf-8")
    deal.write_text(words.replace("id: bridge\n", "id: bridge\n    bonds: {builder: 200_000}\n"), encoding="utf-8")
    found = program.json("whatif", "deal.yaml", "--that", "foundations-laid=met,builder=default@bridge")
    silence = {each["obligation"]: (each["verdict"], each["silence"]) for each in found["verdicts"]}
    assert silence == {
        "foundations-laid": ("met", False),
        "bridge-open": ("lapsed", False),
        "road-kept-clear": ("lapsed", False),
    }
    lines = program.ok("whatif", "starter", "--that", "foundations-laid=met").out.splitlines()
    said = [line.split(maxsplit=2)[-1].split() for line in lines if line.startswith(("  foundations ", "  bridge "))]
    assert said == [["met"], ["breached", "by", "silence"], ["met", "by", "silence"]]


def test_an_outcome_that_is_reached_in_two_phases_ends_in_both(program: Program) -> None:
    outcomes = program.json("whatif", "starter")["outcomes"]
    (both,) = (each for each in outcomes if each["or"] and each["what"].startswith("foundations: city did not fund"))
    lapsed = "foundations: foundations-laid lapsed; bridge: city did not fund second-half, which ends the deal"
    assert both["or"] == [lapsed]
    assert both["where"] == "terminated in foundations or bridge"
