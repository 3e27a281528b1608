"""The command that publishes the format for editors and other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from pyledger.cli.options import answers, output_option
from pyledger.cli.output import Screen
from pyledger.cli.writing import write

__all__ = ["schema"]


@click.command()
@output_option("Write it to FILE instead.")
@click.option("--scenario", is_flag=True, help="That of scenarios, which `pyledger run` plays, instead.")
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@answers
def schema(output: Path | None, scenario: bool, force: bool, screen: Screen) -> None:
    """Print the format of documents as JSON Schema (draft 2020-12), so that editors complete and check.

    Editors that know YAML take it from the first line of a document:

      # yaml-language-server: $schema=document.schema.json

    What a schema cannot say, such as whether names are declared and shares make a whole, `pyledger check` says.
    """
    from pyledger.document.schema import dump_schema

    text = dump_schema(_of_scenarios() if scenario else None)
    if output is None:
        screen.data(json.loads(text))
        screen.raw(text)
        return
    write(output, text.encode(), force=force)
    screen.data({"file": str(output)})
    screen.say(f"wrote {output}")
    what = "scenario" if scenario else "document"
    screen.say(f"for an editor, begin a {what} with: # yaml-language-server: $schema={output}")


def _of_scenarios() -> dict[str, Any]:
    from pyledger.analysis.scenario import scenario_schema

    return scenario_schema()
