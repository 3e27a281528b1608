"""What an agreement has told as a scenario, played by the settlement model."""

from __future__ import annotations

from pyledger.analysis.acts import Attest
from pyledger.analysis.scenario import loads_scenario, run
from pyledger.analysis.stand_ins import deal_of
from pyledger.chain.events import Attested
from pyledger.chain.named import NamedAgreement
from pyledger.chain.recording import scenario_of


def replayed(deal: NamedAgreement) -> dict[tuple[str, str], int]:
    """Who gains what, in smallest units by names, if the model plays the scenario that an agreement has told.

    The same verifiers say the same in it.
    """
    planned = deal_of(deal.document)
    stage = run(planned, loads_scenario(scenario_of(deal), planned))
    assert stage.state.status is deal.state.status
    said = [each for each in stage.acts if isinstance(each, Attest)]
    heard = [each for each in deal.events if isinstance(each, Attested)]
    assert [(each.obligation, each.verdict, each.value, seat) for each in said for seat in each.seats] == [
        (each.obligation, each.verdict, each.value, each.seat) for each in heard
    ]
    who, what = stage.names.who, stage.names.what
    gains = zip(stage.book.places, stage.gained, strict=True)
    return {(who(account) or "", what(asset) or ""): gain for (account, asset), gain in gains if gain}


def gained(deal: NamedAgreement) -> dict[tuple[str, str], int]:
    """Who has gained what on the chain."""
    after = deal.balances()
    return {place: gain for place in after if (gain := after[place] - deal.before[place])}
