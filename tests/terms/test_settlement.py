"""The rules of the settlement model, by example. Times are seconds from the agreement's opening, at 1,000."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyledger.errors import Refused
from pyledger.terms import outcome, settlement as play
from pyledger.terms.outcome import Judgement
from pyledger.terms.settlement import Move
from pyledger.terms.state import Cause, Flow, Split, State, Status
from pyledger.terms.structs import (
    NATIVE,
    OUTSIDE,
    Obligation,
    Panel,
    Party,
    Payment,
    Phase,
    Seat,
    Share,
    Terms,
    Tier,
    Verdict,
)

T = 1_000
BUYER, BUILDER, GUEST = (bytes([index]) * 20 for index in (1, 2, 3))
NEIGHBOUR, JUDGE, VERIFIER, COURT, FUND = (bytes([index]) * 20 for index in (4, 5, 6, 7, 8))
MET, BREACHED, LAPSED = Verdict.MET, Verdict.BREACHED, Verdict.LAPSED
WINDOW, HEARING = 20, 50
DEADLINE = 100


def obligation(obligor: int = 1, **changes: Any) -> Obligation:
    fields = {"panel": 0, "presumption": 3, "material": False, "within": 90, "grace": 10, "forfeitBps": 5_000}
    return Obligation(obligor, **{**fields, **changes})


def payment(payer: int = 0, **changes: Any) -> Payment:
    fields: dict[str, Any] = {"obligation": 0, "on": 1 << MET, "asset": NATIVE, "amount": 600, "due": 60}
    return Payment(payer, **{**fields, "payees": (Share(BUILDER, 10_000),), "tiers": (), **changes})


def phase(*obligations: Obligation, payments: tuple[Payment, ...] = (), bonds: tuple[int, ...] = ()) -> Phase:
    return Phase(bytes(32), 0, bonds, obligations or (obligation(),), payments)


def deal(*phases: Phase, parties: int = 2, court: bool = False, **changes: Any) -> Terms:
    accounts = (BUYER, BUILDER, GUEST)[:parties]
    terms = Terms(
        document=bytes(32),
        predecessor=bytes(20),
        joinBy=T,
        longStop=T + 1_000,
        minParties=parties,
        accession=False,
        challengeWindow=WINDOW if court else 0,
        rulingWindow=HEARING if court else 0,
        topUpWithin=30,
        defaultForfeitBps=2_000,
        arbitrator=COURT if court else bytes(20),
        arbitratorData=b"",
        parties=tuple(Party(account, NATIVE, 1_000, (Share(FUND, 10_000),)) for account in accounts),
        panels=(Panel(1, (), (Seat(VERIFIER, 0),)),),
        standing=(NEIGHBOUR,),
        phases=phases or (phase(),),
    )
    return terms._replace(**changes)


def begun(terms: Terms, members: tuple[int, ...] | None = None) -> State:
    """In force since T: with all parties, or with these members, who entered a second later."""
    state = State()
    for party in range(len(terms.parties)) if members is None else members:
        state = play.accept(state, terms, party=party, now=T).state
    return state if members is None else play.enter(state, terms, now=T + 1).state


def attested(state: State, terms: Terms, verdict: Verdict, after: int, *, value: int = 0, on: int = 0) -> State:
    return play.attest(state, terms, obligation=on, given=verdict, seats=[0], value=value, now=T + after).state


def challenged(state: State, terms: Terms, after: int, *, on: int = 0, by: bytes = NEIGHBOUR) -> State:
    return play.challenge(state, terms, obligation=on, by=by, dispute=7, now=T + after).state


def judged(state: State, terms: Terms, after: int, *, on: int = 0) -> Judgement:
    cut = outcome.cut_off(state, terms, T + after)
    verdict, final_at = outcome.judgement(state, terms, on, T + after, cut)
    return Judgement(verdict, final_at and final_at - T)


def refusal(move: Callable[[], Move]) -> str:
    """The name of what a move is refused with; '' if it is not."""
    try:
        move()
    except Refused as error:
        return error.name
    return ""


def paid(flows: tuple[Flow, ...]) -> list[tuple[bytes, int, Cause | None]]:
    return [(flow.to, flow.amount, flow.cause) for flow in flows]


# Coalitions


def test_a_coalition_enters_without_those_who_did_not_join() -> None:
    terms = deal(phase(obligation(1), payments=(payment(1),)), minParties=1)
    state = begun(terms, members=(0,))
    assert state.status is Status.IN_FORCE
    assert judged(state, terms, 1) == (LAPSED, 0)
    assert not outcome.owed(state, terms, 0)
    with pytest.raises(Refused, match="NotMember"):
        play.fund(state, terms, payments=[0], now=T + 1)
    moved = play.settle(state, terms, now=T + 2)
    assert moved.state.status is Status.COMPLETED
    assert paid(moved.flows) == [(BUYER, 1_000, Cause.BOND)]


@pytest.mark.parametrize(
    ("members", "after", "enter", "void"),
    [
        ((0,), 0, "TooEarly", "TooEarly"),
        ((0,), 1, "NotEnoughMembers", ""),
        ((0, 1), 1, "", "TooEarly"),
        ((0, 1), 1_000, "", "TooEarly"),
        ((0, 1), 1_001, "TooLate", ""),
    ],
)
def test_too_few_can_only_leave_and_enough_can_only_enter(
    members: tuple[int, ...], after: int, enter: str, void: str
) -> None:
    terms = deal(parties=3, minParties=2)
    state = State(members=frozenset(members))
    assert refusal(lambda: play.enter(state, terms, now=T + after)) == enter
    assert refusal(lambda: play.void(state, terms, now=T + after)) == void


def test_who_accedes_is_bound_from_the_next_phase_on() -> None:
    terms = deal(phase(obligation(0)), phase(bonds=(0, 700)), minParties=1, accession=True)
    state = play.accept(begun(terms, members=(0,)), terms, party=1, now=T + 5).state
    assert state.members == {0}
    assert state.joining == {1}
    assert outcome.bonds(state, terms) == [1_000, 1_000]
    moved = play.settle(attested(state, terms, MET, 6), terms, now=T + 7)
    assert moved.state.members == {0, 1}
    assert not moved.state.joining
    assert paid(moved.flows) == [(BUYER, 1_000, Cause.BOND), (BUILDER, 300, Cause.BOND)]


def test_who_accedes_to_what_ends_has_its_bond_back() -> None:
    terms = deal(phase(obligation(0, material=True)), phase(), minParties=1, accession=True)
    state = play.accept(begun(terms, members=(0,)), terms, party=1, now=T + 5).state
    moved = play.settle(play.concede(state, terms, obligation=0, now=T + 6).state, terms, now=T + 7)
    assert moved.state.status is Status.TERMINATED
    assert paid(moved.flows)[-1] == (BUILDER, 1_000, Cause.BOND)


# Courts


def test_a_verdict_is_final_when_its_window_is_past() -> None:
    terms = deal(court=True)
    state = attested(begun(terms), terms, BREACHED, 10)
    assert judged(state, terms, 30) == (BREACHED, 10 + WINDOW)
    assert not judged(state, terms, 30).is_final(30)
    assert judged(state, terms, 31).is_final(31)


def test_silence_can_be_challenged_from_the_deadline_on() -> None:
    terms = deal(court=True)
    state = begun(terms)
    assert judged(state, terms, DEADLINE) == (Verdict.UNDECIDED, 0)
    assert judged(state, terms, DEADLINE + 1) == (LAPSED, DEADLINE + WINDOW)
    state = challenged(state, terms, DEADLINE + WINDOW)
    assert judged(state, terms, DEADLINE + WINDOW) == (LAPSED, DEADLINE + WINDOW + HEARING)


@pytest.mark.parametrize(
    ("ruling", "verdict", "value"), [(0, LAPSED, 0), (1, MET, 5), (2, BREACHED, 0), (3, LAPSED, 0)]
)
def test_a_ruling_is_final_and_clears_the_value_of_another_verdict(ruling: int, verdict: Verdict, value: int) -> None:
    terms = deal(court=True)
    state = challenged(attested(begun(terms), terms, MET, 10, value=5), terms, 15)
    state = play.rule(state, dispute=7, ruling=ruling, now=T + 15 + HEARING).state
    assert judged(state, terms, 90) == (verdict, 15 + HEARING)
    assert state.attested.get(0, 0) == value
    with pytest.raises(Refused, match="AlreadyChallenged"):
        challenged(state, terms, 66)


def test_a_court_that_is_late_changes_nothing() -> None:
    terms = deal(court=True)
    state = challenged(attested(begun(terms), terms, MET, 10), terms, 15)
    with pytest.raises(Refused, match="TooLate"):
        play.rule(state, dispute=7, ruling=2, now=T + 15 + HEARING + 1)
    assert judged(state, terms, 15 + HEARING + 1) == (MET, 15 + HEARING)


def test_what_nobody_can_challenge() -> None:
    terms = deal(phase(obligation(0), obligation(2)), parties=3, minParties=2, court=True)
    state = begun(terms, members=(0, 1))
    conceded = play.concede(state, terms, obligation=0, now=T + 9).state
    for early, what in ((state, "NotDecided"), (conceded, "TooLate")):
        with pytest.raises(Refused, match=what):
            challenged(early, terms, 9)
    with pytest.raises(Refused, match="TooLate"):
        challenged(state, terms, 9, on=1)
    with pytest.raises(Refused, match="NoStanding"):
        challenged(conceded, terms, 9, by=GUEST)


def test_a_material_breach_cuts_off_when_it_is_final() -> None:
    terms = deal(phase(obligation(1, material=True), obligation(0, presumption=BREACHED)), court=True)
    state = attested(begun(terms), terms, BREACHED, 10)
    assert outcome.cut_off(state, terms, T + 30) is None
    assert outcome.cut_off(state, terms, T + 31) == T + 30
    assert judged(state, terms, 31, on=1) == (LAPSED, 30)
    overruled = play.rule(challenged(state, terms, 30), dispute=7, ruling=1, now=T + 40).state
    assert outcome.cut_off(overruled, terms, T + 90) is None


@pytest.mark.parametrize(("decided", "owed"), [(60 - WINDOW - 1, False), (60 - WINDOW, True)])
def test_a_payment_is_owed_unless_it_was_decided_against_for_good_when_due(decided: int, owed: bool) -> None:
    terms = deal(phase(payments=(payment(),)), court=True)
    state = attested(begun(terms), terms, BREACHED, decided)
    assert outcome.owed(state, terms, 0) is owed
    assert outcome.cut_off(state, terms, T + 61) == (T + 60 if owed else None)


def test_who_wants_to_be_safe_funds_until_the_verdict_against_it_is_final() -> None:
    terms = deal(phase(payments=(payment(),)), court=True)
    state = attested(begun(terms), terms, BREACHED, 59 - WINDOW)
    assert not outcome.owed(state, terms, 0)
    assert outcome.may_fall_due(state, terms, 0, T + 59)
    assert not outcome.may_fall_due(state, terms, 0, T + 60)
    contested = challenged(state, terms, 59)
    assert outcome.owed(contested, terms, 0)
    assert outcome.cut_off(contested, terms, T + 61) == T + 60


def test_what_the_agreement_would_pay_now_counts_verdicts_that_are_not_final() -> None:
    terms = deal(phase(payments=(payment(),)), court=True)
    state = play.fund(begun(terms), terms, payments=[0], now=T + 1).state
    assert play.standing_now(state, terms, T + 2) == {(BUYER, NATIVE): 1_600, (BUILDER, NATIVE): 1_000}
    state = attested(state, terms, MET, 2)
    assert play.standing_now(state, terms, T + 3) == {(BUYER, NATIVE): 1_000, (BUILDER, NATIVE): 1_600}


# Tiers


@pytest.mark.parametrize(
    ("value", "released"),
    [(0, 0), (9, 0), (10, 100), (19, 104), (20, 300), (21, 301), (319, 599), (320, 600), (10**70, 600)],
)
def test_an_attested_value_releases_by_the_highest_tier_it_reaches(value: int, released: int) -> None:
    tiers = (Tier(10, 100, 5_000), Tier(20, 300, 10_000))
    assert outcome.tiered(600, tiers, value) == released
    terms = deal(phase(payments=(payment(tiers=tiers),)))
    state = play.fund(begun(terms), terms, payments=[0], now=T + 1).state
    moved = play.attest(state, terms, obligation=0, given=MET, seats=[0], value=value, pay=[0], now=T + 2)
    parts = [(BUILDER, released, Cause.PAYMENT), (BUYER, 600 - released, Cause.RETURN)]
    assert paid(moved.flows) == [part for part in parts if part[1]]


# Leaving together, taking longer


def test_dissolving_splits_bonds_and_escrow_and_spares_who_has_just_joined() -> None:
    terms = deal(phase(obligation(0), payments=(payment(),)), phase(), parties=3, minParties=2, accession=True)
    state = play.fund(begun(terms, members=(0, 1)), terms, payments=[0], now=T + 2).state
    state = play.accept(state, terms, party=2, now=T + 3).state
    with pytest.raises(Refused, match="AssetNotSplit"):
        play.dissolve(state, terms, splits=[], now=T + 4)
    halves = Split(NATIVE, (Share(BUYER, 5_000), Share(FUND, 5_000)))
    moved = play.dissolve(state, terms, splits=[halves], now=T + 4)
    assert moved.state.status is Status.DISSOLVED
    assert paid(moved.flows) == [(BUYER, 1_300, Cause.SPLIT), (FUND, 1_300, Cause.SPLIT), (GUEST, 1_000, Cause.BOND)]


def test_who_is_alone_can_neither_leave_nor_take_longer() -> None:
    terms = deal(phase(obligation(0)), parties=1)
    whole = [Split(NATIVE, (Share(BUYER, 10_000),))]
    with pytest.raises(Refused, match="Alone"):
        play.dissolve(begun(terms), terms, splits=whole, now=T + 4)
    with pytest.raises(Refused, match="Alone"):
        play.extend(begun(terms), terms, payment=False, index=0, to=150, now=T + 4)


def test_an_extension_holds_for_its_phase_only() -> None:
    terms = deal(phase(obligation(OUTSIDE, presumption=MET, forfeitBps=0)), phase())
    state = play.extend(begun(terms), terms, payment=False, index=0, to=150, now=T + 100).state
    assert outcome.phase_at_hand(state, terms).obligations[0].within == 150
    with pytest.raises(Refused, match="NotDecided"):
        play.settle(state, terms, now=T + 160)
    state = play.settle(state, terms, now=T + 161).state
    assert outcome.phase_at_hand(state, terms) == terms.phases[1]


@pytest.mark.parametrize(
    ("payment_", "index", "to", "refused"),
    [
        (False, 1, 95, "UnknownObligation"),
        (False, 0, 90, "NotLater"),
        (False, 0, 2**32 - 11, "PhaseFlawed"),
        (True, 1, 70, "UnknownPayment"),
        (True, 0, 60, "NotLater"),
        (True, 0, 101, "PhaseFlawed"),
    ],
)
def test_what_cannot_be_extended(payment_: bool, index: int, to: int, refused: str) -> None:
    terms = deal(phase(payments=(payment(),)))
    with pytest.raises(Refused, match=refused):
        play.extend(begun(terms), terms, payment=payment_, index=index, to=to, now=T + 1)


# The long stop, and launching


@pytest.mark.parametrize(("later", "status"), [(False, Status.COMPLETED), (True, Status.UNWOUND)])
def test_past_the_long_stop_a_phase_is_settled_but_none_opens(later: bool, status: Status) -> None:
    terms = deal(*[phase()] * (1 + later), court=True, longStop=T + 50)
    state = challenged(attested(begun(terms), terms, MET, 50), terms, 60)
    state = play.rule(state, dispute=7, ruling=1, now=T + 70).state
    assert play.settle(state, terms, now=T + 71).state.status is status


def test_what_falls_due_past_the_long_stop_is_no_default() -> None:
    terms = deal(phase(obligation(1, material=True), payments=(payment(due=80),)), court=True, longStop=T + 70)
    state = attested(begun(terms), terms, BREACHED, 65)
    cut = outcome.cut_off(state, terms, T + 90)
    assert cut == T + 65 + WINDOW
    assert outcome.defaults(state, terms, cut) == frozenset()


def test_launching_is_opening_accepting_and_funding() -> None:
    pledge = deal(phase(obligation(0), payments=(payment(),)), parties=1)
    launched = play.launch(pledge, party=0, payments=[0], now=T).state
    assert launched.status is Status.IN_FORCE
    assert launched.funded == {0}
    with pytest.raises(Refused, match="WrongStatus"):
        play.launch(deal(), party=0, payments=[0], now=T)
