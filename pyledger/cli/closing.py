"""Commands that move money out: release, settle, unwind, withdraw. Anyone may send them, to where the terms say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pyledger.cli.options import Where, answers, as_option, deal_argument, key_options, network_options
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.cli.deals import Deal

__all__ = ["release", "settle", "unwind", "withdraw"]


@click.command()
@deal_argument
@click.option("--payment", "payments", multiple=True, metavar="NAME", help="Only this payment; can be repeated.")
@as_option(help="Who sends it and pays the gas (anyone may).")
@network_options
@key_options
@answers
def release(deal: str, payments: tuple[str, ...], role: str | None, where: Where, screen: Screen) -> None:
    """Pay out every payment whose verdict is final: to its payees, or back to its payer.

    What is paid out already is passed over.
    """
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.overtaken import paid_before
    from pyledger.cli.signers import any_signer
    from pyledger.terms.state import Status

    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection)
        state = found.agreement.state()
        here = [name for name in payments if not found.settled(found.names.payments, name, state)]
        already = [f"{name} was settled with its phase" for name in payments if name not in here]
        if here or (not payments and state.status is Status.OPEN):
            found.require_in_force(state)
        chosen = [found.names.payment(found.names.phases[state.phase], name) for name in here]
        already += [
            f"{name} is paid out already" for name, index in zip(here, chosen, strict=True) if index in state.paid
        ]
        wanted = [index for index in chosen if index not in state.paid] if payments else found.ready(state)
        receipts = []
        if wanted:
            signer = any_signer(role, found.reader, connection.chain_id, where)
            with found.speaking():
                receipts.append(found.agreement.release(signer, wanted))
            already += paid_before(found, state.phase, wanted, receipts)
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

    Refused until every obligation is decided for good, by its panel, by silence or by the court, and every bond and
    due payment is paid in; or until the phase is cut off. Past the long stop no further phase opens. Settling an
    agreement that has ended changes nothing.
    """
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.signers import any_signer
    from pyledger.terms.state import Status

    with connected(where, deal) as connection:
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
    """End what cannot go on.

    When the time to join is over and too few have joined, every bond goes back. Past the long stop, and the time for
    the court after it, what was decided by then is paid and forfeited as decided, and everything else goes back to who
    paid it in.
    """
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected, refused_words
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.signers import any_signer
    from pyledger.terms.state import Status

    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection)
        state = found.agreement.state()
        if state.status in (Status.VOID, Status.UNWOUND):
            report(screen, found, (), already=[f"the agreement is {state.status.name.lower()} already"])
            return
        if state.status is Status.OPEN and len(state.members) >= found.terms.minParties:
            now = found.now()
            if found.terms.joinBy < now <= found.terms.longStop:
                raise refused_words(
                    "enough have joined for the agreement to begin, so that its bonds stay until the long stop",
                    name="TooEarly",
                    hint=f"begin without the others: `pyledger enter {found.named}`",
                )
        signer = any_signer(role, found.reader, connection.chain_id, where)
        with found.speaking():
            receipt = found.agreement.unwind(signer)
        report(screen, found, [receipt])


@click.command()
@deal_argument
@as_option(help="Whose credit it is; with --for, who sends it and pays the gas (anyone may).")
@click.option("--for", "whose", metavar="ROLE|ADDRESS", help="Send this account its credit, on its behalf.")
@click.option("--to", metavar="ROLE|ADDRESS", help="Where it goes (default: to the role itself).")
@click.option("--asset", metavar="NAME", help="Only this asset (default: all that are credited).")
@click.option("--amount", metavar="N", help="At most so much of it, in the unit of the asset; the rest stays credited.")
@network_options
@key_options
@answers
def withdraw(
    deal: str,
    role: str | None,
    whose: str | None,
    to: str | None,
    asset: str | None,
    amount: str | None,
    where: Where,
    screen: Screen,
) -> None:
    """Take money that could not be sent and was credited instead; or, with --for, send others theirs.

    Only its owner can take a credit elsewhere (--as NAME --to OTHER). To the owner itself anyone can send it, so that a
    contract which cannot call for its money gets it. A part of it can be taken where the agreement holds less than all
    of it, as of a token whose balances shrink.
    """
    from pyledger.chain.reading import assets_of
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.signers import any_signer, role_signer
    from pyledger.errors import UsageError
    from pyledger.terms.structs import NATIVE

    owner = whose or role
    if owner is None:
        raise UsageError(
            "nobody is named", hint="give --as NAME to take your own credit, or --for NAME to send another's"
        )
    if whose is not None and to is not None:
        raise UsageError(
            "--for sends a credit to its owner, so --to has no place", hint="only the owner can choose where"
        )
    if amount is not None and (asset is None or whose is not None):
        raise UsageError(
            "--amount is a part of the credit of one's own in one asset",
            hint="give --as NAME and --asset NAME with it, and not --for, which sends all",
        )
    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection)
        account = found.account(owner)
        part = _part(found, asset, amount)
        target = found.account(to) if to else None
        assets = (found.names.asset(asset),) if asset else dict.fromkeys((*assets_of(found.terms), NATIVE))
        owed = [each for each in assets if found.agreement.credit(account, each)]
        if not owed:
            report(screen, found, (), already=[f"nothing is credited to {owner}"])
            return
        with found.speaking():
            if whose is not None:
                signer = any_signer(role, found.reader, connection.chain_id, where)
                receipts = [found.agreement.deliver(signer, account, each) for each in owed]
            else:
                signer = role_signer(owner, found.reader, connection.chain_id, where)
                receipts = [found.agreement.withdraw(signer, each, to=target, amount=part) for each in owed]
        report(screen, found, receipts)


def _part(found: Deal, asset: str | None, amount: str | None) -> int | None:
    """An amount that a person writes, in the smallest unit of an asset."""
    from pyledger.document.units import NotUnderstood, parse_amount, to_smallest
    from pyledger.errors import UsageError

    if asset is None or amount is None:
        return None
    unit = found.reader.money(found.names.asset(asset), 0)
    try:
        return to_smallest(parse_amount(amount), unit.decimals, of=asset)
    except NotUnderstood as error:
        raise UsageError(f"--amount: {error.message}", hint=error.hint) from None
