"""Commands of those who take a seat of a panel together: they vote in secret, and the seat says what they found."""

from __future__ import annotations

from pathlib import Path

import click

from pyledger.cli.lazy import Group
from pyledger.cli.options import (
    Where,
    answers,
    as_option,
    bindings_options,
    deal_argument,
    key_options,
    network_option,
    network_options,
    obligation_argument,
    output_option,
    password_option,
)
from pyledger.cli.output import Screen

__all__ = ["ballot"]

_seat_option = click.option("--seat", metavar="NAME", help="The seat that is meant, where a panel has several ballots.")


@click.group(cls=Group)
def ballot() -> None:
    """Decide as several who vote in secret: make a seat of a panel for them, vote, and have the votes counted.

    Ballots are committed, hidden, in a first window, and revealed in a second; what more than half of those who
    revealed have found is then the seat's attestation. See docs/ballots.md.
    """


@ballot.command()
@deal_argument
@click.argument("seat")
@click.option(
    "--voter",
    "voters",
    multiple=True,
    required=True,
    metavar="WHO",
    help="An address, a key of yours, or on a local chain any name; with --anonymous the commitment of an identity, or "
    "an identity of yours. Three to 32 times.",
)
@click.option("--anonymous", is_flag=True, help="Nobody learns who voted what, nor who voted: voters are identities.")
@click.option(
    "--from", "start", required=True, metavar="TIME", help='When voting begins, after the phase opened: "20 days".'
)
@click.option("--commit-for", required=True, metavar="TIME", help="How long ballots can be committed.")
@click.option("--reveal-for", required=True, metavar="TIME", help="How long after that they can be revealed.")
@click.option("--only", multiple=True, metavar="OBLIGATION", help="Vote on this (default: all that the seat decides).")
@click.option("--quorum", type=click.IntRange(min=3), metavar="N", help="How many must reveal (default: most of them).")
@click.option(
    "--deposit", default="0", show_default=True, metavar="AMOUNT", help="What each ballot costs until revealed."
)
@click.option("--forfeit-to", metavar="WHO", help="Who gets deposits of ballots that nobody revealed: no voter.")
@output_option("Write bindings with the seat in them.")
@bindings_options
@key_options
@answers
def deploy(
    deal: str,
    seat: str,
    voters: tuple[str, ...],
    anonymous: bool,
    start: str,
    commit_for: str,
    reveal_for: str,
    only: tuple[str, ...],
    quorum: int | None,
    deposit: str,
    forfeit_to: str | None,
    output: Path | None,
    where: Where,
    screen: Screen,
) -> None:
    """Put a ballot on a chain, to be a document's SEAT.

    It comes before the agreement, whose terms name it as the verifier SEAT. Voters, windows, quorum and deposit are
    fixed for good, and its address follows from them. The windows are the same in each phase, counted from its opening.
    Deploying the same again changes nothing.
    """
    from pyledger.cli.balloting_rules import Rules, make_ballot

    rules = Rules(seat, voters, anonymous, (start, commit_for, reveal_for), only, quorum, deposit, forfeit_to)
    make_ballot(deal, rules, output, where, screen)


@ballot.command(name="open")
@deal_argument
@obligation_argument
@_seat_option
@as_option(help="Who sends it and pays the gas (anyone may).")
@network_options
@key_options
@answers
def open_(deal: str, obligation: str, seat: str | None, role: str | None, where: Where, screen: Screen) -> None:
    """Start the round on OBLIGATION.

    Once its phase is at hand. The windows are the same whoever does it, and whenever.
    """
    from pyledger.cli.balloting_rounds import open_round

    open_round(deal, obligation, seat, role, where, screen)


@ballot.command()
@deal_argument
@obligation_argument
@as_option(
    required=True, help="The voter: an address, a key of yours, or its name; of an anonymous ballot an identity."
)
@click.option(
    "--ballot", "file", type=click.Path(path_type=Path), metavar="FILE", help="Take it from a file, or - for input."
)
@output_option("Write what a relayer is to send; send nothing.")
@_seat_option
@network_options
@key_options
@answers
def commit(
    deal: str,
    obligation: str,
    role: str,
    file: Path | None,
    output: Path | None,
    seat: str | None,
    where: Where,
    screen: Screen,
) -> None:
    """Vote on OBLIGATION, hidden. What you vote is asked for, or read from a file: `met`, or `met 0.5` with a value.

    It is no argument, so that it stays out of the shell's history. Ballot and salt are kept with your keys, sealed by
    the passphrase of the key: without them it cannot be revealed. A ballot cannot be changed.
    """
    from pyledger.cli.balloting_votes import commit_vote

    commit_vote(deal, obligation, role, file, output, seat, where, screen)


@ballot.command()
@deal_argument
@obligation_argument
@as_option(required=True, help="The voter, as it committed.")
@output_option("Write what a relayer is to send; send nothing.")
@_seat_option
@network_options
@key_options
@answers
def reveal(
    deal: str, obligation: str, role: str, output: Path | None, seat: str | None, where: Where, screen: Screen
) -> None:
    """Show what you voted on OBLIGATION.

    In the second window; anybody can read it from then on.
    """
    from pyledger.cli.balloting_votes import reveal_vote

    reveal_vote(deal, obligation, role, output, seat, where, screen)


@ballot.command()
@click.argument("file", type=click.Path(path_type=Path))
@network_option
@key_options
@answers
def relay(file: Path, where: Where, screen: Screen) -> None:
    """Send what a voter wrote with --output.

    So the voter's own account is not seen. What it says cannot be changed on the way.
    """
    from pyledger.cli.balloting_votes import relay_paper

    relay_paper(file, where, screen)


@ballot.command()
@deal_argument
@obligation_argument
@_seat_option
@as_option(help="Who sends it and pays the gas (anyone may).")
@output_option("Write the attestation; relay nothing.")
@network_options
@key_options
@answers
def tally(
    deal: str,
    obligation: str,
    seat: str | None,
    role: str | None,
    output: Path | None,
    where: Where,
    screen: Screen,
) -> None:
    """Count the votes on OBLIGATION, and relay the result.

    What was found is the seat's attestation. With --output it is written, to be submitted with those of other seats.
    Without a majority, or of fewer than the quorum, nothing is found and the seat stays silent. Doing it again changes
    nothing.
    """
    from pyledger.cli.balloting_rounds import tally_round

    tally_round(deal, obligation, seat, role, output, where, screen)


@ballot.command()
@deal_argument
@obligation_argument
@as_option(required=True, help="The voter whose deposit it is.")
@click.option("--to", metavar="WHO", help="Where it goes (default: to the voter).")
@_seat_option
@network_options
@key_options
@answers
def withdraw(
    deal: str, obligation: str, role: str, to: str | None, seat: str | None, where: Where, screen: Screen
) -> None:
    """Take back the deposit of a ballot that you have revealed."""
    from pyledger.cli.balloting_rounds import withdraw_deposit

    withdraw_deposit(deal, obligation, role, to, seat, where, screen)


@ballot.command()
@deal_argument
@obligation_argument
@as_option(help="Who sends it and pays the gas (anyone may).")
@_seat_option
@network_options
@key_options
@answers
def forfeit(deal: str, obligation: str, role: str | None, seat: str | None, where: Where, screen: Screen) -> None:
    """Send on the deposits of unrevealed ballots.

    They go to the account that was fixed beforehand, once the time to reveal is over.
    """
    from pyledger.cli.balloting_rounds import forfeit_deposits

    forfeit_deposits(deal, obligation, role, seat, where, screen)


@ballot.command()
@deal_argument
@network_options
@answers
def show(deal: str, where: Where, screen: Screen) -> None:
    """Show the ballots of a deal and their rounds.

    Who votes, by which rules, and how each round stands.
    """
    from pyledger.cli.balloting_view import show_ballots

    show_ballots(deal, where, screen)


@ballot.command()
@click.argument("name")
@password_option
@answers
def identity(name: str, password_file: Path | None, screen: Screen) -> None:
    """Make an identity for anonymous ballots.

    It is called NAME here, and sealed with a passphrase. Others are given its commitment, a number, and nothing else.
    """
    from pyledger.cli.balloting_identities import make_identity

    make_identity(name, Where(password_file=password_file), screen)


@ballot.command()
@answers
def prover(screen: Screen) -> None:
    """Install what proves anonymous ballots.

    Semaphore's libraries and proving keys, with npm (400 MB). Only voters need it.
    """
    from pyledger.cli.balloting_identities import install_prover

    install_prover(screen)
