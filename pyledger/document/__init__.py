"""The document people negotiate: its model, reading it strictly, and the hash that names it.

    document = load("deal.yaml")        # or DocumentError, with every finding's line, column and path
    document_hash(document)             # 32 bytes, the same however the file is laid out

`units` reads and says durations, dates, amounts and percentages; `gallery` holds examples.
"""

from __future__ import annotations

from pyledger.document.canonical import canonical, canonical_bytes, document_hash
from pyledger.document.load import load, loads
from pyledger.document.measure import Measure
from pyledger.document.model import (
    OUTSIDE,
    Arbitration,
    Asset,
    Bond,
    Chamber,
    Document,
    Obligation,
    Panel,
    Party,
    Payment,
    Phase,
    Recipient,
    Standing,
    Tier,
    Value,
    VerdictWord,
)

__all__ = [
    "OUTSIDE",
    "Arbitration",
    "Asset",
    "Bond",
    "Chamber",
    "Document",
    "Measure",
    "Obligation",
    "Panel",
    "Party",
    "Payment",
    "Phase",
    "Recipient",
    "Standing",
    "Tier",
    "Value",
    "VerdictWord",
    "canonical",
    "canonical_bytes",
    "document_hash",
    "load",
    "loads",
]
