"""`explain`: a document in plain words, on the screen, as a page or on paper."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pyledger.cli.options import answers, deal_argument, output_option
from pyledger.cli.output import Screen
from pyledger.cli.writing import FORMS, form_of, refuse_picture, refuse_there, write
from pyledger.errors import UsageError

if TYPE_CHECKING:
    from pyledger.document import Document

__all__ = ["explain"]


@click.command()
@deal_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="How it is set (default: by the ending of --output, else text).",
)
@output_option("Write it to FILE.")
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.svg",
    help="Write the picture of the phases to FILE.svg.",
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@answers
def explain(
    deal: str, form: str | None, output: Path | None, picture: Path | None, force: bool, screen: Screen
) -> None:
    """Say in plain words everything that a document says: who, what, by when, for how much, and what if not.

    Every number, date and share of the document is there, and nothing that it does not say. HTML is one page that
    stands by itself; PDF needs the extra `paper`. With --json the explanation is a tree in which every fact has its
    place in the document.
    """
    from pyledger.cli.papers import read_document
    from pyledger.document.explain import as_json, explain as explained, picture as drawing

    if output is not None and output == picture:
        raise UsageError(f"--output and --picture are both {output}", hint="name two files")
    form = form or form_of(output)
    _refuse(form, output, picture, force=force, as_json=screen.as_json)
    document = read_document(deal)
    written: dict[str, str] = {}
    private = document.confidential is not None
    if picture is not None:
        write(picture, drawing.draw(document).encode(), force=force, private=private)
        written["picture"] = str(picture)
    if output is not None:
        write(output, _rendered(document, form, width=80), force=force, private=private)
        written["output"] = str(output)
    if screen.as_json:
        screen.data({"document": deal, **written, "explanation": as_json(explained(document))})
    elif written:
        for what, path in written.items():
            screen.say(f"wrote {'the picture' if what == 'picture' else 'the explanation'} to {path}")
        if private:
            screen.say("it tells what only the parties know: give it to parties and verifiers, and to nobody else")
    elif form == "pdf":
        sys.stdout.buffer.write(_rendered(document, form, width=80))
    else:
        _show(document, form, screen)


def _refuse(form: str, output: Path | None, picture: Path | None, *, force: bool, as_json: bool) -> None:
    """What cannot be done is said before anything is written."""
    if form == "pdf" and output is None and not as_json and sys.stdout.isatty():
        raise UsageError("a PDF is not for a terminal", hint="say where to write it, with --output FILE.pdf")
    refuse_there(output, picture, force=force)
    refuse_picture(picture)


def _rendered(document: Document, form: str, *, width: int) -> bytes:
    from pyledger.document.explain import explain as explained

    match form:
        case "pdf":
            from pyledger.document.explain import paper

            return paper.render(document)
        case "html":
            from pyledger.document.explain import page

            return page.render(document).encode()
        case "markdown":
            from pyledger.document.explain import markdown

            return markdown.render(explained(document)).encode()
        case _:
            from pyledger.document.explain import text

            return text.render(explained(document), width=width).encode()


def _show(document: Document, form: str, screen: Screen) -> None:
    """The words on the screen: text as wide as the terminal, what is for files as it is."""
    from pyledger.cli.output import shown

    screen.raw(shown(_rendered(document, form, width=screen.width).decode()))
