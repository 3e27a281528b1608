"""`analyze --propose`: a changed draft, shown as what it changes; written only where it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyledger.cli.output import Screen
from pyledger.cli.writing import write

if TYPE_CHECKING:
    from pyledger.analysis.proposal import Proposal
    from pyledger.analysis.study import Study
    from pyledger.document.diff import Comparison

__all__ = ["show_proposal"]


def show_proposal(
    deal: str,
    output: Path | None,
    *,
    cautious: bool,
    raise_only: bool,
    force: bool,
    draws: int,
    seed: int,
    screen: Screen,
) -> int:
    """Propose, show the difference, appraise the changed draft, and write it if `output` says where."""
    from pyledger.analysis.plain import as_plain
    from pyledger.analysis.proposal import propose
    from pyledger.analysis.study import study
    from pyledger.cli.papers import document_text, read_document
    from pyledger.document.diff import compare
    from pyledger.errors import UsageError

    document = read_document(deal)
    if document.estimates is None:
        raise UsageError(
            "without estimates nothing can be proposed",
            hint="`pyledger analyze DEAL --template` prints them to fill in",
        )
    found = propose(document_text(deal), cautious=cautious, raise_only=raise_only)
    changes, after = compare(document, found.document), study(found.document, draws=draws, seed=seed)
    if output:
        write(output, found.text.encode(), force=force)
    plain = as_plain(after.appraisal, influences=after.turns, simulation=after.simulation)
    proposed = {
        "bonds": {
            party: [None if level is None else str(level) for level in own] for party, own in found.levels.items()
        },
        "cost": found.cost,
        "least_cost": found.least,
        "present_cost": found.before,
        "suggestions": list(found.suggestions),
        "text": found.text,
    }
    written = {"output": str(output)} if output else {}
    screen.data({"document": deal, **written, "proposal": proposed, "diff": changes.to_json(), "after": plain})
    if not screen.as_json:
        _tell(found, changes, after, output, screen, cautious=cautious)
    return 0 if after.appraisal.credible else 1


def _tell(
    found: Proposal, changes: Comparison, after: Study, output: Path | None, screen: Screen, *, cautious: bool
) -> None:
    from pyledger.analysis.numbers import share_of
    from pyledger.analysis.words import headline, leaving, scale_of
    from pyledger.cli.comparing import tell

    scale = scale_of(after.appraisal)
    screen.say(found.document.title, "bold")
    screen.say("Proposed changes", "bold" if changes.changes else None)
    tell(changes, screen)
    if changes.same:
        screen.say("no bond would be changed", indent=2)
    if found.suggestions:
        screen.heading("what no bond can do")
        screen.table([(each,) for each in found.suggestions], fold=(0,))
    screen.heading("the changed draft")
    screen.say(headline(after.appraisal), "green" if after.appraisal.credible else "bold red", indent=2)
    for text in leaving(after.appraisal, scale):
        screen.say(text, indent=2)
    least = "" if found.least is None else f"; the least that bonds can cost is {scale.say(found.least)}"
    screen.say(
        f"Its bonds cost {scale.say(found.cost)} to lock in, those before {scale.say(found.before)}{least}.", indent=2
    )
    if after.simulation:
        screen.say(f"Every promise pays in {share_of(after.simulation.credible)} of the draws.", indent=2)
        if not cautious and after.simulation.credible < 1:
            screen.say("Bonds that just suffice by likely numbers fail by worse ones: see --cautious.", "dim", indent=2)
    screen.say()
    screen.say(f"wrote {output}" if output else "nothing was written: `--output FILE` writes the changed draft")
