"""`analyze --propose`: a changed draft, shown as what it changes; written only where it is asked for."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    from pyledger.analysis.proposal import propose
    from pyledger.analysis.study import study
    from pyledger.cli.papers import read_draft
    from pyledger.document.diff import compare
    from pyledger.errors import UsageError

    draft = read_draft(deal)
    if draft.document.estimates is None:
        raise UsageError(
            "without estimates nothing can be proposed",
            hint=f"`pyledger analyze {deal} --template` prints them to fill in",
        )
    found = propose(draft, cautious=cautious, raise_only=raise_only)
    changes = compare(draft.document, found.draft.document)
    after = study(found.draft.document, draws=draws, seed=seed, turning=screen.as_json)
    if output:
        write(output, found.draft.text.encode(), force=force, private=draft.document.confidential is not None)
    if screen.as_json:
        written = {"output": str(output)} if output else {}
        screen.data({"document": deal, **written, **_plain(found, changes, after)})
    else:
        _tell(found, changes, after, output, screen, cautious=cautious)
    return 0 if after.appraisal.credible else 1


def _plain(found: Proposal, changes: Comparison, after: Study) -> dict[str, Any]:
    from pyledger.analysis.plain import as_plain

    levels = {party: [None if level is None else str(level) for level in own] for party, own in found.levels.items()}
    proposed = {
        "bonds": levels,
        "cost": found.cost,
        "least_cost": found.least,
        "present_cost": found.before,
        "credible_before": found.sound,
        "changes": [{"kind": each.kind, "phase": each.phase, "says": each.says} for each in found.changes],
        "unlowered": list(found.unlowered),
        "remaining": [asdict(each) for each in found.remaining],
        "suggestions": list(found.suggestions),
        "text": found.draft.text,
    }
    plain = as_plain(after.appraisal, influences=after.turns, simulation=after.simulation)
    return {"proposal": proposed, "diff": changes.to_json(), "after": plain}


def _tell(
    found: Proposal, changes: Comparison, after: Study, output: Path | None, screen: Screen, *, cautious: bool
) -> None:
    from pyledger.analysis.words import leaving, scale_of
    from pyledger.cli.comparing import tell

    scale = scale_of(after.appraisal)
    screen.say(found.draft.document.title, "bold")
    if found.changes:
        screen.heading("what is changed besides bonds")
        screen.table([(each.says + ".",) for each in found.changes], fold=(0,))
    screen.heading("proposed changes") if found.changes else screen.say("Proposed changes", "bold")
    tell(changes, screen)
    if changes.same:
        screen.say("nothing would be changed", indent=2)
    for each in found.remaining:
        screen.heading(f"{each.party} in {each.phase}: slack {scale.say(each.slack)}")
        screen.table([(why,) for why in each.why], fold=(0,))
    if found.suggestions:
        screen.heading("what would make it safer still")
        screen.table([(each,) for each in found.suggestions], fold=(0,))
    screen.heading("the changed draft")
    _verdict(after, screen)
    for text in leaving(after.appraisal, scale):
        screen.say(text, indent=2)
    least = "" if found.least is None else f"; the least that bonds can cost is {scale.say(found.least)}"
    cost = f"Its bonds cost {scale.say(found.cost)} to lock in, those before {scale.say(found.before)}{least}."
    screen.say(cost, indent=2)
    if found.sound and found.cost < found.before:
        saves = "Every promise pays with the present bonds too: lowering them saves that cost, and does nothing else."
        screen.say(saves, indent=2)
        screen.say(
            "It is paid for with the margin against wrong estimates: `--raise-only` lowers nothing.", "dim", indent=2
        )
    if found.unlowered:
        screen.say(f"No bond is lowered: by that `check` would find {', '.join(found.unlowered)}.", indent=2)
    _drawn(after, screen, cautious=cautious)
    screen.say()
    screen.say(f"wrote {output}" if output else "nothing was written: `--output FILE` writes the changed draft")


def _verdict(after: Study, screen: Screen) -> None:
    from pyledger.analysis.words import headline

    screen.say(headline(after.appraisal), "green" if after.appraisal.credible else "bold red", indent=2)


def _drawn(after: Study, screen: Screen, *, cautious: bool) -> None:
    from pyledger.analysis.numbers import share_of

    if after.simulation:
        screen.say(f"Every promise pays in {share_of(after.simulation.credible)} of the draws.", indent=2)
        if not cautious and after.simulation.credible < 1:
            screen.say("Bonds that just suffice by likely numbers fail by worse ones: see --cautious.", "dim", indent=2)
