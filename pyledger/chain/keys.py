"""Keys: who signs, and where the key comes from. A key is never an argument, never logged, never shown.

Development accounts come from the mnemonic that every local node knows, and sign for chain 31337 alone. All others
come from keystore v3 files, as geth and the other clients write them, opened with a passphrase.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.chain.secret import Secret, derived_key
from pyledger.errors import SignatureError, UsageError
from pyledger.terms.addresses import checksum

__all__ = ["KeyFile", "Keystore", "Passphrase", "Signer", "dev_signer", "passphrase_from"]

Passphrase = Callable[[str], str]
"""Gives the passphrase of the key of that name."""

_MNEMONIC: Final = "test test test test test test test test test test test junk"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SCRYPT_WORK: Final = 1 << 18
_KEYSTORES: Final = "give a keystore v3 file, as `pyledger keys`, geth and most wallets write them"


class Signer:
    """An account that can sign. `only_chain` confines it to one chain."""

    def __init__(self, secret: Secret, *, only_chain: int | None = None) -> None:
        self._secret = secret
        self.only_chain = only_chain
        self.address = secret.address

    def __repr__(self) -> str:
        return f"Signer({self.checksum})"

    def __reduce__(self) -> str:
        raise TypeError("a signer is not to be written down")

    @property
    def checksum(self) -> str:
        """The address as people write it."""
        return checksum(self.address)

    def require_chain(self, chain_id: int) -> None:
        """Refuses, with SignatureError, a chain this key is not for: everybody knows a development key."""
        if self.only_chain not in (None, chain_id):
            raise SignatureError(
                f"{self.checksum} is a development account: everybody knows its key, so it never signs for "
                f"chain {chain_id}",
                hint="use a key of your own: `pyledger keys new NAME`, then --key",
            )

    def sign_transaction(self, transaction: Mapping[str, Any]) -> tuple[bytes, bytes]:
        """The raw signed transaction and its hash: see `Secret`. SignatureError for a chain this key is not for."""
        self.require_chain(int(transaction["chainId"]))
        return self._secret.sign_transaction(transaction)

    def sign_digest(self, digest: bytes, *, chain_id: int) -> bytes:
        """65 bytes r, s, v over a 32-byte digest that pyledger made itself for `chain_id`."""
        self.require_chain(chain_id)
        if len(digest) != 32:
            raise SignatureError(f"a digest has 32 bytes, not {len(digest)}", hint="give the hash of what is signed")
        return self._secret.sign(digest)


@lru_cache(maxsize=1024)
def dev_signer(index: int, *, chain_id: int) -> Signer:
    """Development account `index`, from 0 on; SignatureError unless `chain_id` is 31337."""
    if chain_id != LOCAL_CHAIN_ID:
        raise SignatureError(
            f"development accounts exist on chain {LOCAL_CHAIN_ID} only, and this is chain {chain_id}",
            hint="use a key of your own: `pyledger keys new NAME`, then --key",
        )
    return Signer(Secret(derived_key(_MNEMONIC, index)), only_chain=chain_id)


class KeyFile(NamedTuple):
    """One key in a keystore: its name, its address and its file."""

    name: str
    address: bytes
    path: Path


class Keystore:
    """A folder of keystore v3 files, one a key, that nobody but its owner can read."""

    def __init__(self, folder: Path, *, work: int = _SCRYPT_WORK) -> None:
        self.folder = folder
        self._work = work

    def create(self, name: str, passphrase: Passphrase) -> KeyFile:
        """A new random key."""
        return self.import_key(name, secrets.token_bytes(32), passphrase)

    def import_key(self, name: str, key: bytes, passphrase: Passphrase) -> KeyFile:
        """Takes in a private key of 32 bytes. SignatureError if it is none, UsageError if the name is taken."""
        from eth_account import Account

        path = self._path(name)
        if path.exists():
            raise UsageError(f"there is already a key called {name!r}", hint="choose another name")
        try:
            signer = Signer(Secret(key))
        except Exception:  # noqa: BLE001 - whatever the library says may quote the key
            raise SignatureError("that is not a private key", hint="a private key has 32 bytes") from None
        words = passphrase(name)
        if not words:
            raise SignatureError("the passphrase is empty", hint="choose one that is long")
        sealed: dict[str, Any] = Account.encrypt(key, words, kdf="scrypt", iterations=self._work)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(sealed, file)
        return KeyFile(name, signer.address, path)

    def import_file(self, name: str, file: Path, passphrase: Passphrase) -> KeyFile:
        """Takes in a keystore file that another program wrote, under the same passphrase."""
        words = passphrase(name)
        return self.import_key(name, _open(file, words), lambda _: words)

    def list(self) -> tuple[KeyFile, ...]:
        """All keys, by name. Files that are no keystore files are left out."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            try:
                address = bytes.fromhex(str(json.loads(path.read_text(encoding="utf-8"))["address"]).removeprefix("0x"))
            except (OSError, ValueError, KeyError, TypeError):
                continue
            found.append(KeyFile(path.stem, address, path))
        return tuple(found)

    def load(self, name: str, passphrase: Passphrase) -> Signer:
        """Opens a key by its name or address. UsageError if there is none, SignatureError for a wrong passphrase."""
        for each in self.list():
            if name == each.name or name.lower() == checksum(each.address).lower():
                return Signer(Secret(_open(each.path, passphrase(each.name))))
        known = ", ".join(each.name for each in self.list())
        raise UsageError(
            f"no key is called {name!r}",
            where=str(self.folder),
            hint=f"known: {known}" if known else "make one with `pyledger keys new NAME`",
        )

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} cannot name a key", hint="use letters, digits, dots, hyphens and underscores")
        return self.folder / f"{name}.json"


def _open(path: Path, words: str) -> bytes:
    from eth_account import Account

    try:
        sealed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SignatureError(f"{path} is not a keystore file: {error}", hint=_KEYSTORES) from error
    try:
        return bytes(Account.decrypt(sealed, words))
    except ValueError:
        raise SignatureError(
            f"the passphrase does not open {path.name}",
            where=str(path),
            hint="try again; without the passphrase the key cannot be recovered",
        ) from None
    except (KeyError, TypeError, NotImplementedError) as error:
        raise SignatureError(f"{path} is not a keystore v3 file", hint=_KEYSTORES) from error


def passphrase_from(
    *,
    password_file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    prompt: Passphrase | None = None,
) -> Passphrase:
    """Where passphrases come from: a file's first line, else `PYLEDGER_PASSPHRASE`, else the prompt.

    What it returns raises SignatureError when there is none of the three.
    """
    env = os.environ if environ is None else environ

    def find(name: str) -> str:
        if password_file is not None:
            try:
                return password_file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
            except (OSError, UnicodeDecodeError) as error:
                hint = "check the path; the passphrase is its first line"
                raise SignatureError(
                    f"the password file cannot be read: {error}", where=str(password_file), hint=hint
                ) from error
        if "PYLEDGER_PASSPHRASE" in env:
            return env["PYLEDGER_PASSPHRASE"]
        if prompt is not None:
            return prompt(name)
        raise SignatureError(
            f"the passphrase of {name!r} is missing",
            hint="run it in a terminal, set PYLEDGER_PASSPHRASE, or give --password-file",
        )

    return find
