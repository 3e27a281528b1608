"""Forming panels: each constituency sends whom it trusts, and whoever is on a party's side steps aside.

A seat that the document gives to a constituency (`verifiers: {…: {nominated_by: …}}`) is filled by that body alone, by
signed nominations in the order of their rank. Somebody is recused from a seat if the panel decides what a party owes
and the nominee is that party, says to be on its side, or the document says so of the seat; then the next in rank is
taken. Seats are part of the terms, so panels are formed before the agreement can be opened, and thus before any act.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pyledger.document import OUTSIDE, Document
from pyledger.errors import UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.typed_data import Nomination

__all__ = ["Formed", "Recusal", "form", "nominated_seats"]


class Recusal(NamedTuple):
    """Somebody (20 bytes) who cannot sit: for which seat, and on the side of which party that a panel decides about."""

    seat: str
    holder: bytes
    party: str
    panel: str


class Formed(NamedTuple):
    """Who sits where, by seat; who had to step aside; and the seats for which nobody is left."""

    holders: Mapping[str, bytes]
    recused: tuple[Recusal, ...]
    vacant: tuple[str, ...]


def nominated_seats(document: Document) -> dict[str, str]:
    """The seats that a constituency fills, and which."""
    found = {name: each.nominated_by for name, each in document.verifiers.items() if each.nominated_by is not None}
    seats = {seat for panel in document.panels.values() for seat, _ in panel.seats}
    return {name: body for name, body in found.items() if name in seats}


def form(
    document: Document, nominations: Iterable[Nomination], parties: Mapping[str, bytes], taken: Mapping[str, bytes]
) -> Formed:
    """The panels of a document from nominations whose signatures were checked.

    `parties` are the accounts (20 bytes) of its parties, `taken` those of seats that nobody nominates. UsageError where
    two nominations of one seat have the same rank, or one person would have two seats.
    """
    seats, choices = nominated_seats(document), dict[str, dict[int, Nomination]]()
    for each in nominations:
        if choices.setdefault(each.seat, {}).setdefault(each.rank, each) != each:
            raise UsageError(
                f"two nominations for `{each.seat}` have rank {each.rank}",
                hint="have its constituency sign one of them anew, with another --rank",
            )
    holders, recused, vacant = dict(taken), list[Recusal](), list[str]()
    for seat in seats:
        for _, each in sorted(choices.get(seat, {}).items()):
            against = next(_conflicts(document, each, parties), None)
            if against is None:
                holders[seat] = each.holder
                break
            recused.append(against)
        else:
            vacant.append(seat)
    _one_seat_each(holders)
    return Formed(holders, tuple(recused), tuple(vacant))


def _conflicts(document: Document, nomination: Nomination, parties: Mapping[str, bytes]) -> Iterator[Recusal]:
    seat, holder = nomination.seat, nomination.holder
    sides = {*nomination.conflicts, *document.verifiers[seat].affiliated_with}
    sides |= {name for name, account in parties.items() if account == holder}
    panels = [name for name, panel in document.panels.items() if seat in {each for each, _ in panel.seats}]
    for phase in document.phases:
        for duty in phase.obligations.values():
            if duty.decided_by in panels and duty.by != OUTSIDE and duty.by in sides:
                yield Recusal(seat, holder, duty.by, duty.decided_by)


def _one_seat_each(holders: Mapping[str, bytes]) -> None:
    first: dict[bytes, str] = {}
    for seat, holder in holders.items():
        if (other := first.setdefault(holder, seat)) != seat:
            raise UsageError(
                f"{checksum(holder)} would sit as `{other}` and as `{seat}`",
                hint="each seat is one voice: nominate another",
            )
