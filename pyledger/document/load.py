"""Reading a document: from YAML to a `Document`, or one `DocumentError` with everything that is wrong."""

from __future__ import annotations

import re
import types
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from pyledger.document import tree
from pyledger.document.model import Document
from pyledger.document.places import path_of, place_of
from pyledger.document.problem import Declared, Inconsistent, Location, Problem, did_you_mean, nearest
from pyledger.document.tree import Node, Trouble
from pyledger.document.units import NotUnderstood, as_id, describe, printable
from pyledger.errors import DocumentError, Finding

__all__ = ["Draft", "draft_of", "load", "loads", "read_draft", "read_file", "read_model"]

M = TypeVar("M", bound=BaseModel)

MAX_FINDINGS: Final = 100
"""Most findings that one error lists: a file with more is not the file that was meant."""

_UNNAMED: Final = "unnamed"
_WORD: Final = re.compile(r"'([^']*)'")
_REQUIRED: Final[Mapping[str, Any]] = {"pyledger": 1, "title": _UNNAMED, "parties": {}, "panels": {}}
_STAND_INS: Final[Mapping[str, Any]] = {
    **_REQUIRED,
    "join_within": "1 second",
    "join_by": "1970-01-01",
    "long_stop": "9999-12-31",
    "long_stop_after": "136 years",
    "min_parties": 1,
}
"""What unreadable keys count as while the rest is checked: values that contradict nothing."""

_BY_NAME: Final = frozenset(
    {"assets", "parties", "recipients", "standing", "panels", "glossary", "benefits", "verifiers", "affected_groups"}
)
"""Where one unreadable entry is left out by itself."""


class Draft(NamedTuple):
    """A document that was read, with the text it was read from and where everything stands in it."""

    file: str
    text: str
    document: Document
    root: Node


def load(path: str | Path) -> Document:
    """The document in a file; `DocumentError` lists everything wrong in it, with lines."""
    return loads(read_file(path), file=str(path))


def loads(text: str, *, file: str = "<document>") -> Document:
    """The document in a text; `file` is what errors call it."""
    return read_draft(text, file=file).document


def read_draft(text: str, *, file: str) -> Draft:
    """The same, with the places of everything (`places`): for what is said about a document rather than done by it."""
    root, troubles = tree.read_tree(text, file)
    return draft_of(text, root, troubles, file=file)


def draft_of(text: str, root: Node, troubles: Collection[Trouble] = (), *, file: str) -> Draft:
    """The same from a tree that has been read, with what was wrong in it."""
    data = _mapping(root.plain())
    document, unreadable, unfit = _validate(Document, data)
    if unreadable:  # what can be read is still held together, without the rest
        unfit = _validate(Document, _mend(data, unreadable), {"declared": _declared(data)}).unfit
    if document is None or troubles:
        raise DocumentError(file, _findings(root, troubles, unreadable + unfit))
    return Draft(file, text, document, root)


def read_model(model: type[M], text: str, *, file: str) -> M:
    """Any other model from YAML or JSON, held to the same strictness; raises `DocumentError`."""
    root, found = tree.read_tree(text, file)
    own = {each for each in found if each.unless_key and each.at[-1] in _keys(_model_at(model, each.at[:-1]))}
    troubles = [each for each in found if each not in own]
    value, unreadable, unfit = _validate(model, _mapping(root.plain()))
    if value is None or troubles:
        raise DocumentError(file, _findings(root, troubles, unreadable + unfit))
    return value


def read_file(path: str | Path) -> str:
    """The text of a file, or `DocumentError` when there is no readable text of a sensible size."""
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(tree.MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        finding = Finding(f"cannot be read: {reason}", "", hint="check the path")
        raise DocumentError(str(path), (finding,)) from None
    return tree.decode(content, str(path))


class _Validated(NamedTuple, Generic[M]):
    """The model, or which parts cannot be read, or, if all can, how they do not fit each other."""

    value: M | None
    unreadable: list[Problem]
    unfit: list[Problem]


def _validate(model: type[M], data: dict[str, Any], context: dict[str, Any] | None = None) -> _Validated[M]:
    unreadable, unfit = list[Problem](), list[Problem]()
    try:
        return _Validated(model.model_validate(data, context=context), unreadable, unfit)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False)[: 2 * MAX_FINDINGS]:
            cause = error.get("ctx", {}).get("error") or error.get("ctx", {}).get("expected")
            if isinstance(cause, Inconsistent):
                unfit += cause.problems
            else:
                unreadable.append(_problem(model, error["type"], error["loc"], error["input"], cause))
    return _Validated(None, unreadable, unfit)


def _problem(model: type[BaseModel], kind: str, at: Location, found: object, cause: object) -> Problem:
    """What pydantic found, in the words of a person who wrote a document."""
    at_key = at[-1:] == ("[key]",)
    at = at[:-1] if at_key else at
    owner, name = _model_at(model, at[:-1]), printable(str(at[-1])) if at else ""
    if isinstance(cause, NotUnderstood):
        return Problem(at, cause.message, cause.hint, at_key)
    if kind == "missing":
        return Problem(at, f"`{name}` is missing", _example(owner, name))
    if kind == "extra_forbidden":
        near = nearest(name, _keys(owner))
        meant = (*at[:-1], near) if near else None
        return Problem(at, f"unknown key `{name}`", did_you_mean(name, _keys(owner)), at_key=True, meant=meant)
    if kind == "literal_error":
        return _no_such_word(at, found, _WORD.findall(str(cause)))
    expected = "a list" if kind in ("tuple_type", "list_type") else "a mapping of keys to values"
    keys = _keys(_model_at(model, at))
    hint = f"its keys: {', '.join(keys)}" if keys else _example(owner, name)
    return Problem(at, f"expected {expected}, found {describe(found)}", hint)


def _no_such_word(at: Location, found: object, words: list[str]) -> Problem:
    near = nearest(found, words) if isinstance(found, str) else None
    hint = f"did you mean `{near}`? " if near else ""
    return Problem(
        at, f"expected one of {len(words)} words, found {describe(found)}", f"{hint}known: {', '.join(words)}"
    )


def _keys(owner: type[BaseModel] | None) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in owner.model_fields.items()) if owner else ()


def _example(owner: type[BaseModel] | None, name: str) -> str | None:
    for key, field in owner.model_fields.items() if owner else ():
        if name in (key, field.alias) and field.examples:
            return f"write for example `{name}: {field.examples[0]}`"
    return None


def _model_at(model: type[BaseModel], at: Location) -> type[BaseModel] | None:
    """The model that the value at a location is read as."""
    annotation: Any = model
    for step in at:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = next((f for key, f in annotation.model_fields.items() if step in (key, f.alias)), None)
            annotation = field.annotation if field else None
        elif args := get_args(annotation):
            annotation = args[1] if get_origin(annotation) is Mapping else args[0]
        annotation = _without_none(annotation)
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return cast("type[BaseModel]", annotation) if is_model else None


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        return next(arg for arg in get_args(annotation) if arg is not type(None))
    return annotation


def _declared(data: Mapping[str, Any]) -> Declared:
    """The names in raw data, of parts that can be read and parts that cannot; those that cannot be names as mended."""
    phases = [_mapping(phase) for phase in _list(data.get("phases"))]
    return Declared(
        assets=_names(data.get("assets")),
        parties=_names(data.get("parties")),
        recipients=_names(data.get("recipients")),
        standing=_names(data.get("standing")),
        panels=_names(data.get("panels")),
        obligations=tuple(_names(phase.get("obligations")) for phase in phases),
        payments=tuple(_names(phase.get("payments")) for phase in phases),
    )


def _names(value: Any) -> tuple[str, ...]:
    return tuple(as_id(name) or name for name in _mapping(value))


def _mend(data: Mapping[str, Any], problems: Iterable[Problem]) -> dict[str, Any]:
    """The data without its unreadable parts, so that what remains can still be held together."""
    mended: dict[str, Any] = {**_REQUIRED, **data}
    mended["phases"] = [
        {"id": f"{_UNNAMED}-{index}", "obligations": {}} | _mapping(phase)
        for index, phase in enumerate(_list(data.get("phases")))
    ]
    for problem in problems:
        match problem.at:
            case ("phases", int(index), ("obligations" | "payments" | "bonds") as kind, str(name), *_):
                mended["phases"][index][kind] = _without(mended["phases"][index].get(kind), name)
            case ("phases", int(index), str(key), *_):
                stand_ins = {"id": f"{_UNNAMED}-{index}", "obligations": {}}
                _replace(mended["phases"][index], key, stand_ins)
            case ("phases", *_):
                pass
            case (str(kind), str(name), *_) if kind in _BY_NAME:
                mended[kind] = _without(mended.get(kind), name)
            case (str(key), *_):
                _replace(mended, key, _STAND_INS)
    return mended


def _replace(data: dict[str, Any], key: str, stand_ins: Mapping[str, Any]) -> None:
    data.pop(key, None)
    if key in stand_ins:
        data[key] = stand_ins[key]


def _without(value: object, name: str) -> dict[str, Any]:
    return {key: entry for key, entry in _mapping(value).items() if key != name}


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _findings(root: Node, troubles: Collection[Trouble], problems: Collection[Problem]) -> tuple[Finding, ...]:
    """Everything wrong, in the order of the text; of two problems at one location the first is kept.

    One value can stand for several, as an estimate does for a range: what is wrong with it is told once.
    """
    found = [Finding(t.message, path_of(root, t.at), *t.place, t.hint) for t in troubles]
    seen = {trouble.at for trouble in troubles} | {problem.meant for problem in problems}
    for problem in problems:
        if problem.at not in seen:
            place = place_of(root, problem.at, at_key=problem.at_key)
            found.append(Finding(problem.message, path_of(root, problem.at), *place, problem.hint))
            seen.add(problem.at)
    found = sorted(dict.fromkeys(found), key=lambda finding: (finding.line or 0, finding.column or 0))
    if len(found) > MAX_FINDINGS:
        rest = Finding(f"and {len(found) - MAX_FINDINGS} more findings", "", hint="mend these first")
        return (*found[:MAX_FINDINGS], rest)
    return tuple(found)
