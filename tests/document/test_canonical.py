"""What makes two documents the same, and what does not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from pyledger.document import canonical, canonical_bytes, document_hash, load, loads

MET = "{delivered: met}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: A small deal", 'title: "A small deal" # on the record'),
        ("within: 60 days", "within: 2 months"),
        ("grace: 2 days", "grace: 48 hours"),
        ("1_000.50", '"1000.5"'),
        ("1_000.50", "1000.500000"),
        ("forfeit: 50%", "forfeit: 50.00%"),
        ("to: worker\n", "to: {worker: 100%}\n"),
        ("if_silent: lapse", "if_silent: lapsed"),
        (MET, "{delivered: [met]}"),
        ("join_within: 14 days", "join_within: 14 days\ntop_up_within: 7 days\ndefault_forfeits: 100%"),
        ("join_within: 14 days\nlong_stop_after: 2 years\n", "long_stop_after: 2 years\njoin_within: 14 days\n"),
        (
            "        by: worker\n        what: The worker delivers\n",
            "        what: The worker delivers\n        by: worker\n",
        ),
        (
            "  usd: {symbol: USDX, decimals: 6}\n  coin: {native: true}\n",
            "  coin: {native: true}\n  usd: {decimals: 6, symbol: USDX}\n",
        ),
        ("pyledger: 1\n", "---\npyledger: 1\n"),
        ("title: A small deal", "title: >-\n  A small\n  deal"),
    ],
)
def test_how_it_is_laid_out_makes_no_difference(deal: str, old: str, new: str) -> None:
    assert old in deal
    assert document_hash(loads(deal.replace(old, new))) == document_hash(loads(deal))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: A small deal", "title: A small Deal"),
        ("within: 60 days", "within: 61 days"),
        ("1_000.50", "1000.51"),
        ("forfeit: 50%", "forfeit: 50.01%"),
        ("worker: 60%, fund: 40%", "fund: 40%, worker: 60%"),
        ("juror-a, juror-b", "juror-b, juror-a"),
        (MET, "{delivered: [met, lapsed]}"),
        ("material: true", "material: false"),
        ("pyledger: 1\n", "pyledger: 1\nnotes: [Nothing is certain]\n"),
        ("join_within: 14 days", "join_by: 2027-01-31"),
    ],
)
def test_what_it_says_makes_a_difference(deal: str, old: str, new: str) -> None:
    assert deal.count(old) == 1
    assert document_hash(loads(deal.replace(old, new))) != document_hash(loads(deal))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0x0A0b", "0x0a0B"),
        ("0x0A0b", '"0x0a0b"'),
        ("challenge_within: 7 days", "challenge_within: 1 week"),
        ("from: 1_000.50", "from: 1000.5"),
        ("then: 12.5%", "then: 12.50%"),
        ("{from: 0, pays: 50}", "{from: 0, pays: 50, then: 0%}"),
        ("{unit: tonnes of fish, decimals: 3}", "{decimals: 3, unit: tonnes of fish}"),
    ],
)
def test_how_an_accord_is_laid_out_makes_no_difference(accord: str, old: str, new: str) -> None:
    assert accord.count(old) == 1
    assert document_hash(loads(accord.replace(old, new))) == document_hash(loads(accord))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("court: high-court", "court: low-court"),
        ("challenge_within: 7 days", "challenge_within: 8 days"),
        ("ruling_within: 30 days", "ruling_within: 31 days"),
        ("data: 0x0A0b", "data: 0x0A0c"),
        ("  data: 0x0A0b\n", ""),
        ("fishers: {name", "anglers: {name"),
        ("Fishers of the bay", "Anglers of the bay"),
        ("  readers: {name: Readers}\n", ""),
        (
            "  fishers: {name: Fishers of the bay}\n  readers: {name: Readers}\n",
            "  readers: {name: Readers}\n  fishers: {name: Fishers of the bay}\n",
        ),
        ("min_parties: 2", "min_parties: 1"),
        ("accession: true", "accession: false"),
        ("what: Profit of the year, asset", "what: Profit of the group, asset"),
        ("{what: Profit of the year, asset: usd}", "{asset: usd}"),
        ("tonnes of fish", "baskets of fish"),
        ("fish, decimals: 3", "fish, decimals: 2"),
        ("from: 1_000.50", "from: 1_000.51"),
        ("pays: 100,", "pays: 101,"),
        ("then: 12.5%", "then: 12.51%"),
        (", then: 12.5%", ""),
        ("          - {from: 0, pays: 0}\n", ""),
    ],
)
def test_what_an_accord_says_makes_a_difference(accord: str, old: str, new: str) -> None:
    assert accord.count(old) == 1
    assert document_hash(loads(accord.replace(old, new))) != document_hash(loads(accord))


@pytest.mark.parametrize(
    "written",
    ["min_parties: 2", "accession: false", "standing: {}", "min_parties: 2\naccession: false\nstanding: {}"],
)
def test_a_deal_that_writes_the_defaults_of_later_keys_is_the_same_deal(deal: str, written: str) -> None:
    assert document_hash(loads(f"{deal}{written}\n")) == document_hash(loads(deal))


def test_the_order_of_verdicts_makes_no_difference(deal: str) -> None:
    one, other = (loads(deal.replace(MET, f"{{delivered: [{on}]}}")) for on in ("met, lapsed", "lapsed, met"))
    assert document_hash(one) == document_hash(other)


def test_the_order_of_parties_makes_a_difference(deal: str) -> None:
    lines = deal.splitlines(keepends=True)
    lines[6], lines[7] = lines[7], lines[6]
    assert document_hash(loads("".join(lines))) != document_hash(loads(deal))


def test_the_canonical_form_holds_numbers_and_lists(deal: str) -> None:
    form = canonical(loads(deal))
    assert [party["id"] for party in form["parties"]] == ["payer", "worker"]
    assert form["parties"][0]["forfeits_to"] == [{"id": "worker", "bps": 6000}, {"id": "fund", "bps": 4000}]
    assert form["phases"][0]["payments"] == [
        {
            "id": "wage",
            "from": "payer",
            "to": [{"id": "worker", "bps": 10_000}],
            "amount": "1000.5",
            "asset": "usd",
            "when": {"delivered": ["met"]},
            "fund_within": 604_800,
        }
    ]
    assert form["phases"][1]["bonds"] == {"payer": "250"}
    assert "summary" not in form
    assert "bonds" not in form["phases"][0]


def test_the_bytes_are_rfc_8785_and_the_hash_is_their_sha256(deal: str) -> None:
    document = loads(deal)
    content = canonical_bytes(document)
    assert (
        content == json.dumps(canonical(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )
    assert document_hash(document) == hashlib.sha256(content).digest()


def test_the_hash_of_this_deal_stays(deal: str) -> None:
    """Agreements on chain carry such hashes: a change here orphans them and needs a new format number."""
    assert document_hash(loads(deal)).hex() == "45293ede8500f1f241a12b8d72e835ca7a17a946e0f70ad4fffffa8d7ebfb9d2"


def test_the_hash_of_this_accord_stays(accord: str) -> None:
    assert document_hash(loads(accord)).hex() == "43eb81e8f886f683d2e408e45cb3467ee9cc57de37f4bbdd113f8482b5f231c3"


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("lockerbie-2003", "17c19e9494969c4dd0896fa9cb5faca340db654e1bcd4a4922edb4159b018714"),
        ("model-access-three-steps", "c83ec17c548d405857b59655dde16d7dd3e8f9b687503ca20acf32bb5caa0da9"),
    ],
)
def test_the_hashes_of_the_first_documents_stay(name: str, digest: str) -> None:
    """As they were when no document could have a court, standing, tiers or a coalition."""
    assert document_hash(load(Path(__file__).parent / "first" / f"{name}.yaml")).hex() == digest
