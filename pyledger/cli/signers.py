"""Who signs: on a development chain a role's own account, elsewhere the key whose address the role is bound to."""

from __future__ import annotations

import sys
from typing import Final

import click

from pyledger.chain.keys import Keystore, Passphrase, Signer, dev_signer, passphrase_from
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.cli.home import keys_folder
from pyledger.cli.lazy import nearest
from pyledger.cli.options import Where
from pyledger.errors import SignatureError, UsageError
from pyledger.observer.reader import Reader
from pyledger.terms.addresses import checksum

__all__ = ["account_signer", "any_signer", "dev_account", "keystore", "passphrase", "role_signer"]

_DEV_ACCOUNTS: Final = 64


def keystore() -> Keystore:
    """The user's keys."""
    return Keystore(keys_folder())


def passphrase(where: Where, *, confirm: bool = False) -> Passphrase:
    """Where passphrases come from; `confirm` asks twice."""

    def prompt(name: str) -> str:
        found: str = click.prompt(f"passphrase of {name}", hide_input=True, confirmation_prompt=confirm, err=True)
        return found

    interactive = sys.stdin.isatty()
    return passphrase_from(password_file=where.password_file, prompt=prompt if interactive else None)


def role_signer(role: str, reader: Reader, chain_id: int, where: Where) -> Signer:
    """The signer of a party, recipient or verifier. UsageError for an unknown role, SignatureError for a wrong key."""
    accounts = reader.names.accounts
    if role not in accounts:
        raise UsageError(f"the document has no role `{role}`", hint=nearest(role, tuple(accounts)))
    return account_signer(accounts[role], role, chain_id, where)


def account_signer(account: bytes, role: str, chain_id: int, where: Where) -> Signer:
    """The signer of an account (20 bytes) that has a role. SignatureError for a wrong key, or none."""
    if where.key is not None:
        signer = keystore().load(where.key, passphrase(where))
        if signer.address != account:
            raise SignatureError(
                f"the key {where.key} is {signer.checksum}, but {role} is bound to {checksum(account)}",
                hint="use the key of that account, or the role of this key",
            )
        return signer
    if chain_id == LOCAL_CHAIN_ID and (known := dev_account(account, chain_id)) is not None:
        return known
    for file in keystore().list():
        if file.address == account:
            return keystore().load(file.name, passphrase(where))
    raise SignatureError(
        f"no key here is that of {role}, {checksum(account)}",
        where=str(keys_folder()),
        hint="import it with `pyledger keys import NAME FILE`; or make one with `pyledger keys new NAME`, and bind "
        f"{role} to that",
    )


def any_signer(role: str | None, reader: Reader | None, chain_id: int, where: Where) -> Signer:
    """The signer of a role if one is given; else of `--key`; else, on a development chain, its first account.

    Elsewhere the only key there is, if there is one. UsageError if somebody has to be named.
    """
    if role is not None and reader is not None:
        return role_signer(role, reader, chain_id, where)
    if where.key is not None:
        return keystore().load(where.key, passphrase(where))
    if chain_id == LOCAL_CHAIN_ID:
        return dev_signer(0, chain_id=chain_id)
    if len(known := keystore().list()) == 1:
        return keystore().load(known[0].name, passphrase(where))
    raise UsageError("somebody has to pay for the transaction", hint="give --as ROLE, or --key NAME")


def dev_account(account: bytes, chain_id: int) -> Signer | None:
    """The development account at an address, if it is one of the first."""
    for index in range(_DEV_ACCOUNTS):
        signer = dev_signer(index, chain_id=chain_id)
        if signer.address == account:
            return signer
    return None
