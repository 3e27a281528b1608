"""Poseidon over the field of BN254, for two inputs: the hash that trees of Semaphore identities are made with.

Constants are not copied from anywhere: they are drawn as the authors of the hash draw them (Grassi et al., "Poseidon",
appendix E: a Grain LFSR in self-shrinking mode), for 3 words, 8 full and 57 partial rounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["FIELD", "poseidon", "tree_depth", "tree_root"]

FIELD: Final = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""Order of the field, a prime of 254 bits."""

_BITS: Final = 254
_WIDTH: Final = 3
_FULL: Final = 8
_PARTIAL: Final = 57


class _Constants(NamedTuple):
    rounds: tuple[int, ...]
    mix: tuple[tuple[int, ...], ...]


def poseidon(left: int, right: int) -> int:
    """The hash of two numbers of the field. ValueError for what is no such number."""
    if not (0 <= left < FIELD and 0 <= right < FIELD):
        raise ValueError("not a number of the field")
    rounds, mix = _constants()
    state = [0, left, right]
    for index in range(_FULL + _PARTIAL):
        state = [(word + rounds[_WIDTH * index + place]) % FIELD for place, word in enumerate(state)]
        whole = index < _FULL // 2 or index >= _FULL // 2 + _PARTIAL
        state = [pow(word, 5, FIELD) if whole or not place else word for place, word in enumerate(state)]
        state = [sum(a * b for a, b in zip(row, state, strict=True)) % FIELD for row in mix]
    return state[0]


def tree_root(leaves: Sequence[int]) -> int:
    """Root of the tree (LeanIMT) over some leaves: a node that has no sibling goes up as it is. ValueError for none."""
    level = list(leaves)
    if not level:
        raise ValueError("a tree has a leaf at least")
    while len(level) > 1:
        pairs = [level[index : index + 2] for index in range(0, len(level), 2)]
        level = [poseidon(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0]


def tree_depth(leaves: int) -> int:
    """How many levels such a tree has above its leaves."""
    return (leaves - 1).bit_length()


@lru_cache(maxsize=1)
def _constants() -> _Constants:
    numbers = _numbers()
    rounds = tuple(next(found for found in numbers if found < FIELD) for _ in range((_FULL + _PARTIAL) * _WIDTH))
    drawn = [next(numbers) % FIELD for _ in range(2 * _WIDTH)]
    mix = tuple(tuple(pow(x + y, -1, FIELD) for y in drawn[_WIDTH:]) for x in drawn[:_WIDTH])
    return _Constants(rounds, mix)


def _numbers() -> Iterator[int]:
    bits = _kept()
    while True:
        yield int("".join(str(next(bits)) for _ in range(_BITS)), 2)


def _kept() -> Iterator[int]:
    """Of each two bits of the register the second, where the first is one."""
    bits = _register()
    for _ in range(160):
        next(bits)
    for first in bits:
        second = next(bits)
        if first:
            yield second


def _register() -> Iterator[int]:
    """The register, which starts from the parameters: a prime field, the S-box x^5, sizes and rounds, and ones."""
    start = f"{1:02b}{0:04b}{_BITS:012b}{_WIDTH:012b}{_FULL:010b}{_PARTIAL:010b}{'1' * 30}"
    state = [int(bit) for bit in start]
    while True:
        bit = state[62] ^ state[51] ^ state[38] ^ state[23] ^ state[13] ^ state[0]
        state = [*state[1:], bit]
        yield bit
