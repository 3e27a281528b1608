"""Seats at a table: who has one, and bringing the tokens up to date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pyledger.chain.entitlements import Seats, SeatsPlan, brought, conditions_of, create_seats, entitled_until
from pyledger.chain.keys import Signer
from pyledger.chain.transactions import Receipt
from pyledger.cli.deals import Deal, connected
from pyledger.cli.lazy import nearest
from pyledger.cli.lookup import find_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen, clock
from pyledger.cli.signers import any_signer
from pyledger.document import document_hash
from pyledger.errors import UsageError
from pyledger.ledger.past import past
from pyledger.observer.rights import Entitlement, entitlements
from pyledger.terms.addresses import checksum
from pyledger.terms.commitment import commitment

__all__ = ["show_seats", "update_seats"]


class _Table(NamedTuple):
    """The seats of a benefit, and the parties it is for."""

    deal: Deal
    plan: SeatsPlan
    seats: Seats
    parties: tuple[str, ...]

    def account(self, party: str) -> bytes:
        return self.deal.names.account(party)

    def entitled(self, party: str, told: tuple[bytes, bytes, bytes]) -> bool:
        """Whether the contract would give a party its seat now."""
        deal, conditions = self.deal, self.plan.conditions
        account = self.account(party)
        return bool(entitled_until(deal.connection, self.plan.address, self.plan.agreement, told, account, conditions))

    def rights(self) -> dict[str, Entitlement]:
        """Who is entitled, by the rules."""
        deal, document = self.deal, self.deal.document
        events = deal.events()
        times = {block: deal.connection.block(block).time for block in {event.origin.block for event in events}}
        state = deal.agreement.state()
        found = entitlements(document, deal.names, deal.terms, state, past(events, times), deal.now())
        return {each.holder: each for each in found if each.benefit == self.plan.name and each.holder in self.parties}


def _table(deal: Deal, benefit: str) -> _Table:
    """UsageError where the document is not at hand, or gives no party such a benefit."""
    document = deal.document
    if benefit not in document.benefits:
        raise UsageError(f"the document gives no benefit `{benefit}`", hint=nearest(benefit, tuple(document.benefits)))
    parties = tuple(each for each in document.benefits[benefit].to if each in deal.names.parties)
    if not parties:
        raise UsageError(
            f"`{benefit}` is for no party, and contracts know no others",
            hint="name a benefit that is for a party; `pyledger rights` shows them",
        )
    plan = SeatsPlan(
        deal.agreement.address,
        conditions_of(document, deal.names, benefit),
        benefit,
        "SEAT",
        f"urn:pyledger:document:0x{document_hash(document).hex()}",
    )
    return _Table(deal, plan, Seats(deal.connection, plan), parties)


def show_seats(named: str, benefit: str, where: Where, screen: Screen) -> None:
    """Says who has a seat, and who could have one."""
    with connected(where, named) as connection:
        _show(_table(find_deal(named, where, connection), benefit), screen, ())


def update_seats(named: str, benefit: str, role: str | None, where: Where, screen: Screen) -> None:
    """Creates, publishes, gives and takes what there is to; and shows what has come of it."""
    with connected(where, named) as connection:
        table = _table(find_deal(named, where, connection), benefit)
        signer = any_signer(role, table.deal.reader, connection.chain_id, where)
        with table.deal.speaking():
            done = tuple(_update(table, signer))
        _show(table, screen, done)


def _update(table: _Table, signer: Signer) -> Iterator[tuple[str, Receipt]]:
    """What was done, step by step, in words."""
    seats, agreement = table.seats, table.deal.agreement
    if not seats.exist():
        _, receipt = create_seats(table.deal.connection, signer, table.plan)
        if receipt is not None:
            yield f"the seats of `{table.plan.name}` were created", receipt
    state = agreement.state()
    told = brought(table.deal.terms, state)
    held = {party: table.entitled(party, told) for party in table.parties}
    seated = {party: seats.seated(table.account(party)) for party in table.parties}
    current = commitment(table.deal.terms, state.phase, extended=state.extended)
    if any((*held.values(), *seated.values())) and seats.published() != current:
        yield "the phase at hand was published", seats.publish(signer, told)
    for party in table.parties:
        if held[party] and not seated[party]:
            yield f"{party} was given its seat", seats.mint(signer, table.account(party))
        elif seated[party] and not held[party]:
            yield f"the seat of {party} was taken away", seats.burn(signer, table.account(party))


def _show(table: _Table, screen: Screen, done: tuple[tuple[str, Receipt], ...]) -> None:
    there, rights = table.seats.exist(), table.rights()
    rows: list[dict[str, Any]] = [
        {
            "party": party,
            "account": checksum(table.account(party)),
            "has_seat": there and table.seats.owned(table.account(party)),
            "entitled": rights[party].holds,
            "until": rights[party].until if rights[party].holds else None,
            "why": rights[party].why,
        }
        for party in table.parties
    ]
    screen.data(
        {
            "benefit": table.plan.name,
            "agreement": checksum(table.deal.agreement.address),
            "seats": checksum(table.seats.address),
            "created": there,
            "parties": rows,
            "done": [{"words": words, "transaction": receipt.hash_text} for words, receipt in done],
        }
    )
    for words, receipt in done:
        screen.say(f"{words} (gas {receipt.gas_used:,})")
    where = "" if there else ", not created: `pyledger seats update` does"
    screen.say(f"seats of {table.plan.name}: {checksum(table.seats.address)}{where}", "bold")
    screen.table(
        (
            (
                each["party"],
                "has a seat" if each["has_seat"] else "no seat",
                "entitled" if each["entitled"] else "not entitled",
                f"until {clock(each['until'])}" if each["until"] else "",
                each["why"],
            )
            for each in rows
        ),
        fold=(4,),
        styles={0: "cyan"},
    )
