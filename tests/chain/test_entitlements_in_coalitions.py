"""Who is entitled where some may never join: the same by the view contract, by `rights` and by the gateway."""

from __future__ import annotations

import pytest

from pyledger.chain.anvil import Anvil, block_time, warp
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.deployments import Places
from pyledger.chain.entitlements import Condition, brought, conditions_of, create_entitlements, entitled_until
from pyledger.chain.keys import Signer
from pyledger.chain.local import bind_locally, local_signer, operator
from pyledger.document import loads
from pyledger.document.units import DAY
from pyledger.gateway.reading import Guarded, NodeReader
from pyledger.ledger.past import past
from pyledger.observer.rights import Entitlement, entitlements
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names

FOR_GOOD = (1 << 256) - 1

COALITION = """
pyledger: 1
title: Three share what they have
assets: {usd: {symbol: USDX, decimals: 6}}
parties:
  north: {name: North, bond: {amount: 100, asset: usd}, forfeits_to: south}
  south: {name: South, bond: {amount: 100, asset: usd}, forfeits_to: north}
  east: {name: East, bond: {amount: 100, asset: usd}, forfeits_to: north}
recipients: {library: {name: Library}}
panels: {council: {verifiers: [a, b, c], threshold: 2}}
min_parties: 2
accession: true
join_within: 10 days
long_stop_after: 3 years
benefits:
  sight: {what: Logs, from: north, to: south, LEVERS}
  model: {what: Queries, from: east, to: south, LEVERS}
  tools: {what: Tools, from: north, to: east, LEVERS}
  books: {what: Books, from: library, to: south, LEVERS}
phases:
  - id: first
    obligations:
      quiet: {by: north, what: The peace is kept, within: 30 days, decided_by: council, if_silent: met, forfeit: 0%}
  - id: second
    obligations:
      opened: {by: east, what: It is opened, within: 30 days, decided_by: council, if_silent: met, forfeit: 0%}
"""
"""East may never join. North and south give and get as members; the library signs nothing, and gives by being named."""

LEVERS = "cluster: seat, verified_by: quiet, tangibility: service, revocability: {class: degradable, by: north}"

SOUTH, EAST = 0b010, 0b100


class Coalition:
    """The agreement on a node, asked of all three at once."""

    def __init__(self, connection: Connection, places: Places, node: Anvil) -> None:
        self.connection, self.node = connection, node
        self.document = loads(COALITION.replace("LEVERS", LEVERS), file="coalition")
        self.bindings = bind_locally(connection, self.document)
        self.names = Names.of(self.document, self.bindings)
        self.terms = compile_terms(self.document, self.bindings)
        self.agreement = Agreement(connection, self.terms, places, names=self.names)
        self.view = create_entitlements(connection, operator(connection))
        self.since = connection.block().number

    def signer(self, name: str) -> Signer:
        return local_signer(self.bindings, name, chain_id=self.connection.chain_id)

    def by_contract(self, benefit: str, holder: bytes) -> int:
        told = brought(self.terms, self.agreement.state())
        conditions = conditions_of(self.document, self.names, benefit)
        return entitled_until(self.connection, self.view, self.agreement.address, told, holder, conditions)

    def by_rights(self, benefit: str) -> Entitlement:
        events = self.agreement.events()
        times = {event.origin.block: self.connection.block(event.origin.block).time for event in events}
        state, now = self.agreement.state(), block_time(self.node.url)
        found = entitlements(self.document, self.names, self.terms, state, past(events, times), now)
        (one,) = (each for each in found if each.benefit == benefit)
        return one

    def by_gateway(self, benefit: str, holder: bytes) -> bool:
        guarded = Guarded(self.document, self.names, self.terms, self.agreement.address, benefit, self.since)
        reading = NodeReader(self.connection, guarded).read()
        assert reading is not None
        return reading.holders[holder].holds

    def hold(self) -> set[str]:
        """The benefits that hold, as all three say."""
        found = set()
        for name, benefit in self.document.benefits.items():
            (party,) = benefit.to
            holder, told = self.names.account(party), self.by_rights(name)
            until = (told.until or FOR_GOOD) if told.holds else 0
            assert (self.by_contract(name, holder), self.by_gateway(name, holder)) == (until, told.holds), name
            found |= {name} if told.holds else set()
        return found

    def later(self, days: int) -> None:
        warp(self.node.url, to=block_time(self.node.url) + days * DAY)


@pytest.fixture
def coalition(clean: None, connection: Connection, places: Places, anvil: Anvil) -> Coalition:
    """In force by north and south; east has not joined."""
    made = Coalition(connection, places, anvil)
    anyone = operator(connection)
    made.agreement.open(anyone)
    for name in ("north", "south"):
        made.agreement.accept(made.signer(name))
    made.later(11)
    made.agreement.enter(anyone)
    return made


def test_conditions_name_who_gives(coalition: Coalition) -> None:
    told = {name: conditions_of(coalition.document, coalition.names, name) for name in coalition.document.benefits}
    assert told == {
        "sight": (Condition(SOUTH, 0b001, 0), Condition(SOUTH, 0b001, 1)),
        "model": (Condition(SOUTH, EAST, 0), Condition(SOUTH, EAST, 1)),
        "tools": (Condition(EAST, 0b001, 0), Condition(EAST, 0b001, 1)),
        "books": (Condition(SOUTH, 0, 0), Condition(SOUTH, 0, 1)),
    }


def test_nobody_is_entitled_to_what_somebody_gives_who_never_joins(coalition: Coalition) -> None:
    assert coalition.hold() == {"sight", "books"}
    assert coalition.by_rights("model").why == "east is no member, and bound to nothing"
    coalition.later(31)
    coalition.agreement.settle(operator(coalition.connection))
    assert coalition.hold() == {"sight", "books"}, "nor in the next phase"


def test_it_begins_with_the_phase_that_binds_who_gives_it(coalition: Coalition) -> None:
    coalition.agreement.accept(coalition.signer("east"))
    assert coalition.hold() == {"sight", "books"}, "east has joined, and is bound from the next phase on"
    coalition.later(31)
    coalition.agreement.settle(operator(coalition.connection))
    assert coalition.hold() == {"sight", "model", "tools", "books"}
