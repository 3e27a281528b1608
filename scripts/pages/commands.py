"""The command line, as click knows it: a page for the site, and a manual page for `man`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import cleandoc
from typing import NamedTuple

import click

from pages.markup import anchor, code, prose, table
from pyledger import __version__
from pyledger.cli.app import ENTRIES, root

__all__ = ["Told", "every_command", "manual", "page"]

EXITS = (
    (0, "done, or nothing left to do"),
    (1, "refused, or findings"),
    (2, "the command line asks for what does not exist"),
    (3, "the node cannot be reached, or answers nonsense"),
    (4, "a transaction whose outcome is unknown, or that failed without a reason"),
    (5, "a program or package that is needed is missing"),
)
VARIABLES = (
    ("PYLEDGER_HOME", "One folder for state and settings, instead of where the system keeps such things."),
    ("PYLEDGER_NETWORK", "The network where --network is not given: a name from pyledger.toml, or a node's address."),
    ("PYLEDGER_RPC_URL", "The node's address of that network."),
    ("PYLEDGER_PASSPHRASE", "The passphrase of keys, where no file with it is named."),
    ("PYLEDGER_ANVIL", "The Anvil program that local chains run on."),
    ("PYLEDGER_DEBUG", "Set to 1: a defect shows where it is."),
    ("NO_COLOR", "Set to anything: no colours."),
)
FILES = (
    ("pyledger.toml", "Networks of a project, in its folder or one above it."),
    ("deployments/", "Where the contracts of a project are, one file a chain."),
)


class Told(NamedTuple):
    """One command: its words, usage, paragraphs of help (verbatim ones marked), and options."""

    words: str
    usage: str
    paragraphs: tuple[tuple[bool, str], ...]
    options: tuple[tuple[str, str], ...]


def every_command() -> Iterator[tuple[str, list[Told]]]:
    """Heading → its commands, those of a group after the group."""
    context = click.Context(root, info_name="pyledger")
    headings = dict.fromkeys(entry.heading for entry in ENTRIES.values())
    for heading in headings:
        found: list[Told] = []
        for name, entry in ENTRIES.items():
            command = root.get_command(context, name) if entry.heading == heading else None
            if command is not None:
                found += _told(command, context, name)
        yield heading, found


def _told(command: click.Command, parent: click.Context, name: str) -> Iterator[Told]:
    context = click.Context(command, parent=parent, info_name=name)
    pieces = " ".join(each for each in command.collect_usage_pieces(context) if each != "[OPTIONS]")
    shown = (each for each in command.params if each.name != "as_json")  # every command has it, which is said once
    records = (each.get_help_record(context) for each in shown)
    yield Told(
        context.command_path,
        f"{context.command_path} {pieces}".strip(),
        tuple(_paragraphs(command.help or "")),
        tuple(each for each in records if each is not None and each[1]),
    )
    if isinstance(command, click.Group):
        for inner, one in command.commands.items():
            yield from _told(one, context, inner)


def _paragraphs(text: str) -> Iterator[tuple[bool, str]]:
    for block in cleandoc(text).split("\n\n"):
        verbatim = block.startswith("\b") or all(line.startswith("  ") for line in block.splitlines())
        yield verbatim, cleandoc(block.removeprefix("\b\n")) if verbatim else " ".join(block.split())


def page() -> str:
    """The page of the site."""
    lines = ["# Commands", "", prose(_sentence(root.help)), ""]
    for heading, commands in every_command():
        lines += [f"## {heading}", ""]
        for each in commands:
            lines += [f"### {each.words} {{ #{anchor(each.words)} }}", "", "```text", each.usage, "```", ""]
            for verbatim, text in each.paragraphs:
                lines += ["```text", text, "```", ""] if verbatim else [prose(text), ""]
            lines += table(("option", "what it does"), ((code(name), prose(said)) for name, said in each.options))
    lines += ["## Exit codes", "", *table(("code", "means"), ((str(number), said) for number, said in EXITS))]
    lines += ["## Environment", "", *table(("variable", "what it does"), ((code(n), prose(s)) for n, s in VARIABLES))]
    lines += ["## Files", "", *table(("file", "what it holds"), ((code(n), prose(s)) for n, s in FILES))]
    return "\n".join(lines)


def manual() -> str:
    """The manual page, in roff."""
    lines = [f'.TH PYLEDGER 1 "" "pyledger {__version__}" "User commands"', ".SH NAME"]
    lines += [_roff("pyledger - agreements in phases, with bonds and escrow that nobody controls"), ".SH SYNOPSIS"]
    lines += [".B pyledger", ".I COMMAND", "[OPTIONS] [ARGUMENTS]", ".SH DESCRIPTION", _roff(_sentence(root.help))]
    lines.append(".SH COMMANDS")
    for heading, commands in every_command():
        lines.append(f".SS {_roff(heading)}")
        for each in commands:
            lines += _entry(each)
    lines += [".SH EXIT STATUS", *_list((str(number), said) for number, said in EXITS)]
    lines += [".SH ENVIRONMENT", *_list(VARIABLES), ".SH FILES", *_list(FILES)]
    return "\n".join(lines) + "\n"


def _entry(told: Told) -> Iterator[str]:
    yield from (".TP", f"\\fB{_roff(told.usage)}\\fR")
    for number, (verbatim, text) in enumerate(told.paragraphs):
        if number:
            yield ".IP"
        yield from (".nf", _roff(text), ".fi") if verbatim else (_roff(text),)
    if told.options:
        yield from (".RS", *_list(told.options), ".RE")


def _list(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, said in rows:
        yield from (".TP", f"\\fB{_roff(name)}\\fR", _roff(said))


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split())


def _roff(text: str) -> str:
    """Text that roff prints as it is."""
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    plain = "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in plain)
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in plain.splitlines())
