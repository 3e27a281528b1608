"""Histories of the settlement model played on a throwaway chain through the real client, and every balance compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from pyledger.analysis.acts import Act
from pyledger.analysis.stand_ins import Deal, deal_of
from pyledger.chain.anvil import Anvil, revert, snapshot, warp
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import check_code, create, factory_code, places
from pyledger.chain.keys import Signer
from pyledger.chain.local import bind_locally, local_signer, operator
from pyledger.chain.networks import LOCAL_CHAIN_ID, Network
from pyledger.chain.tokens import token_balance
from pyledger.cli.performing import Gains, Performed, perform
from pyledger.document import Document
from pyledger.terms.bindings import Bindings
from pyledger.terms.state import Status
from pyledger.terms.structs import NATIVE

__all__ = ["Compared", "Difference", "Playhouse", "Theatre", "playhouse", "theatre"]

_DAWN: Final = 1
"""When the chain of a playhouse begins, in Unix seconds: before any deal."""

_FREE_GAS = ("--block-base-fee-per-gas", "0", "--gas-price", "0")
"""So that balances of coin change by what the agreement moves, and by nothing else."""


class Difference(NamedTuple):
    """Where chain and model differ: smallest units of an asset by name."""

    who: str
    asset: str
    model: int
    chain: int


class Compared(NamedTuple):
    """One history on the chain: how it ended there, how many transactions it took, and where it differs."""

    status: Status | None
    transactions: int
    differences: tuple[Difference, ...]
    refused: str = ""

    @property
    def equal(self) -> bool:
        """Whether the chain did to the last unit what the model said."""
        return not self.differences and not self.refused


@dataclass
class Theatre:
    """A chain with the contracts, development accounts, tokens and court of a document; played on again and again."""

    connection: Connection
    bindings: Bindings
    deal: Deal

    def play(self, acts: Sequence[Act], status: Status, gains: Gains) -> Compared:
        """Acts of this theatre's deal, from the beginning; then the chain is as it was before."""
        performed = self.perform(acts)
        if performed.end is None:
            return Compared(None, performed.transactions, (), performed.refused)
        facts = performed.end.facts
        differences = tuple(
            Difference(who, what, gains.get((who, what), 0), facts.gains.get((who, what), 0))
            for who, what in dict.fromkeys((*gains, *facts.gains))
            if gains.get((who, what), 0) != facts.gains.get((who, what), 0)
        )
        ended = facts.status
        wrong = f"it is {ended.name.lower()} there, not {status.name.lower()}" if ended is not status else ""
        return Compared(ended, performed.transactions, differences, wrong)

    def perform(self, acts: Sequence[Act]) -> Performed:
        """The same, with all that was seen on the way."""
        mark = snapshot(self.connection.network.url)
        try:
            return perform(self, acts)
        finally:
            revert(self.connection.network.url, mark)

    def signer(self, role: str) -> Signer:
        """The development account of a role."""
        return local_signer(self.bindings, role, chain_id=LOCAL_CHAIN_ID)

    def balances(self) -> dict[tuple[str, str], int]:
        """What parties and recipients have of every asset."""
        names = self.deal.names
        people = [*self.bindings.parties, *self.bindings.recipients]
        assets = names.assets.items()
        return {(who, what): self._balance(names.accounts[who], asset) for who in people for what, asset in assets}

    def _balance(self, account: bytes, asset: bytes) -> int:
        return self.connection.balance(account) if asset == NATIVE else token_balance(self.connection, asset, account)


class Playhouse:
    """A chain of its own with the contracts on it, on which one deal after another is staged."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def staging(self, document: Document, *, start: int) -> Iterator[Theatre]:
        """A theatre whose clock begins at `start` (Unix seconds); afterwards the chain is as it was before."""
        url = self.connection.network.url
        mark = snapshot(url)
        try:
            if start > self.connection.latest_time():
                warp(url, to=start)
            bindings = bind_locally(self.connection, document)
            yield Theatre(self.connection, bindings, deal_of(document, bindings))
        finally:
            revert(url, mark)


@contextmanager
def playhouse() -> Iterator[Playhouse]:
    """A playhouse on a chain whose clock begins in 1970; nothing is left of it."""
    with (
        Anvil(timestamp=_DAWN, extra=_FREE_GAS) as anvil,
        connect(Network("throwaway", anvil.url, LOCAL_CHAIN_ID)) as connection,
    ):
        where, deployer = places(), operator(connection)
        create(connection, deployer, where.recourse, load_artifact("Recourse").bytecode)
        create(connection, deployer, where.factory, factory_code(where.recourse))
        check_code(connection, where)
        yield Playhouse(connection)


@contextmanager
def theatre(document: Document, *, start: int) -> Iterator[Theatre]:
    """A theatre on a chain of its own, whose clock begins at `start` (Unix seconds); nothing is left of it."""
    with playhouse() as house, house.staging(document, start=start) as stage:
        yield stage
