"""Estimates: the numbers that negotiators believe, for the analysis of whether the deal is credible.

Amounts are in units of the estimates' asset; chances and rates are basis points, rates a year unless said. Each number
may be one or a range: `40`, or `{low: 30, likely: 40, high: 60}`. Nothing here reaches the terms or any settlement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from pyledger.document.fields import Amount, Duration, Growth, Id, Line, Model, Percent
from pyledger.document.units import NotUnderstood

__all__ = ["Chance", "Estimates", "PanelEstimate", "PartyEstimate", "PublicGood", "Quantity", "Rate", "Stake"]


R = TypeVar("R", "Quantity", "Chance", "Rate")


class _Range(Model):
    @model_validator(mode="before")
    @classmethod
    def _filled(cls, value: Any) -> Any:
        if isinstance(value, dict) and "likely" in value:
            return {"low": value["likely"], "high": value["likely"]} | value
        return value


class Quantity(_Range):
    """An amount, or a range of amounts: lowest, likeliest and highest."""

    low: Amount = Field(examples=["30"])
    likely: Amount = Field(examples=["40"])
    high: Amount = Field(examples=["60"])

    @model_validator(mode="after")
    def _in_order(self) -> Quantity:
        return _ordered(self)


class Chance(_Range):
    """A probability or a rate in basis points, or a range of them."""

    low: Percent = Field(examples=["60%"])
    likely: Percent = Field(examples=["80%"])
    high: Percent = Field(examples=["90%"])

    @model_validator(mode="after")
    def _in_order(self) -> Chance:
        return _ordered(self)


class Rate(_Range):
    """A rate of growth in basis points a phase, which may be more than a whole, or a range of them."""

    low: Growth = Field(examples=["20%"])
    likely: Growth = Field(examples=["50%"])
    high: Growth = Field(examples=["150%"])

    @model_validator(mode="after")
    def _in_order(self) -> Rate:
        return _ordered(self)


def _ordered(found: R) -> R:
    if not found.low <= found.likely <= found.high:
        raise NotUnderstood("the likely value is not between low and high", "write low ≤ likely ≤ high")
    return found


def _one_number(value: object) -> object:
    return value if isinstance(value, dict) else {"likely": value}


_Quantity = Annotated[Quantity, BeforeValidator(_one_number)]
_Chance = Annotated[Chance, BeforeValidator(_one_number)]
_Rate = Annotated[Rate, BeforeValidator(_one_number)]


class Stake(Model):
    """What one party has to win and lose in one phase, in units of the estimates' asset."""

    value: _Quantity | None = Field(None, examples=["120"])
    """What the party gains in this phase if all perform, besides what the terms pay it, its own costs not taken off."""
    cost: _Quantity | None = Field(None, examples=["60"])
    """What performing costs it."""
    temptation: _Quantity | None = Field(None, examples=["{low: 30, likely: 40, high: 60}"])
    """What breaching gains it over performing, before any consequence."""
    outside_option: _Quantity | None = Field(None, examples=["10"])
    """What it has from then on if the deal ends as this phase opens."""
    reputation: _Quantity | None = Field(None, examples=["10"])
    """What it loses elsewhere by a breach that is found."""
    power: _Quantity | None = Field(None, examples=["5"])
    """What it could take by force in this phase, in shares of the pie."""


class PartyEstimate(Model):
    """What holds for a party in every phase; a phase may say otherwise."""

    gdp: _Quantity | None = Field(None, examples=["20_000_000"])
    wealth: _Quantity | None = Field(None, examples=["500"])
    """Most that it can lock in as bond."""
    reputation: _Quantity | None = Field(None, examples=["10"])
    outside_option: _Quantity | None = Field(None, examples=["0"])
    discount_rate: _Chance | None = Field(None, examples=["5%"])
    capital_cost: _Chance | None = Field(None, examples=["3%"])
    temptation_growth: _Rate | None = Field(None, examples=["50%"])
    """By how much its temptation grows from phase to phase."""
    immunity: _Chance | None = Field(None, examples=["10%"])
    """Chance a phase that it becomes able to ignore all but bonds."""
    burden: _Quantity | None = Field(None, examples=["100"])
    """What the whole deal asks of it."""
    group: Line | None = Field(None, examples=["middle-income"])
    """Parties of one group are held against each other."""


class PanelEstimate(Model):
    """How well a panel sees: chances that a breach is detected, attributed and ruled, and that none is called one."""

    detection: _Chance = Field(examples=["80%"])
    attribution: _Chance | None = Field(None, examples=["95%"])
    ruling: _Chance | None = Field(None, examples=["95%"])
    false_positive: _Chance | None = Field(None, examples=["5%"])
    lag: Duration | None = Field(None, examples=["30 days"])


class PublicGood(Model):
    """A coalition's arithmetic: what a unit that one member provides is worth to each, and costs it."""

    benefit: _Quantity = Field(examples=["1"])
    cost: _Quantity = Field(examples=["4.5"])
    members: _Quantity | None = Field(None, examples=["16"])


class Estimates(Model):
    """Everything the analysis is fed with."""

    asset: Id = Field(examples=["usd"])
    source: Line | None = Field(None, examples=["Delegations' own figures, March"])
    discount_rate: _Chance | None = Field(None, examples=["5%"])
    capital_cost: _Chance | None = Field(None, examples=["3%"])
    pie: _Quantity | None = Field(None, examples=["10"])
    prices: Mapping[Id, _Quantity] = Field({}, examples=["{eth: 2_000}"])
    """What one unit of another asset is worth, in units of `asset`."""
    values: Mapping[Id, _Quantity] = Field({}, examples=["{loss-2012: 0.2}"])
    """The value that verifiers will attest on an obligation that is met, in its own unit."""
    panels: Mapping[Id, PanelEstimate] = Field({}, examples=["{record: {detection: 90%, false_positive: 2%}}"])
    parties: Mapping[Id, PartyEstimate] = Field({}, examples=["{north: {reputation: 10}}"])
    phases: Mapping[Id, Mapping[Id, Stake]] = Field({}, examples=["{delivery: {north: {temptation: 40}}}"])
    public_good: PublicGood | None = Field(None, examples=["{benefit: 1, cost: 4.5}"])
