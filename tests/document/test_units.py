"""Durations, dates, amounts and percentages, as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from pyledger.document import units
from pyledger.document.units import NotUnderstood

DAY = 86_400


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("14 days", 14 * DAY),
        ("1 day", DAY),
        ("8 months", 240 * DAY),
        ("3 years", 1095 * DAY),
        ("2 weeks", 14 * DAY),
        ("36 hours", 36 * 3600),
        ("1 day 12 hours", 36 * 3600),
        ("90 minutes", 5400),
        ("0 days", 0),
        ("  2   days ", 2 * DAY),
    ],
)
def test_durations_are_exact_seconds(written: str, seconds: int) -> None:
    assert units.parse_duration(written) == seconds


@pytest.mark.parametrize(
    "written",
    [
        "14",
        "days",
        "1.5 days",
        "-1 day",
        "8 moths",
        "1 day 2 days",
        "P8M",
        "1 day, 2 hours",
        "137 years",
        "",
        14,
        None,
        True,
    ],
)
def test_other_durations_are_refused(written: object) -> None:
    with pytest.raises(NotUnderstood):
        units.parse_duration(written)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1970-01-01", 0),
        ("2003-08-22", 1_061_510_400),
        ("2003-08-22 12:00", 1_061_510_400 + 12 * 3600),
        ("2003-08-22T12:00:30Z", 1_061_510_400 + 12 * 3600 + 30),
        ("2003-08-22T12:00+02:00", 1_061_510_400 + 10 * 3600),
        ("9999-12-31T23:59:59", 253_402_300_799),
    ],
)
def test_dates_are_utc_unless_an_offset_is_given(written: str, seconds: int) -> None:
    assert units.parse_time(written) == seconds


@pytest.mark.parametrize(
    "written",
    [
        "2027-02-30",
        "2027-13-01",
        "31.1.2027",
        "1969-12-31",
        "9999-12-31T23:59:59-00:01",
        "2027-01-31 25:00",
        "2027",
        2027,
        None,
    ],
)
def test_other_dates_are_refused(written: object) -> None:
    with pytest.raises(NotUnderstood):
        units.parse_time(written)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        (1_080_000_000, "1080000000"),
        ("1_080_000_000", "1080000000"),
        ("0.25", "0.25"),
        (Decimal("0.10"), "0.1"),
        (0, "0"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
    ],
)
def test_amounts_are_exact(written: object, amount: str) -> None:
    assert units.parse_amount(written) == Decimal(amount)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("1e6", "scientific notation"),
        ("1.08E+9", "scientific notation"),
        ("-5", "never negative"),
        (-5, "never negative"),
        ("1,000", 'never ","'),
        (".5", "write digits"),
        ("5.", "write digits"),
        ("010", "write digits"),
        ("1__0", "write digits"),
        ("0x10", "write digits"),
        ("five", "write digits"),
        ("٣", "write digits"),
        (1.5, "write digits"),
        (True, "write digits"),
        (None, "write digits"),
        (Decimal("NaN"), "write digits"),
        (10**90, "write digits"),
    ],
)
def test_other_amounts_are_refused(written: object, hint: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        units.parse_amount(written)
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("written", "points"), [("40%", 4000), ("12.5%", 1250), ("0.01%", 1), ("100%", 10_000), ("12.500 %", 1250)]
)
def test_percentages_are_exact_basis_points(written: str, points: int) -> None:
    assert units.parse_percent(written) == points


@pytest.mark.parametrize("written", ["40", 40, Decimal("0.4"), "12.345%", "100.01%", "-1%", "1e1%", "040%", None])
def test_other_percentages_are_refused(written: object) -> None:
    with pytest.raises(NotUnderstood):
        units.parse_percent(written)


@settings(deadline=None)
@given(whole=st.integers(0, 2**100), decimals=st.integers(0, 36), rest=st.integers(0, 10**36))
def test_an_amount_becomes_the_smallest_unit_exactly_or_not_at_all(whole: int, decimals: int, rest: int) -> None:
    digits = str(rest)
    amount = units.parse_amount(f"{whole}.{digits}")
    exact = int(f"{whole}{digits}") * 10**decimals
    if exact % 10 ** len(digits) or exact // 10 ** len(digits) >= 2**128:
        with pytest.raises(NotUnderstood):
            units.to_smallest(amount, decimals)
    else:
        assert units.to_smallest(amount, decimals) == exact // 10 ** len(digits)


@settings(deadline=None)
@given(st.integers(1, 2**32 - 1))
def test_a_said_duration_reads_back(seconds: int) -> None:
    assert units.parse_duration(units.say_duration(seconds)) == seconds


@settings(deadline=None)
@given(st.integers(0, 253_402_300_799))
def test_a_said_time_reads_back(seconds: int) -> None:
    assert units.parse_time(units.say_time(seconds)) == seconds


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_a_said_percentage_reads_back(points: int) -> None:
    assert units.parse_percent(units.say_percent(points)) == points


def test_said_amounts_are_grouped_and_keep_every_digit() -> None:
    assert units.say_amount(Decimal("1080000000.50")) == "1,080,000,000.5"
    assert (
        units.say_amount(Decimal("123456789012345678901234567890.01")) == "123,456,789,012,345,678,901,234,567,890.01"
    )


@pytest.mark.parametrize(
    "text", ["a\u202eb", "a\u2066b", "a\x07b", "a\u200bb", "a\ud800b", "a\ufeffb", "a\u2028b", " ", ""]
)
def test_text_that_hides_or_reorders_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        units.parse_prose(text)


def test_text_keeps_the_joiners_that_languages_need() -> None:
    assert units.parse_line("نامه\u200cها") == "نامه\u200cها"
