"""How money comes in and goes out: the settlement model's twin of `Treasury.sol`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from pyledger.terms.outcome import split
from pyledger.terms.state import Cause, Flow, State
from pyledger.terms.structs import Payment, Terms

__all__ = ["Move", "Unreachable", "paid_in", "payout", "push", "reachable", "rebalance"]


class Move(NamedTuple):
    """What a move leads to: the next state, and the money that moved, in order."""

    state: State
    flows: tuple[Flow, ...] = ()


Unreachable = Callable[[bytes, bytes], bool]
"""Whether a push of an asset to a recipient fails: `(to, asset) -> bool`."""


def reachable(_to: bytes, _asset: bytes) -> bool:
    """Nobody refuses a push."""
    return False


def paid_in(asset: bytes, amount: int, index: int) -> tuple[Flow, ...]:
    """What somebody pays into the account, for a party or payment."""
    return (Flow(b"", asset, amount, None, index),) if amount else ()


def push(state: State, flows: Iterable[Flow], unreachable: Unreachable) -> Move:
    """Sends money out; what cannot be pushed to its recipient is credited to it."""
    pushed: list[Flow] = []
    credited = dict(state.credits)
    for flow in flows:
        if not flow.amount:
            continue
        fails = unreachable(flow.to, flow.asset)
        pushed.append(flow._replace(credited=fails))
        if fails:
            credited[flow.to, flow.asset] = credited.get((flow.to, flow.asset), 0) + flow.amount
    return Move(replace(state, credits=credited), tuple(pushed))


def payout(terms: Terms, payment: Payment, index: int, released: int) -> list[Flow]:
    """Where a payment goes: what is released of it to its payees, the rest back to its payer."""
    payees = split(payment.payees, released) if released else []
    flows = [Flow(to, payment.asset, part, Cause.PAYMENT, index) for to, part in payees]
    back = Flow(terms.parties[payment.payer].account, payment.asset, payment.amount - released, Cause.RETURN, index)
    return [*flows, back]


def rebalance(
    state: State, terms: Terms, held: Sequence[int], lost: Mapping[int, int], levels: Sequence[int] = ()
) -> Move:
    """Takes from each bond what is lost, at most what is held, and frees what exceeds the level it now needs.

    That is the level of the phase that opens, or nothing where the agreement ends; bonds short of it are flagged.
    """
    flows: list[Flow] = []
    short: dict[int, int] = {}
    for index, party in enumerate(terms.parties):
        needed = levels[index] if levels else 0
        taken = min(lost.get(index, 0), held[index])
        left = held[index] - taken
        if left < needed:
            short[index] = left
        if taken:
            parts = split(party.forfeiture, taken)
            flows += [Flow(to, party.asset, part, Cause.FORFEITURE, index) for to, part in parts]
        flows.append(Flow(party.account, party.asset, max(left - needed, 0), Cause.BOND, index))
    return Move(replace(state, short=short), tuple(flows))
