"""Commands for documents: no chain is asked, no key is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pyledger.cli import completing
from pyledger.cli.options import Where, answers, bindings_options, deal_argument
from pyledger.cli.output import Screen
from pyledger.cli.writing import write

__all__ = ["address", "examples", "hash_", "new"]

STARTER = "starter"


@click.command()
@click.argument("name", required=False, shell_complete=completing.gallery)
@answers
def examples(name: str | None, screen: Screen) -> None:
    """List the documents of the gallery, or print the one called NAME, or one of their scenarios.

    A name from the gallery can stand wherever a command wants a DEAL.
    """
    from pyledger.cli.papers import gallery_names, gallery_text
    from pyledger.document import gallery

    if name is not None:
        text = gallery_text(name)
        screen.data({"name": name, "text": text})
        screen.raw(text)
        return
    if screen.as_json:
        screen.data([_described(each) for each in gallery_names()])
        return
    for about in dict.fromkeys(map(_about, (STARTER, *gallery.in_order()))):
        screen.heading(about)
        listed = [each for each in (STARTER, *gallery.in_order()) if _about(each) == about]
        screen.table(
            ((each, gallery.shows(each) or _described(each)["title"]) for each in listed), fold=(1,), styles={0: "cyan"}
        )
    screen.say()
    screen.say("Read one with `pyledger examples NAME`; start your own with `pyledger new FILE --from NAME`.")
    screen.say("What can become of each: `pyledger run --list` names scenarios, `pyledger run NAME` plays them.")


def _described(name: str) -> dict[str, Any]:
    """What a document of the gallery is, as its own words have it."""
    from pyledger.cli.papers import gallery_text
    from pyledger.document import gallery, loads

    document = loads(gallery_text(name), file=name)
    return {
        "name": name,
        "title": document.title,
        "about": _about(name),
        "shows": gallery.shows(name),
        "summary": document.summary,
        "parties": list(document.parties),
        "phases": [phase.id for phase in document.phases],
    }


def _about(name: str) -> str:
    """Under which heading a document is listed."""
    from pyledger.document import gallery

    return "To begin with" if name == STARTER else gallery.shelf(name)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "source",
    default=STARTER,
    show_default=True,
    metavar="NAME",
    shell_complete=completing.gallery,
    help="Which document of the gallery.",
)
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@answers
def new(file: Path, source: str, force: bool, screen: Screen) -> None:
    """Write a new document, or scenario, to FILE, copied from the gallery, for you to change."""
    from pyledger.cli.papers import gallery_text

    text = gallery_text(source)
    write(file, text.encode(), force=force)
    screen.data({"file": str(file), "from": source})
    screen.say(f"wrote {file}, a copy of `{source}`")
    screen.say(f"next: change it, then `pyledger {'run' if '/' in source else 'check'} {file}`")


@click.command(name="hash")
@deal_argument
@answers
def hash_(deal: str, screen: Screen) -> None:
    """Print the hash of a document: the same however the file is laid out."""
    from pyledger.cli.papers import read_document
    from pyledger.document import document_hash

    digest = "0x" + document_hash(read_document(deal)).hex()
    screen.data({"document": deal, "hash": digest})
    screen.raw(digest)


@click.command()
@deal_argument
@bindings_options
@answers
def address(deal: str, where: Where, screen: Screen) -> None:
    """Print the address of a document's agreement, opened or not.

    It follows from the document and its bindings alone; no node is asked.
    """
    from pyledger.cli.papers import offline_address

    found = offline_address(deal, where)
    screen.data(found)
    screen.raw(found["address"])
