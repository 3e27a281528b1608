"""Who may contest a verdict, before which court, until when; and with how few parties a coalition begins."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pyledger.document import loads
from pyledger.errors import DocumentError, Finding

Refuse = Callable[..., tuple[Finding, ...]]

DAY = 86_400
COALITION = "min_parties: 2\naccession: true\n"
JOINED = ("join_within: 14 days", "join_by: 2027-01-01")


def test_court_standing_and_coalition_read_as_what_they_mean(accord: str) -> None:
    document = loads(accord)
    assert document.arbitration is not None
    assert document.arbitration.court == "high-court"
    assert document.arbitration.challenge_within == 7 * DAY
    assert document.arbitration.ruling_within == 30 * DAY
    assert document.arbitration.data == b"\x0a\x0b"
    assert document.contest_time == 37 * DAY
    assert [standing.name for standing in document.standing.values()] == ["Fishers of the bay", "Readers"]
    assert (document.needed_parties, document.accession) == (2, True)


def test_without_them_verdicts_are_final_and_all_must_join(deal: str) -> None:
    document = loads(deal)
    assert (document.arbitration, document.contest_time, document.standing) == (None, 0, {})
    assert (document.needed_parties, document.accession) == (2, False)


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "message", "hint"),
    [
        # Court
        ("  court: high-court\n", "", 15, "arbitration.court", "`court` is missing", "court: arbitral-court"),
        ("  challenge_within: 7 days\n", "", 15, "arbitration.challenge_within", "is missing", "7 days"),
        ("  ruling_within: 30 days\n", "", 15, "arbitration.ruling_within", "is missing", "30 days"),
        ("challenge_within: 7 days", "challenge_within: 0 days", 17, "arbitration.challenge_within", "no time", ""),
        ("ruling_within: 30 days", "ruling_within: 0 hours", 18, "arbitration.ruling_within", "no time", ""),
        ("ruling_within: 30 days", "ruling_within: 30", 18, "arbitration.ruling_within", "a duration", "14 days"),
        ("  data:", "  appeals:", 19, "arbitration.appeals", "unknown key `appeals`", "known here: court"),
        ("  court:", "  cort:", 16, "arbitration.cort", "unknown key `cort`", "did you mean `court`?"),
        ("court: high-court", "court: High Court", 16, "arbitration.court", "expected a name", "lowercase"),
        ("court: high-court", "court: maker", 16, "arbitration.court", "already a party", "name of its own"),
        ("court: high-court", "court: commons", 16, "arbitration.court", "already a recipient", "name of its own"),
        ("court: high-court", "court: auditor-b", 16, "arbitration.court", "already a verifier", "name of its own"),
        ("court: high-court", "court: fishers", 16, "arbitration.court", "somebody with standing", "name of its own"),
        ("court: high-court", "court: outside", 16, "arbitration.court", "an outside event", "name of its own"),
        ("0x0A0b", "0x0A0", 19, "arbitration.data", 'expected bytes, found the text "0x0A0"', "two hexadecimal"),
        ("0x0A0b", "0x", 19, "arbitration.data", "expected bytes", "two hexadecimal"),
        ("0x0A0b", "12", 19, "arbitration.data", "expected bytes, found the number 12", "two hexadecimal"),
        ("0x0A0b", "0x" + "00" * 1025, 19, "arbitration.data", "1025 bytes, at most 1024 are possible", ""),
        # Standing
        ("  readers: {", "  later: {", 14, "standing.later", "`later` is already a party", "name of its own"),
        ("  readers: {", "  commons: {", 14, "standing.commons", "already a recipient", "name of its own"),
        ("  readers: {", "  auditor-a: {", 14, "standing.auditor-a", "already a verifier", "name of its own"),
        ("  readers: {", "  outside: {", 14, "standing.outside", "an outside event", ""),
        ("  readers: {", "  fishers: {", 14, "standing.fishers", "written twice, first on line 13", "keep one"),
        ("{name: Readers}", "Readers", 14, "standing.readers", "expected a mapping", "its keys: name"),
        (
            "forfeits_to: commons",
            "forfeits_to: fishers",
            7,
            "parties.maker.forfeits_to",
            "`fishers` has standing, and receives nothing",
            "declare a recipient",
        ),
        # Coalition
        ("min_parties: 2", "min_parties: 4", 22, "min_parties", "4 parties to begin with, where 1 to 3", "all must"),
        ("min_parties: 2", "min_parties: 0", 22, "min_parties", "0 parties to begin with, where 1 to 3", "all must"),
        ("min_parties: 2", "min_parties: two", 22, "min_parties", "expected a whole number", "digits"),
        ("min_parties: 2", "min_parties: 3", 23, "accession", "none can join late", "lower `min_parties`"),
        (COALITION, "accession: true\n", 22, "accession", "none can join late", "how many are enough"),
        ("accession: true", "accession: yes", 23, "accession", "`yes` without quotes", "true or false"),
    ],
)  # fmt: skip
def test_one_thing_that_does_not_fit_gives_one_finding(
    refuse_accord: Refuse, old: str, new: str, line: int, path: str, message: str, hint: str
) -> None:
    (finding,) = refuse_accord((old, new))
    assert (finding.line, finding.path) == (line, path)
    assert message in finding.message
    assert hint in (finding.hint or "")


def test_nobody_can_join_from_the_next_phase_when_there_is_none(accord: str) -> None:
    text = accord[: accord.index("  - id: second")]
    with pytest.raises(DocumentError) as refused:
        loads(text)
    (finding,) = refused.value.findings
    assert (finding.line, finding.column, finding.path) == (23, 1, "accession")
    assert finding.message == "who joins late is bound from the next phase, and there is only one"
    loads(text.replace("accession: true\n", ""))


@pytest.mark.parametrize("least", [1, 2])
def test_any_number_below_all_leaves_room_to_join_late(accord: str, least: int) -> None:
    assert loads(accord.replace("min_parties: 2", f"min_parties: {least}")).needed_parties == least


def test_one_party_can_pledge_alone(deal: str) -> None:
    pledge = deal.replace("  worker: {name: Worker}\n", "").replace("by: worker", "by: outside")
    pledge = pledge.replace("worker: 60%, fund: 40%", "fund: 100%").replace("to: worker\n", "to: fund\n")
    assert loads(pledge).needed_parties == 1


def test_as_many_can_have_standing_as_the_contract_takes(accord: str) -> None:
    more = "standing:\n" + "".join(f"  group-{number}: {{name: Group}}\n" for number in range(30))
    assert len(loads(accord.replace("standing:\n", more)).standing) == 32
    with pytest.raises(DocumentError) as refused:
        loads(accord.replace("standing:\n", more + "  one-more: {name: Group}\n"))
    (finding,) = refused.value.findings
    assert (finding.line, finding.path, finding.message) == (
        12,
        "standing",
        "33 with standing, where 0 to 32 are possible",
    )


def test_the_court_takes_time_between_phases_and_none_after_the_last(accord: str, refuse_accord: Refuse) -> None:
    """14 days to join, 30, 37 for the court, and 10."""
    (finding,) = refuse_accord(("long_stop_after: 1 year", "long_stop_after: 91 days"))
    assert (finding.line, finding.path) == (25, "long_stop_after")
    assert finding.message == (
        "joining, all phases and the court between them can take 91 days, and must end before the long stop"
    )
    assert finding.hint == "the shortest that will do is 91 days 1 second"
    loads(accord.replace("long_stop_after: 1 year", "long_stop_after: 91 days 1 second"))


def test_the_court_takes_time_before_dates_too(accord: str, refuse_accord: Refuse) -> None:
    (finding,) = refuse_accord(JOINED, ("long_stop_after: 1 year", "long_stop: 2027-03-19"))
    assert finding.message == "the last deadline can be 2027-03-19, and must be before the long stop"
    loads(accord.replace(*JOINED).replace("long_stop_after: 1 year", "long_stop: 2027-03-19 00:00:01"))


def test_a_phase_that_waits_longer_than_the_court_is_not_held_up_by_it(refuse_accord: Refuse) -> None:
    waits = ("  - id: second\n", "  - id: second\n    not_before: 2027-03-10\n")
    (finding,) = refuse_accord(JOINED, ("long_stop_after: 1 year", "long_stop: 2027-03-20"), waits)
    assert finding.message == "the last deadline can be 2027-03-20, and must be before the long stop"


def test_a_deadline_fits_the_terms(deal: str, refuse: Refuse) -> None:
    """4,294,967,294 seconds can be kept: within the grace of one second less than `longest`."""
    dated = (
        ("join_within: 14 days", "join_by: 2027-01-01"),
        ("long_stop_after: 2 years", "long_stop: 9000-01-01"),
        ("within: 60 days", "within: 4294967290 seconds"),
        ("if_silent: met", "if_silent: met\n        grace: {} seconds"),
    )
    (finding,) = refuse(*((old, new.format(5)) for old, new in dated))
    assert (finding.line, finding.path) == (44, "phases.upkeep.obligations.no-complaint.within")
    assert "longer than the longest time to a deadline" in finding.message
    for old, new in dated:
        deal = deal.replace(old, new.format(4))
    assert loads(deal).phases[1].obligations["no-complaint"].deadline == 2**32 - 2


def test_an_unreadable_part_leaves_the_others_checked(refuse_accord: Refuse) -> None:
    findings = refuse_accord(
        ("{name: Maker,", "{nam: Maker,"),
        ("{name: Readers}", "{name: 5}"),
        ("challenge_within: 7 days", "challenge_within: soon"),
        ("threshold: 2", "threshold: 3"),
        ("min_parties: 2", "min_parties: 1.5"),
        ("value: {what: Profit of the year, asset: usd}", "value: {asset: usdx}"),
        ("unit: tonnes of fish, decimals: 3", "unit: tonnes of fish, decimals: 99"),
        ("pays: 100, then: 12.5%", "pays: 100, then: 12.555%"),
        ("{from: 2.5, pays: 0.25}", "{from: 0, pays: 51}"),
        ("to: commons\n        amount: 50\n", "to: fishers\n        amount: 50\n"),
    )
    assert [(finding.line, finding.path) for finding in findings] == [
        (7, "parties.maker.nam"),
        (14, "standing.readers.name"),
        (17, "arbitration.challenge_within"),
        (21, "panels.audit.threshold"),
        (22, "min_parties"),
        (36, "phases.first.obligations.profit-told.value.asset"),
        (43, "phases.first.obligations.catch-counted.value.decimals"),
        (54, "phases.first.payments.share.tiers[1].then"),
        (57, "phases.first.payments.relief.to"),
        (62, "phases.first.payments.relief.tiers[1].from"),
        (62, "phases.first.payments.relief.tiers[1].pays"),
    ]
    assert "`fishers` has standing" in findings[8].message
