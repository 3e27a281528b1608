"""Whatever is read, the answer is a document or a `DocumentError`."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st
from pydantic import BaseModel

from pyledger.document import Document, document_hash, gallery, loads
from pyledger.document.classify import classify_all
from pyledger.document.explain import explain
from pyledger.document.explain.text import render
from pyledger.document.places import place_of
from pyledger.document.risks import review, risks
from pyledger.document.tree import Place, decode, read_tree
from pyledger.errors import DocumentError, Finding
from tests.document.accords import accords

SCRAPS = (
    *(
        "",
        " ",
        "\n",
        "\t",
        ":",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!t ",
        "<<: ",
        "? ",
        "|\n",
        ">\n",
        "#",
        "%",
        "---\n",
    ),
    *(
        "null",
        "~",
        "yes",
        "1e9",
        "-1",
        ".5",
        "0x10",
        "9" * 100,
        "2027-01-31",
        "100%",
        "0%",
        "14 days",
        "outside",
        "north",
    ),
    *(
        "0x00ff",
        "{asset: usd}",
        "{unit: tonnes, decimals: 3}",
        "{from: 0, pays: 1, then: 1%}",
        "[{from: 0, pays: 1}]",
        "{court: hague, challenge_within: 1 day, ruling_within: 1 day}",
        "{villages: {name: Villages}}",
    ),
    *('"', "'", "\u202e", "\x00", "\ufeff", "é", "{}", "[]", "true", "- id: x\n"),
)


def models(top: type[BaseModel]) -> set[type[BaseModel]]:
    """All models that a document can hold."""
    found, waiting = {top}, [top]
    while waiting:
        inner = {each for field in waiting.pop().model_fields.values() for each in classes(field.annotation)} - found
        found |= inner
        waiting += inner
    return found


def classes(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {each for inner in getattr(annotation, "__args__", ()) for each in classes(inner)}


def keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def read(text: str) -> None:
    """Anything but a `DocumentError` fails the test, and what was read must have a hash and can be said."""
    with suppress(DocumentError):
        document = loads(text)
        assert len(document_hash(document)) == 32
        assert render(explain(document), width=80)
        assert all(place.line >= 1 for place in places_of(document, text))
        assert all(each.fired or each.class_ == "benefit" for each in classify_all(document))


def places_of(document: Document, text: str) -> list[Place]:
    """Where its risk findings stand, waived or not."""
    found = review(document, risks(document))
    root, _ = read_tree(text, "deal.yaml")
    return [place_of(root, risk.at) for risk in (*found.standing, *(waived.risk for waived in found.waived))]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    read(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(SCRAPS), max_size=30).map("".join))
def test_any_heap_of_yaml(text: str) -> None:
    read(text)


@settings(deadline=None)
@given(st.binary(max_size=100))
def test_any_bytes(content: bytes) -> None:
    with suppress(DocumentError):
        read(decode(content, "deal.yaml"))


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(gallery.names()), data=st.data())
def test_a_gallery_document_with_a_piece_replaced(name: str, data: st.DataObject) -> None:
    text = gallery.read(name)
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 40))
    scrap = data.draw(st.sampled_from(SCRAPS) | st.text(max_size=5))
    read(text[:start] + scrap + text[start + length :])


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(gallery.names()), data=st.data())
def test_a_gallery_document_with_words_and_lines_changed(name: str, data: st.DataObject) -> None:
    lines = gallery.read(name).split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[index].partition(": ")
        value = data.draw(st.sampled_from(SCRAPS))
        lines[index] = data.draw(st.sampled_from([key + colon + value, "", lines[index - 1], " " + lines[index]]))
    read("\n".join(lines))


WHOLE = (Path(__file__).parent / "whole.yaml").read_text(encoding="utf-8")
KEYS = sorted({key for model in models(Document) for key in keys(model)})
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([scrap for scrap in SCRAPS if scrap.isprintable()])
    | st.text(max_size=8)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner),
    max_leaves=30,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(keys(Document))), TREES, max_size=12))
def test_any_tree_under_the_right_keys(tree: dict[str, Any]) -> None:
    """Every finding has its line, and none repeats what is in the file at length."""
    findings: tuple[Finding, ...] = ()
    try:
        loads(json.dumps(tree, indent=1))
    except DocumentError as error:
        findings = error.findings
    assert all(finding.line for finding in findings)
    assert all(len(finding.message) < 500 for finding in findings)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_document_that_says_all_it_can_with_a_piece_replaced(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(WHOLE)))
    length = data.draw(st.integers(0, 60))
    other = data.draw(st.integers(0, len(WHOLE)))
    scrap = data.draw(st.sampled_from(SCRAPS) | st.just(WHOLE[other : other + length]))
    read(WHOLE[:start] + scrap + WHOLE[start + length :])


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_document_with_bytes_changed(data: st.DataObject) -> None:
    content = bytearray(WHOLE.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(DocumentError):
        read(decode(bytes(content), "deal.yaml"))


ACCORD = (Path(__file__).parent / "accord.yaml").read_text(encoding="utf-8")


@settings(max_examples=120, deadline=None)
@given(accords(ACCORD, wrong=True))
def test_an_accord_with_its_newer_parts_made_up(text: str) -> None:
    """Every finding has its line, and what is read holds to its own limits."""
    try:
        document = loads(text)
    except DocumentError as error:
        findings = error.findings
    else:
        findings = ()
        holds_to_its_limits(document)
    assert all(finding.line and finding.path for finding in findings)


def holds_to_its_limits(document: Document) -> None:
    assert 1 <= document.needed_parties <= 3
    assert document.arbitration is None or document.contest_time >= 2
    for payment in document.phases[0].payments.values():
        steps = payment.tiers or ()
        assert [step.from_ for step in steps] == sorted({step.from_ for step in steps})
        assert all(step.pays <= payment.amount and step.then <= 10_000 for step in steps)
