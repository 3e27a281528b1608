"""Agreements that not all join at once: entering without the others, joining later, alone, or not at all."""

from __future__ import annotations

import pytest

from pyledger.chain.acceptances import sign_acceptance
from pyledger.chain.anvil import Anvil, warp
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.crosscheck import contradictions
from pyledger.chain.deployments import Places
from pyledger.chain.events import Accepted, Ended, Funded, Opened, Paid, PhaseOpened
from pyledger.chain.tokens import token_balance
from pyledger.errors import SignatureError
from pyledger.terms.state import Holding, Status
from pyledger.terms.structs import NATIVE, Verdict
from tests.chain.deals import (
    BOND,
    COIN_BOND,
    DAY,
    LATECOMER,
    OPERATOR,
    PAYER,
    STRANGER,
    TIP,
    VERIFIERS,
    WORKER,
    Deal,
    coalition,
    pledge,
    refuses,
)


@pytest.fixture
def trio(clean: None, connection: Connection, places: Places, token: bytes, anvil: Anvil) -> Deal:
    """An agreement of three, opened and accepted by two."""
    agreement = Agreement(connection, coalition(connection.latest_time(), token), places)
    agreement.open(OPERATOR)
    agreement.accept(PAYER)
    agreement.accept(WORKER)
    return Deal(agreement, anvil.url)


@pytest.fixture
def entered(trio: Deal) -> Deal:
    """In force without the third."""
    warp(trio.url, to=trio.agreement.terms.joinBy + 1)
    trio.agreement.enter(STRANGER)
    return trio


def check(deal: Deal) -> None:
    agreement = deal.agreement
    assert contradictions(agreement.snapshot(), agreement.events(), agreement.terms) == ()


# Without the others


def test_enough_members_enter_once_joining_is_over(trio: Deal) -> None:
    with refuses("TooEarly"):
        trio.agreement.enter(STRANGER)
    warp(trio.url, to=trio.agreement.terms.joinBy + 1)
    with refuses("TooEarly"):
        trio.agreement.void(STRANGER)
    (opened,) = trio.agreement.enter(STRANGER).events
    assert isinstance(opened, PhaseOpened)
    assert opened.members == {0, 1}
    state = trio.agreement.state()
    assert (state.status, set(state.members), set(state.joining)) == (Status.IN_FORCE, {0, 1}, set())
    check(trio)
    with refuses("WrongStatus"):
        trio.agreement.enter(STRANGER)


def test_too_few_members_do_not_enter_and_get_their_bonds_back(
    clean: None, connection: Connection, places: Places, token: bytes, anvil: Anvil
) -> None:
    agreement = Agreement(connection, coalition(connection.latest_time(), token), places)
    agreement.open(OPERATOR)
    agreement.accept(PAYER)
    warp(anvil.url, to=agreement.terms.joinBy + 1)
    with refuses("NotEnoughMembers", match="1 have joined, and the terms ask for 2"):
        agreement.enter(STRANGER)
    events = agreement.void(STRANGER).events
    assert [each.amount for each in events if isinstance(each, Paid)] == [BOND]
    assert agreement.state().status is Status.VOID
    check(Deal(agreement, anvil.url))


def test_nothing_is_asked_of_who_has_not_joined(entered: Deal) -> None:
    assert entered.agreement.top_up(STRANGER, 2).events == ()
    assert (2, entered.agreement.terms.parties[2].asset) not in entered.agreement.snapshot().holdings


# Joining later


def test_a_party_joins_in_force_and_is_bound_from_the_next_phase(entered: Deal, token: bytes) -> None:
    agreement = entered.agreement
    accepted, *rest = agreement.accept(LATECOMER).events
    assert isinstance(accepted, Accepted)
    assert (accepted.party, rest) == (2, [])
    state = agreement.state()
    assert (set(state.members), set(state.joining)) == ({0, 1}, {2})
    assert agreement.snapshot().holdings[2, token] == Holding(BOND, 0)
    check(entered)
    with refuses("AlreadyAccepted"):
        agreement.accept(LATECOMER)
    agreement.fund(PAYER, [0, 1])
    for obligation in (0, 1):
        for verifier in VERIFIERS[:2]:
            agreement.attest_self(verifier, obligation, Verdict.MET)
    entered.warp(6 * DAY)
    opened = [each for each in agreement.settle(STRANGER).events if isinstance(each, PhaseOpened)]
    assert [each.members for each in opened] == [{0, 1, 2}]
    assert agreement.state().joining == frozenset()
    check(entered)
    with refuses("TooLate"):
        agreement.accept(LATECOMER)


def test_a_party_joins_in_force_by_its_own_key_only(entered: Deal, connection: Connection) -> None:
    """A signature over the terms has no expiry: it would bind to an agreement that has moved on."""
    agreement = entered.agreement
    signed = sign_acceptance(LATECOMER, agreement.terms, chain_id=connection.chain_id, agreement=agreement.address)
    with refuses("NotCaller", match="only 0x"):
        agreement.accept(STRANGER, acceptance=signed)
    agreement.accept(LATECOMER)


def test_who_has_joined_for_nothing_gets_its_bond_back(entered: Deal, token: bytes) -> None:
    agreement = entered.agreement
    agreement.accept(LATECOMER)
    before = token_balance(agreement.connection, token, LATECOMER.address)
    agreement.concede(WORKER, 0)
    entered.warp(DAY)
    events = agreement.settle(STRANGER).events
    assert [each.status for each in events if isinstance(each, Ended)] == [Status.TERMINATED]
    assert token_balance(agreement.connection, token, LATECOMER.address) == before + BOND
    check(entered)


# Alone


def test_a_pledge_is_launched_in_one_transaction(
    clean: None, connection: Connection, places: Places, token: bytes, anvil: Anvil
) -> None:
    agreement = Agreement(connection, pledge(connection.latest_time(), token), places)
    launched = agreement.launch(PAYER, [0])
    assert [type(each) for each in launched.events] == [Opened, Accepted, PhaseOpened, Funded]
    assert len(launched.before) == 1, "an allowance for an account that is not there yet"
    opened = launched.events[0]
    assert isinstance(opened, Opened)
    assert (opened.agreement, opened.terms) == (agreement.address, agreement.terms)
    assert agreement.snapshot().holdings == {(0, token): Holding(BOND, 0), (0, NATIVE): Holding(0, TIP)}
    check(Deal(agreement, anvil.url))
    with refuses("WrongStatus"):
        agreement.launch(PAYER, [0])


def test_launch_goes_on_with_what_a_stranger_has_opened(
    clean: None, connection: Connection, places: Places, token: bytes, anvil: Anvil
) -> None:
    agreement = Agreement(connection, pledge(connection.latest_time(), token), places)
    agreement.open(STRANGER)
    with refuses("AlreadyOpen"):
        agreement.open(STRANGER)
    launched = agreement.launch(PAYER, [0])
    assert [type(each) for each in launched.events] == [Accepted, PhaseOpened, Funded]
    assert agreement.snapshot().holdings == {(0, token): Holding(BOND, 0), (0, NATIVE): Holding(0, TIP)}
    check(Deal(agreement, anvil.url))


def test_launch_joins_and_leaves_the_rest_to_the_others(deal: Deal) -> None:
    launched = deal.agreement.launch(WORKER)
    assert [type(each) for each in launched.events] == [Opened, Accepted]
    assert deal.agreement.snapshot().holdings == {(1, NATIVE): Holding(COIN_BOND, 0)}
    deal.agreement.accept(PAYER)
    assert deal.agreement.state().status is Status.IN_FORCE


def test_launch_refuses_to_fund_what_is_not_in_force_and_for_strangers(deal: Deal) -> None:
    nonce = deal.agreement.connection.nonce(PAYER.address)
    with refuses("WrongStatus", match="is open"):
        deal.agreement.launch(PAYER, [0])
    with refuses("UnknownPayment"):
        deal.agreement.launch(PAYER, [9])
    with pytest.raises(SignatureError, match="is no party"):
        deal.agreement.launch(STRANGER)
    assert deal.agreement.connection.nonce(PAYER.address) == nonce, "no allowance was given for it"
    assert not deal.agreement.is_open()
