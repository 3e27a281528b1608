"""The command that makes phases of a document confidential."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

import click

from pyledger.cli.options import answers
from pyledger.cli.output import Screen

__all__ = ["HOLDS_THE_SEAL", "seal"]

HOLDS_THE_SEAL: Final = "the file holds the seal: give it to parties and verifiers, and to nobody else"


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from", "first", required=True, metavar="PHASE", help="The first phase that only the parties know.")
@answers
def seal(file: Path, first: str, screen: Screen) -> None:
    """Make the phases of a document from one on confidential, each until it opens.

    Writes `confidential` into the document, with a seal: random bytes without which nobody can tell whether a guess at
    a phase is right. Whoever has the document has the seal, so give it to parties and verifiers alone: on this
    machine only the file's owner can read it from then on. A seal that is there stays.
    """
    from pyledger.cli.papers import change_file, read_draft
    from pyledger.document.consistency import SEAL_SIZE
    from pyledger.document.rewrite import set_value, set_values
    from pyledger.errors import UsageError

    if not file.is_file():
        raise UsageError(f"`{file}` is no file that could be changed", hint="begin one: `pyledger new FILE`")
    draft = read_draft(str(file))
    found = draft.document.confidential
    if found is None:
        value = {"from": first, "seal": "0x" + secrets.token_hex(SEAL_SIZE)}
        change_file(file, set_value(draft.text, ("confidential",), value), private=True)
    elif found.from_ != first:
        change_file(file, set_values(draft.text, [(("confidential", "from"), first)]), private=True)
    document = read_draft(str(file)).document
    kept = [phase.id for phase in document.phases[document.open_phases :]]
    screen.data({"file": str(file), "confidential": kept, "changed": found is None or found.from_ != first})
    screen.say(f"only the parties know {', '.join(kept)}, each until it opens")
    screen.say(HOLDS_THE_SEAL, "dim")
