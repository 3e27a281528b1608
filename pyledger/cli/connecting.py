"""The node that a command means: apart from what is done there, as reading a store needs no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pyledger.chain.background import background_status
from pyledger.chain.connect import Connection, connect
from pyledger.chain.networks import LOCAL, Network, resolve_network
from pyledger.cli.home import chain_folder, project_file, user_file
from pyledger.cli.options import Where
from pyledger.errors import NodeError

__all__ = ["connected", "meant_network"]


@contextmanager
def connected(where: Where, named: str | None = None) -> Iterator[Connection]:
    """The node that is meant, checked; where none answers, what is wrong with the document `named` comes first."""
    try:
        found = connect(meant_network(where))
    except NodeError:
        from pyledger.cli.papers import as_address, read_document

        if named is not None and as_address(named) is None:
            read_document(named)
        raise
    with found as connection:
        yield connection


def meant_network(where: Where) -> Network:
    """The network that is meant; the local one is where the chain in the background answers."""
    network = resolve_network(where.network, project=project_file(), user=user_file())
    if network == LOCAL and (running := background_status(chain_folder())):
        return replace(network, url=running.url)
    return network
