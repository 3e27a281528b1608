"""`check`: findings with their places, waivers written into the document, and what programs read of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from pyledger.cli.sarif import Artifact, sarif
from pyledger.document.risks import RULES
from pyledger.errors import Finding
from tests.cli.conftest import Program

BASE = (Path(__file__).parents[1] / "document" / "risks" / "base.yaml").read_text(encoding="utf-8")
GRAVE = BASE.replace("standing: villages, seats: [elder], ", "")
"""With an error: affected people whom nobody hears."""
STEEP = BASE.replace("second: {from: north, to: south, amount: 100", "second: {from: north, to: south, amount: 900")
"""With a warning: one step that carries most of the value."""


@pytest.fixture
def deal(program: Program) -> Path:
    """A file in which check finds what its test writes there."""
    return Path("deal.yaml")


def written(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    return str(file)


def line_of(text: str, words: str) -> int:
    (line,) = (number for number, each in enumerate(text.split("\n"), start=1) if words in each)
    return line


def test_nothing_is_found_where_nothing_is(program: Program, deal: Path) -> None:
    said = program.ok("check", written(deal, BASE), "--strict")
    assert "no errors; document 0x" in said.out
    assert "warnings" not in said.out


def test_an_error_fails_and_says_where_why_and_how_to_mend(program: Program, deal: Path) -> None:
    said = program("check", written(deal, GRAVE))
    assert (said.code, said.err) == (1, "")
    assert f"affected_groups.people, deal.yaml:{line_of(GRAVE, '  people:')}:11" in said.out
    assert "`people` sits on no panel and has no standing" in said.out
    assert "mend: seat somebody of theirs" in said.out
    assert "1 error; document 0x" in said.out


def test_a_warning_fails_only_if_asked_to(program: Program, deal: Path) -> None:
    assert "no errors, 1 warning; document" in program.ok("check", written(deal, STEEP)).out
    assert program("check", str(deal), "--strict").code == 1
    assert program.json("check", str(deal))["ok"] is True


def test_findings_alone(program: Program, deal: Path) -> None:
    out = program.ok("check", written(deal, STEEP), "--quiet").out
    assert "CRE5" in out
    assert "South halts" not in out


def test_a_program_reads_every_finding(program: Program, deal: Path) -> None:
    said = program("check", written(deal, GRAVE), "--json")
    assert said.code == 1
    assert said.json["ok"] is False
    (only,) = said.json["findings"]
    assert only["fix"]
    assert {key: only[key] for key in ("id", "severity", "path", "line", "waived")} == {
        "id": "MSH1",
        "severity": "error",
        "path": "affected_groups.people",
        "line": line_of(GRAVE, "  people:"),
        "waived": None,
    }
    assert program("check", str(deal), "--format", "json").json == said.json


def test_errors_of_reading_are_json_too_if_the_format_is(program: Program, deal: Path) -> None:
    for words in (("--format", "json"), ("--format=json",), ("--json",)):
        said = program("check", written(deal, "pyledger: 1\n"), *words)
        assert (said.code, said.err) == (1, "")
        assert said.json["error"]["kind"] == "DocumentError"


def test_benefits_are_classed_with_what_would_change_it(program: Program, deal: Path) -> None:
    text = BASE.replace("offence_defence: neutral", "offence_defence: offence")
    assert program.json("check", written(deal, text))["benefits"] == [
        {"name": "access", "class": "power", "because": ["P2"], "flips": [{"offence_defence": "neutral"}]}
    ]
    out = program.ok("check", str(deal)).out
    assert "P2: serves offence" in out
    assert "offence_defence: neutral" in out


def test_estimates_speak_in_check_too(program: Program, deal: Path) -> None:
    tempted = (
        "estimates: {asset: usd, panels: {council: {detection: 50%}}, phases: {delivery: {south: {temptation: 9_000}}}}"
    )
    found = program("check", written(deal, f"{BASE}\n{tempted}\n"), "--json")
    assert "CRE1" in [each["id"] for each in found.json["findings"]]
    assert found.code == 1


# Waiving


def test_a_waiver_is_written_into_the_document_and_holds(program: Program, deal: Path) -> None:
    before = GRAVE.replace("title: Access", "# on the table since March\ntitle:   Access")
    out = program.ok("check", written(deal, before), "--waive", "MSH1", "--because", "they stay out: their choice").out
    after = deal.read_text(encoding="utf-8")
    added = 'waivers:\n  - {finding: MSH1, at: affected_groups.people, because: "they stay out: their choice"}\n'
    assert after == before + added
    assert "because: they stay out: their choice" in out
    assert "no errors; 1 waived; document" in out
    (only,) = program.json("check", str(deal))["findings"]
    assert only["waived"] == "they stay out: their choice"


def test_waiving_again_changes_nothing(program: Program, deal: Path) -> None:
    words = ("check", written(deal, GRAVE), "--waive", "msh1", "--because", "their choice")
    program.ok(*words)
    once = deal.read_bytes()
    program.ok(*words)
    assert deal.read_bytes() == once


def test_waiving_again_for_another_reason_is_refused(program: Program, deal: Path) -> None:
    program.ok("check", written(deal, GRAVE), "--waive", "MSH1", "--because", "their choice")
    once = deal.read_bytes()
    said = program.refused("check", str(deal), "--waive", "MSH1", "--because", "they are heard elsewhere", code=2)
    assert "MSH1 is waived already, because: their choice" in said
    assert deal.read_bytes() == once


@pytest.fixture
def bundle(program: Program, deal: Path) -> str:
    """The starter in a bundle."""
    program.ok("new", str(deal))
    page = (Path(__file__).parents[2] / "docs" / "bindings.md").read_text(encoding="utf-8")
    Path("bindings.yaml").write_text(page.split("```yaml\n", 1)[1].split("```", 1)[0], encoding="utf-8")
    program.ok("bundle", str(deal), "--bindings", "bindings.yaml", "--output", "bundle.json")
    return "bundle.json"


def test_a_bundle_is_not_written_over(program: Program, bundle: str) -> None:
    before = Path(bundle).read_bytes()
    (found, *_) = program.json("check", bundle)["findings"]
    words = ("--waive", found["id"], "--at", found["path"], "--because", "x")
    assert "is a bundle" in program.refused("check", bundle, *words, code=2)
    assert Path(bundle).read_bytes() == before


def test_of_several_one_is_chosen_by_its_place(program: Program, deal: Path) -> None:
    text = BASE.replace("about: [security]", "about: [security]\n        cost_to_complete: 500").replace(
        "about: [safety]", "about: [safety]\n        cost_to_complete: 501"
    )
    words = ("check", written(deal, text), "--waive", "CRE9", "--because", "insured")
    assert "CRE9 is found at 2 places" in program.refused(*words, code=2)
    at = "phases.delivery.obligations.safety.cost_to_complete"
    program.ok(*words, "--at", at)
    assert [each["path"] for each in program.json("check", str(deal))["findings"] if each["waived"]] == [at]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--waive", "MSH1"), "a waiver needs a reason"),
        (("--waive", "MSH1", "--because", " "), "a waiver needs a reason"),
        (("--waive", "MSH11", "--because", "x"), "did you mean `MSH1`?"),
        (("--waive", "CRE5", "--because", "x"), "CRE5 is not found in this document"),
        (("--waive", "MSH1", "--at", "phases", "--because", "x"), "it is found at: affected_groups.people"),
        (("--waive", "WAI2", "--because", "x"), "cannot be waived"),
        (("--because", "x"), "belong to --waive"),
    ],
)
def test_what_cannot_be_waived_is_said_and_nothing_written(
    program: Program, deal: Path, words: tuple[str, ...], says: str
) -> None:
    assert says in program.refused("check", written(deal, GRAVE), *words, code=2)
    assert deal.read_text(encoding="utf-8") == GRAVE


def test_a_gallery_document_is_not_written_to(program: Program) -> None:
    err = program.refused("check", "starter", "--waive", "CRE5", "--because", "x", code=2)
    assert "no file that could be changed" in err


def test_what_a_waiver_says_cannot_break_out_of_it(program: Program, deal: Path) -> None:
    reason = 'x"} \n- {finding: CRE5} # \\ [red]'
    program.ok("check", written(deal, GRAVE), "--waive", "MSH1", "--because", reason)
    (only,) = program.json("check", str(deal))["findings"]
    assert only["waived"] == 'x"} - {finding: CRE5} # \\ [red]'


def test_a_file_that_cannot_be_written_stays_as_it_is(
    program: Program, deal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    words = ("check", written(deal, GRAVE), "--waive", "MSH1", "--because", "x")
    monkeypatch.setattr(Path, "replace", full)
    assert "it is as it was" in program.refused(*words, code=2)
    assert [each.name for each in Path().iterdir()] == ["deal.yaml"]
    assert deal.read_text(encoding="utf-8") == GRAVE


def test_a_byte_order_mark_and_line_ends_stay(program: Program, deal: Path) -> None:
    deal.write_bytes(b"\xef\xbb\xbf" + GRAVE.replace("\n", "\r\n").encode())
    program.ok("check", str(deal), "--waive", "MSH1", "--because", "x")
    content = deal.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf# A deal")
    assert content.count(b"\n") == content.count(b"\r\n")


def test_a_link_stays_a_link(program: Program, deal: Path) -> None:
    Path("drafts").mkdir()
    written(Path("drafts/one.yaml"), GRAVE)
    deal.symlink_to("drafts/one.yaml")
    program.ok("check", str(deal), "--waive", "MSH1", "--because", "x")
    assert deal.is_symlink()
    assert "waivers:" in Path("drafts/one.yaml").read_text(encoding="utf-8")


# Explaining


def test_every_rule_is_explained(program: Program) -> None:
    assert [each["id"] for each in program.json("check", "--explain", "all")] == list(RULES)
    out = program.ok("check", "--explain", "cre5").out
    assert RULES["CRE5"].title in out
    assert "Six-Party" in out
    assert program.json("check", "--explain", "CRE1")["drawn_from"] == "analysis"


def test_what_is_no_rule_is_not_explained(program: Program) -> None:
    assert "did you mean `CRE5`?" in program.refused("check", "--explain", "cre55", code=2)
    assert "`pyledger check --explain all` lists them" in program.refused("check", "--explain", "XXX", code=2)
    assert "Missing argument 'DEAL'" in program.refused("check", code=2)


# Layout


@pytest.mark.parametrize("width", ["80", "200"])
def test_no_line_is_wider_than_the_screen(
    program: Program, deal: Path, width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    text = STEEP.replace("offence_defence: neutral", "offence_defence: offence").replace(
        "within: 60 days\n        d", "within: 60 days\n        needs: treaty\n        d", 1
    )
    out = program.ok("check", written(deal, text)).out
    hashes = [line for line in out.split("\n") if "; document 0x" in line]
    assert len(hashes) == 1
    assert all(len(line) <= int(width) for line in out.split("\n") if line not in hashes)


# SARIF


LEVELS: Final = {"none", "note", "warning", "error"}


def is_sarif(log: Any) -> None:
    """What the schema of SARIF 2.1.0 requires of the parts that are used here, and allows in them."""
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert set(run) == {"tool", "columnKind", "results"}
    assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
    driver = run["tool"]["driver"]
    assert set(run["tool"]) == {"driver"}
    assert set(driver) == {"name", "version", "rules"}
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    for rule in driver["rules"]:
        assert set(rule) == {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"}
        assert rule["name"].isalnum()
        assert rule["defaultConfiguration"]["level"] in LEVELS
        assert set(rule["help"]) == {"text", "markdown"}
        assert all(set(rule[key]) == {"text"} for key in ("shortDescription", "fullDescription"))
    for result in run["results"]:
        is_result(result, driver["rules"])


def is_result(result: Any, rules: list[Any]) -> None:
    assert set(result) == {"ruleId", "ruleIndex", "level", "message", "locations", "suppressions"}
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in LEVELS
    assert result["message"]["text"]
    for held in result["suppressions"]:
        assert held["kind"] in {"inSource", "external"}
        assert set(held) == {"kind", "justification"}
    (location,) = result["locations"]
    assert set(location) <= {"physicalLocation", "logicalLocations"}
    physical = location["physicalLocation"]
    assert set(physical) <= {"artifactLocation", "region"}
    assert " " not in physical["artifactLocation"]["uri"]
    if "region" in physical:
        assert set(physical["region"]) == {"startLine", "startColumn"}
        assert min(physical["region"].values()) >= 1


def test_sarif_holds_rules_places_levels_and_waivers(program: Program, deal: Path) -> None:
    text = STEEP + "\nwaivers: [{finding: CRE5, because: insured}]\n"
    text = text.replace("standing: villages, seats: [elder], ", "")
    said = program("check", written(deal, text), "--format", "sarif")
    assert said.code == 1
    log = json.loads(said.out)
    is_sarif(log)
    (run,) = log["runs"]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {"DOC1", *RULES}
    error, waived = run["results"]
    assert (error["ruleId"], error["level"], error["suppressions"]) == ("MSH1", "error", [])
    place = error["locations"][0]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "deal.yaml"},
        "region": {"startLine": line_of(text, "  people:"), "startColumn": 11},
    }
    assert place["logicalLocations"] == [{"fullyQualifiedName": "affected_groups.people"}]
    assert (waived["ruleId"], waived["suppressions"]) == ("CRE5", [{"kind": "inSource", "justification": "insured"}])


def test_a_document_that_cannot_be_read_is_sarif_too(program: Program, deal: Path) -> None:
    said = program(
        "check",
        written(deal, BASE.replace("by: north\n        what: North opens", "by: nroth\n        what: North opens")),
        "--format",
        "sarif",
    )
    assert (said.code, said.err) == (1, "")
    log = json.loads(said.out)
    is_sarif(log)
    (only,) = log["runs"][0]["results"]
    assert only["ruleId"] == "DOC1"
    assert "did you mean `north`?" in only["message"]["text"]


def test_no_finding_is_sarif_without_results(program: Program, deal: Path) -> None:
    log = json.loads(program.ok("check", written(deal, BASE), "--format", "sarif").out)
    is_sarif(log)
    assert log["runs"][0]["results"] == []


def test_sarif_of_a_bundle_names_its_file_and_the_place_in_the_document(
    program: Program, bundle: str, deal: Path
) -> None:
    log = json.loads(program("check", bundle, "--format", "sarif").out)
    is_sarif(log)
    found = program.json("check", str(deal))["findings"]
    assert found
    for result, finding in zip(log["runs"][0]["results"], found, strict=True):
        (place,) = result["locations"]
        assert place["physicalLocation"] == {"artifactLocation": {"uri": bundle}}
        assert place["logicalLocations"] == [{"fullyQualifiedName": finding["path"]}]
        where = f"(line {finding['line']}, column {finding['column']} of the document in the bundle)"
        assert where in result["message"]["text"]


def test_sarif_of_the_gallery_names_no_file(program: Program) -> None:
    log = json.loads(program.ok("check", "windfall-pledge", "--format", "sarif").out)
    places = [each["locations"][0]["physicalLocation"] for each in log["runs"][0]["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"gallery:windfall-pledge"}


def test_sarif_names_files_as_uris_and_makes_no_links() -> None:
    finding = Finding("found [this](https://example.org)", "", 1, 1)
    log = sarif(Artifact("a deal [1].yaml"), "1", RULES, (), [finding])
    is_sarif(log)
    (result,) = log["runs"][0]["results"]
    assert result["message"]["text"] == "found \\[this](https://example.org)."
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "a%20deal%20%5B1%5D.yaml"}
    absolute = sarif(Artifact("/deals/a b.yaml"), "1", RULES, (), [finding])["runs"][0]["results"][0]
    assert absolute["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///deals/a%20b.yaml"}


def test_hostile_names_do_nothing_to_a_terminal(program: Program, deal: Path) -> None:
    text = BASE.replace("South halts its large", "South [bold] wins [/bold] </td>\u200d its large")
    out = program.ok("check", written(deal, text)).out
    assert 'speaks of a contest: "wins"' in out
    assert "South [bold] wins [/bold] </td>" in out
