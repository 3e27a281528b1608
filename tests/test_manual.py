"""The manual page is that of the commands there are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pyledger.cli.app import ENTRIES

ROOT = Path(__file__).parents[1]
MANUAL = ROOT / "docs" / "pyledger.1"


def test_the_manual_page_is_as_the_commands_are() -> None:
    script = "import sys; sys.path.insert(0, 'scripts'); from pages.commands import manual; sys.stdout.write(manual())"
    made = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert made.stdout == MANUAL.read_text(encoding="utf-8"), "it is out of date: run scripts/docs --manual"
    assert all(f"\\fBpyledger {name}" in made.stdout for name in ENTRIES)
