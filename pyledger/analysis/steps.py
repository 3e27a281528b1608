"""A deal act by act: what each act costs and brings, how large a share of the whole it is, and who is exposed when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyledger.analysis.exposure import Act, Exposure, exposures
from pyledger.analysis.game import Game, Standing
from pyledger.document import OUTSIDE
from pyledger.document.benefits import Benefit
from pyledger.document.model import Obligation, Phase

__all__ = ["Step", "exposure_by_phase", "largest_step", "steps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one obligation moves when it is met, and its share of all that moves in the deal."""

    phase: str
    obligation: str
    by: str
    moves: float
    share: float
    reversible: str | None


def steps(game: Game) -> tuple[Step, ...]:
    """Every obligation in the order of deadlines, with the payments it releases and the benefits it confirms."""
    moved = [
        (phase, name, obligation, _moves(game, phase, name))
        for phase in game.document.phases
        for name, obligation in _in_order(phase)
    ]
    total = sum(each for *_, each in moved)
    return tuple(
        Step(
            phase=phase.id,
            obligation=name,
            by=obligation.by,
            moves=each,
            share=each / total if total else 0.0,
            reversible=obligation.reversibility.class_ if obligation.reversibility else None,
        )
        for phase, name, obligation, each in moved
    )


def largest_step(found: tuple[Step, ...]) -> Step | None:
    """The act that moves most; None where nothing moves."""
    most = max(found, key=lambda step: step.moves, default=None)
    return most if most and most.moves else None


def exposure_by_phase(game: Game, standings: Mapping[tuple[str, int], Standing]) -> dict[tuple[str, int], Exposure]:
    """Each party's exposure after each act of each phase, what went before counted in.

    `coverage` is what the others' bonds at that phase's levels would pay it if all of them breached and were found.
    """
    acts: list[Act] = []
    found: dict[tuple[str, int], Exposure] = {}
    for number, phase in enumerate(game.document.phases):
        first = len(acts)
        acts += _acts(game, phase)
        bonds = {party: _paid_to(game, party, standings[party, number]) for party in game.parties}
        detected = {party: float(standings[party, number].detected) for party in game.parties}
        for party, walked in exposures(acts, bonds=bonds, detected=detected).items():
            before = walked.after[first - 1 : first] if first else (0.0,)
            found[party, number] = Exposure(
                party=party, after=(*before, *walked.after[first:]), coverage=walked.coverage
            )
    return found


def _in_order(phase: Phase) -> list[tuple[str, Obligation]]:
    return sorted(phase.obligations.items(), key=lambda each: each[1].within)


def _moves(game: Game, phase: Phase, name: str) -> float:
    paid = sum(
        float(payment.amount) * game.price(payment.asset)
        for payment in phase.payments.values()
        if payment.obligation == name and "met" in payment.on
    )
    return paid + sum(worth for _, worth in _given(game, phase, name))


def _given(game: Game, phase: Phase, name: str) -> Iterator[tuple[Benefit, float]]:
    """The benefits that an obligation confirms, and the worth of each; money in escrow is a payment, counted there."""
    pays = any(payment.obligation == name for payment in phase.payments.values())
    for benefit in game.document.benefits.values():
        here = name in benefit.verified_by and benefit.phase in (None, phase.id) and name in phase.obligations
        if here and benefit.value is not None and not (pays and benefit.tangibility == "cash_like"):
            yield benefit, float(benefit.value) * game.price(benefit.asset or "") / len(benefit.verified_by)


def _acts(game: Game, phase: Phase) -> Iterator[Act]:
    for name, obligation in _in_order(phase):
        owed = sum(1 for each in phase.obligations.values() if each.by == obligation.by)
        for payment in phase.payments.values():
            if payment.obligation == name and "met" in payment.on:
                amount = float(payment.amount) * game.price(payment.asset)
                worth = {to: amount * share / 10_000 for to, share in payment.to.items()}
                yield Act(by=payment.from_, cost=amount, worth=worth)
        if obligation.by == OUTSIDE:
            continue
        back = obligation.reversibility.recovers if obligation.reversibility else None
        if back is None:
            back = 10_000 if obligation.reversibility and obligation.reversibility.class_ == "reversible" else 0
        yield Act(
            by=obligation.by,
            cost=game.figures.likely("cost", obligation.by, phase.id) / owed,
            recoverable=back / 10_000,
        )
        for benefit, value in _given(game, phase, name):
            keeps = benefit.revocability.class_ == "irrevocable"
            each = dict.fromkeys(benefit.to, value / len(benefit.to))
            yield Act(by=obligation.by, cost=0.0, worth=each, revocable=1.0 - keeps)


def _paid_to(game: Game, party: str, standing: Standing) -> dict[str, float]:
    """What each other party would get of a party's forfeited bond."""
    shares = game.document.parties[party].forfeits_to or {}
    return {to: float(standing.forfeited) * share / 10_000 for to, share in shares.items() if to in game.parties}
