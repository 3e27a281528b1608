"""Terms and phases in the bytes in which calls carry them.

The fields of a struct in their order, big-endian, each in as many bytes as its type has; before the items of a list,
and before the bytes of `arbitratorData`, their number in two bytes. Nothing lies between and nothing after, so a struct
can be written in one way only, and the hash of the bytes identifies it. `contracts/src/libraries/Packed.sol` is the
twin.

In packed terms the phases are represented as in the contracts: by the hash of the list of their struct hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from pyledger.errors import TermsError
from pyledger.terms import structs
from pyledger.terms.structs import Phase, Terms, Undisclosed
from pyledger.terms.typed_data import TYPES

__all__ = ["pack_phase", "pack_terms", "unpack_phase", "unpack_terms"]

_COUNT: Final = 2
"""Bytes of the number of items before a list."""

_Reader = Callable[[bytes, int], tuple[Any, int]]

_HEADER: Final = "Header"
_FIELDS: Final = TYPES | {_HEADER: (*TYPES["Terms"][:-1], ("bytes32", "phases"))}


def pack_terms(terms: Terms, phases: bytes) -> bytes:
    """The terms packed; `phases` is the hash that stands for their phases. ValueError where a value does not fit."""
    return _pack(_HEADER, (*terms[:-1], phases))


def pack_phase(phase: Phase) -> bytes:
    """A phase packed. ValueError where a value does not fit, TermsError where only the phase's hash is known."""
    if isinstance(phase, Undisclosed):
        raise TermsError(
            f"the phase with hash 0x{phase.hash.hex()} is not disclosed, and this needs its words",
            hint="give the document, with --bindings FILE; parties and verifiers should have both",
        )
    return _pack("Phase", phase)


def unpack_terms(packed: bytes) -> tuple[Terms, bytes]:
    """Terms without phases, and the hash that stands for these. ValueError where the bytes are no packed terms."""
    *fields, phases = _unpack_whole(_HEADER, packed)
    return Terms._make((*fields, ())), phases


def unpack_phase(packed: bytes) -> Phase:
    """The phase that bytes mean. ValueError where they are no packed phase."""
    found: Phase = _unpack_whole("Phase", packed)
    return found


def _width(kind: str) -> int:
    """Bytes of a value that is neither list nor struct nor `bytes`."""
    if kind in ("bool", "address", "bytes32"):
        return {"bool": 1, "address": 20, "bytes32": 32}[kind]
    return int(kind.removeprefix("uint")) // 8


def _pack(kind: str, value: Any) -> bytes:
    if kind in _FIELDS:
        fields = zip(_FIELDS[kind], value, strict=True)
        return b"".join(_pack(inner, item) for (inner, _), item in fields)
    if kind == "bytes" or kind.endswith("[]"):
        if len(value) >= 1 << 8 * _COUNT:
            raise ValueError(f"{len(value)} items do not fit {kind}")
        items = value if kind == "bytes" else b"".join(_pack(kind[:-2], item) for item in value)
        return len(value).to_bytes(_COUNT, "big") + items
    width = _width(kind)
    if isinstance(value, bytes):
        if len(value) != width:
            raise ValueError(f"{kind} takes {width} bytes, not {len(value)}")
        return value
    number = int(value)
    if not 0 <= number < 1 << (1 if kind == "bool" else 8 * width):
        raise ValueError(f"{number} does not fit {kind}")
    return number.to_bytes(width, "big")


def _unpack_whole(kind: str, packed: bytes) -> Any:
    fields, end = _reader(kind)(packed, 0)
    if end != len(packed):
        raise ValueError(f"{len(packed) - end} bytes too many for packed data")
    return fields


@cache
def _reader(kind: str) -> _Reader:
    """What reads a type: from the bytes and where a value begins in them, that value and where the next one does."""
    if kind in _FIELDS:
        make: Callable[[list[Any]], Any] = tuple if kind == _HEADER else getattr(structs, kind)._make
        return _struct_reader(make, tuple(_reader(inner) for inner, _ in _FIELDS[kind]))
    if kind == "bytes":
        return _bytes_reader
    if kind.endswith("[]"):
        return _list_reader(_reader(kind[:-2]))
    if kind in ("address", "bytes32"):
        width = _width(kind)
        return lambda packed, start: (_take(packed, start, width), start + width)
    return _bool_reader if kind == "bool" else _number_reader(_width(kind))


def _struct_reader(make: Callable[[list[Any]], Any], inner: Sequence[_Reader]) -> _Reader:
    def read(packed: bytes, start: int) -> tuple[Any, int]:
        fields = []
        for each in inner:
            item, start = each(packed, start)
            fields.append(item)
        return make(fields), start

    return read


def _list_reader(inner: _Reader) -> _Reader:
    def read(packed: bytes, start: int) -> tuple[Any, int]:
        count, start = _count(packed, start)
        items = []
        for _ in range(count):
            item, start = inner(packed, start)
            items.append(item)
        return tuple(items), start

    return read


def _number_reader(width: int) -> _Reader:
    return lambda packed, start: (int.from_bytes(_take(packed, start, width), "big"), start + width)


def _bytes_reader(packed: bytes, start: int) -> tuple[Any, int]:
    count, start = _count(packed, start)
    return _take(packed, start, count), start + count


def _bool_reader(packed: bytes, start: int) -> tuple[Any, int]:
    number = _take(packed, start, 1)[0]
    if number > 1:
        raise ValueError(f"{number} is no bool")
    return bool(number), start + 1


def _count(packed: bytes, start: int) -> tuple[int, int]:
    return int.from_bytes(_take(packed, start, _COUNT), "big"), start + _COUNT


def _take(packed: bytes, start: int, width: int) -> bytes:
    found = packed[start : start + width]
    if len(found) != width:
        raise ValueError(f"packed data ends at byte {len(packed)}, within a value")
    return found
