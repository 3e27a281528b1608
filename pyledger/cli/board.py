"""The state of an agreement as a person reads it: tables that fit 80 columns and use more when there is more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pyledger.cli.output import Screen, ago, clock
from pyledger.document.units import say_duration, say_percent
from pyledger.observer.shapes import Action, ObligationView, PartyView, PaymentView, StatusView, TallyView, WhoGets

__all__ = ["show_actions", "show_status"]

_WIDE: Final = 120
_STATE_STYLES: Final = {
    "open": "bold cyan",
    "in force": "bold cyan",
    "completed": "bold green",
    "terminated": "bold red",
    "void": "bold yellow",
    "unwound": "bold yellow",
}


def show_status(view: StatusView, screen: Screen) -> None:
    """Everything, in the order people ask: where are we, who owes what, where is the money, what now."""
    if screen.as_json:
        return
    screen.say(view.title, "bold")
    screen.say(_where(view), _STATE_STYLES[view.state])
    screen.say(f"{view.agreement} on chain {view.chain_id}, block {view.block}", "dim")
    screen.say(f"{clock(view.now)}; long stop {clock(view.long_stop)}, {ago(view.long_stop, view.now)}", "dim")
    for warning in view.warnings:
        screen.say(f"! {warning}", "bold yellow")

    screen.heading("parties")
    screen.table((_party(party, view) for party in view.parties), fold=(1, 2), styles={0: "cyan"})

    if view.phase is not None:
        columns = ["obligation", "owed by", "by when", "verdict"]
        wide = screen.width >= _WIDE
        screen.heading("obligations")
        screen.table(
            (_obligation(item, view, wide=wide) for item in view.phase.obligations),
            columns=[*columns, "what"] if wide else columns,
            fold=(3, 4) if wide else (3,),
            styles={0: "cyan"},
        )
        if view.phase.payments:
            screen.heading("payments")
            screen.table(
                (_payment(item, view) for item in view.phase.payments),
                columns=("payment", "amount", "from and to, and when", "stands"),
                right=(1,),
                fold=(2, 3),
                styles={0: "cyan"},
            )

    screen.heading("money")
    screen.table(_money(view), fold=(1,))
    if view.actions:
        screen.heading("next")
        show_actions(view.actions, view.now, screen)


def show_actions(actions: Sequence[Action], now: int, screen: Screen) -> None:
    """What can be done, by whom, until when, and what to type."""
    for action in actions:
        when = []
        if action.since is not None:
            when.append(f"from {clock(action.since)} ({ago(action.since, now)})")
        elif action.until is not None:
            when.append(f"until {clock(action.until)} ({ago(action.until, now)})")
        who = " or ".join(action.who) or "anyone"
        screen.say(f"{who}: {action.what}{', ' if when else ''}{'; '.join(when)}", indent=2)
        screen.say(action.command, "cyan", indent=6)


def _where(view: StatusView) -> str:
    phase = view.phase
    if phase is None or view.state in ("void", "unwound"):
        return view.state
    if view.state == "open":
        accepted = sum(party.accepted for party in view.parties)
        return (
            f"open: {accepted} of {len(view.parties)} accepted; "
            f"join by {clock(view.join_by)}, {ago(view.join_by, view.now)}"
        )
    title = f", {phase.title}" if phase.title != phase.name else ""
    opened = f"; opened {clock(phase.opened_at)}, {ago(phase.opened_at, view.now)}" if phase.opened_at else ""
    return f"{view.state}, phase {phase.number} of {phase.count}: {phase.name}{title}{opened}"


def _party(party: PartyView, view: StatusView) -> tuple[str, str, str]:
    words = []
    bond = party.bond
    if view.state == "open":
        words.append("accepted" if party.accepted else "not yet accepted")
    if bond and view.state == "open" and not party.accepted:
        words.append(f"will post {bond.level}")
    elif bond:
        words.append(f"bond {bond.held}{f' of {bond.level}' if bond.short else ''}")
        if bond.short and bond.top_up_by:
            words.append(f"owes {bond.short} {ago(bond.top_up_by, view.now)}")
    return party.name, party.label, "; ".join(words) or "no bond"


def _obligation(item: ObligationView, view: StatusView, *, wide: bool) -> tuple[str, ...]:
    when = f"within {say_duration(item.within)}"
    if item.deadline is not None:
        when = f"{clock(item.deadline)}\n{ago(item.deadline, view.now)}"
    found = (item.name, item.by, when, "\n".join(_verdict(item)))
    return (*found, item.what) if wide else found


def _verdict(item: ObligationView) -> Iterator[str]:
    if item.verdict and item.by_silence:
        in_time = item.verdict == item.if_silent
        yield f"{item.verdict}, {'by silence' if in_time else 'not decided in time'}"
        return
    if item.verdict:
        yield item.verdict
        yield _voices(item.tally)
        return
    yield f"open; silence: {item.if_silent}"
    yield _voices(item.tally)


def _voices(tally: TallyView) -> str:
    heard = [f"{seat.verifier} {seat.verdict}" for seat in tally.seats if seat.verdict]
    if not heard:
        return f"0 of {tally.threshold} heard" + _quotas(tally)
    agreeing = [seat.verifier for seat in tally.seats if seat.verdict == tally.verdict]
    if len(agreeing) == len(heard):
        heard = agreeing
    return f"{tally.heard} of {tally.threshold} for {tally.verdict}{_quotas(tally)}: {', '.join(heard)}"


def _quotas(tally: TallyView) -> str:
    if not tally.chambers:
        return ""
    return " (" + ", ".join(f"{each.name} {each.heard} of {each.quota}" for each in tally.chambers) + ")"


def _payment(item: PaymentView, view: StatusView) -> tuple[str, ...]:
    to = ", ".join(share.to if share.bps == 10_000 else f"{share.to} {say_percent(share.bps)}" for share in item.to)
    way = f"{item.from_} → {to}\nif {item.obligation} is {' or '.join(item.on)}"
    stands = item.state
    if item.state == "due" and item.due is not None:
        stands = f"due {ago(item.due, view.now)}"
    return item.name, str(item.amount), way, stands


def _money(view: StatusView) -> Iterator[tuple[str, str]]:
    for held in view.held:
        parts = [
            f"{money} {what}"
            for money, what in ((held.bonds, "of bonds"), (held.escrow, "in escrow"), (held.credits, "of credits"))
            if money.amount
        ]
        yield "held", ", ".join(parts) or f"nothing, in {held.bonds.symbol}"
    yield from _people("if it ended now", view.if_ended_now)
    yield from _people("waiting as credit", view.credits)


def _people(heading: str, found: Iterable[WhoGets]) -> Iterator[tuple[str, str]]:
    by_asset = [f"{each.money} to {each.who}" for each in found]
    if by_asset:
        yield heading, ", ".join(by_asset)
