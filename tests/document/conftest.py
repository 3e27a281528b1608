"""Two small documents, and a way to see what is said of them when lines are changed.

The deal is the plain case. The accord has what a deal can do without: a court, somebody with standing, a coalition that
begins without all, and payments in tiers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pyledger.document import loads
from pyledger.errors import DocumentError, Finding

Refuse = Callable[..., tuple[Finding, ...]]


@pytest.fixture(scope="session")
def deal() -> str:
    return (Path(__file__).parent / "deal.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def accord() -> str:
    return (Path(__file__).parent / "accord.yaml").read_text(encoding="utf-8")


@pytest.fixture
def refuse(deal: str) -> Refuse:
    """The findings of the deal in which each `old` is replaced, once, by its `new`."""
    return lambda *changes: findings_of(deal, changes)


@pytest.fixture
def refuse_accord(accord: str) -> Refuse:
    """The same of the accord."""
    return lambda *changes: findings_of(accord, changes)


def findings_of(text: str, changes: tuple[tuple[str, str], ...]) -> tuple[Finding, ...]:
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    with pytest.raises(DocumentError) as refused:
        loads(text, file="deal.yaml")
    unhelpful = [each.message for each in refused.value.findings if not each.hint]
    assert unhelpful == [], "they do not say what to do next"
    return refused.value.findings
