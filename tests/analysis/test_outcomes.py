"""Outcomes: folded and exact, whatever the deal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from pyledger.analysis.outcomes import outcomes, replayed
from pyledger.analysis.stand_ins import deal_of
from pyledger.document import gallery, loads
from tests.analysis.small_deals import folded, small_document, unfolded


@pytest.mark.parametrize("name", gallery.names())
def test_no_money_is_made_or_lost_in_any_outcome(name: str) -> None:
    found = outcomes(deal_of(loads(gallery.read(name))))
    assets = {asset for _, asset in found.book.places}
    assert len(found.found) > 1
    for outcome in found.found:
        for asset in assets:
            of_it = (gain for (_, what), gain in zip(found.book.places, outcome.gained, strict=True) if what == asset)
            assert sum(of_it) == 0


@pytest.mark.parametrize("name", gallery.names())
def test_every_history_told_of_an_outcome_leads_there(name: str) -> None:
    deal = deal_of(loads(gallery.read(name)))
    for outcome in outcomes(deal).found:
        for history in outcome.histories:
            played = replayed(deal, history)
            assert (played.gained, played.state.status) == (outcome.gained, outcome.status)


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_folding_loses_and_invents_nothing(seed: int) -> None:
    deal = deal_of(small_document(seed))
    assert folded(outcomes(deal)) == unfolded(deal)
