"""What the page of one account shows; `views.py` says who makes these values, and in which units."""

from __future__ import annotations

from dataclasses import dataclass

from pyledger.observer.shapes import Money
from pyledger.observer.web.views import AgreementRow, NodeState, Paging, StatusCount

__all__ = [
    "AccountPage",
    "RecordView",
    "Reliability",
    "Stake",
    "TallyRow",
]


@dataclass(frozen=True, slots=True)
class TallyRow:
    """Obligations by what became of them, of phases that opened at most `days` ago (None: longer ago, or all)."""

    days: int | None
    kept: int
    breached: int
    lapsed: int
    undecided: int
    late: int
    disputed: int
    conceded: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """`kept` of `decided` obligations, and between which shares the true one lies (0 to 1; Wilson interval at 95 %)."""

    kept: int
    decided: int
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Stake:
    """Bond that hung on obligations that were kept, and on those that were breached, of one asset."""

    kept: Money
    breached: Money


@dataclass(frozen=True, slots=True)
class RecordView:
    """A track record: agreements that name the account as a party, those it joined, and what became of its duties.

    `whole` is all of its obligations, `by_age` the same by when their phase opened, `reliability` None where none
    was decided. Nothing is in it that the events do not say.
    """

    named: int
    joined: tuple[StatusCount, ...]
    counterparties: int
    defaults: int
    whole: TallyRow
    by_age: tuple[TallyRow, ...]
    stakes: tuple[Stake, ...]
    reliability: Reliability | None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One account: its record, and the agreements in which it is anything, those that changed last first.

    `record` is None where it is a party to so many agreements that a page cannot tell it: `pyledger record` can.
    """

    node: NodeState
    account: str
    record: RecordView | None
    agreements: tuple[AgreementRow, ...]
    paging: Paging
