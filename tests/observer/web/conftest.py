"""Agreements played once on a real chain, and servers that show them: over SQLite and over PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import insert, select

from pyledger.chain.anvil import Anvil
from pyledger.chain.deployments import places
from pyledger.ledger.store import open_store
from pyledger.ledger.tables import METADATA, MIGRATION
from pyledger.observer.web.settings import Settings
from pyledger.observer.web.window import Window
from tests.browser.stage import Played, Stage, play_all
from tests.ledger.conftest import Places, postgresql  # noqa: F401 - a fixture
from tests.observer.web.server import Server, serving


class Scene(NamedTuple):
    """A chain on which agreements were played, the store that knows their documents, and their addresses."""

    chain: Anvil
    stage: Stage
    store: Path
    played: Played


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    with Anvil(timestamp=1_800_000_000) as chain:
        stage = Stage(folder, chain.url)
        played = play_all(stage)
        stage("sync")
        yield Scene(chain, stage, folder / "home" / "ledger.db", played)


def copied(store: Path, target: str | Path) -> str:
    """The same rows in a store of another kind, or in another file."""
    with open_store(store) as source, open_store(target) as made, source.reading() as read, made.writing() as write:
        for table in METADATA.sorted_tables:
            rows = [row._asdict() for row in read.execute(select(table))]
            if rows and table is not MIGRATION:
                write.execute(insert(table), rows)
    return str(target)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store of each kind, with all that was played."""
    if request.param == "postgresql":
        make: Places = request.getfixturevalue("postgresql")
        return copied(scene.store, make())
    return copied(scene.store, tmp_path_factory.mktemp("store") / "ledger.db")


@pytest.fixture(scope="session")
def server(scene: Scene, place: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two workers over that store, the node followed beside them."""
    folder = tmp_path_factory.mktemp("server")
    with serving(folder, scene.chain.url, "--workers", "2", "--metrics-port", "0", store=place) as made:
        made.node_until(lambda node: node["reading"] == "live")
        yield made
        assert [line for line in made.log() if line["level"] == "error"] == []


@pytest.fixture(scope="session")
def window(scene: Scene, place: str) -> Iterator[Window]:
    """The same store, read in this process."""
    where = places()
    settings = Settings(place, "custom", scene.chain.chain_id, where.factory, where.implementation)
    with open_store(place) as store:
        yield Window(store, settings)
