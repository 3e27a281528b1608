"""How large a coalition holds, and what deposit makes a larger one hold.

Each of `members` may provide a unit of something good for all: worth `benefit` b to each member, costing its provider
`cost` c, with b < c < N·b. Barrett (1994) on agreements that enforce themselves; Gerber and Wichardt (2009) on deposits
that are given back to whoever contributes; Gersbach and Winkler on funds that refund.
"""

from __future__ import annotations

from math import ceil

__all__ = ["deposit_for_all", "refund_fund", "stable_size"]


def stable_size(*, benefit: float, cost: float, members: int) -> int | None:
    """The smallest coalition whose members each do better inside: the smallest integer ≥ c/b; None if that is too many.

    A unit that pays its provider by itself (c ≤ b) needs no coalition: 1.
    """
    if benefit <= 0:
        return None
    size = max(1, ceil(cost / benefit - 1e-12))
    return size if size <= members else None


def deposit_for_all(*, benefit: float, cost: float, detected: float = 1.0) -> float | None:
    """Least deposit of each member at which no member of the full coalition leaves: (c − b)/p; None if p is 0."""
    if cost <= benefit:
        return 0.0
    return (cost - benefit) / detected if detected > 0 else None


def refund_fund(*, members: int, benefit: float, contribution: float) -> float:
    """The fund whose refund in proportion to contributions brings each to the contribution that is best for all.

    R = N·b·A*, A* = the sum of those contributions. From b − c′(a) + R(N−1)/(N²a) = 0 with c′(a) = N·b.
    """
    return members * benefit * members * contribution
