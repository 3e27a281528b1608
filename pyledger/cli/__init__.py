"""The command line: the only room that knows click.

One file per group of commands. None of them is imported before its command is run, so that help and shell completion
answer at once, and web3 is imported by no command that talks to no chain.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Final, NoReturn

__all__ = ["main"]

_FEW: Final = 100_000
"""Objects that may come to be before rubbish is looked for: most commands make fewer, and nearly all of them stay."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    gc.set_threshold(_FEW)
    # Pydantic would look through all that is installed for plugins, which nothing here wants.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from pyledger.cli.app import run

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an arrow is not worth failing for where there is none
    code = run(sys.argv[1:] if argv is None else argv)
    gc.freeze()  # what is left need not be taken apart: the system takes all of it back at once
    sys.exit(code)
