"""Values that verifiers attest, what they are counted in, and payments that follow them in tiers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from pyledger.document import Measure, loads
from pyledger.document.units import NotUnderstood
from pyledger.errors import Finding

Refuse = Callable[..., tuple[Finding, ...]]

PROFIT = "phases.first.obligations.profit-told.value"
CATCH = "phases.first.obligations.catch-counted.value"
PAYMENTS = "phases.first.payments"
SHARE = f"{PAYMENTS}.share.tiers"
RELIEF = f"{PAYMENTS}.relief.tiers"
ASSET = "value: {what: Profit of the year, asset: usd}"
UNIT = "value: {unit: tonnes of fish, decimals: 3}"
STEPS = "tiers: [{from: 0, pays: 50}, {from: 2.5, pays: 0.25}]"


def test_values_and_tiers_read_as_what_they_mean(accord: str) -> None:
    first = loads(accord).phases[0]
    assert first.payments["share"].tiers is not None
    assert [(tier.from_, tier.pays, tier.then) for tier in first.payments["share"].tiers] == [
        (Decimal(0), Decimal(0), 0),
        (Decimal("1000.50"), Decimal(100), 1250),
    ]


def test_a_value_is_signed_as_a_whole_number(accord: str) -> None:
    document = loads(accord)
    profit, catch = (document.measure(obligation) for obligation in document.phases[0].obligations.values())
    assert profit == Measure("USDX", 6)
    assert catch == Measure("tonnes of fish", 3)
    assert profit.integer("1_250_000.50") == 1_250_000_500_000
    assert catch.integer(Decimal("0.079")) == 79
    assert profit.say(1_250_000_500_000) == "1,250,000.5 USDX"
    assert catch.say(79) == "0.079 tonnes of fish"
    assert document.measure(document.phases[1].obligations["nets-kept"]) is None


@pytest.mark.parametrize("value", [0, 1, 10**39, 2**256 - 1])
def test_a_value_that_was_signed_reads_exactly(value: int) -> None:
    for decimals in (0, 6, 36):
        said = Measure("points", decimals).say(value).removesuffix(" points").replace(",", "")
        assert Decimal(said) == Decimal(f"{value}e-{decimals}")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0.0795", "0.0795 has more decimals than the value, which has 3"),
        ("-1", "expected an amount"),
        ("1,000", "expected an amount"),
        ("9" * 39, "more than the value can hold"),
    ],
)
def test_a_value_that_cannot_be_signed_is_told(value: str, message: str) -> None:
    with pytest.raises(NotUnderstood, match=message):
        Measure("tonnes", 3).integer(value)


def test_a_unit_counts_whole_numbers_unless_it_says_otherwise(accord: str) -> None:
    document = loads(accord.replace(", decimals: 3", "").replace("from: 2.5", "from: 3"))
    assert document.measure(document.phases[0].obligations["catch-counted"]) == Measure("tonnes of fish", 0)


def test_an_asset_without_a_symbol_counts_under_its_name(accord: str) -> None:
    document = loads(accord.replace(UNIT, "value: {asset: coin}"))
    assert document.measure(document.phases[0].obligations["catch-counted"]) == Measure("coin", 18)


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "message", "hint"),
    [
        # Values
        (UNIT, "value: 5", 43, CATCH, "expected a mapping", "its keys: what, asset, unit, decimals"),
        (UNIT, "value: {what: Catch}", 43, CATCH, "neither `asset` nor `unit` is given", "one of the two"),
        ("asset: usd}\n      c", "asset: usd, unit: dollars}\n      c", 36, f"{PROFIT}.unit", "both given", ""),
        ("year, asset: usd}", "year, asset: eur}", 36, f"{PROFIT}.asset", "`eur` is no asset", "known here: usd"),
        ("year, asset: usd}", "year, asset: usd, decimals: 6}", 36, f"{PROFIT}.decimals", "those of the asset", ""),
        ("decimals: 3", "decimals: 37", 43, f"{CATCH}.decimals", "37 decimals, at most 36", ""),
        ("decimals: 3", "decimal: 3", 43, f"{CATCH}.decimal", "unknown key `decimal`", "did you mean `decimals`?"),
        # Tiers
        ("{from: 0, pays: 0}", "{from: 0}", 53, f"{SHARE}[0].pays", "`pays` is missing", "pays: 100_000"),
        ("{from: 0, pays: 0}", "{pays: 0}", 53, f"{SHARE}[0].from", "`from` is missing", "from: 1_000_000"),
        ("{from: 0, pays: 0}", "{from: -1, pays: 0}", 53, f"{SHARE}[0].from", "found the number -1", "never negative"),
        ("then: 12.5%", "then: 100.01%", 54, f"{SHARE}[1].then", "more than the whole, 100%", ""),
        ("then: 12.5%", "then: 0.125", 54, f"{SHARE}[1].then", "expected a percentage", "12.5%"),
        ("then: 12.5%", "also: 12.5%", 54, f"{SHARE}[1].also", "unknown key `also`", "from, pays, then"),
        ("from: 2.5,", "from: 0,", 62, f"{RELIEF}[1].from", "not above the tier before it", "from the lowest"),
        ("from: 0, pays: 50}", "from: 3, pays: 50}", 62, f"{RELIEF}[1].from", "begins at 3", "from the lowest"),
        ("from: 2.5,", "from: 2.5001,", 62, f"{RELIEF}[1].from", "more decimals than the value, which has 3", "3"),
        ("pays: 0.25", "pays: 50.25", 62, f"{RELIEF}[1].pays", "more than there is: the amount is 50", "lower"),
        ("pays: 100,", "pays: 0.0000001,", 54, f"{SHARE}[1].pays", "more decimals than the asset, which has 6", "6"),
        (STEPS, "tiers: []", 62, RELIEF, "0 tiers, where 1 to 16 are possible", ""),
        (STEPS, "tiers: {from: 0, pays: 1}", 62, RELIEF, "expected a list, found a mapping", "[{from: 0"),
        (STEPS, "tiers: [{from: 0, pays: 0}]", 62, RELIEF, "no tier pays anything", "above zero"),
        (f"        {UNIT}\n", "", 61, RELIEF, "no value is attested with `catch-counted`", "`value: {asset: usd}`"),
        ("pays: 0.25}", "pays: 0.25, then: 1%}", 62, f"{RELIEF}[1].then", "counted in `coin`", "without `then`"),
        (ASSET, "value: {unit: dollars, decimals: 6}", 54, f"{SHARE}[1].then", "`profit-told`", "{asset: usd}"),
        (ASSET, "value: {asset: coin}", 54, f"{SHARE}[1].then", "counted in `usd`, like the payment", "{asset: usd}"),
        ("[met, breached]", "[]", 60, f"{PAYMENTS}.relief.when.catch-counted", "no verdict", "[met"),
        ("1_000\n        asset: usd", "1_000\n        asset: eur", 49, f"{PAYMENTS}.share.asset", "`eur` is no", "usd"),
        ("[met, breached]", "lapsed", 62, RELIEF, "no value can be attested when `catch-counted` is lapsed", "`when`"),
    ],
)  # fmt: skip
def test_one_thing_that_does_not_fit_gives_one_finding(
    refuse_accord: Refuse, old: str, new: str, line: int, path: str, message: str, hint: str
) -> None:
    (finding,) = refuse_accord((old, new))
    assert (finding.line, finding.path) == (line, path)
    assert message in finding.message
    assert hint in (finding.hint or "")


def test_a_promise_that_silence_keeps_has_a_value_only_when_broken(accord: str, refuse_accord: Refuse) -> None:
    kept = ("decided_by: audit\n        if_silent: lapse", "decided_by: audit\n        if_silent: met")
    loads(accord.replace(*kept))
    (finding,) = refuse_accord(kept, ("[met, breached]", "met"))
    assert (finding.line, finding.column, finding.path) == (62, 9, RELIEF)
    assert finding.message == "no value can be attested when `catch-counted` is met"


def test_a_share_of_everything_above_is_possible(accord: str) -> None:
    tiers = loads(accord.replace("then: 12.5%", "then: 100%")).phases[0].payments["share"].tiers
    assert tiers is not None
    assert tiers[1].then == 10_000


def test_tiers_may_fall_as_the_value_rises(accord: str) -> None:
    assert "{from: 0, pays: 50}, {from: 2.5, pays: 0.25}" in accord
    loads(accord)


def test_as_many_tiers_are_possible_as_the_contract_takes(accord: str, refuse_accord: Refuse) -> None:
    sixteen = ", ".join(f"{{from: {number}, pays: 1}}" for number in range(16))
    loads(accord.replace(STEPS, f"tiers: [{sixteen}]"))
    (finding,) = refuse_accord((STEPS, f"tiers: [{sixteen}, {{from: 16, pays: 1}}]"))
    assert finding.message == "17 tiers, where 1 to 16 are possible"


def test_tiers_of_an_unreadable_obligation_say_nothing_more(refuse_accord: Refuse) -> None:
    (finding,) = refuse_accord((UNIT, "value: {unit: 5}"))
    assert (finding.line, finding.path) == (43, f"{CATCH}.unit")
