"""What commands print: words and tables for people, one JSON object for programs.

Rich is imported when something is printed for people. On a terminal tables fit its width; through a pipe nothing is
cut or wrapped and there are no colours.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

__all__ = ["Screen", "ago", "as_json", "clock", "day", "fitted", "shown"]

_PIPE_WIDTH: Final = 240
_LEAST: Final = 8
"""Columns below which nobody reads a cell that wraps."""
_LAST: Final = 253_370_764_800
"""The year 9999: a node may name later moments, and calendars end."""
_MARKS: Final = ("  next:  ", "  where: ")
"""What lines of an error begin with; what is wrapped hangs beside it."""


def as_json(value: Any) -> str:
    """JSON for programs that is harmless on a terminal too: what does not show is written as an escape."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(each if shown(each) == each else _escape(each) for each in text)


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"


def shown(text: str) -> str:
    """Text as a terminal may see it: whatever is in it, nothing of it is done."""
    if text.replace("\n", "").isprintable():
        return text
    from pyledger.observer.untrusted import visible

    return visible(text, keep="\n")


def fitted(text: str, width: int) -> str:
    """Text wrapped at words, what is wrapped indented further than its line; no word is broken."""
    from textwrap import wrap

    def lines(line: str) -> Iterable[str]:
        if len(line) <= width:
            return [line]
        mark = next((each for each in _MARKS if line.startswith(each)), "  ")
        indent = " " * max(len(mark), len(line) - len(line.lstrip()) + 2)
        return wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)

    return "\n".join(each for line in text.split("\n") for each in lines(line))


class Screen:
    """Where one command's answer goes."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._console: Console | None = None

    @property
    def console(self) -> Console:
        """Rich's console, made when first needed."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(highlight=False, markup=False, emoji=False, width=_piped(), file=sys.stdout)
        return self._console

    @property
    def width(self) -> int:
        """Columns to write on."""
        return _piped() or self.console.width

    def data(self, value: Any) -> None:
        """The answer for programs."""
        if self.as_json:
            click.echo(as_json(value))

    def say(self, text: str = "", style: str | None = None, *, indent: int = 0) -> None:
        """A line for people; wrapped at words on a terminal, what is wrapped indented as it was."""
        if self.as_json:
            return
        text = shown(text)
        if self.console.is_terminal and indent:
            from rich.padding import Padding
            from rich.text import Text

            self.console.print(Padding(Text(text, style=style or ""), (0, 0, 0, indent)))
        else:
            self.console.print(" " * indent + text, style=style, soft_wrap=not self.console.is_terminal)

    def show(self, what: RenderableType) -> None:
        """A table, or styled text, for people."""
        if not self.as_json:
            self.console.print(what)

    def heading(self, text: str) -> None:
        """A line that what follows belongs under."""
        self.say()
        self.say(text, "bold")

    def rule(self, text: str) -> None:
        """A title across the screen."""
        if self.as_json:
            return
        line = "─" * max(min(self.width, 80) - len(text) - 4, 0)
        self.console.print(f"── {text} {line}".rstrip(), style="bold magenta", soft_wrap=True)

    def entry(self, mark: str, text: str, style: str | None = None, *, width: int) -> None:
        """A line with a mark before it, the text hanging beside the mark where it wraps."""
        if self.as_json:
            return
        from rich.table import Table
        from rich.text import Text

        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_column(width=width, no_wrap=True, style="dim")
        line.add_column(overflow="fold")
        line.add_row(Text(mark), Text(shown(text), style=style or ""))
        self.console.print(line)

    def barred(self, text: str, *, less: int = 0) -> str:
        """Somebody's text wrapped for a terminal, a bar before each line: no line of it can pass for one of ours."""
        if self.as_json or not self.console.is_terminal:
            return text
        from textwrap import wrap

        return "\n".join(f"│ {line}" for line in wrap(shown(text), max(self.width - less - 4, 20)))

    def raw(self, text: str) -> None:
        """Text as it is, for people: never wrapped, never styled."""
        if not self.as_json:
            click.echo(text, nl=not text.endswith("\n"))

    def table(
        self,
        rows: Iterable[Sequence[str]],
        *,
        columns: Sequence[str] | None = None,
        right: Sequence[int] = (),
        fold: Sequence[int] = (),
        styles: dict[int, str] | None = None,
    ) -> None:
        """Rows under columns (none: no headings), indented by two; columns in `fold` are those that may wrap.

        Where the others leave them no room all may: a table is better narrow than cut.
        """
        if self.as_json:
            return
        from rich.table import Table
        from rich.text import Text

        found = [[Text(shown(cell)) for cell in row] for row in rows]
        if not found:
            return
        table = Table(
            box=None, show_header=columns is not None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim"
        )
        table.add_column("", width=0, no_wrap=True)
        firm = [index for index in range(len(found[0])) if index not in fold]
        taken = sum(2 + max(line.cell_len for row in found for line in row[index].split()) for index in firm)
        if taken + len(fold) * _LEAST > self.width:
            firm = []
        for index in range(len(found[0])):
            table.add_column(
                columns[index] if columns else "",
                justify="right" if index in right else "left",
                no_wrap=index in firm,
                overflow="fold",
                style=(styles or {}).get(index),
            )
        for row in found:
            table.add_row("", *row)
        self.console.print(table)


def _piped() -> int | None:
    """Columns where the output is no terminal, which knows its own."""
    return None if sys.stdout.isatty() else int(os.environ.get("COLUMNS") or _PIPE_WIDTH)


def clock(moment: int) -> str:
    """Unix seconds as local time, to the minute: "2005-02-28 12:00 UTC"; what no calendar has, as a number."""
    if moment > _LAST:
        return f"{moment} (no date)"
    local = datetime.fromtimestamp(moment).astimezone()
    return f"{local:%Y-%m-%d %H:%M} {local.tzname() or local.strftime('%z')}"


def day(moment: int) -> str:
    """Unix seconds as a local day: "28 Feb 2005"."""
    if moment > _LAST:
        return f"{moment} (no date)"
    local = datetime.fromtimestamp(moment).astimezone()
    return f"{local.day} {local:%b %Y}"


def ago(moment: int, now: int) -> str:
    """How far away a moment is: see `pyledger.observer.moments`, which is imported when something is said of it."""
    from pyledger.observer.moments import ago as said

    return said(moment, now)
