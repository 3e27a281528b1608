"""The description of the API (OpenAPI 3.1), made from the values that it answers with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pyledger import __version__
from pyledger.observer.shapes import Measured, Money
from pyledger.observer.web.account_views import AccountPage
from pyledger.observer.web.agreement_views import AgreementPage, HistoryPage, VerificationPage
from pyledger.observer.web.query import FEW, LARGEST, STATUSES
from pyledger.observer.web.views import ListPage, NodeState
from pyledger.observer.web.window import MOST

__all__ = ["openapi"]

_ADDRESS: Final = "^0x[0-9a-fA-F]{40}$"
_GIVEN: Final = {"type": "string", "pattern": _ADDRESS, "format": "erc-55"}
"""An address that is given: in one case, or in both with the checksum of ERC-55, which no pattern can say."""

_HASH: Final = "^0x[0-9a-fA-F]{64}$"
_NUMBER: Final = "^-?[0-9]+$"


def openapi() -> dict[str, Any]:
    """The whole description, as a JSON value."""
    kinds = [endpoint.answer for endpoint in ENDPOINTS if endpoint.answer is not None]
    named, parts = _Plain(ref_template="#/components/schemas/{model}").generate_definitions(
        [(kind, "serialization", TypeAdapter(kind).core_schema) for kind in kinds]
    )
    answers = {kind: named[kind, "serialization"] for kind in kinds}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "pyledger",
            "version": __version__,
            "description": (
                "Agreements of one chain, as their events tell of them. Reading only. Times are Unix seconds, "
                "durations seconds; amounts are text, as 256 bits fit no JSON number. Texts may have been written by "
                "strangers. `/events` and `/agreements/ADDRESS/events` send server-sent events with the same `node`."
            ),
        },
        "servers": [{"url": "/"}],
        "paths": {endpoint.path: {"get": _operation(endpoint, answers)} for endpoint in ENDPOINTS},
        "components": {"schemas": {**parts, "Problem": _PROBLEM}},
    }


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """One path, what it is for, what it takes, and the type of its answer (None: any JSON object)."""

    name: str
    path: str
    summary: str
    query: Sequence[str]
    answer: type | None


ENDPOINTS: Final = (
    _Endpoint("node", "/api/v1/node", "How fresh the store is.", (), NodeState),
    _Endpoint(
        "agreements",
        "/api/v1/agreements",
        "Agreements, those that changed last first.",
        ("status", "party", "document", "after", "limit"),
        ListPage,
    ),
    _Endpoint("agreement", "/api/v1/agreements/{address}", "Everything about one agreement.", (), AgreementPage),
    _Endpoint(
        "history",
        "/api/v1/agreements/{address}/history",
        "What happened to one agreement, in the order of the chain.",
        ("skip", "limit"),
        HistoryPage,
    ),
    _Endpoint(
        "verification",
        "/api/v1/agreements/{address}/verification",
        "From the terms to the address, step by step.",
        (),
        VerificationPage,
    ),
    _Endpoint(
        "typed_data",
        "/api/v1/agreements/{address}/typed-data",
        "The terms as a wallet is shown them (EIP-712).",
        (),
        None,
    ),
    _Endpoint(
        "account",
        "/api/v1/accounts/{address}",
        "One account: its record, and the agreements in which it is anything.",
        ("after", "limit"),
        AccountPage,
    ),
    _Endpoint("openapi", "/api/v1/openapi.json", "This description.", (), None),
)

_QUERY: Final[dict[str, dict[str, Any]]] = {
    "status": {"schema": {"enum": list(STATUSES)}, "description": "Only those that stand so."},
    "party": {"schema": _GIVEN, "description": "Only those with this party."},
    "document": {"schema": {"type": "string", "pattern": _HASH}, "description": "Only those of this document's hash."},
    "after": {
        "schema": {"type": "string", "pattern": "^[0-9]{1,15}-0x[0-9a-fA-F]{40}$"},
        "description": "Where the list goes on: `next` of the part before.",
    },
    "skip": {
        "schema": {"type": "integer", "minimum": 0, "maximum": LARGEST},
        "description": "How many lines to pass over: `next` of the part before.",
    },
    "limit": {
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": FEW},
        "description": "How many rows at most.",
    },
}

_PROBLEM: Final = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}


class _Plain(GenerateJsonSchema):
    """Schemas of what `pyledger.observer.shapes.plain` makes of values."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """A dataclass is an object of its fields, but amounts and numbers of a unit are written out."""
        kind = schema["cls"]
        if kind is Money:
            return _written(kind, {"asset": {"type": "string"}, "symbol": {"type": "string"}}, "amount")
        if kind is Measured:
            return _written(kind, {"unit": {"type": ["string", "null"]}}, "value")
        found = super().dataclass_schema(schema)
        found["properties"] = {name.rstrip("_"): each for name, each in found["properties"].items()}
        found["required"] = list(found["properties"])
        found["additionalProperties"] = False
        found["description"] = (kind.__doc__ or "").replace("\n    ", "\n")
        return found


def _written(kind: type, named: dict[str, Any], amount: str) -> JsonSchemaValue:
    properties = {
        **named,
        amount: {"type": "string", "description": "in units"},
        "smallest": {"type": "string", "pattern": _NUMBER},
        "decimals": {"type": "integer"},
    }
    return {
        "type": "object",
        "title": kind.__name__,
        "description": kind.__doc__ or "",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _operation(endpoint: _Endpoint, answers: dict[type, JsonSchemaValue]) -> dict[str, Any]:
    answer = {"type": "object"} if endpoint.answer is None else answers[endpoint.answer]
    parameters = [_parameter(name) for name in endpoint.query]
    if "{address}" in endpoint.path:
        parameters.insert(0, {"name": "address", "in": "path", "required": True, "schema": _GIVEN})
    failures = {
        "400": "It cannot be understood.",
        "414": "The address of the page is too long.",
        "503": "The store does not answer at present.",
    }
    if "{address}" in endpoint.path:
        failures |= {"404": "There is no such thing here.", "502": "What the node said of it cannot be true."}
    problem = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "What was asked for.", "content": {"application/json": {"schema": answer}}},
            "304": {"description": "It is as it was: `If-None-Match` had its `ETag`."},
            **{status: {"description": words, **problem} for status, words in sorted(failures.items())},
        },
    }


def _parameter(name: str) -> dict[str, Any]:
    return {"name": "after" if name == "skip" else name, "in": "query", "required": False, **_QUERY[name]}
