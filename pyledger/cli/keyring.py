"""Commands for keys: keystore files, opened with a passphrase. Keys are never shown."""

from __future__ import annotations

from pathlib import Path

import click

from pyledger.cli.lazy import Group
from pyledger.cli.options import Where, answers, password_option
from pyledger.cli.output import Screen

__all__ = ["keys"]


@click.group(cls=Group)
def keys() -> None:
    """Make and list the keys that sign on networks other than the local one."""


@keys.command()
@click.argument("name")
@password_option
@answers
def new(name: str, password_file: Path | None, screen: Screen) -> None:
    """Make a new key called NAME, sealed with a passphrase."""
    from pyledger.cli.signers import keystore, passphrase
    from pyledger.terms.addresses import checksum

    made = keystore().create(name, passphrase(Where(password_file=password_file), confirm=True))
    screen.data({"name": made.name, "address": checksum(made.address), "file": str(made.path)})
    screen.say(f"{made.name} is {checksum(made.address)}")
    screen.say(f"kept in {made.path}; without its passphrase it cannot be recovered", "dim")


@keys.command(name="import")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@password_option
@answers
def import_(name: str, file: Path, password_file: Path | None, screen: Screen) -> None:
    """Take in a keystore FILE that another program wrote, under its passphrase."""
    from pyledger.cli.signers import keystore, passphrase
    from pyledger.terms.addresses import checksum

    made = keystore().import_file(name, file, passphrase(Where(password_file=password_file)))
    screen.data({"name": made.name, "address": checksum(made.address), "file": str(made.path)})
    screen.say(f"{made.name} is {checksum(made.address)}")


@keys.command(name="list")
@answers
def list_(screen: Screen) -> None:
    """List all keys with their addresses."""
    from pyledger.cli.signers import keystore
    from pyledger.terms.addresses import checksum

    found = keystore().list()
    screen.data([{"name": each.name, "address": checksum(each.address), "file": str(each.path)} for each in found])
    screen.table(((each.name, checksum(each.address)) for each in found), styles={0: "cyan"})
    if not found:
        screen.say("there are no keys; make one with `pyledger keys new NAME`")
