"""What a server is told when it starts: a value that travels to every worker."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Which store, and which contracts of which chain are shown from it.

    `store` is the path of an SQLite file or the URL of a PostgreSQL database. `network` is what the network is called,
    `chain_id` None where it is not known before the node is asked. `factory` and `implementation` are addresses (20
    bytes) that follow from the contracts that this pyledger ships. `listeners` is how many event streams a worker
    keeps open at most.
    """

    store: str
    network: str
    chain_id: int | None
    factory: bytes
    implementation: bytes
    listeners: int = 500
