"""The figures of the gallery's sources, recomputed by settling its documents.

Each expectation is a figure that was published, or arithmetic on published figures that its comment shows; what a
document's own example adds is said. Amounts are in the units of the sources, mostly millions.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from pyledger.document import Document, gallery, loads
from pyledger.document.units import parse_time
from pyledger.terms import settlement
from pyledger.terms.state import Status
from pyledger.terms.structs import Verdict
from tests.document.course import SILENT, Course, Word

M = 1_000_000
DAY = 86_400


def document(name: str) -> Document:
    return loads(gallery.read(name), file=name)


def played(name: str, words: dict[str, Word] | None = None) -> Course:
    course = Course(document(name)).play(words)
    assert course.held() == 0
    return course


# Lockerbie, 2003


@pytest.mark.parametrize(
    ("words", "families", "status"),
    [
        # All three: 270 victims × (4 + 4 + 2) million = 1,080 + 1,080 + 540.
        ({}, 1_080 + 1_080 + 540, Status.COMPLETED),
        # The UN alone in time: 270 × (4 + 1) million, and as much goes back.
        ({"us-lift": SILENT, "us-delist": SILENT}, 1_350, Status.COMPLETED),
        # As it happened: two tranches, then the term ran out: 270 × 8 million.
        ({"us-delist": SILENT}, 2_160, Status.COMPLETED),
        # Nobody acts: the deposit returns.
        ({"un-lift": SILENT, "us-lift": SILENT, "us-delist": SILENT}, 0, Status.TERMINATED),
    ],
    ids=["all", "the UN alone", "history", "nobody"],
)
def test_lockerbie(words: dict[str, Word], families: int, status: Status) -> None:
    course = played("lockerbie-2003", words)
    assert course.change("families") == families * M
    assert course.change("libya") == -families * M
    assert course.state.status is status


def test_lockerbie_returns_what_it_does_not_pay() -> None:
    """Of 2,700 million paid in, 540 came back in 2005, and 1,350 would have by the fallback."""
    deposited = 2_700
    assert deposited + played("lockerbie-2003", {"us-delist": SILENT}).change("libya") / M == 540
    assert deposited + played("lockerbie-2003", {"us-lift": SILENT, "us-delist": SILENT}).change("libya") / M == 1_350


# Algiers, 1981


def test_algiers_fills_the_security_account_from_half_of_what_comes_in() -> None:
    """Receipts of 1,200 and 900, of which half is kept until 1,000 are there: 600 and then 400, not 450."""
    course = Course(document("algiers-1981"))
    course.play_phase({})
    at_first = course.change("iran")
    course.play_phase({})
    # The account was filled before the receipt, and is filled further for the next when the phase opens.
    assert course.bond("iran") == 600 * M
    assert course.change("iran") - at_first == (1_200 - 600) * M
    assert course.short("iran") == 400 * M
    after_first = course.change("iran")
    course.play_phase({})
    assert course.bond("iran") == 1_000 * M
    assert course.change("iran") - after_first == (900 - 400) * M


def test_algiers_draws_an_award_and_restores_the_floor() -> None:
    """1,000 less an award of 560 are 440; to the floor of 500 are missing 60."""
    course = Course(document("algiers-1981"))
    for _ in range(3):
        course.play_phase({})
    course.play_phase({"award-paid": "breached"})
    assert course.change("claimants") == 560 * M
    assert course.bond("iran") == 440 * M
    assert course.short("iran") == 60 * M
    course.play()
    assert course.state.status is Status.COMPLETED
    # Unconfirmed 2,870 of the assets, both receipts, less the award.
    assert course.change("iran") == (2_870 + 1_200 + 900 - 560) * M


def test_algiers_hands_back_what_exceeds_the_floor_where_nothing_was_drawn() -> None:
    """What the document says in `beyond`: here the terms differ from the original, by 1,000 − 500."""
    course = Course(document("algiers-1981"))
    for _ in range(3):
        course.play_phase({})
    before = course.change("iran")
    course.play_phase({})
    assert course.change("iran") - before == 500 * M


def test_algiers_gives_everything_back_without_the_certificate() -> None:
    course = played("algiers-1981", {"nationals-departed": SILENT})
    assert course.change("usa") == course.change("iran") == 0
    assert course.state.status is Status.TERMINATED


# Six-Party Talks, 2007


def test_the_fuel_comes_in_steps_of_5_and_95_percent() -> None:
    """50,000 and another 950,000 tonnes of 1,000,000."""
    course = Course(document("six-party-2007"))
    course.play_phase({})
    assert course.change("dprk", "hfo") == 50_000
    course.play_phase({})
    assert course.change("dprk", "hfo") == 1_000_000
    assert [course.change(each, "hfo") for each in ("usa", "rok", "prc", "russia", "japan")] == [-200_000] * 5
    found = document("six-party-2007")
    steps = [sum(payment.amount for payment in phase.payments.values()) for phase in found.phases]
    assert [step / sum(steps) for step in steps] == [Decimal("0.05"), Decimal("0.95")]
    assert all(party.bond is None for party in found.parties.values()), "nobody posts a bond"


def test_a_step_not_taken_costs_its_tranche_and_nothing_else() -> None:
    course = played("six-party-2007", {"disablement": SILENT})
    assert course.change("dprk", "hfo") == 50_000
    assert course.state.status is Status.COMPLETED


def test_the_second_step_ends_with_the_year() -> None:
    """Agreed on 3 October 2007, due on 31 December 2007."""
    days = (parse_time("2007-12-31") - parse_time("2007-10-03")) // DAY
    second = document("six-party-2007").phase("second")
    assert {found.deadline for found in second.obligations.values()} == {days * DAY}


# Agreed Framework, 1994


def test_oil_comes_year_by_year_and_the_key_parts_after_inspection() -> None:
    """Up to 500,000 tonnes a year; the first 150,000 are unconfirmed, the thousand million of this example."""
    course = Course(document("agreed-framework-1994"))
    oil = []
    for _ in range(3):
        course.play_phase({})
        oil.append(course.change("dprk", "hfo"))
    assert oil == [150_000, 650_000, 1_150_000]
    assert course.change("dprk") == 0, "nothing of the reactors before inspection"
    assert course.play().change("dprk") == 1_000 * M


def test_a_broken_freeze_keeps_the_oil_of_the_years_before() -> None:
    course = played("agreed-framework-1994", {"frozen-2": "breached"})
    assert course.change("dprk", "hfo") == 150_000
    assert course.change("dprk") == 0
    assert course.state.status is Status.TERMINATED


def test_a_tonne_of_oil_cost_117_dollars() -> None:
    """1.9 million tonnes by July 1999, at about 222 million dollars."""
    assert round(Decimal(222) / Decimal("1.9")) == 117
    assert any("117 dollars a tonne" in note for note in document("agreed-framework-1994").notes)


# Joint Comprehensive Plan of Action, 2015


def test_the_clocks_of_the_plan() -> None:
    """Endorsed on 20 July, adopted 90 days later on 18 October 2015; implemented on 16 January 2016."""
    adopted = parse_time("2015-10-18")
    assert adopted == parse_time("2015-07-20") + 90 * DAY
    to_implementation = parse_time("2016-01-16") - adopted
    found = document("jcpoa-2015")
    limits, late = found.phases[-2:]
    # Eight years from adoption to transition, less what implementation took; then two to the tenth year.
    assert {each.deadline for each in limits.obligations.values()} == {8 * 365 * DAY - to_implementation}
    assert {each.deadline for each in late.obligations.values()} == {2 * 365 * DAY}


def test_a_complaint_takes_65_days_at_most() -> None:
    """15 days of joint commission, 15 of ministers or board, 5 of commission again (unconfirmed), 30 of the Council."""
    found = document("jcpoa-2015")
    assert found.contest_time == (15 + 15 + 5 + 30) * DAY
    assert found.arbitration is not None
    assert found.arbitration.ruling_within == 30 * DAY


def test_silence_without_a_complaint_keeps_the_plan() -> None:
    assert played("jcpoa-2015").state.status is Status.COMPLETED


def test_one_complaint_that_the_council_does_not_answer_ends_the_plan() -> None:
    course = Course(document("jcpoa-2015"))
    course.play_phase({})
    course.play_phase({})
    complains = course.names.seat("participants", "seat-usa")
    number = course.names.obligation("limits", "limits-kept")
    given = settlement.attest(
        course.state, course.terms, obligation=number, given=Verdict.BREACHED, seats=[complains], now=course.now
    )
    iran = course.names.account("iran")
    heard = settlement.challenge(given.state, course.terms, obligation=number, by=iran, dispute=1, now=course.now)
    silent = course.now + 30 * DAY
    ended = settlement.settle(heard.state, course.terms, now=silent + 1)
    assert ended.state.status is Status.TERMINATED
    # A vote to continue within the 30 days, and it goes on.
    voted = settlement.rule(heard.state, dispute=1, ruling=1, now=silent)
    course.state, course.now = voted.state, silent
    assert course.play().state.status is Status.COMPLETED


# Surface mining


def released(course: Course) -> list[Decimal]:
    """What of a bond of 100 has come back after each phase."""
    amounts = []
    while course.state.status is Status.IN_FORCE:
        course.play_phase({})
        amounts.append((course.change("operator") + 1_000_000) / 10_000)
    return amounts


def test_the_cost_to_complete_caps_the_release() -> None:
    """Finishing costs 50 of 100: 50 are released instead of 60. Then 85 in all, then 100."""
    assert released(Course(document("smcra-bond-release"))) == [50, 85, 100]


def test_without_that_cost_60_85_and_100_percent_are_released() -> None:
    text = gallery.read("smcra-bond-release").replace("bonds: {operator: 500_000}", "bonds: {operator: 400_000}")
    assert released(Course(loads(text))) == [60, 85, 100]


def test_the_bond_never_falls_below_the_cost_to_complete() -> None:
    found = document("smcra-bond-release")
    for phase in found.phases:
        costs = [each.cost_to_complete for each in phase.obligations.values() if each.cost_to_complete]
        assert costs
        assert found.bond_level("operator", phase) >= max(costs)


def test_work_not_done_costs_the_bond_that_is_left() -> None:
    course = played("smcra-bond-release", {"revegetated": SILENT})
    assert course.change("regulator") == 500_000
    assert course.state.status is Status.TERMINATED


def test_the_clocks_of_an_application() -> None:
    """Four weekly notices, an inspection within 30 days, a decision within 60, or within 30 of a hearing."""
    found = document("smcra-bond-release")
    for phase in found.phases:
        assert [each.grace // DAY for each in phase.obligations.values()] == [60, 4 * 7, 30]
    assert found.arbitration is not None
    assert found.arbitration.ruling_within == 30 * DAY
    assert list(found.standing) == ["neighbours", "municipality", "utilities"]


# Recovery and Resilience Facility, 2023

PART = Decimal("8.73") * Decimal("0.87")
"""Millions of euros unlocked for milestone 144, 13 percent of pre-financing taken off."""


def test_what_was_suspended() -> None:
    """Three parts of 8.73 are the 26.2 that were published; less 13 percent, what 565 differs from 542 by."""
    assert 3 * Decimal("8.73") == Decimal("26.19")
    assert round(Decimal("26.19"), 1) == Decimal("26.2")
    request = sum(p.amount for phase in document("eu-rrf-lithuania-2023").phases for p in phase.payments.values())
    assert request == 565 * M
    course = Course(document("eu-rrf-lithuania-2023"))
    course.play_phase({})
    assert course.change("lithuania", "eur") == (565 - 3 * PART) * M
    assert round(course.change("lithuania", "eur") / M) == 542


@pytest.mark.parametrize(
    ("cured", "parts"),
    [
        ({"milestone-142": ("met", "50")}, 2),  # as it happened: 144 whole, 142 by half
        ({"milestone-142": ("met", "100")}, 3),
        ({"milestone-142": ("met", "49")}, 1),
        ({"milestone-142": SILENT}, 1),
        ({"milestone-142": SILENT, "milestone-144": SILENT}, 0),
    ],
)
def test_what_was_cured_and_what_was_lost(cured: dict[str, Word], parts: int) -> None:
    course = played("eu-rrf-lithuania-2023", cured)
    assert course.change("lithuania", "eur") == (565 - (3 - parts) * PART) * M
    assert course.state.status is Status.COMPLETED


# Multilateral Fund, 2003


def test_the_tranches_of_the_phase_out() -> None:
    """539,700 and 247,300 are 700,000 and 87,000."""
    course = Course(document("montreal-fund-png-2003"))
    course.play_phase({})
    assert course.change("png") == 539_700
    course.play()
    assert course.change("png") == 539_700 + 247_300 == 700_000 + 87_000


def test_a_ceiling_missed_costs_the_second_tranche() -> None:
    """That of 2004-05; later ones cost nothing, for nothing is left."""
    assert played("montreal-fund-png-2003", {"ceiling-2004": SILENT}).change("png") == 539_700
    assert played("montreal-fund-png-2003", {"ceiling-2005": SILENT}).change("png") == 787_000


def test_the_ceilings_fall_to_nothing() -> None:
    said = " ".join(
        each.what for phase in document("montreal-fund-png-2003").phases for each in phase.obligations.values()
    )
    places = [said.index(ceiling) for ceiling in ("35.0", "26.0", "17.0", "8.0", "4.5", "no consumption")]
    assert places == sorted(places)


# Advance Market Commitment, 2009


def test_the_pledges_are_1500_million() -> None:
    course = Course(document("pneumococcal-amc-2009"))
    course.play_phase({})
    assert course.change("world-bank") == 1_500 * M
    pledges = {"italy": 635, "uk": 485, "canada": 200, "russia": 80, "norway": 50, "gates": 50}
    assert {name: -course.change(name) / M for name in pledges} == pledges


TOP_UP = Decimal("3.5")
"""Dollars a dose: the first price of 7.00 less the lasting one of 3.50."""


@pytest.mark.parametrize(
    ("doses", "dollars"),
    [
        (0, 0),
        (10, 35),  # 10 × 3.50
        (64, 224),  # 64 × 3.50
        (65, 225),  # 30 of 200 million doses a year are 15 percent of 1,500 million
        (300, 225),
    ],
)
def test_a_firm_earns_a_top_up_until_its_share_is_used_up(doses: int, dollars: int) -> None:
    course = played("pneumococcal-amc-2009", {"doses-a": ("met", str(doses * M * TOP_UP)), "doses-b": SILENT})
    assert course.change("firm-a") == dollars * M
    assert course.change("firm-b") == 0


def test_the_share_of_a_firm() -> None:
    """225 million at 3.50 are 64.3 million doses, 21.4 percent of 300 million: "approximately 20 percent"."""
    share = document("pneumococcal-amc-2009").phase("supply").payments["share-a"].amount
    assert share == Decimal(1_500 * M) * 30 / 200
    assert round(share / TOP_UP / M, 1) == Decimal("64.3")
    assert round(share / TOP_UP / (300 * M) * 100, 1) == Decimal("21.4")


# Chemical Weapons Convention


def test_the_order_of_destruction() -> None:
    """1, 20, 45 and 100 percent after 3, 5, 7 and 10 years; a bond of 100 comes back at that rate."""
    course = Course(document("cwc-destruction-order-1997"))
    course.play_phase({})
    back = []
    while course.state.status is Status.IN_FORCE:
        course.play_phase({})
        assert course.change("state-a") == course.change("state-b"), "neither is ahead"
        back.append(100 + course.change("state-a") / M)
    assert back == [1, 20, 45, 100]
    years = [max(each.within for each in phase.obligations.values()) // (365 * DAY) for phase in course.document.phases]
    assert [sum(years[: index + 1]) for index in range(1, 5)] == [3, 5, 7, 10]


@pytest.mark.parametrize(
    ("missed", "lost"),
    [("a-1", 1), ("a-20", 19), ("a-45", 25), ("a-100", 55)],
)
def test_a_step_missed_costs_the_bond_that_stands_for_it(missed: str, lost: int) -> None:
    """The shares of the bond are rounded to a hundredth of a percent."""
    course = played("cwc-destruction-order-1997", {missed: SILENT})
    assert abs(course.change("state-a") / M + lost) < Decimal("0.01")
    assert course.change("state-b") == 0


# Guyana and Norway: the other figures are in test_gallery.py


@pytest.mark.parametrize(
    ("loss", "dollars"),
    [
        ("0.000", 65_588_405),  # 66,546,275 less 957,870
        ("0.056", 65_588_405),  # no cut up to here
        ("0.079", 65_588_405 - 18_797_637),  # 28.66 percent, as published
        ("0.099", 65_588_405 - 18_797_637),
        ("0.100", 0),  # nothing from here on
    ],
)
def test_forest_settles_to_the_published_dollar(loss: str, dollars: int) -> None:
    avoided = str(Decimal("0.275") - Decimal(loss))
    course = played("forest-guyana-norway", {"loss-2012": ("met", avoided), "loss-2013": SILENT})
    assert course.change("grif") == dollars
    assert course.change("norway") == -dollars


# Invented deals: figures of the documents themselves


@pytest.mark.parametrize(
    ("profit", "dollars"),
    [
        ("999_999_999", "0"),
        ("1_000_000_000", "0"),
        ("2_000_000_000", "10_000_000"),  # 1 percent of 1,000 million
        ("5_000_000_000", "40_000_000"),  # 1 percent of 4,000 million
        ("6_000_000_000", "70_000_000"),  # and 3 percent of 1,000 million
        ("10_000_000_000", "190_000_000"),  # 40 + 150
        ("11_000_000_000", "290_000_000"),  # and 10 percent of 1,000 million
        ("11_100_000_000", "300_000_000"),
        ("200_000_000_000", "300_000_000"),
    ],
)
def test_the_pledge_pays_by_brackets(profit: str, dollars: str) -> None:
    course = played("windfall-pledge", {"books-1": ("met", profit.replace("_", "")), "books-2": ("met", "0")})
    assert course.change("commons") == Decimal(dollars)


def test_hiding_a_windfall_costs_as_much_as_the_largest_share() -> None:
    course = played("windfall-pledge", {"books-1": SILENT, "books-2": ("met", "0")})
    assert course.change("commons") == 300 * M
    assert list(course.document.parties) == ["lab"], "a pledge has one party"


def test_the_coalition_begins_with_three_and_the_fourth_owes_nothing() -> None:
    course = Course(document("safe-development-coalition"), without=("west",)).play()
    assert course.state.status is Status.COMPLETED
    assert [course.change(each) / M for each in ("north", "east", "south", "west")] == [-10, 0, 10, 0]


def test_a_breach_costs_half_a_bond_and_not_the_coalition() -> None:
    course = Course(document("safe-development-coalition"))
    course.play_phase({})
    course.play_phase({"east-restrains": "breached"})
    assert course.short("east") == 50 * M
    course.play()
    assert course.state.status is Status.COMPLETED
    # East loses 50 and pays West's aid of 10; the fund has what is lost.
    assert course.change("east") == -60 * M
    assert course.change("safety-fund") == 50 * M


@pytest.mark.parametrize(
    ("betrayal", "loser", "winner", "lost"),
    [
        ("use-kept", "host", "provider", 36),  # 60 percent of 60
        ("access-kept", "provider", "host", 36),
        ("machines-sealed", "host", "provider", 80),  # 80 percent of 100
        ("hosting-kept", "provider", "host", 60),  # 60 percent of 100
    ],
)
def test_misuse_and_revocation_without_a_ground_cost_alike(betrayal: str, loser: str, winner: str, lost: int) -> None:
    """40 percent of what is lost go to the other side, 60 to the commons; fees that were earned stay paid."""
    broken = Course(document("monitored-model-access")).play({betrayal: "breached"})
    assert broken.state.status is Status.TERMINATED
    assert broken.change("commons") == lost * M * Decimal("0.6")
    fees = broken.change("council-office") * 9
    paid = {"host": -fees * 10 / 9, "provider": fees}
    assert broken.change(loser) == paid[loser] - lost * M
    assert broken.change(winner) == paid[winner] + lost * M * Decimal("0.4")
