"""Parts of a document repeated, left out and renamed by program: what was meant changes, and all else stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pyledger.document import gallery
from pyledger.document.load import read_draft
from pyledger.document.problem import Location
from pyledger.document.splice import Edit, Leave, Put, Rename, Repeat, splice
from pyledger.errors import DocumentError, UsageError

DEAL = """\
pyledger: 1
title: Two steps
assets: {usd: {symbol: USDX, decimals: 6}}
parties: {a: {name: A}, b: {name: B}}
panels: {seers: {verifiers: [one], threshold: 1}}
join_within: 1 day
long_stop_after: 9 years
phases:
  # What comes first.
  - id: first  # of two
    obligations:
      # The work itself.
      work: {by: a, what: works, within: 30 days, decided_by: seers, if_silent: breach}
      # And what is left.
      rest: {by: a, what: "tidies: all of it", within: 30 days, decided_by: seers, if_silent: breach}
    payments:
      wage: {from: b, to: a, amount: 10, asset: usd, when: {work: met}, fund_within: 1 day}
  # What comes last.
  - id: second
    obligations:
      thanks: {by: b, what: thanks, within: 1 day, decided_by: seers, if_silent: breach}
estimates:
  asset: usd
  phases: {first: {a: {cost: 3, value: 8}}, second: {b: {cost: 1}}}
"""
FIRST: Location = ("phases", 0)
STAKES: Location = ("estimates", "phases", "first")


def spliced(*edits: Edit, text: str = DEAL) -> str:
    return splice(read_draft(text, file="deal.yaml"), edits).text


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [each for each in old if each not in new], [each for each in new if each not in old]


def test_a_phase_twice_each_with_its_own_changes_and_the_comments_of_both() -> None:
    wage: Location = (*FIRST, "payments", "wage")
    copies: tuple[Sequence[Edit], ...] = tuple(
        [Put((*FIRST, "id"), f"first-{n}"), Put((*wage, "amount"), n + 3), Leave((*FIRST, "obligations", "rest"))]
        for n in (1, 2)
    )
    stakes: tuple[Sequence[Edit], ...] = tuple(
        [Rename(STAKES, f"first-{n}"), Put((*STAKES, "a", "value"), 4)] for n in (1, 2)
    )
    after = spliced(Repeat(FIRST, copies), Repeat(STAKES, stakes))
    lines = after.splitlines()
    assert [line for line in lines if "- id:" in line] == [
        "  - id: first-1  # of two", "  - id: first-2  # of two", "  - id: second",
    ]  # fmt: skip
    assert lines.count("  # What comes first.") == 1
    assert lines.count("      # The work itself.") == 2
    assert "rest" not in after
    assert "What is left" not in after
    assert "amount: 4," in after
    assert "amount: 5," in after
    shared = "{a: {cost: 3, value: 4}}"
    assert lines[-1] == f"  phases: {{first-1: {shared}, first-2: {shared}, second: {{b: {{cost: 1}}}}}}"


def test_what_is_left_out_takes_the_comment_above_it_along_and_nothing_else() -> None:
    gone, new = changed(DEAL, spliced(Leave((*FIRST, "obligations", "work")), Leave((*FIRST, "payments"))))
    assert [line.strip()[:6] for line in gone] == ["# The ", "work: ", "paymen", "wage: "]
    assert new == []


@pytest.mark.parametrize(
    ("names", "left"),
    [(("cost",), "{value: 8}"), (("value",), "{cost: 3}")],
)
def test_out_of_braces_too(names: tuple[str, ...], left: str) -> None:
    after = spliced(*(Leave((*STAKES, "a", name)) for name in names))
    assert f"first: {{a: {left}}}" in after


def test_the_only_entry_cannot_be_left_out() -> None:
    with pytest.raises(UsageError, match="nothing would be left beside it"):
        spliced(Leave((*STAKES, "a", "cost")), Leave((*STAKES, "a", "value")))


def test_a_name_and_what_stands_under_it() -> None:
    thanks: Location = ("phases", 1, "obligations", "thanks")
    gone, new = changed(DEAL, spliced(Rename(thanks, "praise"), Put((*thanks, "within"), "2 days")))
    assert gone == ["      thanks: {by: b, what: thanks, within: 1 day, decided_by: seers, if_silent: breach}"]
    assert new == ["      praise: {by: b, what: thanks, within: 2 days, decided_by: seers, if_silent: breach}"]


def test_what_is_no_document_afterwards_is_refused_with_all_that_is_wrong() -> None:
    with pytest.raises(DocumentError) as refused:
        spliced(Rename((*FIRST, "obligations", "work"), "labour"))
    assert "work" in str(refused.value)


def test_what_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(UsageError, match="no such entry"):
        spliced(Leave(("phases", 7)))


def test_a_text_without_an_end_of_line() -> None:
    last: Location = ("phases", 1)
    text = DEAL[: DEAL.index("estimates:")].rstrip("\n")
    after = spliced(Repeat(last, ([], [Put((*last, "id"), "third")])), text=text)
    assert after.endswith("if_silent: breach}\n")
    assert after.count("thanks: {by: b") == 2


@pytest.mark.parametrize("name", gallery.names())
def test_every_phase_of_the_gallery_can_stand_twice(name: str) -> None:
    draft = read_draft(gallery.read(name), file=name)
    phases: Any = draft.root.plain()
    for index, phase in enumerate(phases["phases"]):
        at: Location = ("phases", index)
        more = Put(("long_stop",), "9999-12-31") if "long_stop" in phases else Put(("long_stop_after",), "130 years")
        after = splice(draft, [more, Repeat(at, ([], [Put((*at, "id"), f"{phase['id']}-again")]))])
        assert len(after.document.phases) == len(draft.document.phases) + 1
        assert after.document.phases[index + 1].obligations == draft.document.phases[index].obligations
