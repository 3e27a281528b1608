"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pyledger.chain.anvil import Anvil


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    """One local chain for the whole run; take a snapshot and revert to it to leave no trace."""
    with Anvil(timestamp=1_800_000_000) as chain:
        yield chain
