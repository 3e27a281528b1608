"""Is the deal credible? The analysis of a document's estimates."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pyledger.cli import completing
from pyledger.cli.options import answers, output_option
from pyledger.cli.output import Screen
from pyledger.cli.writing import FORMS, form_of, refuse_there, write
from pyledger.errors import UsageError

if TYPE_CHECKING:
    from pyledger.analysis.study import Study

__all__ = ["analyze", "write"]


_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("deal", metavar="DEAL", required=False, shell_complete=completing.deals)
@click.option("--explain", metavar="TERM", help="Say what a word of the analysis means (`all`: every one), and stop.")
@click.option("--template", "as_template", is_flag=True, help="Print the block of estimates to fill in, and stop.")
@click.option("--propose", is_flag=True, help="Show changes that make every promise pay at least capital cost.")
@click.option("--raise-only", is_flag=True, help="With --propose: leave bonds alone that are higher than needed.")
@click.option("--cautious", is_flag=True, help="With --propose: by the worse end of each range, not by the likeliest.")
@click.option(
    "--format", "form", type=click.Choice(FORMS), help="Of the report (default: by --output's ending, else text)."
)
@output_option("Write the report, or with --propose the changed draft.")
@click.option(
    "--charts", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Write the charts as SVG."
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@click.option(
    "--draws", type=click.IntRange(100, 1_000_000), default=10_000, show_default=True, help="Simulated deals."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the simulation: the same gives the same.")
@answers
def analyze(
    deal: str | None,
    explain: str | None,
    as_template: bool,
    propose: bool,
    cautious: bool,
    raise_only: bool,
    form: str | None,
    output: Path | None,
    charts: Path | None,
    force: bool,
    draws: int,
    seed: int,
    screen: Screen,
) -> int:
    """Say whether keeping the deal pays for everybody, where it does not, and what would mend that.

    All of it follows from the document's `estimates` and from what its terms pay. HTML is one page that stands by
    itself, charts included; PDF needs the extra `paper`. Exits with 0 where every promise pays to keep and nobody does
    better to leave, with 1 where it is not so; with --propose that is said of the changed draft.
    """
    if explain is not None:
        _notion(explain, screen)
        return 0
    if deal is None:
        raise UsageError("no document is named", hint="give a file, a name from the gallery, or --explain TERM")
    if as_template:
        _template(deal, screen)
        return 0
    form = form or form_of(None if propose else output)
    _refuse(form, output, charts, propose=propose, how=cautious or raise_only, force=force, screen=screen)
    _require("scipy")
    if propose:
        from pyledger.cli.proposing import show_proposal

        return show_proposal(
            deal,
            output,
            cautious=cautious,
            raise_only=raise_only,
            force=force,
            draws=draws,
            seed=seed,
            screen=screen,
        )
    from pyledger.analysis.study import study
    from pyledger.cli.papers import read_document

    found = study(read_document(deal), draws=draws, seed=seed, named=deal)
    written = _write_charts(found, charts, force=force) if charts else {}
    if output:
        write(output, _rendered(found, form), force=force, private=_is_private(found))
        written["output"] = str(output)
    _answer(deal, found, form, written, screen)
    return 0 if found.appraisal.credible else 1


def _answer(deal: str, found: Study, form: str, written: dict[str, Any], screen: Screen) -> None:
    from pyledger.analysis.plain import as_plain

    if screen.as_json:
        plain = as_plain(found.appraisal, influences=found.turns, simulation=found.simulation)
        screen.data({"document": deal, **written, **plain})
    elif written:
        for paths in written.values():
            for path in paths if isinstance(paths, list) else [paths]:
                screen.say(f"wrote {path}")
        _verdict(found, screen)
    elif form == "text":
        _report(found, screen)
    else:
        sys.stdout.buffer.write(_rendered(found, form))


def _verdict(found: Study, screen: Screen) -> None:
    from pyledger.analysis.words import headline

    screen.say(headline(found.appraisal), "green" if found.appraisal.credible else "bold red")


def _template(deal: str, screen: Screen) -> None:
    from pyledger.analysis.template import template
    from pyledger.cli.papers import read_document

    text = template(read_document(deal))
    screen.data({"document": deal, "template": text})
    screen.raw(text)


def _refuse(
    form: str, output: Path | None, charts: Path | None, *, propose: bool, how: bool, force: bool, screen: Screen
) -> None:
    """What cannot be done is said before anything is worked out or written."""
    if how and not propose:
        raise UsageError("--cautious and --raise-only say how to propose", hint="add --propose")
    if propose and (form != "text" or charts):
        raise UsageError("a proposal is shown as text or JSON", hint="write the draft with --output, then analyze that")
    if form == "pdf" and output is None and not screen.as_json and sys.stdout.isatty():
        raise UsageError("a PDF is not for a terminal", hint="say where to write it, with --output FILE.pdf")
    refuse_there(output, force=force)


def _rendered(found: Study, form: str) -> bytes:
    from pyledger.analysis import pages

    if form in ("html", "pdf"):
        _require("matplotlib")
    match form:
        case "pdf":
            return pages.as_pdf(found)
        case "html":
            return pages.as_html(found).encode()
        case "markdown":
            return pages.as_markdown(found).encode()
        case _:
            return pages.as_text(found).encode()


def _is_private(found: Study) -> bool:
    """Whether what is found tells of phases that only the parties know."""
    return found.appraisal.game.document.confidential is not None


def _write_charts(found: Study, folder: Path, *, force: bool) -> dict[str, Any]:
    from pyledger.analysis.charts import charts

    _require("matplotlib")
    drawn = {folder / f"{chart.name}.svg": chart.svg for chart in charts(found)}
    there = [str(path) for path in drawn if path.exists() and not force]
    if there:
        raise UsageError(
            f"{', '.join(there)} is there already, and nothing was written",
            hint="choose another folder, or add --force to overwrite it",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}", hint="choose another place") from None
    for path, svg in drawn.items():
        write(path, svg.encode(), force=force, private=_is_private(found))
    return {"charts": [str(path) for path in drawn]}


def _require(package: str) -> None:
    from importlib.util import find_spec

    from pyledger.errors import ToolError

    if find_spec(package) is None:
        raise ToolError(
            f"the analysis needs {package}, which is not installed", hint="install it: pip install 'pyledger[analysis]'"
        )


def _notion(name: str, screen: Screen) -> None:
    from pyledger.analysis.notions import NOTIONS, notion as meant
    from pyledger.cli.lazy import nearest

    if name == "all":
        screen.data([notion._asdict() for notion in NOTIONS.values()])
        screen.table([(notion.name, notion.means) for notion in NOTIONS.values()], fold=(1,), styles={0: "cyan"})
        return
    notion = meant(name)
    if notion is None:
        raise UsageError(f"the analysis has no word `{name}`", hint=nearest(name, tuple(NOTIONS)))
    screen.data(notion._asdict())
    screen.say(notion.name, "bold")
    screen.table(
        [("means", notion.means), ("formula", notion.formula), ("source", notion.source), ("assumes", notion.assumes)],
        fold=(1,),
        styles={0: "cyan"},
    )


def _report(found: Study, screen: Screen) -> None:
    from pyledger.analysis.report import report
    from pyledger.cli.appraising import fits, show_report

    told = report(found, form="long")
    if not fits(told, screen.width):
        told = report(found, form="brief")
    show_report(told, screen, good=found.appraisal.credible)
    screen.say()
    screen.say(
        "Every number is as good as the estimates; `pyledger analyze --explain TERM` says how each is made.", "dim"
    )
