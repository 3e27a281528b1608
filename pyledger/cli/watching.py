"""The command that watches: one agreement, or all of a chain."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from pyledger.cli import completing
from pyledger.cli.books import depth_option, store_option
from pyledger.cli.options import Where, answers, network_options
from pyledger.cli.output import Screen
from pyledger.errors import NodeError, UsageError

if TYPE_CHECKING:
    from pyledger.cli.following import Follower
    from pyledger.cli.watch_screen import Watching

__all__ = ["watch"]

_ENDS: Final = ("completed", "terminated", "void", "unwound", "dissolved")

_PAUSE: Final = 1.0
"""Seconds between looks."""


@click.command()
@click.argument("deal", metavar="[DEAL]", required=False, shell_complete=completing.deals)
@click.option(
    "--until",
    type=click.Choice(["open", "in-force", "ended", *_ENDS]),
    help="Stop when the agreement stands so.",
)
@click.option("--for", "lasting", metavar="DURATION", help='Stop after so long, for example "10 minutes".')
@network_options
@store_option
@depth_option
@answers
def watch(
    deal: str | None,
    until: str | None,
    lasting: str | None,
    where: Where,
    store_url: str | None,
    depth: int,
    screen: Screen,
) -> int:
    """Watch an agreement: what happens, in words, as it happens, and what comes next by the clock.

    Without DEAL: all agreements of the chain, by way of the store. Goes on when the node is restarted, and says so.
    Ends with Ctrl-C, or when --until or --for says; with both, exits with 1 where the time was over first. With --json
    each line is an object.
    """
    if until is not None and deal is None:
        raise UsageError("--until asks how one agreement stands", hint="name it: pyledger watch DEAL --until ended")
    seconds = _seconds(lasting) if lasting is not None else None
    with _follower(deal, where, store_url, depth) as (follower, title):
        shown = _shown(screen, title)
        try:
            reached = _follow(follower, shown, until, seconds)
        except KeyboardInterrupt:
            return 0
        finally:
            shown.close()
    return 0 if reached or until is None else 1


def _seconds(text: str) -> int:
    from pyledger.document.units import NotUnderstood, parse_duration

    try:
        return parse_duration(text)
    except NotUnderstood as error:
        raise UsageError(f"--for: {error.message}", hint=error.hint) from None


@contextmanager
def _follower(deal: str | None, where: Where, store_url: str | None, depth: int) -> Iterator[tuple[Follower, str]]:
    from pyledger.chain.deployments import places
    from pyledger.cli.books import start_of
    from pyledger.cli.brought import store_place
    from pyledger.cli.deals import connected
    from pyledger.cli.following import Everything, OneDeal
    from pyledger.cli.lookup import find_deal
    from pyledger.ledger.store import open_store, require_driver

    place = store_place(store_url)
    if deal is None:
        require_driver(place)
    with connected(where, deal) as connection:
        if deal is not None:
            found = find_deal(deal, where, connection)
            yield OneDeal(found), found.reader.title
            return
        with open_store(place) as store:
            start, genesis = start_of(connection), connection.genesis_hash
            every = Everything(store, connection, places().factory, genesis, start, depth)
            yield every, f"all agreements of chain {connection.chain_id}"


def _shown(screen: Screen, title: str) -> Watching:
    from pyledger.cli.watch_screen import JsonLines, Live, PlainLines

    if screen.as_json:
        return JsonLines()
    return Live(screen, title) if sys.stdout.isatty() else PlainLines()


def _follow(follower: Follower, shown: Watching, until: str | None, seconds: int | None) -> bool:
    """Look again and again; whether what `until` asks for has come, before the time was over."""
    last = None if seconds is None else time.monotonic() + seconds
    while True:
        try:
            news = follower.look()
        except NodeError as error:
            shown.lost(error)
        else:
            shown.tell(news)
            if until is not None and news.view is not None and _stands(news.view.state, until):
                return True
        left = _PAUSE if last is None else min(_PAUSE, last - time.monotonic())
        if left <= 0:
            return False
        time.sleep(left)


def _stands(state: str, until: str) -> bool:
    return state in _ENDS if until == "ended" else state == until.replace("-", " ")
