"""What somebody else did first: a transaction that found it done did nothing, and is not told as if it had."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from pyledger.chain.attestations import Motion
from pyledger.chain.events import Attested, Decided, Event, Funded, Opened, Paid, ToppedUp
from pyledger.chain.transactions import Receipt
from pyledger.cli.deals import Deal
from pyledger.terms.state import Cause

__all__ = ["attested_before", "funded_before", "opened_before", "paid_before", "topped_up_before"]


def opened_before(receipts: Iterable[Receipt]) -> list[str]:
    """What to say where the agreement was open when the transactions came."""
    opened = any(isinstance(event, Opened) for event in _events(receipts))
    return [] if opened else ["somebody else had opened it before"]


def funded_before(deal: Deal, phase: int, payments: Collection[int], receipts: Iterable[Receipt]) -> list[str]:
    """What to say of payments of a phase that were in escrow when the transactions came."""
    funded = [event.payments for event in _events(receipts) if isinstance(event, Funded)]
    names = deal.names.payments[phase]
    return [f"{names[each]} is funded already" for each in sorted(set(payments).difference(*funded))]


def topped_up_before(role: str, receipts: Iterable[Receipt]) -> list[str]:
    """What to say where the bond of a party was no longer short when the transactions came."""
    done = any(isinstance(event, ToppedUp) for event in _events(receipts))
    return [] if done else [f"the bond of {role} is topped up already"]


def paid_before(deal: Deal, phase: int, payments: Collection[int], receipts: Iterable[Receipt]) -> list[str]:
    """What to say of payments of a phase that were paid out when the transactions came."""
    moved = [event for event in _events(receipts) if isinstance(event, Paid)]
    paid = {event.index for event in moved if event.cause in (Cause.PAYMENT, Cause.RETURN)}
    names = deal.names.payments[phase]
    return [f"{names[each]} is paid out already" for each in sorted(set(payments) - paid)]


def attested_before(deal: Deal, motions: Iterable[Motion], receipts: Sequence[Receipt]) -> list[str]:
    """What to say of motions, each with its transaction, that brought nothing new."""
    state, said = deal.agreement.state(), []
    for motion, receipt in zip(motions, receipts, strict=True):
        if any(isinstance(event, Attested | Decided) for event in receipt.events):
            continue
        name = deal.names.obligations[motion.phase][motion.obligation]
        given = state.phase == motion.phase and state.verdicts[motion.obligation] is motion.verdict
        verdict = motion.verdict.name.lower()
        said.append(f"{name} is decided already: {verdict}" if given else f"that {name} is {verdict} was heard already")
    return said


def _events(receipts: Iterable[Receipt]) -> Iterator[Event]:
    return (event for receipt in receipts for event in receipt.events)
