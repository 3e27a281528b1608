"""What has happened to an agreement: who did what when, and by what signature that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from pyledger.cli.options import Where, answers, deal_argument, network_options
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.chain.testimony import Witness
    from pyledger.cli.deals import Deal
    from pyledger.observer.story import Line

__all__ = ["history"]

_Witnesses = Mapping[tuple[int, int], tuple["Witness", ...]]

_SAID: Final = {
    "signature": "signature checked",
    "contract": "by contract, which the agreement has checked",
    "false": "NOT SIGNED: the node makes this up",
}
"""How it is known who stood behind something, in words."""

_ROOM: Final = 110
"""Columns beside the time that a note with a whole hash takes."""


@click.command()
@deal_argument
@network_options
@answers
def history(deal: str, where: Where, screen: Screen) -> None:
    """Tell what has happened to an agreement, in words, from the events that the chain keeps.

    Signatures of those who accepted, attested and agreed are taken from the transactions and checked again here.
    """
    from pyledger.chain.events import possible
    from pyledger.chain.testimony import witnesses
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.output import clock
    from pyledger.observer.story import tell

    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection)
        events, at = found.events(), found.agreement
        sane = [event for event in events if possible(event, found.terms)]
        stood = witnesses(connection, sane, found.terms, agreement=at.address, factory=at.places.factory)
        lines = list(tell(events, found.reader, clock=clock))
        times = {block: connection.block(block).time for block in {line.event.origin.block for line in lines}}
    screen.data([_as_data(line, times, stood, found) for line in lines])
    _show(lines, times, stood, found, screen)


def _as_data(line: Line, times: Mapping[int, int], stood: _Witnesses, deal: Deal) -> dict[str, Any]:
    from pyledger.chain.events import Attested, Evidence
    from pyledger.observer.story import money_in
    from pyledger.terms.addresses import checksum

    event, names = line.event, deal.names
    said: dict[str, Any] = {
        "at": times[event.origin.block],
        "block": event.origin.block,
        "transaction": "0x" + event.origin.transaction.hex(),
        "event": line.kind,
        "words": line.words,
    }
    if (money := money_in(event, deal.reader)) is not None:
        said["money"] = money
    if isinstance(event, Evidence):
        said["text"] = event.evidence
    if isinstance(event, Attested) and any(event.evidence):
        said["evidence"] = "0x" + event.evidence.hex()
    if by := stood.get(event.origin[:2]):
        said["by"] = [
            {"name": names.who(each.account), "account": checksum(each.account), "how": each.how} for each in by
        ]
    return said


def _show(lines: Sequence[Line], times: Mapping[int, int], stood: _Witnesses, deal: Deal, screen: Screen) -> None:
    from pyledger.cli.output import clock

    before = None
    for line in lines:
        at = clock(times[line.event.origin.block])
        words = screen.barred(line.words, less=len(at)) if line.kind == "Evidence" else line.words
        screen.entry("" if at == before else at, words, line.style, width=len(at))
        before = at
        by = stood.get(line.event.origin[:2], ())
        note = "; ".join([*_by_whom(by, deal), *_evidence(line, screen.width - len(at))])
        if note:
            false = any(each.how == "false" for each in by)
            screen.entry("", f"  {note}", "bold red" if false else "dim", width=len(at))


def _by_whom(stood: Sequence[Witness], deal: Deal) -> list[str]:
    """How it is known who stood behind something, where it was by more than sending it."""
    by_way: dict[str, list[str]] = {}
    for each in stood:
        if each.how != "sender":
            by_way.setdefault(each.how, []).append(deal.reader.who(each.account))
    if len(stood) == 1:
        return [_SAID[how] for how in by_way]
    return [f"{', '.join(who)}: {_SAID[how]}" for how, who in by_way.items()]


def _evidence(line: Line, room: int) -> list[str]:
    """The hash of what an attestation rests on; where there is no room for all of it, its beginning and its end."""
    from pyledger.chain.events import Attested

    if not isinstance(line.event, Attested) or not any(line.event.evidence):
        return []
    whole = "0x" + line.event.evidence.hex()
    return [f"evidence {whole if room > _ROOM else f'{whole[:10]}…{whole[-8:]}'}"]
