"""Random documents, told and read back: numbers, durations, shares and names made up anew."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from pyledger.document import canonical, gallery, loads
from pyledger.document.explain import explain
from pyledger.document.explain.tree import strings
from pyledger.errors import DocumentError, TermsError
from pyledger.terms.compile import compile_terms
from tests.document.explain.reading import NUMBERS, digits, labels, number, said, written_anew
from tests.document.explain.test_faithful import FOLDER
from tests.terms.test_compile import bindings_of

VALUES = re.compile(
    r"(?<=[:\[] )(?P<span>[0-9]+ (?:days|months|years|hours))\b|(?<=[:\[] )(?P<share>[0-9.]+%)"
    r"|(?<=: )(?P<amount>[0-9][0-9_.]*)(?=[,}\n ])|(?<=name: )(?P<name>[A-Z][^,}#\n]*)",
)
"""What is replaced in a document's YAML: durations, shares, amounts and counts, names."""

WORDS = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters='"\\'), min_size=1, max_size=30)
SPANS = st.tuples(st.integers(1, 4_000), st.sampled_from(["seconds", "hours", "days", "months", "years"]))
AMOUNTS = st.integers(0, 10**13).map(lambda value: f"{Decimal(value).scaleb(-6):f}") | st.integers(0, 40).map(str)
SHARES = st.integers(0, 10_000).map(lambda points: f"{Decimal(points) / 100}%")


@st.composite
def rewritten(draw: st.DrawFn, text: str) -> str:
    """A document with some of its values made up."""
    found = list(VALUES.finditer(text))
    chosen = draw(st.lists(st.sampled_from(found), min_size=1, max_size=3, unique_by=lambda match: match.start()))
    for match in sorted(chosen, key=lambda match: -match.start()):
        if match["span"]:
            new = " ".join(map(str, draw(SPANS)))
        elif match["share"]:
            new = draw(SHARES)
        elif match["amount"]:
            new = draw(AMOUNTS)
        else:
            new = f'"{draw(WORDS)}"'
        text = text[: match.start()] + new + text[match.end() :]
    return text


def text_of(name: str) -> str:
    return gallery.read(name) if name in gallery.names() else (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["whole", "deal", "accord", "windfall-coalition"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_a_random_document_is_told_faithfully(name: str, data: st.DataObject) -> None:
    try:
        document = loads(data.draw(rewritten(text_of(name))))
    except DocumentError:
        assume(False)
    explanation = explain(document)
    anew = written_anew(explanation)
    assert canonical(anew) == canonical(document)
    assert digits(strings(explanation)) == []
    numbers = [fact for fact in said(explanation) if fact.kind in NUMBERS]
    assert [number(fact) for fact in numbers] == [fact.value for fact in numbers]
    assert labels(explanation)
    with suppress(TermsError):  # dates that do not fit the start of these bindings
        assert compile_terms(anew, bindings_of(anew)) == compile_terms(document, bindings_of(document))
