"""Submissions: paragraphs can be withheld and the hash stays; nothing else can be changed and keep it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from eth_hash.auto import keccak
from hypothesis import given, strategies as st

from pyledger.document.remarks import Remark, read, write
from pyledger.document.submissions import Paragraph, Submission, Withheld, dumps, loads, written
from pyledger.errors import UsageError

texts = st.lists(st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1), min_size=1, max_size=9)


def submission(paragraphs: list[str]) -> Submission:
    return Submission("en", tuple(Paragraph(keccak(bytes([n])), text) for n, text in enumerate(paragraphs)))


@given(texts, st.data())
def test_withholding_any_paragraphs_keeps_the_root(paragraphs: list[str], data: st.DataObject) -> None:
    whole = submission(paragraphs)
    gone = data.draw(st.sets(st.integers(1, len(paragraphs))))
    left = whole.without(gone)
    assert left.root == whole.root
    assert [number for number, part in enumerate(left.parts, 1) if isinstance(part, Withheld)] == sorted(gone)
    assert loads(dumps(left), file="x") == left


@given(texts, st.data())
def test_no_word_salt_or_place_can_be_another(paragraphs: list[str], data: st.DataObject) -> None:
    whole = submission(paragraphs)
    index = data.draw(st.integers(0, len(paragraphs) - 1))
    part = whole.parts[index]
    assert isinstance(part, Paragraph)
    for other in (part._replace(text=part.text + "."), part._replace(salt=bytes(32))):
        parts = (*whole.parts[:index], other, *whole.parts[index + 1 :])
        assert replace(whole, parts=parts).root != whole.root
    if len(paragraphs) > 1:
        assert replace(whole, parts=whole.parts[::-1]).root != whole.root
        assert replace(whole, parts=whole.parts[:-1]).root != whole.root


def test_two_withheld_paragraphs_cannot_pass_for_one() -> None:
    whole = submission(["a", "b", "c", "d"])
    pair = sorted(whole.parts[number].leaf(number, 4) for number in (2, 3))
    shorter = replace(whole, parts=(*whole.parts[:2], Withheld(keccak(b"".join(pair)))))
    assert shorter.root != whole.root


def test_paragraphs_are_apart_by_empty_lines() -> None:
    found = written("One\nline.\n\n\n Two. \r\n\r\nThree.", "en")
    assert [part.text for part in found.parts if isinstance(part, Paragraph)] == ["One line.", "Two.", "Three."]
    with pytest.raises(UsageError, match="0 paragraphs"):
        written(" \n\n ", "en")


@pytest.mark.parametrize(
    "flaw", [{"language": "\ud800"}, {"paragraphs": [{"salt": "0x" + "11" * 32, "text": "\ud800"}]}]
)
def test_half_a_character_is_no_text(flaw: dict[str, object]) -> None:
    """JSON can write it, and nothing can hash it."""
    data = json.loads(dumps(submission(["a"]))) | flaw
    with pytest.raises(UsageError, match="x is no submission"):
        loads(json.dumps(data), file="x")


def test_a_remark_answers_no_number_that_nobody_can_read() -> None:
    said = '{"answers": ' + "1" * 4000 + "}"
    assert read(said) == Remark(said)


def test_remarks_are_read_as_they_were_written_and_everything_else_as_words() -> None:
    full = Remark("See there", 3, bytes(range(32)), "guc", "https://example.org/letter")
    for remark in (full, Remark("Plain"), Remark("", 1), Remark("", None, bytes(32))):
        assert read(write(remark)) == remark
    for words in ("{", "{}", "[1]", '{"answers": 0}', '{"answers": true}', '{"text": "a", "x": 1}', '{"text":"a"}'):
        assert read(words) == Remark(words)
