"""What surrounds a deal: read strictly, its names held to what is there, part of the hash, and never of the terms."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pyledger.document import document_hash, loads
from pyledger.errors import DocumentError

WHOLE = (Path(__file__).parent / "whole.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) >= 1, old
    return WHOLE.replace(old, new, 1)


def test_everything_is_read() -> None:
    document = loads(WHOLE)
    access = document.benefits["model-access"]
    assert (access.to, access.revocability.notice, access.throttle and access.throttle.speed) == (
        ("south", "villages"),
        30 * 86_400,
        5_000,
    )
    assert document.benefits["seat-at-table"].revocability.class_ == "irrevocable"
    halt = document.phase("delivery").obligations["halt"]
    assert halt.reversibility
    assert halt.reversibility.recovers == 8_000
    assert document.estimates is not None
    stake = document.estimates.phases["delivery"]["north"].temptation
    assert stake
    assert (stake.low, stake.likely, stake.high) == (Decimal(30), Decimal(40), Decimal(60))
    cost = document.estimates.phases["delivery"]["north"].cost
    assert cost
    assert cost.low == cost.high == Decimal(20)
    growth = document.estimates.parties["north"].temptation_growth
    assert growth
    assert growth.likely == 15_000


def test_a_preset_gives_threshold_and_quotas() -> None:
    council = loads(WHOLE).panels["council"]
    assert (council.needed, council.quotas) == (3, (2, 2))


ACCESS = "benefits.model-access"
STAKES = "estimates.phases.delivery"
CHAMBERS = "{technical: {verifiers: [inspector, auditor]}, affected: {verifiers: [village-council, observer]}}"
ONE_CHAMBER = "{all: {verifiers: [inspector, auditor, village-council, observer]}}"


@pytest.mark.parametrize(
    ("old", "new", "says", "path"),
    [
        ("from: north\n    to: [", "from: nroth\n    to: [", "`nroth` is no", f"{ACCESS}.from"),
        ("kind: api_access", "kind: working_group", "no kind of the cluster", f"{ACCESS}.kind"),
        ("cluster: frontier_ai", "cluster: frontier", "expected one of 5 words", f"{ACCESS}.cluster"),
        ("monitoring: realtime", "# none", "`monitoring` is missing", f"{ACCESS}.monitoring"),
        ("    asset: usd\n    generality", "    generality", "`asset` is missing", f"{ACCESS}.asset"),
        ("verified_by: access-given", "verified_by: nobody", "`nobody` is no obligation", f"{ACCESS}.verified_by"),
        ("auditor: {kind", "editor: {kind", "no verifier on a panel", "verifiers.editor"),
        ("gate: ratified", "gate: opening", "no obligation", "ratification.gate"),
        (CHAMBERS, ONE_CHAMBER, "has 2 chambers", "panels.council.preset"),
        ("preset: kyoto_eb", "preset: kyoto", "did you mean `kyoto_eb`", "panels.council.preset"),
        ("low: 30, likely: 40", "low: 50, likely: 40", "not between low and high", f"{STAKES}.north.temptation"),
        ("      south: {value: 120", "      sotuh: {value: 120", "did you mean `south`", f"{STAKES}.sotuh"),
        ("seats: [village-council]", "seats: [nobody]", "`nobody` is no verifier", "affected_groups.villages.seats[0]"),
    ],
)
def test_what_is_not_there_is_said_where_it_is_named(old: str, new: str, says: str, path: str) -> None:
    with pytest.raises(DocumentError) as refused:
        loads(changed(old, new))
    found = {finding.path: f"{finding.message} {finding.hint}" for finding in refused.value.findings}
    assert path in found
    assert says in found[path]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("monitoring: realtime", "monitoring: minimal"),
        ("because: The access", "because: That access"),
        ("temptation: 50}", "temptation: 51}"),
        ("about: [pause, safety]", "about: [pause]"),
        ("class: partly_reversible", "class: irreversible"),
        ("level: mou", "level: treaty"),
        ("window: 60 days", "window: 61 days"),
        ("paid_from_forfeits: true", "paid_from_forfeits: false"),
    ],
)
def test_it_is_part_of_the_hash(old: str, new: str) -> None:
    assert document_hash(loads(changed(old, new))) != document_hash(loads(WHOLE))


def test_one_number_is_the_range_of_that_number() -> None:
    assert document_hash(loads(changed("pie: 10", "pie: {low: 10, likely: 10, high: 10}"))) == document_hash(
        loads(WHOLE)
    )


def test_all_that_is_wrong_is_told_at_once() -> None:
    broken = changed("monitoring: realtime", "monitoring: sometimes").replace("gate: ratified", "gate: nothing")
    with pytest.raises(DocumentError) as refused:
        loads(broken)
    assert [finding.path for finding in refused.value.findings] == [
        "ratification.gate",
        "benefits.model-access.monitoring",
    ]


def test_an_estimate_that_cannot_be_read_is_told_once() -> None:
    """A single number stands for the whole of a range, and is one mistake."""
    with pytest.raises(DocumentError) as refused:
        loads(changed("cost: 20", "cost: much"))
    (finding,) = refused.value.findings
    assert finding.message == 'expected an amount, found the text "much"'
