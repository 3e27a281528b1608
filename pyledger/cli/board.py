"""The state of an agreement as a person reads it: tables that fit 80 columns and use more when there is more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pyledger.cli.output import Screen, ago, clock, day
from pyledger.document.units import say_duration, say_percent
from pyledger.observer.shapes import (
    Action,
    HeldView,
    Money,
    ObligationView,
    PartyView,
    PaymentView,
    StatusView,
    TallyView,
    TierView,
    WhoGets,
)

__all__ = ["held_in_words", "show_actions", "show_status", "where_it_stands"]

_WIDE: Final = 120
_STATE_STYLES: Final = {
    "open": "bold cyan",
    "in force": "bold cyan",
    "completed": "bold green",
    "terminated": "bold red",
    "void": "bold yellow",
    "unwound": "bold yellow",
    "dissolved": "bold green",
}


def show_status(view: StatusView, screen: Screen) -> None:
    """Everything, in the order people ask: where are we, who owes what, where is the money, what now."""
    if screen.as_json:
        return
    screen.say(view.title, "bold")
    screen.say(where_it_stands(view), _STATE_STYLES[view.state])
    screen.say(f"{view.agreement} on chain {view.chain_id}, block {view.block}", "dim")
    screen.say(f"{clock(view.now)}; long stop {clock(view.long_stop)}, {ago(view.long_stop, view.now)}", "dim")
    if view.predecessor:
        screen.say(f"succeeds {view.predecessor}", "dim")
    for warning in view.warnings:
        screen.say(f"! {warning}", "bold yellow")

    screen.heading("parties")
    screen.table((_party(party, view) for party in view.parties), fold=(1, 2), styles={0: "cyan"})
    _recourse(view, screen)

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
                fold=(1, 2, 3) if any(" " in item.amount.symbol for item in view.phase.payments) else (2, 3),
                styles={0: "cyan"},
            )

    _tiers(view, screen)
    if view.undisclosed:
        screen.heading("not disclosed")
        screen.say("what only the parties know of, until it opens and is published", "dim", indent=2)
        screen.table(((f"phase {each.number}", each.hash) for each in view.undisclosed), styles={0: "cyan"})
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


def where_it_stands(view: StatusView) -> str:
    """How an agreement stands at its moment, in one sentence."""
    phase = view.phase
    if phase is None or view.state in ("void", "unwound", "dissolved"):
        return view.state
    if view.state == "open":
        accepted = sum(party.accepted for party in view.parties)
        enough = f", {view.min_parties} are enough" if view.min_parties < len(view.parties) else ""
        join = "join by" if view.now <= view.join_by else "joining ended"
        return (
            f"open: {accepted} of {len(view.parties)} accepted{enough}; "
            f"{join} {clock(view.join_by)}, {ago(view.join_by, view.now)}"
        )
    title = f", {phase.title}" if phase.title != phase.name else ""
    opened = f"; opened {clock(phase.opened_at)}, {ago(phase.opened_at, view.now)}" if phase.opened_at else ""
    return f"{view.state}, phase {phase.number} of {phase.count}: {phase.name}{title}{opened}"


def _party(party: PartyView, view: StatusView) -> tuple[str, str, str]:
    words = []
    bond = party.bond
    if view.state == "open":
        missed = "did not accept" if party.membership == "absent" else "not yet accepted"
        words.append("accepted" if party.accepted else missed)
    elif party.membership == "joining" and view.state == "in force":
        words.append("joins with the next phase")
    elif party.membership == "invited":
        words.append("not in; can still join, from the next phase on")
    elif party.membership == "absent":
        return party.name, party.label, "not in: owes nothing"
    if bond and party.membership in ("invited", "absent"):
        words.append(f"will post {bond.level}" if party.membership == "invited" else "no bond")
    elif bond and view.state not in ("open", "in force") and not bond.held.amount:
        words.append("its bond is settled")
    elif bond:
        words.append(f"bond {bond.held}{f' of {bond.level}' if bond.short else ''}")
        if bond.short and bond.top_up_by:
            words.append(f"owes {bond.short} {ago(bond.top_up_by, view.now)}")
    return party.name, party.label, "; ".join(words) or "no bond"


def _obligation(item: ObligationView, view: StatusView, *, wide: bool) -> tuple[str, ...]:
    when = f"within {say_duration(item.within)}"
    if item.absent:
        when = "not in force"
    elif item.deadline is not None:
        when = f"{clock(item.deadline)}\n{ago(item.deadline, view.now)}"
        if item.extended_from is not None:
            when += f"\nextended from {day(item.extended_from)}"
    found = (item.name, item.by, when, "\n".join(_verdict(item, view)))
    return (*found, item.what) if wide else found


def _verdict(item: ObligationView, view: StatusView) -> Iterator[str]:
    if item.absent:
        yield f"binds nobody: {item.by} is not in"
        return
    if not item.verdict:
        over = view.state not in ("open", "in force")
        yield "not decided" if over else f"open; silence: {item.if_silent}"
        yield _voices(item.tally)
        return
    ruled = item.dispute is not None and item.dispute.ruled
    if ruled:
        yield f"{item.verdict}, by ruling"
    elif item.by_silence:
        in_time = item.verdict == item.if_silent
        yield f"{item.verdict}, {'by silence' if in_time else 'not decided in time'}"
    elif item.conceded:
        yield f"{item.verdict}, conceded"
    else:
        yield f"{item.verdict}: {item.value}" if item.value else item.verdict
    if view.court is not None and view.state == "in force":
        yield _finality(item, view)
    if not item.by_silence and not ruled and not item.conceded:
        yield _voices(item.tally, decided=True)


def _finality(item: ObligationView, view: StatusView) -> str:
    """How far the verdict can still change."""
    if item.stage == "final":
        return f"final since {clock(item.final_at)}" if item.final_at else "final"
    if item.stage == "disputed" and item.dispute:
        by = f" (dispute {item.dispute.number}{', by ' + item.dispute.by if item.dispute.by else ''})"
        return f"before the court until {clock(item.dispute.until)}, {ago(item.dispute.until, view.now)}{by}"
    if item.final_at is None:
        return "final"
    return f"can be contested until {clock(item.final_at)}, {ago(item.final_at, view.now)}"


def _voices(tally: TallyView, *, decided: bool = False) -> str:
    heard = [f"{seat.verifier} {seat.verdict}" for seat in tally.seats if seat.verdict]
    if not heard:
        return f"0 of {tally.threshold} heard" + _quotas(tally)
    agreeing = [seat.verifier for seat in tally.seats if (seat.verdict, seat.value) == (tally.verdict, tally.value)]
    if len(agreeing) == len(heard):
        heard = agreeing
    elif len({seat.value for seat in tally.seats if seat.verdict == tally.verdict}) > 1:
        said = ((seat.verifier, seat.verdict, seat.value) for seat in tally.seats if seat.verdict)
        heard = [f"{who} {verdict} {value}" if value else f"{who} {verdict}" for who, verdict, value in said]
    value = f" with {tally.value}" if tally.value and not decided else ""
    return f"{tally.heard} of {tally.threshold} for {tally.verdict}{value}{_quotas(tally)}: {', '.join(heard)}"


def _quotas(tally: TallyView) -> str:
    if not tally.chambers:
        return ""
    return " (" + ", ".join(f"{each.name} {each.heard} of {each.quota}" for each in tally.chambers) + ")"


def _payment(item: PaymentView, view: StatusView) -> tuple[str, ...]:
    to = ", ".join(share.to if share.bps == 10_000 else f"{share.to} {say_percent(share.bps)}" for share in item.to)
    way = f"{item.from_} → {to}\nif {item.obligation} is {' or '.join(item.on)}"
    if item.tiers:
        way += ", by its value"
    return item.name, str(item.amount), way, "\n".join(_stands(item, view))


def _stands(item: PaymentView, view: StatusView) -> Iterator[str]:
    if item.state == "due" and item.due is not None:
        yield f"due {ago(item.due, view.now)}"
        if item.extended_from is not None:
            yield f"extended from {day(item.extended_from)}"
        return
    if item.state == "not final":
        yield "in escrow until the verdict is final"
        if item.released is not None:
            yield (
                f"then {item.released} to the payee{'s' if len(item.to) > 1 else ''}"
                if item.released.amount
                else (f"then back to {item.from_}")
            )
        return
    yield item.state
    part = item.released
    if part is not None and 0 < part.amount < item.amount.amount and item.state in ("ready to release", "released"):
        rest = Money(part.asset, part.symbol, part.decimals, item.amount.amount - part.amount)
        yield f"{part}, and {rest} back to {item.from_}"


def _recourse(view: StatusView, screen: Screen) -> None:
    """Who may contest what, before whom: where anybody may."""
    if view.court is None and not view.standing:
        return
    rows = []
    if view.court is not None:
        fee = f", which asks for {view.court.fee}" if view.court.fee else ""
        rows = [
            ("court", f"{view.court.name}{fee}"),
            ("contest", f"within {say_duration(view.court.challenge_within)} of a verdict"),
            ("ruling", f"within {say_duration(view.court.ruling_within)} of that, or the verdict stands"),
        ]
    if view.standing:
        what = "may contest and comment, as members may" if view.court else "may comment, as members may"
        rows.append(("standing", f"{', '.join(view.standing)}: {what}"))
    screen.heading("court and standing")
    screen.table(rows, fold=(1,))


def _tiers(view: StatusView, screen: Screen) -> None:
    """What a value pays, where payments follow one."""
    items = view.phase.payments if view.phase else ()
    counts = {each.name: each.counts for each in view.phase.obligations} if view.phase else {}
    tables: dict[tuple[str, tuple[TierView, ...], Money], list[str]] = {}
    for item in items:
        if item.tiers and item.state != "not owed":
            tables.setdefault((counts.get(item.obligation) or "", item.tiers, item.amount), []).append(item.name)
    for (counted, tiers, most), names in tables.items():
        screen.heading(f"what a value pays: {', '.join(names)}")
        if counted:
            screen.say(f"  {counted}", "dim")
        rows = [(f"from {tier.from_}", _pays(tier)) for tier in tiers]
        if tiers[0].from_.number:
            rows = [(f"below {tiers[0].from_}", "nothing"), *rows]
        if any(tier.then for tier in tiers):
            rows.append(("at most", str(most)))
        screen.table(rows, fold=(1,))


def _pays(tier: TierView) -> str:
    if not tier.then:
        return str(tier.pays) if tier.pays.amount else "nothing"
    part = f"{say_percent(tier.then)} of what exceeds {tier.from_}"
    return f"{tier.pays}, and {part}" if tier.pays.amount else part


def held_in_words(view: StatusView) -> list[str]:
    """What the agreement holds of each asset that it holds any of."""
    return [words for words in map(_holding, view.held) if words]


def _holding(held: HeldView) -> str:
    parts = ((held.bonds, "of bonds"), (held.escrow, "in escrow"), (held.credits, "of credits"))
    return ", ".join(f"{money} {what}" for money, what in parts if money.amount)


def _money(view: StatusView) -> Iterator[tuple[str, str]]:
    for held in view.held:
        yield "held", _holding(held) or f"nothing, in {held.bonds.symbol}"
    for held in view.held:
        if " " in held.bonds.symbol:  # no document says what it is called
            yield held.bonds.asset, held.bonds.symbol.rpartition(" ")[2]
    yield from _people("if it ended now", view.if_ended_now)
    yield from _people("waiting as credit", view.credits)


def _people(heading: str, found: Iterable[WhoGets]) -> Iterator[tuple[str, str]]:
    by_asset = [f"{each.money} to {each.who}" for each in found]
    if by_asset:
        yield heading, ", ".join(by_asset)
