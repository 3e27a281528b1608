"""The view of an agreement, from the settlement model alone: no chain, no clock."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pyledger.document import Document, loads
from pyledger.document.units import DAY
from pyledger.observer import Money, Observed, StatusView, nameless, view
from pyledger.terms import settlement
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.state import State, Voice
from pyledger.terms.structs import Terms, Verdict

START = 1_800_000_000
MET, BREACHED = Verdict.MET, Verdict.BREACHED

DEAL = """
pyledger: 1
title: A test of the view
assets: {usd: {symbol: USDX, decimals: 6}}
parties:
  payer: {name: The payer, bond: {amount: 100, asset: usd}, forfeits_to: worker}
  worker: {name: The worker, bond: {amount: 50, asset: usd}, forfeits_to: payer}
recipients:
  fund: {name: The fund}
panels:
  experts:
    chambers:
      inside: {verifiers: [a, b], at_least: 1}
      outside: {verifiers: [c, d], at_least: 1}
    threshold: 3
join_within: 10 days
long_stop_after: 1 year
phases:
  - id: first
    title: The first step
    obligations:
      built:
        by: worker
        what: It is built
        within: 30 days
        decided_by: experts
        if_silent: breach
        forfeit: 40%
        material: true
    payments:
      wage:
        from: payer
        to: {worker: 90%, fund: 10%}
        amount: 1_000
        asset: usd
        when: {built: met}
        fund_within: 5 days
  - id: second
    bonds: {worker: 80}
    obligations:
      kept: {by: payer, what: The peace is kept, within: 60 days, decided_by: experts, if_silent: met, forfeit: 100%}
"""


def address(number: int) -> bytes:
    return number.to_bytes(20, "big")


@pytest.fixture(scope="module")
def document() -> Document:
    return loads(DEAL)


@pytest.fixture(scope="module")
def bindings() -> Bindings:
    return Bindings(
        chain_id=31337,
        start=START,
        parties={"payer": address(1), "worker": address(2)},
        recipients={"fund": address(3)},
        verifiers={name: address(10 + index) for index, name in enumerate("abcd")},
        assets={"usd": address(99)},
    )


@pytest.fixture(scope="module")
def terms(document: Document, bindings: Bindings) -> Terms:
    return compile_terms(document, bindings)


class Looker:
    """Looks at states of the deal, at days after its start."""

    def __init__(self, document: Document | None, names: Names, terms: Terms) -> None:
        self.document, self.names, self.terms = document, names, terms

    def __call__(self, state: State, day: float, *, given: frozenset[tuple[int, int]] = frozenset()) -> StatusView:
        observed = Observed(31337, address(77), 5, state, state.voices, given)
        found = view(self.document, self.names, self.terms, observed, START + int(day * DAY), reference=("deal.yaml",))
        assert json.loads(json.dumps(found.to_json())) == found.to_json()
        return found


@pytest.fixture(scope="module")
def look(document: Document, bindings: Bindings, terms: Terms) -> Looker:
    return Looker(document, Names.of(document, bindings), terms)


@pytest.fixture(scope="module")
def in_force(terms: Terms) -> State:
    state = State()
    for party in (0, 1):
        state = settlement.accept(state, terms, party=party, now=START).state
    return state


@pytest.fixture(scope="module")
def funded(in_force: State, terms: Terms) -> State:
    return settlement.fund(in_force, terms, payments=[0], now=START).state


def commands(found: StatusView) -> list[str]:
    return [action.command.removeprefix("pyledger ") for action in found.actions]


def test_money_is_exact_and_readable() -> None:
    assert str(Money("usd", "USDX", 6, 1_080_000_000_000_000)) == "1,080,000,000 USDX"
    assert str(Money("usd", "USDX", 6, 1)) == "0.000001 USDX"
    assert str(Money("big", "BIG", 36, 2**128 - 1)) == "340.282366920938463463374607431768211455 BIG"


def test_open(look: Looker) -> None:
    found = look(State(), 1)
    assert found.state == "open"
    assert commands(found) == ["accept deal.yaml --as payer", "accept deal.yaml --as worker", "unwind deal.yaml"]
    assert [action.until for action in found.actions[:2]] == [START + 10 * DAY] * 2
    assert found.actions[2].since == START + 10 * DAY + 1
    assert found.phase
    assert found.phase.opened_at is None
    assert found.phase.obligations[0].deadline is None


def test_joining_has_failed(look: Looker, terms: Terms) -> None:
    found = look(settlement.accept(State(), terms, party=0, now=START).state, 11)
    assert commands(found) == ["unwind deal.yaml"]
    assert "without every party" in found.warnings[0]
    assert [(each.who, str(each.money)) for each in found.if_ended_now] == [("payer", "100 USDX")]


def test_who_owes_what_by_when(look: Looker, in_force: State) -> None:
    found = look(in_force, 1)
    assert found.phase
    (built,) = found.phase.obligations
    assert (built.by, built.what, built.deadline, built.if_silent) == (
        "worker",
        "It is built",
        START + 30 * DAY,
        "breached",
    )
    assert (built.verdict, built.material, str(built.forfeits)) == (None, True, "20 USDX")
    (wage,) = found.phase.payments
    assert (wage.state, wage.due, [(share.to, share.bps) for share in wage.to]) == (
        "due",
        START + 5 * DAY,
        [("worker", 9000), ("fund", 1000)],
    )
    assert commands(found) == [
        "fund deal.yaml --as payer",
        "attest deal.yaml built met --as a",
        "concede deal.yaml built --as worker",
        "settle deal.yaml",
    ]
    assert found.actions[-1].since == START + 5 * DAY + 1  # nobody acting, the missing escrow ends it first


def test_the_tally_counts_chambers(look: Looker, funded: State, terms: Terms) -> None:
    heard = settlement.attest(funded, terms, obligation=0, given=MET, seats=[0, 1], now=START).state
    split = replace(heard, voices=heard.voices | {Voice(0, 0, 2, BREACHED, 0)})
    found = look(split, 1)
    assert found.phase
    tally = found.phase.obligations[0].tally
    assert (tally.verdict, tally.heard, tally.threshold) == ("met", 2, 3)
    assert [(each.name, each.heard, each.quota) for each in tally.chambers] == [("inside", 2, 1), ("outside", 0, 1)]
    assert [(seat.verifier, seat.chamber, seat.verdict) for seat in tally.seats] == [
        ("a", "inside", "met"),
        ("b", "inside", "met"),
        ("c", "outside", "breached"),
        ("d", "outside", None),
    ]
    assert "attest deal.yaml built met --as d" in commands(found)


def test_money_held_and_what_each_would_get(look: Looker, funded: State) -> None:
    found = look(funded, 1)
    (held,) = found.held
    assert (str(held.bonds), str(held.escrow), str(held.credits)) == ("150 USDX", "1,000 USDX", "0 USDX")
    assert {each.who: str(each.money) for each in found.if_ended_now} == {"payer": "1,100 USDX", "worker": "50 USDX"}


def test_a_verdict_releases(look: Looker, funded: State, terms: Terms) -> None:
    met = settlement.attest(funded, terms, obligation=0, given=MET, seats=[0, 1, 2], now=START).state
    found = look(met, 1)
    assert found.phase
    assert found.phase.payments[0].state == "ready to release"
    assert {each.who: str(each.money) for each in found.if_ended_now} == {
        "payer": "100 USDX",
        "worker": "950 USDX",
        "fund": "100 USDX",
    }
    assert commands(found) == ["release deal.yaml", "settle deal.yaml"]
    assert found.actions[1].what == "settle, opening second"


def test_silence_breaches_and_cuts_off(look: Looker, funded: State) -> None:
    found = look(funded, 31)
    assert found.phase
    (built,) = found.phase.obligations
    assert (built.verdict, built.by_silence) == ("breached", True)
    assert found.phase.cut_off == START + 30 * DAY
    assert "nobody said that built was met" in found.warnings[0]
    assert commands(found) == ["release deal.yaml", "settle deal.yaml"]
    assert {each.who: str(each.money) for each in found.if_ended_now} == {"payer": "1,120 USDX", "worker": "30 USDX"}


def test_a_breach_by_the_panel_is_a_reason(look: Looker, funded: State, terms: Terms) -> None:
    breached = settlement.attest(funded, terms, obligation=0, given=BREACHED, seats=[0, 1, 2], now=START + DAY).state
    assert "built was breached" in look(breached, 2).warnings[0]


def test_a_missing_payment_is_a_reason(look: Looker, in_force: State) -> None:
    found = look(in_force, 6)
    assert "payer did not fund wage" in found.warnings[0]
    assert found.phase
    assert found.phase.payments[0].state == "overdue"
    assert "settle deal.yaml" in commands(found)
    assert "fund deal.yaml --as payer" not in commands(found)


def test_bonds_rise_with_the_phase(look: Looker, funded: State, terms: Terms) -> None:
    met = settlement.attest(funded, terms, obligation=0, given=MET, seats=[0, 1, 2], now=START).state
    second = settlement.settle(met, terms, now=START + DAY).state
    found = look(second, 2)
    worker = found.parties[1].bond
    assert worker
    assert worker.short
    assert (str(worker.held), str(worker.level), str(worker.short)) == ("50 USDX", "80 USDX", "30 USDX")
    assert worker.top_up_by == START + 8 * DAY
    assert found.actions[0].what == "top up its bond by 30 USDX"
    assert found.warnings == ("worker has until 2027-01-23 08:00:00 UTC to top up its bond, and settling waits for it",)
    assert "attest deal.yaml kept breached --as a" in commands(found)
    assert "worker did not top up the bond" in look(second, 9).warnings[0]


def test_settling_waits_for_a_short_bond(look: Looker, funded: State, terms: Terms) -> None:
    met = settlement.attest(funded, terms, obligation=0, given=MET, seats=[0, 1, 2], now=START).state
    second = settlement.settle(met, terms, now=START + DAY).state
    kept = settlement.attest(second, terms, obligation=0, given=BREACHED, seats=[0, 1, 2], now=START + DAY).state
    found = look(kept, 2)
    (settle,) = [action for action in found.actions if action.command == "pyledger settle deal.yaml"]
    assert settle.since == START + 8 * DAY + 1
    assert commands(found)[0] == "fund deal.yaml --as worker"


def test_completed(look: Looker, funded: State, terms: Terms) -> None:
    state = settlement.attest(funded, terms, obligation=0, given=MET, seats=[0, 1, 2], now=START).state
    state = settlement.settle(state, terms, now=START + DAY).state
    state = settlement.top_up(state, terms, party=1, now=START + DAY).state
    state = settlement.settle(state, terms, now=START + 70 * DAY).state
    found = look(state, 71)
    assert found.state == "completed"
    assert not found.if_ended_now
    assert not found.actions
    assert found.phase
    assert found.phase.obligations[0].by_silence
    assert not found.parties[0].bond or found.parties[0].bond.held.amount == 0


def test_past_the_long_stop(look: Looker, funded: State) -> None:
    found = look(funded, 366)
    assert commands(found) == ["unwind deal.yaml", "release deal.yaml"]
    assert found.actions[0].what == "close the agreement: pay what was decided, send the rest back"
    assert "long stop" in found.warnings[0]
    # The silence on `built` was a breach long before: it forfeits as it would have in a settlement.
    assert {each.who: str(each.money) for each in found.if_ended_now} == {"payer": "1,120 USDX", "worker": "30 USDX"}
    assert "the long stop is 10 days away" in look(funded, 355).warnings[-1]


def test_credits_wait_for_their_owner(look: Looker, in_force: State) -> None:
    found = look(replace(in_force, credits={(address(3), address(99)): 5_000_000}), 1)
    assert [(each.who, str(each.money)) for each in found.credits] == [("fund", "5 USDX")]
    assert "withdraw deal.yaml --as fund --asset usd" in commands(found)
    assert "withdraw deal.yaml --for fund --asset usd" in commands(found)


def test_without_its_document_things_are_numbered(terms: Terms, funded: State) -> None:
    found = Looker(None, nameless(terms), terms)(funded, 1)
    assert [party.name for party in found.parties] == ["party-1", "party-2"]
    assert found.phase
    assert found.phase.name == "phase-1"
    assert found.phase.obligations[0].name == "obligation-1"
    assert found.held[0].escrow.symbol == f"smallest units of token {checksum(address(99))}"
    assert str(found.held[0].escrow) == "1,000,000,000 smallest units of token 0x0000…0063"
    assert [seat.verifier for seat in found.phase.obligations[0].tally.seats] == [f"verifier-{n}" for n in (1, 2, 3, 4)]
