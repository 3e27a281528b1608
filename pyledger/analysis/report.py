"""The report on a deal as a tree of sections, paragraphs and tables, for the screen, a page or paper.

The tree is that of `explain`, so that both look alike and are set by the same means.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pyledger.analysis.appraisal import Appraisal
from pyledger.analysis.looks import Look, Sample
from pyledger.analysis.notions import NOTIONS
from pyledger.analysis.numbers import Scale, chance, counted, share_of, value_of
from pyledger.analysis.promises import Promise
from pyledger.analysis.sensitivity import Influence
from pyledger.analysis.simulation import Simulation
from pyledger.analysis.study import Study
from pyledger.analysis.words import (
    deal_in_words,
    deviation,
    estimate_name,
    flips,
    headline,
    leaving,
    only_money,
    says,
    scale_of,
)
from pyledger.document.explain.tree import (
    Block,
    Explanation,
    Items,
    Paragraph,
    Row,
    Rows,
    Section,
    Sentence,
    Table,
    say,
)

__all__ = ["BRIEF", "report"]

BRIEF: Final = ("party", "", "temptation", "stake", "power", "slack", "bond", "needed")
"""Headings where there is little room; the second column says in a word what the party does."""

_MORE: Final = (
    "detection needed", "patience needed", "exposure before", "at most", "after", "coverage", "credible until",
)  # fmt: skip
_LONG: Final = (*BRIEF[:7], "bond needed", *_MORE)

Form = Literal["brief", "long", "both"]
"""Of the tables of promises: the columns that decide; all of them; or those, and the others in a table below."""

_TURNS: Final = 6
"""Estimates told of one promise."""


def report(found: Study, *, form: Form = "both", words: bool = False) -> Explanation:
    """The whole; with `words` the words of the analysis are explained at the end."""
    appraisal, scale = found.appraisal, scale_of(found.appraisal)
    sections = [
        _verdict(found, scale),
        *_phases(appraisal, scale, form),
        *_bonds(appraisal, scale),
        *_inspection(appraisal),
        _whole(appraisal, scale),
        *_turns(found, scale),
        *([_draws(found.simulation, scale)] if found.simulation else []),
        *_missing(appraisal),
        *([_notions()] if words else []),
    ]
    return Explanation(say(appraisal.game.document.title), tuple(each for each in sections if each.blocks))


def _verdict(studied: Study, scale: Scale) -> Section:
    found = studied.appraisal
    blocks: list[Block] = [Paragraph(say(headline(found)))]
    if (alone := only_money(found, studied.named)) is not None:
        blocks.append(Paragraph(say(alone)))
    if found.first_deviation:
        blocks.append(Paragraph(say(deviation(found.first_deviation, scale))))
    blocks += [Paragraph(say(text)) for text in leaving(found, scale)]
    if scale.unit:
        blocks.append(Paragraph(say(f"Amounts are in {scale.unit}.")))
    return Section("verdict", say("Is it credible?"), tuple(blocks))


def _phases(found: Appraisal, scale: Scale, form: Form) -> Iterator[Section]:
    for number, phase in enumerate(found.game.document.phases):
        title = f"{phase.id}: {phase.title}" if phase.title else phase.id
        own = [each for each in found.promises if each.phase == phase.id]
        yield Section(f"phase-{number}", say(title), tuple(_tables(own, scale, form)))


def _tables(promises: list[Promise], scale: Scale, form: Form) -> Iterator[Table]:
    if form == "long":
        rows = [_row(*_brief(each, scale), *_more(each, scale)) for each in promises]
        yield Table(_LONG, tuple(rows), right=tuple(range(2, len(_LONG))))
        return
    rows = [_row(*_brief(each, scale)) for each in promises]
    yield Table(BRIEF, tuple(rows), right=tuple(range(2, len(BRIEF))))
    if form == "both":
        rows = [_row(each.party, *_more(each, scale)) for each in promises]
        yield Table(("party", *_MORE), tuple(rows), right=tuple(range(1, len(_MORE) + 1)))


def _brief(each: Promise, scale: Scale) -> list[str]:
    found = [each.party, says(each), scale.bare(each.temptation), scale.bare(each.stake), chance(each.power)]
    found += [scale.bare(each.slack), scale.bare(each.bond), scale.bare(each.bond_needed)]
    return found if each.promises else [each.party, says(each), "–", "–", "–", "–", scale.bare(each.bond), "–"]


def _more(each: Promise, scale: Scale) -> list[str]:
    exposed = [each.exposure_before, each.exposure.most, each.exposure_after, each.exposure.coverage]
    until = "for good" if each.credible_until is None else counted(each.credible_until, "phase")
    needed = [_percent(each.detection_needed), _percent(each.patience_needed)]
    amounts = [scale.bare(value) for value in exposed]
    return [*needed, *amounts, until] if each.promises else ["–", "–", *amounts, "–"]


def _percent(value: float | None) -> str:
    return "none can" if value is None else chance(value)


def _bonds(found: Appraisal, scale: Scale) -> Iterator[Section]:
    """Present and least bonds side by side, party by party."""
    if (least := found.schedule) is None:
        return
    present = {(each.party, each.phase): each.bond for each in found.promises}
    phases = found.game.document.phases
    rows = [
        _row(phase.id, party, scale.bare(present[party, phase.id]), scale.bare(least.bonds[party][index]))
        for index, phase in enumerate(phases)
        for party in found.game.parties
    ]
    note = "The least: the cheapest at which, by likely numbers, every promise just pays."
    yield Section(
        "bonds",
        say("Bonds, and the least that would do"),
        (Paragraph(say(note)), Table(("phase", "party", "bond", "least"), tuple(rows), right=(2, 3))),
    )


def _inspection(found: Appraisal) -> Iterator[Section]:
    """How closely each panel must look; the column of samples only where something is counted."""
    if not found.looks:
        return
    counts = any(each.sample for each in found.looks)
    columns = ("obligation", "by", "panel", "sees", "must see", "looks", *(["sample"] if counts else []))
    rows = tuple(_row(*_look(each), *([_sample(each.sample)] if counts else [])) for each in found.looks)
    notes = [
        "Must see: the least chance of detection at which keeping just pays.",
        "Looks: how many as good as the panel's one, each by itself, give that.",
    ]
    if counts:
        notes.append("Sample: of what is counted, with as few missing as change what is paid.")
    table = Table(columns, rows, right=tuple(range(3, len(columns))))
    yield Section(
        "inspection", say("How closely the panels must look"), (*(Paragraph(say(each)) for each in notes), table)
    )


def _look(each: Look) -> list[str]:
    needed = ["more than all", "none do"] if each.must_see is None else [chance(each.must_see), f"{each.looks or 0}"]
    if each.must_see is not None and each.looks is None:
        needed[1] = "none do"
    return [each.obligation, each.party, each.panel, chance(each.sees), *needed]


def _sample(found: Sample | None) -> str:
    return f"{found.size:,} of {found.items:,}, {found.missing:,} missing" if found else "–"


def _whole(found: Appraisal, scale: Scale) -> Section:
    rows = tuple(Row(say(about), say(text)) for about, text in deal_in_words(found, scale))
    return Section("whole", say("The deal as a whole"), (Rows(rows),) if rows else ())


def _turns(found: Study, scale: Scale) -> Iterator[Section]:
    for number, (promise, moved) in enumerate(found.turns):
        title = f"What {promise.party} in {promise.phase} turns on (slack {scale.bare(promise.slack)})"
        rows = [_influence(each, scale) for each in moved[:_TURNS]]
        columns = ("estimate", "likely", "slack over its range", "turns at")
        yield Section(f"turns-{number}", say(title), (Table(columns, tuple(rows), right=(1, 2, 3)),))


def _influence(each: Influence, scale: Scale) -> tuple[Sentence, ...]:
    over = f"{scale.bare(each.at_low)} to {scale.bare(each.at_high)}"
    return _row(estimate_name(each.key), value_of(each.key, each.likely, scale), over, flips(each, scale))


def _draws(found: Simulation, scale: Scale) -> Section:
    title = f"{found.draws:,} draws over the ranges, seed {found.seed}"
    rows = [
        _row(
            each.phase,
            each.party,
            share_of(each.credible),
            *(scale.bare(each.quantiles[at]) for at in (0, 2, -1)),
        )
        for each in found.promises
    ]
    return Section(
        "draws",
        say(title),
        (
            Paragraph(say(f"Every promise pays in {share_of(found.credible)} of them.")),
            Table(("phase", "party", "keeps in", "slack, 5%", "median", "95%"), tuple(rows), right=(2, 3, 4, 5)),
        ),
    )


def _missing(found: Appraisal) -> Iterator[Section]:
    if found.missing and found.game.document.estimates is not None:
        items = tuple(say(path) for path in found.missing)
        yield Section("missing", say("Not estimated, and counted as nothing or as certain"), (Items(items),))
    if found.unshown:
        items = tuple(say(f"{what}: {path}") for path, what in found.unshown)
        yield Section("unshown", say("What more estimates would show"), (Items(items),))


def _notions() -> Section:
    rows = tuple(
        Row(say(each.name), say(f"{each.means} {each.formula}. {each.source} Assumed: {each.assumes}"))
        for each in NOTIONS.values()
    )
    return Section("words", say("What the words mean"), (Rows(rows),))


def _row(*cells: str) -> tuple[Sentence, ...]:
    return tuple(say(cell) for cell in cells)
