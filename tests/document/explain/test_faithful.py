"""The explanation says everything that the document says, and nothing that it does not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from pydantic import BaseModel

from pyledger.document import Document, canonical, gallery, loads
from pyledger.document.explain import as_json, explain
from pyledger.document.explain.tree import facts, strings
from pyledger.document.explain.words import CHOICES
from pyledger.errors import DocumentError
from tests.document.accords import accords
from tests.document.explain.reading import NUMBERS, digits, labels, number, said, written_anew

FOLDER = Path(__file__).parents[1]
ACCORD = (FOLDER / "accord.yaml").read_text(encoding="utf-8")
NUMBER_WORDS = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|percent|half|thirds?"
    r"|quarters?|days?|weeks?|months?|years?)\b"
)


NAMES = (*gallery.names(), "deal", "accord", "whole", "explain/rest")

every_document = pytest.mark.parametrize("document", NAMES, indirect=True)


@pytest.fixture
def document(request: pytest.FixtureRequest) -> Document:
    name: str = request.param
    if name in gallery.names():
        return loads(gallery.read(name), file=name)
    return loads((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), file=name)


@every_document
def test_the_document_can_be_written_anew_from_its_explanation(document: Document) -> None:
    assert canonical(written_anew(explain(document))) == canonical(document)


@every_document
def test_every_number_reads_as_what_it_stands_for(document: Document) -> None:
    numbers = [fact for fact in facts(explain(document)) if fact.kind in NUMBERS]
    assert len(numbers) > 10
    assert [number(fact) for fact in numbers] == [fact.value for fact in numbers]


@every_document
def test_no_number_is_ours(document: Document) -> None:
    """Digits, and words for numbers, are in facts alone."""
    ours = list(strings(explain(document)))
    assert digits(ours) == []
    assert [text for text in ours if NUMBER_WORDS.search(text)] == []


@every_document
def test_a_short_name_stands_for_one(document: Document) -> None:
    assert labels(explain(document))


@every_document
def test_json_holds_every_fact(document: Document) -> None:
    explanation = explain(document)
    found = json.loads(json.dumps(as_json(explanation)))
    values = [
        (each["kind"], each["text"], each["value"], tuple(each["at"])) for each in _dicts(found) if "kind" in each
    ]
    assert values == [(fact.kind, fact.text, fact.value, fact.at) for fact in facts(explanation)]


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _dicts(each)


def test_within_a_field_no_two_words_are_said_alike() -> None:
    for field, words in CHOICES.items():
        assert len(set(words.values())) == len(words), field


def test_every_key_of_the_format_is_told_in_some_document() -> None:
    """Fails for a key that is new to the format: explain it, and give it to a document of the tests."""
    texts = [
        *map(gallery.read, gallery.names()),
        *(_text(name) for name in ("accord", "deal", "whole", "explain/rest")),
    ]
    told = {part for text in texts for fact in said(explain(loads(text))) for part in fact.at}
    assert _keys(Document, set()) - told == set()


def _text(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def _keys(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[str]:
    """Every key that a document can have, of whatever part."""
    seen.add(model)
    found = {field.alias or name for name, field in model.model_fields.items()}
    for part in _models([field.annotation for field in model.model_fields.values()]):
        if part not in seen:
            found |= _keys(part, seen)
    return found


def _models(annotations: Iterable[Any]) -> Iterator[type[BaseModel]]:
    for each in annotations:
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield each
        else:
            yield from _models(get_args(each))


@settings(max_examples=100, deadline=None)
@given(accords(ACCORD, wrong=False))
def test_random_documents_can_be_written_anew(text: str) -> None:
    try:
        document = loads(text)
    except DocumentError:  # parts that do not go together
        return
    explanation = explain(document)
    assert canonical(written_anew(explanation)) == canonical(document)
    assert digits(strings(explanation)) == []
    assert [number(fact) for fact in said(explanation) if fact.kind in NUMBERS] == [
        fact.value for fact in said(explanation) if fact.kind in NUMBERS
    ]


def test_who_could_be_taken_for_another_is_called_by_its_id_too() -> None:
    text = (
        _text("whole")
        .replace("name: South,", "name: north,")
        .replace("usd: {symbol", "eur: {symbol: USDX, decimals: 2}, usd: {symbol")
    )
    found = labels(explain(loads(text)))
    assert found["North (north)"] == "north"
    assert found["north (south)"] == "south"
    assert found["asset USDX (usd)"] == "usd"
