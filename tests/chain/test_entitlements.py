"""Who is entitled, by the view contract and by `rights`: the same at every step of a deal, and as time passes."""

from __future__ import annotations

import pytest

from pyledger.chain.abi import Contract
from pyledger.chain.anvil import Anvil, block_time, warp
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.deployments import Places
from pyledger.chain.entitlements import (
    Condition,
    SeatsPlan,
    brought,
    conditions_of,
    create_entitlements,
    create_seats,
    entitled_until,
)
from pyledger.chain.events import Challenged
from pyledger.chain.keys import Signer
from pyledger.chain.local import bind_locally, local_signer, operator
from pyledger.chain.transactions import transact
from pyledger.document import gallery, loads
from pyledger.document.units import DAY
from pyledger.ledger.past import past
from pyledger.observer.rights import entitlements
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.structs import Verdict

DEAL = "monitored-model-access"
FOR_GOOD = (1 << 256) - 1


class Access:
    """The gallery's monitored access, asked of both at once."""

    def __init__(self, connection: Connection, places: Places, node: Anvil) -> None:
        self.connection, self.node = connection, node
        self.document = loads(gallery.read(DEAL), file=DEAL)
        self.bindings = bind_locally(connection, self.document)
        self.names = Names.of(self.document, self.bindings)
        self.terms = compile_terms(self.document, self.bindings)
        self.agreement = Agreement(connection, self.terms, places, names=self.names)
        self.view = create_entitlements(connection, operator(connection))

    def signer(self, name: str) -> Signer:
        return local_signer(self.bindings, name, chain_id=self.connection.chain_id)

    def by_contract(self, benefit: str) -> int:
        (holder,) = self.document.benefits[benefit].to
        conditions = conditions_of(self.document, self.names, benefit)
        told = brought(self.terms, self.agreement.state())
        account = self.names.account(holder)
        return entitled_until(self.connection, self.view, self.agreement.address, told, account, conditions)

    def by_rights(self, benefit: str) -> int:
        events = self.agreement.events()
        times = {event.origin.block: self.connection.block(event.origin.block).time for event in events}
        found = entitlements(
            self.document,
            self.names,
            self.terms,
            self.agreement.state(),
            past(events, times),
            block_time(self.node.url),
        )
        (one,) = (each for each in found if each.benefit == benefit)
        return (one.until or FOR_GOOD) if one.holds else 0

    def both(self) -> dict[str, bool]:
        """Whether each benefit that can be taken back holds; both must say the same, and until when."""
        told = {each: self.by_contract(each) for each in ("api", "hosted-model", "sight")}
        assert told == {each: self.by_rights(each) for each in told}
        return {each: bool(until) for each, until in told.items()}

    def council(self, obligation: str, verdict: Verdict) -> None:
        state = self.agreement.state()
        index = self.names.obligation(self.names.phases[state.phase], obligation)
        for seat in ("host-ministry", "home-agency", "hardware", "cloud", "union"):
            self.agreement.attest_self(self.signer(seat), index, verdict)

    def later(self, days: int) -> None:
        warp(self.node.url, to=block_time(self.node.url) + days * DAY)


@pytest.fixture
def access(clean: None, connection: Connection, places: Places, anvil: Anvil) -> Access:
    return Access(connection, places, anvil)


NONE = {"api": False, "hosted-model": False, "sight": False}
ACCESS = {"api": True, "hosted-model": False, "sight": True}


def in_access(access: Access) -> None:
    """Up to the second phase, its fee in escrow."""
    anyone = operator(access.connection)
    access.agreement.open(anyone)
    assert access.both() == NONE
    access.agreement.accept(access.signer("provider"))
    access.agreement.accept(access.signer("host"))
    assert access.both() == NONE
    for each in access.names.obligations[0]:
        access.council(each, Verdict.MET)
    access.later(15)
    access.agreement.settle(anyone)
    for index, name in enumerate(("provider", "host")):
        access.agreement.top_up(access.signer(name), index)
    access.agreement.fund(access.signer("host"), [0])


def test_both_say_the_same_at_every_step(access: Access) -> None:
    in_access(access)
    assert access.both() == ACCESS
    access.council("use-kept", Verdict.BREACHED)
    assert access.both() == ACCESS | {"api": False}, "as the verdict stands"
    use_kept = access.names.obligation("access", "use-kept")
    access.agreement.challenge(access.signer("host"), use_kept, max_fee=10**18)
    assert access.both() == ACCESS | {"api": False}
    (dispute,) = (each.dispute_id for each in access.agreement.events() if isinstance(each, Challenged))
    court = access.agreement.court()
    judge = access.signer("arbitral-court")
    court.rule(judge, [court.sign(judge, dispute, "met", expiry=access.terms.longStop)])
    assert access.both() == ACCESS, "overruled"
    access.council("access-opened", Verdict.MET)
    access.later(400)
    assert access.both() == ACCESS, "nothing was breached, and nobody has settled"


def test_both_end_it_with_time_alone(access: Access) -> None:
    in_access(access)
    access.later(50)
    assert access.both() == ACCESS | {"sight": False}, "the provider has not opened the interface"
    warp(access.node.url, to=access.terms.longStop + 1)
    assert access.both() == NONE


def test_a_seat_is_there_while_its_party_is_entitled(access: Access) -> None:
    in_access(access)
    host, seats = access.signer("host"), Contract(load_artifact("Seats").abi)
    conditions = conditions_of(access.document, access.names, "api")
    assert conditions == (Condition(parties=0b10, givers=0b01, phase=1),)
    plan = SeatsPlan(access.agreement.address, conditions, "Working group", "SEAT", "ipfs://about")
    address, made = create_seats(access.connection, operator(access.connection), plan)
    assert made is not None
    assert create_seats(access.connection, operator(access.connection), plan) == (address, None)

    def balance() -> int:
        (found,) = seats.decode("balanceOf", access.connection.call(address, seats.encode("balanceOf", host.address)))
        return int(found)

    assert balance() == 0
    told = brought(access.terms, access.agreement.state())
    transact(access.connection, operator(access.connection), address, seats.encode("mint", host.address, *told))
    assert balance() == 1
    access.council("use-kept", Verdict.BREACHED)
    assert balance() == 0
