"""Commands that move money out: release, settle, unwind, withdraw. Anyone may send the first three."""

from __future__ import annotations

import click

from pyledger.cli.options import Where, answers, as_option, deal_argument, key_options, network_options
from pyledger.cli.output import Screen

__all__ = ["release", "settle", "unwind", "withdraw"]


@click.command()
@deal_argument
@click.option("--payment", "payments", multiple=True, metavar="NAME", help="Only this payment; can be repeated.")
@as_option(help="Who sends it and pays the gas (anyone may).")
@network_options
@key_options
@answers
def release(deal: str, payments: tuple[str, ...], role: str | None, where: Where, screen: Screen) -> None:
    """Pay out every payment whose verdict is final: to its payees, or back to its payer."""
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.signers import any_signer

    with connected(where) as connection:
        found = find_deal(deal, where, connection)
        state = found.agreement.state()
        found.require_in_force(state)
        names = found.names.payments[state.phase]
        chosen = [found.names.payment(found.names.phases[state.phase], name) for name in payments]
        already = [f"{names[index]} is paid out already" for index in chosen if index in state.paid]
        wanted = [index for index in chosen if index not in state.paid] if payments else found.ready(state)
        receipts = []
        if wanted:
            signer = any_signer(role, found.reader, connection.chain_id, where)
            with found.speaking():
                receipts.append(found.agreement.release(signer, wanted))
        elif not already:
            already = ["nothing can be paid out now"]
        report(screen, found, receipts, already=already)


@click.command()
@deal_argument
@as_option(help="Who sends it and pays the gas (anyone may).")
@network_options
@key_options
@answers
def settle(deal: str, role: str | None, where: Where, screen: Screen) -> None:
    """Close the phase at hand: pay and return, forfeit, then open the next phase or end the agreement.

    Refused until every obligation is decided, by its panel or by silence, or the phase is cut off. Settling an
    agreement that has ended changes nothing.
    """
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.signers import any_signer
    from pyledger.terms.state import Status

    with connected(where) as connection:
        found = find_deal(deal, where, connection)
        state = found.agreement.state()
        if state.status not in (Status.OPEN, Status.IN_FORCE):
            report(screen, found, (), already=[f"the agreement is {state.status.name.lower()} already"])
            return
        found.require_in_force(state)
        signer = any_signer(role, found.reader, connection.chain_id, where)
        with found.speaking():
            receipt = found.agreement.settle(signer)
        report(screen, found, [receipt])


@click.command()
@deal_argument
@as_option(help="Who sends it and pays the gas (anyone may).")
@network_options
@key_options
@answers
def unwind(deal: str, role: str | None, where: Where, screen: Screen) -> None:
    """Send everything back to who paid it in.

    Possible when the time to join is over and a party is missing, or past the long stop.
    """
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.signers import any_signer
    from pyledger.terms.state import Status

    with connected(where) as connection:
        found = find_deal(deal, where, connection)
        state = found.agreement.state()
        if state.status in (Status.VOID, Status.UNWOUND):
            report(screen, found, (), already=[f"the agreement is {state.status.name.lower()} already"])
            return
        signer = any_signer(role, found.reader, connection.chain_id, where)
        with found.speaking():
            receipt = found.agreement.unwind(signer)
        report(screen, found, [receipt])


@click.command()
@deal_argument
@as_option(required=True, help="Whose credit it is.")
@click.option("--to", metavar="ROLE|ADDRESS", help="Where it goes (default: to the role itself).")
@click.option("--asset", metavar="NAME", help="Only this asset (default: all that are credited).")
@network_options
@key_options
@answers
def withdraw(deal: str, role: str, to: str | None, asset: str | None, where: Where, screen: Screen) -> None:
    """Take money that could not be sent and was credited instead."""
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.signers import role_signer

    with connected(where) as connection:
        found = find_deal(deal, where, connection)
        account = found.names.account(role)
        target = found.account(to) if to else None
        wanted = found.names.asset(asset) if asset else None
        owed = [
            each
            for (whose, each), amount in found.agreement.snapshot().state.credits.items()
            if whose == account and amount and wanted in (None, each)
        ]
        if not owed:
            report(screen, found, (), already=[f"nothing is credited to {role}"])
            return
        signer = role_signer(role, found.reader, connection.chain_id, where)
        with found.speaking():
            receipts = [found.agreement.withdraw(signer, each, to=target) for each in owed]
        report(screen, found, receipts)
