"""What is seen of courts, coalitions, values and extensions, from the settlement model alone."""

from __future__ import annotations

import json

import pytest

from pyledger.document import Document, loads
from pyledger.document.units import DAY
from pyledger.observer import Observed, StatusView, view
from pyledger.observer.shapes import ObligationView
from pyledger.observer.untrusted import one_line, visible
from pyledger.terms import settlement
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.state import Split, State
from pyledger.terms.structs import Share, Terms, Verdict

START = 1_800_000_000
FEE = 5 * 10**16
MET, BREACHED = Verdict.MET, Verdict.BREACHED

DEAL = """
pyledger: 1
title: A test of recourse
assets: {usd: {symbol: USDX, decimals: 6}}
parties:
  payer: {name: The payer, bond: {amount: 100, asset: usd}, forfeits_to: worker}
  worker: {name: The worker, bond: {amount: 50, asset: usd}, forfeits_to: payer}
  guest: {name: The guest, bond: {amount: 10, asset: usd}, forfeits_to: payer}
standing: {villages: {name: Villages}}
arbitration: {court: tribunal, challenge_within: 10 days, ruling_within: 20 days}
panels:
  experts: {verifiers: [a, b], threshold: 2}
min_parties: 2
accession: true
join_within: 10 days
long_stop_after: 2 years
phases:
  - id: first
    obligations:
      built:
        {by: worker, what: It is built, within: 30 days, decided_by: experts, if_silent: breach, forfeit: 40%,
         material: true, value: {what: Height, unit: metres, decimals: 1}}
      greeted: {by: guest, what: All are greeted, within: 30 days, decided_by: experts, if_silent: lapse, forfeit: 0%}
    payments:
      wage:
        from: payer
        to: worker
        amount: 1_000
        asset: usd
        when: {built: met}
        fund_within: 5 days
        tiers: [{from: 0, pays: 0}, {from: 10.5, pays: 400}]
  - id: second
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
        parties={"payer": address(1), "worker": address(2), "guest": address(3)},
        verifiers={name: address(10 + index) for index, name in enumerate("ab")},
        standing={"villages": address(20)},
        courts={"tribunal": address(30)},
        assets={"usd": address(99)},
    )


@pytest.fixture(scope="module")
def terms(document: Document, bindings: Bindings) -> Terms:
    return compile_terms(document, bindings)


class Looker:
    """Looks at states of the deal, at days after its start."""

    def __init__(self, document: Document, names: Names, terms: Terms) -> None:
        self.document, self.names, self.terms = document, names, terms

    def __call__(self, state: State, day: float, *, payer: tuple[str, ...] = ()) -> StatusView:
        by = {number: address(20) for number in state.hearings}
        observed = Observed(31337, address(77), 5, state, state.voices, challengers=by, fee=FEE)
        now = START + int(day * DAY)
        found = view(self.document, self.names, self.terms, observed, now, reference=("deal.yaml",), payer=payer)
        assert json.loads(json.dumps(found.to_json())) == found.to_json()
        return found


@pytest.fixture(scope="module")
def look(document: Document, bindings: Bindings, terms: Terms) -> Looker:
    return Looker(document, Names.of(document, bindings), terms)


@pytest.fixture(scope="module")
def two(terms: Terms) -> State:
    state = State()
    for party in (0, 1):
        state = settlement.accept(state, terms, party=party, now=START).state
    return state


@pytest.fixture(scope="module")
def entered(two: State, terms: Terms) -> State:
    """In force without the guest, from day 11 on, the wage in escrow."""
    state = settlement.enter(two, terms, now=START + 11 * DAY).state
    return settlement.fund(state, terms, payments=[0], now=START + 11 * DAY).state


@pytest.fixture(scope="module")
def met(entered: State, terms: Terms) -> State:
    """Built is met with 10.5 metres on day 12."""
    return settlement.attest(
        entered, terms, obligation=0, given=MET, seats=[0, 1], value=105, now=START + 12 * DAY
    ).state


@pytest.fixture(scope="module")
def disputed(met: State, terms: Terms) -> State:
    return settlement.challenge(met, terms, obligation=0, by=address(20), dispute=7, now=START + 13 * DAY).state


def commands(found: StatusView) -> list[str]:
    return [action.command.removeprefix("pyledger ") for action in found.actions]


def built(found: StatusView) -> ObligationView:
    assert found.phase
    return found.phase.obligations[0]


def test_who_is_in(look: Looker, two: State, entered: State, terms: Terms) -> None:
    def membership(state: State, day: float) -> list[str]:
        return [party.membership for party in look(state, day).parties]

    assert membership(two, 1) == ["member", "member", "invited"]
    assert membership(two, 11) == ["member", "member", "absent"]
    assert membership(entered, 12) == ["member", "member", "invited"]
    joining = settlement.accept(entered, terms, party=2, now=START + 12 * DAY).state
    assert membership(joining, 12) == ["member", "member", "joining"]
    guest = look(joining, 12).parties[2]
    assert guest.accepted
    assert guest.bond
    assert (str(guest.bond.held), str(guest.bond.level)) == ("10 USDX", "10 USDX")


def test_beginning_without_one(look: Looker, two: State) -> None:
    assert commands(look(two, 1))[-1] == "enter deal.yaml"
    found = look(two, 11)
    assert commands(found) == ["enter deal.yaml"]
    assert "without guest, and those who joined are enough" in found.warnings[0]
    assert commands(look(two, 800)) == ["unwind deal.yaml"]


def test_what_binds_nobody(look: Looker, entered: State) -> None:
    found = look(entered, 12)
    assert found.phase
    greeted = found.phase.obligations[1]
    assert (greeted.absent, greeted.verdict, greeted.stage) == (True, "lapsed", "final")
    assert not any("greeted" in each for each in commands(found))
    assert "accept deal.yaml --as guest" in commands(found)


def test_a_value_and_what_it_pays(look: Looker, entered: State, met: State) -> None:
    assert "attest deal.yaml built met --value 10.5 --as a" in commands(look(entered, 12))
    found = look(met, 12)
    assert str(built(found).value) == "10.5 metres"
    assert built(found).counts == "Height, in metres"
    assert found.phase
    (wage,) = found.phase.payments
    assert (wage.state, str(wage.released)) == ("not final", "400 USDX")
    assert [(str(tier.from_), str(tier.pays)) for tier in wage.tiers] == [
        ("0 metres", "0 USDX"),
        ("10.5 metres", "400 USDX"),
    ]
    assert {each.who: str(each.money) for each in found.if_ended_now} == {"payer": "700 USDX", "worker": "450 USDX"}
    assert found.to_json()["phase"]["obligations"][0]["value"] == {
        "unit": "metres",
        "value": "10.5",
        "smallest": "105",
        "decimals": 1,
    }


def test_until_when_it_can_be_contested(look: Looker, met: State) -> None:
    found = look(met, 13)
    assert (built(found).stage, built(found).final_at) == ("contestable", START + 22 * DAY)
    challenge = "challenge deal.yaml built --as payer --max-fee 0.05"
    assert challenge in commands(found)
    (action,) = [each for each in found.actions if each.command.endswith(challenge)]
    assert action.who == ("payer", "worker", "villages")
    assert action.what.endswith("for 0.05 ether")
    later = look(met, 23)
    assert built(later).stage == "final"
    assert later.phase
    assert later.phase.payments[0].state == "ready to release"
    assert commands(later)[0] == "release deal.yaml"


def test_silence_can_be_contested_by_who_owed_it(look: Looker, entered: State, terms: Terms) -> None:
    found = look(entered, 42)
    assert (built(found).verdict, built(found).by_silence, built(found).stage) == ("breached", True, "contestable")
    assert "challenge deal.yaml built --as worker --max-fee 0.05" in commands(found)
    asked = settlement.challenge(entered, terms, obligation=0, by=address(2), dispute=1, now=START + 42 * DAY).state
    found = look(asked, 43)
    assert (built(found).by_silence, built(found).stage) == (True, "disputed")
    ruled = settlement.rule(asked, dispute=1, ruling=1, now=START + 44 * DAY).state
    found = look(ruled, 45)
    assert (built(found).verdict, built(found).by_silence, built(found).stage) == ("met", False, "final")
    assert built(found).final_at == START + 44 * DAY


def test_before_the_court(look: Looker, disputed: State) -> None:
    found = look(disputed, 14)
    dispute = built(found).dispute
    assert dispute
    assert (built(found).stage, dispute.number, dispute.by, dispute.until) == (
        "disputed",
        "7",
        "villages",
        START + 33 * DAY,
    )
    assert "rule deal.yaml built met" in commands(found)
    assert "tribunal is asked whether built is met" in found.warnings[0]
    assert not any(each.startswith(("challenge", "release")) for each in commands(found))
    assert built(look(disputed, 34)).stage == "final"
    assert look(disputed, 34).warnings == ()


def test_a_concession_is_final(look: Looker, entered: State, terms: Terms) -> None:
    conceded = settlement.concede(entered, terms, obligation=0, now=START + 12 * DAY).state
    found = look(conceded, 13)
    assert (built(found).conceded, built(found).stage) == (True, "final")
    assert "built was breached" in found.warnings[0]
    assert not any(each.startswith(("challenge", "accept")) for each in commands(found))


def test_more_time(look: Looker, entered: State, terms: Terms) -> None:
    longer = settlement.extend(entered, terms, payment=False, index=0, to=40 * DAY, now=START + 12 * DAY).state
    found = built(look(longer, 12))
    assert (found.deadline, found.extended_from) == (START + 51 * DAY, START + 41 * DAY)
    assert built(look(longer, 45)).verdict is None


def test_the_end_that_all_agree_on(look: Looker, entered: State, terms: Terms) -> None:
    splits = [Split(address(99), (Share(address(1), 5_000), Share(address(2), 5_000)))]
    found = look(settlement.dissolve(entered, terms, splits=splits, now=START + 12 * DAY).state, 13)
    assert (found.state, found.actions, found.if_ended_now) == ("dissolved", (), ())
    assert found.phase
    assert found.phase.payments[0].state == "split"


def test_who_pays_for_what_anybody_may_send(look: Looker, met: State) -> None:
    found = look(met, 23, payer=("--key", "mine"))
    assert commands(found)[:2] == ["release deal.yaml --key mine", "settle deal.yaml --key mine"]


def test_the_court_and_its_fee(look: Looker, met: State) -> None:
    court = look(met, 13).court
    assert court
    assert (court.name, court.challenge_within, court.ruling_within) == ("tribunal", 10 * DAY, 20 * DAY)
    assert court.fee
    assert (court.fee.amount, look(met, 13).standing) == (FEE, ("villages",))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünïcödé 漢字 🌲", "plain ünïcödé 漢字 🌲"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("\x85\x9b\x7f", "\\x85\\x9b\\x7f"),
        ("\U000e0001", "\\U000e0001"),
        ("نامه\u200cای", "نامه\u200cای"),
    ],
)
def test_text_of_strangers(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert one_line(text) == f"“{shown}”"


def test_text_of_strangers_is_short() -> None:
    assert one_line("x" * 501) == f"“{'x' * 500}…” (501 characters in all)"
