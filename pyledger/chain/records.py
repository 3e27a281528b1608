"""How signed records are written: JSON with bytes as 0x text, numbers that may be large as decimal text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, ValidationError

from pyledger.errors import SignatureError
from pyledger.terms.addresses import checksum

__all__ = ["Address", "Amount", "Hash", "Octets", "Record", "read_record", "write_record"]


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
    """A record that somebody signed, whole in itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


_R = TypeVar("_R", bound=Record)


def write_record(record: Record, file: Path) -> None:
    """Writes a record as JSON."""
    file.write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_record(kind: type[_R], file: Path) -> _R:
    """Reads a record of one kind; SignatureError says what is wrong with the file."""
    try:
        return kind.model_validate_json(file.read_text(encoding="utf-8"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(each) for each in first["loc"])
        raise SignatureError(
            f"this is not an {kind.__name__.removeprefix('Signed').lower()}: {place or 'the file'}: {first['msg']}",
            where=str(file),
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SignatureError(f"the file cannot be read: {error}", where=str(file)) from error
