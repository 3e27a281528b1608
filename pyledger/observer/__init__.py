"""Reading agreements without a key: the state of one at a moment, what can be done next, what warns.

`view(document, names, terms, observed, now)` gives a `StatusView`, and its `to_json()` the same for programs.
"""

from __future__ import annotations

from pyledger.observer.reader import Reader, nameless
from pyledger.observer.shapes import Money, StatusView
from pyledger.observer.status import Observed, view

__all__ = ["Money", "Observed", "Reader", "StatusView", "nameless", "view"]
