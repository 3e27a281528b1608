"""One small deal, and a way to see what is said of it when one line is changed."""

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


@pytest.fixture
def refuse(deal: str) -> Refuse:
    """The findings of the deal in which each `old` is replaced, once, by its `new`."""

    def findings(*changes: tuple[str, str]) -> tuple[Finding, ...]:
        text = deal
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
            text = text.replace(old, new)
        with pytest.raises(DocumentError) as refused:
            loads(text, file="deal.yaml")
        return refused.value.findings

    return findings
