from __future__ import annotations

import json
import logging
import pickle
import stat
from pathlib import Path

import pytest

from pyledger.chain.keys import Keystore, dev_signer, passphrase_from
from pyledger.chain.signatures import recover
from pyledger.errors import SignatureError, UsageError

KEY = bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
ADDRESS = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23"


@pytest.fixture
def store(keys_folder: Path) -> Keystore:
    return Keystore(keys_folder, work=2)


def secret(_: str) -> str:
    return "a long passphrase"


def test_dev_signers_are_the_accounts_of_the_test_mnemonic() -> None:
    assert dev_signer(0, chain_id=31337).checksum == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert dev_signer(9, chain_id=31337).checksum == "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"


def test_dev_signer_refuses_when_chain_is_not_local() -> None:
    with pytest.raises(SignatureError, match="development accounts exist on chain 31337 only"):
        dev_signer(0, chain_id=1)
    signer = dev_signer(0, chain_id=31337)
    with pytest.raises(SignatureError, match="never signs for chain 1"):
        signer.sign_digest(bytes(32), chain_id=1)
    with pytest.raises(SignatureError, match="never signs for chain 1"):
        signer.sign_transaction({"chainId": 1})


def test_signer_signs_digests_that_recover_to_it(store: Keystore) -> None:
    store.import_key("mine", KEY, secret)
    signer = store.load("mine", secret)
    assert recover(b"\x07" * 32, signer.sign_digest(b"\x07" * 32, chain_id=5)) == signer.address
    with pytest.raises(SignatureError, match="32 bytes"):
        signer.sign_digest(b"short", chain_id=5)


def test_signer_never_shows_its_key(store: Keystore, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store.import_key("mine", KEY, secret)
    signer = store.load("mine", secret)
    signer.sign_digest(bytes(32), chain_id=5)
    shown = repr(signer) + str(signer) + repr(vars(signer)) + caplog.text
    assert KEY.hex() not in shown
    assert repr(KEY)[2:-1] not in shown
    with pytest.raises(TypeError):
        pickle.dumps(signer)


def test_keystore_keeps_keys_that_only_their_owner_can_read(store: Keystore, keys_folder: Path) -> None:
    made = store.import_key("mine", KEY, secret)
    assert stat.S_IMODE(keys_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    sealed = json.loads(made.path.read_text())
    assert sealed["version"] == 3
    assert KEY.hex() not in made.path.read_text()


def test_keystore_lists_and_loads_by_name_and_address(store: Keystore, keys_folder: Path) -> None:
    assert store.list() == ()
    mine, new = store.import_key("mine", KEY, secret), store.create("new", secret)
    (keys_folder / "notes.json").write_text("{}")
    assert store.list() == (mine, new)
    assert store.load("mine", secret).checksum == ADDRESS
    assert store.load(ADDRESS.lower(), secret).checksum == ADDRESS
    assert store.load("new", secret).address == new.address


def test_keystore_imports_files_of_other_programs(store: Keystore, tmp_path: Path) -> None:
    other = Keystore(tmp_path / "other", work=2).import_key("x", KEY, secret)
    assert store.import_file("mine", other.path, secret).address.hex() == ADDRESS[2:].lower()


def test_keystore_refuses_when_passphrase_is_wrong(store: Keystore) -> None:
    store.import_key("mine", KEY, secret)
    with pytest.raises(SignatureError, match=r"the passphrase does not open mine\.json") as caught:
        store.load("mine", lambda _: "wrong")
    assert caught.value.hint


def test_keystore_refuses_when_name_is_taken_or_unusable(store: Keystore) -> None:
    store.import_key("mine", KEY, secret)
    with pytest.raises(UsageError, match="already a key"):
        store.import_key("mine", KEY, secret)
    for name in ("", "../up", "a/b", ".hidden", "a" * 65):
        with pytest.raises(UsageError, match="cannot name a key"):
            store.create(name, secret)


def test_keystore_refuses_when_key_is_unknown(store: Keystore) -> None:
    with pytest.raises(UsageError, match="no key is called 'mine'"):
        store.load("mine", secret)


@pytest.mark.parametrize("key", [b"", b"\x01" * 31, bytes(32), b"\xff" * 32])
def test_keystore_refuses_when_key_is_none(store: Keystore, key: bytes) -> None:
    with pytest.raises(SignatureError, match="not a private key") as caught:
        store.import_key("mine", key, secret)
    assert caught.value.__cause__ is None


def test_keystore_refuses_when_passphrase_is_empty(store: Keystore, keys_folder: Path) -> None:
    with pytest.raises(SignatureError, match="passphrase is empty"):
        store.create("mine", lambda _: "")
    assert not keys_folder.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 3}', '{"address": "00", "version": 9, "crypto": {}}'])
def test_keystore_refuses_when_file_is_no_keystore_file(store: Keystore, tmp_path: Path, text: str) -> None:
    file = tmp_path / "file.json"
    file.write_text(text)
    with pytest.raises(SignatureError):
        store.import_file("mine", file, secret)


def test_passphrase_comes_from_file_then_environment_then_prompt(tmp_path: Path) -> None:
    file = tmp_path / "words"
    file.write_text("from file\nsecond line\n")
    env = {"PYLEDGER_PASSPHRASE": "from environment"}
    assert passphrase_from(password_file=file, environ=env, prompt=secret)("x") == "from file"
    assert passphrase_from(environ=env, prompt=secret)("x") == "from environment"
    assert passphrase_from(environ={}, prompt=secret)("x") == "a long passphrase"
    with pytest.raises(SignatureError, match="is missing") as caught:
        passphrase_from(environ={})("x")
    assert "PYLEDGER_PASSPHRASE" in str(caught.value)
    with pytest.raises(SignatureError, match="cannot be read"):
        passphrase_from(password_file=tmp_path / "none")("x")
