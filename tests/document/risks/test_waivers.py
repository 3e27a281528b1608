"""A waiver silences its finding where it says, keeps its reason, and is told of when it silences nothing."""

from __future__ import annotations

import pytest

from pyledger.document import document_hash, loads
from pyledger.document.places import path_in
from pyledger.document.risks import DRAWN, RULES, Review, Risk, merge, review, risks
from tests.document.risks.test_rules import BASE

TWICE = BASE.replace("amendment: {objective_circumstances: true}\n", "").replace(", open_to: public", "")
"""Found here: CRE12 at `amendment` and SIG3 at `publication`, both notes."""

GRAVE = BASE.replace("standing: villages, seats: [elder], ", "")
"""Found here: MSH1 at `affected_groups.people`, an error."""


def waiving(text: str, *waivers: str) -> Review:
    document = loads(f"{text}\nwaivers: [{', '.join(waivers)}]\n")
    return review(document, risks(document))


def standing(found: Review) -> list[str]:
    return [risk.id for risk in found.standing]


def test_a_waived_finding_is_kept_with_its_reason_and_counts_no_more() -> None:
    found = waiving(TWICE, "{finding: CRE12, because: it is short}")
    assert standing(found) == ["SIG3"]
    assert [(waived.risk.id, waived.because) for waived in found.waived] == [("CRE12", "it is short")]


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        ("publication", True),
        ("publication.open_to", False),
        ("public", False),
        ("amendment", False),
    ],
)
def test_a_waiver_holds_at_its_place_and_below_it(at: str, holds: bool) -> None:
    found = waiving(TWICE, f"{{finding: SIG3, at: {at}, because: why not}}")
    assert ("SIG3" not in standing(found)) is holds
    assert ("WAI2" in standing(found)) is not holds


def test_a_waiver_of_a_phase_holds_for_all_that_is_in_it() -> None:
    text = BASE.replace("about: [security]", "about: [security]\n        cost_to_complete: 500")
    found = waiving(text, "{finding: CRE9, at: phases.opening, because: insured}")
    assert [path_in(loads(text), waived.risk.at) for waived in found.waived] == [
        "phases.opening.obligations.secured.cost_to_complete"
    ]


def test_an_error_may_be_waived_and_is_listed() -> None:
    assert review(loads(GRAVE), risks(loads(GRAVE))).fails()
    found = waiving(GRAVE, "{finding: MSH1, because: they chose to stay out}")
    assert not found.fails()
    assert [waived.risk.severity for waived in found.waived] == ["error"]


def test_warnings_fail_only_if_asked_to() -> None:
    found = waiving(BASE, "{finding: CRE12, because: it was there once}")
    assert standing(found) == ["WAI2"]
    assert not found.fails()
    assert found.fails(strict=True)


@pytest.mark.parametrize(
    ("word", "hint"), [("CRE55", "did you mean `CRE5`?"), ("x" * 150, "lists them"), ("cre5", "known")]
)
def test_a_waiver_of_nothing_known_is_itself_a_finding(word: str, hint: str) -> None:
    (only,) = waiving(BASE, f"{{finding: {word}, because: x}}").standing
    assert only.id == "WAI1"
    assert len(only.message) < 120
    assert hint in only.fix


def test_a_finding_of_a_waiver_cannot_be_waived() -> None:
    found = waiving(BASE, "{finding: WAI2, because: x}", "{finding: CRE12, because: x}")
    assert standing(found) == ["WAI2"]
    assert found.waived == ()


def test_findings_of_others_are_merged_and_waived_alike() -> None:
    at = ("phases", 1, "obligations", "halt")
    analysed = Risk("CRE1", "error", at, "breaking it pays", "raise the bond")
    document = loads(BASE)
    assert review(document, risks(document), [analysed]).fails()
    waived = loads(f"{BASE}\nwaivers: [{{finding: CRE1, at: phases.delivery, because: insured}}]\n")
    assert review(waived, risks(waived), [analysed]).waived[0].risk == analysed
    assert review(waived, risks(waived)).standing == ()  # nobody looked for it
    assert standing(review(waived, risks(waived), asked=RULES)) == ["WAI2"]  # somebody did


def test_merged_findings_come_gravest_first_and_once() -> None:
    note, error = Risk("SIG3", "info", ("a",), "x", "y"), Risk("CRE1", "error", ("b",), "x", "y")
    assert merge([note], [error, note]) == (error, note)


def test_waiving_changes_what_is_signed() -> None:
    waived = f"{BASE}\nwaivers: [{{finding: CRE12, because: x}}]\n"
    assert document_hash(loads(waived)) != document_hash(loads(BASE))


def test_rules_that_need_more_than_the_document_are_known_and_not_looked_for() -> None:
    assert {name for name in RULES if name not in DRAWN} == {"INS4", "CRE1", "CRE3", "CRE10", "WAI1", "WAI2"}
