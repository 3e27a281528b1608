"""A deal on a real node: two parties, a fund, a panel of three, one token."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.chain.arbitration import CourtPlan, create_court
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.deployments import Places
from pyledger.terms.structs import Terms
from pyledger.testing import Chain
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
def connection(chain: Chain) -> Connection:
    return chain.connection


@pytest.fixture(scope="session")
def places(chain: Chain) -> Places:
    return chain.places


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
def clean(token: bytes, court: bytes) -> None:
    """The contracts, a token and a court are there; what the test does to the chain is undone."""


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
