"""Who may import whom: the rooms of the package, as the table of the design says."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[1] / "pyledger"

ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "document": {"errors"},
    "terms": {"document", "errors"},
    "analysis": {"terms", "document", "errors"},
    "chain": {"terms", "document", "errors"},
    "ledger": {"chain.events", "chain.connect", "terms", "document", "errors"},
    "observer": {"ledger", "terms", "document", "errors"},
    # It decides by what observers are told of rights, which takes what the ledger tells of the past.
    "gateway": {"observer", "ledger.past", "chain", "terms", "document", "errors"},
    "testing": {"chain", "terms", "document", "errors"},
    "cli": {"errors", "document", "terms", "analysis", "chain", "ledger", "observer", "gateway"},
}
"""Room → what of the package it may import, besides itself."""

PLANNED = frozenset[str]()
"""Rooms that need not have a module yet; one that gets its first module leaves this set."""

TOP = {"__init__": set[str](), "__main__": {"cli"}}
"""The package's own modules that belong to no room."""

OUTSIDE: dict[str, set[str]] = {
    "web3": {"chain"},
    "eth_account": {"chain"},
    "eth_abi": {"chain"},
    "eth_keys": {"chain"},
    "coincurve": {"chain"},
    "solcx": {"chain"},
    "click": {"cli"},
    "rich": {"cli"},
    "scipy": {"analysis"},
    "sqlalchemy": {"ledger"},
    "starlette": {"observer"},
    "uvicorn": {"observer", "gateway", "cli"},
    "prometheus_client": {"observer"},
    "aiohttp": {"gateway"},
    "yarl": {"gateway"},
}
"""Package → the rooms that may import it. Hashing (eth_hash, eth_utils) is free to all."""


class Import(NamedTuple):
    """`module` in `file` imports `target`; `always` unless in a function or for annotations alone."""

    file: str
    line: int
    module: str
    target: str
    always: bool

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.module} imports {self.target}"


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def statements(tree: ast.AST, *, late: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Every import, at any depth, and whether it runs as soon as the module is imported."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, not late
        else:
            yield from statements(node, late=late or _runs_later(node))


def _runs_later(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def imports_of(path: Path, source: str | None = None) -> Iterator[Import]:
    module = module_name(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8") if source is None else source)
    for node, always in statements(tree):
        for target in _targets(node, package):
            yield Import(str(path.relative_to(PACKAGE.parent)), node.lineno, module, target, always)


def _targets(node: ast.Import | ast.ImportFrom, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
    # `from pyledger import chain` and `from pyledger.chain import events` name modules by their last word.
    return [f"{base}.{alias.name}" if base.partition(".")[0] == "pyledger" else base for alias in node.names]


def room_of(module: str) -> str:
    """`pyledger.chain.events` → `chain`; the package's own modules → `__init__`, `__main__`."""
    return [*module.split("."), "__init__"][1]


def allowed(found: Import) -> bool:
    room, top = room_of(found.module), found.target.partition(".")[0]
    if top != "pyledger":
        return room in OUTSIDE.get(top, {room})
    wanted = found.target.removeprefix("pyledger").lstrip(".")
    if room in TOP and room not in ALLOWED:
        return wanted.partition(".")[0] in TOP[room]
    if not wanted or wanted == "__version__" or wanted.partition(".")[0] == room:
        return True
    return any(wanted == rule or wanted.startswith(f"{rule}.") for rule in ALLOWED[room])


MODULES = sorted(PACKAGE.rglob("*.py"))
IMPORTS = [found for path in MODULES for found in imports_of(path)]


def test_nothing_is_imported_across_a_wall() -> None:
    assert [str(found) for found in IMPORTS if not allowed(found)] == []


def test_every_module_is_in_a_room_of_the_table() -> None:
    assert {room_of(module_name(path)) for path in MODULES} <= set(ALLOWED) | set(TOP)


@pytest.mark.parametrize("room", sorted(set(ALLOWED) - PLANNED))
def test_every_rule_matches_a_module(room: str) -> None:
    assert any(room_of(module_name(path)) == room for path in MODULES), f"no module is in the room {room}"
    for rule in ALLOWED[room]:
        if rule.partition(".")[0] not in PLANNED:
            path = PACKAGE.joinpath(*rule.split("."))
            assert path.is_dir() or path.with_suffix(".py").is_file(), f"{room} may import {rule}, which is not there"


@pytest.mark.parametrize("package", sorted(OUTSIDE))
def test_every_outside_package_of_the_table_is_installed(package: str) -> None:
    assert importlib.util.find_spec(package) is not None


def test_web3_is_imported_only_where_it_is_used() -> None:
    """It takes a second to import, and most commands need none of it."""
    assert [str(found) for found in IMPORTS if found.target.startswith("web3") and found.always] == []


@pytest.mark.parametrize(
    ("module", "source", "fine"),
    [
        ("document/load.py", "from pyledger.errors import Finding", True),
        ("document/load.py", "from ..errors import Finding", True),
        ("document/load.py", "from . import units", True),
        ("document/load.py", "from .. import terms", False),
        ("document/load.py", "from pyledger import terms", False),
        ("document/load.py", "from ..terms.structs import Terms", False),
        ("document/load.py", "def late():\n    import pyledger.chain.client", False),
        ("document/load.py", "if True:\n    from web3 import Web3", False),
        ("document/load.py", "class A:\n    import click", False),
        ("terms/hashing.py", "from eth_hash.auto import keccak", True),
        ("terms/hashing.py", "from eth_account import Account", False),
        ("chain/client.py", "from pyledger.observer import page", False),
        ("chain/client.py", "import web3.types", True),
        ("ledger/store.py", "from pyledger.chain.events import Opened", True),
        ("ledger/store.py", "from pyledger.chain import events", True),
        ("ledger/store.py", "from pyledger.chain.client import Client", False),
        ("ledger/store.py", "from pyledger.chain import client", False),
        ("ledger/store.py", "from pyledger.chain.eventsource import x", False),
        ("cli/main.py", "from pyledger.testing import plugin", False),
        ("cli/main.py", "import click", True),
        ("__main__.py", "from pyledger.cli import main", True),
        ("__init__.py", "from pyledger.errors import PyledgerError", False),
    ],
)
def test_the_wall_sees_every_way_to_import(module: str, source: str, fine: bool) -> None:
    assert all(allowed(found) for found in imports_of(PACKAGE / module, source)) is fine
