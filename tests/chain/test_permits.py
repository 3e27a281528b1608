"""Deposits by permit, several calls in one transaction, and calls that somebody else sends."""

from __future__ import annotations

from typing import Final

import pytest
from eth_abi.abi import encode

from pyledger.chain.abi import Contract, agreement_abi, token_abi
from pyledger.chain.acceptances import SignedAcceptance
from pyledger.chain.anvil import Anvil
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.deployments import Places
from pyledger.chain.events import Accepted, Funded, PhaseOpened
from pyledger.chain.permits import sign_permit
from pyledger.chain.tokens import token_balance
from pyledger.chain.transactions import transact
from pyledger.errors import UsageError
from pyledger.terms.state import Holding, Status
from pyledger.terms.structs import NATIVE, Terms, Verdict
from pyledger.terms.typed_data import terms_digest, terms_hash
from tests.chain.deals import (
    BOND,
    COIN_BOND,
    OPERATOR,
    PAYER,
    STRANGER,
    VERIFIERS,
    WAGE,
    WORKER,
    Deal,
    mint,
    put,
    refuses,
    two_phases,
)

HONEST: Final = "../tests/chain/contracts/PermitToken.sol"
ODD: Final = "../tests/chain/contracts/OddPermitToken.sol"
THE_WAGE, THE_TIP = 0, 1
PERMIT: Final = ("address", "address", "uint256", "uint256", "uint8", "bytes32", "bytes32")
SPENDER: Final = b"\xfa" * 20


def odd(connection: Connection, version: str, *, told: bytes = NATIVE, takes: bool = True) -> bytes:
    """A token of its own kind: `told` is the contract that its domain is of, if not its own."""
    return put(connection, ODD, encode(["string", "address", "bool"], [version, told, takes]))


def deal_in(token: bytes, connection: Connection, places: Places, url: str) -> Deal:
    """An agreement in a token, opened and accepted by the worker, who bonds coin."""
    mint(connection, token, PAYER, 10 * WAGE)
    agreement = Agreement(connection, two_phases(connection.latest_time(), token), places)
    agreement.open(OPERATOR)
    agreement.accept(WORKER)
    return Deal(agreement, url)


def allowance(connection: Connection, token: bytes, owner: bytes, spender: bytes) -> int:
    return int.from_bytes(connection.call(token, token_abi().encode("allowance", owner, spender)), "big")


@pytest.fixture
def permitted(clean: None, connection: Connection, places: Places, anvil: Anvil) -> Deal:
    return deal_in(put(connection, HONEST), connection, places, anvil.url)


def test_a_bond_in_a_token_with_permits_takes_one_transaction(permitted: Deal, connection: Connection) -> None:
    agreement, token = permitted.agreement, permitted.agreement.terms.parties[0].asset
    nonce = connection.nonce(PAYER.address)
    accepted = agreement.accept(PAYER)
    assert [type(each) for each in accepted.events] == [Accepted, PhaseOpened]
    assert accepted.before == ()
    assert connection.nonce(PAYER.address) == nonce + 1
    assert allowance(connection, token, PAYER.address, agreement.address) == 0, "exactly the bond was allowed"
    agreement.fund(PAYER, [THE_WAGE])
    assert connection.nonce(PAYER.address) == nonce + 2
    assert agreement.snapshot().holdings[0, token] == Holding(BOND, WAGE)


def test_a_party_joins_and_funds_in_one_transaction(permitted: Deal, connection: Connection) -> None:
    agreement, calls = permitted.agreement, permitted.agreement.calls
    nonce = connection.nonce(PAYER.address)
    both = agreement.send(PAYER, calls.accept(PAYER.address), calls.fund([THE_WAGE]))
    assert [type(each) for each in both.events] == [Accepted, PhaseOpened, Funded]
    assert connection.nonce(PAYER.address) == nonce + 1
    assert agreement.state().funded == {THE_WAGE}


def test_coin_cannot_come_with_a_permit_and_goes_by_an_allowance(permitted: Deal) -> None:
    permitted.agreement.accept(PAYER)
    funded = permitted.agreement.fund(PAYER, [THE_WAGE, THE_TIP])
    assert len(funded.before) == 1
    assert permitted.agreement.state().funded == {THE_WAGE, THE_TIP}


def test_whoever_uses_up_the_permit_first_changes_nothing(permitted: Deal, connection: Connection) -> None:
    """Between estimate and block anybody can bring the token the same permit: the allowance is there all the same."""
    agreement, token = permitted.agreement, permitted.agreement.terms.parties[0].asset
    permit = sign_permit(
        connection, PAYER, token, spender=agreement.address, amount=BOND, deadline=agreement.terms.joinBy
    )
    assert permit is not None
    entry = {"type": "function", "name": "permit", "inputs": [{"name": "", "type": each} for each in PERMIT]}
    said = Contract([entry]).encode("permit", PAYER.address, agreement.address, *permit[1:])
    transact(connection, STRANGER, token, said)
    twice = agreement_abi().encode(
        "multicall", [agreement_abi().encode("permit", *permit), agreement.calls.accept(PAYER.address).data]
    )
    transact(connection, PAYER, agreement.address, twice)
    assert agreement.state().status is Status.IN_FORCE


@pytest.mark.parametrize(
    ("version", "takes", "transactions"), [("1", True, 1), ("2", True, 1), ("7.1", True, 1), ("1", False, 2)]
)
def test_tokens_with_permits_of_their_own_kind_are_tried_and_else_allowed(
    clean: None,
    connection: Connection,
    places: Places,
    anvil: Anvil,
    version: str,
    takes: bool,
    transactions: int,
) -> None:
    deal = deal_in(odd(connection, version, takes=takes), connection, places, anvil.url)
    nonce = connection.nonce(PAYER.address)
    deal.agreement.accept(PAYER)
    assert connection.nonce(PAYER.address) == nonce + transactions


def test_nobody_signs_under_the_domain_of_another_contract(
    clean: None, connection: Connection, places: Places, anvil: Anvil
) -> None:
    """A token that passes another's domain off as its own would get a permit for that one."""
    valuable = odd(connection, "1")
    false = odd(connection, "1", told=valuable)
    assert sign_permit(connection, PAYER, valuable, spender=SPENDER, amount=1, deadline=1) is not None
    assert sign_permit(connection, PAYER, false, spender=SPENDER, amount=1, deadline=1) is None
    deal = deal_in(false, connection, places, anvil.url)
    assert len(deal.agreement.accept(PAYER).before) == 1


def test_what_is_no_token_has_no_permit(connection: Connection, token: bytes) -> None:
    for asset in (token, STRANGER.address, NATIVE):
        assert sign_permit(connection, PAYER, asset, spender=SPENDER, amount=1, deadline=1) is None


def test_too_little_of_a_token_is_said_before_anything_is_signed(permitted: Deal, connection: Connection) -> None:
    permitted.agreement.accept(PAYER)
    nonce = connection.nonce(STRANGER.address)
    with refuses("ERC20InsufficientBalance", match=f"has 0 of the token and needs {WAGE}"):
        permitted.agreement.fund(STRANGER, [THE_WAGE])
    assert connection.nonce(STRANGER.address) == nonce


# Several at once


def test_verdicts_and_comments_go_together_all_or_none(in_force: Deal) -> None:
    agreement, calls = in_force.agreement, in_force.agreement.calls
    agreement.fund(PAYER, [THE_WAGE])
    agreement.attest_self(VERIFIERS[0], 0, Verdict.MET)
    agreement.attest_self(VERIFIERS[1], 0, Verdict.MET, pay=[])
    agreement.attest_self(VERIFIERS[0], 1, Verdict.MET)
    nonce = agreement.connection.nonce(PAYER.address)
    with refuses("NotDecided", match="obligation 1"):
        agreement.send(PAYER, calls.comment("paid"), calls.release([THE_WAGE]), calls.settle())
    assert agreement.connection.nonce(PAYER.address) == nonce
    sent = agreement.send(PAYER, calls.comment("paid"), calls.release([THE_WAGE]))
    assert [type(each).__name__ for each in sent.events] == ["Evidence", "Paid"]


def test_send_refuses_coin_with_several_calls_and_nothing_at_all(deal: Deal) -> None:
    agreement, calls = deal.agreement, deal.agreement.calls
    agreement.open(OPERATOR)
    with pytest.raises(UsageError, match="go by themselves"):
        agreement.send(WORKER, calls.accept(WORKER.address), calls.comment("here"))
    with pytest.raises(UsageError, match="go by themselves"):
        agreement.send(WORKER, calls.comment("here"), calls.disclose())
    with pytest.raises(UsageError, match="nothing to send"):
        agreement.send(WORKER)


def test_send_tells_of_any_call_why_it_is_refused(in_force: Deal) -> None:
    calls = in_force.agreement.calls
    with refuses("NothingToWithdraw"):
        in_force.agreement.send(WORKER, calls.comment("first"), calls.withdraw(NATIVE, to=WORKER.address))


# Parties that are contracts


def test_a_party_that_is_a_contract_joins_by_signature_and_acts_by_calls(
    clean: None, connection: Connection, places: Places, terms: Terms
) -> None:
    """The owner of an ERC-1271 account signs its acceptance; its own calls are sent by ways of its own."""
    wallet = put(connection, "test/actors/Wallet.sol", bytes(12) + STRANGER.address)
    party = terms.parties[1]._replace(account=wallet)
    agreement = Agreement(connection, terms._replace(parties=(terms.parties[0], party)), places)
    agreement.open(OPERATOR)
    digest = terms_digest(agreement.terms, chain_id=connection.chain_id, agreement=agreement.address)
    signed = SignedAcceptance(
        chain_id=connection.chain_id,
        agreement=agreement.address,
        terms_hash=terms_hash(agreement.terms),
        party=1,
        account=wallet,
        signature=STRANGER.sign_digest(digest, chain_id=connection.chain_id),
    )
    agreement.accept(PAYER)
    agreement.accept(STRANGER, acceptance=signed)
    assert agreement.snapshot().holdings[1, NATIVE] == Holding(COIN_BOND, 0)
    call = agreement.calls.concede(0)
    connection.request("anvil_impersonateAccount", "0x" + wallet.hex())
    connection.request("anvil_setBalance", "0x" + wallet.hex(), hex(10**18))
    data = {"from": "0x" + wallet.hex(), "to": "0x" + call.to.hex(), "data": "0x" + call.data.hex()}
    assert connection.request("eth_sendTransactionSync", data)["status"] == "0x1"
    connection.request("anvil_stopImpersonatingAccount", "0x" + wallet.hex())
    assert agreement.state().verdicts[0] is Verdict.BREACHED


def test_a_call_says_what_money_it_takes(deal: Deal, token: bytes) -> None:
    agreement, calls = deal.agreement, deal.agreement.calls
    agreement.open(OPERATOR)
    assert calls.accept(PAYER.address).due == {token: BOND}
    assert calls.accept(WORKER.address).due == {NATIVE: COIN_BOND}
    assert calls.fund([THE_WAGE]).due == {token: WAGE}
    assert calls.comment("hello").due == {}
    assert token_balance(agreement.connection, token, agreement.address) == 0
