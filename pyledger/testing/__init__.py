"""For tests of one's own agreements: a pytest plugin with its fixtures, assertions and strategies.

    from pyledger.testing import assert_paid, reverts

    def test_work_is_paid(agreement):
        deal = agreement("deal.yaml")
        deal.fund()
        deal.attest("work-done", "met")
        assert_paid(deal, "wage", to="builder")

The plugin comes by itself with the package; nothing of a chain is imported before a fixture asks for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyledger.testing.assertions import (
        assert_breached_by,
        assert_conserved,
        assert_gained,
        assert_paid,
        assert_returned,
        assert_state,
        reverts,
    )
    from pyledger.testing.chain import Chain, DealMaker

_PLACES = {
    "Chain": "chain",
    "DealMaker": "chain",
    "assert_breached_by": "assertions",
    "assert_conserved": "assertions",
    "assert_gained": "assertions",
    "assert_paid": "assertions",
    "assert_returned": "assertions",
    "assert_state": "assertions",
    "reverts": "assertions",
}

__all__ = [
    "Chain",
    "DealMaker",
    "assert_breached_by",
    "assert_conserved",
    "assert_gained",
    "assert_paid",
    "assert_returned",
    "assert_state",
    "reverts",
]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
