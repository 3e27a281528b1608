"""Addresses: 20 raw bytes inside, `0x` and 40 hexadecimal digits for people, with the checksum of ERC-55."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pyledger.document.units import NotUnderstood, describe

__all__ = ["checksum", "parse_address"]

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_LENGTH = 20

_KEPT: Final = 16_384
"""Addresses whose text is remembered: a page shows the same ones again and again."""


def parse_address(value: object) -> bytes:
    """Twenty bytes; the checksum is held against mixed case, which is what says there is one."""
    if isinstance(value, bytes) and len(value) == _LENGTH:
        return value
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise NotUnderstood(f"expected an address, found {describe(value)}", "write 0x and 40 hexadecimal digits")
    address = bytes.fromhex(value[2:])
    digits = value[2:]
    if digits not in (digits.lower(), digits.upper()) and value != checksum(address):
        message = f"the checksum of {value} is wrong: a digit or a letter's case was changed"
        raise NotUnderstood(message, "copy the address again from where it comes from")
    return address


@lru_cache(maxsize=_KEPT)
def checksum(address: bytes) -> str:
    """The address as text, its letters' case carrying the ERC-55 checksum."""
    from eth_hash.auto import keccak

    digits = address.hex()
    marks = keccak(digits.encode()).hex()
    return "0x" + "".join(d.upper() if int(mark, 16) >= 8 else d for d, mark in zip(digits, marks, strict=False))
