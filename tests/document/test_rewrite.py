"""Changing a document by program: what was meant changes, and every comment, quote and blank stays."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from pyledger.document import document_hash, loads
from pyledger.document.problem import Location
from pyledger.document.rewrite import append, set_value, set_values, written
from pyledger.document.tree import read_tree
from pyledger.errors import UsageError

WHOLE = (Path(__file__).parent / "whole.yaml").read_text(encoding="utf-8")
STARTER = (Path(__file__).parents[2] / "pyledger" / "cli" / "starter.yaml").read_text(encoding="utf-8")


def plain(text: str) -> Any:
    return read_tree(text, "deal.yaml")[0].plain()


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.split("\n"), after.split("\n")
    return [each for each in old if each not in new], [each for each in new if each not in old]


@pytest.mark.parametrize(
    ("at", "value", "old", "new"),
    [
        (
            ("phases", 0, "obligations", "foundations-laid", "within"),
            "90 days",
            ["        within: 60 days"],
            ["        within: 90 days"],
        ),
        (
            ("phases", 0, "obligations", "foundations-laid", "forfeit"),
            "62.5%",
            ["        forfeit: 50%        # of the builder's bond"],
            ["        forfeit: 62.5%        # of the builder's bond"],
        ),
        (
            ("parties", "city", "bond", "amount"),
            Decimal("80000.5"),
            ["    bond: {amount: 50_000, asset: usd}"],
            ["    bond: {amount: 80_000.5, asset: usd}"],
        ),
        (
            ("title",),
            "A bridge: rebuilt",
            ["title: A rebuilt bridge, paid in two steps"],
            ['title: "A bridge: rebuilt"'],
        ),
        (("phases", 1, "obligations", "bridge-open", "material"), True, [], ["        material: true"]),
        (
            ("assets", "usd", "name"),
            "Token",
            [STARTER.split("\n")[12]],
            ["  usd: {symbol: USDX, decimals: 6, name: Token}"],
        ),
        (("publication", "open_to"), "public", [], ["publication: {open_to: public}"]),
        (
            ("engineers", "x"),
            1,
            [],
            ["engineers: {x: 1}"],
        ),
    ],
)
def test_one_value_changes_and_its_line_alone(at: Location, value: object, old: list[str], new: list[str]) -> None:
    assert changed_lines(STARTER, set_value(STARTER, at, value)) == (old, new)


def test_a_list_is_begun_and_then_grows() -> None:
    first = append(STARTER, ("waivers",), {"finding": "CRE5", "because": "it is insured"})
    assert first == STARTER + "waivers:\n  - {finding: CRE5, because: it is insured}\n"
    second = append(first, ("waivers",), {"finding": "SIG3", "because": "as usual"})
    assert second == first + "  - {finding: SIG3, because: as usual}\n"
    assert [waiver.finding for waiver in loads(second).waivers] == ["CRE5", "SIG3"]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a: [x, y] # why\n", "a: [x, y, z] # why\n"),
        ("a: []\n", "a: [z]\n"),
        ("a: [x,\n  y,  # last\n]\nb: 1\n", "a: [x,\n  y, z  # last\n]\nb: 1\n"),
        ("a:\n- x  # one\n\n# of b\nb: 1\n", "a:\n- x  # one\n- z\n\n# of b\nb: 1\n"),
        ("a:\n    - x\n    - |\n      text\n\n\nb: 1", "a:\n    - x\n    - |\n      text\n    - z\n\n\nb: 1"),
        ("a:\r\n  - x\r\n", "a:\r\n  - x\r\n  - z\r\n"),
        ("b: 1\na:\n  - x", "b: 1\na:\n  - x\n  - z\n"),
    ],
)
def test_lists_grow_where_they_end_however_they_are_laid_out(text: str, after: str) -> None:
    assert append(text, ("a",), "z") == after


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("a:\n  b: 1  # kept\n  c: 2\n", ("a",), 3),
        ("a: [1, # kept\n  2]\n", ("a",), 3),
        ("a: >  # kept\n  text\n", ("a",), "new"),
        ("a: 1\n", ("a", "b"), 3),
        ("a: [1]\n", ("a", 1), 3),
        ("a: [1]\n", ("a", "b"), 3),
        ("a: 1\n", ("b", 0), 3),
        ("a: 1\n", ("a",), 1.5),
    ],
    ids=[
        "comment",
        "comment in list",
        "comment at text",
        "no mapping",
        "no entry",
        "key of a list",
        "no list",
        "float",
    ],
)
def test_what_would_lose_something_is_refused(text: str, at: Location, value: object) -> None:
    with pytest.raises(UsageError):
        set_value(text, at, value)


@pytest.mark.parametrize(("text", "at"), [("a: 1\n", ("a",)), ("a: {b: 1}\n", ("a",)), ("a: 1\n", ("a", "b", "c"))])
def test_what_is_no_list_does_not_grow(text: str, at: Location) -> None:
    with pytest.raises(UsageError):
        append(text, at, "z")


def test_a_document_with_errors_is_left_alone() -> None:
    with pytest.raises(UsageError, match="written twice"):
        set_value("a: 1\na: 2\n", ("a",), 3)


def test_a_block_is_replaced_beside_its_key() -> None:
    assert set_value("a:\n  b: 1\n  c: 2\n# after\nd: 3\n", ("a",), {"e": [1, True]}) == (
        "a: {e: [1, true]}\n# after\nd: 3\n"
    )
    assert set_value("a:\n- b: 1\n- c\n", ("a", 0), "x") == "a:\n- x\n- c\n"


def leaves(data: object, at: Location = ()) -> Iterator[Location]:
    if isinstance(data, dict | list):
        for step, each in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(each, (*at, step))
    else:
        yield at


def lists(data: object, at: Location = ()) -> Iterator[Location]:
    if isinstance(data, dict | list):
        if isinstance(data, list):
            yield at
        for step, each in data.items() if isinstance(data, dict) else enumerate(data):
            yield from lists(each, (*at, step))


def comments(text: str) -> list[str]:
    return [
        line.partition(" #")[2] if " #" in line else line
        for line in text.split("\n")
        if " #" in line or line[:1] == "#"
    ]


def at_place(data: Any, at: Location) -> Any:
    for step in at:
        data = data[step]
    return data


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=30)
VALUES = (
    TEXTS
    | st.sampled_from(["yes", "null", "1", "1_000", "5%", "14 days", "#", "a: b", "- x", "&a", "2027-01-31", "a b"])
    | st.integers(0, 10**12)
    | st.booleans()
    | st.decimals(0, 10**9, places=3)
)


@pytest.mark.parametrize("text", [WHOLE, STARTER], ids=["whole", "starter"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whatever_is_set_is_read_and_nothing_else_changes(text: str, data: st.DataObject) -> None:
    before = plain(text)
    at = data.draw(st.sampled_from(sorted(leaves(before), key=str)))
    value = data.draw(VALUES)
    try:
        after = set_value(text, at, value)
    except UsageError:
        assert isinstance(value, str)  # text that YAML normalises otherwise, never a number
        return
    found = plain(after)
    assert at_place(found, at) == value
    assert list(leaves(found)) == list(leaves(before))
    assert all(at_place(found, each) == at_place(before, each) for each in leaves(before) if each != at)
    assert comments(after.replace(written(value), "")) == comments(text.replace(written(value), ""))


@pytest.mark.parametrize("text", [WHOLE, STARTER], ids=["whole", "starter"])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_whatever_is_added_comes_last_and_nothing_is_taken_away(text: str, data: st.DataObject) -> None:
    before = plain(text)
    at = data.draw(st.sampled_from(sorted(lists(before), key=str)))
    after = append(text, at, {"finding": "CRE5", "because": "x"})
    assert at_place(plain(after), at) == [*at_place(before, at), {"finding": "CRE5", "because": "x"}]
    kept = iter(after)
    assert all(char in kept for char in text)  # the old text is what remains when the new is taken out


def test_setting_what_is_there_changes_no_hash() -> None:
    at: Location = ("phases", 0, "obligations", "foundations-laid", "within")
    assert document_hash(loads(set_value(STARTER, at, "2 months"))) == document_hash(loads(STARTER))


MANY: list[tuple[Location, object]] = [
    (("title",), "Another title"),
    (("parties", "north", "bond", "amount"), Decimal(7)),
    (("phases", 0, "bonds"), {"north": Decimal(5), "south": Decimal(6)}),
    (("phases", 0, "obligations", "delivered", "within"), "90 days"),
    (("phases", 0, "obligations", "delivered", "grace"), "2 days"),
    (("phases", 0, "title"), "First"),
    (("parties", "south", "bond"), {"amount": Decimal(3), "asset": "usd"}),
    (("parties", "south", "forfeits_to"), "north"),
    (("summary",), "Said anew"),
]
DRAFT = """pyledger: 1
title: A deal  # which one
parties:
  north: {name: North, bond: {amount: 10, asset: usd}}  # pays
  south: {name: South}
phases:
  - id: delivery
    # what is owed
    obligations:
      delivered: {by: south, within: 30 days}
"""


def test_several_at_once_are_the_same_as_one_after_the_other() -> None:
    one_by_one = DRAFT
    for at, value in MANY:
        one_by_one = set_value(one_by_one, at, value)
    assert set_values(DRAFT, MANY) == one_by_one


@given(st.permutations(MANY))
def test_in_any_order_all_are_set_and_comments_stay(changes: list[tuple[Location, object]]) -> None:
    found = set_values(DRAFT, changes)
    for comment in ("# which one", "# pays", "# what is owed"):
        assert found.count(comment) == 1
    assert plain(found) == plain(set_values(DRAFT, MANY))


def test_of_several_that_cannot_all_be_set_none_is() -> None:
    with pytest.raises(UsageError):
        set_values(DRAFT, [*MANY, (("phases", 3, "title"), "No such phase")])
