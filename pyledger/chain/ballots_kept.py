"""Ballots and identities as a voter keeps them: files in the keystore folder, for the owner's eyes, sealed like keys.

What a ballot hides is its salt and its vote. The salt is sealed as a keystore v3 file seals a key, and the vote is
masked by a hash of the salt, which is used once. A development account, whose key everybody knows, seals nothing.

A file is written before its ballot is sent, and never written over: whatever becomes of a transaction, the salt of what
was committed is there.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from eth_hash.auto import keccak

from pyledger.chain.keys import Passphrase
from pyledger.errors import SignatureError, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.ballots import Vote
from pyledger.terms.structs import Verdict

__all__ = ["Identities", "KeptBallot", "KeptBallots", "new_secret"]

_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SCRYPT_WORK: Final = 1 << 18
_VOTE_SIZE: Final = 17  # a verdict, and a value of 16 bytes


class KeptBallot(NamedTuple):
    """Where a ballot that was made here belongs, and the file that has what it says."""

    chain_id: int
    ballot: bytes
    agreement: bytes
    round: bytes
    voter: bytes
    commitment: bytes
    owner: str
    file: Path


def new_secret() -> bytes:
    """32 random bytes that a keystore file can hold."""
    while not 0 < int.from_bytes(secret := secrets.token_bytes(32), "big") < _ORDER:
        pass
    return secret


class KeptBallots:
    """The ballots in a keystore folder. Files are written with mode 0600, folders with 0700."""

    def __init__(self, keys: Path, *, work: int = _SCRYPT_WORK) -> None:
        self.folder = keys / "ballots"
        self._work = work

    def keep(self, where: KeptBallot, vote: Vote, salt: bytes, words: str | None) -> Path:
        """Writes down a ballot before it is sent; `words` seal it, None leaves it in clear. Returns the file."""
        plain = int(vote.verdict).to_bytes(1, "big") + vote.value.to_bytes(16, "big")
        hidden: dict[str, Any] = {"salt": "0x" + salt.hex(), "vote": plain.hex()}
        if words is not None:
            hidden = {"salt": _seal(salt, words, self._work), "vote": _mask(plain, salt).hex()}
        data = {
            "kind": "ballot",
            "version": 1,
            "chain_id": where.chain_id,
            "ballot": checksum(where.ballot),
            "agreement": checksum(where.agreement),
            "round": where.round.hex(),
            "voter": where.voter.hex(),
            "commitment": where.commitment.hex(),
            "owner": where.owner,
        }
        return _write(self.folder, where.commitment.hex(), data | hidden)

    def list(self) -> tuple[KeptBallot, ...]:
        """All that are kept; files that are none are left out."""
        return tuple(_kept(self.folder))

    def find(self, commitment: bytes) -> KeptBallot | None:
        """The ballot of a commitment, if it was made here."""
        return next((each for each in self.list() if each.commitment == commitment), None)

    @staticmethod
    def read(kept: KeptBallot, passphrase: Passphrase) -> tuple[Vote, bytes]:
        """What a ballot says, and its salt; asks for a passphrase if it was sealed. SignatureError for a wrong one."""
        try:
            data = json.loads(kept.file.read_text(encoding="utf-8"))
            sealed, masked = data["salt"], bytes.fromhex(data["vote"])
            if isinstance(sealed, str):
                salt, plain = bytes.fromhex(sealed[2:]), masked
            else:
                salt = _unseal(sealed, passphrase(kept.owner), kept.file)
                plain = _mask(masked, salt)
            return Vote(Verdict(plain[0]), int.from_bytes(plain[1:_VOTE_SIZE], "big")), salt
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            hint = "put it back from a copy: without it the ballot cannot be revealed"
            raise SignatureError("a ballot that was kept cannot be read", where=str(kept.file), hint=hint) from error


class Identities:
    """Secrets of members of groups, by name, in a keystore folder."""

    def __init__(self, keys: Path, *, work: int = _SCRYPT_WORK) -> None:
        self.folder = keys / "identities"
        self._work = work

    def create(self, name: str, commitment: int, secret: bytes, words: str) -> Path:
        """Seals a new identity. UsageError if the name is taken, or none; SignatureError for no passphrase."""
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} cannot name an identity", hint="use letters, digits, dots and hyphens")
        if (self.folder / f"{name}.json").exists():
            raise UsageError(f"there is already an identity called {name!r}", hint="choose another name")
        if not words:
            raise SignatureError("the passphrase is empty", hint="choose one that is long")
        data = {"kind": "identity", "version": 1, "commitment": str(commitment)}
        return _write(self.folder, name, data | {"secret": _seal(secret, words, self._work)})

    def list(self) -> dict[str, int]:
        """Identity commitments by name; files that are none are left out."""
        found = {}
        for path in sorted(self.folder.glob("*.json")):
            try:
                found[path.stem] = int(json.loads(path.read_text(encoding="utf-8"))["commitment"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return found

    def load(self, name: str, passphrase: Passphrase) -> bytes:
        """The secret of an identity. UsageError if none is called so, SignatureError for a wrong passphrase."""
        path = self.folder / f"{name}.json"
        if name not in (known := self.list()):
            raise UsageError(
                f"no identity is called {name!r}",
                where=str(self.folder),
                hint=f"known: {', '.join(known)}" if known else "make one with `pyledger ballot identity NAME`",
            )
        return _unseal(json.loads(path.read_text(encoding="utf-8"))["secret"], passphrase(name), path)


def _kept(folder: Path) -> Iterator[KeptBallot]:
    for path in sorted(folder.glob("*.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            names = ("ballot", "agreement", "round", "voter", "commitment")
            ballot, agreement, round_, voter, commitment = (
                bytes.fromhex(str(data[key]).removeprefix("0x")) for key in names
            )
            chain_id, owner = int(data["chain_id"]), str(data["owner"])
            yield KeptBallot(chain_id, ballot, agreement, round_, voter, commitment, owner, path)
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _write(folder: Path, name: str, data: dict[str, Any]) -> Path:
    """A file that nobody else can read, on the disk when this returns. UsageError if there is one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    path = folder / f"{name}.json"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{path} is there already, and is not written over", hint="move it away") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(data, file)
        file.flush()
        os.fsync(file.fileno())
    return path


def _seal(secret: bytes, words: str, work: int) -> dict[str, Any]:
    from eth_account import Account

    sealed: dict[str, Any] = Account.encrypt(secret, words, kdf="scrypt", iterations=work)
    return {
        "version": sealed["version"],
        "crypto": sealed["crypto"],
    }  # its address would be of no use, and says a little


def _unseal(sealed: dict[str, Any], words: str, path: Path) -> bytes:
    from eth_account import Account

    try:
        return bytes(Account.decrypt(sealed, words))
    except ValueError:
        raise SignatureError(
            f"the passphrase does not open {path.name}",
            where=str(path),
            hint="try again; without the passphrase it cannot be recovered",
        ) from None


def _mask(text: bytes, salt: bytes) -> bytes:
    """Text hidden, or shown again, by a secret that hides nothing else."""
    pad = keccak(b"pyledger ballot" + salt)
    return bytes(a ^ b for a, b in zip(text, pad, strict=False))
