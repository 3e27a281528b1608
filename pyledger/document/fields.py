"""The kinds of value that a document's fields hold, and how each is read from what YAML hands over.

Each kind also says, as JSON Schema, what may be written for it, so that editors complete and check (`schema`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from pyledger.document import units
from pyledger.document.units import NotUnderstood

__all__ = [
    "Amount",
    "Bytes",
    "Duration",
    "Growth",
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


def _text(description: str, pattern: str, **further: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", "description": description, **further})


_UNIT: Final = "(second|minute|hour|day|week|month|year)s?"
_DECIMALS: Final = r"(\.[0-9]{1,2}0{0,38})?"
_ID: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
    "maxLength": 64,
    "description": "A name to refer by: lowercase letters, digits and hyphens, a letter first.",
}
_PERCENT: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": rf"^(100(\.0{{1,40}})?|[1-9]?[0-9]{_DECIMALS}) ?%$",
    "description": 'A share from 0% to 100%, to a hundredth of a percent: "40%", "12.5%".',
}
_VERDICT: Final[dict[str, Any]] = {
    "enum": ["met", "breached", "lapsed", "breach", "lapse"],
    "description": "A verdict: met, breached, or lapsed (nobody's fault).",
}


def _or_list(one: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one}]})


Id = Annotated[str, BeforeValidator(units.parse_id), WithJsonSchema(_ID)]
Line = Annotated[
    str, BeforeValidator(units.parse_line), _text("One line of text.", r"\s*[^\s]([^\n\t]{0,198}[^\s])?\s*")
]
Prose = Annotated[
    str,
    BeforeValidator(units.parse_prose),
    WithJsonSchema({"type": "string", "pattern": r"\S", "description": "Text of any number of lines."}),
]
Whole = Annotated[
    int,
    BeforeValidator(units.parse_whole),
    WithJsonSchema({"type": "integer", "minimum": 0, "description": "A whole number."}),
]
Truth = Annotated[
    bool,
    BeforeValidator(units.parse_truth),
    WithJsonSchema({"type": "boolean", "description": "true or false, without quotes."}),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(units.parse_amount),
    WithJsonSchema(
        {
            "description": "An amount in units of its asset: 1_080_000, 0.25.",
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": r"^(0|[1-9][0-9]*(_[0-9]+)*)(\.[0-9]+)?$"},
            ],
        }
    ),
]
Bytes = Annotated[
    bytes,
    BeforeValidator(units.parse_bytes),
    WithJsonSchema(
        {
            "description": "Bytes: 0x and two hexadecimal digits each, which some editors take for a number.",
            "anyOf": [{"type": "string", "pattern": "^0x([0-9a-fA-F]{2}){1,1024}$"}, {"type": "integer", "minimum": 0}],
        }
    ),
]
Duration = Annotated[
    int,
    BeforeValidator(units.parse_duration),
    _text(
        'A duration: "14 days", "36 hours", "1 day 12 hours"; a month is 30 days, a year 365.',
        rf"\s*[0-9]{{1,12}}\s+{_UNIT}(\s+[0-9]{{1,12}}\s+{_UNIT})*\s*",
    ),
]
Time = Annotated[
    int,
    BeforeValidator(units.parse_time),
    _text(
        'A date, 00:00 UTC of that day, or a time: "2027-01-31", "2027-01-31 12:00", "2027-01-31T12:00:00+02:00".',
        "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})? ?(Z|UTC|[+-][0-9]{2}:[0-9]{2})?)?",
    ),
]
Percent = Annotated[int, BeforeValidator(units.parse_percent), WithJsonSchema(_PERCENT)]
Growth = Annotated[
    int,
    BeforeValidator(units.parse_rate),
    _text('A rate, which may be more than a whole: "250%".', rf"(0|[1-9][0-9]{{0,4}}){_DECIMALS} ?%"),
]
Verdict = Annotated[VerdictWord, BeforeValidator(_parse_verdict), WithJsonSchema(_VERDICT)]
Version = Annotated[
    int, BeforeValidator(_parse_version), WithJsonSchema({"const": 1, "description": "The number of the format."})
]
Shares = Annotated[
    Mapping[Id, Percent],
    BeforeValidator(_one_or_shares),
    WithJsonSchema(
        {
            "description": "Who receives which share, together 100%; or one name that receives all.",
            "anyOf": [
                _ID,
                {"type": "object", "propertyNames": _ID, "additionalProperties": _PERCENT, "minProperties": 1},
            ],
        }
    ),
]
Ids = Annotated[tuple[Id, ...], BeforeValidator(_one_or_list), _or_list(_ID)]
Verdicts = Annotated[tuple[Verdict, ...], BeforeValidator(_one_or_list), _or_list(_VERDICT)]


class Model(BaseModel):
    """Frozen, and strict about unknown keys.

    What validates it is built when something is first read as it: parts are built as parts of the whole, and only then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
