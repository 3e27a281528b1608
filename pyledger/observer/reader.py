"""Names, labels and money for what the terms only number: from the document, or without one from the terms alone."""

from __future__ import annotations

from dataclasses import dataclass

from pyledger.document import Document
from pyledger.document.measure import Measure
from pyledger.document.units import say_percent
from pyledger.observer.shapes import Measured, Money
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names
from pyledger.terms.outcome import has_court
from pyledger.terms.structs import NATIVE, Terms, Verdict

__all__ = ["Reader", "nameless", "uncalled", "word"]


def word(verdict: int) -> str:
    """A verdict as documents write it."""
    return Verdict(verdict).name.lower()


def nameless(terms: Terms) -> Names:
    """Names for terms whose document is not at hand: `party-1`, `phase-1`, `obligation-2`."""

    def count(what: str, items: tuple[object, ...]) -> tuple[str, ...]:
        return tuple(f"{what}-{number}" for number in range(1, len(items) + 1))

    verifiers: dict[bytes, str] = {}
    for panel in terms.panels:
        for seat in panel.seats:
            verifiers.setdefault(seat.verifier, f"verifier-{len(verifiers) + 1}")
    assets = [party.asset for party in terms.parties if party.forfeiture]
    assets += [payment.asset for phase in terms.phases for payment in phase.payments]
    tokens = [asset for asset in dict.fromkeys(assets) if asset != NATIVE]
    parties, standing = count("party", terms.parties), count("standing", terms.standing)
    court = "court" if has_court(terms) else None
    return Names(
        parties=parties,
        panels=count("panel", terms.panels),
        seats=tuple(tuple(verifiers[seat.verifier] for seat in panel.seats) for panel in terms.panels),
        phases=count("phase", terms.phases),
        obligations=tuple(count("obligation", phase.obligations) for phase in terms.phases),
        payments=tuple(count("payment", phase.payments) for phase in terms.phases),
        accounts={
            **dict(zip(parties, (party.account for party in terms.parties), strict=True)),
            **{name: account for account, name in verifiers.items()},
            **dict(zip(standing, terms.standing, strict=True)),
            **({court: terms.arbitrator} if court else {}),
        },
        assets={
            **{f"asset-{number}": asset for number, asset in enumerate(tokens, start=1)},
            **({"coin": NATIVE} if NATIVE in assets else {}),
        },
        standing=standing,
        court=court,
    )


def uncalled(asset: bytes, amount: int, name: str) -> Money:
    """An amount (smallest units) of an asset that no document calls anything; `name` is how it is referred to.

    Of the native coin everybody knows how it is counted. What a token says of itself proves nothing: another one can
    say the same.
    """
    if asset == NATIVE:
        return Money(name, "ether", 18, amount)
    return Money(name, f"smallest units of token {checksum(asset)}", 0, amount)


@dataclass(frozen=True)
class Reader:
    """Says in the document's words what the terms say in numbers, as far as there is a document."""

    document: Document | None
    names: Names
    terms: Terms

    @property
    def title(self) -> str:
        """The title of the deal."""
        return self.document.title if self.document else "Agreement whose document is not at hand"

    def money(self, asset: bytes, amount: int) -> Money:
        """An amount in an asset's smallest unit. Without a document, tokens are counted in it: see `uncalled`."""
        name = self.names.what(asset) or checksum(asset)
        if self.document and name in self.document.assets:
            found = self.document.assets[name]
            return Money(name, found.symbol or name, found.decimals, amount)
        return uncalled(asset, amount, name)

    def who(self, account: bytes) -> str:
        """The name of an account, or its address."""
        return self.names.who(account) or checksum(account)

    def label(self, name: str) -> str:
        """What a party, a recipient or somebody with standing is called; other names stand for themselves."""
        if self.document:
            for kind in (self.document.parties, self.document.recipients, self.document.standing):
                if name in kind:
                    return kind[name].name
        return name

    def phase_title(self, phase: int) -> str:
        """The title of a phase, or its name."""
        title = self.document.phases[phase].title if self.document else None
        return title or self.names.phases[phase]

    def what(self, phase: int, obligation: int) -> str:
        """What an obligation asks for."""
        name = self.names.obligations[phase][obligation]
        return self.document.phases[phase].obligations[name].what if self.document else name

    def measure(self, phase: int, obligation: int) -> Measure | None:
        """What the value attested on an obligation is counted in, as far as the document says."""
        if self.document is None:
            return None
        return self.document.measure(self.document.phases[phase].obligations[self.names.obligations[phase][obligation]])

    def measured(self, phase: int, obligation: int, value: int) -> Measured:
        """A value attested on an obligation, in its unit."""
        found = self.measure(phase, obligation)
        return Measured(found.unit, found.decimals, value) if found else Measured(None, 0, value)

    def chamber(self, panel: int, chamber: int) -> str | None:
        """The name of a chamber; None where the panel has none."""
        if not self.terms.panels[panel].quotas:
            return None
        if self.document:
            chambers = self.document.panels[self.names.panels[panel]].chambers
            if chambers:
                return tuple(chambers)[chamber]
        return f"chamber-{chamber + 1}"

    def shares(self, shares: tuple[tuple[bytes, int], ...]) -> str:
        """Recipients and their parts: `families`, or `south 60%, fund 40%`."""
        if len(shares) == 1:
            return self.who(shares[0][0])
        return ", ".join(f"{self.who(to)} {say_percent(bps)}" for to, bps in shares)
