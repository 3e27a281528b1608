"""The format of documents, field by field, from the schema that editors use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pages.markup import anchor, code, prose, table
from pyledger.document.schema import dump_schema

__all__ = ["page"]


def page() -> str:
    """The page of the site: the document itself, then everything it is made of, in the order of first use."""
    schema: dict[str, Any] = json.loads(dump_schema())
    kinds: dict[str, dict[str, Any]] = schema["$defs"]
    lines = ["# The document, field by field", ""]
    lines += ["The same as JSON Schema, for editors: [document.schema.json](../document.schema.json). What a schema "]
    lines += ["cannot say, such as whether names are declared, `pyledger check` says.", ""]
    lines += ["## The whole", "", *_fields(schema)]
    ordered = list(dict.fromkeys(_used(schema, kinds)))
    made = [name for name in ordered if "properties" in kinds[name]]
    plain = [name for name in ordered if name not in made]
    for name in made:
        lines += [f"## {name} {{ #{anchor(name)} }}", "", prose(kinds[name].get("description", "")), ""]
        lines += _fields(kinds[name])
    lines += ["## Words and numbers", ""]
    for name in plain:
        lines += [
            f"### {name} {{ #{anchor(name)} }}",
            "",
            prose(kinds[name].get("description", _shape(kinds[name]))),
            "",
        ]
        if examples := kinds[name].get("examples"):
            lines += ["For example " + ", ".join(_example(each) for each in examples) + ".", ""]
    return "\n".join(lines)


def _used(part: Any, kinds: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Names of definitions, each before what it is made of."""
    queue, seen = [part], set[str]()
    while queue:
        for name in _references({key: value for key, value in queue.pop(0).items() if key != "$defs"}):
            if name not in seen:
                seen.add(name)
                queue.append(kinds[name])
                yield name


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for each in part.values():
            yield from _references(each)
    elif isinstance(part, list):
        for each in part:
            yield from _references(each)


def _fields(part: dict[str, Any]) -> list[str]:
    needed = set(part.get("required", ()))
    return table(
        ("key", "what", "for example"),
        (
            (code(key) + (" **needed**" if key in needed else ""), _what(field), _examples(field))
            for key, field in part["properties"].items()
        ),
    )


def _what(field: dict[str, Any]) -> str:
    said = [_shape(field)]
    if "description" in field:
        said.append(prose(field["description"]))
    if field.get("default") not in (None, [], {}):
        said.append(f"Default: {_example(field['default'])}.")
    return ". ".join(each.rstrip(".") for each in said if each) + "."


def _shape(field: dict[str, Any]) -> str:
    """What can stand there, in words, with links to what is told elsewhere."""
    if reference := field.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{anchor(name)})"
    if named := field.get("enum") or ([field["const"]] if "const" in field else []):
        return ("one of " if len(named) > 1 else "always ") + ", ".join(code(str(each)) for each in named)
    if either := field.get("anyOf") or field.get("oneOf"):
        return ", or ".join(dict.fromkeys(_shape(each) for each in either))
    match field.get("type"):
        case "array":
            return f"a list of: {_shape(field['items'])}"
        case "object" if "additionalProperties" in field and isinstance(field["additionalProperties"], dict):
            return f"names, each with: {_shape(field['additionalProperties'])}"
        case "boolean":
            return "true or false"
        case "integer" | "number":
            return "a number" + _bounds(field)
        case _:
            return "text"


def _bounds(field: dict[str, Any]) -> str:
    least, most = field.get("minimum"), field.get("maximum")
    return f" from {least} to {most}" if None not in (least, most) else f" from {least} on" if least is not None else ""


def _examples(field: dict[str, Any]) -> str:
    return ", ".join(_example(each) for each in field.get("examples", ())[:2])


def _example(value: Any) -> str:
    """As a document would have it: YAML in one line."""
    return code(_flow(value))


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value)
