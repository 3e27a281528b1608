"""The prover of anonymous ballots, installed once for all tests, in `build`."""

from __future__ import annotations

import fcntl
from functools import cache

from pyledger.chain.ballots_prover import Prover
from tests.walkthrough import ROOT

__all__ = ["installed_prover"]


@cache
def installed_prover() -> Prover:
    """As `pyledger ballot prover` installs it."""
    prover = Prover(ROOT / "build" / "prover")
    prover.folder.mkdir(parents=True, exist_ok=True)
    with (prover.folder.parent / "prover.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        prover.install()
    return prover
