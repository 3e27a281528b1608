"""Runs of pytest inside these tests, as somebody else's project would run it."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from pyledger.document import Document, loads

STARTER = files("pyledger.cli").joinpath("starter.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def bridge() -> Document:
    """A bridge paid for in two steps."""
    return loads(STARTER, file="starter.yaml")


@pytest.fixture
def project(pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Somebody's project: a deal, and a state folder of its own."""
    monkeypatch.setenv("PYLEDGER_HOME", str(tmp_path / "h"))
    for name in [name for name in os.environ if name.startswith("PYTEST_XDIST")]:
        monkeypatch.delenv(name)
    (pytester.path / "deal.yaml").write_text(STARTER, encoding="utf-8")
    return pytester


Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(project: pytest.Pytester) -> Run:
    """Runs tests given as text in this process; what follows goes to pytest."""

    def run(source: str, *words: str) -> pytest.RunResult:
        project.makepyfile(source)
        return project.runpytest_inprocess("-p", "no:cacheprovider", "-v", *words)

    return run
