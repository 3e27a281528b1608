"""The published schema accepts what the loader accepts, fails typical mistakes, and is the one that is committed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import ValidationError

from pyledger.document import Document, gallery, loads
from pyledger.document.schema import dump_schema, schema
from pyledger.document.tree import read_tree
from pyledger.errors import DocumentError
from tests.document.accords import accords

FOLDER = Path(__file__).parent
PUBLISHED = FOLDER.parents[1] / "docs" / "document.schema.json"
TEXTS = {name: (FOLDER / f"{name}.yaml").read_text(encoding="utf-8") for name in ("deal", "accord", "whole")}
SCHEMA = schema()
CHECK = Draft202012Validator(SCHEMA)


def data_of(text: str) -> Any:
    return numbers(read_tree(text, "draft")[0].plain())


def numbers(value: Any) -> Any:
    """Numbers as an editor has them."""
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {key: numbers(each) for key, each in value.items()}
        case list():
            return [numbers(each) for each in value]
    return value


def errors(data: Any) -> list[str]:
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in CHECK.iter_errors(data)]


def test_it_is_a_schema_of_that_draft() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_published_schema_is_fresh() -> None:
    fresh = "make it anew: pyledger schema --force --output docs/document.schema.json"
    assert PUBLISHED.read_text(encoding="utf-8") == dump_schema(), fresh


@pytest.mark.parametrize("name", gallery.names())
def test_every_document_of_the_gallery_holds_to_it(name: str) -> None:
    assert errors(data_of(gallery.read(name))) == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_way_to_write_a_field_holds_to_it(name: str) -> None:
    assert errors(data_of(TEXTS[name])) == []


SHORT = (
    ("reversibility: reversible", "reversibility: {class: reversible}"),
    ("forfeits_to: south}", "forfeits_to: {south: 100%}}"),
    ("to: [south, villages]", "to: south"),
    ("ruling: {likely: 95%}", "ruling: 95%"),
    ("cost: 4.5", "cost: {low: 4, likely: 4.5, high: 5}"),
    ("cost: 4.5", 'cost: "4.5"'),
    ("discount_rate: 5%", "discount_rate: 5 %"),
    ("within: 1 year", "within: 1 year 2 months  3 days"),
    ("if_silent: met", "if_silent: breach"),
    ("join_within: 14 days", "join_by: 2027-01-31T12:00:00+02:00"),
    ("temptation_growth: 150%", "temptation_growth: 2500.50%"),
)


@pytest.mark.parametrize(("old", "new"), SHORT, ids=lambda value: value)
def test_short_and_long_forms_hold_to_it_as_the_loader_reads_both(old: str, new: str) -> None:
    assert old in TEXTS["whole"]
    text = TEXTS["whole"].replace(old, new)
    loads(text)
    assert errors(data_of(text)) == []


MISTAKES = (
    ("title: Access for restraint\n", ""),
    ("title: Access", "titel: Access"),
    ("pyledger: 1", "pyledger: 2"),
    ("within: 30 days\n        decided", "within: 30\n        decided"),
    ("within: 1 year", "within: 1 jear"),
    ("forfeit: 50%", "forfeit: 50"),
    ("forfeit: 100%", "forfeit: 101%"),
    ("forfeit: 50%", "forfeit: 12.345%"),
    ("if_silent: met", "if_silent: open"),
    ("material: true", "material: maybe"),
    ("amount: 500", "amount: -500"),
    ("amount: 500", "amount: 5e2x"),
    ("class: partly_reversible", "class: partly"),
    ("reversibility: reversible", "reversibility: sometimes"),
    ("cluster: seat", "cluster: chair"),
    ("{symbol: USDX, decimals: 6}", "{symbol: USDX, decimals: six}"),
    ("north: {name: North,", "North: {name: North,"),
    ("join_within: 14 days", "join_within: 14 days\njoin_by: 2027-01-31"),
    ("join_within: 14 days\n", ""),
    ("long_stop_after: 3 years", "long_stop: tomorrow"),
    ("preset: kyoto_eb", "preset: kyoto_eb\n    verifiers: [inspector]"),
    ("pie: 10", "pie: {low: 5, high: 10}"),
    ("at: phases.delivery.obligations.access-given, because", "why"),
)


@pytest.mark.parametrize(("old", "new"), MISTAKES, ids=lambda value: value.strip() or "left out")
def test_typical_mistakes_fail_as_they_do_when_read(old: str, new: str) -> None:
    assert old in TEXTS["whole"]
    text = TEXTS["whole"].replace(old, new, 1)
    with pytest.raises(DocumentError):
        loads(text)
    assert errors(data_of(text))


@settings(max_examples=50, deadline=None)
@given(text=accords(TEXTS["accord"], wrong=True))
def test_what_the_loader_accepts_holds_to_it(text: str) -> None:
    try:
        loads(text)
    except DocumentError:
        return
    assert errors(data_of(text)) == []


SCRAPS = (
    *("1", "0.5", "-1", '"7"', "1_000", "100%", "0%", "12.5 %", "101%", "14 days", "1  day", "2 dayss", "0x0a", "0x"),
    *("north", "outside", "met", "[met, lapse]", "[]", "{}", "{north: 100%}", "[north]", "true", "yes", "2027-01-31"),
    *("2027-01-31 12:00 UTC", "irreversible", "{class: irreversible}", "{likely: 1}", "x y", '" x "', '"a\\nb"'),
    *('"' + "x" * 200 + '"', '"' + "x" * 201 + '"', '"  ' + "x" * 200 + '  "', "a" * 64, "a" * 65, "a--b", "café"),
)
"""What might be written for one kind of value or another, rightly or wrongly."""


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*at, key)
            yield from places(each, (*at, key))


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_single_value_is_read_and_fails_the_schema(name: str, data: st.DataObject) -> None:
    """Any part of a document replaced by any scrap: the schema refuses nothing that the loader reads."""
    root: Any = read_tree(TEXTS[name], "draft")[0].plain()
    at = data.draw(st.sampled_from(list(places(root))))
    scrap: Any = read_tree(f"scrap: {data.draw(st.sampled_from(SCRAPS))}", "scrap")[0].plain()
    inner = root
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = scrap["scrap"]
    try:
        Document.model_validate(root)
    except ValidationError:
        return
    assert errors(numbers(root)) == []


def test_every_example_holds_to_its_own_place() -> None:
    found = 0
    for part in [SCHEMA, *SCHEMA["$defs"].values()]:
        for each in part.get("anyOf", [part]):
            for name, field in each.get("properties", {}).items():
                inner = Draft202012Validator({"$defs": SCHEMA["$defs"], **field})
                for example in field.get("examples", []):
                    assert list(inner.iter_errors(example)) == [], (name, example)
                    found += 1
    assert found > 100


def test_every_part_and_field_is_described() -> None:
    for name, part in SCHEMA["$defs"].items():
        assert part.get("description") or name in ("Ids", "Verdicts"), name
    (growth,) = (each["properties"]["temptation_growth"] for each in [SCHEMA["$defs"]["PartyEstimate"]])
    assert growth["description"] == "By how much its temptation grows from phase to phase."


def test_numbers_with_underscores_are_text_to_editors_and_hold_too() -> None:
    data = data_of(TEXTS["deal"])
    data["phases"][0]["payments"]["wage"]["amount"] = "1_000.50"
    assert errors(data) == []
