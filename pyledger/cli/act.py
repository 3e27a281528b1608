"""After a move: what happened, in words, what it cost, and what can be done next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pyledger.chain.transactions import Receipt
from pyledger.cli.board import show_actions
from pyledger.cli.deals import Deal
from pyledger.cli.output import Screen, clock
from pyledger.observer.shapes import plain
from pyledger.observer.story import money_in, tell
from pyledger.terms.addresses import checksum

__all__ = ["flat", "report"]

_SHOWN: Final = 5


def flat(receipts: Iterable[Receipt]) -> tuple[Receipt, ...]:
    """Receipts with those of the allowances given before them, in the order they were sent."""
    return tuple(one for receipt in receipts for one in (*receipt.before, receipt))


def report(
    screen: Screen,
    deal: Deal,
    receipts: Sequence[Receipt],
    *,
    already: Sequence[str] = (),
    done: Sequence[dict[str, Any]] = (),
) -> None:
    """Print what the transactions did; `already` says what there was no need to do, `done` what no event tells."""
    sent = flat(receipts)
    status = deal.status()
    phase = status.phase.number - 1 if status.phase else 0
    opened = {phase: status.phase.opened_at} if status.phase and status.phase.opened_at else None
    events = (event for receipt in sent for event in receipt.events)
    lines = list(tell(events, deal.reader, phase=phase, opened=opened, clock=clock))
    gas = sum(receipt.gas_used for receipt in sent)
    screen.data(
        {
            "agreement": checksum(deal.agreement.address),
            "chain_id": deal.connection.chain_id,
            "done": [*done, *(_line(line.kind, line.words, money_in(line.event, deal.reader)) for line in lines)],
            "already": list(already),
            "transactions": [
                {"hash": receipt.hash_text, "block": receipt.block, "gas": receipt.gas_used} for receipt in sent
            ],
            "gas": gas,
            "state": status.state,
            "phase": status.phase.name if status.phase else None,
            "warnings": list(status.warnings),
            "next": plain(status.actions),
        }
    )
    for words in already:
        screen.say(words, "yellow")
    for each in done:
        screen.say(each["words"])
    for line in lines:
        words = screen.barred(line.words) if line.kind == "Evidence" else line.words
        screen.say(words, line.style or None)
    if sent:
        many = f"{len(sent)} transactions" if len(sent) > 1 else "1 transaction"
        screen.say(f"gas {gas:,} in {many}, block {sent[-1].block}", "dim")
    for warning in status.warnings:
        screen.say(f"! {warning}", "bold yellow")
    if status.actions:
        screen.heading("next")
        show_actions(status.actions[:_SHOWN], status.now, screen)
        if len(status.actions) > _SHOWN:
            screen.say(f"  and {len(status.actions) - _SHOWN} more: see `pyledger status {deal.named}`", "dim")


def _line(kind: str, words: str, money: dict[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {"event": kind, "words": words}
    return found | {"money": money} if money else found
