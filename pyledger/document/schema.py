"""The format as JSON Schema (draft 2020-12), drawn from the models, so that editors complete and check as one writes.

It accepts whatever the loader accepts. The loader is stricter: whether names are declared, shares make a whole and
times fit each other is for `check` to say.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from pyledger.document import fields, limits
from pyledger.document.model import Document
from pyledger.document.tree import read_tree

__all__ = ["dump_schema", "schema", "schema_of"]

Json = dict[str, Any]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REF: Final = "#/$defs/"
_KINDS: Final = (
    "Amount", "Bytes", "Duration", "Growth", "Id", "Ids", "Line", "Percent", "Prose", "Shares", "Time", "Verdict",
    "Verdicts",
)  # fmt: skip
"""Kinds of value that many fields hold, each defined once."""

_SHORT: Final[Mapping[str, str]] = {
    "Chance": "likely",
    "Quantity": "likely",
    "Rate": "likely",
    "Reversibility": "class",
    "Revocability": "class",
}
"""Parts for which one value may be written instead: that of this key."""

_RANGES: Final = ("Chance", "Quantity", "Rate")
_EITHER: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Document": (("join_within", "join_by"), ("long_stop_after", "long_stop")),
    "Panel": (("verifiers", "chambers"),),
}
"""Pairs of keys of which exactly one is written."""

_COUNTS: Final[Mapping[str, tuple[int, int]]] = {
    "Document.parties": (1, limits.MAX_PARTIES),
    "Document.panels": (1, limits.MAX_PANELS),
    "Document.phases": (1, limits.MAX_PHASES),
    "Document.assets": (0, limits.MAX_ASSETS),
    "Document.recipients": (0, limits.MAX_RECIPIENTS),
    "Document.standing": (0, limits.MAX_STANDING),
    "Panel.chambers": (1, limits.MAX_CHAMBERS),
    "Panel.verifiers": (1, limits.MAX_SEATS),
    "Payment.tiers": (1, limits.MAX_TIERS),
    "Payment.when": (1, 1),
    "Phase.obligations": (1, limits.MAX_OBLIGATIONS),
    "Phase.payments": (0, limits.MAX_PAYMENTS),
}
"""How many entries a list or mapping has, at least and at most."""


def schema() -> Json:
    """The schema of documents as plain JSON values."""
    return schema_of(Document, name="document", title="A pyledger document")


def schema_of(model: type[BaseModel], *, name: str, title: str) -> Json:
    """The schema of anything else that is read as strictly as a document."""
    drawn = model.model_json_schema()
    models = _models(model)
    defined: Json = {name: _object(models[name], each) for name, each in drawn.pop("$defs").items()}
    whole = _object(model, drawn)
    kinds = {name: TypeAdapter(getattr(fields, name)).json_schema() for name in _KINDS}
    defined = {name: _hoisted(each, kinds) for name, each in defined.items()}
    return {
        "$schema": _DIALECT,
        "$id": f"urn:pyledger:{name}:1",
        "title": title,
        **_hoisted(whole, kinds),
        "$defs": {name: _hoisted(each, kinds, but=name) for name, each in kinds.items()} | _shortened(defined),
    }


def dump_schema(found: Json | None = None) -> str:
    """A schema, that of documents unless another is given, as the text of a file."""
    return json.dumps(found or schema(), indent=2, ensure_ascii=False) + "\n"


def _models(top: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """All models of the package's document room that the top one can reach, by name."""
    found = {top.__name__: top}

    def visit(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if annotation.__name__ not in found:
                found[annotation.__name__] = annotation
                reach(annotation)
            return
        for each in getattr(annotation, "__args__", ()):
            visit(each)

    def reach(model: type[BaseModel]) -> None:
        for field in model.model_fields.values():
            visit(field.annotation)

    reach(top)
    return found


def _object(model: type[BaseModel], drawn: Json) -> Json:
    """A model's schema, without what pydantic adds for its own use, and with what its docstrings say."""
    says = _said_of_fields(model)
    found: Json = {
        "description": " ".join((model.__doc__ or "").split()),
        "type": "object",
        "additionalProperties": False,
        "properties": {},
    }
    for name, field in model.model_fields.items():
        key = field.alias or name
        given = _plain(drawn["properties"][key])
        given = _counted(f"{model.__name__}.{key}", given)
        if name in says:
            given = {**given, "description": says[name]}
        if examples := _examples(field.examples):
            given["examples"] = examples
        found["properties"][key] = given
    found["required"] = ["likely"] if model.__name__ in _RANGES else drawn.get("required", [])
    if pairs := _EITHER.get(model.__name__):
        found["allOf"] = [{"oneOf": [{"required": [one]}, {"required": [other]}]} for one, other in pairs]
    return found


def _plain(given: Json) -> Json:
    """A property without null, which nobody may write, without titles, and without defaults in other units."""
    choices = [each for each in given.get("anyOf", ()) if each != {"type": "null"}]
    found = {key: each for key, each in given.items() if key not in ("title", "examples", "default")}
    if choices and len(choices) < len(given["anyOf"]):
        del found["anyOf"]
        found |= choices[0] if len(choices) == 1 else {"anyOf": choices}
    if isinstance(default := given.get("default"), bool | str):
        found["default"] = default
    if "patternProperties" in found:
        ((pattern, inner),) = found.pop("patternProperties").items()
        found["additionalProperties"] = _plain(inner)
        found["propertyNames"] = {"type": "string", "pattern": pattern, **found.get("propertyNames", {})}
    return found


def _counted(place: str, given: Json) -> Json:
    if place not in _COUNTS:
        return given
    least, most = _COUNTS[place]
    what = "Properties" if given["type"] == "object" else "Items"
    return {**given, f"min{what}": least, f"max{what}": most}


def _said_of_fields(model: type[BaseModel]) -> dict[str, str]:
    """The docstring under each field that has one."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            found[field.target.id] = " ".join(str(ast.literal_eval(below.value)).split())
    return found


def _examples(written: list[Any] | None) -> list[Any]:
    """What the models give as examples is YAML: here are its values. Those that leave something out are no examples."""
    whole = [each for each in written or () if "…" not in each]
    nodes = [read_tree(f"example: {each}", "an example")[0] for each in whole]
    return [_number(node.value["example"].plain()) for node in nodes if isinstance(node.value, dict)]


def _number(value: Any) -> Any:
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {key: _number(each) for key, each in value.items()}
        case list():
            return [_number(each) for each in value]
    return value


def _hoisted(given: Any, kinds: Mapping[str, Json], *, but: str = "") -> Any:
    """The same with every kind of value that is defined once replaced by a reference to it."""
    if isinstance(given, list):
        return [_hoisted(each, kinds) for each in given]
    if not isinstance(given, dict):
        return given
    for name, kind in kinds.items():
        if name != but and kind.items() <= given.items():
            rest = {key: each for key, each in given.items() if key not in kind}
            return {"$ref": f"{_REF}{name}", **rest}
    return {key: _hoisted(each, kinds) if key not in ("examples", "default") else each for key, each in given.items()}


def _shortened(defined: Json) -> Json:
    """Parts that may be written as one value, each beside its long form."""
    found = {}
    for name, given in defined.items():
        if name in _SHORT:
            one = {key: each for key, each in given["properties"][_SHORT[name]].items() if key != "examples"}
            long = {key: each for key, each in given.items() if key != "description"}
            found[name] = {"description": given["description"], "anyOf": [one, long]}
        else:
            found[name] = given
    return dict(sorted(found.items()))
