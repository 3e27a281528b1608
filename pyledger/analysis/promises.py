"""Every party's promise in every phase, and what holds it.

Each number is as good as the estimates; what is assumed is said in `appraisal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyledger.analysis.exposure import Exposure
from pyledger.analysis.game import Game, Standing
from pyledger.analysis.incentives import Decision, discount_threshold
from pyledger.analysis.inspection import looks_needed
from pyledger.analysis.outlook import lasts
from pyledger.analysis.steps import exposure_by_phase

__all__ = ["Promise", "decision_of", "promises_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What one party owes in one phase, and whether keeping it pays. Amounts in the estimates' asset.

    `bond_needed` is the level of bond at which it just pays (None: no bond can do it), `detection_needed` the chance of
    detection (None: not even certainty), `patience_needed` the yearly-compounded discount factor of the phase if it
    were repeated for ever. `credible_until` counts phases from this one (None: for good).
    """

    party: str
    phase: str
    promises: tuple[str, ...]
    temptation: float
    estimated: bool
    stake: float
    power: float
    slack: float
    bond: float
    bond_needed: float | None
    detection_needed: float | None
    looks_needed: int | None
    patience_needed: float | None
    exposure_before: float
    exposure: Exposure
    staying: float
    credible_until: int | None
    worth: float
    ended: float

    @property
    def credible(self) -> bool:
        """Whether keeping pays at least as well as breaching."""
        return self.slack >= 0

    @property
    def stays(self) -> bool:
        """Whether paying in for the phase pays at least as well as leaving."""
        return self.staying >= 0

    @property
    def exposure_after(self) -> float:
        """What it has in the air as the phase ends."""
        return self.exposure.after[-1] if self.exposure.after else self.exposure_before


def promises_of(game: Game, standings: Mapping[tuple[str, int], Standing]) -> tuple[Promise, ...]:
    """Every party's promise in every phase, phase by phase."""
    exposed = exposure_by_phase(game, standings)
    return tuple(_promise(game, standing, exposed[key]) for key, standing in _by_phase(standings))


def decision_of(standing: Standing) -> Decision:
    """One party's choice in one phase, in the notation of the formulas."""
    bond, forfeited = float(standing.bond), float(standing.forfeited)
    material = standing.situation.material
    return Decision(
        temptation=float(standing.temptation),
        bond=bond,
        forfeit=forfeited / bond if bond else 1.0,
        withheld=float(standing.withheld),
        reputation=float(standing.reputation),
        discount=float(standing.discount),
        going_on=float(standing.going_on) if material else 0.0,
        ended=float(standing.ended_next) if material else 0.0,
        detected=float(standing.detected),
        mistaken=float(standing.mistaken),
    )


def _by_phase(standings: Mapping[tuple[str, int], Standing]) -> list[tuple[tuple[str, int], Standing]]:
    return sorted(standings.items(), key=lambda each: each[0][1])


def _promise(game: Game, standing: Standing, exposure: Exposure) -> Promise:
    at, choice = standing.situation, decision_of(standing)
    needed = choice.required_detection
    surplus = float(standing.surplus) - float(standing.ended)
    return Promise(
        party=at.party,
        phase=at.phase_id,
        promises=at.promises,
        temptation=choice.temptation,
        estimated=not at.promises or game.temptation_key(at) is not None,
        stake=choice.stake,
        power=choice.discriminating_power,
        slack=choice.slack,
        bond=choice.bond,
        bond_needed=choice.smallest_bond,
        detection_needed=needed,
        looks_needed=_looks(game, standing, needed) if needed is not None else None,
        patience_needed=discount_threshold(choice, surplus=surplus),
        exposure_before=exposure.after[0] if exposure.after else 0.0,
        exposure=exposure,
        staying=float(standing.staying),
        credible_until=lasts(game, standing),
        worth=float(standing.worth),
        ended=float(standing.ended),
    )


def _looks(game: Game, standing: Standing, needed: float) -> int | None:
    """Looks as good as the panel's one until a breach is found that often; attributing and ruling stay as they are."""
    chances = [
        (detection * game.figures.likely("attribution", panel) * game.figures.likely("ruling", panel), detection)
        for panel in standing.situation.panels
        for detection in (game.figures.likely("detection", panel),)
    ]
    found, each = min(chances, default=(1.0, 1.0))
    if found <= 0:
        return None
    return looks_needed(each=each, wanted=needed * each / float(standing.detected))
