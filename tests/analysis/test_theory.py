"""The formulas of the analysis: reference values, and closed forms held against brute force over random inputs."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from math import inf

import pytest
from hypothesis import assume, given, strategies as st

from pyledger.analysis.coalition import deposit_for_all, refund_fund, stable_size
from pyledger.analysis.disputes import accuser_bond, burn_extortion, wager
from pyledger.analysis.exposure import Act, exposures
from pyledger.analysis.gradualism import Exchange, irreversible_levels, irreversible_limit, levels_with_bond
from pyledger.analysis.horizon import (
    bond_for_riser,
    bond_that_survives,
    first_violated,
    horizon,
    power_shift,
    stake_under_immunity,
)
from pyledger.analysis.incentives import Decision, discount_threshold
from pyledger.analysis.inspection import looks_needed, sample_size, smallest_sample, violator_value
from pyledger.analysis.schedule import Player, Schedule, minimal_bonds

REFERENCE = Decision(
    temptation=100, detected=0.8, mistaken=0.05, bond=60, reputation=10, discount=0.9, going_on=120, ended=40
)

amounts = st.floats(0, 1_000)
chances = st.floats(0, 1)


def close(found: float | None, wanted: float) -> bool:
    return found is not None and found == pytest.approx(wanted, rel=1e-9, abs=1e-7)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    return Decision(
        temptation=draw(amounts),
        bond=draw(amounts),
        forfeit=draw(st.floats(0.01, 1)),
        reputation=draw(amounts),
        discount=draw(chances),
        going_on=draw(amounts),
        ended=draw(amounts),
        detected=draw(chances),
        mistaken=draw(chances),
    )


class TestOneDecision:
    def test_reference(self) -> None:
        assert close(REFERENCE.slack, 6.5)
        assert REFERENCE.smallest_bond == pytest.approx(51.3333, abs=1e-4)
        assert REFERENCE.required_detection == pytest.approx(0.754225, abs=1e-6)

    def test_only_deterrence_after_becker(self) -> None:
        assert Decision(temptation=40, bond=50, detected=0.8).slack == 0

    @given(decisions())
    def test_slack_is_keeping_less_breaching(self, choice: Decision) -> None:
        loss = choice.forfeit * choice.bond + choice.reputation

        def worth(found: float) -> float:
            going_on = (1 - found) * choice.discount * choice.going_on
            return going_on + found * (choice.discount * choice.ended - loss)

        assert close(choice.slack, worth(choice.mistaken) - choice.temptation - worth(choice.detected))

    @given(decisions())
    def test_the_smallest_bond_is_enough_and_no_less_is(self, choice: Decision) -> None:
        least = choice.smallest_bond
        if least is None:
            assert all(choice.with_bond(bond).slack < 0 for bond in (0, 10, 10**9))
            return
        assume(least < 10**9)
        assert choice.with_bond(least).slack >= -1e-6
        assert least == 0 or choice.with_bond(least * 0.99).slack < 0

    def test_where_keeping_is_blamed_more_than_breaching_and_the_end_is_welcome_no_bond_is_needed(self) -> None:
        choice = Decision(temptation=1, reputation=0, ended=100, detected=0.2, mistaken=0.8)
        assert choice.slack > 0
        assert choice.smallest_bond == 0

    @given(decisions())
    def test_required_detection_is_where_slack_turns(self, choice: Decision) -> None:
        from dataclasses import replace

        needed = choice.required_detection
        if needed is None:
            assert replace(choice, detected=1.0).slack <= 1e-9 or choice.stake <= 0
            return
        assert replace(choice, detected=needed).slack == pytest.approx(0, abs=1e-6) or choice.temptation == 0

    @pytest.mark.parametrize(("bond", "threshold"), [(0, 1 / 2), (1, 1 / 3)])
    def test_grim_trigger_with_payoffs_five_three_one(self, bond: float, threshold: float) -> None:
        assert close(discount_threshold(Decision(temptation=2, bond=bond), surplus=2), threshold)

    @given(st.floats(1, 50), st.floats(0, 40), st.floats(1, 50))
    def test_the_threshold_is_where_a_repeated_game_turns(self, tempted: float, bond: float, surplus: float) -> None:
        threshold = discount_threshold(Decision(temptation=tempted, bond=bond), surplus=surplus)
        assert threshold is not None

        def slack(discount: float) -> float:
            future = sum(surplus * discount**t for t in range(1, 4_000))
            return bond + future - tempted

        assume(0.001 < threshold < 0.99)
        assert slack(threshold * 0.999) < 0 < slack(min(threshold * 1.001, 0.999))


class TestHorizon:
    def test_reference(self) -> None:
        flat = horizon(stake=400, temptation=50, growth=0.5, power=0.9)
        assert flat == pytest.approx(4.869, abs=1e-3)
        assert first_violated(flat) == 5
        indexed = horizon(stake=400, temptation=50, growth=0.5, stake_growth=0.1, power=0.9)
        assert indexed == pytest.approx(6.365, abs=1e-3)

    def test_powers_shift(self) -> None:
        shift = power_shift(pie=10, riser_now=3, riser_next=7, other_now=5, discount=0.9)
        assert close(shift.gap, 1.3)
        assert shift.breaks_down
        assert close(bond_for_riser(shift, discount=0.9, power=0.8), 1.3 / 0.72)

    @given(st.floats(1, 1000), st.floats(1, 1000), st.floats(0.01, 2), st.floats(0, 2), st.floats(0.1, 1))
    def test_the_first_violated_period_is_found_by_walking(
        self, stake: float, tempted: float, growth: float, indexed: float, power: float
    ) -> None:
        until = horizon(stake=stake, temptation=tempted, growth=growth, stake_growth=indexed, power=power)
        violated = (
            t for t in range(60) if power * stake * (1 + indexed) ** t < tempted * (1 + growth) ** t * (1 - 1e-9)
        )
        walked = next(violated, None)
        first = first_violated(until)
        assert walked == (None if first is None or first >= 60 else first)

    def test_only_what_is_in_custody_outlasts_immunity(self) -> None:
        stakes = [
            stake_under_immunity(period=t, hazard=0.5, custodial=10, sovereign=100, power=0.8) for t in (0, 1, 200)
        ]
        assert stakes == pytest.approx([88, 48, 8])

    def test_a_jump_may_not_be_bondable(self) -> None:
        assert close(bond_that_survives(jump=75, power=0.75), 100)
        assert bond_that_survives(jump=75, power=0.75, wealth=99) is None
        assert bond_that_survives(jump=75, power=0) is None


class TestGradualism:
    def test_reference_exchange(self) -> None:
        deal = Exchange(value=100, cost=60, price=80, deliverer_stake=5, payer_stake=5)
        assert [step.delivered for step in deal.schedule()] == pytest.approx([0.25, 0.65, 0.89, 1])
        assert [step.paid for step in deal.schedule()] == pytest.approx([0.5, 0.8, 0.98, 1])

    @pytest.mark.parametrize(("stake", "steps"), [(0.5, 8), (5, 4), (80, 1)])
    def test_each_extra_bond_buys_fewer_phases(self, stake: float, steps: int) -> None:
        deal = Exchange(value=100, cost=60, price=80, deliverer_stake=stake, payer_stake=stake)
        assert deal.steps_needed == len(deal.schedule()) == steps

    def test_without_any_stake_it_unravels(self) -> None:
        deal = Exchange(value=100, cost=60, price=80, deliverer_stake=0, payer_stake=0)
        assert deal.steps_needed == inf
        assert deal.schedule() == ()

    @given(st.floats(1, 100), st.floats(0.05, 0.9), st.floats(0.05, 0.95), st.floats(0.01, 1), st.floats(0.01, 1))
    def test_nobody_ever_does_better_by_walking_away(
        self, value: float, low: float, between: float, deliverer: float, payer: float
    ) -> None:
        cost = value * low
        price = cost + (value - cost) * between
        assume(cost < price < value)
        deal = Exchange(
            value=value, cost=cost, price=price, deliverer_stake=deliverer * value, payer_stake=payer * value
        )
        steps = deal.schedule()
        assert len(steps) == deal.steps_needed
        delivered, paid = 0.0, 0.0
        for step in steps:
            delivered = step.delivered
            assert value * (1 - delivered) - price * (1 - paid) >= -deal.payer_stake - 1e-6
            paid = step.paid
            assert price * (1 - paid) - cost * (1 - delivered) >= -deal.deliverer_stake - 1e-6
        assert (delivered, paid) == (1, 1)

    def test_reference_levels(self) -> None:
        levels = irreversible_levels(loss=1, gain=2, discount=0.8, first=1, steps=5)
        assert levels == pytest.approx((1, 1.625, 2.0156, 2.2598, 2.4124), abs=1e-4)
        assert close(irreversible_limit(loss=1, gain=2, discount=0.8, first=1), 8 / 3)

    def test_every_rise_is_just_worth_it(self) -> None:
        levels = (0.0, *irreversible_levels(loss=1, gain=2, discount=0.8, first=1, steps=400))
        for t in range(1, 5):
            keeping = sum(0.8 ** (s - t) * levels[s] for s in range(t, len(levels)))
            assert keeping == pytest.approx((-levels[t - 1] + 2 * levels[t]) / 0.2, abs=1e-6)

    @pytest.mark.parametrize(("bond", "steps"), [(0.25, 7), (1, 5), (5, 2)])
    def test_a_bond_lets_it_end(self, bond: float, steps: int) -> None:
        rises = levels_with_bond(loss=1, gain=2, discount=0.8, bond=bond, target=8 / 3)
        assert len(rises) == steps
        assert close(sum(rises), 8 / 3)

    def test_without_one_the_last_step_is_never_taken(self) -> None:
        assert levels_with_bond(loss=1, gain=2, discount=0.8, bond=0, target=1) == ()


class TestInspection:
    @pytest.mark.parametrize(("periods", "looks", "value"), [(2, 1, 1 / 3), (4, 2, 3 / 11)])
    def test_reference(self, periods: int, looks: int, value: float) -> None:
        assert close(violator_value(periods, looks), value)

    @pytest.mark.parametrize("periods", range(1, 12))
    def test_the_sum_of_binomials_solves_the_game(self, periods: int) -> None:
        @cache
        def solved(n: int, m: int) -> float:
            """The violator wins 1 if not looked at, loses 1 if caught; it may wait."""
            if m >= n:
                return 0.0
            if m == 0:
                return 1.0
            # Rows: act, wait; columns: look, look away.
            a, b, c, d = -1.0, 1.0, solved(n - 1, m - 1), solved(n - 1, m)
            return (a * d - b * c) / (a + d - b - c)

        for looks in range(periods + 1):
            assert violator_value(periods, looks) == pytest.approx(solved(periods, looks))

    def test_sample(self) -> None:
        assert sample_size(items=100, defects=10, detection=0.95) == pytest.approx(25.89, abs=0.005)
        assert smallest_sample(items=100, defects=10, detection=0.95) == 26

    @given(st.floats(0.01, 0.9), st.floats(0.01, 0.999))
    def test_looks_are_as_many_as_it_takes(self, each: float, wanted: float) -> None:
        looks = looks_needed(each=each, wanted=wanted)
        assert looks is not None
        assert 1 - (1 - each) ** looks >= wanted - 1e-9
        assert looks == 1 or 1 - (1 - each) ** (looks - 1) < wanted


class TestDisputes:
    def test_accuser(self) -> None:
        assert accuser_bond(succeeds=0.05, share=0.5, forfeit=100) == pytest.approx(2.632, abs=1e-3)

    @given(st.floats(0, 0.99), chances, amounts, st.floats(0, 100))
    def test_with_that_bond_a_false_accusation_never_pays(
        self, q: float, share: float, forfeit: float, k: float
    ) -> None:
        bond = accuser_bond(succeeds=q, share=share, forfeit=forfeit, cost=k)
        assert q * share * forfeit - (1 - q) * (bond + k) <= 1e-6

    def test_wager(self) -> None:
        assert close(wager(price=100, error=0.1).lowest, 12.5)
        without = wager(price=100, error=0.1, rebate=0)
        assert without.lowest == pytest.approx(11.11, abs=0.005)
        assert close(without.highest, 900)

    def test_no_bet_helps_with_an_arbiter_who_tosses_a_coin(self) -> None:
        assert wager(price=100, error=0.5).lowest == inf

    def test_burning_invites_extortion(self) -> None:
        found = burn_extortion(price=200, own_deposit=200)
        assert (found.conceding, found.refusing, found.extorted) == (-200, -400, 200)
        assert found.works
        assert not burn_extortion(price=200, own_deposit=0).works


class TestCoalition:
    def test_reference(self) -> None:
        assert stable_size(benefit=1, cost=4.5, members=16) == 5

    @given(st.floats(0.1, 10), st.floats(1.01, 20), st.integers(2, 25))
    def test_the_stable_size_is_found_by_trying(self, benefit: float, ratio: float, members: int) -> None:
        assume(abs(ratio - round(ratio)) > 1e-6)
        cost = benefit * ratio

        def inside(size: int) -> float:
            """A coalition provides if that pays it as a whole."""
            return benefit * size - cost if benefit * size >= cost else 0.0

        def outside(size: int) -> float:
            return benefit * size if benefit * size >= cost else 0.0

        stable = [k for k in range(2, members + 1) if inside(k) > outside(k - 1) and benefit * k >= cost]
        assert stable_size(benefit=benefit, cost=cost, members=members) == (stable[0] if stable else None)

    def test_a_deposit_holds_all(self) -> None:
        assert close(deposit_for_all(benefit=1, cost=4.5, detected=0.7), 5)

    def test_refunds_bring_the_best_contribution(self) -> None:
        members, benefit = 5, 2.0
        best = members * benefit  # c(a) = a²/2, so that c'(a) = a
        fund = refund_fund(members=members, benefit=benefit, contribution=best)

        def worth(own: float) -> float:
            total = own + (members - 1) * best
            return benefit * total - own**2 / 2 + fund * own / total

        assert worth(best) == max(worth(best * (0.5 + step / 1_000)) for step in range(1_001))


class TestExposure:
    def test_reference(self) -> None:
        acts = (
            Act(by="a", cost=2, worth={"b": 7.5}),
            Act(by="b", cost=50, recoverable=0.3),
            Act(by="a", cost=40, worth={"b": 100}, revocable=1),
            Act(by="b", cost=0, worth={"a": 30}),
        )
        found = exposures(acts, bonds={"a": {"b": 15}, "b": {"a": 20}}, detected=0.8)
        a, b = found["a"], found["b"]
        assert (a.most, b.most) == pytest.approx((42, 27.5))
        assert (a.largest_step, b.largest_step) == pytest.approx((40, 35))
        assert (a.coverage, b.coverage) == pytest.approx((16, 12))
        assert (a.uncovered, b.uncovered) == pytest.approx((26, 15.5))


class TestSchedule:
    SURPLUS = ((2, 6, 10), (3, 5, 9))
    OUTSIDE = ((0, 1, 4), (0, 2, 5))
    TEMPTATION = ((6, 12, 20), (5, 15, 25))
    DETECTED = ((0.9, 0.8, 0.8), (0.9, 0.8, 0.7))

    def players(self, wealth: float = inf) -> list[Player]:
        return [
            Player(
                name=name,
                surplus=self.SURPLUS[i],
                outside=self.OUTSIDE[i],
                temptation=self.TEMPTATION[i],
                detected=self.DETECTED[i],
                mistaken=(0.02,) * 3,
                discount=(0.95,) * 3,
                reputation=(1,) * 3,
                capital_cost=(0.03,) * 3,
                forfeit=(1,) * 3,
                wealth=wealth,
            )
            for i, name in enumerate("ab")
        ]

    def test_with_top_ups(self) -> None:
        found = minimal_bonds(self.players())
        assert found
        assert found.bonds["a"] == pytest.approx((0, 9.8741, 24.641), abs=5e-5)
        assert found.bonds["b"] == pytest.approx((0, 16.1486, 35.7647), abs=5e-5)
        assert found.cost == pytest.approx(2.59285, abs=5e-6)

    def test_paid_in_at_the_start_it_costs_twice_as_much(self) -> None:
        found = minimal_bonds(self.players(), top_ups=False)
        assert found
        assert found.bonds["a"] == pytest.approx((24.641,) * 3, abs=5e-4)
        assert found.bonds["b"] == pytest.approx((35.7647,) * 3, abs=5e-5)
        assert found.cost == pytest.approx(5.43652, abs=5e-6)

    def test_what_cannot_be_afforded_cannot_be_scheduled(self) -> None:
        assert minimal_bonds(self.players(wealth=35)) is None
        assert minimal_bonds(self.players(wealth=36)) is not None

    @given(st.data())
    def test_backward_induction_finds_the_same(self, data: st.DataObject) -> None:
        phases = data.draw(st.integers(1, 4))

        def draw(low: float, high: float) -> list[float]:
            return data.draw(st.lists(st.floats(low, high), min_size=phases, max_size=phases))

        player = Player(
            name="a",
            surplus=draw(0, 20),
            outside=draw(0, 5),
            temptation=draw(0, 30),
            detected=draw(0.3, 1),
            mistaken=draw(0, 0.1),
            discount=draw(0.5, 1),
            reputation=draw(0, 3),
            capital_cost=draw(0.001, 0.1),
            forfeit=draw(0.3, 1),
        )
        found = minimal_bonds([player], participation=False)
        assert found
        assert found.cost == pytest.approx(backward(player), rel=1e-6, abs=1e-6)


def backward(player: Player) -> float:
    """Capital cost of the least bonds, each phase by itself from the last: a smaller bond later only helps earlier."""
    going_on = ended = cost = 0.0
    for t in reversed(range(player.phases)):
        choice = Decision(
            temptation=player.temptation[t],
            forfeit=player.forfeit[t],
            reputation=player.reputation[t],
            discount=player.discount[t],
            going_on=going_on,
            ended=ended,
            detected=player.detected[t],
            mistaken=player.mistaken[t],
        )
        bond = choice.smallest_bond
        assert bond is not None
        f = player.mistaken[t]
        lost = player.forfeit[t] * bond + player.reputation[t]
        kept = (1 - f) * player.discount[t] * going_on + f * (player.discount[t] * ended - lost)
        going_on, ended = player.surplus[t] - player.capital_cost[t] * bond + kept, player.outside[t]
        cost += player.capital_cost[t] * bond
    return cost


def test_a_schedule_names_every_player() -> None:
    assert {a.name for a, _ in combinations(TestSchedule().players(), 2)} == {"a"}
    found = minimal_bonds(TestSchedule().players())
    assert isinstance(found, Schedule)
    assert set(found.values) == set(found.bonds) == {"a", "b"}
