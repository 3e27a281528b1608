"""What `docs/bindings.md` shows is a bindings file that fits the starter."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from pyledger.document import loads
from pyledger.terms.bindings import loads_bindings
from pyledger.terms.compile import compile_terms

PAGE = Path(__file__).parents[2] / "docs" / "bindings.md"


def test_the_sample_binds_the_starter() -> None:
    (sample,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    starter = files("pyledger.cli").joinpath("starter.yaml").read_text(encoding="utf-8")
    terms = compile_terms(loads(starter), loads_bindings(sample))
    assert [party.bond for party in terms.parties] == [50_000 * 10**6, 100_000 * 10**6]
