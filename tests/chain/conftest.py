"""A deal on a real node: two parties, a fund, a panel of three, one token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil, revert, snapshot
from pyledger.chain.arbitration import CourtPlan, create_court
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import Places, deploy
from pyledger.chain.networks import Network
from pyledger.terms.structs import Terms
from tests.chain.deals import (
    FEE,
    FUND,
    JUDGES,
    LATECOMER,
    PAYER,
    WORKER,
    Deal,
    contested,
    dev,
    make_token,
    mint,
    two_phases,
)


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
    connection.request("anvil_setBalance", "0x" + LATECOMER.address.hex(), hex(10**20))  # Anvil's own are the first ten
    for account in (PAYER, WORKER, LATECOMER):
        mint(connection, made, account, 1_000_000)
    return made


@pytest.fixture(scope="session")
def court(connection: Connection) -> bytes:
    """A court of three judges of whom two must sign."""
    plan = CourtPlan(tuple(each.address for each in JUDGES), 2, FEE, FUND.address)
    return create_court(connection, dev(0), plan)[0].address


@pytest.fixture
def clean(anvil: Anvil, places: Places, token: bytes, court: bytes) -> Iterator[None]:
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
def disputed(clean: None, connection: Connection, places: Places, token: bytes, court: bytes, anvil: Anvil) -> Deal:
    """An agreement under a court, in force, its payments in escrow."""
    terms = contested(connection.latest_time(), token, court)
    agreement = Agreement(connection, terms, places)
    agreement.open(dev(0))
    agreement.accept(PAYER)
    agreement.accept(WORKER)
    agreement.fund(PAYER, [0, 1])
    return Deal(agreement, anvil.url)


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
