"""Commands for chains: a local one in the background, its clock, and the contracts on any chain."""

from __future__ import annotations

import os

import click

from pyledger.cli.lazy import Group
from pyledger.cli.options import Where, answers, key_options, network_option, network_options
from pyledger.cli.output import Screen

__all__ = ["chain", "deploy", "require_anvil"]

_PORT = 8545


@click.group(cls=Group)
def chain() -> None:
    """Run a local chain in the background, for drafts, demonstrations and tests, and move its clock."""


@chain.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Where it answers (default: 8545); 0 takes a free one.")
@click.option("--at", "at", metavar="DATE", help='Where its clock starts, for example "2027-01-31" (default: now).')
@answers
def start(port: int | None, at: str | None, screen: Screen) -> None:
    """Start the local chain. When it runs already, nothing changes.

    Everything on it is gone when it is stopped.
    """
    from pyledger.chain.anvil import background_status, block_time, start_background
    from pyledger.cli.home import chain_folder
    from pyledger.cli.output import clock
    from pyledger.document.moments import moment

    require_anvil()
    known = background_status(chain_folder())
    wanted = port if port is not None else known.port if known else _PORT
    running, new = start_background(chain_folder(), port=wanted, timestamp=None if at is None else moment(at, 0))
    now = block_time(running.url)
    screen.data({"started": new, "url": running.url, "chain_id": running.chain_id, "pid": running.pid, "now": now})
    screen.say(f"{'the local chain runs' if new else 'the local chain was running already'} at {running.url}")
    screen.say(f"its clock says {clock(now)}", "dim")
    if new:
        screen.say("next: pyledger open DEAL")


@chain.command()
@answers
def install(screen: Screen) -> None:
    """Fetch Anvil, which local chains run on, with npm: in the version and by the hash that come with pyledger.

    `demo` and `chain start` do it by themselves where there is none. `PYLEDGER_ANVIL` names one of your own instead.
    """
    from pyledger.chain.anvil import fetch_anvil

    place = fetch_anvil()
    screen.data({"anvil": str(place)})
    screen.say(f"Anvil is {place}")


def require_anvil() -> None:
    """Fetches Anvil where there is none, and says so; ToolError where it cannot be had."""
    from pyledger.chain.anvil import fetch_anvil, find_anvil
    from pyledger.errors import ToolError

    try:
        find_anvil()
    except ToolError:
        if os.environ.get("PYLEDGER_ANVIL"):
            raise
        click.echo("fetching Anvil, the local chain, with npm: 45 MB, once", err=True)
        fetch_anvil()


@chain.command()
@answers
def stop(screen: Screen) -> None:
    """Stop the local chain and forget what was on it."""
    from pyledger.chain.anvil import stop_background
    from pyledger.cli.home import chain_folder

    stopped = stop_background(chain_folder())
    screen.data({"stopped": stopped})
    screen.say("the local chain is stopped, and what was on it is gone" if stopped else "no local chain was running")


@chain.command()
@answers
def status(screen: Screen) -> None:
    """Say whether the local chain runs, where, and what its clock says. Exits with 3 when it does not run."""
    from pyledger.chain.anvil import background_status, block_time
    from pyledger.cli.home import chain_folder
    from pyledger.cli.output import clock
    from pyledger.errors import NodeError

    running = background_status(chain_folder())
    if running is None:
        raise NodeError("no local chain runs", hint="start one with `pyledger chain start`")
    now = block_time(running.url)
    screen.data({"url": running.url, "chain_id": running.chain_id, "pid": running.pid, "now": now})
    screen.say(f"the local chain runs at {running.url}, chain {running.chain_id}, process {running.pid}")
    screen.say(f"its clock says {clock(now)}", "dim")


@chain.command()
@click.argument("time", required=False)
@click.option(
    "--past",
    nargs=2,
    metavar="DEAL OBLIGATION",
    help="Just past an obligation's deadline, when silence decides it.",
)
@network_options
@answers
def warp(time: str | None, past: tuple[str, str] | None, where: Where, screen: Screen) -> None:
    """Move the local chain's clock forward: by a duration ("3 days") or to a date ("2027-01-31").

    Clocks only go forward.
    """
    from pyledger.chain.anvil import warp as move
    from pyledger.cli.deals import connected
    from pyledger.cli.output import ago, clock
    from pyledger.document.moments import moment
    from pyledger.errors import UsageError

    if (time is None) == (past is None):
        raise UsageError("where to?", hint='give a duration or a date, or --past DEAL OBLIGATION: warp "3 days"')
    with connected(where) as connection:
        _require_local(connection.chain_id)
        before = connection.latest_time()
        target = moment(time, before) if time is not None else _past(past or ("", ""), where)
        if target <= before:
            raise UsageError(
                f"the chain's clock says {clock(before)} and cannot go back to {clock(target)}",
                hint="start another chain: `pyledger chain stop`, then `pyledger chain start --at DATE`",
            )
        move(connection.network.url, to=target)
        now = connection.latest_time()
        screen.data({"before": before, "now": now})
        screen.say(f"the chain's clock says {clock(now)}, {ago(now, before).removeprefix('in ')} later")


def _require_local(chain_id: int) -> None:
    from pyledger.chain.networks import LOCAL_CHAIN_ID
    from pyledger.errors import UsageError

    if chain_id != LOCAL_CHAIN_ID:
        raise UsageError(f"the clock of chain {chain_id} cannot be moved", hint="only a local chain's can")


def _past(what: tuple[str, str], where: Where) -> int:
    """One second past an obligation's deadline."""
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.terms.outcome import deadline, phase_at_hand

    with connected(where, what[0]) as connection:
        found = find_deal(what[0], where, connection)
        state = found.agreement.state()
        index = found.obligation(what[1], state)
        return deadline(state, phase_at_hand(state, found.terms).obligations[index]) + 1


@click.command()
@network_option
@key_options
@answers
def deploy(where: Where, screen: Screen) -> None:
    """Put the contracts on a chain, unless they are there, check them, and record where they are.

    Their address is the same on every chain.
    """
    from pyledger.chain.deployments import deploy as put
    from pyledger.cli.deals import connected
    from pyledger.cli.home import deployment_folders
    from pyledger.cli.signers import any_signer

    with connected(where) as connection:
        signer = any_signer(None, None, connection.chain_id, where)
        made = put(connection, signer, directory=deployment_folders()[0])
        new = made.transaction is not None and made.block == connection.block_number()
        screen.data({**made.model_dump(), "new": new})
        screen.say(f"{'deployed' if new else 'deployed already'} on chain {made.chain_id}; the code is as it should be")
        screen.table((("factory", made.address), ("agreement code", made.implementation)), styles={0: "cyan"})
