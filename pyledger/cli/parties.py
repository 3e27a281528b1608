"""Commands of those who make a deal: open it, accept it, pay in what is owed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pyledger.cli.options import (
    Where,
    answers,
    as_option,
    bindings_options,
    deal_argument,
    key_options,
    network_options,
    output_option,
)
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.chain.transactions import Receipt
    from pyledger.cli.deals import Deal
    from pyledger.terms.state import State

__all__ = ["accept", "fund", "open_"]


@click.command(name="open")
@deal_argument
@as_option(help="Who sends it and pays the gas (anyone may).")
@click.option("--again", is_flag=True, help="Open another agreement of the same document, with dates from now.")
@click.option("--accept", is_flag=True, help="Accept as --as PARTY too, in the same transaction.")
@click.option(
    "--fund", "pay_in", is_flag=True, help="With --accept: put into escrow what it owes, as far as it can be."
)
@bindings_options
@key_options
@answers
def open_(deal: str, role: str | None, again: bool, accept: bool, pay_in: bool, where: Where, screen: Screen) -> None:
    """Open the agreement of a document, so that its parties can accept.

    On the local chain every name becomes a development account, a token is deployed for each asset, and the parties
    receive what they may need. On other networks give --bindings FILE. Dates that count from opening count from now.
    Phases that the document makes confidential are not published. Opening what is open already changes nothing.
    """
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.joining import join, still_missing
    from pyledger.cli.opening import open_deal
    from pyledger.errors import UsageError

    if (accept and role is None) or (pay_in and not accept):
        raise UsageError("nobody is named who accepts", hint="give --as PARTY --accept, and --fund if you like")
    with connected(where, deal) as connection:
        opened, receipts, already = open_deal(
            deal, role, where, connection, again=again, launches=accept, pay_in=pay_in
        )
        if accept and role is not None and not receipts:
            joined, said = join(opened, role, where, fund=pay_in)
            receipts, already = [*receipts, *joined], [*already, *said]
        elif pay_in and role is not None and (missing := still_missing(opened, role)):
            already = [*already, f"nothing can be paid in before {', '.join(missing)} accepted too"]
        report(screen, opened, receipts, already=already)


@click.command()
@deal_argument
@as_option(required=True, help="The party that accepts.")
@click.option(
    "--offline", is_flag=True, help="Only sign: print an acceptance that anybody can `submit`, with the bond."
)
@output_option("With --offline: write it to FILE.")
@click.option("--fund", "pay_in", is_flag=True, help="Put into escrow what it owes, too, if all others have accepted.")
@network_options
@key_options
@answers
def accept(
    deal: str, role: str, offline: bool, output: Path | None, pay_in: bool, where: Where, screen: Screen
) -> None:
    """Join as a party and post its bond.

    The last party to accept brings the agreement into force. Where the document says `accession`, a party that has not
    joined can still accept later, by its own key, and is bound from the next phase on. Accepting twice changes nothing.
    """
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.joining import join
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.offline import signed_acceptance

    if offline:
        signed_acceptance(deal, role, where, output, screen)
        return
    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection)
        receipts, already = join(found, role, where, fund=pay_in)
        report(screen, found, receipts, already=already)


@click.command()
@deal_argument
@as_option(required=True, help="The party that owes it.")
@click.option("--payment", "payments", multiple=True, metavar="NAME", help="Only this payment; can be repeated.")
@network_options
@key_options
@answers
def fund(deal: str, role: str, payments: tuple[str, ...], where: Where, screen: Screen) -> None:
    """Pay in what a party owes in this phase: what its bond is short of, and its payments into escrow.

    Funding what is funded already changes nothing.
    """
    from pyledger.cli.act import report
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.overtaken import funded_before, topped_up_before
    from pyledger.cli.signers import role_signer

    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection)
        party = found.party(role)
        state = found.agreement.state()
        wanted, already = _owed(found, state, party, payments)
        receipts: list[Receipt] = []
        is_short = party in state.short and not payments
        if wanted or is_short:
            signer = role_signer(role, found.reader, connection.chain_id, where)
            moves, coin = found.agreement.calls, _takes_coin(found, state, party, wanted, is_short)
            calls = [moves.top_up(party)] if is_short else []
            calls += [moves.fund(wanted)] if wanted else []
            with found.speaking():  # coin can only come with a call by itself
                batches = [[each] for each in calls] if coin else [calls]
                receipts += [found.agreement.send(signer, *some) for some in batches]
            already += topped_up_before(role, receipts) if is_short else []
            already += funded_before(found, state.phase, wanted, receipts)
        elif not already:
            already = [f"{role} owes nothing in this phase"]
        report(screen, found, receipts, already=already)


def _owed(found: Deal, state: State, party: int, payments: tuple[str, ...]) -> tuple[list[int], list[str]]:
    """The payments to fund, and what to say of those that need none."""
    from pyledger.errors import UsageError
    from pyledger.terms.outcome import owed, phase_at_hand
    from pyledger.terms.state import Status

    phase, names = phase_at_hand(state, found.terms), found.names.payments[state.phase]
    if state.status not in (Status.OPEN, Status.IN_FORCE) and not payments:
        mine = [index for index, payment in enumerate(phase.payments) if payment.payer == party]
        if state.status is Status.COMPLETED or (mine and state.funded.issuperset(mine)):
            return [], [f"the agreement is {state.status.name.lower()}: {found.names.parties[party]} owes nothing more"]
    past = {name: place for name in payments if (place := found.settled(found.names.payments, name, state))}
    if past and past.keys() == set(payments) and all(_was_funded(found, place) for place in past.values()):
        return [], [f"{name} was funded, and is settled" for name in payments]
    found.require_in_force(state)
    if not payments:
        mine = [index for index, payment in enumerate(phase.payments) if payment.payer == party]
        funded = [names[index] for index in mine if index in state.funded]
        wanted = [index for index in mine if owed(state, found.terms, index)]
        return wanted, [f"{name} is funded already" for name in funded] if not wanted else []
    wanted, already = [], []
    for name in payments:
        index = found.names.payment(found.names.phases[state.phase], name)
        payer = found.names.parties[phase.payments[index].payer]
        if phase.payments[index].payer != party:
            raise UsageError(
                f"`{name}` is owed by {payer}, not by {found.names.parties[party]}",
                hint=f"give --as {payer}, or another payment",
            )
        if index in state.funded:
            already.append(f"{name} is funded already")
        else:
            wanted.append(index)
    return wanted, already


def _takes_coin(found: Deal, state: State, party: int, wanted: Sequence[int], is_short: bool) -> bool:
    """Whether any of it is paid in the chain's coin."""
    from pyledger.terms.structs import NATIVE

    payments = found.terms.phases[state.phase].payments
    return (is_short and found.terms.parties[party].asset == NATIVE) or any(
        payments[index].asset == NATIVE for index in wanted
    )


def _was_funded(found: Deal, place: tuple[int, int]) -> bool:
    """Whether a payment, by phase and index, was put into escrow."""
    from pyledger.chain.events import Funded

    return any(
        isinstance(event, Funded) and event.phase == place[0] and place[1] in event.payments for event in found.events()
    )
