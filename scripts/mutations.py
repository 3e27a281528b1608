"""Small faults to put into Solidity sources, found in the compiler's own syntax tree.

A mutant is a piece of a source and what to put in its place. Only the standard library is imported here.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Mutant", "draw", "find", "put"]

Node = dict[str, Any]

SWAPS = {
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "==": ["!="],
    "!=": ["=="],
    "&&": ["||"],
    "||": ["&&"],
    "+": ["-"],
    "-": ["+"],
    "*": ["/"],
    "/": ["*"],
    "%": ["/"],
    "&": ["|"],
    "|": ["&"],
    "^": ["&"],
    "<<": [">>"],
    ">>": ["<<"],
}
ASSIGNMENTS = {"+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", "*=": "/=", "/=": "*="}
PLAIN_STATEMENTS = {"ExpressionStatement": "call or assignment", "EmitStatement": "event", "Continue": "continue"}


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """`source[start:end]`, in bytes, becomes `after`; `within` is the name of the function that it is in."""

    path: str
    line: int
    start: int
    end: int
    kind: str
    before: str
    after: str
    within: str

    @property
    def key(self) -> str:
        """The same for the same change to the same text, wherever in the file the text comes to lie."""
        said = "\0".join([self.path, self.kind, self.before, self.after, str(self.start)])
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.kind}: {_short(self.before)}  ->  {_short(self.after)}"


def find(path: str, source: bytes, tree: Node) -> list[Mutant]:
    """Every mutant of one file."""
    found: list[Mutant] = []
    for node, parents in _walk(tree, ()):
        if _mutable(parents):
            found += _Finder(path, source, node, parents).mutants()
    return found


def draw(mutants: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """That many mutants, one of each file in turn as long as it has any, and which by chance."""
    waiting: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        waiting.setdefault(mutant.path, []).append(mutant)
    for path, own in waiting.items():
        random.Random(f"{seed} {path}").shuffle(own)
    drawn: list[Mutant] = []
    while len(drawn) < count and any(waiting.values()):
        drawn += [own.pop() for own in waiting.values() if own]
    return drawn[:count]


def put(source: bytes, mutant: Mutant) -> bytes:
    """The source with the mutant in it."""
    return source[: mutant.start] + mutant.after.encode() + source[mutant.end :]


class _Finder:
    """Mutants of one node."""

    def __init__(self, path: str, source: bytes, node: Node, parents: tuple[Node, ...]) -> None:
        self.path, self.source, self.node, self.parents = path, source, node, parents

    def mutants(self) -> Iterator[Mutant]:
        kind = self.node["nodeType"]
        if kind == "BinaryOperation":
            yield from self._operators()
        elif kind == "UnaryOperation":
            yield from self._unary()
        elif kind == "Literal":
            yield from self._literals()
        elif kind == "IfStatement":
            condition = self.node["condition"]
            yield self._expression(condition, "condition always true", "true")
            yield self._expression(condition, "condition always false", "false")
        elif kind == "Conditional":
            yield self._expression(self.node["condition"], "choice negated", f"!({self._text(self.node['condition'])})")
        elif kind == "Assignment" and self.node["operator"] in ASSIGNMENTS and self._is_statement():
            left, right = self._text(self.node["leftHandSide"]), self._text(self.node["rightHandSide"])
            other = ASSIGNMENTS[self.node["operator"]]
            yield self._statement(self.node, "assignment operator", f"{left} {other} {right};")
        elif kind in PLAIN_STATEMENTS and self._in_a_block():
            yield self._statement(self.node, f"{PLAIN_STATEMENTS[kind]} left out", "")
        elif kind == "RevertStatement" and self.parents[-1]["nodeType"] == "Block":
            yield self._statement(self.node, "revert left out", "")
        elif kind == "Return" and self.parents[-1]["nodeType"] == "IfStatement":
            yield self._statement(self.node, "return left out", "")
        elif kind == "FunctionCall":
            yield from self._arguments()
        elif kind == "ModifierInvocation" and self.node.get("kind") == "modifierInvocation":
            start, end = self._span(self.node)
            yield self._mutant(start, end, "modifier left out", "")

    def _operators(self) -> Iterator[Mutant]:
        node = self.node
        if _is_constant(node):
            return
        left, right = self._text(node["leftExpression"]), self._text(node["rightExpression"])
        for other in SWAPS.get(node["operator"], []):
            yield self._expression(node, "operator", f"{left} {other} {right}")

    def _unary(self) -> Iterator[Mutant]:
        node, operand = self.node, self._text(self.node["subExpression"])
        if node["operator"] in ("!", "~"):
            yield self._expression(node, "operator left out", operand)
        elif node["operator"] in ("++", "--") and self._is_statement():
            other = "--" if node["operator"] == "++" else "++"
            yield self._statement(node, "operator", f"{other}{operand};")

    def _literals(self) -> Iterator[Mutant]:
        node, parent = self.node, self.parents[-1]
        if node["kind"] == "bool":
            yield self._expression(node, "literal", "false" if node["value"] == "true" else "true")
        if node["kind"] != "number" or node.get("subdenomination") or not node["value"].replace("_", "").isdigit():
            return
        # The type of `1 << x` and of sums of literals depends on their being literals.
        if parent["nodeType"] == "BinaryOperation" and (
            parent["operator"] in ("<<", ">>", "**") or _is_constant(parent)
        ):
            return
        value = int(node["value"].replace("_", ""))
        yield self._expression(node, "literal", str(value + 1))
        if value > 0:
            yield self._expression(node, "literal", str(value - 1))

    def _arguments(self) -> Iterator[Mutant]:
        node = self.node
        if node["kind"] != "functionCall" or node.get("names"):
            return
        types = [argument["typeDescriptions"]["typeString"] for argument in node["arguments"]]
        texts = [self._text(argument) for argument in node["arguments"]]
        for i in range(len(texts) - 1):
            if types[i] != types[i + 1] or texts[i] == texts[i + 1]:
                continue
            swapped = [*texts[:i], texts[i + 1], texts[i], *texts[i + 2 :]]
            call = f"{self._text(node['expression'])}({', '.join(swapped)})"
            returned = node["typeDescriptions"]["typeString"]
            holder = self.parents[-1]
            if holder["nodeType"] in ("EmitStatement", "RevertStatement"):
                word = "emit" if holder["nodeType"] == "EmitStatement" else "revert"
                yield self._statement(holder, "arguments swapped", f"{word} {call};")
            elif self._is_statement():
                yield self._statement(node, "arguments swapped", f"{call};")
            elif not returned.startswith("tuple("):
                yield self._expression(node, "arguments swapped", call)

    def _is_statement(self) -> bool:
        return self.parents[-1]["nodeType"] == "ExpressionStatement" and self._in_a_block(self.parents[-2])

    def _in_a_block(self, holder: Node | None = None) -> bool:
        return (holder or self.parents[-1])["nodeType"] in ("Block", "UncheckedBlock", "IfStatement")

    def _expression(self, node: Node, kind: str, after: str) -> Mutant:
        start, end = self._span(node)
        return self._mutant(start, end, kind, f"({after})")

    def _statement(self, node: Node, kind: str, after: str) -> Mutant:
        start, end = self._span(node)
        while self.source[end - 1 : end] != b";":
            end += 1
        return self._mutant(start, end, kind, after or "{}")

    def _mutant(self, start: int, end: int, kind: str, after: str) -> Mutant:
        return Mutant(
            path=self.path,
            line=self.source.count(b"\n", 0, start) + 1,
            start=start,
            end=end,
            kind=kind,
            before=self.source[start:end].decode(),
            after=after,
            within=self._within(),
        )

    def _within(self) -> str:
        holder = next(parent for parent in self.parents if parent["nodeType"] == "FunctionDefinition")
        return str(holder["name"] or holder["kind"])

    def _span(self, node: Node) -> tuple[int, int]:
        start, length, _ = (int(part) for part in node["src"].split(":"))
        return start, start + length

    def _text(self, node: Node) -> str:
        start, end = self._span(node)
        return self.source[start:end].decode()


def _walk(node: Node, parents: tuple[Node, ...]) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    for value in node.values():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, dict) and "nodeType" in child:
                yield child, (*parents, node)
                yield from _walk(child, (*parents, node))


def _mutable(parents: tuple[Node, ...]) -> bool:
    """Within the code of a function; not in assembly, whose nodes are of another language."""
    kinds = [parent["nodeType"] for parent in parents]
    return "FunctionDefinition" in kinds and not any(kind.startswith("Yul") for kind in kinds)


def _is_constant(node: Node) -> bool:
    return bool(node["typeDescriptions"]["typeString"].startswith(("int_const", "rational_const")))


def _short(text: str, width: int = 90) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 3] + "..."
