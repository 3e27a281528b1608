"""The state of an agreement at one moment, in the words of its document: a pure view of what a node says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pyledger.document import Document
from pyledger.observer.actions import may_accede, next_actions
from pyledger.observer.alarms import warnings_of
from pyledger.observer.reader import Reader, word
from pyledger.observer.shapes import (
    BondView,
    CourtView,
    HeldView,
    PartyView,
    PaymentView,
    PhaseView,
    ShareView,
    StatusView,
    TierView,
    UndisclosedView,
    WhoGets,
)
from pyledger.observer.verdicts import Observed, judgements, obligation_views
from pyledger.terms import outcome, settlement
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names
from pyledger.terms.outcome import Judgement
from pyledger.terms.state import State, Status
from pyledger.terms.structs import NATIVE, Payment, Terms, Undisclosed, Verdict
from pyledger.terms.typed_data import terms_hash

__all__ = ["STATES", "Observed", "view", "who_gets"]

STATES: Final[Mapping[Status, str]] = {
    Status.OPEN: "open",
    Status.IN_FORCE: "in force",
    Status.COMPLETED: "completed",
    Status.TERMINATED: "terminated",
    Status.VOID: "void",
    Status.UNWOUND: "unwound",
    Status.DISSOLVED: "dissolved",
}


def view(
    document: Document | None,
    names: Names,
    terms: Terms,
    observed: Observed,
    now: int,
    *,
    reference: Sequence[str] = (),
    payer: Sequence[str] = (),
) -> StatusView:
    """How an agreement stands at `now` (Unix seconds).

    `reference` is how commands name it (default: its address); `payer` are the options that say who pays for what
    anybody may send, where that has to be said.
    """
    reader, state = Reader(document, names, terms), observed.state
    address = checksum(observed.agreement)
    return StatusView(
        title=reader.title,
        agreement=address,
        chain_id=observed.chain_id,
        document="0x" + terms.document.hex(),
        terms="0x" + terms_hash(terms).hex(),
        state=STATES[state.status],
        now=now,
        block=observed.block,
        join_by=terms.joinBy,
        long_stop=terms.longStop,
        min_parties=terms.minParties,
        accession=terms.accession,
        predecessor=checksum(terms.predecessor) if any(terms.predecessor) else None,
        court=_court(reader, observed),
        standing=tuple(reader.who(account) for account in terms.standing),
        phase=_phase(reader, observed, now),
        undisclosed=tuple(
            UndisclosedView(number, "0x" + phase.hash.hex())
            for number, phase in enumerate(terms.phases, start=1)
            if isinstance(phase, Undisclosed)
        ),
        parties=tuple(_party(reader, state, index, now) for index in range(len(terms.parties))),
        held=tuple(_held(reader, state)),
        if_ended_now=who_gets(reader, settlement.standing_now(state, terms, now)),
        credits=who_gets(reader, state.credits),
        actions=next_actions(
            reader,
            state,
            now,
            voices=observed.voices,
            reference=reference or (address,),
            payer=payer,
            fee=observed.fee,
            ballots=observed.ballots,
        ),
        warnings=tuple(warnings_of(reader, state, now)),
    )


def _in_force(state: State) -> bool:
    return state.status is Status.IN_FORCE


def _court(reader: Reader, observed: Observed) -> CourtView | None:
    terms = reader.terms
    if not outcome.has_court(terms):
        return None
    name = reader.names.court or reader.who(terms.arbitrator)
    fee = None if observed.fee is None else reader.money(NATIVE, observed.fee)
    return CourtView(name, checksum(terms.arbitrator), terms.challengeWindow, terms.rulingWindow, fee)


def _phase(reader: Reader, observed: Observed, now: int) -> PhaseView:
    state, terms = observed.state, reader.terms
    phase = outcome.phase_at_hand(state, terms)
    cut = outcome.cut_off(state, terms, now) if _in_force(state) else None
    judged = judgements(reader, state, now, cut)
    return PhaseView(
        name=reader.names.phases[state.phase],
        title=reader.phase_title(state.phase),
        number=state.phase + 1,
        count=len(terms.phases),
        opened_at=state.opened_at or None,
        cut_off=cut if _in_force(state) else state.cut_off or None,
        obligations=obligation_views(reader, observed, judged, now),
        payments=tuple(
            _payment(reader, state, index, now, cut, judged[payment.obligation])
            for index, payment in enumerate(phase.payments)
        ),
    )


def _payment(reader: Reader, state: State, index: int, now: int, cut: int | None, found: Judgement) -> PaymentView:
    names, terms = reader.names, reader.terms
    payment, before = outcome.phase_at_hand(state, terms).payments[index], terms.phases[state.phase].payments[index]
    decided = found.verdict is not Verdict.UNDECIDED
    released = outcome.released(state, terms, index, found.verdict) if decided else None
    return PaymentView(
        name=names.payments[state.phase][index],
        from_=names.parties[payment.payer],
        to=tuple(ShareView(reader.who(share.to), share.bps) for share in payment.payees),
        amount=reader.money(payment.asset, payment.amount),
        obligation=names.obligations[state.phase][payment.obligation],
        on=tuple(word(verdict) for verdict in Verdict if payment.on >> verdict & 1),
        within=payment.due,
        due=state.opened_at + payment.due if state.opened_at else None,
        extended_from=state.opened_at + before.due if payment.due != before.due else None,
        state=_payment_state(reader, state, payment, index, now, cut, found, released),
        released=None if released is None else reader.money(payment.asset, released),
        tiers=tuple(
            TierView(
                reader.measured(state.phase, payment.obligation, tier.from_),
                reader.money(payment.asset, tier.base),
                tier.bps,
            )
            for tier in payment.tiers
        ),
    )


def _payment_state(
    reader: Reader,
    state: State,
    payment: Payment,
    index: int,
    now: int,
    cut: int | None,
    found: Judgement,
    released: int | None,
) -> str:
    if state.status is Status.DISSOLVED and index in state.funded:
        return "split"
    if index in state.paid:
        return "released" if released else "returned"
    if index in state.funded:
        if not _in_force(state):
            return "returned"
        if released is None:
            return "funded"
        return f"ready to {'release' if released else 'return'}" if found.is_final(now) else "not final"
    due = state.opened_at + payment.due
    if state.status is Status.OPEN:
        return "later"
    if not _in_force(state) or not outcome.owed(state, reader.terms, index) or (cut is not None and cut < due):
        return "not owed"
    return "due" if now <= due else "overdue"


def _membership(reader: Reader, state: State, index: int, now: int) -> str:
    terms = reader.terms
    if index in state.members:
        return "member"
    if index in state.joining:
        return "joining"
    if state.status is Status.OPEN:
        return "invited" if now <= terms.joinBy else "absent"
    return "invited" if may_accede(state, terms, now) else "absent"


def _party(reader: Reader, state: State, index: int, now: int) -> PartyView:
    terms, name = reader.terms, reader.names.parties[index]
    party = terms.parties[index]
    return PartyView(
        name=name,
        label=reader.label(name),
        account=checksum(party.account),
        accepted=index in state.members | state.joining,
        membership=_membership(reader, state, index, now),
        bond=_bond(reader, state, index, now) if party.forfeiture or party.bond else None,
    )


def _bond(reader: Reader, state: State, index: int, now: int) -> BondView:
    terms = reader.terms
    asset = terms.parties[index].asset
    held = outcome.bonds(state, terms)[index]
    needed = 0
    if state.status is Status.OPEN:
        needed = terms.parties[index].bond
    elif _in_force(state) and index in state.members:
        needed = outcome.level(terms, outcome.phase_at_hand(state, terms), index)
    elif index in state.joining or may_accede(state, terms, now):
        needed = terms.parties[index].bond
    is_short = index in state.short and _in_force(state)
    return BondView(
        level=reader.money(asset, needed),
        held=reader.money(asset, held),
        short=reader.money(asset, needed - held) if is_short else None,
        top_up_by=state.opened_at + terms.topUpWithin if is_short else None,
    )


def _held(reader: Reader, state: State) -> Iterator[HeldView]:
    terms = reader.terms
    bonds: Counter[bytes] = Counter()
    escrow: Counter[bytes] = Counter()
    credit: Counter[bytes] = Counter()
    for (_, asset), held in outcome.holdings(state, terms).items():
        bonds[asset] += held.bond
        escrow[asset] += held.escrow
    for (_, asset), amount in state.credits.items():
        credit[asset] += amount
    known = [party.asset for party in terms.parties if party.forfeiture or party.bond]
    known += [payment.asset for phase in terms.phases for payment in phase.payments]
    for asset in dict.fromkeys([*known, *(asset for asset in (*bonds, *escrow, *credit))]):
        amounts = bonds[asset], escrow[asset], credit[asset]
        if asset in known or any(amounts):
            yield HeldView(*(reader.money(asset, amount) for amount in amounts))


def who_gets(reader: Reader, amounts: Mapping[tuple[bytes, bytes], int]) -> tuple[WhoGets, ...]:
    """Amounts by (account, asset) with the names of accounts, in the order in which the document names them."""
    order = list(reader.names.accounts.values())

    def place(item: tuple[tuple[bytes, bytes], int]) -> tuple[int, bytes]:
        account = item[0][0]
        return (order.index(account) if account in order else len(order), account)

    return tuple(
        WhoGets(reader.who(account), reader.label(reader.who(account)), checksum(account), reader.money(asset, amount))
        for (account, asset), amount in sorted(amounts.items(), key=place)
        if amount
    )
