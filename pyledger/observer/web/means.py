"""Who has what in an agreement, and what each would receive, case by case: the table that pictures are drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from pyledger.observer.shapes import Money, StatusView
from pyledger.observer.web.agreement_views import AgreementPage, Case

__all__ = ["Cell", "Way", "Who", "ways_of"]

_IN_ESCROW: Final = frozenset({"funded", "not final", "ready to release", "ready to return"})
"""States of payments whose money the account still holds."""


class Cell(NamedTuple):
    """What somebody would receive of one asset, and how much more (below zero: less) that is than it has in."""

    money: Money
    more: Money


class Who(NamedTuple):
    """Somebody who has money in or would receive some; `puts` is what it has in, with what for: bond or escrow."""

    account: str
    label: str
    puts: tuple[tuple[Money, str], ...]

    @property
    def held(self) -> tuple[Money, ...]:
        """What it has in, summed up by asset."""
        sums: dict[str, Money] = {}
        for money, _ in self.puts:
            before = sums.get(money.asset)
            sums[money.asset] = replace(money, amount=money.amount + before.amount) if before else money
        return tuple(sums.values())


class Way(NamedTuple):
    """One or more cases that come to the same: what each of `who` would receive, in `cells` in the same order."""

    words: str
    kinds: tuple[str, ...]
    who: tuple[Who, ...]
    cells: tuple[tuple[Cell, ...], ...]

    @property
    def assets(self) -> tuple[str, ...]:
        """The assets of which anything moves."""
        return tuple(dict.fromkeys(cell.money.asset for cells in self.cells for cell in cells if cell.money.amount))


def ways_of(page: AgreementPage) -> tuple[Way, ...]:
    """All cases of an agreement, those that come to the same told as one; none where nothing is held."""
    who = tuple(_who(page.status, page.cases))
    alike: dict[tuple[tuple[Cell, ...], ...], list[Case]] = {}
    for case in page.cases:
        cells = tuple(tuple(_cells(each, case)) for each in who)
        if any(cells):
            alike.setdefault(cells, []).append(case)
    return tuple(
        Way("; or ".join(case.words for case in same), tuple(case.kind for case in same), who, cells)
        for cells, same in alike.items()
    )


def _who(status: StatusView, cases: tuple[Case, ...]) -> Iterator[Who]:
    puts: dict[str, list[tuple[Money, str]]] = {}
    accounts = {party.name: party.account for party in status.parties}
    labels = {party.account: party.label for party in status.parties}
    for party in status.parties:
        if party.bond and party.bond.held.amount:
            puts.setdefault(party.account, []).append((party.bond.held, "bond"))
    for payment in status.phase.payments if status.phase else ():
        if payment.state in _IN_ESCROW:
            puts.setdefault(accounts[payment.from_], []).append((payment.amount, "escrow"))
    for case in cases:
        for each in case.gets:
            labels.setdefault(each.account, each.label)
    paid = {each.account for case in cases for each in case.gets}
    for account, label in labels.items():
        if account in paid or account in puts:
            yield Who(account, label, tuple(_merged(puts.get(account, []))))


def _merged(puts: list[tuple[Money, str]]) -> Iterator[tuple[Money, str]]:
    """One line for each asset and purpose."""
    sums: dict[tuple[str, str], Money] = {}
    for money, kind in puts:
        before = sums.get((money.asset, kind))
        sums[money.asset, kind] = replace(money, amount=money.amount + before.amount) if before else money
    yield from ((money, kind) for (_, kind), money in sums.items())


def _cells(who: Who, case: Case) -> Iterator[Cell]:
    gets = {each.money.asset: each.money for each in case.gets if each.account == who.account}
    held = {money.asset: money for money in who.held}
    for asset in dict.fromkeys([*held, *gets]):
        before = held.get(asset)
        got = gets.get(asset) or replace(held[asset], amount=0)
        yield Cell(got, replace(got, amount=got.amount - (before.amount if before else 0)))
