"""YAML text as a tree that knows where everything stands.

The parser's events are read one by one, so that what has no place in a negotiated document (aliases, anchors, tags,
directives, a second document) is refused as it arrives and nothing is ever expanded. Numbers with a decimal point are
read as exact decimals; dates, durations and percentages stay text for the model to read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from pyledger.document.problem import Location
from pyledger.document.units import printable
from pyledger.errors import DocumentError, Finding

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Node", "Place", "Trouble", "decode", "read_tree"]

MAX_BYTES: Final = 256 * 1024
"""Largest text that is read: fifty times a long agreement, and still read within seconds."""

MAX_DEPTH: Final = 32
"""Deepest nesting that is read; the format needs nine."""

MAX_VALUES: Final = 40_000
"""Most keys and values that are read: more than sentences, dates and amounts need in a text of that size."""

MAX_TROUBLES: Final = 200
"""Most troubles that are kept: who has so many is shown the first."""

MAX_HIDDEN: Final = 20
"""Most hidden characters that are reported: the first ones lead to the others."""

Scalar = str | int | Decimal | bool | None

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*(?:_[0-9]+)*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*(?:_[0-9]+)*)\.[0-9]+")
_MAX_DIGITS: Final = 80
_WORDS: Final[dict[str, bool | None]] = {"": None, "~": None, "null": None, "true": True, "false": False}
_TWO_FACED: Final = frozenset({"yes", "no", "on", "off"})
_DIRECTIVE: Final = re.compile("^%", re.MULTILINE)
_SPLIT: Final = re.compile(r"[0-9]{3}(?:\.[0-9]+)?|[0-9]{1,4} ?%")
"""What follows a comma between thousands, or one that was to be a decimal point."""
_CLIPPED: Final = re.compile(r" +(#\w\S*)")
"""What looks like a part of the text before it, and is a comment."""
_JOINERS: Final = "\u200c\u200d"

_UNCLOSED: Final = "the file ends too soon", "a quote or bracket is never closed"
_SYNTAX: Final = (
    ("'\\t'", "a tab where there can only be spaces", "indent with spaces, not tabs"),
    ("cannot start any token", "no text begins so", "put text that begins with this character in quotes"),
    (
        "mapping values are not allowed",
        "a colon and a space in the middle of a text",
        'put text that holds ": " in straight quotes ("), and check the indentation',
    ),
    (
        "could not find expected ':'",
        "a line that gives no key",
        "a key needs a colon and a space after it, here or in the line before",
    ),
    ("but found '<stream end>'", *_UNCLOSED),
    ("found unexpected end of stream", *_UNCLOSED),
    (
        "expected ','",
        "a comma or a closing bracket is missing",
        'write it, here or in the line before; put text that holds \' between " and "',
    ),
    (
        "'<scalar>'",
        "a text goes on after its closing quote",
        'put text that holds \' between " and "',
    ),
    (
        "expected <block end>",
        "a line that belongs to nothing before it",
        "check the indentation here and in the line before: keys that belong together are in one column",
    ),
    (
        "expected the node content",
        "a value is missing",
        "write it; text that begins with a character like this one needs quotes",
    ),
    ("", None, "check the indentation, the quotes and the brackets here and in the line before"),
)
"""How the parser's own words begin or end, what they come to in plain ones (None: as they are), and what to do."""


class Place(NamedTuple):
    """Line and column, counting from 1."""

    line: int
    column: int


class Trouble(NamedTuple):
    """Something wrong that did not stop the reading, with its location in the tree and its place in the text."""

    at: Location
    place: Place
    message: str
    hint: str | None = None
    unless_key: bool = False
    """Whether it is none where the format itself has a key of that name."""


@dataclass(slots=True)
class Node:
    """A value with its place, and the place of the key it was given under."""

    place: Place
    value: Scalar | dict[str, Node] | list[Node]
    key_place: Place | None = field(default=None)

    def plain(self) -> object:
        """The value as Python data."""
        match self.value:
            case dict() as entries:
                return {key: node.plain() for key, node in entries.items()}
            case list() as items:
                return [node.plain() for node in items]
            case scalar:
                return scalar

    def along(self, at: Location) -> Iterator[tuple[str | int, Node]]:
        """Each step of `at` with the node it leads to, as far as there is one."""
        node = self
        for step in at:
            match node.value, step:
                case dict() as entries, str() if step in entries:
                    node = entries[step]
                case list() as items, int() if step < len(items):
                    node = items[step]
                case _:
                    return
            yield step, node


def decode(content: bytes, file: str) -> str:
    """UTF-8 text of at most `MAX_BYTES`, or `DocumentError`."""
    if len(content) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES:,} bytes, and at most so many are read"
        raise DocumentError(file, (Finding(message, "", hint="is this the file you meant?"),))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        place = _place_of(before, len(before))
        message = f"not UTF-8: byte 0x{content[error.start]:02x} cannot be read"
        raise DocumentError(file, (Finding(message, "", *place, "save the file as UTF-8"),)) from None


def read_tree(text: str, file: str) -> tuple[Node, list[Trouble]]:
    """The tree, which is a mapping at the top, and what is wrong in it; `DocumentError` when it cannot be read on."""
    if len(text) > MAX_BYTES:
        message = f"the text has {len(text):,} characters, at most {MAX_BYTES:,} are read"
        raise DocumentError(file, (Finding(message, "", hint="is this the file you meant?"),))
    reader = _Reader(unicodedata.normalize("NFC", text), file)
    try:
        root = reader.document()
    except ReaderError as error:
        place = _place_of(reader.text, error.position)
        raise reader.stop("a character that YAML does not allow", place, "take the character out") from None
    except MarkedYAMLError as error:
        problem = " ".join(str(error.problem or error.context or "unreadable").split())
        # What is never closed is best shown where it was opened.
        marks = (error.problem_mark, error.context_mark)
        mark = next(filter(None, reversed(marks) if "end of stream" in problem else marks), None)
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        said, hint = next((said or problem, hint) for sign, said, hint in _SYNTAX if sign in problem)
        raise reader.stop(f"not YAML: {said}", place, _odd_indent(reader.text, place.line) or hint) from None
    except (YAMLError, ValueError, IndexError, OverflowError) as error:
        hint = "look for an escape in quotes that names no character, like \\U00110000"
        raise reader.stop(f"not YAML: {type(error).__name__}", Place(1, 1), hint) from None
    return root, [*reader.troubles, *islice(_hidden_characters(reader.text), MAX_HIDDEN)]


class _Reader:
    """One reading: the events still to come, where in the tree they belong, and what was wrong so far."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.troubles: list[Trouble] = []
        self.values = 0
        self.events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)

    def stop(self, message: str, place: Place, hint: str | None = None, at: Location = ()) -> DocumentError:
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{printable(step)}" for step in at).removeprefix(".")
        return DocumentError(self.file, (Finding(message, path, place.line, place.column, hint),))

    def tell(self, trouble: Trouble) -> None:
        """Keeps what is wrong, as long as somebody might read it."""
        if len(self.troubles) < MAX_TROUBLES:
            self.troubles.append(trouble)

    def document(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    raise self.stop(
                        "a second document begins", _place(event), "keep one agreement in a file, without `---`"
                    )
                if directive := _DIRECTIVE.search(self.text[: event.end_mark.index]):
                    place = _place_of(self.text, directive.start())
                    raise self.stop("directives are not read", place, "take the lines that begin with % out")
                root = self.node(next(self.events), ())
            elif isinstance(event, StreamEndEvent):
                break
        if root is None or root.value is None:
            raise self.stop("the file is empty", Place(1, 1), "write keys and their values")
        if not isinstance(root.value, dict):
            what = "a list" if isinstance(root.value, list) else "text"
            raise self.stop(
                f"expected keys and values at the top, found {what}", root.place, "write keys and their values"
            )
        return root

    def node(self, event: Event, at: Location, *, as_key: bool = False) -> Node:
        place = _place(event)
        if isinstance(event, AliasEvent):
            raise self.stop("aliases (`*name`) are not read", place, "write the value out", at)
        if isinstance(event, NodeEvent) and event.anchor is not None:
            raise self.stop("anchors (`&name`) are not read", place, "take it out and write values in full", at)
        if getattr(event, "tag", None) is not None:
            raise self.stop("tags (`!name`) are not read", place, "take it out; quotes make a value text", at)
        self.values += 1
        if self.values > MAX_VALUES:
            raise self.stop(f"more than {MAX_VALUES:,} keys and values", place, "is this the file you meant?", at[:4])
        if len(at) > MAX_DEPTH:
            hint = "is this the file you meant?"
            raise self.stop(f"nested deeper than {MAX_DEPTH} levels", place, hint, at=at[:4])
        if isinstance(event, MappingStartEvent):
            return Node(place, self.mapping(at, in_braces=bool(event.flow_style)))
        if isinstance(event, SequenceStartEvent):
            return Node(place, self.sequence(at))
        assert isinstance(event, ScalarEvent)
        return Node(place, self.scalar(event, at, as_key=as_key))

    def sequence(self, at: Location) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            item = self.node(event, (*at, len(items)))
            if item.value is None:
                self.tell(Trouble((*at, len(items)), item.place, "nothing is written here", "write it out"))
            items.append(item)
        return items

    def mapping(self, at: Location, *, in_braces: bool) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        groups: list[str] = []
        last: str | None = None
        while not isinstance(event := next(self.events), MappingEndEvent):
            place = _place(event)
            if in_braces and last in entries and _number(entries[last]) and _is_group(event):
                # Only a comma can have led from a number to a key of three digits.
                groups.append(str(getattr(event, "value", "")))
                self.node(next(self.events), at)
                continue
            self.told_split(entries, last, groups, at)
            key = last = self.key(event, at)
            here = at if key is None else (*at, key)
            node = self.node(next(self.events), here)
            node.key_place = place
            if key is None:
                continue
            if key in entries:
                first = entries[key].key_place or place
                message = f"`{printable(key)}` is written twice, first on line {first.line}"
                self.tell(Trouble(here, place, message, "keep one of the two"))
            elif node.value is None:
                self.tell(Trouble(here, place, "no value is given", "write it, or leave the key out"))
            if key not in entries or entries[key].value is None:
                entries[key] = node
        self.told_split(entries, last, groups, at)
        return entries

    def told_split(self, entries: dict[str, Node], key: str | None, groups: list[str], at: Location) -> None:
        """Says that commas tore a number apart, if they did: `{amount: 50,000}` is an amount of 50 and a key 000."""
        if not groups or key is None:
            return
        node = entries[key]
        whole = [str(node.value), *groups]
        message = f"in braces a comma ends the value: {','.join(whole)} is read as {whole[0]} and another key"
        mended = ".".join(whole) if whole[-1].endswith("%") else "_".join(whole)
        self.tell(Trouble((*at, key), node.place, message, f"write {mended}"))
        groups.clear()

    def key(self, event: Event, at: Location) -> str | None:
        place = _place(event)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            raise self.stop("a list or mapping cannot be a key", place, "write a name and a colon", at)
        node = self.node(event, at, as_key=True)
        if isinstance(node.value, str) and node.value == "<<":
            raise self.stop("merge keys (`<<`) are not read", place, "write the keys out", at)
        if isinstance(node.value, str):
            return node.value
        written = str(getattr(event, "value", ""))
        message = f"the key `{printable(written)}` is not text"
        self.tell(Trouble((*at, written), place, message, "put it in quotes, or use another name"))
        return None

    def scalar(self, event: ScalarEvent, at: Location, *, as_key: bool) -> Scalar:
        text = self.seen(event)
        if event.style is not None:
            return text
        if lost := _CLIPPED.match(self.text, event.end_mark.index):
            message = f"`{printable(lost[1])}` begins a comment: it and what follows it are not read"
            hint = 'put the text between " and ", or write a space after the # of a comment'
            self.tell(Trouble(at, _place(event), message, hint))
        if text.lower() in _TWO_FACED:
            message = f"`{text}` without quotes is a word to some readers of YAML and true or false to others"
            hint = f'write "{text}", or another name' if as_key else f'write true or false, or "{text}" for the word'
            self.tell(Trouble((*at, text) if as_key else at, _place(event), message, hint, unless_key=as_key))
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if len(text) <= _MAX_DIGITS and _INTEGER.fullmatch(text):
            return int(text.replace("_", ""))
        if len(text) <= _MAX_DIGITS and _DECIMAL.fullmatch(text):
            return Decimal(text.replace("_", ""))
        return text

    def seen(self, event: ScalarEvent) -> str:
        """The text without what hides in the file, which is told as it stands there and need not be told again."""
        text = str(event.value)
        if text.isascii():
            return text
        written = self.text[event.start_mark.index : event.end_mark.index]
        return "".join(char for char in text if not (_hides(char) and char in written))


def _odd_indent(text: str, line: int) -> str | None:
    """What to do where a line, or the one before it, begins with spaces that look like plain ones."""
    for number, written in enumerate(text.split("\n")[:line], 1):
        indent = written[: len(written) - len(written.lstrip())]
        if number >= line - 1 and not indent.isascii():
            return f"retype the spaces at the beginning of line {number}: not all are plain ones"
    return None


def _number(node: Node) -> bool:
    return isinstance(node.value, int | Decimal) and not isinstance(node.value, bool)


def _is_group(event: Event) -> bool:
    return isinstance(event, ScalarEvent) and event.style is None and bool(_SPLIT.fullmatch(str(event.value)))


def _place(event: Event) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _place_of(text: str, position: int) -> Place:
    before = text[:position]
    return Place(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


def _hidden_characters(text: str) -> Iterator[Trouble]:
    """Characters that reorder or hide others, in comments too: what is signed must be what a reader saw."""
    for match in re.finditer(r"[^\x00-\x7f]", text):
        char = match.group()
        if _hides(char):
            message = f"U+{ord(char):04X} ({unicodedata.name(char, 'unnamed')}) hides or reorders text"
            yield Trouble((), _place_of(text, match.start()), message, "take the character out")


def _hides(char: str) -> bool:
    return unicodedata.category(char) == "Cf" and char not in _JOINERS
