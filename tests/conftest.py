"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from pyledger.chain.anvil import Anvil

# The same examples each time, so that one commit is either good or bad. `PYLEDGER_RANDOM=1` draws anew.
settings.register_profile("repeatable", derandomize=True, database=None)
if not os.environ.get("PYLEDGER_RANDOM"):
    settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    """One local chain for the whole run; take a snapshot and revert to it to leave no trace."""
    with Anvil(timestamp=1_800_000_000) as chain:
        yield chain
