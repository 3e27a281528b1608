"""What the picture of the phases shows: lanes of who acts, boxes of what must happen, money held and at stake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pyledger.document.explain.svg import Shape
from pyledger.document.explain.teller import Teller
from pyledger.document.explain.tree import plain
from pyledger.document.explain.words import CHOICES, say_moment, say_span
from pyledger.document.model import OUTSIDE, Document, Obligation, Payment, Phase
from pyledger.document.units import say_amount, say_percent

__all__ = ["Box", "Lane", "Scene", "due", "scenes"]


@dataclass(frozen=True, slots=True)
class Box:
    """One obligation: when it is due (seconds into the phase), what it asks, and what hangs on it."""

    due: int
    name: str
    what: str
    notes: tuple[str, ...]
    strong: tuple[str, ...]
    shape: Shape
    undone: str


@dataclass(frozen=True, slots=True)
class Lane:
    """Somebody who acts or has money at stake in a phase, with the boxes in order of time."""

    name: str
    held: tuple[str, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One phase."""

    title: str
    opens: str
    stake: str
    lanes: tuple[Lane, ...]


def scenes(document: Document) -> tuple[Scene, ...]:
    """Every phase, in order."""
    teller = Teller(document)
    return tuple(_scene(teller, index, phase) for index, phase in enumerate(document.phases))


def _scene(teller: Teller, index: int, phase: Phase) -> Scene:
    opens = "Opens when the agreement comes into force" if index == 0 else "Opens when the phase before is settled"
    if phase.not_before is not None:
        opens += f", not before {say_moment(phase.not_before)}"
    if index >= teller.document.open_phases:
        opens += "; until then known to the parties alone"
    lanes = [_lane(teller, index, phase, name) for name in teller.document.parties]
    outside = Lane("Others", ("an outside event",), _boxes(teller, phase, OUTSIDE))
    return Scene(
        title=f"Phase {index + 1}: {phase.title or phase.id}",
        opens=opens,
        stake=_stake(teller, phase),
        lanes=tuple(lane for lane in (*lanes, outside) if lane.boxes or (lane.held and lane is not outside)),
    )


def _stake(teller: Teller, phase: Phase) -> str:
    bonds: dict[str, Decimal] = {}
    for name, party in teller.document.parties.items():
        if party.bond:
            level = teller.document.bond_level(name, phase)
            bonds[party.bond.asset] = bonds.get(party.bond.asset, Decimal(0)) + level
    escrow: dict[str, Decimal] = {}
    for payment in phase.payments.values():
        escrow[payment.asset] = escrow.get(payment.asset, Decimal(0)) + payment.amount
    parts = [
        f"{what} {_sums(teller, sums)}" for what, sums in (("bonds", bonds), ("escrow", escrow)) if any(sums.values())
    ]
    return f"At stake: {'; '.join(parts)}" if parts else "No money at stake"


def _sums(teller: Teller, sums: dict[str, Decimal]) -> str:
    return " and ".join(f"{say_amount(amount)} {teller.assets[asset]}" for asset, amount in sums.items() if amount)


def _lane(teller: Teller, index: int, phase: Phase, name: str) -> Lane:
    held = []
    if teller.document.bond_level(name, phase):
        held.append(f"bond {plain(teller.bond(name, index))}")
    escrow: dict[str, Decimal] = {}
    for payment in phase.payments.values():
        if payment.from_ == name:
            escrow[payment.asset] = escrow.get(payment.asset, Decimal(0)) + payment.amount
    if escrow:
        held.append(f"pays in {_sums(teller, escrow)}")
    return Lane(teller.names[name], tuple(held), _boxes(teller, phase, name))


def _boxes(teller: Teller, phase: Phase, actor: str) -> tuple[Box, ...]:
    found = [_box(teller, phase, name, each) for name, each in phase.obligations.items() if each.by == actor]
    return tuple(sorted(found, key=lambda box: box.due))


def _box(teller: Teller, phase: Phase, name: str, found: Obligation) -> Box:
    rule = found.reversibility
    paid = (_paid(teller, each) for each in phase.payments.values() if each.obligation == name)
    return Box(
        due=found.deadline,
        name=name,
        what=found.what,
        notes=(
            f"Silence counts as {found.if_silent}",
            *_costs(teller, phase, found),
            *(line for lines in paid for line in lines),
        ),
        strong=("Breach ends the deal",) if found.material else (),
        shape=rule.class_ if rule else "plain",
        undone=CHOICES["reversibility"][rule.class_] if rule else "",
    )


def _costs(teller: Teller, phase: Phase, found: Obligation) -> Iterator[str]:
    if found.forfeit and (money := teller.lost(found.by, phase, found.forfeit, ())):
        yield f"Breach costs {say_percent(found.forfeit)} of bond: {plain(money)}"


def _paid(teller: Teller, payment: Payment) -> Iterator[str]:
    most = "up to " if payment.tiers else ""
    money = f"{most}{say_amount(payment.amount)} {teller.assets[payment.asset]}"
    to = ", ".join(
        teller.names[name] if points == 10_000 else f"{teller.names[name]} {say_percent(points)}"
        for name, points in payment.to.items()
    )
    yield f"If {' or '.join(payment.on)}: {teller.names[payment.from_]} pays {money} to {to}"


def due(box: Box) -> str:
    """When a box is due, from the opening of its phase."""
    return f"within {say_span(box.due)}"
