"""Agreements that give access to a service, made on a local chain in one line."""

from __future__ import annotations

from dataclasses import dataclass

from pyledger.chain.anvil import Anvil, block_time, warp
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.deployments import Places
from pyledger.chain.keys import Signer
from pyledger.chain.local import bind_locally, local_signer, operator
from pyledger.document import Document, loads
from pyledger.gateway.client import Entrance
from pyledger.gateway.reading import Guarded
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.structs import Verdict

ACCESS = """
pyledger: 1
title: Access for restraint
parties:
  provider: {name: Provider}
  host: {name: Host}
  guest: {name: Guest}
panels: {council: {verifiers: [inspector], threshold: 1}}
benefits:
  api:
    what: Queries to the model
    from: provider
    to: [host, guest]
    cluster: other
    phase: access
    verified_by: opened
    tangibility: metered_access
    revocability: {class: revocable_with_notice, by: council, notice: 1 day, grounds: Misuse}
    monitoring: MONITORING
    throttle: THROTTLE
join_within: 10 days
long_stop_after: 90 days
phases:
  - id: access
    obligations:
      opened: {by: provider, what: It is opened, within: 30 days, decided_by: council, if_silent: breach}
      host-keeps: {by: host, what: No misuse, within: 60 days, decided_by: council, if_silent: met}
      guest-keeps: {by: guest, what: No misuse, within: 60 days, decided_by: council, if_silent: met}
      provider-keeps:
        {by: provider, what: Stays open, within: 60 days, decided_by: council, if_silent: met, material: true}
"""

HOST_KEEPS, GUEST_KEEPS, PROVIDER_KEEPS = 1, 2, 3


@dataclass
class House:
    """An agreement in force by which host and guest have access."""

    connection: Connection
    document: Document
    names: Names
    agreement: Agreement
    bindings: Bindings

    def signer(self, name: str) -> Signer:
        return local_signer(self.bindings, name, chain_id=self.connection.chain_id)

    def entrance(self, name: str = "host") -> Entrance:
        return Entrance(self.signer(name), self.connection.chain_id, self.agreement.address, "api")

    def guarded(self) -> Guarded:
        return Guarded(self.document, self.names, self.agreement.terms, self.agreement.address, "api")

    def breach(self, name: str = "host") -> int:
        """A party concedes misuse; the number of the block."""
        obligation = {"host": HOST_KEEPS, "guest": GUEST_KEEPS, "provider": PROVIDER_KEEPS}[name]
        return self.agreement.concede(self.signer(name), obligation).block

    def find(self, name: str, verdict: Verdict) -> None:
        """The inspector finds what a party has done."""
        obligation = {"host": HOST_KEEPS, "guest": GUEST_KEEPS, "provider": PROVIDER_KEEPS}[name]
        self.agreement.attest_self(self.signer("inspector"), obligation, verdict)


def build_house(
    node: Anvil,
    connection: Connection,
    places: Places,
    *,
    monitoring: str = "minimal",
    throttle: str = "{}",
    joined: bool = True,
) -> House:
    """An agreement whose document says this of monitoring and throttle; in force if its parties have joined."""
    warp(node.url, to=block_time(node.url) + 3600)  # what opens in the same second is the same agreement
    document = loads(ACCESS.replace("MONITORING", monitoring).replace("THROTTLE", throttle), file="access.yaml")
    bindings = bind_locally(connection, document)
    names = Names.of(document, bindings)
    agreement = Agreement(connection, compile_terms(document, bindings), places, names=names)
    house = House(connection, document, names, agreement, bindings)
    agreement.open(operator(connection))
    for name in document.parties if joined else ():
        agreement.accept(house.signer(name))
    return house
