"""The threat model's promises name tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "threat-model.md"
SOLIDITY = ROOT / "contracts" / "test"

CLAIMS = sorted(set(re.findall(r"`((?:[\w/]+\.t\.sol|tests/[\w/]+\.py|hostile)(?:::\w+)?)`", PAGE.read_text("utf-8"))))


def test_there_are_claims() -> None:
    assert len(CLAIMS) > 20


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_named_test_exists(claim: str) -> None:
    place, _, function = claim.partition("::")
    path = ROOT / place if place.startswith("tests/") else SOLIDITY / place
    files = [path] if path.is_file() else sorted(path.rglob("*.t.sol"))
    assert files, place
    tested = "\n".join(file.read_text("utf-8") for file in files)
    assert re.search(rf"\b(function|def) {function or '(test|invariant)'}", tested), claim
