"""What each call of the contracts costs."""

import json
import sys
from pathlib import Path

from bench_figures import taken_by
from bootstrap import ROOT

__all__ = ["gas"]

TABLES = {
    "an agreement": ("gas.json", "test_gas.py"),
    "a ballot": ("ballot_gas.json", "test_ballot_gas.py"),
    "entitlements and seats": ("entitlement_gas.json", "test_entitlement_gas.py"),
}
"""The figures that are kept, and the tests that measure them on a node and hold them to the unit."""


def gas() -> None:
    """The table of every call's gas, after it was measured anew."""
    tests = [str(Path("tests") / "chain" / test) for _, test in TABLES.values()]
    taken_by([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests], where=ROOT)
    for about, (kept, _) in TABLES.items():
        print(f"gas of the calls of {about}, as receipts say")
        found = json.loads((ROOT / "tests" / kept).read_text(encoding="utf-8"))
        for name, figure in found.items():
            if not isinstance(figure, dict):
                print(f"  {name:<56}{figure:>9,}")
                continue
            print(f"  {name}")
            for call, cost in figure.items():
                print(f"    {call:<54}{cost:>9,}")
