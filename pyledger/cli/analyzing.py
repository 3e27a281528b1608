"""Is the deal credible? The analysis of a document's estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pyledger.cli.options import answers, deal_argument
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyledger.analysis.appraisal import Appraisal, Promise
    from pyledger.analysis.sensitivity import Influence
    from pyledger.analysis.simulation import Simulation

__all__ = ["analyze"]

WIDE = 118
"""Columns from which on the table of promises says everything."""


@click.command()
@deal_argument
@click.option("--explain", metavar="TERM", help="Say what a word of the analysis means, and stop.")
@click.option(
    "--draws", type=click.IntRange(100, 1_000_000), default=10_000, show_default=True, help="Simulated deals."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the simulation: the same gives the same.")
@answers
def analyze(deal: str, explain: str | None, draws: int, seed: int, screen: Screen) -> int:
    """Say whether keeping the deal pays for everybody, where it does not, and what would mend that.

    All of it follows from the document's `estimates` and from what its terms pay. Exits with 1 where it is not
    credible. DEAL may be anything with --explain.
    """
    if explain is not None:
        _notion(explain, screen)
        return 0
    from pyledger.analysis.appraisal import appraise
    from pyledger.analysis.plain import as_plain
    from pyledger.analysis.sensitivity import influences
    from pyledger.analysis.simulation import simulate
    from pyledger.cli.papers import read_document

    _require("scipy")
    document = read_document(deal)
    found = appraise(document)
    index = {phase.id: number for number, phase in enumerate(document.phases)}
    told = [(each, influences(found.game, each.party, index[each.phase])) for each in _tightest(found)]
    simulation = simulate(found.game, draws=draws, seed=seed) if document.estimates else None
    screen.data({"document": deal} | as_plain(found, influences=told, simulation=simulation))
    if not screen.as_json:
        _report(found, told, simulation, screen)
    return 0 if found.credible else 1


def _require(package: str) -> None:
    from importlib.util import find_spec

    from pyledger.errors import ToolError

    if find_spec(package) is None:
        raise ToolError(
            f"the analysis needs {package}, which is not installed", hint="install it: pip install 'pyledger[analysis]'"
        )


def _tightest(found: Appraisal) -> list[Promise]:
    """The first deviation, and for each party the promise that is nearest to turning."""
    chosen = [found.first_deviation] if found.first_deviation else []
    for party in found.game.parties:
        own = [each for each in found.promises if each.party == party and each.promises]
        if own and (nearest := min(own, key=lambda each: abs(each.slack))) not in chosen:
            chosen.append(nearest)
    return chosen


def _notion(name: str, screen: Screen) -> None:
    from pyledger.analysis.notions import NOTIONS
    from pyledger.cli.lazy import nearest
    from pyledger.errors import UsageError

    if name == "all":
        screen.data([notion._asdict() for notion in NOTIONS.values()])
        screen.table([(notion.name, notion.means) for notion in NOTIONS.values()], fold=(1,), styles={0: "cyan"})
        return
    notion = NOTIONS.get(name.replace("-", " "))
    if notion is None:
        raise UsageError(f"the analysis has no word `{name}`", hint=nearest(name, tuple(NOTIONS)))
    screen.data(notion._asdict())
    screen.say(notion.name, "bold")
    screen.table(
        [("means", notion.means), ("formula", notion.formula), ("source", notion.source), ("assumes", notion.assumes)],
        fold=(1,),
        styles={0: "cyan"},
    )


def _report(
    found: Appraisal,
    told: Sequence[tuple[Promise, Sequence[Influence]]],
    simulation: Simulation | None,
    screen: Screen,
) -> None:
    from pyledger.analysis.words import deal_in_words, deviation, headline

    screen.say(found.game.document.title, "bold")
    screen.say(headline(found), "green" if found.credible else "bold red")
    if found.first_deviation:
        screen.say()
        screen.say(deviation(found.game, found.first_deviation))
    for phase in found.game.document.phases:
        screen.heading(f"{phase.id}{f': {phase.title}' if phase.title else ''}")
        _promises([each for each in found.promises if each.phase == phase.id], screen)
    screen.heading("the deal as a whole")
    screen.table(list(deal_in_words(found)), fold=(1,), styles={0: "cyan"})
    for promise, estimates in told:
        screen.heading(f"what {promise.party} in {promise.phase} turns on (slack {_amount(promise.slack)})")
        _turns(estimates[:6], screen)
    if simulation and simulation.drawn:
        screen.heading(f"{simulation.draws:,} draws over the ranges, seed {simulation.seed}")
        screen.say(f"  every promise pays in {simulation.credible:.1%} of them", indent=0)
        screen.table(
            [
                (
                    each.phase,
                    each.party,
                    f"{each.credible:.1%}",
                    _amount(each.quantiles[0]),
                    _amount(each.quantiles[-1]),
                )
                for each in simulation.promises
            ],
            columns=("phase", "party", "keeps in", "slack, 5%", "95%"),
            right=(2, 3, 4),
        )
    if found.missing:
        screen.heading("not estimated, and counted as nothing or as certain")
        screen.table([(path,) for path in found.missing], fold=(0,))
    screen.say()
    screen.say("Every number is as good as the estimates; `pyledger analyze DEAL --explain all` says how each is made.")


def _promises(promises: Sequence[Promise], screen: Screen) -> None:
    wide = screen.width >= WIDE
    columns = ["party", "gains by breach", "loses if found", "seen", "slack", "bond", "needed"]
    rows = []
    for each in promises:
        row = [each.party]
        if each.promises:
            row += [
                _amount(each.temptation),
                _amount(each.stake),
                _chance(each.power),
                _amount(each.slack),
                _amount(each.bond),
                _amount(each.bond_needed),
            ]
        else:
            row += ["owes nothing", "", "", "", _amount(each.bond), ""]
        if wide:
            until = "" if each.credible_until is None else f"{each.credible_until} phases"
            row += [_chance(each.detection_needed) if each.promises else "", _amount(each.exposure.most)]
            row += [_amount(each.exposure.coverage), until]
        row.append(_says(each))
        rows.append(row)
    columns += ["detection needed", "exposure", "covered", "until"] if wide else []
    right = range(1, len(columns))
    screen.table(rows, columns=[*columns, ""], right=list(right), styles={0: "cyan"}, fold=(len(columns),))


def _says(promise: Promise) -> str:
    words = [] if promise.credible else ["breaks"]
    words += [] if promise.stays else ["leaves"]
    words += ["exposed"] if promise.exposure.uncovered > 0 else []
    return ", ".join(words) or "keeps"


def _turns(estimates: Sequence[Influence], screen: Screen) -> None:
    from pyledger.analysis.words import flips, value_of

    screen.table(
        [
            (
                each.key.path.removeprefix("estimates."),
                value_of(each.key, each.likely),
                f"{_amount(each.at_low)} to {_amount(each.at_high)}",
                flips(each),
            )
            for each in estimates
        ],
        columns=("estimate", "likely", "slack over its range", "turns at"),
        right=(1, 2, 3),
        fold=(0,),
    )


def _amount(value: float | None) -> str:
    from pyledger.analysis.words import amount

    return amount(value)


def _chance(value: float | None) -> str:
    from pyledger.analysis.words import chance

    return chance(value)
