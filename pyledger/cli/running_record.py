"""An agreement on any chain, told by its events as a scenario that plays it again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from pyledger.analysis.expecting import write_expectation
from pyledger.analysis.scenario import run
from pyledger.analysis.script import Unmet, read_script, unmet
from pyledger.chain.connect import Connection
from pyledger.chain.facts import read_story
from pyledger.chain.named_account import NamedAccount
from pyledger.chain.recording import scenario_of
from pyledger.cli.bundled import is_bundle
from pyledger.cli.deals import Deal, connected
from pyledger.cli.lookup import find_deal
from pyledger.cli.options import Where
from pyledger.cli.papers import as_address, document_text, gallery_names, openings
from pyledger.cli.writing import refuse_there, write
from pyledger.document import Document, document_hash, loads
from pyledger.errors import Refused, UsageError
from pyledger.terms.outcome import phase_at_hand
from pyledger.terms.recovery import recover_bindings
from pyledger.terms.state import State, Status
from pyledger.terms.structs import Terms

__all__ = ["Recorded", "record"]


class Recorded(NamedTuple):
    """What was written, and what the model does otherwise when it plays it."""

    files: tuple[Path, ...]
    text: str
    differs: tuple[Unmet, ...]


def record(named: str, where: Where, output: Path, *, force: bool) -> Recorded:
    """Writes an agreement's history to a file, and its document beside it if that is in no file yet.

    Refused where it has not come into force, UsageError where its document is not at hand, besides what reading a
    chain raises.
    """
    beside = output.with_name(f"{output.stem}.deal.yaml")
    refuse_there(output, force=force)
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        text = _text(named, deal, connection)
        document, called = loads(text, file=named), _called(named, output)
        whole = _told(deal, document, connection, called or beside.name)
    if called is None:
        refuse_there(beside, force=force)
        write(beside, text.encode(), force=force)
    write(output, whole.encode(), force=force)
    script = read_script(whole, lambda _: document, file=str(output))
    stage = run(script.deal, script.scenario)
    differs = tuple(unmet(script, stage.seen, stage.facts()))
    return Recorded((output,) if called else (output, beside), whole, differs)


def _called(named: str, output: Path) -> str | None:
    """How the scenario can name the document: a gallery name, or the way to its file; None if it has no file."""
    if as_address(named) or is_bundle(named):
        return None
    path = Path(named)
    if path.is_file():
        return os.path.relpath(path.resolve(), output.resolve().parent)
    return named if named in gallery_names() else None


def _text(named: str, deal: Deal, connection: Connection) -> str:
    """The text of the document, whose hash is in the terms."""
    if as_address(named) is None:
        return document_text(named)
    for each in openings(connection.chain_id, address=deal.agreement.address):
        if document_hash(each.document) == deal.terms.document:
            return each.text
    raise UsageError(
        f"the document of {named} is not at hand, so that nothing in it has a name",
        hint=f"give it: pyledger run --record DOCUMENT --at {named} --output FILE",
    )


def _told(deal: Deal, document: Document, connection: Connection, called: str) -> str:
    bindings = recover_bindings(document, deal.terms, connection.chain_id)
    if bindings is None:
        raise UsageError("the agreement's terms are not what its document says", hint="see `pyledger verify`")
    account = NamedAccount(deal.agreement, document, bindings)
    story = read_story(deal.agreement, account.names)
    state = story.snapshot.state
    if state.status is Status.OPEN:
        hint = "record it once all have accepted"
        raise Refused("WrongStatus", {}, "the agreement is not in force yet: there is nothing to play again", hint=hint)
    body = scenario_of(account, document=called)
    if state.status is not Status.IN_FORCE:
        return "\n".join([body.rstrip("\n"), "expect:", *write_expectation(story.facts, document)]) + "\n"
    lines = write_expectation(story.facts, document, money=_paid_in(state, deal.terms), indent=6)
    return "\n".join([body.rstrip("\n").removesuffix(" []"), "  - expect:", *lines]) + "\n"


def _paid_in(state: State, terms: Terms) -> bool:
    """Whether everybody has paid in what a scenario takes for granted."""
    payments = enumerate(phase_at_hand(state, terms).payments)
    return not state.short and all(n in state.funded for n, each in payments if each.payer in state.members)
