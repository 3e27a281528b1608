"""Identities for anonymous ballots, and the program that proves whose they are not."""

from __future__ import annotations

from pyledger.chain.ballots_kept import new_secret
from pyledger.chain.ballots_prover import Prover
from pyledger.cli.balloting_seats import identities
from pyledger.cli.home import home
from pyledger.cli.options import Where
from pyledger.cli.output import Screen
from pyledger.cli.signers import passphrase

__all__ = ["install_prover", "make_identity", "prover"]


def prover() -> Prover:
    """What proves membership."""
    return Prover(home() / "prover")


def install_prover(screen: Screen) -> None:
    """Install it unless it is there."""
    place = prover()
    new = place.install()
    screen.data({"new": new, "folder": str(place.folder)})
    screen.say(f"the prover is {'installed' if new else 'there already'}, in {place.folder}")


def make_identity(name: str, where: Where, screen: Screen) -> None:
    """Make an identity and say its commitment."""
    secret = new_secret()
    commitment = prover().commitment(secret)
    file = identities().create(name, commitment, secret, passphrase(where, confirm=True)(name))
    screen.data({"name": name, "commitment": str(commitment), "file": str(file)})
    screen.say(f"{name} is {commitment}")
    screen.say("give that number to whoever deploys the ballot; the file stays here, and cannot be recovered", "dim")
