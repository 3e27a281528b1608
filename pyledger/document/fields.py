"""The kinds of value that a document's fields hold, and how each is read from what YAML hands over."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from pyledger.document import units
from pyledger.document.units import NotUnderstood

__all__ = [
    "Amount",
    "Bytes",
    "Duration",
    "Id",
    "Ids",
    "Line",
    "Model",
    "Percent",
    "Prose",
    "Shares",
    "Time",
    "Truth",
    "Verdict",
    "VerdictWord",
    "Verdicts",
    "Version",
    "Whole",
]

VerdictWord = Literal["met", "breached", "lapsed"]

_VERDICTS: Final[Mapping[str, VerdictWord]] = {
    "met": "met",
    "breach": "breached",
    "breached": "breached",
    "lapse": "lapsed",
    "lapsed": "lapsed",
}


def _parse_verdict(value: object) -> VerdictWord:
    if not isinstance(value, str) or value not in _VERDICTS:
        raise NotUnderstood(f"expected a verdict, found {units.describe(value)}", "write met, breached or lapsed")
    return _VERDICTS[value]


def _parse_version(value: object) -> int:
    if isinstance(value, bool) or value != 1:
        raise NotUnderstood(f"this program reads format 1, found {units.describe(value)}", "write `pyledger: 1`")
    return 1


def _one_or_shares(value: object) -> object:
    return {value: "100%"} if isinstance(value, str) else value


def _one_or_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Id = Annotated[str, BeforeValidator(units.parse_id)]
Line = Annotated[str, BeforeValidator(units.parse_line)]
Prose = Annotated[str, BeforeValidator(units.parse_prose)]
Whole = Annotated[int, BeforeValidator(units.parse_whole)]
Truth = Annotated[bool, BeforeValidator(units.parse_truth)]
Amount = Annotated[Decimal, BeforeValidator(units.parse_amount)]
Bytes = Annotated[bytes, BeforeValidator(units.parse_bytes)]
Duration = Annotated[int, BeforeValidator(units.parse_duration)]
Time = Annotated[int, BeforeValidator(units.parse_time)]
Percent = Annotated[int, BeforeValidator(units.parse_percent)]
Verdict = Annotated[VerdictWord, BeforeValidator(_parse_verdict)]
Version = Annotated[int, BeforeValidator(_parse_version)]
Shares = Annotated[Mapping[Id, Percent], BeforeValidator(_one_or_shares)]
Ids = Annotated[tuple[Id, ...], BeforeValidator(_one_or_list)]
Verdicts = Annotated[tuple[Verdict, ...], BeforeValidator(_one_or_list)]


class Model(BaseModel):
    """Frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
