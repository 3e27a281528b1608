"""The prover of anonymous ballots, installed once for all tests, in `build`."""

from __future__ import annotations

from functools import cache

from pyledger.chain.ballots_prover import Prover
from tests.walkthrough import ROOT

__all__ = ["installed_prover"]


@cache
def installed_prover() -> Prover:
    """As `pyledger ballot prover` installs it."""
    prover = Prover(ROOT / "build" / "prover")
    prover.install()
    return prover
