"""Options that many commands share, each handed to its command as one value."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from pyledger.cli import completing
from pyledger.cli.output import Screen

__all__ = [
    "Where",
    "answers",
    "as_option",
    "bindings_options",
    "deal_argument",
    "given_address",
    "key_options",
    "network_option",
    "network_options",
    "obligation_argument",
    "output_option",
    "password_option",
]

F = TypeVar("F", bound=Callable[..., Any])


class Where(NamedTuple):
    """Which chain, which bindings, and which key, as given on the command line."""

    network: str | None = None
    bindings: Path | None = None
    at: str | None = None
    key: str | None = None
    password_file: Path | None = None

    @property
    def address(self) -> bytes | None:
        """The address given with --at."""
        return None if self.at is None else given_address(self.at, "--at")


def given_address(text: str, of: str) -> bytes:
    """The address (20 bytes) given with an option or argument; UsageError, naming it, if it is none."""
    from pyledger.document.units import NotUnderstood
    from pyledger.errors import UsageError
    from pyledger.terms.addresses import parse_address

    try:
        return parse_address(text)
    except NotUnderstood as error:
        raise UsageError(f"{of}: {error.message}", hint=error.hint) from None


_network = click.option(
    "--network",
    metavar="NAME|URL",
    shell_complete=completing.networks,
    help="A network from pyledger.toml, or a node's address (default: $PYLEDGER_NETWORK, else the local chain).",
)
_bindings = click.option(
    "--bindings",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    shell_complete=completing.documents,
    help="Addresses for the document's names (`open` makes them on the local chain; not needed once opened from here).",
)
_at = click.option("--at", metavar="ADDRESS", help="The agreement of this document that others opened at ADDRESS.")
_key = click.option(
    "--key",
    metavar="NAME",
    shell_complete=completing.keys,
    help="The key that signs (default: the one whose address the role is bound to).",
)
password_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the key's passphrase is (default: $PYLEDGER_PASSPHRASE, else a prompt).",
)


def output_option(what: str, *, required: bool = False) -> Callable[[F], F]:
    """The file that a command writes."""
    kind = click.Path(path_type=Path, dir_okay=False)
    return click.option("--output", "-o", type=kind, metavar="FILE", required=required, help=what)


def answers(command: F) -> F:
    """`--json`; the command gets a `screen`."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object, errors included, for programs.")
    @functools.wraps(command)
    def wrapped(*args: Any, as_json: bool, **kwargs: Any) -> Any:
        return command(*args, screen=Screen(as_json=as_json), **kwargs)

    return wrapped  # type: ignore[return-value]


def _into_where(command: F, *options: Callable[[F], F], names: tuple[str, ...]) -> F:
    """The command with options whose values it gets in `where`."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        given = {name: kwargs.pop(name) for name in names}
        where: Where = kwargs.pop("where", Where())
        return command(*args, where=where._replace(**given), **kwargs)

    decorated: Any = wrapped
    for option in reversed(options):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def network_option(command: F) -> F:
    """`--network`; the command gets it in `where`."""
    return _into_where(command, _network, names=("network",))


def bindings_options(command: F) -> F:
    """`--network` and `--bindings`; the command gets them in `where`."""
    return _into_where(command, _network, _bindings, names=("network", "bindings"))


def network_options(command: F) -> F:
    """`--network`, `--bindings` and `--at`; the command gets them in `where`."""
    return _into_where(command, _network, _bindings, _at, names=("network", "bindings", "at"))


def key_options(command: F) -> F:
    """`--key` and `--password-file`; the command gets them in `where`."""
    return _into_where(command, _key, password_option, names=("key", "password_file"))


def deal_argument(command: F) -> F:
    """The first argument: a document or an agreement."""
    return click.argument("deal", metavar="DEAL", shell_complete=completing.deals)(command)


def obligation_argument(command: F) -> F:
    """The name of one of the deal's obligations."""
    return click.argument("obligation", shell_complete=completing.obligations)(command)


def as_option(*, required: bool = False, multiple: bool = False, help: str) -> Callable[[F], F]:  # noqa: A002
    """`--as ROLE`; the command gets `role`, or `roles` where it can be repeated."""
    name = "roles" if multiple else "role"
    return click.option(
        "--as",
        name,
        metavar="ROLE",
        required=required,
        multiple=multiple,
        shell_complete=completing.roles,
        help=help,
    )
