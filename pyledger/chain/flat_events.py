"""Events whose values are single words, read word by word: what an index of millions of them is made with.

As strict as the general decoder: what does not fit its type is no event of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from pyledger.chain.abi import ENUMS, Entry
from pyledger.chain.event_records import Event, Origin

__all__ = ["FlatEvent", "flat"]

_WORD: Final = 32
_STATIC: Final = ("uint", "address", "bool", "bytes32")


def flat(entry: Entry) -> bool:
    """Whether every value of an event is a single word."""
    return all(each["type"].startswith(_STATIC) and "[" not in each["type"] for each in entry.inputs)


class FlatEvent:
    """How one such event is read; `field` gives the record's name of a value, `sets` are those that are sets."""

    def __init__(self, entry: Entry, kind: type[Event], field: Callable[[str], str], sets: Collection[str]) -> None:
        self._kind = kind
        indexed = [each for each in entry.inputs if each.get("indexed")]
        plain = [each for each in entry.inputs if not each.get("indexed")]
        self._topics = [(field(each["name"]), _reader(each, sets)) for each in indexed]
        self._words = [(field(each["name"]), _reader(each, sets)) for each in plain]
        self._size = _WORD * len(plain)

    def event(self, origin: Origin, topics: Sequence[bytes], data: bytes) -> Event | None:
        """The event, or None where the words do not fit."""
        if len(topics) != len(self._topics) + 1 or len(data) < self._size:
            return None
        try:
            values = {name: read(topic) for (name, read), topic in zip(self._topics, topics[1:], strict=True)}
            at = 0
            for name, read in self._words:
                values[name] = read(data[at : at + _WORD])
                at += _WORD
            return self._kind(origin, **values)
        except ValueError:
            return None


def _reader(param: Mapping[str, Any], sets: Collection[str]) -> Callable[[bytes], Any]:
    kind: str = param["type"]
    word = param.get("internalType", "").rsplit(" ", 1)[-1].rsplit(".", 1)[-1]
    if param["name"] == "flaw":
        return _flaw
    if kind == "bytes32":
        return bytes
    if kind == "address":
        return _address
    if kind == "bool":
        return _truth
    if kind == "uint8" and word in ENUMS:
        return lambda found: ENUMS[word](int.from_bytes(found))
    number = _number(int(kind.removeprefix("uint") or 256))
    if param["name"] in sets:
        return lambda found: _set(number(found))
    return number


def _number(bits: int) -> Callable[[bytes], int]:
    limit = 1 << bits

    def read(word: bytes) -> int:
        found = int.from_bytes(word)
        if found >= limit:
            raise ValueError(f"{found} does not fit uint{bits}")
        return found

    return read


def _address(word: bytes) -> bytes:
    if word[:12] != bytes(12) or len(word) != _WORD:
        raise ValueError("no address")
    return word[12:]


def _truth(word: bytes) -> bool:
    found = int.from_bytes(word)
    if found > 1:
        raise ValueError("neither true nor false")
    return bool(found)


def _set(bits: int) -> frozenset[int]:
    return frozenset(each for each in range(bits.bit_length()) if bits >> each & 1)


def _flaw(word: bytes) -> str:
    return word.rstrip(b"\0").decode("ascii", "replace")
