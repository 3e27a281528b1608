"""What a reader is told of court, coalition, standing, values and tiers."""

from __future__ import annotations

import pytest

from pyledger.document import clauses, loads


def test_every_clause_of_an_accord_is_said(accord: str) -> None:
    assert clauses(loads(accord)) == (
        (
            "coalition",
            (
                "2 of 3 parties are enough to begin once the time to join is over; "
                "who has not joined owes nothing and pays nothing"
            ),
        ),
        ("accession", "a party may still join later, and is bound from the next phase to open"),
        (
            "court",
            (
                "high-court hears challenges: within 7 days of a verdict, by any member or whoever has standing; "
                "without a ruling within 30 days of the challenge, the verdict stands"
            ),
        ),
        ("court's data", "0x0a0b"),
        ("standing of fishers", "Fishers of the bay: may challenge and comment, and receives nothing"),
        ("standing of readers", "Readers: may challenge and comment, and receives nothing"),
        (
            "value of profit-told",
            (
                "attested with the verdict: Profit of the year, in USDX, to 6 decimals; "
                "silence counts as 0, and so does a verdict that the court changed"
            ),
        ),
        (
            "value of catch-counted",
            (
                "attested with the verdict: tonnes of fish, to 3 decimals; "
                "silence counts as 0, and so does a verdict that the court changed"
            ),
        ),
        (
            "tiers of share",
            (
                "from 0 USDX: nothing; from 1,000.5 USDX: 100 USDX and 12.5% of what exceeds 1,000.5; "
                "at most 1,000 USDX; the rest goes back to maker"
            ),
        ),
        (
            "tiers of relief",
            "from 0 tonnes of fish: 50 coin; from 2.5 tonnes of fish: 0.25 coin; the rest goes back to rival",
        ),
    )


def test_a_deal_without_them_has_no_clauses(deal: str) -> None:
    assert clauses(loads(deal)) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "{from: 0, pays: 50}, ",
            "",
            "below 2.5 tonnes of fish: nothing; from 2.5 tonnes of fish: 0.25 coin; the rest",
        ),
        ("pays: 100, then: 12.5%", "pays: 0, then: 1%", "from 1,000.5 USDX: 1% of what exceeds 1,000.5; at most 1,000"),
        ("fish, decimals: 3}", "fish, decimals: 1}", "verdict: tonnes of fish, to 1 decimal;"),
        (
            "standing:\n  fishers: {name: Fishers of the bay}\n  readers: {name: Readers}\n",
            "",
            "by any member; without",
        ),
    ],
)
def test_each_is_said_as_it_is_written(accord: str, old: str, new: str, said: str) -> None:
    assert accord.count(old) == 1
    assert said in "\n".join(clause.says for clause in clauses(loads(accord.replace(old, new))))


def test_whole_numbers_are_said_so(accord: str) -> None:
    text = accord.replace(", decimals: 3", "").replace("from: 2.5,", "from: 3,")
    assert "tonnes of fish, in whole numbers;" in dict(clauses(loads(text)))["value of catch-counted"]


def test_without_a_court_whoever_has_standing_may_comment(accord: str) -> None:
    court = accord[accord.index("arbitration:") : accord.index("panels:")]
    found = dict(clauses(loads(accord.replace(court, ""))))
    assert found["standing of fishers"] == "Fishers of the bay: may comment, and receives nothing"
    assert found["value of catch-counted"].endswith("to 3 decimals; silence counts as 0")
    assert "court" not in found
