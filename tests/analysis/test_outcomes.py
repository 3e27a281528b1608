"""Outcomes: folded and exact, whatever the deal."""

from __future__ import annotations

from functools import cache
from time import process_time

import pytest
from hypothesis import given, settings, strategies as st

from pyledger.analysis.outcomes import Outcomes, forfeited, outcomes, replayed
from pyledger.analysis.stand_ins import Deal, deal_of, stand_ins
from pyledger.analysis.telling import Teller, grouped
from pyledger.document import Document, gallery, loads
from pyledger.terms.bindings import check_bindings
from pyledger.terms.state import Status
from tests.analysis.small_deals import folded, small_document, unfolded

MILLION = 10**6


@cache
def deal(name: str) -> Deal:
    return deal_of(loads(gallery.read(name)))


@cache
def all_of(name: str) -> Outcomes:
    return outcomes(deal(name))


def told(name: str) -> dict[str, tuple[dict[str, int], Status]]:
    """What each outcome of a document of the gallery is called, and who gains how many whole units of its one asset."""
    found, teller = all_of(name), Teller(deal(name))
    unit = 10 ** deal(name).document.assets["usd"].decimals
    names = [teller.place(place)[0] for place in found.book.places]
    return {
        teller.outcome(each): (
            {who: gain // unit for who, gain in zip(names, each.gained, strict=True)},
            each.status,
        )
        for each in found.found
    }


def independent(events: int) -> Document:
    """So many outside events, each worth twice the one before: no two histories come to the same."""
    names = [f"event-{number}" for number in range(events)]
    return Document.model_validate(
        {
            "pyledger": 1,
            "title": "Many events",
            "assets": {"usd": {"symbol": "USDX", "decimals": 0}},
            "parties": {"payer": {"name": "Payer"}, "payee": {"name": "Payee"}},
            "panels": {"jury": {"verifiers": ["juror"], "threshold": 1}},
            "join_within": "1 day",
            "long_stop_after": "1 year",
            "phases": [
                {
                    "id": "only",
                    "obligations": {
                        name: {
                            "by": "outside",
                            "what": name,
                            "within": "30 days",
                            "decided_by": "jury",
                            "if_silent": "lapse",
                        }
                        for name in names
                    },
                    "payments": {
                        f"for-{name}": {
                            "from": "payer",
                            "to": "payee",
                            "amount": 2**number,
                            "asset": "usd",
                            "when": {name: "met"},
                            "fund_within": "5 days",
                        }
                        for number, name in enumerate(names)
                    },
                }
            ],
        }
    )


@pytest.mark.parametrize("name", gallery.names())
def test_no_money_is_made_or_lost_in_any_outcome(name: str) -> None:
    found = all_of(name)
    assets = {asset for _, asset in found.book.places}
    assert len(found.found) > 1
    for outcome in found.found:
        for asset in assets:
            of_it = (gain for (_, what), gain in zip(found.book.places, outcome.gained, strict=True) if what == asset)
            assert sum(of_it) == 0


@pytest.mark.parametrize("name", gallery.names())
def test_every_history_told_of_an_outcome_leads_there(name: str) -> None:
    for outcome in all_of(name).found[:200]:
        for history in outcome.histories:
            played = replayed(deal(name), history)
            assert (played.gained, played.state.status) == (outcome.gained, outcome.status)


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_folding_loses_and_invents_nothing(seed: int) -> None:
    """Against every course of a small random deal, played one by one."""
    small = deal_of(small_document(seed))
    assert folded(outcomes(small)) == unfolded(small)


def test_lockerbie_in_words_and_millions() -> None:
    found = told("lockerbie-2003")
    millions = {what: (gains["families"] // MILLION, status) for what, (gains, status) in found.items()}
    assert millions["everything is kept"] == (2_700, Status.COMPLETED)
    assert millions["us-delist not met"] == (2_160, Status.COMPLETED)
    assert millions["us-lift breached, us-delist not met"] == (1_350, Status.COMPLETED)
    assert millions["un-lift breached, which ends the deal"] == (0, Status.TERMINATED)
    assert millions["too few join"] == (0, Status.VOID)


@pytest.mark.parametrize("name", gallery.names())
def test_no_two_outcomes_are_told_in_the_same_words(name: str) -> None:
    """A verdict attested before a default decides who was paid by then, so it is told."""
    teller, found = Teller(deal(name)), all_of(name).found
    assert len({teller.outcome(each) for each in found}) == len(found)


def test_a_bond_that_is_still_short_limits_what_a_breach_costs() -> None:
    """South's bond is to rise from 20 to 60 million: who breaches before that loses 20 and not 36."""
    found = all_of("model-access-three-steps")
    teller = Teller(deal("model-access-three-steps"))
    costs = {}
    for outcome in found.found:
        for history in outcome.histories:
            lost = forfeited(deal("model-access-three-steps"), replayed(deal("model-access-three-steps"), history).acts)
            costs[teller.history(history)] = lost.get(1, 0) // 10**12
    assert costs["pause: no-large-run breached, which ends the deal"] == 36
    assert costs["pause: no-large-run breached before south paid in, which ends the deal"] == 20


def test_all_edges_of_tiers_are_outcomes() -> None:
    paid = {gains["grif"] for what, (gains, _) in told("forest-guyana-norway").items() if what.count(";") == 0}
    first, second = 65_588_405, 70_225_273
    assert {first + second, first + 50_098_710, first, second, 46_790_768 + second} <= paid


def test_what_moves_no_money_is_folded() -> None:
    jcpoa = all_of("jcpoa-2015")
    assert len(jcpoa.found) < 10 < jcpoa.ways


def test_ten_thousand_outcomes_are_listed_and_more_are_said_to_be_too_many() -> None:
    every = outcomes(deal_of(independent(14)))
    # Met or not met of fourteen events; unpaid from the start, and never begun.
    assert (len(every.found), every.departures) == (2**14 + 2, None)
    fewer = outcomes(deal_of(independent(14)), most=2_000)
    assert fewer.departures is not None
    assert 100 < len(fewer.found) <= 2_000
    assert {each.gained for each in fewer.found} < {each.gained for each in every.found}
    assert max(each.histories[0].departs for each in fewer.found) == fewer.departures


def test_the_largest_documents_are_answered_too() -> None:
    lines = ["pyledger: 1", "title: T", "assets: {usd: {symbol: USDX, decimals: 6}}", "parties:"]
    lines += [
        f"  p{each}: {{name: P{each}, bond: {{amount: 1000, asset: usd}}, forfeits_to: p{(each + 1) % 16}}}"
        for each in range(16)
    ]
    lines += [
        "panels: {pan: {verifiers: [v], threshold: 1}}",
        "join_within: 1 day",
        "long_stop_after: 9 years",
        "phases:",
    ]
    for phase in range(24):
        lines += [f"  - id: ph{phase}", "    obligations:"]
        lines += [
            f"      o{phase}-{each}: {{by: p{each}, what: X, within: 9 days, decided_by: pan, if_silent: breach,"
            " forfeit: 1%}"
            for each in range(8)
        ]
        lines += ["    payments:"]
        lines += [
            f"      y{phase}-{each}: {{from: p{each + 1}, to: p{each}, amount: {each + 1}, asset: usd,"
            f" when: {{o{phase}-{each}: met}}, fund_within: 1 day}}"
            for each in range(8)
        ]
    began = process_time()
    found = outcomes(deal_of(loads("\n".join(lines) + "\n")))
    assert found.departures is not None
    assert len(found.found) > 24 * 8
    assert process_time() - began < 30


def test_no_more_departures_are_listed_than_are_said() -> None:
    found = outcomes(deal_of(loads(gallery.read("safe-development-coalition"))), most=1_500)
    assert found.departures is not None
    assert (
        max(outcome.histories[0].departs for outcome in found.found if outcome.status != Status.VOID)
        <= found.departures
    )
    larger = outcomes(deal_of(loads(gallery.read("safe-development-coalition"))))
    assert {outcome[:2] for outcome in larger.found if outcome.histories[0].departs <= found.departures} == {
        outcome[:2] for outcome in found.found if outcome.histories[0].departs <= found.departures
    }


def test_groups_hold_every_outcome_once() -> None:
    for name in ("windfall-coalition", "model-access-three-steps"):
        found = all_of(name)
        groups = grouped(Teller(deal(name)), found.found, 30)
        assert sorted(number for group in groups for number in group.members) == [*range(len(found.found))]
        assert len(groups) <= 30


@pytest.mark.parametrize("name", gallery.names())
def test_stand_ins_fit_their_document_and_are_always_the_same(name: str) -> None:
    document = loads(gallery.read(name))
    bindings = stand_ins(document)
    check_bindings(document, bindings)
    assert bindings == stand_ins(document)
