"""Texts that stay off the chain while their hash is on it, and from which words can be taken without breaking the hash.

A submission is a list of paragraphs. Each is a leaf of a Merkle tree, hashed with 32 random bytes of its own:

    leaf = keccak256(keccak256(number (32 bytes) ‖ count (32 bytes) ‖ salt (32 bytes) ‖ keccak256(text)))

Two neighbours are hashed in ascending order, as OpenZeppelin's `MerkleProof` expects; a node without a neighbour moves
up as it is. What is withheld leaves its leaf behind: the root stays, and the salt keeps short paragraphs (a name, yes
or no) from being guessed. Leaves are hashed twice, so that no inner node can pass for one, and hold how many there are,
so that two withheld paragraphs cannot pass for one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from eth_hash.auto import keccak

from pyledger.errors import UsageError

__all__ = ["Paragraph", "Submission", "Withheld", "dumps", "loads", "written"]

_MOST: Final = 1_000
_KIND: Final = "submission"


class Paragraph(NamedTuple):
    """A paragraph with its salt (32 bytes)."""

    salt: bytes
    text: str

    def leaf(self, number: int, count: int) -> bytes:
        """Its leaf (32 bytes) as paragraph `number` (from 0) of `count`."""
        place = number.to_bytes(32, "big") + count.to_bytes(32, "big")
        return keccak(keccak(place + self.salt + keccak(self.text.encode())))


class Withheld(NamedTuple):
    """A paragraph of which only the leaf (32 bytes) is left."""

    known: bytes

    def leaf(self, number: int, count: int) -> bytes:
        """The same."""
        return self.known


@dataclass(frozen=True, slots=True)
class Submission:
    """A text, paragraph by paragraph; `language` is a tag such as `en` or `guc`."""

    language: str
    parts: tuple[Paragraph | Withheld, ...]

    @property
    def root(self) -> bytes:
        """What stands for the whole text on the chain: 32 bytes."""
        level = [part.leaf(number, len(self.parts)) for number, part in enumerate(self.parts)]
        while len(level) > 1:
            pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
            level = [keccak(b"".join(sorted(pair))) if len(pair) == 2 else pair[0] for pair in pairs]
        return level[0]

    def without(self, numbers: Collection[int]) -> Submission:
        """The same with some paragraphs, numbered from 1, withheld. UsageError for one that is not there."""
        count = len(self.parts)
        if unknown := sorted(set(numbers) - set(range(1, count + 1))):
            raise UsageError(f"there is no paragraph {unknown[0]}", hint=f"they go from 1 to {count}")
        left = (
            Withheld(part.leaf(number, count)) if number + 1 in numbers else part
            for number, part in enumerate(self.parts)
        )
        return replace(self, parts=tuple(left))


def written(
    text: str, language: str, random: Callable[[int], bytes] = secrets.token_bytes, *, file: str | None = None
) -> Submission:
    """A submission of a text whose paragraphs are apart by empty lines. UsageError where there is none, or too many."""
    paragraphs = [" ".join(each.split()) for each in text.replace("\r\n", "\n").split("\n\n")]
    found = [each for each in paragraphs if each]
    if not 1 <= len(found) <= _MOST:
        raise UsageError(
            f"{file or 'this'} has {len(found)} paragraphs, and 1 to {_MOST:,} are possible",
            hint="write what is to be submitted, its paragraphs apart by empty lines",
        )
    return Submission(language, tuple(Paragraph(random(32), each) for each in found))


def dumps(submission: Submission) -> str:
    """A submission as JSON, to keep or to publish."""
    parts = [
        {"salt": "0x" + part.salt.hex(), "text": part.text}
        if isinstance(part, Paragraph)
        else {"withheld": "0x" + part.known.hex()}
        for part in submission.parts
    ]
    data = {"kind": _KIND, "version": 1, "language": submission.language, "paragraphs": parts}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def loads(text: str, *, file: str) -> Submission:
    """The submission in a text; UsageError, with the place, where it is none."""
    try:
        data = json.loads(text)
        if (
            not isinstance(data, dict)
            or data["kind"] != _KIND
            or data["version"] != 1
            or not isinstance(data["language"], str)
        ):
            raise ValueError("it is of another kind or version")
        parts = data["paragraphs"]
        if not isinstance(parts, list) or not 1 <= len(parts) <= _MOST:
            raise ValueError(f"it needs 1 to {_MOST:,} paragraphs")
        data["language"].encode()
        return Submission(data["language"], tuple(_part(each) for each in parts))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        said = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
        raise UsageError(
            f"{file} is no submission: {said}"[:300], hint="`pyledger submission write` makes one"
        ) from None


def _part(data: dict[str, Any]) -> Paragraph | Withheld:
    if "withheld" in data:
        return Withheld(_hash(data["withheld"]))
    if not isinstance(data["text"], str):
        raise ValueError("a paragraph is text")
    data["text"].encode()  # half a character, which JSON can write, is none
    return Paragraph(_hash(data["salt"]), data["text"])


def _hash(said: object) -> bytes:
    found = bytes.fromhex(said[2:]) if isinstance(said, str) and said.startswith("0x") else b""
    if len(found) != 32:
        raise ValueError("a salt or leaf is 0x and 64 hexadecimal digits")
    return found
