"""Many transactions at once."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode

from pyledger.chain.abi import token_abi
from pyledger.chain.anvil import Anvil
from pyledger.chain.bulk import Message, transact_all
from pyledger.chain.connect import Connection, connect
from pyledger.chain.networks import Network
from pyledger.chain.tokens import token_balance
from pyledger.errors import SignatureError, TransactionError
from tests.chain.deals import FUND, OPERATOR, PAYER, STRANGER, WORKER, refuses


def transfer(amount: int) -> bytes:
    """Call data that gives the fund tokens."""
    return bytes.fromhex("a9059cbb") + encode(["address", "uint256"], [FUND.address, amount])


def test_transactions_of_several_signers_happen_in_the_order_of_each(clean: None, connection: Connection) -> None:
    before = connection.balance(FUND.address)
    first = {each: connection.nonce(each.address) for each in (PAYER, WORKER)}
    messages = [Message(each, FUND.address, b"", value=n) for n in range(1, 61) for each in (PAYER, WORKER)]
    receipts = transact_all(connection, messages)
    assert connection.balance(FUND.address) - before == 2 * sum(range(1, 61))
    assert connection.nonce(PAYER.address) == first[PAYER] + 60
    assert len({each.hash for each in receipts}) == 120
    assert [each.block for each in receipts[::2]] == sorted(each.block for each in receipts[::2])


def test_nothing_is_sent_when_one_would_be_refused(clean: None, connection: Connection, token: bytes) -> None:
    mint = token_abi().encode("mint", FUND.address, 5)
    too_much = transfer(10**18)
    before = connection.nonce(OPERATOR.address)
    with refuses("ERC20InsufficientBalance"):
        transact_all(connection, [Message(OPERATOR, token, mint), Message(STRANGER, token, too_much)])
    assert connection.nonce(OPERATOR.address) == before
    with refuses("InsufficientFunds"):
        transact_all(connection, [Message(STRANGER, FUND.address, b"", value=6 * 10**21)] * 2)


def test_what_needs_what_comes_before_is_sent_with_gas_given(clean: None, connection: Connection, token: bytes) -> None:
    mint, give = token_abi().encode("mint", STRANGER.address, 7), transfer(7)
    before = token_balance(connection, token, FUND.address)
    with refuses("ERC20InsufficientBalance"):
        transact_all(connection, [Message(STRANGER, token, mint), Message(STRANGER, token, give)])
    transact_all(connection, [Message(STRANGER, token, mint), Message(STRANGER, token, give, gas=100_000)])
    assert token_balance(connection, token, FUND.address) - before == 7


def test_what_fails_on_chain_is_named_and_the_others_have_happened(
    clean: None, connection: Connection, token: bytes
) -> None:
    give = transfer(10**18)
    before = connection.balance(FUND.address)
    with refuses("ERC20InsufficientBalance"):
        transact_all(
            connection,
            [Message(STRANGER, token, give, gas=100_000), Message(WORKER, FUND.address, b"", value=3)],
        )
    assert connection.balance(FUND.address) - before == 3


def test_nothing_is_nothing(connection: Connection) -> None:
    assert transact_all(connection, []) == ()


def test_key_for_another_chain_signs_nothing() -> None:
    with Anvil(chain_id=5) as chain, connect(Network("five", chain.url)) as connection:  # noqa: SIM117
        with pytest.raises(SignatureError, match="never signs for chain 5"):
            transact_all(connection, [Message(STRANGER, FUND.address, b"")])


def test_what_is_under_way_is_said(clean: None, connection: Connection) -> None:
    connection.request("evm_setAutomine", False)
    try:
        with pytest.raises(TransactionError, match="is still under way after 0 seconds"):
            transact_all(connection, [Message(STRANGER, FUND.address, b"", value=1)], timeout=0.05)
    finally:
        connection.request("evm_setAutomine", True)
        connection.request("evm_mine")
