"""What we agreed with the growers, played from end to end."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from pyledger.testing import (
    assert_breached_by,
    assert_conserved,
    assert_gained,
    assert_paid,
    assert_returned,
    assert_state,
    reverts,
)
from pyledger.testing.strategies import PLAYED, histories

HARVEST = Path(__file__).parents[1] / "harvest.yaml"


@pytest.fixture(scope="module")
def deal(agreement):
    """One agreement for all tests of this module: what each does to it is undone."""
    return agreement(HARVEST, funded=True)


def test_two_hundred_tonnes_are_paid_in_full(deal):
    deal.attest("delivered", "met", value="212.5", by=["port", "laboratory"])
    deal.close()
    assert_paid(deal, "price", to="growers", amount=90_000)
    assert_state(deal, "in force", phase="spring")
    deal.close()
    assert_state(deal, "completed")
    assert_gained(deal, "growers", 90_000, "usd")
    assert_gained(deal, "mill", -90_000, "usd")


def test_one_hundred_and_fifty_are_paid_by_the_step_they_reach(deal):
    deal.attest("delivered", "met", value=150)
    deal.close()
    assert_paid(deal, "price", amount=45_000)
    assert_returned(deal, "price", to="mill", amount=45_000)


def test_silence_costs_the_growers_half_their_bond(deal):
    deal.warp_past("delivered")
    with reverts("NotFinal"):  # for three days it can be contested
        deal.settle()
    deal.close()
    assert_breached_by(deal, "growers", "delivered")
    assert_returned(deal, "price", to="mill")
    assert_gained(deal, "seed-bank", 3_000, "usd")
    assert_conserved(deal)


def test_the_carriers_can_contest_what_the_scales_say(deal):
    deal.attest("delivered", "met", value=200)
    deal.challenge("delivered", by="carriers")
    deal.rule("breached")
    deal.close()
    assert_breached_by(deal, "growers", "delivered")
    assert_returned(deal, "price", to="mill", amount=90_000)


def test_one_voice_decides_nothing(deal):
    deal.attest("delivered", "met", value=200, by=["port"])
    with reverts("NotDecided"):
        deal.settle()


def test_a_mill_that_does_not_pay_in_is_in_default(agreement):
    deal = agreement(HARVEST)
    deal.warp_past("price")
    deal.close()
    assert_breached_by(deal, "mill")
    assert_gained(deal, "growers", 20_000, "usd")


@settings(PLAYED, max_examples=20)
@given(history=histories(HARVEST))
def test_whatever_happens_money_is_conserved(chain, agreement, history):
    with chain.undone():
        deal = agreement(HARVEST)
        history.play(deal)
        assert_conserved(deal)
        assert sum(deal.change(who, "usd") for who in ("mill", "growers", "seed-bank")) == 0
