"""How watching is shown: live on a terminal, in plain lines elsewhere, one JSON object a line for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, Protocol

import click

from pyledger.cli.board import held_in_words, where_it_stands
from pyledger.cli.output import Screen, clock, shown
from pyledger.errors import NodeError
from pyledger.observer.deadlines import deadlines
from pyledger.observer.moments import ago

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pyledger.cli.following import Line, News
    from pyledger.observer.shapes import StatusView

__all__ = ["JsonLines", "Live", "PlainLines", "Watching"]

_DEADLINES: Final = 6
"""Most moments that are counted down to at once."""

_SECONDS: Final = 120
"""So near a moment is counted down to in seconds."""


class Watching(Protocol):
    """Where news goes."""

    def tell(self, news: News) -> None:
        """What one look has brought."""

    def lost(self, error: NodeError) -> None:
        """The node does not answer, or not as it should; said once, until it does again."""

    def close(self) -> None:
        """Nothing more comes."""


class _Ears:
    """What all ways have in common: whether the node was heard, and what was last said of the state."""

    def __init__(self) -> None:
        self.silent: str | None = None
        self.head = ""
        self.began = False

    def begins(self) -> bool:
        was, self.began = self.began, True
        return not was

    def heard_again(self) -> bool:
        was, self.silent = self.silent, None
        return was is not None

    def newly_silent(self, error: NodeError) -> bool:
        was, self.silent = self.silent, error.what
        return was != error.what

    def new_head(self, news: News) -> str | None:
        """How the agreement stands, in a sentence without the clock, if that has changed."""
        head = _state(news.view) if news.view is not None else ""
        was, self.head = self.head, head
        return head if head != was else None


class PlainLines:
    """A line for each thing, for files and pipes."""

    def __init__(self) -> None:
        self._ears = _Ears()

    def tell(self, news: News) -> None:
        """Events as they come, and the state when it has changed."""
        if self._ears.begins():
            _line(clock(news.now), f"watching from block {news.block} on")
        if self._ears.heard_again():
            _line(clock(news.now), f"the node answers again, at block {news.block}")
        if news.gone:
            _line(clock(news.now), _taken_back(news.gone))
        for line in news.lines:
            _line(clock(line.at), _of(line))
        if head := self._ears.new_head(news):
            _line(clock(news.now), head)

    def lost(self, error: NodeError) -> None:
        """Said once."""
        if self._ears.newly_silent(error):
            _line("", f"{error.what}; watching on")

    def close(self) -> None:
        """Nothing is open."""


class JsonLines:
    """One JSON object a line; `type` is one of: state, event, reorganised, node."""

    def __init__(self) -> None:
        self._ears = _Ears()

    def tell(self, news: News) -> None:
        """Events as they come, and the whole state when it has changed; first, from which block on."""
        if self._ears.begins() | self._ears.heard_again():
            _object("node", {"answers": True, "block": news.block})
        if news.gone:
            _object("reorganised", {"gone": news.gone, "block": news.block})
        for line in news.lines:
            _object("event", line.data)
        if news.view is not None and self._ears.new_head(news):
            ahead = [each._asdict() for each in deadlines(news.view)]
            _object("state", {**news.view.to_json(), "deadlines": ahead})

    def lost(self, error: NodeError) -> None:
        """Said once."""
        if self._ears.newly_silent(error):
            _object("node", {"answers": False, "what": error.what})

    def close(self) -> None:
        """Nothing is open."""


class Live:
    """On a terminal: what happens scrolls by, and below it stands how things are, counting down."""

    def __init__(self, screen: Screen, title: str) -> None:
        from rich.live import Live as RichLive

        self._ears = _Ears()
        self._title = title
        self._news: News | None = None
        self._live = RichLive(console=screen.console, auto_refresh=False, transient=False)
        self._live.start()

    def tell(self, news: News) -> None:
        """Events above, the head anew."""
        if self._ears.heard_again():
            self._say(clock(news.now), f"the node answers again, at block {news.block}", "bold green")
        if news.gone:
            self._say(clock(news.now), _taken_back(news.gone), "bold yellow")
        for line in news.lines:
            self._say(clock(line.at), _of(line), line.style)
        self._news = news
        self._live.update(self._head(), refresh=True)

    def lost(self, error: NodeError) -> None:
        """Said once above, and below as long as it is so."""
        if self._ears.newly_silent(error):
            self._say("", f"{error.what}; watching on", "bold red")
        self._live.update(self._head(), refresh=True)

    def close(self) -> None:
        """The last head stays."""
        self._live.stop()

    def _say(self, at: str, words: str, style: str) -> None:
        from rich.text import Text

        self._live.console.print(Text(f"{at}  ", "dim").append(shown(words), style), soft_wrap=False)

    def _head(self) -> RenderableType:
        from rich.console import Group
        from rich.panel import Panel
        from rich.table import Table
        from rich.text import Text

        if self._news is None:
            return Text(self._ears.silent or "")
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for left, what in _ahead(self._news):
            table.add_row(Text(left, "cyan"), Text(shown(what)))
        lines = [Text(shown(each), style) for each, style in _heading(self._news, self._ears.silent)]
        return Panel(Group(*lines, table), title=Text(shown(self._title)), title_align="left", border_style="dim")


def _heading(news: News, silent: str | None) -> Iterator[tuple[str, str]]:
    view = news.view
    if view is not None:
        yield where_it_stands(view), "bold"
        yield f"holds {'; '.join(held_in_words(view)) or 'nothing'}", ""
        for warning in view.warnings:
            yield f"! {warning}", "yellow"
    if silent is not None:
        yield f"! {silent}", "bold red"
    yield f"block {news.block}, {clock(news.now)}", "dim"


def _ahead(news: News) -> Iterator[tuple[str, str]]:
    if news.view is not None:
        for each in deadlines(news.view)[:_DEADLINES]:
            left = each.at - news.now
            yield f"in {left} s" if left < _SECONDS else ago(each.at, news.now), each.what


def _state(view: StatusView) -> str:
    """How an agreement stands, whatever the time."""
    phase = view.phase
    if view.state != "in force" or phase is None:
        accepted = sum(party.accepted for party in view.parties)
        return f"{view.state}: {accepted} of {len(view.parties)} accepted" if view.state == "open" else view.state
    verdicts = ", ".join(f"{each.name} {each.verdict or 'open'}" for each in phase.obligations)
    cut = ", cut off" if phase.cut_off is not None else ""
    return f"in force, phase {phase.number} of {phase.count}, {phase.name}{cut}: {verdicts}"


def _taken_back(gone: int) -> str:
    return f"the chain was reorganised: what {gone} of its blocks or events said no longer counts"


def _of(line: Line) -> str:
    return f"{line.of}: {line.words}" if line.of else line.words


def _line(at: str, words: str) -> None:
    click.echo(f"{at}  {shown(words)}" if at else shown(words))


def _object(kind: str, data: dict[str, Any]) -> None:
    """One line that shows nothing but what it is: everything beyond ASCII is escaped."""
    click.echo(json.dumps({"type": kind, **data}).replace("\x7f", "\\u007f"))
