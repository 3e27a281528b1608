"""Standing that many share: made for a body that admits, credentials for those whom it admits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from pyledger.cli.lazy import Group
from pyledger.cli.options import Where, answers, given_address, key_options, network_option, output_option
from pyledger.cli.output import Screen, clock
from pyledger.cli.writing import write

if TYPE_CHECKING:
    from pyledger.chain.keys import Signer
    from pyledger.chain.standing import SignedCredential
    from pyledger.cli.deals import Deal

__all__ = ["Speaker", "speaker", "standing"]


class Speaker(NamedTuple):
    """Who speaks: the account that the terms hear (20 bytes), who signs, and by which credential, if it is another."""

    account: bytes
    signer: Signer
    credential: SignedCredential | None


def speaker(deal: Deal, role: str, credential: Path | None, where: Where) -> Speaker:
    """Who comments or challenges as `role`; SignatureError where the key, or the credential, does not admit it."""
    from pyledger.chain.records import read_records
    from pyledger.chain.standing import SignedCredential, body_of, check_credential
    from pyledger.cli.signers import account_signer, role_signer
    from pyledger.errors import SignatureError
    from pyledger.terms.addresses import checksum

    connection = deal.connection
    if credential is None:
        try:
            signer = role_signer(role, deal.reader, connection.chain_id, where)
        except SignatureError:
            account = deal.names.account(role)
            if (body := body_of(connection, account)) is None:
                raise
            raise SignatureError(
                f"{role}, {checksum(account)}, is a standing that many share, and no account of its own",
                hint=f"say with --credential FILE that you are admitted to it; {checksum(body)} admits",
            ) from None
        return Speaker(signer.address, signer, None)
    account = deal.names.account(role)
    body = body_of(connection, account)
    if body is None:
        raise SignatureError(
            f"{role}, {checksum(account)}, is no standing that many share",
            where=str(credential),
            hint="leave --credential out, and sign with the key of that account",
        )
    (record,) = read_records(credential, SignedCredential)[:1]
    signer = account_signer(record.holder, "the holder", connection.chain_id, where)
    now = connection.latest_time()
    check_credential(record, chain_id=connection.chain_id, body=body, holder=signer.address, now=now)
    return Speaker(account, signer, record)


@click.group(cls=Group)
def standing() -> None:
    """Have many heard as one: whoever a named body admits comments and challenges with the standing of one account."""


@standing.command()
@click.option("--body", required=True, metavar="ADDRESS", help="Who admits: a union, a council, by its account.")
@network_option
@key_options
@answers
def deploy(body: str, where: Where, screen: Screen) -> None:
    """Put the account on a chain that a document's `standing` is bound to. Its address follows from the body's.

    Nobody owns it, and it can do nothing but comment and challenge. Deploying it again changes nothing.
    """
    from pyledger.chain.standing import create_standing
    from pyledger.cli.deals import connected
    from pyledger.cli.signers import any_signer
    from pyledger.terms.addresses import checksum

    who = given_address(body, "--body")
    with connected(where) as connection:
        address, receipt = create_standing(connection, any_signer(None, None, connection.chain_id, where), who)
    screen.data({"address": checksum(address), "body": checksum(who), "created": receipt is not None})
    screen.say(f"whom {checksum(who)} admits is heard as {checksum(address)}", "green")
    screen.say("bind the document's name to it, under `standing`", "dim")


@standing.command()
@click.argument("holder", metavar="ADDRESS")
@click.option("--body", metavar="ADDRESS", help="On a local chain, where --key is not needed: the body that admits.")
@click.option("--expires", default="90 days", show_default=True, metavar="TIME", help="Until when it counts.")
@output_option("Where to write it.", required=True)
@network_option
@key_options
@answers
def admit(holder: str, body: str | None, expires: str, output: Path, where: Where, screen: Screen) -> None:
    """Sign, as the body that admits, a credential for an account. What it lets its holder do, `comment` shows."""
    from pyledger.chain.records import dump_records
    from pyledger.chain.standing import admit as sign
    from pyledger.cli.deals import connected
    from pyledger.cli.signers import account_signer, any_signer
    from pyledger.document.moments import expiry_of
    from pyledger.terms.addresses import checksum

    who = given_address(holder, "ADDRESS")
    with connected(where) as connection:
        chain_id, now = connection.chain_id, connection.latest_time()
    signer = (
        any_signer(None, None, chain_id, where)
        if body is None
        else account_signer(given_address(body, "--body"), "the body", chain_id, where)
    )
    record = sign(signer, who, chain_id=chain_id, expiry=expiry_of(expires, now))
    write(output, dump_records([record]).encode(), force=True)
    screen.data({"file": str(output), "holder": checksum(who), "standing": checksum(record.standing)})
    screen.say(f"wrote {output}: {checksum(who)} is heard as {checksum(record.standing)} until {clock(record.expiry)}")
