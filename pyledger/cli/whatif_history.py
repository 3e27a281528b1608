"""One history as a table for people and as an object for programs: what was decided, and who ends with what."""

from __future__ import annotations

from typing import Any

from pyledger.analysis.stage import Stage
from pyledger.analysis.telling import Teller, say_gain
from pyledger.cli.output import Screen
from pyledger.document.units import say_amount
from pyledger.terms.state import Cause

__all__ = ["gains_of", "plain_history", "show_history"]


def gains_of(stage: Stage) -> dict[tuple[str, str], int]:
    """Who gained what: smallest units by the names of account and asset, zeros left out."""
    teller = Teller(stage.deal)
    pairs = zip(stage.book.places, stage.gained, strict=True)
    return {teller.place(place): amount for place, amount in pairs if amount}


def show_history(stage: Stage, party: str | None, screen: Screen) -> None:
    """The verdicts of each phase, and what everybody paid, received and gained."""
    names, teller = stage.names, Teller(stage.deal)
    screen.say(stage.deal.document.title, "bold")
    screen.heading("what happens")
    rows = []
    for phase, item, verdict, value in stage.told:
        subject = stage.deal.document.phases[phase].obligations[names.obligations[phase][item]]
        measure = stage.deal.document.measure(subject)
        at = f" at {measure.say(value)}" if measure and value else ""
        silence = "by silence" if (phase, item) in stage.silent else ""
        rows.append((names.phases[phase], names.obligations[phase][item], f"{verdict.name.lower()}{at}", silence))
    screen.table(rows, columns=("phase", "obligation", "is", ""), fold=(1, 2), styles={1: "cyan", 3: "dim"})
    in_default = ", ".join(names.parties[each] for each in sorted(stage.defaulters))
    ends = stage.state.status.name.lower()
    screen.say(f"  The deal is {ends}{f'; in default: {in_default}' if in_default else ''}.")
    screen.heading("who ends with what")
    totals = [
        (who, *(f"{say_amount(teller.units(amount, what))}" for amount in (paid, got)),
         say_gain(teller.units(got - paid, what)), teller.symbol(what))
        for (who, what), (paid, got) in _totals(stage).items()
        if party in (None, who)
    ]  # fmt: skip
    screen.table(
        totals,
        columns=("account", "pays in", "receives", "gains", "in"),
        right=(1, 2, 3),
        styles={0: "cyan", 3: "bold"},
    )
    for who, what, amount in _losses(stage):
        screen.say(
            f"  {who} forfeits {say_amount(teller.units(amount, what))} {teller.symbol(what)} of its bond.", "yellow"
        )


def plain_history(stage: Stage, party: str | None) -> dict[str, Any]:
    """The same for programs."""
    names, teller = stage.names, Teller(stage.deal)
    return {
        "ends": stage.state.status.name.lower(),
        "verdicts": [
            {
                "phase": names.phases[phase],
                "obligation": names.obligations[phase][item],
                "verdict": verdict.name.lower(),
                "value": str(value),
                "silence": (phase, item) in stage.silent,
            }
            for phase, item, verdict, value in stage.told
        ],
        "in_default": [names.parties[each] for each in sorted(stage.defaulters)],
        "gains": [
            {
                "who": who,
                "asset": what,
                "pays_in": str(paid),
                "receives": str(got),
                "smallest": str(got - paid),
                "amount": f"{teller.units(got - paid, what):f}",
            }
            for (who, what), (paid, got) in _totals(stage).items()
            if party in (None, who)
        ],
        "forfeits": [
            {"who": who, "asset": what, "smallest": str(amount)} for who, what, amount in _losses(stage)
        ],
    }  # fmt: skip


def _totals(stage: Stage) -> dict[tuple[str, str], tuple[int, int]]:
    """What each paid in and received, of each asset; parties and recipients in their order."""
    teller = Teller(stage.deal)
    gained = {teller.place(place): amount for place, amount in zip(stage.book.places, stage.gained, strict=True)}
    received = dict.fromkeys(gained, 0)
    for flow in stage.flows:
        if flow.cause is not None:
            received[teller.place((flow.to, flow.asset))] += flow.amount
    order = list(stage.names.accounts)
    document = stage.deal.document
    known = sorted(gained, key=lambda each: (order.index(each[0]), each[1]))
    return {
        key: (received[key] - gained[key], received[key])
        for key in known
        if received[key] or gained[key] or (key[0] in document.parties and document.parties[key[0]].bond)
    }


def _losses(stage: Stage) -> list[tuple[str, str, int]]:
    lost: dict[int, int] = {}
    for flow in stage.flows:
        if flow.cause is Cause.FORFEITURE:
            lost[flow.item] = lost.get(flow.item, 0) + flow.amount
    parties = stage.deal.terms.parties
    return [
        (stage.names.parties[each], stage.names.what(parties[each].asset) or "", lost[each]) for each in sorted(lost)
    ]  # fmt: skip
