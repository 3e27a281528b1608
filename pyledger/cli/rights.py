"""What a document's benefits come to now: who is entitled to what, and what may be undone after an end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

import click

from pyledger.cli.options import Where, answers, deal_argument, network_options
from pyledger.cli.output import Screen, ago, clock

if TYPE_CHECKING:
    from pyledger.cli.deals import Deal
    from pyledger.document import Document
    from pyledger.ledger.standing import Standing
    from pyledger.observer.entitled import Entitlement, Undoing

__all__ = ["rights"]

_STYLES: Final = {"holds": "bold green", "not yet": "bold cyan", "over": "bold yellow"}


@click.command()
@deal_argument
@network_options
@answers
def rights(deal: str, where: Where, screen: Screen) -> None:
    """Show which benefits of a document hold now, for whom and how far, and what may be undone after an end.

    A benefit holds while its phase is at hand, and ends by itself: with a breach of its holder, a cut-off, the long
    stop, or the end of the agreement. Who may revoke it besides, with what notice, is shown; no event tells whether
    they did.
    """
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.observer.shapes import plain

    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection)
        document, standing, now = found.document, _standing(found), found.now()
    held, undone = _found(found, document, standing, now)
    screen.data({"now": now, "entitlements": plain(held), "undoings": plain(undone)})
    screen.say(document.title, "bold")
    screen.say(f"as of {clock(now)}", "dim")
    if not held:
        screen.say("the document names no benefits besides money in escrow")
    for name, some in groupby(held, key=lambda each: each.benefit):
        _benefit(name, list(some), now, screen)
    _undone(undone, now, screen)


def _standing(deal: Deal) -> Standing | None:
    """The agreement as its events leave it; None where it is not opened yet."""
    from pyledger.ledger.standing import standing_of

    events = deal.events()
    numbers = sorted({event.origin.block for event in events})
    times = {block.number: block.time for block in deal.connection.blocks(numbers)}
    return standing_of(deal.agreement.address, events, times)


def _found(
    deal: Deal, document: Document, standing: Standing | None, now: int
) -> tuple[tuple[Entitlement, ...], tuple[Undoing, ...]]:
    from pyledger.ledger.past import Past, past
    from pyledger.observer.rights import entitlements, undoings
    from pyledger.terms.state import State

    state, gone = State(), Past()
    if standing is not None:
        state, gone = standing.state, past(standing.events, standing.times)
    held = entitlements(document, deal.names, deal.terms, state, gone, now)
    return held, undoings(document, deal.names, deal.terms, state, gone)


def _benefit(name: str, held: Sequence[Entitlement], now: int, screen: Screen) -> None:
    first = held[0]
    screen.heading(f"{name}: {first.what}")
    for each in held:
        screen.say(f"{each.holder}: {_stands(each, now)}", _STYLES[each.stands], indent=2)
    phase = f", phase {first.phase}" if first.phase else ""
    confirmed = ", ".join(f"{each.obligation} {each.verdict or 'open'}" for each in first.confirmations)
    screen.say(f"from {first.giver}{phase}; confirmed by {confirmed}", indent=4)
    if how := first.levers.in_words():
        screen.say("; ".join(how), indent=4)
    screen.say(first.revocation.in_words(), "dim", indent=4)


def _stands(each: Entitlement, now: int) -> str:
    if each.stands == "not yet":
        return f"not yet: {each.why}"
    if each.stands == "over":
        when = f" since {clock(each.until)}" if each.until is not None else ""
        return f"over{when}: {each.why}"
    since = f"since {clock(each.since)}" if each.since is not None else ""
    if each.until is None:
        return f"holds {since}: {each.why}"
    return f"holds {since}, until {clock(each.until)} ({ago(each.until, now)}) if nobody does anything"


def _undone(undone: Sequence[Undoing], now: int, screen: Screen) -> None:
    from pyledger.document.units import say_duration, say_percent

    if not undone:
        return
    screen.heading("what may be undone")
    for each in undone:
        screen.say(f"{each.by}: {each.obligation} ({each.what})", indent=2)
        parts = [each.class_.replace("_", " "), f"since {clock(each.since)} ({ago(each.since, now)})"]
        if each.restored_within is not None:
            parts.append(f"to restore what was takes {say_duration(each.restored_within)}")
        if each.recovers is not None:
            parts.append(f"{say_percent(each.recovers)} of its cost comes back")
        screen.say("; ".join(parts), "dim", indent=4)
        if each.undone_by:
            screen.say(each.undone_by, "dim", indent=4)
