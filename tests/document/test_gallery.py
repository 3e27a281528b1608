"""The examples read, and say what their sources say."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from pyledger.document import gallery, loads
from pyledger.errors import UsageError

DAY = 86_400


def test_the_gallery_names_its_documents() -> None:
    assert gallery.names() == ("lockerbie-2003", "model-access-three-steps")


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
