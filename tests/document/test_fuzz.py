"""Whatever is read, the answer is a document or a `DocumentError`."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings, strategies as st

from pyledger.document import document_hash, gallery, loads
from pyledger.document.tree import decode
from pyledger.errors import DocumentError

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
    *('"', "'", "\u202e", "\x00", "\ufeff", "é", "{}", "[]", "true", "- id: x\n"),
)


def read(text: str) -> None:
    """Anything but a `DocumentError` fails the test, and what was read must have a hash."""
    with suppress(DocumentError):
        assert len(document_hash(loads(text))) == 32


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


@pytest.mark.parametrize("name", gallery.names())
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_gallery_document_with_a_piece_replaced(name: str, data: st.DataObject) -> None:
    text = gallery.read(name)
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 40))
    scrap = data.draw(st.sampled_from(SCRAPS) | st.text(max_size=5))
    read(text[:start] + scrap + text[start + length :])


@pytest.mark.parametrize("name", gallery.names())
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_gallery_document_with_words_and_lines_changed(name: str, data: st.DataObject) -> None:
    lines = gallery.read(name).split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[index].partition(": ")
        value = data.draw(st.sampled_from(SCRAPS))
        lines[index] = data.draw(st.sampled_from([key + colon + value, "", lines[index - 1], " " + lines[index]]))
    read("\n".join(lines))
