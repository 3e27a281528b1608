"""The command that plays scenarios: files, those of the gallery, every single defection of a deal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pyledger.cli import completing
from pyledger.cli.options import Where, answers, network_options, output_option
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.analysis.script import Script
    from pyledger.cli.playing import Played
    from pyledger.cli.running_files import Named
    from pyledger.cli.running_report import Result

__all__ = ["performed", "run"]


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE|FOLDER|NAME]...", shell_complete=completing.deals)
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help="Play on at most N chains at a time.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write JUnit's XML too.")
@click.option(
    "--document",
    metavar="DEAL",
    shell_complete=completing.deals,
    help="What scenarios are of that name no document themselves.",
)
@click.option(
    "--matrix",
    metavar="DEAL|FILE",
    shell_complete=completing.deals,
    help="Play every single defection of a deal, or from a scenario.",
)
@click.option(
    "--record",
    metavar="DEAL",
    shell_complete=completing.deals,
    help="Write what has happened in an agreement as a scenario, to --output.",
)
@output_option("Where --record writes it.")
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@click.option("--all", "everything", is_flag=True, help="Show every row, however many there are.")
@click.option("--list", "listing", is_flag=True, help="Only say which scenarios there are.")
@network_options
@answers
@click.pass_context
def run(
    context: click.Context,
    files: tuple[str, ...],
    workers: int | None,
    junit: Path | None,
    document: str | None,
    matrix: str | None,
    record: str | None,
    output: Path | None,
    force: bool,
    everything: bool,
    listing: bool,
    where: Where,
    screen: Screen,
) -> None:
    """Play scenarios on throwaway chains, and check that everything is as they expect.

    A scenario is a file that says a document, who does what when, and what must then be true. A folder stands for all
    scenarios in it, `gallery` for all that come with pyledger, NAME for those of one document of the gallery.

    --matrix plays every single defection: each obligation breached, lapsed or left to silence, each default, each party
    that does not join. In none may money be lost, made or stay behind, or who kept everything lose bond.

    --record writes what has happened in an agreement, on any chain, as a scenario that plays it again.

    Exits with 1 if anything is not as it must be.
    """
    _refuse_idle(
        "--record" if record is not None else "--matrix" if matrix is not None else "--list" if listing else "",
        {"--matrix": matrix, "--list": listing, "--workers": workers, "--junit": junit, "--document": document}
        | {"--output": output, "--force": force, "--all": everything},
    )
    if record is not None:
        _record(context, record, files, output, where, screen, force=force)
        return
    if matrix is not None:
        _matrix(context, matrix, files, workers, junit, screen, everything=everything)
        return
    from pyledger.cli.junit import write_junit
    from pyledger.cli.running_files import collect
    from pyledger.cli.running_report import as_cases, as_data, show

    named = collect(_some(files) if not listing else files or ("gallery",))
    if listing:
        screen.data([each.name for each in named])
        for each in named:
            screen.raw(each.name)
        return
    began = time.monotonic()
    results = _results(named, document, workers, screen)
    seconds = time.monotonic() - began
    if junit is not None:
        write_junit(junit, as_cases(results), seconds)
    screen.data(as_data(results, seconds))
    if not screen.as_json:
        show(results, seconds, screen, everything=everything)
    if not all(each.passed for each in results):
        context.exit(1)


_SERVES: Final[Mapping[str, tuple[str, ...]]] = {
    "--workers": ("", "--matrix"),
    "--junit": ("", "--matrix"),
    "--document": ("",),
    "--output": ("--record",),
    "--force": ("--record",),
    "--all": ("", "--matrix"),
}
"""What an option does something with: scenarios that are played, if nothing is said."""


def _refuse_idle(what: str, given: Mapping[str, object]) -> None:
    """UsageError for options that would do nothing beside what is to be done."""
    from pyledger.errors import UsageError

    for option, value in given.items():
        if value and option != what and what not in _SERVES.get(option, ()):
            beside = f"does nothing with {what}" if what else "does nothing without --record"
            raise UsageError(f"{option} {beside}", hint="leave it out")


def _record(
    context: click.Context,
    deal: str,
    files: tuple[str, ...],
    output: Path | None,
    where: Where,
    screen: Screen,
    *,
    force: bool,
) -> None:
    from pyledger.cli.running_record import record
    from pyledger.errors import UsageError

    if files or output is None:
        raise UsageError("--record is of one agreement, to one file", hint="write: --record DEAL --output FILE")
    made = record(deal, where, output, force=force)
    screen.data(
        {"files": [str(each) for each in made.files], "equal": not made.differs, "text": made.text}
        | {"differs": [each._asdict() for each in made.differs]}
    )
    for file in made.files:
        screen.say(f"wrote {file}")
    if not made.differs:
        screen.say(f"next: pyledger run {output}")
        return
    screen.say("Played again, it does not come to the same:", "red")
    for each in made.differs:
        screen.say(f"{output}:{each.line}: {each.what}: {each.actual}, not {each.expected}", "red", indent=2)
    context.exit(1)


def _matrix(
    context: click.Context,
    deal: str,
    files: tuple[str, ...],
    workers: int | None,
    junit: Path | None,
    screen: Screen,
    *,
    everything: bool,
) -> None:
    from pyledger.cli.running_matrix import matrix
    from pyledger.errors import UsageError

    if files:
        raise UsageError("--matrix is of one deal or scenario", hint="leave the other files out")
    if not matrix(deal, workers, junit, screen, everything=everything):
        context.exit(1)


def _some(files: tuple[str, ...]) -> tuple[str, ...]:
    from pyledger.errors import UsageError

    if not files:
        raise UsageError("no scenario is named", hint="give files, folders, or `gallery`; see them with --list")
    return files


def _results(named: Sequence[Named], document: str | None, workers: int | None, screen: Screen) -> list[Result]:
    """Each scenario read, and those that can be played, played."""
    from pyledger.cli.running_files import read_named
    from pyledger.cli.running_report import Result
    from pyledger.errors import PyledgerError

    scripts: dict[str, Script] = {}
    errors: dict[str, PyledgerError] = {}
    for each in named:
        try:
            scripts[each.name] = read_named(each, document)
        except PyledgerError as error:
            errors[each.name] = error
    found = dict(zip(scripts, performed(list(scripts.values()), workers, screen), strict=True))
    return [Result(name, scripts.get(name), found.get(name), errors.get(name)) for name, *_ in named]


def performed(scripts: Sequence[Script], workers: int | None, screen: Screen) -> list[Played]:
    """Scenarios played, with how far it has come on a terminal."""
    from pyledger.cli.company import enough, play_all

    with _progress(len(scripts), screen) as told:
        return play_all(scripts, workers=workers or enough(len(scripts)), told=told)


@contextmanager
def _progress(many: int, screen: Screen) -> Iterator[Callable[[int, Played], None]]:
    """On a terminal, a bar that is gone in the end."""
    if screen.as_json or not sys.stdout.isatty():
        yield lambda *_: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", style="red"))
    failed = 0
    with Progress(*columns, console=screen.console, transient=True) as bar:
        task = bar.add_task("", total=many)

        def told(_: int, played: Played) -> None:
            nonlocal failed
            failed += not played.passed
            bar.update(task, advance=1, description=f"{failed} failed" if failed else "")

        yield told
