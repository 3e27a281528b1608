"""What the estimates say against a deal, as findings among those of `check`. A deal without estimates has none."""

from __future__ import annotations

from collections.abc import Iterator

from pyledger.analysis.game import Game, read_game
from pyledger.analysis.outlook import shifts_of
from pyledger.analysis.promises import Promise, promises_of
from pyledger.document import Document
from pyledger.document.problem import Location
from pyledger.document.risks import RULES, Risk

__all__ = ["estimated_risks"]


def estimated_risks(document: Document) -> tuple[Risk, ...]:
    """Promises that it pays to break, obligations due beyond the horizon, shifts of power that are too rapid."""
    if document.estimates is None:
        return ()
    game = read_game(document)
    promises = [promise for promise in promises_of(game, game.evaluate()) if promise.promises]
    return (*_not_credible(game, promises), *_beyond(game, promises), *_shifting(game))


def _risk(name: str, at: Location, message: str, fix: str) -> Risk:
    return Risk(name, RULES[name].severity, at, message, fix)


def _not_credible(game: Game, promises: list[Promise]) -> Iterator[Risk]:
    for promise in promises:
        if promise.credible:
            continue
        loses = promise.power * promise.stake
        message = (
            f"in `{promise.phase}` a breach gains `{promise.party}` {_amount(game, promise.temptation)} and costs it, "
            f"as likely as it is found, {_amount(game, loses)}"
        )
        yield _risk("CRE1", _where(game, promise), message, _mend(game, promise))


def _mend(game: Game, promise: Promise) -> str:
    ways = []
    if promise.bond_needed is not None:
        ways.append(f"a bond of {_amount(game, promise.bond_needed)} in this phase")
    if promise.detection_needed is not None:
        ways.append(f"breaches found with a chance of {promise.detection_needed:.0%}")
    if not ways:
        return "no bond and no verifier can hold it: split the phase so that less is gained at once"
    return f"{' or '.join(ways)} would just hold it; else split the phase"


def _beyond(game: Game, promises: list[Promise]) -> Iterator[Risk]:
    """The first promise of each party that a growing temptation leaves without cover before the deal is over."""
    phases = [phase.id for phase in game.document.phases]
    told = set[str]()
    for promise in promises:
        if promise.party in told or not promise.credible_until:
            continue
        until = phases.index(promise.phase) + promise.credible_until
        late = [each for each in promises if each.party == promise.party and phases.index(each.phase) >= until]
        if late:
            told.add(promise.party)
            covered = "1 phase" if promise.credible_until == 1 else f"{promise.credible_until} phases"
            message = (
                f"the temptation of `{promise.party}`, growing as estimated from `{promise.phase}` on, is covered for "
                f"{covered}; this is due after that"
            )
            yield _risk("CRE3", _where(game, late[0]), message, RULES["CRE3"].mend)


def _shifting(game: Game) -> Iterator[Risk]:
    for (riser, phase), shift in shifts_of(game).items():
        if shift.breaks_down:
            message = (
                f"the power of `{riser}` rises after `{phase}` by more than the pie has left to share: "
                f"by {shift.gap:,.4g}"
            )
            yield _risk("INS4", ("estimates", "phases", phase, riser, "power"), message, RULES["INS4"].mend)


def _where(game: Game, promise: Promise) -> Location:
    index = next(i for i, phase in enumerate(game.document.phases) if phase.id == promise.phase)
    return ("phases", index, "obligations", promise.promises[0])


def _amount(game: Game, value: float) -> str:
    asset = game.document.assets[game.unit] if game.unit else None
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{text} {asset.symbol or game.unit}" if asset else text
