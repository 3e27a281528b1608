"""What is voted, as it is typed: never an argument, and never shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from pyledger.cli.balloting_seats import Meant
from pyledger.cli.deals import Deal
from pyledger.document.measure import Measure
from pyledger.document.units import NotUnderstood
from pyledger.errors import UsageError
from pyledger.terms.ballots import Vote
from pyledger.terms.structs import Verdict

__all__ = ["asked"]

_WORDS: Final = {"met": Verdict.MET, "breached": Verdict.BREACHED, "lapsed": Verdict.LAPSED}
_LONGEST: Final = 200


def asked(deal: Deal, found: Meant, file: Path | None) -> Vote:
    """What is voted: from a file, from input, or asked for at a terminal without being shown."""
    if file is not None:
        try:
            text = sys.stdin.read(_LONGEST) if str(file) == "-" else file.read_text(encoding="utf-8")[:_LONGEST]
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise UsageError(f"the ballot in {file} cannot be read: {why}", hint="check the path") from None
    elif sys.stdin.isatty():
        question = f"{found.obligation}: met, breached or lapsed, and a value if there is one (not shown)"
        text = click.prompt(question, hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise UsageError(
            "nothing says what is voted", hint="run it in a terminal, or give --ballot FILE, or - for input"
        )
    return _vote(deal, found, text.split())


def _vote(deal: Deal, found: Meant, words: list[str]) -> Vote:
    phase, index = found.seen.question[:2]
    if not words or len(words) > 2 or words[0] not in _WORDS:
        raise UsageError("a ballot says met, breached or lapsed, and then perhaps a value", hint="for example: met 0.5")
    measure = deal.reader.measure(phase, index)
    if len(words) == 1:
        if measure is not None and words[0] == "met":
            raise UsageError(
                f"`{found.obligation}` is attested with its value, and a vote that says none would count as 0",
                hint="say the value as well, for example: met 0.5",
            )
        return Vote(_WORDS[words[0]])
    if measure is None and deal.reader.document is not None:
        raise UsageError("the document says of no value that is attested with it", hint="leave the value out")
    try:
        value = (measure or Measure("", 0)).integer(words[1])
    except NotUnderstood as error:
        raise UsageError(f"the value: {error.message}", hint=error.hint) from None
    return Vote(_WORDS[words[0]], value)
