"""Keys and transactions against eth_account, which writes them independently."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_account.hdaccount import key_from_seed, seed_from_mnemonic
from eth_typing import Hash32
from hypothesis import given, strategies as st

from pyledger.chain.secret import Secret, derived_key

WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow"

keys = st.integers(1, 2**255).map(lambda number: number.to_bytes(32, "big"))
amounts = st.integers(0, 2**96)
transactions = st.fixed_dictionaries(
    {
        "chainId": st.sampled_from([1, 31337, 2**40]),
        "nonce": st.integers(0, 2**40),
        "gas": st.integers(21_000, 2**24),
        "value": amounts,
        "data": st.binary(max_size=400),
    }
)
fees = st.one_of(
    st.fixed_dictionaries({"gasPrice": amounts}),
    amounts.map(lambda fee: {"maxFeePerGas": fee, "maxPriorityFeePerGas": fee // 2}),
)


@given(key=keys, digest=st.binary(min_size=32, max_size=32))
def test_signature_and_address_are_those_of_eth_account(key: bytes, digest: bytes) -> None:
    account, secret = Account.from_key(key), Secret(key)
    assert secret.address == bytes.fromhex(account.address[2:])
    assert secret.sign(digest) == bytes(account.unsafe_sign_hash(Hash32(digest)).signature)


@given(key=keys, plain=transactions, paid=fees, to=st.none() | st.binary(min_size=20, max_size=20))
def test_transaction_is_that_of_eth_account(
    key: bytes, plain: dict[str, Any], paid: dict[str, int], to: bytes | None
) -> None:
    made = plain | paid | ({} if to is None else {"to": to})
    theirs = Account.from_key(key).sign_transaction(made)
    assert Secret(key).sign_transaction(made) == (bytes(theirs.raw_transaction), bytes(theirs.hash))


def test_derived_keys_are_those_of_eth_account() -> None:
    seed = seed_from_mnemonic(WORDS, "")
    for index in (0, 1, 7, 2**31 - 1):
        assert derived_key(WORDS, index) == key_from_seed(seed, f"m/44'/60'/0'/0/{index}")


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32), b"\xff" * 32])
def test_what_is_no_key_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Secret(key)
