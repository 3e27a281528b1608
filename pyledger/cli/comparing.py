"""The command that compares two drafts: what changed in the deal, and who gains or loses by it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from pyledger.cli import completing
from pyledger.cli.options import answers
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.document.diff import Change, Comparison, Effect

__all__ = ["diff", "tell"]


@click.command()
@click.argument("old", metavar="OLD", shell_complete=completing.deals)
@click.argument("new", metavar="NEW", shell_complete=completing.deals)
@answers
@click.pass_context
def diff(context: click.Context, old: str, new: str, screen: Screen) -> None:
    """Compare two drafts in the language of the deal: what changed, by how much, and who gains or loses by it.

    OLD and NEW are documents. How they are laid out makes no difference, and what is only called otherwise is told
    once. Gains and losses are by the money that moves; where that decides nothing, the change is open, or neutral.
    Exits with 0 when both say the same, with 1 when they do not.
    """
    from pyledger.cli.papers import read_document
    from pyledger.document import document_hash
    from pyledger.document.diff import compare

    drafts = read_document(old), read_document(new)
    found = compare(*drafts)
    hashes = tuple("0x" + document_hash(each).hex() for each in drafts)
    sides = [{"document": name, "hash": digest} for name, digest in zip((old, new), hashes, strict=True)]
    screen.data({"old": sides[0], "new": sides[1], **found.to_json()})
    tell(found, screen)
    if found.same:
        screen.say(f"nothing but layout changed: both are document {hashes[0]}", "green")
    else:
        screen.say()
        screen.say(f"was  {hashes[0]}", "dim")
        screen.say(f"now  {hashes[1]}", "dim")
        context.exit(1)


def tell(found: Comparison, screen: Screen) -> None:
    """The changes under what they are about, and who gains or loses by how many."""
    for about, changes in groupby(found.changes, key=lambda change: change.about):
        screen.heading(about)
        for change in changes:
            _change(change, screen)
    if not found.changes:
        return
    screen.heading(_counted(len(found.changes)))
    rows = [(name, str(up or "–"), str(down or "–")) for name, (up, down) in found.tally.items()]
    screen.table(rows, columns=("who", "gains by", "loses by"), right=(1, 2), styles={0: "cyan"})
    if rows:
        screen.say("counted by changes, whatever their size", "dim", indent=2)
    if unsaid := sum(change.effect.kind == "open" for change in found.changes):
        those = (
            "1 is open: the terms do not say who gains by it"
            if unsaid == 1
            else f"{unsaid} are open: the terms do not say who gains by them"
        )
        screen.say(those, "yellow", indent=2)
    elif not rows:
        screen.say("nobody gains or loses anything by them", indent=2)


def _counted(changes: int) -> str:
    return f"{changes} change{'' if changes == 1 else 's'}"


_STYLES = {"added": "green", "removed": "red", "renamed": "dim", "reordered": "dim"}


def _change(change: Change, screen: Screen) -> None:
    screen.say(f"{change.what}: {change.words}", _STYLES.get(change.kind), indent=2)
    if change.effect.kind == "shifts":
        screen.say(_shift(change.effect), "cyan", indent=4)
    elif change.effect.kind == "open":
        screen.say(f"open: {change.effect.why}", "dim", indent=4)
    else:
        screen.say("neutral", "dim", indent=4)


def _shift(effect: Effect) -> str:
    sides = (("gains", effect.gains), ("loses", effect.loses))
    return "; ".join(f"{word}: {', '.join(names)}" for word, names in sides if names) + f" ({effect.why})"
