"""The track record of an account, as the events of its agreements tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pyledger.cli.books import depth_option, opened, store_option
from pyledger.cli.options import Where, answers, given_address, network_option
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.ledger.track import Record, Tally

__all__ = ["record"]


@click.command()
@click.argument("account", metavar="ADDRESS")
@network_option
@store_option
@depth_option
@answers
def record(account: str, where: Where, store_url: str | None, depth: int, screen: Screen) -> None:
    """Show what an account's past agreements say of it: obligations kept, late, breached, lapsed, disputed.

    Only agreements that it joined count, and only obligations of phases in which it was bound. The share of obligations
    kept comes with the Wilson score interval at 95 %: with few cases it is wide.
    """
    from pyledger.ledger.reading import parts
    from pyledger.ledger.track import record as compile_record
    from pyledger.terms.addresses import checksum

    address = given_address(account, "ADDRESS")
    with opened(where, store_url, depth, screen) as books:
        now = books.connection.latest_time()
        with books.store.reading() as database:
            found = compile_record(parts(database, books.cursor.source, address), now)
    screen.data({"account": checksum(address), "block": books.cursor.next - 1, **_as_data(found)})
    screen.say(f"{checksum(address)}, as of block {books.cursor.next - 1}", "bold")
    _tell(found, screen)


def _as_data(found: Record) -> dict[str, Any]:
    from pyledger.observer.status import STATES

    return {
        "named": found.named,
        "joined": {STATES[status]: count for status, count in found.joined.items()},
        "counterparties": found.counterparties,
        "defaults": found.defaults,
        "obligations": found.whole._asdict(),
        "share_kept": _interval(found.whole),
        "by_stake": [
            {"asset": _asset(asset), "kept": str(kept), "breached": str(breached)}
            for asset, (kept, breached) in found.by_asset.items()
        ],
        "by_age": [{"days": days, **tally._asdict()} for days, tally in found.by_age],
    }


def _interval(tally: Tally) -> dict[str, Any] | None:
    from pyledger.ledger.track import wilson

    found = wilson(tally.kept, tally.decided)
    if found is None:
        return None
    low, high = found
    return {"n": tally.decided, "kept": tally.kept, "low": str(low), "high": str(high), "interval": "Wilson, 95 %"}


def _tell(found: Record, screen: Screen) -> None:
    from pyledger.observer.status import STATES

    joined = sum(found.joined.values())
    states = ", ".join(f"{count} {STATES[status]}" for status, count in found.joined.items())
    screen.say(f"agreements that name it: {found.named}; joined {joined}{f': {states}' if states else ''}")
    if not joined:
        screen.say("it has bound itself to nothing here, so there is nothing to say of it")
        return
    screen.say(f"other parties to them: {found.counterparties}; phases in default of bond or escrow: {found.defaults}")
    share = _interval(found.whole)
    if share is None:
        screen.say("none of its obligations was found kept or breached yet")
    else:
        low, high = (f"{float(share[side]):.0%}" for side in ("low", "high"))
        screen.say(f"kept {share['kept']} of {share['n']}: between {low} and {high} (Wilson interval, 95 %)", "bold")
    screen.say()
    names = ("kept", "breached", "lapsed", "undecided", "late", "disputed", "conceded")
    rows = [(_age(days), *(str(getattr(tally, name)) for name in names)) for days, tally in found.by_age if any(tally)]
    rows.append(("all", *(str(getattr(found.whole, name)) for name in names)))
    screen.table(rows, columns=("phase opened", *names), right=range(1, 8))
    if found.by_asset:
        screen.heading("bond at stake in what was kept and what was breached (smallest unit)")
        stakes = [(_asset(asset), f"{kept:,}", f"{broken:,}") for asset, (kept, broken) in found.by_asset.items()]
        screen.table(stakes, columns=("asset", "kept", "breached"), right=(1, 2), fold=(0, 1, 2))
    screen.say()
    screen.say("late: found kept after its time, within its grace; late ones are among the kept", "dim")


def _age(days: int | None) -> str:
    return "longer ago" if days is None else f"up to {days} days ago"


def _asset(asset: bytes) -> str:
    from pyledger.terms.addresses import checksum
    from pyledger.terms.structs import NATIVE

    return "native" if asset == NATIVE else checksum(asset)
