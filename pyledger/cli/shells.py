"""The command that has shells complete what is typed."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import ShellComplete, get_completion_class

from pyledger.cli.options import answers
from pyledger.cli.output import Screen

__all__ = ["completion"]

_SHELLS: Final = ("bash", "zsh", "fish")


_HELP: Final = """Print the script that has a SHELL complete commands, documents, roles, obligations, keys and networks.

To have it from the next shell on, put it where yours looks for such scripts:

\b
  pyledger completion bash > ~/.local/share/bash-completion/completions/pyledger
  pyledger completion zsh  > "${fpath[1]}/_pyledger"
  pyledger completion fish > ~/.config/fish/completions/pyledger.fish

The folder has to be there.
"""


@click.command(help=_HELP)
@click.argument("shell", type=click.Choice(_SHELLS))
@answers
def completion(shell: str, screen: Screen) -> None:
    """Print the completion script of a shell."""
    known = get_completion_class(shell)
    if known is None:
        raise click.UsageError(f"click does not know {shell}")
    # Past what click asks of the bash that is here: the shell that reads the script may be another.
    text = ShellComplete.source(known(click.Command("pyledger"), {}, "pyledger", "_PYLEDGER_COMPLETE"))
    screen.data({"shell": shell, "script": text})
    screen.raw(text)
