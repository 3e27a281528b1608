"""Signed records as files: JSON with bytes as 0x text, numbers that may be large as decimal text.

A file holds one record or a list of them, of any kinds. It may come from anybody, so nothing in it is believed before
it has been read whole: neither its size nor how deeply it is nested.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, ValidationError

from pyledger.errors import SignatureError, UsageError
from pyledger.terms.addresses import checksum

__all__ = ["Address", "Amount", "Hash", "Octets", "Record", "dump_records", "flaw", "read_json", "read_records"]

_MOST_BYTES: Final = 4 * 1024 * 1024
"""Largest file of signed records that is read: thousands of them."""

_DEEPEST: Final = 100

_ASK: Final = "is it the right file? ask whoever wrote it for it again"


def _octets(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str) or not value.startswith("0x"):
        raise ValueError("expected 0x and hexadecimal digits")
    return bytes.fromhex(value[2:])


def _sized(size: int) -> BeforeValidator:
    def check(value: object) -> bytes:
        octets = _octets(value)
        if len(octets) != size:
            raise ValueError(f"expected {size} bytes, found {len(octets)}")
        return octets

    return BeforeValidator(check)


def _amount(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise ValueError("expected a whole number in quotes")
    return int(value)


_as_hex = PlainSerializer(lambda value: "0x" + value.hex(), return_type=str)

Octets = Annotated[bytes, BeforeValidator(_octets), _as_hex]
Hash = Annotated[bytes, _sized(32), _as_hex]
Address = Annotated[bytes, _sized(20), PlainSerializer(checksum, return_type=str)]
Amount = Annotated[int, BeforeValidator(_amount), PlainSerializer(str, return_type=str)]


class Record(BaseModel):
    """A record that somebody signed, whole in itself. Its `kind` is the word by which files say which one it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


_R = TypeVar("_R", bound=Record)


def dump_records(records: Sequence[Record]) -> str:
    """Records as the text of a file: one by itself, several as a list."""
    found = [json.loads(record.model_dump_json()) for record in records]
    return json.dumps(found[0] if len(found) == 1 else found, indent=2) + "\n"


def read_json(file: Path, what: str) -> Any:
    """What a file says that may come from anybody, `what` being what it should hold: JSON that names no key twice.

    UsageError if the file cannot be read, SignatureError if it is too large, too deep, or no such JSON.
    """
    try:
        with file.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="check the path") from None
    if len(raw) > _MOST_BYTES:
        raise SignatureError(f"the file has more than {_MOST_BYTES:,} bytes", where=str(file), hint="is it the one?")
    if _depth(raw) > _DEEPEST:
        raise SignatureError(f"this is nested too deeply to be a {what}", where=str(file), hint=_ASK)
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_once)
    except ValueError as error:
        raise SignatureError(f"this is not JSON: {error}", where=str(file), hint=_ASK) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs of one object; ValueError for a key that comes twice, of which readers might take either."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is written twice")
    return found


def read_records(file: Path, *kinds: type[_R]) -> tuple[_R, ...]:
    """The records in a file, each of one of some kinds, at least one.

    UsageError if the file cannot be read, SignatureError, saying what is wrong with it, if it holds anything else.
    """
    content = read_json(file, "signed record")
    found = content if isinstance(content, list) else [content]
    if not found:
        raise SignatureError("the file holds no signed record", where=str(file), hint=_ASK)
    return tuple(_record(each, file, kinds) for each in found)


def _depth(raw: bytes) -> int:
    """How deeply JSON is nested at most, as its brackets say: Python's own reader may crash on what is too deep."""
    steps = (1 if bracket in b"[{" else -1 for bracket in re.findall(rb"[][{}]", raw))
    return max(accumulate(steps), default=0)


def _record(content: Any, file: Path, kinds: Sequence[type[_R]]) -> _R:
    known = {each.model_fields["kind"].default: each for each in kinds}
    word = content.get("kind") if isinstance(content, dict) else None
    kind = known.get(word) if isinstance(word, str) else None
    if kind is None:
        raise SignatureError(f"this is no signed {' or '.join(known)}", where=str(file), hint=_ASK)
    try:
        return kind.model_validate_json(json.dumps(content))
    except ValidationError as error:
        what = f"this is not a signed {word}: {flaw(error, 'the record')}"
        raise SignatureError(what, where=str(file), hint=_ASK) from None


def flaw(error: ValidationError, whole: str) -> str:
    """The first thing wrong with what was read, and where in it; `whole` is what all of it is called."""
    first = error.errors()[0]
    place = ".".join(str(each) for each in first["loc"]) or whole
    said = "it is missing" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ")
    return f"{place}: {said}"
