"""The examples read, and say what their sources say."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from pyledger.document import Payment, gallery, loads
from pyledger.document.risks import review, risks
from pyledger.errors import UsageError

DAY = 86_400


def paid(payment: Payment, value: Decimal) -> Decimal:
    """What a payment releases for a value in its own units, by the rule of the terms."""
    reached = [tier for tier in payment.tiers or () if tier.from_ <= value]
    if not reached:
        return Decimal(0)
    tier = reached[-1]
    return min(payment.amount, tier.pays + (value - tier.from_) * tier.then / 10_000)


def test_the_gallery_names_its_documents() -> None:
    assert gallery.names() == tuple(sorted(gallery.names()))
    assert {"algiers-1981", "lockerbie-2003", "windfall-coalition"} <= set(gallery.names())


def test_every_document_is_on_one_shelf_and_says_what_it_shows() -> None:
    listed = [name for documents in gallery.SHELVES.values() for name in documents]
    assert sorted(listed) == sorted(gallery.names())
    assert sorted(gallery.in_order()) == sorted(gallery.names())
    assert all(gallery.shows(name) and name in gallery.SHELVES[gallery.shelf(name)] for name in gallery.names())
    assert (gallery.shelf("starter"), gallery.shows("starter")) == ("Others", "")


@pytest.mark.parametrize("name", gallery.names())
def test_every_document_says_what_it_models_and_what_it_cannot_say(name: str) -> None:
    document = loads(gallery.read(name), file=name)
    assert gallery.read(name).startswith("# ")
    assert "What to look at:" in gallery.read(name)
    assert document.summary
    assert document.notes
    assert document.beyond
    assert document.benefits
    assert document.instrument
    assert document.publication
    assert document.amendment
    assert any("of this example" in note.lower() or "invented" in note for note in document.notes)


@pytest.mark.parametrize("name", gallery.names())
def test_no_risk_stands_that_nobody_has_answered(name: str) -> None:
    """Mended, or waived with the reason: the same findings as `pyledger check` tells."""
    document = loads(gallery.read(name), file=name)
    standing = review(document, risks(document)).standing
    assert [f"{each.id} {each.message}" for each in standing] == []


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(UsageError, match="lockerbie-2003"):
        gallery.read("lockerby")


@pytest.mark.parametrize("name", gallery.names())
def test_every_document_reads_at_once(name: str) -> None:
    text = gallery.read(name)
    began = time.process_time()
    assert loads(text, file=name).title
    assert time.process_time() - began < 0.3


def test_lockerbie_holds_ten_million_for_each_of_270_victims() -> None:
    (release,) = loads(gallery.read("lockerbie-2003")).phases
    amounts = {name: payment.amount for name, payment in release.payments.items()}
    assert amounts == {
        "un-tranche": 270 * 4_000_000,
        "us-fallback": 270 * 1_000_000,
        "us-tranche": 270 * 3_000_000,
        "delist-tranche": 270 * 2_000_000,
    }
    assert sum(amounts.values()) == 2_700_000_000
    assert {payment.from_ for payment in release.payments.values()} == {"libya"}


@pytest.mark.parametrize(
    ("verdicts", "paid"),
    [
        ({"un-lift": "met", "us-lift": "met", "us-delist": "met"}, 2700),
        ({"un-lift": "met", "us-lift": "breached", "us-delist": "lapsed"}, 1350),
        ({"un-lift": "met", "us-lift": "met", "us-delist": "lapsed"}, 2160),
        ({"un-lift": "breached", "us-lift": "lapsed", "us-delist": "lapsed"}, 0),
    ],
)
def test_lockerbie_pays_what_the_families_were_paid(verdicts: dict[str, str], paid: int) -> None:
    (release,) = loads(gallery.read("lockerbie-2003")).phases
    payments = release.payments.values()
    assert sum(p.amount for p in payments if verdicts[p.obligation] in p.on) == paid * 1_000_000


def test_lockerbie_lapses_the_fallback_when_the_un_never_acts() -> None:
    """Silence on the UN's lifting is material and final before silence on the others would give a verdict."""
    (release,) = loads(gallery.read("lockerbie-2003")).phases
    un, us, delisting = release.obligations.values()
    assert (un.material, un.if_silent) == (True, "breached")
    assert un.deadline == 556 * DAY
    assert un.deadline < us.deadline == delisting.deadline


def test_model_access_raises_the_bonds_step_by_step() -> None:
    document = loads(gallery.read("model-access-three-steps"))
    for party in ("north", "south"):
        levels = [document.bond_level(party, phase) for phase in document.phases]
        assert levels == [Decimal(20_000_000), Decimal(60_000_000), Decimal(100_000_000)]


def test_model_access_takes_more_than_half_the_bond_when_the_pause_is_broken() -> None:
    document = loads(gallery.read("model-access-three-steps"))
    pause = document.phase("pause")
    promise = pause.obligations["no-large-run"]
    assert (promise.if_silent, promise.material) == ("met", True)
    assert document.bond_level("south", pause) * (promise.forfeit or 0) / 10_000 == 36_000_000
    assert document.parties["south"].forfeits_to == {"north": 10_000}


REFERENCE = Decimal("0.275")
"""Percent of the forest, from which the loss is counted as avoided."""


@pytest.mark.parametrize(
    ("year", "loss", "dollars"),
    [
        (2012, "0.000", 65_588_405),
        (2012, "0.056", 65_588_405),
        (2012, "0.057", 46_790_768),
        (2012, "0.079", 46_790_768),
        (2012, "0.099", 46_790_768),
        (2012, "0.1", 0),
        (2012, "0.275", 0),
        (2013, "0.056", 70_225_273),
        (2013, "0.068", 50_098_710),
        (2013, "0.1", 0),
    ],
)
def test_the_forest_pays_what_the_published_figures_give(year: int, loss: str, dollars: int) -> None:
    payment = loads(gallery.read("forest-guyana-norway")).phase(f"year-{year}").payments[f"forest-{year}"]
    assert paid(payment, REFERENCE - Decimal(loss)) == dollars


def test_the_figures_of_the_forest_are_those_of_its_sources() -> None:
    first, second = loads(gallery.read("forest-guyana-norway")).phases
    before, cut = first.payments["forest-2012"].amount, Decimal(18_797_637)
    assert before == 66_546_275 - 957_870
    assert round(before * Decimal("0.2866")) == cut
    assert paid(first.payments["forest-2012"], REFERENCE - Decimal("0.079")) == before - cut
    # Avoided 0.207 points are 38,270 of 18,487,876 hectares, at 100 tonnes of carbon, 3.67 of its dioxide, 5 dollars.
    avoided = Decimal(18_487_876) * (REFERENCE - Decimal("0.068")) / 100
    assert round(avoided * 100 * Decimal("3.67") * 5) == second.payments["forest-2013"].amount


def test_the_forest_has_a_court_and_villages_that_may_go_to_it() -> None:
    document = loads(gallery.read("forest-guyana-norway"))
    assert document.arbitration is not None
    assert document.contest_time == 120 * DAY
    assert list(document.standing) == ["villages"]
    for phase in document.phases:
        for payment in phase.payments.values():
            assert paid(payment, Decimal(0)) == 0, "silence and changed verdicts have no value"


@pytest.mark.parametrize(
    ("profit", "dollars"),
    [
        ("999_999_999.99", "0"),
        ("1_000_000_000", "0"),
        ("2_000_000_000", "10_000_000"),
        ("9_999_999_999", "89_999_999.99"),
        ("10_000_000_000", "90_000_000"),
        ("12_000_000_000", "190_000_000"),
        ("14_200_000_000", "300_000_000"),
        ("100_000_000_000", "300_000_000"),
    ],
)
def test_every_laboratory_shares_alike_in_every_year(profit: str, dollars: str) -> None:
    phases = loads(gallery.read("windfall-coalition")).phases
    found = [payment for phase in phases for payment in phase.payments.values()]
    assert len(found) == 6
    assert {paid(payment, Decimal(profit)) for payment in found} == {Decimal(dollars)}


def test_the_windfall_begins_with_two_and_hiding_saves_nothing() -> None:
    document = loads(gallery.read("windfall-coalition"))
    assert (document.needed_parties, len(document.parties), document.accession) == (2, 3, True)
    for phase in document.phases:
        for payment in phase.payments.values():
            assert document.bond_level(payment.from_, phase) == payment.amount
            promise = phase.obligations[payment.obligation]
            assert (promise.by, promise.if_silent, promise.forfeit) == (payment.from_, "breached", 10_000)
