"""Joining an agreement, and paying in at once what is owed then, in as few transactions as it takes."""

from __future__ import annotations

from pyledger.chain.transactions import Receipt
from pyledger.cli.deals import Deal
from pyledger.cli.options import Where
from pyledger.cli.overtaken import funded_before
from pyledger.cli.signers import role_signer
from pyledger.terms.outcome import owed
from pyledger.terms.state import State, Status
from pyledger.terms.structs import NATIVE, Terms

__all__ = ["first_payments", "join", "still_missing"]


def join(found: Deal, role: str, where: Where, *, fund: bool) -> tuple[list[Receipt], list[str]]:
    """Accept for a role, and with `fund` pay in what it owes in this phase: the transactions, and what took none."""
    party = found.party(role)
    state = found.agreement.state()
    if party in state.joining:
        return [], [f"{role} has accepted already, and joins with the next phase"]
    already = [f"{role} has accepted already"] if party in state.members else []
    wanted = _wanted(found, state, party) if fund else []
    if already and not wanted:
        return [], already
    signer = role_signer(role, found.reader, found.connection.chain_id, where)
    move = found.agreement
    with found.speaking():
        if already:
            receipt = move.fund(signer, wanted)
            return [receipt], [*already, *funded_before(found, state.phase, wanted, [receipt])]
        if not wanted:
            late = fund and state.status is Status.OPEN and state.phase == 0 and _missing(found, state, party)
            said = [f"nothing can be paid in before {', '.join(late)} accepted too"] if late else []
            return [move.accept(signer)], said
        phase, joining = found.terms.phases[0], found.terms.parties[party]
        coin = (joining.asset == NATIVE and joining.bond) or any(phase.payments[i].asset == NATIVE for i in wanted)
        if coin:  # coin can only come with a call by itself
            return [move.accept(signer), move.fund(signer, wanted)], []
        return [move.send(signer, move.calls.accept(signer.address), move.calls.fund(wanted))], []


def first_payments(terms: Terms, party: int) -> list[int]:
    """The payments that a party owes in the first phase."""
    return [index for index, payment in enumerate(terms.phases[0].payments) if payment.payer == party]


def still_missing(found: Deal, role: str) -> list[str]:
    """Who is still to accept, besides a party that has, before it can pay in what it owes."""
    party, state = found.party(role), found.agreement.state()
    waits = state.status is Status.OPEN and first_payments(found.terms, party)
    return _missing(found, state, party) if waits else []


def _wanted(found: Deal, state: State, party: int) -> list[int]:
    """What a party owes in escrow once it has accepted: nothing before the agreement is in force."""
    if state.status is Status.IN_FORCE and party in state.members:
        payments = found.terms.phases[state.phase].payments
        return [
            index
            for index, payment in enumerate(payments)
            if payment.payer == party and owed(state, found.terms, index)
        ]
    if state.status is not Status.OPEN or _missing(found, state, party):
        return []
    return first_payments(found.terms, party)


def _missing(found: Deal, state: State, party: int) -> list[str]:
    """Who is still to accept besides a party."""
    return [name for index, name in enumerate(found.names.parties) if index not in state.members | {party}]
