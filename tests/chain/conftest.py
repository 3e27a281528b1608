"""A deal on a real node: two parties, a fund, a panel of three, one token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil, revert, snapshot
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import Places, deploy
from pyledger.chain.networks import Network
from pyledger.terms.structs import Terms
from tests.chain.deals import PAYER, WORKER, Deal, dev, make_token, mint, two_phases


@pytest.fixture(scope="session")
def connection(anvil: Anvil) -> Iterator[Connection]:
    with connect(Network("local", anvil.url, anvil.chain_id)) as made:
        yield made


@pytest.fixture(scope="session")
def places(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Places:
    return deploy(connection, dev(0), directory=tmp_path_factory.mktemp("deployments")).places


@pytest.fixture(scope="session")
def token(connection: Connection) -> bytes:
    made = make_token(connection)
    for account in (PAYER, WORKER):
        mint(connection, made, account, 1_000_000)
    return made


@pytest.fixture
def clean(anvil: Anvil, places: Places, token: bytes) -> Iterator[None]:
    """What the test does to the chain is undone."""
    name = snapshot(anvil.url)
    yield
    revert(anvil.url, name)


@pytest.fixture
def terms(connection: Connection, token: bytes) -> Terms:
    return two_phases(connection.latest_time(), token)


@pytest.fixture
def deal(clean: None, connection: Connection, places: Places, terms: Terms, anvil: Anvil) -> Deal:
    """The agreement, not yet opened."""
    return Deal(Agreement(connection, terms, places), anvil.url)


@pytest.fixture
def in_force(deal: Deal) -> Deal:
    """The agreement, opened and accepted by both."""
    deal.agreement.open(dev(0))
    deal.agreement.accept(PAYER)
    deal.agreement.accept(WORKER)
    return deal


@pytest.fixture
def keys_folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"
