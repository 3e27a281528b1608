"""Every error that a person can meet says what to do next."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import pyledger.errors

PACKAGE = Path(pyledger.errors.__file__).parent

KINDS = {name for name in pyledger.errors.__all__ if name not in ("DocumentError", "Finding")} | {"refused_words"}
"""What makes an error of one sentence. The findings of a `DocumentError` have a hint each."""

WORDLESS = {"pyledger/terms/course.py"}
"""The rules as the contracts have them: a refusal has its name and values here, and its words where it is told."""


def without_advice(source: str, file: str) -> Iterator[str]:
    """The errors made in a source that say nothing of what to do next."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS):
            continue
        if not any(keyword.arg == "hint" and ast.unparse(keyword.value) != "None" for keyword in node.keywords):
            yield f"{file}:{node.lineno}: {ast.unparse(node)}"


def test_every_error_says_what_to_do_next() -> None:
    found: list[str] = []
    files = sorted(PACKAGE.rglob("*.py"))
    assert len(files) > 100
    for path in files:
        file = str(path.relative_to(PACKAGE.parent))
        if file not in WORDLESS:
            found += without_advice(path.read_text(encoding="utf-8"), file)
    assert found == []


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ('raise UsageError("no")', 1),
        ('raise UsageError("no", where="file")', 1),
        ('raise UsageError("no", hint=None)', 1),
        ('error = SignatureError("no")', 1),
        ('raise refused_words("no", name="NotNow")', 1),
        ('raise UsageError("no", hint="do this")', 0),
        ('raise ValueError("no")', 0),
    ],
)
def test_an_error_without_advice_is_seen(source: str, seen: int) -> None:
    assert len(list(without_advice(source, "a.py"))) == seen


def test_what_is_left_out_exists() -> None:
    assert all((PACKAGE.parent / each).is_file() for each in WORDLESS)
