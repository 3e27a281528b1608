"""The state of an agreement at one moment, in the words of its document: a pure view of what a node says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from pyledger.document import Document
from pyledger.observer.actions import next_actions
from pyledger.observer.alarms import warnings_of
from pyledger.observer.reader import Currency, Reader, word
from pyledger.observer.shapes import (
    BondView,
    ChamberView,
    HeldView,
    ObligationView,
    PartyView,
    PaymentView,
    PhaseView,
    SeatView,
    ShareView,
    StatusView,
    TallyView,
    WhoGets,
)
from pyledger.terms import outcome, settlement
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names
from pyledger.terms.state import State, Status, Voice
from pyledger.terms.structs import OUTSIDE, Panel, Payment, Terms, Verdict
from pyledger.terms.typed_data import terms_hash

__all__ = ["STATES", "Observed", "view"]

STATES: Final[Mapping[Status, str]] = {
    Status.OPEN: "open",
    Status.IN_FORCE: "in force",
    Status.COMPLETED: "completed",
    Status.TERMINATED: "terminated",
    Status.VOID: "void",
    Status.UNWOUND: "unwound",
}

NO_CURRENCIES: Final[Mapping[bytes, Currency]] = {}


class Observed(NamedTuple):
    """What a node says of one agreement at one block.

    `voices` are all attestations ever heard, `given` the obligations (phase, index) decided by a panel or conceded;
    `currencies` are what tokens say of themselves, for want of a document.
    """

    chain_id: int
    agreement: bytes
    block: int
    state: State
    voices: frozenset[Voice] = frozenset()
    given: frozenset[tuple[int, int]] = frozenset()
    currencies: Mapping[bytes, Currency] = NO_CURRENCIES


def view(
    document: Document | None,
    names: Names,
    terms: Terms,
    observed: Observed,
    now: int,
    *,
    reference: Sequence[str] = (),
) -> StatusView:
    """How an agreement stands at `now` (Unix seconds); `reference` is how commands name it (default: its address)."""
    reader, state = Reader(document, names, terms, observed.currencies), observed.state
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
        phase=_phase(reader, observed, now),
        parties=tuple(_party(reader, state, index) for index in range(len(terms.parties))),
        held=tuple(_held(reader, state)),
        if_ended_now=_who_gets(reader, settlement.standing_now(state, terms, now)),
        credits=_who_gets(reader, state.credits),
        actions=next_actions(reader, state, now, voices=observed.voices, reference=reference or (address,)),
        warnings=tuple(warnings_of(reader, state, now)),
    )


def _in_force(state: State) -> bool:
    return state.status is Status.IN_FORCE


def _phase(reader: Reader, observed: Observed, now: int) -> PhaseView:
    state, terms = observed.state, reader.terms
    phase = terms.phases[state.phase]
    cut = outcome.cut_off(state, terms, now) if _in_force(state) else None
    verdicts = [
        outcome.verdict(state, terms, index, now, cut) if _in_force(state) else state.verdicts[index]
        for index in range(len(phase.obligations))
    ]
    return PhaseView(
        name=reader.names.phases[state.phase],
        title=reader.phase_title(state.phase),
        number=state.phase + 1,
        count=len(terms.phases),
        opened_at=state.opened_at or None,
        cut_off=cut if _in_force(state) else state.cut_off or None,
        obligations=tuple(_obligation(reader, observed, index, given) for index, given in enumerate(verdicts)),
        payments=tuple(
            _payment(reader, state, index, now, cut, verdicts[payment.obligation])
            for index, payment in enumerate(phase.payments)
        ),
    )


def _obligation(reader: Reader, observed: Observed, index: int, given: Verdict) -> ObligationView:
    state, terms, names = observed.state, reader.terms, reader.names
    phase = terms.phases[state.phase]
    obligation = phase.obligations[index]
    outside = obligation.obligor == OUTSIDE
    by = "outside" if outside else names.parties[obligation.obligor]
    forfeits = None
    if obligation.forfeitBps and not outside:
        stake = outcome.level(terms, phase, obligation.obligor) * obligation.forfeitBps // 10_000
        forfeits = reader.money(terms.parties[obligation.obligor].asset, stake)
    return ObligationView(
        name=names.obligations[state.phase][index],
        by=by,
        by_label="outside event" if outside else reader.label(by),
        what=reader.what(state.phase, index),
        within=obligation.within + obligation.grace,
        deadline=outcome.deadline(state, obligation) if state.opened_at else None,
        if_silent=word(obligation.presumption),
        material=obligation.material,
        forfeits=forfeits,
        verdict=None if given is Verdict.UNDECIDED else word(given),
        by_silence=given is not Verdict.UNDECIDED and not _was_given(observed, index),
        tally=_tally(reader, observed, index, obligation.panel),
    )


def _was_given(observed: Observed, index: int) -> bool:
    state = observed.state
    if _in_force(state):
        return state.verdicts[index] is not Verdict.UNDECIDED
    return (state.phase, index) in observed.given


def _tally(reader: Reader, observed: Observed, obligation: int, number: int) -> TallyView:
    panel, phase = reader.terms.panels[number], observed.state.phase
    heard = {voice.seat: voice for voice in observed.voices if (voice.phase, voice.obligation) == (phase, obligation)}
    motions = Counter((voice.verdict, voice.value) for _, voice in sorted(heard.items()))
    leading, count = motions.most_common(1)[0] if motions else (None, 0)
    agreed = [seat for seat, voice in heard.items() if (voice.verdict, voice.value) == leading]
    seats = tuple(
        SeatView(
            verifier=reader.names.seats[number][index],
            account=checksum(seat.verifier),
            chamber=reader.chamber(number, seat.chamber),
            verdict=word(heard[index].verdict) if index in heard else None,
            value=heard[index].value if index in heard else 0,
        )
        for index, seat in enumerate(panel.seats)
    )
    return TallyView(
        panel=reader.names.panels[number],
        verdict=None if leading is None else word(leading[0]),
        heard=count,
        threshold=panel.threshold,
        chambers=tuple(_chambers(reader, number, panel, agreed)),
        seats=seats,
    )


def _chambers(reader: Reader, number: int, panel: Panel, agreed: Iterable[int]) -> Iterator[ChamberView]:
    sitting = [panel.seats[seat].chamber for seat in agreed]
    for index, quota in enumerate(panel.quotas):
        yield ChamberView(reader.chamber(number, index) or "", sitting.count(index), quota)


def _payment(reader: Reader, state: State, index: int, now: int, cut: int | None, given: Verdict) -> PaymentView:
    names, payment = reader.names, reader.terms.phases[state.phase].payments[index]
    return PaymentView(
        name=names.payments[state.phase][index],
        from_=names.parties[payment.payer],
        to=tuple(ShareView(reader.who(share.to), share.bps) for share in payment.payees),
        amount=reader.money(payment.asset, payment.amount),
        obligation=names.obligations[state.phase][payment.obligation],
        on=tuple(word(verdict) for verdict in Verdict if payment.on >> verdict & 1),
        within=payment.due,
        due=state.opened_at + payment.due if state.opened_at else None,
        state=_payment_state(state, payment, index, now, cut, given),
    )


def _payment_state(state: State, payment: Payment, index: int, now: int, cut: int | None, given: Verdict) -> str:
    way = "release" if outcome.releases(payment, given) else "return"
    if index in state.paid:
        return f"{way}d" if way == "release" else f"{way}ed"
    if index in state.funded:
        if not _in_force(state):
            return "returned"
        return "funded" if given is Verdict.UNDECIDED else f"ready to {way}"
    due = state.opened_at + payment.due
    if state.status is Status.OPEN:
        return "later"
    if not _in_force(state) or not outcome.owed(state, payment, index) or (cut is not None and cut < due):
        return "not owed"
    return "due" if now <= due else "overdue"


def _party(reader: Reader, state: State, index: int) -> PartyView:
    terms, name = reader.terms, reader.names.parties[index]
    party = terms.parties[index]
    return PartyView(
        name=name,
        label=reader.label(name),
        account=checksum(party.account),
        accepted=index in state.members,
        bond=_bond(reader, state, index) if party.forfeiture or party.bond else None,
    )


def _bond(reader: Reader, state: State, index: int) -> BondView:
    terms = reader.terms
    asset = terms.parties[index].asset
    held = outcome.bonds(state, terms)[index]
    needed = 0
    if state.status is Status.OPEN:
        needed = terms.parties[index].bond
    elif _in_force(state):
        needed = outcome.level(terms, terms.phases[state.phase], index)
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


def _who_gets(reader: Reader, amounts: Mapping[tuple[bytes, bytes], int]) -> tuple[WhoGets, ...]:
    order = list(reader.names.accounts.values())

    def place(item: tuple[tuple[bytes, bytes], int]) -> tuple[int, bytes]:
        account = item[0][0]
        return (order.index(account) if account in order else len(order), account)

    return tuple(
        WhoGets(reader.who(account), reader.label(reader.who(account)), checksum(account), reader.money(asset, amount))
        for (account, asset), amount in sorted(amounts.items(), key=place)
        if amount
    )
