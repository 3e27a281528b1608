"""What holds for a deal as a whole: horizons, extortion, bounties, bets, irreversible steps, joining late."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from pyledger.analysis.appraisal import Appraisal, appraise
from pyledger.analysis.coalition import deposit_for_all
from pyledger.analysis.disputes import accuser_bond, wager
from pyledger.analysis.gradualism import levels_with_bond
from pyledger.analysis.words import deal_in_words, headline, scale_of
from pyledger.document import gallery, loads

DEAL = """
pyledger: 1
title: Two steps
assets: {usd: {symbol: USDX, decimals: 6}}
parties:
  seller: {name: Seller, bond: {amount: BOND, asset: usd}, forfeits_to: {buyer: SHARE, fund: REST}}
  buyer: {name: Buyer, bond: {amount: 50, asset: usd}, forfeits_to: fund}
recipients: {fund: {name: Fund}}
VERIFIERS
panels: {seers: {verifiers: [SEATS], threshold: THRESHOLD}}
COURT
join_within: 1 day
long_stop_after: 9 years
phases:
  - id: first
    obligations:
      ship-one: {by: seller, what: ships, within: 1 year, decided_by: seers, if_silent: breach, material: true,
        forfeit: 100%, reversibility: irreversible}
    payments: {pay-one: {from: buyer, to: seller, amount: 40, asset: usd, when: {ship-one: met}, fund_within: 30 days}}
  - id: second
    obligations:
      ship-two: {by: seller, what: ships, within: 1 year, decided_by: seers, if_silent: breach, material: true,
        forfeit: 100%, reversibility: irreversible}
    payments: {pay-two: {from: buyer, to: seller, amount: 40, asset: usd, when: {ship-two: met}, fund_within: 30 days}}
estimates:
  asset: usd
  discount_rate: 10%
  capital_cost: 3%
  panels: {seers: {detection: 90%RULING, false_positive: 5%}}
  parties: {seller: {reputation: 10, wealth: WEALTHGROWTH}}
  phases:
    first: {seller: {cost: 30, value: VALUE, temptation: 60}, buyer: {value: 50}}
    second: {seller: {cost: 30, value: VALUE, temptation: 60}, buyer: {value: 50}}
"""

DEFAULTS = {
    "SHARE": "40%", "REST": "60%", "VERIFIERS\n": "", "SEATS": "one, two, three", "THRESHOLD": "2", "COURT\n": "",
    "RULING": "", "WEALTH": "1_000", "GROWTH": "", "VALUE": "5", "BOND": "100",
}  # fmt: skip


def deal(**changes: str) -> Appraisal:
    text = DEAL
    for name, value in DEFAULTS.items():
        wanted = changes.get(name.strip(), value)
        text = text.replace(name, f"{wanted}\n" if name.endswith("\n") and wanted else wanted)
    return appraise(loads(text))


def told(found: Appraisal) -> dict[str, str]:
    return dict(deal_in_words(found, scale_of(found)))


class TestHorizon:
    def test_without_growth_or_immunity_there_is_none_and_what_would_show_it_is_said(self) -> None:
        found = deal()
        assert found.outlooks == ()
        assert any("temptation_growth" in path for path, _ in found.unshown)

    @pytest.mark.parametrize("growth", ["20%", "50%", "150%"])
    def test_growth_is_walked_to_the_first_phase_that_is_not_covered(self, growth: str) -> None:
        found = deal(GROWTH=f", temptation_growth: {growth}")
        (outlook,) = found.outlooks
        rate = float(growth[:-1]) / 100
        first = found.standings["seller", 0]
        covered = (first.detected - first.mistaken) * first.stake
        walked = next(t for t in range(99) if covered < 60 * (1 + rate) ** t)
        assert found.promises[0].credible_until == walked
        last = found.standings["seller", 1]
        covered = (last.detected - last.mistaken) * last.stake
        walked = min(walked, 1 + next(t for t in range(99) if covered < 60 * (1 + rate) ** t))
        assert outlook.until == walked

    def test_what_is_in_custody_outlasts_immunity(self) -> None:
        (outlook,) = deal(GROWTH=", immunity: 50%").outlooks
        assert outlook.until is None
        assert outlook.survives == pytest.approx(60 / 0.85 - 40)

    def test_what_nobody_can_lock_in_is_not_bondable(self) -> None:
        found = deal(GROWTH=", immunity: 50%, temptation_growth: 300%", WEALTH="150")
        (outlook,) = found.outlooks
        assert not outlook.bondable
        assert "not bondable" in told(found)["credible until"]

    def test_the_bond_that_survives_holds_when_nothing_else_does(self) -> None:
        found = deal(GROWTH=", immunity: 100%, temptation_growth: 80%")
        (outlook,) = found.outlooks
        assert outlook.survives is not None
        first = found.standings["seller", 0]
        power = first.detected - first.mistaken
        assert power * (outlook.survives + first.withheld) == pytest.approx(60 * 1.8)


class TestExtortion:
    def test_independent_verifiers_leave_nothing_to_demand(self) -> None:
        assert deal().demands == ()

    def test_where_only_the_sides_decide_silence_can_be_sold(self) -> None:
        verifiers = "verifiers: {one: {affiliated_with: seller}, two: {affiliated_with: buyer}}"
        found = deal(VERIFIERS=verifiers, SEATS="one, two")
        assert {(each.why, each.who, each.party) for each in found.demands} == {("sides", "buyer", "seller")}
        first = found.demands[0]
        assert (first.at_stake, first.conceding) == pytest.approx((140, 40))
        assert "say nothing" in told(found)["extortion"]

    def test_a_court_ends_that(self) -> None:
        verifiers = "verifiers: {one: {affiliated_with: seller}, two: {affiliated_with: buyer}}"
        court = "arbitration: {court: hague, challenge_within: 7 days, ruling_within: 30 days}"
        assert deal(VERIFIERS=verifiers, SEATS="one, two", COURT=court).demands == ()

    def test_the_other_sides_sole_verifier(self) -> None:
        found = deal(VERIFIERS="verifiers: {one: {affiliated_with: buyer}}", SEATS="one", THRESHOLD="1")
        assert {each.why for each in found.demands} >= {"affiliated"}

    @pytest.mark.parametrize("tie", ["paid_from_forfeits: true", "affiliated_with: fund", "paid_by: [fund, buyer]"])
    def test_a_sole_verifier_who_gains_by_the_forfeit(self, tie: str) -> None:
        found = deal(VERIFIERS=f"verifiers: {{one: {{{tie}}}}}", SEATS="one", THRESHOLD="1")
        assert {each.why for each in found.demands} == {"paid"}


class TestDisputes:
    def test_less_than_half_is_no_bounty(self) -> None:
        assert deal().bounties == ()

    def test_half_is(self) -> None:
        found = deal(SHARE="50%", REST="50%")
        (_, last) = found.bounties
        assert (last.accuser, last.accused, last.phase) == ("buyer", "seller", "second")
        assert last.bond == pytest.approx(accuser_bond(succeeds=0.05, share=0.5, forfeit=100))

    def test_who_would_lose_the_deal_by_it_needs_less(self) -> None:
        first, last = deal(SHARE="80%", REST="20%").bounties
        assert first.bond < last.bond

    def test_the_bet_before_a_court_that_errs(self) -> None:
        court = "arbitration: {court: hague, challenge_within: 7 days, ruling_within: 30 days}"
        found = deal(COURT=court, RULING=", ruling: 90%")
        assert found.bet
        assert found.bet.price == pytest.approx(140)
        assert found.bet.wager.lowest == pytest.approx(wager(price=140, error=0.1).lowest)

    def test_without_an_estimate_of_ruling_it_is_said_what_would_show_it(self) -> None:
        court = "arbitration: {court: hague, challenge_within: 7 days, ruling_within: 30 days}"
        found = deal(COURT=court)
        assert found.bet is None
        assert any("ruling" in path for path, _ in found.unshown)


class TestPace:
    def test_irreversible_acts_alone_are_asked_how_far_they_go(self) -> None:
        found = deal()
        (rise,) = found.rises
        assert rise.ratio == pytest.approx(60 / (10 / 1.1))
        assert rise.largest_first == 0
        assert "no sequence of steps" in told(found)["irreversible steps"]

    def test_a_first_step_that_is_too_large_cannot_be_answered_by_all_that_follow(self) -> None:
        (rise,) = deal(VALUE="50").rises
        assert rise.largest_first == pytest.approx(1 - 60 / (100 / 1.1))
        assert rise.first == 0.5
        assert rise.first > rise.largest_first

    def test_present_bonds_say_in_how_many_steps(self) -> None:
        (rise,) = deal().rises
        levels = levels_with_bond(loss=60, gain=10, discount=1 / 1.1, bond=100 / (1 - 1 / 1.1), target=1)
        assert rise.steps == len(levels)

    def test_more_at_stake_never_takes_more_steps(self) -> None:
        curve = deal().curve
        assert curve
        steps = [found for _, found in curve.points]
        assert steps == sorted(steps, reverse=True)
        for stake, found in curve.points:
            other = replace(curve.exchange, deliverer_stake=stake, payer_stake=stake)
            assert found == (len(other.schedule()) or inf)

    def test_who_joins_later_pays_for_what_others_bore(self) -> None:
        found = appraise(loads(gallery.read("safe-development-coalition")))
        assert found.coalition
        spared = 15_000_000 - 10_000_000
        assert found.coalition.deposit == deposit_for_all(benefit=10e6, cost=15e6, detected=0.8)
        prices = [each.price for each in found.accession]
        assert prices[0] == pytest.approx(spared / 3)
        assert spared * 2 / 3 < prices[1] < spared

    def test_a_bond_that_is_too_small_in_the_last_phase_is_told(self) -> None:
        found = deal(GROWTH="")
        assert "terminal bond" not in told(found)
        less = deal(BOND="10")
        assert "seller needs" in told(less)["terminal bond"]


class TestHeadline:
    def test_all_promises_pay_and_yet_somebody_leaves(self) -> None:
        found = appraise(loads(gallery.read("six-party-2007")))
        assert all(promise.credible for promise in found.promises)
        assert not found.credible
        assert headline(found) == (
            "By the money alone the deal is not credible, although each of 4 promises pays to keep: "
            "5 of 6 parties do better to leave."
        )

    def test_credible(self) -> None:
        assert headline(appraise(loads(gallery.read("monitored-model-access")))) == (
            "By these estimates the deal is credible: each of 5 promises pays to keep, and nobody does better to leave."
        )
