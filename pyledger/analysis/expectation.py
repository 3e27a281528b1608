"""What must be true of an agreement at some moment, as it is written; and what of it is not.

expect:
  state: completed
  gains: {families: 2_160_000_000}
  loses: {libya: 2_160_000_000}
  verdicts: {us-delist: lapsed}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BeforeValidator, Field, WithJsonSchema

from pyledger.analysis.stand_ins import Deal
from pyledger.document.fields import Amount, Id, Ids, Model
from pyledger.document.problem import Location, Problem, did_you_mean
from pyledger.document.units import NotUnderstood, describe, parse_amount, parse_id, say_amount, to_smallest
from pyledger.terms.facts import Facts

__all__ = ["Expect", "Miss", "judge", "problems"]

_EXACT: Final = Context(prec=100)

_SUM: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^(0|[1-9][0-9]*(_[0-9]+)*)(\.[0-9]+)?$"},
    ]
}


def _parse_sum(value: object) -> object:
    """An amount of the only asset, or amounts by asset."""
    return value if isinstance(value, Mapping) else {"": parse_amount(value)}


def _parse_place(value: object) -> str:
    """A name, or one of a phase: `delivery.shipped`."""
    parts = value.split(".") if isinstance(value, str) else []
    if len(parts) not in (1, 2):
        raise NotUnderstood(f"expected a name, found {describe(value)}", "write NAME, or PHASE.NAME")
    return ".".join(parse_id(part) for part in parts)


Sum = Annotated[
    Mapping[str, Amount],
    BeforeValidator(_parse_sum),
    WithJsonSchema(
        {
            "description": "An amount in units of the deal's only asset, or amounts by asset: {usd: 5_000}.",
            "anyOf": [*_SUM["anyOf"], {"type": "object", "additionalProperties": _SUM}],
        }
    ),
]
Place = Annotated[
    str,
    BeforeValidator(_parse_place),
    WithJsonSchema({"type": "string", "pattern": r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)?$"}),
]
StateWord = Literal["open", "in force", "completed", "terminated", "void", "unwound", "dissolved"]
Finding = Literal["met", "breached", "lapsed", "undecided"]


class Expect(Model):
    """What must be true. What is not mentioned may be anything; what is mentioned is complete, to the smallest unit."""

    state: StateWord | None = Field(None, examples=["completed"])
    """How the agreement stands."""
    phase: Id | None = Field(None, examples=["delivery"])
    """The phase at hand, or the last."""
    verdicts: Mapping[Place, Finding] | None = Field(None, examples=["{delivered: met}"])
    """What was found of some obligations, silence counted where their phase is settled."""
    breached: Mapping[Id, Ids] | None = Field(None, examples=["{builder: foundations-laid}"])
    """All who broke something, and what."""
    in_default: Ids | None = Field(None, examples=["[city]"])
    """All who did not pay in what they owed."""
    gains: Mapping[Id, Sum] | None = Field(None, examples=["{builder: 400_000}"])
    """Who has more than before the deal. With `loses` this is complete: nobody else gains or loses anything."""
    loses: Mapping[Id, Sum] | None = Field(None, examples=["{city: 400_000}"])
    """Who has less than before the deal."""
    forfeits: Mapping[Id, Amount] | None = Field(None, examples=["{builder: 50_000}"])
    """All who lost bond, and how much."""
    paid: Mapping[Place, Amount] | None = Field(None, examples=["{first-half: 400_000}"])
    """What went to the payees of some payments; 0 for nothing."""
    returned: Mapping[Place, Amount] | None = Field(None, examples=["{first-half: 400_000}"])
    """What went back to the payers of some payments; 0 for nothing."""
    bonds: Mapping[Id, Amount] | None = Field(None, examples=["{builder: 50_000}"])
    """What is held of some parties' bonds."""
    held: Mapping[Id, Amount] | None = Field(None, examples=["{usd: 0}"])
    """What the account owes to anybody, by asset, of some assets."""


class Miss(NamedTuple):
    """Something that is not as expected: where in the expectation, of what, and both in words."""

    at: Location
    what: str
    expected: str
    actual: str


def problems(expect: Expect, deal: Deal) -> Iterator[Problem]:
    """Names that the deal does not have, and amounts that cannot be; locations from the expectation down."""
    names = deal.names
    accounts = tuple(name for name in names.accounts if name != names.court)
    known: tuple[tuple[str, tuple[str, ...], str], ...] = (
        ("breached", names.parties, "party"),
        ("gains", accounts, "party or recipient"),
        ("loses", accounts, "party or recipient"),
        ("forfeits", names.parties, "party"),
        ("bonds", names.parties, "party"),
        ("held", tuple(names.assets), "asset"),
    )
    if expect.phase is not None and expect.phase not in names.phases:
        yield Problem(("phase",), f"there is no phase `{expect.phase}`", did_you_mean(expect.phase, names.phases))
    for who in expect.in_default or ():
        if who not in names.parties:
            yield Problem(("in_default",), f"`{who}` is no party", did_you_mean(who, names.parties))
    for key, those, what in known:
        for name in getattr(expect, key) or {}:
            if name not in those:
                yield Problem((key, name), f"`{name}` is no {what}", did_you_mean(name, those), at_key=True)
    yield from _places(expect, deal)
    yield from _sums(expect, deal)


def _places(expect: Expect, deal: Deal) -> Iterator[Problem]:
    names = deal.names
    for key, things, what in (
        ("verdicts", names.obligations, "obligation"),
        ("paid", names.payments, "payment"),
        ("returned", names.payments, "payment"),
    ):
        for name in getattr(expect, key) or {}:
            phase, _, bare = name.rpartition(".")
            here = [p for p, some in zip(names.phases, things, strict=True) if bare in some and phase in ("", p)]
            if not here:
                known = [each for some in things for each in some]
                yield Problem((key, name), f"there is no {what} `{name}`", did_you_mean(bare, known), at_key=True)
            elif len(here) > 1:
                message = f"several phases have an {what}" if what == "obligation" else "several phases have a payment"
                yield Problem((key, name), f"{message} `{name}`", f"write `{here[0]}.{name}`", at_key=True)


def _sums(expect: Expect, deal: Deal) -> Iterator[Problem]:
    assets = deal.document.assets
    for at, name, amount in _amounts(expect, deal):
        if name is None:
            yield Problem(at, "the deal has several assets", f"write `{{{next(iter(assets))}: {amount:f}}}`")
        elif name not in assets:
            yield Problem(at, f"`{name}` is no asset", did_you_mean(name, assets), at_key=True)
        else:
            yield from _too_fine(deal, at, name, amount)
    if expect.gains and expect.loses:
        for who in sorted(set(expect.gains) & set(expect.loses)):
            if set(expect.gains[who]) & set(expect.loses[who]):
                yield Problem(("loses", who), f"`{who}` is said to gain and to lose", "write the difference", True)


def _amounts(expect: Expect, deal: Deal) -> Iterator[tuple[Location, str | None, Decimal]]:
    """All amounts with their assets, None where that is left open; those of what the deal does not have are not."""
    document = deal.document
    for key in ("gains", "loses"):
        for who, amounts in (getattr(expect, key) or {}).items():
            for asset, amount in amounts.items():
                yield (key, who, asset) if asset else (key, who), asset or _only(deal), amount
    for key in ("forfeits", "bonds"):
        for who, amount in (getattr(expect, key) or {}).items():
            if who in document.parties and (bond := document.parties[who].bond):
                yield (key, who), bond.asset, amount
    for key in ("paid", "returned"):
        for name, amount in (getattr(expect, key) or {}).items():
            if payment := _payment_of(deal, name):
                yield (key, name), document.phase(payment[0]).payments[payment[1]].asset, amount
    for asset, amount in (expect.held or {}).items():
        if asset in document.assets:
            yield ("held", asset), asset, amount


def _payment_of(deal: Deal, name: str) -> tuple[str, str] | None:
    """Phase and name of a payment that is called NAME or PHASE.NAME; None if there is none."""
    phase, _, bare = name.rpartition(".")
    found = (each for each in deal.document.phases if bare in each.payments and phase in ("", each.id))
    return next(((each.id, bare) for each in found), None)


def _too_fine(deal: Deal, at: Location, asset: str, amount: Decimal) -> Iterator[Problem]:
    try:
        to_smallest(amount, deal.document.assets[asset].decimals, of=asset)
    except NotUnderstood as error:
        yield Problem(at, error.message, error.hint)


def _only(deal: Deal) -> str | None:
    (first, *more) = deal.document.assets or (None,)
    return None if more else first


def judge(expect: Expect, facts: Facts, deal: Deal) -> list[Miss]:
    """What is not as expected, in the order of the format. Names must be those of the deal (`problems`)."""
    return list(_Judge(expect, facts, deal).all())


class _Judge:
    def __init__(self, expect: Expect, facts: Facts, deal: Deal) -> None:
        self.expect, self.facts, self.deal, self.names = expect, facts, deal, deal.names

    def all(self) -> Iterator[Miss]:
        expect, facts = self.expect, self.facts
        state = facts.status.name.lower().replace("_", " ")
        if expect.state not in (None, state):
            yield Miss(("state",), "the agreement", str(expect.state), state)
        if expect.phase not in (None, facts.phase):
            yield Miss(("phase",), "the phase at hand", str(expect.phase), facts.phase)
        for name, wanted in (expect.verdicts or {}).items():
            found = self._verdict(name)
            if found != wanted:
                yield Miss(("verdicts", name), name, wanted, found)
        yield from self._breaches()
        yield from self._gained()
        yield from self._bonds()
        for key, found_there in (("paid", facts.paid), ("returned", facts.returned)):
            for name, amount in (getattr(expect, key) or {}).items():
                place = _payment_of(self.deal, name) or ("", name)
                asset = self.deal.document.phase(place[0]).payments[place[1]].asset
                yield from self._amount((key, name), f"{name} {key}", asset, amount, found_there.get(place, 0))
        for asset, amount in (expect.held or {}).items():
            yield from self._amount(("held", asset), f"{asset} held", asset, amount, facts.held.get(asset, 0))

    def _verdict(self, name: str) -> str:
        phase, _, bare = name.rpartition(".")
        found = [each for (p, o), each in self.facts.verdicts.items() if o == bare and phase in ("", p)]
        return found[-1].name.lower() if found else "undecided"

    def _breaches(self) -> Iterator[Miss]:
        if (wanted := self.expect.breached) is not None:
            for party in dict.fromkeys((*wanted, *self.facts.breached)):
                expected, actual = set(wanted.get(party, ())), set(self.facts.breached.get(party, ()))
                if expected != actual:
                    at = ("breached", party) if party in wanted else ("breached",)
                    yield Miss(at, f"breached by {party}", _listed(expected), _listed(actual))
        if self.expect.in_default is not None and set(self.expect.in_default) != set(self.facts.in_default):
            wanted_names, found = set(self.expect.in_default), set(self.facts.in_default)
            yield Miss(("in_default",), "in default", _listed(wanted_names), _listed(found))

    def _gained(self) -> Iterator[Miss]:
        gains, loses, only = self.expect.gains, self.expect.loses, _only(self.deal) or ""
        if gains is None and loses is None:
            return
        wanted: dict[tuple[str, str], int] = {}
        where: dict[tuple[str, str], Location] = {}
        for key, sign, some in (("gains", 1, gains or {}), ("loses", -1, loses or {})):
            for who, amounts in some.items():
                for asset, amount in amounts.items():
                    place = who, asset or only
                    wanted[place] = sign * self._smallest(place[1], amount)
                    where[place] = (key, who, asset) if asset else (key, who)
        least: Location = ("gains",) if gains is not None else ("loses",)
        for who, asset in dict.fromkeys((*wanted, *self.facts.gains)):
            expected, actual = wanted.get((who, asset), 0), self.facts.gains.get((who, asset), 0)
            if expected != actual:
                at = where.get((who, asset), least)
                yield Miss(at, f"what {who} gains", self._signed(asset, expected), self._signed(asset, actual))

    def _bonds(self) -> Iterator[Miss]:
        lost, forfeits = self.facts.forfeits, self.expect.forfeits
        if forfeits is not None:
            for party in dict.fromkeys((*forfeits, *lost)):
                at = ("forfeits", party) if party in forfeits else ("forfeits",)
                wanted, what = forfeits.get(party, Decimal(0)), f"forfeited by {party}"
                yield from self._amount(at, what, self._bond_asset(party), wanted, lost.get(party, 0))
        for party, amount in (self.expect.bonds or {}).items():
            held = self.facts.bonds.get(party, 0)
            yield from self._amount(("bonds", party), f"bond of {party}", self._bond_asset(party), amount, held)

    def _amount(self, at: Location, what: str, asset: str, wanted: Decimal, found: int) -> Iterator[Miss]:
        if found != self._smallest(asset, wanted):
            yield Miss(at, what, f"{say_amount(wanted)} {asset}".rstrip(), self._said(asset, found))

    def _bond_asset(self, party: str) -> str:
        bond = self.deal.document.parties[party].bond
        return bond.asset if bond else ""

    def _decimals(self, asset: str) -> int:
        return self.deal.document.assets[asset].decimals if asset in self.deal.document.assets else 0

    def _smallest(self, asset: str, amount: Decimal) -> int:
        return to_smallest(amount, self._decimals(asset))

    def _said(self, asset: str, smallest: int) -> str:
        return f"{say_amount(Decimal(smallest).scaleb(-self._decimals(asset), _EXACT))} {asset}".rstrip()

    def _signed(self, asset: str, smallest: int) -> str:
        return f"{'−' if smallest < 0 else '+' if smallest else ''}{self._said(asset, abs(smallest))}"


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
