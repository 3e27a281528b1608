"""A document as a game: what each party can win and lose in each phase by keeping its promises, breaching, or leaving.

What the terms pay comes from the settlement model; what is won and lost besides, and how well breaches are seen, from
the estimates. Everything is worked out backwards: what going on is worth after a phase is what the later phases are
worth to a party that keeps its promises in them.

The arithmetic works alike on numbers and on arrays of draws, so that a simulation is one evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pyledger.analysis.figures import Figures, Key, read_figures
from pyledger.analysis.money import Ledger, Payoffs, payoffs
from pyledger.document import Document
from pyledger.document.model import Payment, Phase

__all__ = ["YEAR", "Game", "Situation", "Standing", "attested", "read_game"]

YEAR = 365 * 86_400
"""Seconds."""

Number = Any
"""A float, or an array of draws."""

Draw = Callable[[Key], Number]
"""The value of a figure: its likeliest, another one, or an array of draws."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One party in one phase, as far as the terms say it. Amounts by asset, in units of it; durations in seconds.

    `kept` is what the phase pays it if all is met, `breached` if it breaches all that it owes there and that is found,
    `defaulted` if it does not pay in. `material`: the breach ends the deal. `promises` are what it owes, `panels` who
    would find a breach, `forfeited` what of its bond that costs.
    """

    party: str
    phase: int
    phase_id: str
    promises: tuple[str, ...]
    panels: tuple[str, ...]
    material: bool
    bond: Mapping[str, float]
    forfeited: Mapping[str, float]
    kept: Mapping[str, float]
    breached: Mapping[str, float]
    defaulted: Mapping[str, float]
    pays_in: Mapping[str, float]
    duration: int
    irrevocable: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One party in one phase, in units of the estimates' asset: numbers, or arrays of draws.

    `worth` is V, what going on is worth as the phase opens; `ended` is X, what it has if the deal has ended by then.
    """

    situation: Situation
    temptation: Number
    bond: Number
    forfeited: Number
    withheld: Number
    reputation: Number
    discount: Number
    going_on: Number
    ended_next: Number
    detected: Number
    mistaken: Number
    surplus: Number
    worth: Number
    ended: Number
    defaulting: Number

    @property
    def future(self) -> Number:
        """δ(V' − X') where a breach ends the deal; nothing where the deal goes on all the same."""
        if not self.situation.material:
            return 0.0 * self.discount
        return self.discount * (self.going_on - self.ended_next)

    @property
    def stake(self) -> Number:
        """What is lost by a breach that is found: bond, payments, reputation, future."""
        return self.forfeited + self.withheld + self.reputation + self.future

    @property
    def slack(self) -> Number:
        """(p − f)·stake − g."""
        return (self.detected - self.mistaken) * self.stake - self.temptation

    @property
    def staying(self) -> Number:
        """What going on is worth beyond not paying in as the phase opens, which the contract sees by itself."""
        return self.worth - self.defaulting


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """A deal, its estimates, and every party's situation in every phase."""

    document: Document
    payoffs: Payoffs
    figures: Figures
    situations: Mapping[tuple[str, int], Situation]

    @property
    def parties(self) -> tuple[str, ...]:
        """In the document's order."""
        return tuple(self.document.parties)

    def likely(self, key: Key) -> float:
        """The likeliest value of a figure."""
        return self.figures.at(key).likely

    @property
    def unit(self) -> str | None:
        """The asset that everything is counted in: the estimates', or without estimates the document's first."""
        estimates = self.document.estimates
        return estimates.asset if estimates else next(iter(self.document.assets), None)

    def price(self, asset: str) -> float:
        """What one unit of an asset is worth in units of the estimates' asset."""
        return 1.0 if asset == self.unit else self.figures.likely("price", asset)

    def worth(self, amounts: Mapping[str, float]) -> float:
        """Amounts of several assets together, in units of the estimates' asset."""
        return sum(amount * self.price(asset) for asset, amount in amounts.items())

    def evaluate(
        self, draw: Draw | None = None, *, parties: Collection[str] | None = None, since: int = 0
    ) -> dict[tuple[str, int], Standing]:
        """Every party's standing in every phase, or in those `since` one: each is worth what comes after it.

        `draw` says what each figure is, else each is its likeliest.
        """
        of = draw or self.likely
        found: dict[tuple[str, int], Standing] = {}
        for party in self.parties if parties is None else parties:
            going_on: Number = 0.0
            ended_next: Number = 0.0
            for phase in reversed(range(since, len(self.document.phases))):
                standing = self._standing(self.situations[party, phase], of, going_on, ended_next)
                found[party, phase] = standing
                going_on, ended_next = standing.worth, standing.ended
        return found

    def _standing(self, at: Situation, of: Draw, going_on: Number, ended_next: Number) -> Standing:
        def say(what: str) -> Number:
            return of(self.figures.key(what, at.party, at.phase_id))

        years = at.duration / YEAR
        bond, kept = self._worth(at.bond, of), self._worth(at.kept, of)
        forfeited = self._worth(at.forfeited, of)
        withheld = kept - self._worth(at.breached, of) - forfeited
        detected, mistaken = self._panel(at, of)
        discount = 1 / (1 + say("discount_rate")) ** years
        surplus = say("value") - say("cost") + kept
        ended, reputation = say("outside_option"), say("reputation")
        goes_on = ended_next if at.material else going_on
        lost = forfeited + withheld + reputation
        worth = surplus - say("capital_cost") * years * bond - mistaken * lost
        worth = worth + (1 - mistaken) * discount * going_on + mistaken * discount * goes_on
        return Standing(
            situation=at,
            temptation=self._temptation(at, of),
            bond=bond,
            forfeited=forfeited,
            withheld=withheld,
            reputation=reputation,
            discount=discount,
            going_on=going_on,
            ended_next=ended_next,
            detected=detected,
            mistaken=mistaken,
            surplus=surplus,
            worth=worth,
            ended=ended,
            defaulting=ended - reputation + self._worth(at.defaulted, of),
        )

    def temptation_key(self, at: Situation) -> Key | None:
        """Where a temptation is estimated; None where it follows from costs and benefits."""
        key = self.figures.key("temptation", at.party, at.phase_id)
        return key if key in self.figures.given else None

    def _temptation(self, at: Situation, of: Draw) -> Number:
        if not at.promises:
            return 0.0 * of(self.figures.key("cost", at.party, at.phase_id))
        if key := self.temptation_key(at):
            return of(key)
        saved = of(self.figures.key("cost", at.party, at.phase_id))
        return saved + self._worth(at.irrevocable, of)

    def _panel(self, at: Situation, of: Draw) -> tuple[Number, Number]:
        """Chances that the worst of the panels finds a breach, and that the worst of them is mistaken."""
        seen: list[tuple[Number, Number]] = []
        for panel in at.panels or ("",):
            found, wrong = (
                of(self.figures.key("detection", panel))
                * of(self.figures.key("attribution", panel))
                * of(self.figures.key("ruling", panel)),
                of(self.figures.key("false_positive", panel)),
            )
            lag = of(self.figures.key("lag", panel)) / YEAR
            rate = of(self.figures.key("discount_rate", at.party, at.phase_id))
            seen.append((found / (1 + rate) ** lag, wrong))
        return min((p for p, _ in seen), key=_mean), max((f for _, f in seen), key=_mean)

    def _worth(self, amounts: Mapping[str, float], of: Draw) -> Number:
        """Amounts of several assets in units of the estimates' asset; what has no price does not count."""
        return sum(
            (amount * (1.0 if asset == self.unit else of(Key("price", asset))) for asset, amount in amounts.items()),
            0.0,
        )


def _mean(value: Number) -> float:
    return float(value.mean()) if hasattr(value, "mean") else float(value)


def read_game(document: Document) -> Game:
    """The game that a document describes."""
    paying = payoffs(document)
    figures = read_figures(document)
    situations = {}
    for index, phase in enumerate(document.phases):
        values = attested(document, phase, figures)
        kept = paying.outcome(index, paying.verdicts(index), values)
        for number, party in enumerate(document.parties):
            situations[party, index] = _situation(paying, index, number, kept, values)
    return Game(document=document, payoffs=paying, figures=figures, situations=situations)


def _situation(deal: Payoffs, index: int, number: int, kept: Ledger, values: Mapping[int, int]) -> Situation:
    document = deal.document
    phase, party = document.phases[index], deal.names.parties[number]
    own = {name: each for name, each in phase.obligations.items() if each.by == party}
    found = {
        obligation: value
        for obligation, value in values.items()
        if tuple(phase.obligations.values())[obligation].by != party
    }
    breached = deal.outcome(index, deal.verdicts(index, breached_by=number), found) if own else kept
    level = document.bond_level(party, phase)
    bond_asset = document.parties[party].bond
    share = min(sum(each.forfeit or 0 for each in own.values()), 10_000)
    pays_in: dict[str, float] = {}
    for payment in phase.payments.values():
        if payment.from_ == party:
            pays_in[payment.asset] = pays_in.get(payment.asset, 0.0) + float(payment.amount)
    bond = {bond_asset.asset: float(level)} if bond_asset else {}
    return Situation(
        party=party,
        phase=index,
        phase_id=phase.id,
        promises=tuple(own),
        panels=tuple(dict.fromkeys(each.decided_by for each in own.values())),
        material=any(each.material for each in own.values()),
        bond=bond,
        forfeited={asset: amount * share / 10_000 for asset, amount in bond.items()},
        kept=_units(document, kept, party),
        breached=_units(document, breached, party),
        defaulted=_units(document, deal.default(index, number), party),
        pays_in=pays_in,
        duration=max(each.deadline for each in phase.obligations.values()),
        irrevocable=_irrevocable(document, phase, party),
    )


def _units(document: Document, ledger: Ledger, party: str) -> dict[str, float]:
    return {
        asset: amount / 10 ** document.assets[asset].decimals for (who, asset), amount in ledger.items() if who == party
    }


def _irrevocable(document: Document, phase: Phase, party: str) -> dict[str, float]:
    """What a party receives in a phase and keeps whatever it does."""
    found: dict[str, float] = {}
    for benefit in document.benefits.values():
        mine = party in benefit.to and benefit.phase == phase.id and benefit.revocability.class_ == "irrevocable"
        if mine and benefit.asset and benefit.value is not None:
            found[benefit.asset] = found.get(benefit.asset, 0.0) + float(benefit.value)
    return found


def attested(document: Document, phase: Phase, figures: Figures) -> dict[int, int]:
    """The value that verifiers will attest on each obligation of a phase if it is met, in its smallest unit."""
    return {index: _value(document, phase, name, figures) for index, name in enumerate(phase.obligations)}


def _value(document: Document, phase: Phase, name: str, figures: Figures) -> int:
    """The value that will be attested on an obligation: as estimated, else the least at which everything is paid."""
    obligation = phase.obligations[name]
    measure = document.measure(obligation)
    if measure is None:
        return 0
    key = Key("value_of", name)
    if key in figures.given:
        return round(figures.given[key].likely * float(10**measure.decimals))
    paid = [payment for payment in phase.payments.values() if payment.obligation == name and payment.tiers]
    return max((_enough(payment, measure.decimals, document) for payment in paid), default=0)


def _enough(payment: Payment, decimals: int, document: Document) -> int:
    """The least value, in its smallest unit, at which the most is paid that the tiers can pay."""
    tiers = payment.tiers or ()
    last = tiers[-1]
    if not last.then or last.pays >= payment.amount:
        most = max(tier.pays for tier in tiers)
        return int(next(tier.from_ for tier in tiers if tier.pays == most) * 10**decimals)
    cents = 10 ** document.assets[payment.asset].decimals
    missing = int((payment.amount - last.pays) * cents)
    return int(last.from_ * 10**decimals) + -(-missing * 10_000 // last.then)
