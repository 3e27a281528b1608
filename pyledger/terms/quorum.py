"""Which seats of a panel decide."""

from __future__ import annotations

from pyledger.terms.structs import Panel

__all__ = ["quorum_of"]


def quorum_of(panel: Panel) -> tuple[int, ...]:
    """The fewest seats that decide, the first of each chamber's quota and then the first of all."""
    chosen: list[int] = []
    for chamber, quota in enumerate(panel.quotas):
        chosen += [index for index, seat in enumerate(panel.seats) if seat.chamber == chamber][:quota]
    others = [index for index in range(len(panel.seats)) if index not in chosen]
    return tuple(sorted(chosen + others[: max(panel.threshold - len(chosen), 0)]))
