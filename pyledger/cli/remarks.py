"""Remarks on an agreement, and the submissions that some of them stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pyledger.cli import completing
from pyledger.cli.lazy import Group
from pyledger.cli.options import Where, answers, network_options, output_option
from pyledger.cli.output import Screen, ago, clock
from pyledger.cli.writing import refuse_there, write

if TYPE_CHECKING:
    from pyledger.chain.connect import Connection
    from pyledger.cli.deals import Deal
    from pyledger.document.submissions import Submission
    from pyledger.observer.hearing import Heard, Hearing

__all__ = ["show_hearing", "submission"]

_STYLES = {"overdue": "bold red", "answered late": "yellow", "answered": "green"}


def show_hearing(deal: str, where: Where, screen: Screen) -> None:
    """Every remark, and how the duty to answer it stands."""
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.observer.shapes import plain
    from pyledger.observer.untrusted import one_line

    with connected(where, deal) as connection:
        heard, now = _heard(find_deal(deal, where, connection), connection)
    screen.data(plain(heard))
    if heard.open_until is not None:
        over = "were" if heard.open_until < now else "are"
        screen.say(f"comments {over} open until {clock(heard.open_until)}, {ago(heard.open_until, now)}")
    if not heard.remarks:
        screen.say("nobody has said anything")
    for each in heard.remarks:
        screen.say(_said(each), "bold")
        if each.submission is not None:
            language = f" in {one_line(each.language)}" if each.language else ""
            screen.say(f"a submission{language}, {each.submission}", indent=3)
        for words in (each.text, each.link):
            if words:
                screen.say(one_line(words), indent=3)
        if each.duty is not None:
            until = f"by {clock(each.answer_by)}, {ago(each.answer_by, now)}" if each.answer_by is not None else ""
            said = (
                f"{each.duty} in {each.answered_by}" if each.answered_by is not None else f"answer {each.duty} {until}"
            )
            screen.say(said, _STYLES.get(each.duty), indent=3)


@click.group(cls=Group)
def submission() -> None:
    """Texts of which only the hash goes on record, and from which words can be withheld later."""


@submission.command(name="write")
@click.argument("text", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@output_option("Where to keep it.", required=True)
@click.option("--language", default="en", show_default=True, metavar="TAG", help="A language tag, such as en or guc.")
@click.option("--force", is_flag=True, help="Overwrite the output if it is there.")
@answers
def write_(text: Path, output: Path, language: str, force: bool, screen: Screen) -> None:
    """Make a submission of a text file, paragraph by paragraph (they are apart by empty lines).

    Each paragraph gets 32 random bytes, without which nobody can tell whether a guess at it is right. Keep the file: it
    is the only whole copy, which its owner alone can read. `pyledger comment DEAL --submission FILE` puts its hash on
    record.
    """
    from pyledger.document.load import read_file
    from pyledger.document.submissions import written

    refuse_there(output, force=force)
    _keep(written(read_file(text), language, file=str(text)), output, screen, force=force, private=True)


@submission.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("paragraphs", nargs=-1, required=True, type=click.IntRange(1))
@output_option("Where to write the rest.", required=True)
@click.option("--force", is_flag=True, help="Overwrite the output if it is there.")
@answers
def withhold(file: Path, paragraphs: tuple[int, ...], output: Path, force: bool, screen: Screen) -> None:
    """Write a submission anew without some paragraphs, given by their numbers from 1: its hash stays the same."""
    from pyledger.document.load import read_file
    from pyledger.document.submissions import loads

    refuse_there(output, force=force)
    _keep(loads(read_file(file), file=str(file)).without(paragraphs), output, screen, force=force)


@submission.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("deal", required=False, shell_complete=completing.deals)
@network_options
@answers
def check(file: Path, deal: str | None, where: Where, screen: Screen) -> int:
    """Compute the hash of a submission anew; with DEAL, say which remarks on it have that hash, whose and when.

    Exits with 1 if none has.
    """
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.document.load import read_file
    from pyledger.document.submissions import Withheld, loads

    found = loads(read_file(file), file=str(file))
    withheld = [number for number, part in enumerate(found.parts, start=1) if isinstance(part, Withheld)]
    data: dict[str, Any] = {"submission": "0x" + found.root.hex(), "withheld": withheld}
    screen.say(f"0x{found.root.hex()}")
    screen.say(f"{len(found.parts)} paragraphs, {len(withheld) or 'none'} withheld", "dim")
    if deal is None:
        screen.data(data)
        return 0
    with connected(where, deal) as connection:
        heard, _ = _heard(find_deal(deal, where, connection), connection)
    on_record = [each for each in heard.remarks if each.submission == data["submission"]]
    told = ("number", "by", "account", "at", "late")
    who = [{name: getattr(each, name) for name in told} for each in on_record]
    screen.data(data | {"remarks": [each.number for each in on_record], "said": who})
    for each in on_record:
        screen.say(f"on record as remark {_said(each)}", "green")
    if len(on_record) > 1:
        screen.say("whoever sees a hash can repeat it: this says who put it on record, not who wrote it", "dim")
    if not on_record:
        screen.say("no remark on this agreement has that hash", "bold red")
    return 0 if on_record else 1


def _heard(deal: Deal, connection: Connection) -> tuple[Hearing, int]:
    """Every remark on a deal, and the chain's time at which that is so."""
    from pyledger.observer.hearing import hearing

    events, now = deal.events(), connection.latest_time()
    times = {block: connection.block(block).time for block in {event.origin.block for event in events}}
    return hearing(deal.reader, events, times, now), now


def _said(remark: Heard) -> str:
    """By whom, on what and when."""
    answering = f" answers {remark.answers}" if remark.answers is not None else ""
    late = ", after the window for comments" if remark.late else ""
    return f"{remark.number}  {remark.by} on {remark.about}{answering}, {clock(remark.at)}{late}"


def _keep(found: Submission, output: Path, screen: Screen, *, force: bool, private: bool = False) -> None:
    from pyledger.document.submissions import dumps

    write(output, dumps(found).encode(), force=force, private=private)
    screen.data({"file": str(output), "submission": "0x" + found.root.hex(), "paragraphs": len(found.parts)})
    screen.say(f"wrote {output}: {len(found.parts)} paragraphs, hash 0x{found.root.hex()}")
