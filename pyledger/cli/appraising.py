"""A report of the analysis on a screen: tables as wide as they fit, and one value below the other where they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pyledger.cli.output import Screen, shown

if TYPE_CHECKING:
    from rich.text import Text

    from pyledger.document.explain.tree import Block, Explanation, Section, Table

__all__ = ["fits", "show_report"]

_STYLES: Final = {
    "keeps": "green",
    "breaks": "bold red",
    "leaves": "bold red",
    "exposed": "yellow",
    "owes nothing": "dim",
}
_GAP: Final = 2
_INDENT: Final = 2


def fits(report: Explanation, width: int) -> bool:
    """Whether every table of a report can be set side by side in a width."""
    return all(_natural(block) <= width for section in report.sections for block in section.blocks if _is_table(block))


def show_report(report: Explanation, screen: Screen, *, good: bool) -> None:
    """The whole report; `good` colours its first sentence."""
    from pyledger.document.explain.tree import plain

    screen.say(plain(report.title), "bold")
    for number, section in enumerate(report.sections):
        if number:
            screen.heading(plain(section.title))
        _section(section, screen, style=None if number else ("green" if good else "bold red"))


def _section(section: Section, screen: Screen, *, style: str | None) -> None:
    from pyledger.document.explain.tree import Items, Paragraph, Rows, plain

    for number, block in enumerate(section.blocks):
        match block:
            case Paragraph(says):
                screen.say(plain(says), style if not number else None, indent=0 if style else _INDENT)
            case Items(items):
                screen.table([(plain(item),) for item in items], fold=(0,))
            case Rows(rows):
                pairs = [(plain(row.label), plain(row.says)) for row in rows]
                screen.table(pairs, fold=(0, 1), styles={0: "cyan"})
            case table:
                _table(table, screen)


def _is_table(block: Block) -> bool:
    from pyledger.document.explain.tree import Table

    return isinstance(block, Table)


def _natural(block: Block) -> int:
    """How many columns a table takes side by side."""
    return _INDENT + sum(_sizes(block)) + _GAP * len(_sizes(block))


def _sizes(block: Block) -> list[int]:
    from pyledger.document.explain.text import width_of
    from pyledger.document.explain.tree import Table, plain

    assert isinstance(block, Table), "only asked of tables"
    lines = [list(block.columns), *([shown(plain(cell)) for cell in row] for row in block.rows)]
    return [max(width_of(line[at]) for line in lines) for at in range(len(block.columns))]


def _table(table: Table, screen: Screen) -> None:
    from pyledger.document.explain.tree import plain

    cells = [[plain(cell) for cell in row] for row in table.rows]
    if _natural(table) > screen.width:
        for row in cells:
            screen.show(_stacked(table.columns, row))
        return
    from rich.table import Table as Grid

    grid = Grid(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
    grid.add_column("", width=0, no_wrap=True)
    for index, column in enumerate(table.columns):
        grid.add_column(column, justify="right" if index in table.right else "left", no_wrap=True)
    for row in cells:
        grid.add_row("", *(_cell(cell, first=not at) for at, cell in enumerate(row)))
    screen.show(grid)


def _stacked(columns: Sequence[str], row: Sequence[str]) -> Text:
    """What the first column names, and below it every other value that is there, each after its heading."""
    from rich.text import Text

    text = Text(" " * _INDENT).append(shown(row[0]), "cyan")
    width = max(len(column) for column in columns)
    for column, cell in _given(columns, row):
        text.append("\n" + " " * _INDENT * 2).append(column.ljust(width + _GAP), "dim").append(_cell(cell))
    return text


def _given(columns: Sequence[str], row: Sequence[str]) -> Iterator[tuple[str, str]]:
    return ((column, cell) for column, cell in zip(columns[1:], row[1:], strict=True) if cell)


def _cell(cell: str, *, first: bool = False) -> Text:
    """A cell; what a party does is coloured word by word, and said in words all the same."""
    from rich.text import Text

    words = cell.split(", ")
    if first or not all(word in _STYLES for word in words):
        return Text(shown(cell), "cyan" if first else "")
    return Text(", ").join(Text(word, _STYLES[word]) for word in words)
