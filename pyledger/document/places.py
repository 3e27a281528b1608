"""Where things stand: a location as a path that people read, and as a line and column of the text.

path_in(document, ("phases", 1, "obligations", "delivered"))     # phases.second.obligations.delivered
location_of(root, "phases.second.obligations.delivered")         # the location again, or None
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pyledger.document.problem import Location
from pyledger.document.tree import Node, Place
from pyledger.document.units import printable

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["location_of", "path_in", "path_of", "place_of"]

_STEP: Final = re.compile(r"\.?([^.\[\]]+)|\[([0-9]{1,9})\]")


def place_of(root: Node, at: Location, *, at_key: bool = False) -> Place:
    """Line and column of a location's value or key; of what is missing, the key of the mapping that lacks it."""
    nodes = [node for _, node in root.along(at)]
    node = nodes[-1] if nodes else root
    if len(nodes) < len(at):
        at_key = isinstance(node.value, dict | list)
    return node.key_place or node.place if at_key else node.place


def path_of(root: Node, at: Location) -> str:
    """`phases.release.payments.un-tranche`: list entries by their id where they have one, else by index from 0.

    Fit to be shown, whatever the keys are: a long one is cut, and what does not print is replaced.
    """
    nodes = [node for _, node in root.along(at)]
    path = ""
    for step, parent, node in zip(at, [root, *nodes], [*nodes, None], strict=False):
        if not isinstance(parent.value, dict | list):
            break
        name = _id_of(node) if node and isinstance(step, int) else None
        path += f".{printable(name)}" if name else f".{printable(step)}" if isinstance(step, str) else f"[{step}]"
    return path.removeprefix(".")


def path_in(document: Document, at: Location) -> str:
    """The same path for a document that was read, whose names need no cutting: what a waiver's `at` says."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in at]
    match at:
        case ("phases", int(index), *_) if index < len(document.phases):
            steps[1] = f".{document.phases[index].id}"
    return "".join(steps).removeprefix(".")


def location_of(root: Node, path: str) -> Location | None:
    """The location that a path names, as far as the text has it: each step must be there. None where it is not."""
    found: list[str | int] = []
    node = root
    for step in _steps(path):
        key = _entry(node, step)
        if key is None:
            return None
        found.append(key)
        (_, node), *_rest = node.along((key,))
    return tuple(found)


def _steps(path: str) -> Iterator[str | int]:
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            yield path[position:]
            return
        position = match.end()
        yield match[1] if match[2] is None else int(match[2])


def _entry(node: Node, step: str | int) -> str | int | None:
    match node.value, step:
        case dict() as entries, str() if step in entries:
            return step
        case list() as items, int() if step < len(items):
            return step
        case list() as items, str():
            return next((index for index, item in enumerate(items) if _id_of(item) == step), None)
    return None


def _id_of(node: Node) -> str | None:
    entry = node.value.get("id") if isinstance(node.value, dict) else None
    return entry.value if entry is not None and isinstance(entry.value, str) else None
