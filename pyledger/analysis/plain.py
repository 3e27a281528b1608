"""An appraisal as plain values, for programs: every number that the report shows, under the words of the analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import isinf
from typing import Any

from pyledger.analysis.appraisal import Appraisal
from pyledger.analysis.hazards import Bet
from pyledger.analysis.pace import Curve
from pyledger.analysis.promises import Promise
from pyledger.analysis.schedule import Schedule
from pyledger.analysis.sensitivity import Influence
from pyledger.analysis.simulation import QUANTILES, Simulation

__all__ = ["as_plain"]


def as_plain(
    found: Appraisal,
    *,
    influences: Sequence[tuple[Promise, Sequence[Influence]]] = (),
    simulation: Simulation | None = None,
) -> dict[str, Any]:
    """JSON values; infinite numbers are the text `infinite`."""
    deviation = found.first_deviation
    return {
        "credible": found.credible,
        "unit": found.game.unit,
        "first_deviation": {"party": deviation.party, "phase": deviation.phase} if deviation else None,
        "promises": [_promise(promise) for promise in found.promises],
        "steps": [
            {"phase": step.phase, "obligation": step.obligation, "moves": step.moves, "share": step.share}
            for step in found.steps
        ],
        "least_bonds": _schedule(found.schedule),
        "least_bonds_without_top_ups": _schedule(found.schedule_without_top_ups),
        "largest_step": {"phase": largest.phase, "obligation": largest.obligation, "share": largest.share}
        if (largest := found.largest_step)
        else None,
        "leaving": [{"party": each.party, "phase": each.phase, "short": -each.staying} for each in found.leaving],
        "terminal_bonds": [
            {"party": each.party, "present": each.bond, "needed": each.bond_needed} for each in found.terminal
        ],
        "steps_against_bonds": _curve(found.curve) if found.curve else None,
        "irreversible": [
            asdict(each) | {"ratio": _number(each.ratio), "reaches": _number(each.reaches)} for each in found.rises
        ],
        "horizons": [
            asdict(each) | {"wealth": _number(each.wealth), "bondable": each.bondable} for each in found.outlooks
        ],
        "extortion": [asdict(each) for each in found.demands],
        "bounties": [asdict(each) | {"bond": _number(each.bond)} for each in found.bounties],
        "wager": _bet(found.bet) if found.bet else None,
        "accession": [asdict(each) for each in found.accession],
        "inspection": [asdict(each) for each in found.looks],
        "power_shifts": [
            {"riser": riser, "after": phase, "gap": shift.gap} for (riser, phase), shift in found.shifts.items()
        ],
        "coalition": {
            "stable": found.coalition.stable,
            "members": found.coalition.members,
            "deposit": found.coalition.deposit,
        }
        if found.coalition
        else None,
        "sensitivity": [
            {"party": promise.party, "phase": promise.phase, "estimates": [_influence(each) for each in each_of]}
            for promise, each_of in influences
        ],
        "simulation": _simulation(simulation) if simulation else None,
        "missing": list(found.missing),
        "unshown": [{"estimate": path, "would_show": what} for path, what in found.unshown],
    }


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "party": promise.party,
        "phase": promise.phase,
        "obligations": list(promise.promises),
        "temptation": promise.temptation,
        "temptation_estimated": promise.estimated,
        "stake": promise.stake,
        "power": promise.power,
        "slack": promise.slack,
        "credible": promise.credible,
        "stays": promise.stays,
        "bond": promise.bond,
        "bond_needed": promise.bond_needed,
        "detection_needed": promise.detection_needed,
        "looks_needed": promise.looks_needed,
        "patience_needed": promise.patience_needed,
        "exposure_before": promise.exposure_before,
        "exposure_after": promise.exposure_after,
        "exposure": promise.exposure.most,
        "largest_step": promise.exposure.largest_step,
        "coverage": promise.exposure.coverage,
        "staying": promise.staying,
        "credible_until": promise.credible_until,
        "worth": promise.worth,
        "outside_option": promise.ended,
    }


def _curve(curve: Curve) -> dict[str, Any]:
    return {
        "steps_needed": _number(curve.needed),
        "value": curve.exchange.value,
        "cost": curve.exchange.cost,
        "price": curve.exchange.price,
        "points": [{"stake": stake, "steps": _number(steps)} for stake, steps in curve.points],
    }


def _bet(bet: Bet) -> dict[str, Any]:
    lowest, highest = _number(bet.wager.lowest), _number(bet.wager.highest)
    return {
        "party": bet.party,
        "phase": bet.phase,
        "price": bet.price,
        "error": bet.error,
        "lowest": lowest,
        "highest": highest,
    }


def _schedule(schedule: Schedule | None) -> dict[str, Any] | None:
    if schedule is None:
        return None
    bonds = {party: list(levels) for party, levels in schedule.bonds.items()}
    return {"bonds": bonds, "cost": schedule.cost, "values": schedule.values}


def _influence(influence: Influence) -> dict[str, Any]:
    return {
        "estimate": influence.key.path,
        "likely": influence.likely,
        "low": influence.low,
        "high": influence.high,
        "slack_at_low": influence.at_low,
        "slack_at_high": influence.at_high,
        "flips_at": list(influence.flips_at),
    }


def _simulation(simulation: Simulation) -> dict[str, Any]:
    return {
        "draws": simulation.draws,
        "seed": simulation.seed,
        "credible": simulation.credible,
        "promises": [
            {
                "party": each.party,
                "phase": each.phase,
                "credible": each.credible,
                "slack": dict(zip((f"{q:.0%}" for q in QUANTILES), each.quantiles, strict=True)),
            }
            for each in simulation.promises
        ],
        "drawn": [key.path for key in simulation.drawn],
    }


def _number(value: float) -> float | str:
    return "infinite" if isinf(value) else value
