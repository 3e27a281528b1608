"""Commands for what all members agree on: to end it another way, to give more time; and to begin without the others."""

from __future__ import annotations

from pathlib import Path

import click

from pyledger.cli.options import Where, answers, as_option, deal_argument, key_options, network_options, output_option
from pyledger.cli.output import Screen

__all__ = ["dissolve", "enter", "extend"]

_offline = click.option(
    "--offline", is_flag=True, help="Only sign: print a consent that others can join, and anybody can `submit`."
)
_out = output_option("With --offline: write to FILE.")
_expires = click.option(
    "--expires",
    metavar="TIME",
    help='"7 days" or a date; after it the consent is worth nothing (default: 30 days from now).',
)


@click.command()
@deal_argument
@as_option(help="Who sends it and pays the gas (anyone may).")
@network_options
@key_options
@answers
def enter(deal: str, role: str | None, where: Where, screen: Screen) -> None:
    """Begin without those who have not joined, once the time to join is over and enough have.

    Whoever is not in owes nothing and is owed nothing. Where the document says `accession` it can still `accept`, and
    is bound from the next phase on.
    """
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.signers import any_signer
    from pyledger.terms.state import Status

    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection)
        if found.agreement.state().status is Status.IN_FORCE:
            report(screen, found, (), already=["the agreement is in force already"])
            return
        signer = any_signer(role, found.reader, connection.chain_id, where)
        with found.speaking():
            receipt = found.agreement.enter(signer)
        report(screen, found, [receipt])


@click.command()
@deal_argument
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option(
    "--split",
    "splits",
    multiple=True,
    metavar="ASSET:ROLE=SHARE,...",
    help="Who gets which share of all that is held of an asset, such as usd:city=60%,builder=40%; can be repeated.",
)
@as_option(multiple=True, help="The member that agrees; can be repeated.")
@_offline
@_out
@_expires
@network_options
@key_options
@answers
def dissolve(
    deal: str,
    files: tuple[Path, ...],
    splits: tuple[str, ...],
    roles: tuple[str, ...],
    offline: bool,
    output: Path | None,
    expires: str | None,
    where: Where,
    screen: Screen,
) -> None:
    """End the agreement because all members want to, everything held being split as they say.

    FILE is a draft of the splits, or what other members have signed: then you agree to just that. A draft reads like

      splits: {usd: {city: 60%, builder: 40%}}

    With --offline you only sign, and hand the file to the next; the last of them, or anybody with `submit`, sends it.
    What is held are the members' bonds and the payments in escrow.
    """
    from pyledger.cli.consenting import Splits, agree

    agree(deal, files, Splits(splits, expires), roles, offline, output, where, screen)


@click.command()
@deal_argument
@click.argument("what", nargs=-1, required=True, metavar="NAME|FILE...")
@click.option("--by", "longer", metavar="TIME", help='How much more time, such as "30 days".')
@click.option("--until", metavar="DATE", help="Until when instead; for an obligation, when silence decides it.")
@click.option("--payment", "kind", flag_value="payment", help="NAME is a payment, where an obligation has it too.")
@click.option(
    "--obligation", "kind", flag_value="obligation", help="NAME is an obligation, where a payment has it too."
)
@as_option(multiple=True, help="The member that agrees; can be repeated.")
@_offline
@_out
@_expires
@network_options
@key_options
@answers
def extend(
    deal: str,
    what: tuple[str, ...],
    longer: str | None,
    until: str | None,
    kind: str | None,
    roles: tuple[str, ...],
    offline: bool,
    output: Path | None,
    expires: str | None,
    where: Where,
    screen: Screen,
) -> None:
    """Give an obligation or a payment of the phase at hand more time, because all members agree.

    NAME is the obligation, or the payment that is still to be funded, with --by or --until; or give the FILEs that
    other members have signed: then you agree to just that. With --offline you only sign, and hand the file to the next.
    """
    from pyledger.cli.consenting import MoreTime, agree
    from pyledger.errors import UsageError

    if longer is None and until is None:
        if not any(Path(each).exists() for each in what) and all(Path(each).suffix == "" for each in what):
            raise UsageError(
                f"how much more time {' and '.join(what)} shall have is not said", hint='add --by "30 days"'
            )
        agree(deal, tuple(map(Path, what)), MoreTime("", None, None, expires), roles, offline, output, where, screen)
        return
    if len(what) != 1 or (longer is not None and until is not None):
        raise UsageError(
            "more time is given to one thing at a time, and said in one way",
            hint='for example: pyledger extend DEAL NAME --by "30 days" --as MEMBER',
        )
    agree(deal, (), MoreTime(what[0], longer, until, expires, kind), roles, offline, output, where, screen)
