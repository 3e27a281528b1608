"""Accords as hypothesis makes them up: court, standing, coalition, values and tiers, rightly and wrongly written."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

__all__ = ["accords"]

_TIERS: Final = "[{from: 0, pays: 50}, {from: 2.5, pays: 0.25}]"

_PARTS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("within: 7 days\n  ruling", ("within: 1 second\n  ruling", "within: 60 days\n  ruling"),
     ("within: 0 days\n  ruling", "within: 136 years\n  ruling", "within: soon\n  ruling")),
    ("ruling_within: 30 days", ("ruling_within: 1 second", "ruling_within: 2 months"),
     ("ruling_within: 0 hours", "ruling_within: 7", "")),
    ("court: high-court", ("court: low-court",), ("court: maker", "court: fishers", "court: outside", "court: ''", "")),
    ("data: 0x0A0b", ("data: 0x00", ""), ("data: 0x", "data: 0xa", "data: 7", "data: []", "date: 0x00")),
    ("  readers: {name", ("  others: {name",),
     ("  maker: {name", "  commons: {name", "  auditor-a: {name", "  X: {name")),
    ("min_parties: 2", ("min_parties: 1",),
     ("min_parties: 0", "min_parties: 3", "min_parties: 4", "min_parties: -1", "")),
    ("accession: true", ("accession: false", ""), ("accession: 1", "accession: yes")),
    ("{unit: tonnes of fish, decimals: 3}", ("{asset: coin}", "{what: Catch, unit: tonnes, decimals: 4}"),
     ("{}", "5", "{asset: eur}", "{unit: tonnes, decimals: 37}", "{unit: tonnes, asset: coin}")),
    ("if_silent: lapse", ("if_silent: met", "if_silent: breach"), ("if_silent: open", "")),
    ("[met, breached]", ("breached",), ("met", "lapsed", "[]")),
)  # fmt: skip
"""What is in the accord, what may stand there as well, and what may not, at least not with every other part."""

_NUMBERS: Final = ("0", "1", "2.501", "3", "49.999", "50", "50.25", "1_000", "1e3", "-1", "0.0000001", "9" * 39)
_SHARES: Final = ("", ", then: 0%", ", then: 12.5%", ", then: 100%", ", then: 101%", ", then: 50")


@st.composite
def accords(draw: st.DrawFn, template: str, *, wrong: bool) -> str:
    """The accord with its newer parts written otherwise; if `wrong`, some of them as they may not be."""
    text = template
    for old, may, may_not in _PARTS:
        choices = (old, *may, *may_not) if wrong and draw(st.integers(0, 4)) == 0 else (old, *may)
        text = text.replace(old, draw(st.sampled_from(choices)), 1)
    return text.replace(_TIERS, draw(_wrong_tiers() if wrong and draw(st.booleans()) else _tiers()))


def _tiers() -> st.SearchStrategy[str]:
    starts = st.sets(st.integers(0, 10**12), min_size=1, max_size=16).map(sorted)
    pays = st.lists(st.integers(1, 50 * 10**9), min_size=16, max_size=16)

    def written(found: tuple[list[int], list[int]]) -> str:
        pairs = zip(*found, strict=False)
        return ", ".join(f"{{from: {Decimal(a).scaleb(-3):f}, pays: {Decimal(b).scaleb(-9):f}}}" for a, b in pairs)

    return st.tuples(starts, pays).map(written).map("[{}]".format)


def _wrong_tiers() -> st.SearchStrategy[str]:
    number, then = st.sampled_from(_NUMBERS), st.sampled_from(_SHARES)
    tier = st.tuples(number, number, then).map(lambda parts: "{{from: {}, pays: {}{}}}".format(*parts))
    return st.lists(tier, max_size=4).map(lambda found: f"[{', '.join(found)}]")
