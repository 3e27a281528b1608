"""The command that stands before a service and lets in whom an agreement entitles; and what reads its record."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pyledger.cli.options import Where, answers, deal_argument, network_options
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.cli.deals import Deal
    from pyledger.gateway.reading import Guarded

__all__ = ["audit", "gateway"]

_LISTEN: Final = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[^:\[\]]+):(?P<port>[0-9]{1,5})")
_file = click.Path(path_type=Path, dir_okay=False)
_seconds = click.FloatRange(min=0, min_open=True)


@click.command()
@deal_argument
@click.option("--benefit", required=True, metavar="ID", help="The benefit whose holders are let in.")
@click.option("--upstream", required=True, metavar="URL", help="The service behind it: the only place it passes on to.")
@click.option(
    "--listen", default="127.0.0.1:8642", show_default=True, metavar="HOST:PORT", help="Where it takes requests."
)
@click.option("--origin", metavar="URL", help="How holders address it, e.g. https://model.example (default: --listen).")
@click.option(
    "--log", "log", type=_file, required=True, metavar="FILE", help="The record: it is added to, never changed."
)
@click.option(
    "--sink",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where bodies are kept, for a benefit that is monitored in real time.",
)
@click.option(
    "--poll", type=_seconds, metavar="SECONDS", default=1.0, show_default=True, help="Between two looks at the chain."
)
@click.option(
    "--stale-after",
    type=_seconds,
    metavar="SECONDS",
    default=5.0,
    show_default=True,
    help="Closed once nothing was read for so long. Choose no more than the time between two blocks.",
)
@click.option(
    "--oldest-head",
    type=_seconds,
    metavar="SECONDS",
    help="Closed when the chain's newest block is older (default: 60; a local chain's may have any age).",
)
@click.option(
    "--longest",
    type=click.IntRange(1, 3600),
    metavar="SECONDS",
    default=60,
    show_default=True,
    help="For which a signature may count.",
)
@click.option(
    "--max-body",
    type=click.IntRange(0),
    metavar="BYTES",
    default=10 << 20,
    show_default=True,
    help="Most that a request may bring.",
)
@click.option(
    "--idle",
    type=_seconds,
    metavar="SECONDS",
    default=300.0,
    show_default=True,
    help="To wait for the service's next word.",
)
@click.option("--sync", "sync_always", is_flag=True, help="Have the disk keep every line of the record at once.")
@click.option("--contracts", is_flag=True, help="Ask accounts that are contracts whether they signed (ERC-1271).")
@network_options
@answers
def gateway(
    deal: str,
    benefit: str,
    upstream: str,
    listen: str,
    origin: str | None,
    log: Path,
    sink: Path | None,
    poll: float,
    stale_after: float,
    oldest_head: float | None,
    longest: int,
    max_body: int,
    idle: float,
    sync_always: bool,
    contracts: bool,
    where: Where,
    screen: Screen,
) -> None:
    """Stand before an HTTP service, and let in whom the agreement entitles to a benefit, while it does.

    Holders sign each request (`pyledger request`, `pyledger.gateway.client`). The gateway reads the agreement with
    every block: who is not entitled any more is cut off, in the middle of an answer too. It is closed (503) while the
    chain cannot be read. It keeps the benefit's throttle, and on record what its monitoring says: see docs/access.md.
    """
    from pyledger.chain.connect import connect
    from pyledger.cli.deals import meant_network
    from pyledger.cli.lookup import find_deal
    from pyledger.gateway.app import Sizes
    from pyledger.gateway.door import Times
    from pyledger.gateway.serving import Settings, run

    host, port = _place(listen)
    with connect(meant_network(where), timeout=max(stale_after, 1.0)) as connection:
        found = find_deal(deal, where, connection)
        oldest = oldest_head if oldest_head is not None or found.is_local else 60.0
        settings = Settings(
            upstream=upstream,
            host=host,
            port=port,
            log=log,
            origin=origin,
            sink=sink,
            poll=poll,
            times=Times(stale_after=stale_after, oldest_head=oldest, longest=longest),
            sizes=Sizes(most=max_body),
            idle=idle,
            sync_always=sync_always,
            contracts=contracts,
        )

        waiting: list[str] = []
        started = False

        def say(words: str) -> None:
            if started:
                screen.say(f"  {words}")
            else:
                waiting.append(words)

        def ready(origin: str) -> None:
            nonlocal started
            screen.data({"origin": origin, "benefit": benefit, "log": str(log)})
            screen.say(f"{benefit}: {found.reader.title}", "bold")
            screen.say(f"{origin} lets in its holders, and passes on to {upstream}")
            screen.say(f"the record is {log}; stop it with Ctrl-C")
            started = True
            for words in waiting:
                say(words)

        run(connection, _guarded(found, benefit), settings, ready=ready, say=say)


def _guarded(found: Deal, benefit: str) -> Guarded:
    from pyledger.gateway.reading import Guarded as Made

    _require_genuine(found)
    return Made(found.document, found.names, found.terms, found.agreement.address, benefit, found.since)


def _require_genuine(found: Deal) -> None:
    """Refuses, with MismatchError, an account that is no agreement of these terms: it would say what it likes."""
    from pyledger.errors import MismatchError

    if failed := next((each for each in found.agreement.verify() if not each.holds), None):
        raise MismatchError(
            f"{failed.what}: no; {failed.found}",
            hint=f"see `pyledger verify {found.named}`",
        )


def _place(listen: str) -> tuple[str, int]:
    from pyledger.errors import UsageError

    found = _LISTEN.fullmatch(listen)
    if found is None or int(found["port"]) > 0xFFFF:
        raise UsageError(f"--listen: {listen!r} is no HOST:PORT", hint="write it like 127.0.0.1:8642")
    return found["host"].strip("[]"), int(found["port"])


@click.command()
@click.argument("log", type=_file, metavar="LOG")
@click.option(
    "--last", metavar="HASH", help="The hash of a line that has to be in it, as `/.well-known/pyledger` told."
)
@answers
@click.pass_context
def audit(context: click.Context, log: Path, last: str | None, screen: Screen) -> None:
    """Check the record of a gateway line by line, and sum it up: who was let in, cut off, turned away, and when.

    Every line holds the hash of the one before. Exits with 1 if a line was changed, removed or inserted, or if the line
    whose hash is given with --last is not there.
    """
    from pyledger.cli.gateways_audit import summed_up

    if not summed_up(log, last, screen):
        context.exit(1)
