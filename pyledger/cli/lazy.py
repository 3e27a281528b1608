"""A group of commands that are imported when they are run, and listed without being imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

import click

__all__ = ["Entry", "Group", "LazyGroup", "nearest"]


_WHOLE: Final = 1_000
"""More characters than any sentence of help has."""


class Entry(NamedTuple):
    """Where a command is (`module:attribute`), under which heading it is listed, and what it does in a line."""

    place: str
    heading: str
    help: str


def nearest(name: str, known: tuple[str, ...]) -> str:
    """A hint for a name that does not exist: the nearest that does, or all of them."""
    from difflib import get_close_matches

    if near := get_close_matches(name, known, n=1):
        return f"did you mean `{near[0]}`?"
    return f"known: {', '.join(known)}"


class Group(click.Group):
    """A group whose help cuts off nothing of what its commands do."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, each with the whole first sentence of its help."""
        rows = [(name, command.get_short_help_str(limit=_WHOLE)) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class LazyGroup(click.Group):
    """Commands by name, each an `Entry`."""

    def __init__(self, entries: Mapping[str, Entry], **attrs: Any) -> None:
        super().__init__(**attrs)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the headings."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in self.entries:
            return None
        module, attribute = self.entries[cmd_name].place.split(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; a name that does not exist meets the nearest that does."""
        if args and args[0] not in self.entries and not args[0].startswith("-"):
            hint = nearest(args[0], tuple(self.entries))
            raise click.UsageError(f"there is no command `{args[0]}`: {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings, none of them imported."""
        width = max(len(name) for name in self.entries)
        headings = dict.fromkeys(entry.heading for entry in self.entries.values())
        for heading in headings:
            rows = [(name.ljust(width), entry.help) for name, entry in self.entries.items() if entry.heading == heading]
            with formatter.section(heading):
                formatter.write_dl(rows)
