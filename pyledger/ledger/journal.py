"""Double entry: each event that moves money becomes one entry whose lines sum to nothing, asset by asset.

Accounts, with an agreement's address for A, and numbers as the terms count:

    A:bond:1            what A holds as bond of party 1
    A:escrow:0:2        what A holds for payment 2 of phase 0
    A:credit:0x…        what A owes an account because it could not be pushed
    A:split             what a dissolution takes together before it shares it out
    outside:0x…         everybody else's money: negative is paid in, positive is received

What A holds of an asset by the books is the sum of all its accounts. What strangers send to A is in no book.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pyledger.chain.events import Accepted, Ended, Event, Funded, Paid, PhaseOpened, ToppedUp, Withdrawn
from pyledger.terms.state import Cause, Status
from pyledger.terms.structs import Phase, Terms

__all__ = ["Book", "Entry", "Line", "held_by", "post"]


class Line(NamedTuple):
    """An account, and what it gains (above zero) or loses of an asset, in the smallest unit."""

    account: str
    asset: bytes
    amount: int


class Entry(NamedTuple):
    """What happened, in words, and its lines."""

    words: str
    lines: tuple[Line, ...]

    @property
    def balanced(self) -> bool:
        """Whether the lines sum to nothing for each asset."""
        sums: dict[bytes, int] = {}
        for line in self.lines:
            sums[line.asset] = sums.get(line.asset, 0) + line.amount
        return not any(sums.values())


@dataclass(slots=True)
class Book:
    """What posting needs to know of one agreement, as its events have left it.

    `phases` are those known in clear; `balances` those of its accounts, by (account, asset).
    """

    address: bytes
    terms: Terms
    phases: list[Phase]
    members: frozenset[int] = frozenset()
    phase: int = 0
    balances: dict[tuple[str, bytes], int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How its accounts begin."""
        return "0x" + self.address.hex()

    def bond(self, party: int) -> str:
        """Account of a party's bond."""
        return f"{self.name}:bond:{party}"

    def escrow(self, payment: int, asset: bytes) -> str:
        """Account of a payment that is being paid: of the phase before the one at hand, if anything is left there.

        A settlement opens the next phase before it pays out the last one.
        """
        before = f"{self.name}:escrow:{self.phase - 1}:{payment}"
        return before if (before, asset) in self.balances else f"{self.name}:escrow:{self.phase}:{payment}"

    @property
    def split(self) -> str:
        """Account of what a dissolution shares out."""
        return f"{self.name}:split"

    def credit(self, account: bytes) -> str:
        """Account of what is owed to somebody."""
        return f"{self.name}:credit:0x{account.hex()}"

    def take(self, entry: Entry) -> None:
        """Carry an entry into the balances."""
        for line in entry.lines:
            if line.account.startswith(self.name):
                key = (line.account, line.asset)
                self.balances[key] = self.balances.get(key, 0) + line.amount
                if not self.balances[key]:
                    del self.balances[key]


def held_by(balances: Mapping[tuple[str, bytes], int]) -> dict[bytes, int]:
    """What an agreement holds by its books, by asset."""
    held: dict[bytes, int] = {}
    for (_, asset), amount in balances.items():
        held[asset] = held.get(asset, 0) + amount
    return {asset: amount for asset, amount in held.items() if amount}


def outside(account: bytes) -> str:
    """Account of everybody else's money."""
    return "outside:0x" + account.hex()


def post(event: Event, book: Book) -> Entry | None:
    """The entry of an event, None where no money moves; the book is carried on. Events in the order of the chain."""
    entry = _entry(event, book)
    if isinstance(event, PhaseOpened):
        book.phase, book.members = event.phase, event.members
    if entry is not None:
        book.take(entry)
    return entry


def _entry(event: Event, book: Book) -> Entry | None:
    match event:
        case Accepted(party=party, from_=payer, bond=amount) if amount:
            return _paid_in(f"bond of party {party}", book.bond(party), payer, book.terms.parties[party].asset, amount)
        case ToppedUp(party=party, from_=payer, amount=amount) if amount:
            asset = book.terms.parties[party].asset
            return _paid_in(f"bond of party {party} topped up", book.bond(party), payer, asset, amount)
        case Funded():
            return Entry("payments funded", tuple(_funded(event, book)))
        case Paid() if event.amount:
            return _paid(event, book)
        case Withdrawn(account=account, asset=asset, to=to, amount=amount) if amount:
            lines = (Line(book.credit(account), asset, -amount), Line(outside(to), asset, amount))
            return Entry("credit withdrawn", lines)
        case Ended(status=Status.DISSOLVED):
            gathered = tuple(_gathered(book))
            return Entry("dissolved by all members", gathered) if gathered else None
    return None


def _paid_in(words: str, account: str, payer: bytes, asset: bytes, amount: int) -> Entry:
    return Entry(words, (Line(outside(payer), asset, -amount), Line(account, asset, amount)))


def _funded(event: Funded, book: Book) -> Iterator[Line]:
    payments = book.phases[event.phase].payments
    for index in sorted(event.payments):
        asset, amount = payments[index].asset, payments[index].amount
        yield Line(outside(event.from_), asset, -amount)
        yield Line(f"{book.name}:escrow:{event.phase}:{index}", asset, amount)


def _paid(event: Paid, book: Book) -> Entry:
    to = book.credit(event.to) if event.credited else outside(event.to)
    source, words = _source(event, book)
    return Entry(words, (Line(source, event.asset, -event.amount), Line(to, event.asset, event.amount)))


def _source(event: Paid, book: Book) -> tuple[str, str]:
    match event.cause:
        case Cause.PAYMENT:
            return book.escrow(event.index, event.asset), f"payment {event.index} paid"
        case Cause.RETURN:
            return book.escrow(event.index, event.asset), f"payment {event.index} returned"
        case Cause.FORFEITURE:
            return book.bond(event.index), f"bond of party {event.index} forfeited"
        case Cause.BOND:
            return book.bond(event.index), f"bond of party {event.index} returned"
        case Cause.SPLIT:
            return book.split, "shared out by all members"
    return outside(event.to), "coin beyond what was due sent back"


def _gathered(book: Book) -> Iterator[Line]:
    """All members' bonds and all escrows, taken together; a bond of who joins with the next phase stays apart."""
    bonds = {book.bond(party) for party in book.members}
    escrows = f"{book.name}:escrow:"
    sums: dict[bytes, int] = {}
    for (account, asset), amount in sorted(book.balances.items()):
        if account in bonds or account.startswith(escrows):
            sums[asset] = sums.get(asset, 0) + amount
            yield Line(account, asset, -amount)
    for asset, amount in sums.items():
        yield Line(book.split, asset, amount)
