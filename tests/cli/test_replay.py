"""The settlement model against the contracts, through the real client: histories with one departure."""

from __future__ import annotations

import pytest

from pyledger.analysis.outcomes import outcomes, replayed
from pyledger.analysis.stand_ins import deal_of
from pyledger.analysis.telling import Teller
from pyledger.cli.replay import theatre
from pyledger.document import gallery, loads


@pytest.mark.parametrize("name", gallery.names())
def test_model_and_chain_agree_to_the_last_unit(name: str) -> None:
    document = loads(gallery.read(name))
    deal = deal_of(document)
    teller, found = Teller(deal), outcomes(deal)
    single = [each for each in found.found if each.histories[0].departs <= 1]
    assert len(single) > 1
    with theatre(document, start=deal.start) as house:
        for outcome in single:
            acts = replayed(house.deal, outcome.histories[0]).acts
            pairs = zip(found.book.places, outcome.gained, strict=True)
            gains = {teller.place(place): gain for place, gain in pairs if gain}
            compared = house.play(acts, outcome.status, gains)
            assert compared.equal, (teller.outcome(outcome), compared)
