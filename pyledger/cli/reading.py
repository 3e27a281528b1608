"""Commands of those who look on, for which no key is needed; and of those who help them to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pyledger.cli import completing
from pyledger.cli.options import Where, answers, as_option, deal_argument, key_options, network_options
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.chain.connect import Connection
    from pyledger.cli.deals import Deal

__all__ = ["disclose", "status", "verify"]


@click.command()
@click.argument("deal", metavar="[DEAL]", required=False, shell_complete=completing.deals)
@network_options
@answers
def status(deal: str | None, where: Where, screen: Screen) -> None:
    """Show how an agreement stands: who owes what by when, where the money is, what can be done next.

    Without DEAL: the agreements opened from here. With an address alone things are numbered; with a document and --at
    ADDRESS they have their names.
    """
    from pyledger.cli.balloting_view import tell_ballots
    from pyledger.cli.board import show_status
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.errors import MismatchError

    with connected(where, deal) as connection:
        if deal is None:
            _list(connection, screen)
            return
        meant = find_deal(deal, where, connection)
        doubt: tuple[str, ...] = ()
        try:
            ballots = tell_ballots(meant)
        except MismatchError as error:  # a verifier that says it is a ballot, and is none
            ballots, doubt = (), (error.what,)
        found = meant.status()
        found = replace(found, warnings=(*found.warnings, *doubt))
        screen.data(found.to_json() | ({"ballots": [each.data for each in ballots]} if ballots else {}))
        show_status(found, screen)
        for each in ballots:
            each.say(screen)


def _list(connection: Connection, screen: Screen) -> None:
    from pyledger.cli.deals import deal_of
    from pyledger.cli.output import ago, clock
    from pyledger.cli.papers import openings
    from pyledger.terms.addresses import checksum

    genesis = "0x" + connection.genesis_hash.hex()
    known = openings(connection.chain_id, genesis_hash=genesis)
    now = connection.latest_time()
    rows: list[dict[str, Any]] = []
    for each in known:
        state = deal_of(each.named, connection, each.document, each.bindings).agreement.state()
        rows.append(
            {
                "deal": each.named,
                "title": each.document.title,
                "address": checksum(each.address),
                "state": state.status.name.lower().replace("_", " "),
                "opened": each.at,
            }
        )
    screen.data(rows)
    if not rows:
        screen.say(f"nothing has been opened from here on chain {connection.chain_id}")
        screen.say("next: pyledger open DEAL")
    for row in rows:
        screen.say(f"{row['deal']}: {row['state']}", "bold")
        screen.say(f"  {row['title']}")
        screen.say(f"  {row['address']}, opened {clock(row['opened'])}, {ago(row['opened'], now)}", "dim")


@click.command()
@deal_argument
@network_options
@click.option("--contract", "contracts", multiple=True, metavar="PARTY", help="Its account is a contract (ERC-1271).")
@answers
@click.pass_context
def verify(context: click.Context, deal: str, where: Where, contracts: tuple[str, ...], screen: Screen) -> None:
    """Check, step by step, that an address holds exactly this document and can hold nothing else.

    DEAL is a document, with --at ADDRESS for an agreement that others opened, or --bindings FILE; or an address alone.
    Of a bundle all is computed anew without asking any chain, and every signature checked; give --contract PARTY where
    a party's account is a contract, whose signature only a chain can check. Exits with 1 if any step fails.
    """
    from pyledger.chain.reading import Check
    from pyledger.cli.bundled import is_bundle
    from pyledger.cli.bundling import verify_bundle
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal

    if is_bundle(deal):
        if not verify_bundle(Path(deal), where, contracts, screen):
            context.exit(1)
        return
    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection, strict=False)
        at = where.address or found.agreement.address
        checks = [*_words(found), *_code(found, at), *_court(found), *_tokens(found, connection)]
        _tell(found, at, checks, screen)
    if not all(isinstance(each, Check) and each.holds for each in checks):
        context.exit(1)


def _words(found: Deal) -> list[Any]:
    from pyledger.chain.reading import Check
    from pyledger.document import document_hash
    from pyledger.terms.typed_data import terms_hash

    document, terms = found.reader.document, found.terms
    digest = "0x" + terms.document.hex()
    steps = []
    if document is not None:
        same = document_hash(document) == terms.document
        steps.append(Check("the terms name this document by its hash", same, digest))
    else:
        steps.append(Check("the terms name a document by its hash, which is not at hand", True, digest))
    whose = "the document under its bindings gives" if document else "the chain reports"
    steps.append(Check(f"{whose} these terms", True, "0x" + terms_hash(terms).hex()))
    return steps


def _code(found: Deal, at: bytes) -> tuple[Any, ...]:
    from pyledger.chain.reading import verify as check

    return check(found.connection, at, found.terms, found.agreement.places)


def _court(found: Deal) -> list[Any]:
    """Whether there is a court where the terms name one: where there is none, no verdict can be contested."""
    from pyledger.chain.arbitration import Court
    from pyledger.chain.reading import Check
    from pyledger.terms.addresses import checksum
    from pyledger.terms.outcome import has_court
    from pyledger.terms.structs import NATIVE

    terms = found.terms
    if not has_court(terms):
        return []
    court, name = checksum(terms.arbitrator), found.names.court
    cost = Court(found.connection, terms.arbitrator).cost(terms.arbitratorData)
    says = f"{court} does not say" if cost is None else f"{court}: {found.reader.money(NATIVE, cost)}"
    return [Check(f"the court{f' `{name}`' if name else ''} says what it asks for", cost is not None, says)]


def _tokens(found: Deal, connection: Connection) -> list[Any]:
    """Whether tokens count as the document says: a token with other decimals would change every amount."""
    from pyledger.chain.abi import token_abi
    from pyledger.chain.reading import Check, assets_of
    from pyledger.errors import NodeError
    from pyledger.terms.addresses import checksum
    from pyledger.terms.structs import NATIVE

    steps: list[Check] = []
    document, abi = found.reader.document, token_abi()
    for asset in assets_of(found.terms) if document else ():
        name = found.names.what(asset)
        if asset == NATIVE or document is None or name is None:
            continue
        wanted = document.assets[name].decimals
        what = f"the token of `{name}` counts in {wanted} decimals"
        try:
            (decimals,) = abi.decode("decimals", connection.call(asset, abi.encode("decimals")))
        except (NodeError, KeyError):
            steps.append(Check(what, False, f"{checksum(asset)} does not say"))
            continue
        steps.append(Check(what, decimals == wanted, f"{checksum(asset)}: {decimals}"))
    return steps


def _tell(found: Deal, at: bytes, checks: list[Any], screen: Screen) -> None:
    from pyledger.terms.addresses import checksum

    holds = all(each.holds for each in checks)
    roles = {name: checksum(account) for name, account in found.names.accounts.items()}
    screen.data(
        {
            "agreement": checksum(at),
            "chain_id": found.connection.chain_id,
            "ok": holds,
            "checks": [each._asdict() for each in checks],
            "roles": roles,
        }
    )
    screen.say(f"{checksum(at)} on chain {found.connection.chain_id}", "bold")
    for each in checks:
        screen.say(f"  {'yes' if each.holds else 'NO '}  {each.what}", "green" if each.holds else "bold red")
        screen.say(f"       {each.found}", "dim")
    screen.heading("who is who")
    screen.table(roles.items(), styles={0: "cyan"})
    screen.say()
    if holds:
        named = found.reader.document is not None
        words = "it holds exactly this document" if named else "it is an agreement of these terms"
        screen.say(f"{words}, and can hold nothing else", "bold green")
    else:
        screen.say("it does not hold this document: do not send it anything", "bold red")


@click.command()
@deal_argument
@as_option(help="Who sends it and pays the gas (anyone may).")
@click.option("--all", "everything", is_flag=True, help="Publish what the document makes confidential, too.")
@network_options
@key_options
@answers
def disclose(deal: str, role: str | None, everything: bool, where: Where, screen: Screen) -> None:
    """Publish the terms anew, in clear, for observers who have only the address.

    For an agreement that somebody opened without its phases, or in a form that hides what it is. The factory checks
    that they are its terms. Publishing what can be read already changes nothing. What is confidential stays so, unless
    --all publishes it for good.
    """
    from pyledger.chain.events import fullest
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.signers import any_signer

    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection)
        told, document = fullest(found.events()), found.reader.document
        wanted = len(found.terms.phases) if everything or document is None else document.open_phases
        if told is not None and len(told.disclosed) >= wanted:
            report(screen, found, (), already=[_already(found, wanted)])
            return
        signer = any_signer(role, found.reader, connection.chain_id, where)
        with found.speaking():
            receipt = found.agreement.disclose(signer, disclosed=wanted)
        report(screen, found, [receipt])


def _already(deal: Deal, wanted: int) -> str:
    if wanted == len(deal.terms.phases):
        return "all its terms can be read already"
    return "all but its confidential phases can be read already; --all publishes these too, for good"
