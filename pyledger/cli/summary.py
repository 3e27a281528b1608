"""A document in tables: who, what, when, how much."""

from __future__ import annotations

from collections.abc import Iterator

from pyledger.cli.output import Screen
from pyledger.document import OUTSIDE, Document
from pyledger.document.model import Obligation, Payment
from pyledger.document.units import say_amount, say_duration, say_percent, say_time

__all__ = ["summarise"]


def summarise(document: Document, screen: Screen) -> None:
    """Print what a document says."""
    screen.say(document.title, "bold")
    screen.heading("parties")
    screen.table(
        ((name, party.name, _bond(document, name)) for name, party in document.parties.items()),
        columns=("name", "is called", "bond, and who receives what it forfeits"),
        fold=(1, 2),
        styles={0: "cyan"},
    )
    screen.heading("panels")
    screen.table(
        (
            (name, f"{panel.needed} of {len(panel.seats)}", ", ".join(_seats(document, name)))
            for name, panel in document.panels.items()
        ),
        fold=(2,),
        styles={0: "cyan"},
    )
    screen.heading("times")
    screen.table(_times(document))
    for number, phase in enumerate(document.phases, start=1):
        title = f": {phase.title}" if phase.title else ""
        screen.heading(f"phase {number} of {len(document.phases)}, {phase.id}{title}")
        if phase.bonds:
            levels = ", ".join(f"{name} {say_amount(amount)}" for name, amount in phase.bonds.items())
            screen.say(f"  bonds: {levels}")
        screen.table(
            ((name, item.by, _terms(item), item.what) for name, item in phase.obligations.items()),
            columns=("obligation", "owed by", "deadline and silence", "what"),
            fold=(2, 3),
            styles={0: "cyan"},
        )
        if phase.payments:
            screen.say()
        screen.table(
            ((name, _amount(document, item), _way(item), _when(item)) for name, item in phase.payments.items()),
            columns=("payment", "amount", "from and to", "when, and funded within"),
            right=(1,),
            fold=(2, 3),
            styles={0: "cyan"},
        )


def _symbol(document: Document, asset: str) -> str:
    return document.assets[asset].symbol or asset


def _amount(document: Document, item: Payment) -> str:
    amount = f"{say_amount(item.amount)} {_symbol(document, item.asset)}"
    return f"at most {amount}" if item.tiers else amount


def _bond(document: Document, name: str) -> str:
    party = document.parties[name]
    if party.bond is None:
        return "none"
    to = ", ".join(
        who if points == 10_000 else f"{who} {say_percent(points)}" for who, points in (party.forfeits_to or {}).items()
    )
    return f"{say_amount(party.bond.amount)} {_symbol(document, party.bond.asset)} → {to}"


def _seats(document: Document, name: str) -> Iterator[str]:
    panel = document.panels[name]
    if panel.chambers is None:
        yield from panel.verifiers or ()
    for (chamber, seats), quota in zip((panel.chambers or {}).items(), panel.quotas, strict=True):
        yield f"{chamber} (at least {quota} of {', '.join(seats.verifiers)})"


def _times(document: Document) -> Iterator[tuple[str, str]]:
    if document.join_by is not None:
        yield "join by", say_time(document.join_by)
    if document.join_within is not None:
        yield "join within", f"{say_duration(document.join_within)} of the start"
    if document.long_stop is not None:
        yield "long stop", say_time(document.long_stop)
    if document.long_stop_after is not None:
        yield "long stop", f"{say_duration(document.long_stop_after)} after the start"
    if any(party.bond for party in document.parties.values()):
        yield "top up within", say_duration(document.top_up_within)
        yield "not paying in", f"forfeits {say_percent(document.default_forfeits)} of the bond"


def _terms(item: Obligation) -> str:
    grace = f" + {say_duration(item.grace)}" if item.grace else ""
    words = [f"{say_duration(item.within)}{grace}, then {item.if_silent}"]
    if item.by != OUTSIDE and item.forfeit:
        words.append(f"breach forfeits {say_percent(item.forfeit)}")
    if item.material:
        words.append("breach ends the deal")
    return "; ".join(words)


def _way(item: Payment) -> str:
    to = ", ".join(who if points == 10_000 else f"{who} {say_percent(points)}" for who, points in item.to.items())
    return f"{item.from_} → {to}"


def _when(item: Payment) -> str:
    return f"{item.obligation} is {' or '.join(item.on)}; {say_duration(item.fund_within)}"
