"""Commands for those who sign before anything is on chain: a signature, and a bundle of all that was agreed."""

from __future__ import annotations

from pathlib import Path

import click

from pyledger.cli.options import Where, answers, as_option, bindings_options, deal_argument, key_options, output_option
from pyledger.cli.output import Screen

__all__ = ["bundle", "sign"]

_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@deal_argument
@as_option(required=True, help="The party that signs.")
@click.option(
    "--request", type=_file, metavar="FILE", help="Sign nothing: write to FILE what a wallet elsewhere signs."
)
@click.option("--signature", metavar="0x…|@FILE", help="Take in what that wallet has signed.")
@click.option("--contract", is_flag=True, help="The party's account is a contract (ERC-1271), with --signature.")
@output_option("Write the signature to FILE (default: print it).")
@bindings_options
@key_options
@answers
def sign(
    deal: str,
    role: str,
    request: Path | None,
    signature: str | None,
    contract: bool,
    output: Path | None,
    where: Where,
    screen: Screen,
) -> None:
    """Sign the terms as a party, asking no node: with a key that is here, or with a wallet elsewhere.

    What is signed are the terms whole (EIP-712 typed data), for one agreement on one chain, as `accept --offline` does:
    with it anybody can post the party's bond (`submit`). For a wallet elsewhere, write a --request, have it signed, and
    take the --signature in: it is checked against the party's account. DEAL may be a bundle.
    """
    from pyledger.cli.bundling import request_signature, sign_here, take_back
    from pyledger.errors import UsageError

    if request is not None and signature is not None:
        raise UsageError("a request comes before the signature", hint="give --request, or --signature")
    if contract and signature is None:
        raise UsageError("a contract signs elsewhere", hint="write a --request, then give its --signature")
    if request is not None:
        request_signature(deal, role, where, request, screen)
    elif signature is not None:
        take_back(deal, role, where, signature, by_contract=contract, out=output, screen=screen)
    else:
        sign_here(deal, role, where, output, screen)


@click.command()
@deal_argument
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[SIGNATURE]...")
@output_option("The file to write.", required=True)
@click.option("--contract", "contracts", multiple=True, metavar="PARTY", help="Its account is a contract (ERC-1271).")
@bindings_options
@answers
def bundle(
    deal: str, files: tuple[Path, ...], output: Path, contracts: tuple[str, ...], where: Where, screen: Screen
) -> None:
    """Put all that was agreed into one file: document, bindings, terms, the address, and who has signed.

    SIGNATURE is a file that `sign` wrote, or another bundle; what does not fit is refused. DEAL may be a bundle, to add
    signatures to it. The file is JSON, always the same for the same content: `verify` checks it without any chain, and
    `open`, `accept` and all others take it as a DEAL.
    """
    from pyledger.cli.bundling import bundle_up

    bundle_up(deal, files, contracts, where, output, screen)
