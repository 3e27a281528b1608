"""The page on speed names every section of scripts/bench, and scripts/bench says of each what it measures."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_page_on_speed_names_every_section() -> None:
    told = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "bench"), "--help"], capture_output=True, text=True, check=True
    ).stdout
    sections = re.findall(r"^    (\w+)  +\S", told, re.MULTILINE)
    assert sections
    page = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `scripts/bench (\w+)` \|", page, re.MULTILINE) == sections
    assert set(re.findall(r"^scripts/bench (\w+)", told, re.MULTILINE)) == set(sections)
