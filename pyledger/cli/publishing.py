"""The command that publishes the format for editors and other programs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pyledger.cli.options import answers
from pyledger.cli.output import Screen

__all__ = ["schema"]


@click.command()
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it to FILE instead."
)
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@answers
def schema(output: Path | None, force: bool, screen: Screen) -> None:
    """Print the format of documents as JSON Schema (draft 2020-12), so that editors complete and check.

    Editors that know YAML take it from the first line of a document:

      # yaml-language-server: $schema=document.schema.json

    What a schema cannot say, such as whether names are declared and shares make a whole, `pyledger check` says.
    """
    from pyledger.document.schema import dump_schema
    from pyledger.errors import UsageError

    text = dump_schema()
    if output is None:
        screen.data(json.loads(text))
        screen.raw(text)
        return
    try:
        with output.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            f"{output} is there already, and was left as it is", hint="choose another name, or add --force"
        ) from None
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}", hint="choose another place") from None
    screen.data({"file": str(output)})
    screen.say(f"wrote {output}")
    screen.say(f"for an editor, begin a document with: # yaml-language-server: $schema={output}")
