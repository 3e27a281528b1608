"""Commands for seats at a table: tokens that are there while an agreement says so."""

from __future__ import annotations

import click

from pyledger.cli.lazy import Group
from pyledger.cli.options import Where, answers, as_option, deal_argument, key_options, network_options
from pyledger.cli.output import Screen

__all__ = ["seats"]

_benefit = click.option("--benefit", required=True, metavar="ID", help="The benefit whose holders have a seat.")


@click.group(cls=Group)
def seats() -> None:
    """Keep seats at a table as tokens that cannot be moved, and see who has one.

    A seat (ERC-721, ERC-5192) belongs to a party that a benefit is for, while the agreement entitles it. Other
    contracts can ask who has one: the answer follows from the agreement's state, whether or not anybody has updated it.
    """


@seats.command()
@deal_argument
@_benefit
@network_options
@answers
def show(deal: str, benefit: str, where: Where, screen: Screen) -> None:
    """Show who has a seat, and where the seats are. They need not have been created."""
    from pyledger.cli.seating import show_seats

    show_seats(deal, benefit, where, screen)


@seats.command()
@deal_argument
@_benefit
@as_option(help="Who sends it and pays the gas (anyone may).")
@network_options
@key_options
@answers
def update(deal: str, benefit: str, role: str | None, where: Where, screen: Screen) -> None:
    """Give a seat to every party that is entitled, and take those away whose time has ended.

    The first time this creates the seats; their address follows from the agreement and the benefit. When the agreement
    has moved on to another phase, it brings that phase. Doing it again changes nothing.
    """
    from pyledger.cli.seating import update_seats

    update_seats(deal, benefit, role, where, screen)
