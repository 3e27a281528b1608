"""How closely a panel must look at each obligation so that keeping it just pays: by how sure a look, looks, a sample.

What a panel attributes and rules stays as estimated; only how surely it detects is asked. Where verifiers attest a
number of things, and the estimates say how many that will be, the sample is of these: so large that one of those that
are missing is in it, if so few are missing that less would be paid, with the chance that is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pyledger.analysis.figures import Key
from pyledger.analysis.game import YEAR, Game, Standing
from pyledger.analysis.inspection import looks_needed, smallest_sample
from pyledger.analysis.promises import decision_of
from pyledger.document.model import Phase

__all__ = ["Look", "Sample", "looks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Of `items`, of which `missing` would change what is paid, so many must be looked at."""

    items: int
    missing: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One obligation and the panel that decides on it. Chances from 0 to 1.

    `sees` is its chance of detection as estimated, `must_see` the least at which keeping pays (None: certainty is too
    little), `looks` how many as good as its one are needed for that, each by itself (None: no number does).
    """

    phase: str
    obligation: str
    party: str
    panel: str
    sees: float
    must_see: float | None
    looks: int | None
    sample: Sample | None


def looks(game: Game, standings: Mapping[tuple[str, int], Standing]) -> tuple[Look, ...]:
    """One for each obligation of a party that is tempted, by panels whose detection is estimated."""
    found = (look for key in sorted(standings, key=lambda key: key[1]) for look in _looks(game, standings[key]))
    return tuple(found)


def _looks(game: Game, standing: Standing) -> Iterator[Look]:
    at = standing.situation
    if not at.promises or float(standing.temptation) <= 0:
        return
    phase = game.document.phases[at.phase]
    for name in at.promises:
        panel = phase.obligations[name].decided_by
        if Key("detection", panel) not in game.figures.given:
            continue
        sees = game.figures.likely("detection", panel)
        must = _must_see(game, standing, panel)
        yield Look(
            phase=phase.id,
            obligation=name,
            party=at.party,
            panel=panel,
            sees=sees,
            must_see=must,
            looks=None if must is None else looks_needed(each=sees, wanted=must),
            sample=None if must is None else _sample(game, phase, name, must),
        )


def _must_see(game: Game, standing: Standing, panel: str) -> float | None:
    """Detection d at which d · attribution · ruling / (1 + r)^lag is the p* at which keeping the promise pays."""
    needed = decision_of(standing).required_detection
    at = standing.situation
    rate = game.figures.likely("discount_rate", at.party, at.phase_id)
    rest = game.figures.likely("attribution", panel) * game.figures.likely("ruling", panel)
    rest /= (1 + rate) ** (game.figures.likely("lag", panel) / YEAR)
    if needed is None or rest <= 0 or needed > rest * (1 + 1e-12):
        return None
    return min(float(needed / rest), 1.0)


def _sample(game: Game, phase: Phase, name: str, must: float) -> Sample | None:
    """The sample of what is counted; None where nothing is, or where its number is not estimated."""
    obligation = phase.obligations[name]
    key = Key("value_of", name)
    if obligation.value is None or obligation.value.asset is not None or key not in game.figures.given:
        return None
    items = int(game.likely(key))
    if items < 1:
        return None
    missing = min(_missing(phase, name, Decimal(items)), items)
    return Sample(items=items, missing=missing, size=smallest_sample(items=items, defects=missing, detection=must))


def _missing(phase: Phase, name: str, items: Decimal) -> int:
    """The fewest that must be missing for less to be paid; one, where no payment follows the number."""
    reached = [
        max(tier.from_ for tier in payment.tiers if tier.from_ <= items)
        for payment in phase.payments.values()
        if payment.obligation == name and payment.tiers and payment.tiers[0].from_ <= items
    ]
    return int(items - max(reached)) + 1 if reached else 1
