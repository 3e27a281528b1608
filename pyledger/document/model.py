"""The document: what people negotiate, as frozen models.

A model holds what the words mean: durations in seconds, times in Unix seconds, shares in basis points, amounts as exact
decimals in units of their asset. Mappings keep the order they were written in, because parties, panels, phases,
obligations and payments are numbered by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field, ValidationInfo, model_validator

from pyledger.document import presets, units
from pyledger.document.benefits import Benefit
from pyledger.document.circumstances import (
    AffectedGroup,
    Amendment,
    Beyond,
    Comment,
    Instrument,
    InstrumentLevel,
    Ladder,
    Publication,
    Ratification,
    ReversibilityField,
    Topic,
    Verifier,
    Waiver,
)
from pyledger.document.consistency import OUTSIDE, problems
from pyledger.document.estimates import Estimates
from pyledger.document.fields import (
    Amount,
    Bytes,
    Duration,
    Id,
    Line,
    Model,
    Percent,
    Prose,
    Shares,
    Time,
    Truth,
    Verdict,
    Verdicts,
    VerdictWord,
    Version,
    Whole,
)
from pyledger.document.limits import WHOLE
from pyledger.document.measure import Measure
from pyledger.document.problem import Declared, Inconsistent

__all__ = [
    "OUTSIDE",
    "Arbitration",
    "Asset",
    "Bond",
    "Chamber",
    "Confidential",
    "Document",
    "Obligation",
    "Panel",
    "Party",
    "Payment",
    "Phase",
    "Recipient",
    "Standing",
    "Tier",
    "Value",
    "VerdictWord",
]


class Asset(Model):
    """Money of one kind: a token with its symbol and decimals, or the chain's native coin (18 decimals)."""

    symbol: Line | None = Field(None, examples=["USDX"])
    decimals: Whole = Field(18, examples=["6"])
    name: Line | None = Field(None, examples=["Dollar token"])
    native: Truth = Field(False, examples=["true"])


class Bond(Model):
    """A security deposit; a phase can set another level in the same asset."""

    amount: Amount = Field(examples=["250_000"])
    asset: Id = Field(examples=["usd"])


class Party(Model):
    """Who signs: a name, the bond it posts, and who receives what it forfeits (basis points)."""

    name: Line = Field(examples=["Families of the victims"])
    bond: Bond | None = Field(None, examples=["{amount: 250_000, asset: usd}"])
    forfeits_to: Shares | None = Field(None, examples=["{south: 60%, relief-fund: 40%}"])


class Recipient(Model):
    """An account that signs nothing but may receive."""

    name: Line = Field(examples=["Relief fund"])


class Standing(Model):
    """Somebody affected who signs nothing and receives nothing, but may challenge verdicts and comment."""

    name: Line = Field(examples=["Villages of the forest"])


class Arbitration(Model):
    """The court that hears challenges: until when a verdict can be challenged and a ruling counts, in seconds."""

    court: Id = Field(examples=["arbitral-court"])
    challenge_within: Duration = Field(examples=["7 days"])
    ruling_within: Duration = Field(examples=["30 days"])
    data: Bytes | None = Field(None, examples=["0x0001"])


class Confidential(Model):
    """Phases that only the parties know until each opens: from which one on, and what keeps them from being guessed.

    `seal` is 32 random bytes, from which every such phase gets its salt (`pyledger seal` makes one).
    """

    from_: Id = Field(alias="from", examples=["delivery"])
    seal: Bytes = Field(examples=["0x" + "ab" * 32])


class Chamber(Model):
    """Seats of one panel that need a quota of their own; a preset gives the quota."""

    verifiers: tuple[Id, ...] = Field(examples=["[registrar, auditor]"])
    at_least: Whole | None = Field(None, examples=["1"])


class Panel(Model):
    """Verifiers who decide by `threshold`, all alike or in chambers; or in the chambers of a preset, by its rule."""

    preset: presets.Preset | None = Field(None, examples=["fsc"])
    verifiers: tuple[Id, ...] | None = Field(None, examples=["[registrar, auditor, observer]"])
    chambers: Mapping[Id, Chamber] | None = Field(None, examples=["{legal: {verifiers: [registrar], at_least: 1}}"])
    threshold: Whole | None = Field(None, examples=["2"])

    @property
    def seats(self) -> tuple[tuple[str, int], ...]:
        """Each verifier with the index of its chamber (0 when there are none), in the order of the document."""
        if self.chambers is None:
            return tuple((verifier, 0) for verifier in self.verifiers or ())
        return tuple(
            (verifier, index) for index, chamber in enumerate(self.chambers.values()) for verifier in chamber.verifiers
        )

    @property
    def needed(self) -> int:
        """How many equal voices decide: the threshold given, or the preset's."""
        if self.threshold is None and self.preset:
            return presets.threshold(self.preset, len(self.seats))
        return self.threshold or 0

    @property
    def quotas(self) -> tuple[int, ...]:
        """How many of them each chamber must have at least: as given, or the preset's; empty without chambers."""
        return tuple(
            presets.quota(self.preset, len(chamber.verifiers))
            if chamber.at_least is None and self.preset
            else chamber.at_least or 0
            for chamber in (self.chambers or {}).values()
        )


class Value(Model):
    """A number that verifiers attest with their verdict: an amount of an asset, or a count in a unit of its own."""

    what: Line | None = Field(None, examples=["Audited profit of the year"])
    asset: Id | None = Field(None, examples=["usd"])
    unit: Line | None = Field(None, examples=["tonnes"])
    decimals: Whole = Field(0, examples=["3"])
    counts: Literal["good", "bad"] | None = Field(None, examples=["good"])
    """Whether more of it is better or worse; unsaid, it counts what is good."""
    target: Amount | None = Field(None, examples=["1_000"])
    """The level from which on the promise counts as kept; of what is bad, the highest."""
    baseline: Literal["fixed", "own_future"] | None = Field(None, examples=["fixed"])
    """Whether it is measured from a level known at signature, or from one that the obligor's later conduct sets."""

    def measure(self, assets: Mapping[str, Asset]) -> Measure:
        """What it is counted in, its asset being one of a document's."""
        if self.asset is None:
            return Measure(self.unit or "", self.decimals)
        asset = assets[self.asset]
        return Measure(asset.symbol or self.asset, asset.decimals)


class Obligation(Model):
    """What `by` must do or not do, or an outside event; durations in seconds from the phase's opening."""

    by: Id = Field(examples=["south"])
    what: Prose = Field(examples=["UN sanctions are lifted"])
    within: Duration = Field(examples=["8 months"])
    grace: Duration = Field(0, examples=["1 day"])
    decided_by: Id = Field(examples=["record"])
    if_silent: Verdict = Field(examples=["lapse"])
    material: Truth = Field(False, examples=["true"])
    forfeit: Percent | None = Field(None, examples=["50%"])
    value: Value | None = Field(None, examples=["{asset: usd}"])
    evidence: Prose | None = Field(None, examples=["The audited report of the year, as published"])
    about: tuple[Topic, ...] = Field((), examples=["[pause, safety]"])
    reversibility: ReversibilityField | None = Field(None, examples=["irreversible"])
    cost_to_complete: Amount | None = Field(None, examples=["50_000"])
    needs: InstrumentLevel | None = Field(None, examples=["treaty"])

    @property
    def deadline(self) -> int:
        """Seconds from the phase's opening until silence decides."""
        return self.within + self.grace


class Tier(Model):
    """From a value on: what is paid, and the share (basis points) paid of what the value exceeds `from` by."""

    from_: Amount = Field(alias="from", examples=["1_000_000"])
    pays: Amount = Field(examples=["100_000"])
    then: Percent = Field(0, examples=["12.5%"])


class Payment(Model):
    """Escrow of `amount` by a party, released to `to` (basis points) by the verdict on one obligation.

    With `tiers` what is released follows the value attested with the verdict, and the rest goes back.
    """

    from_: Id = Field(alias="from", examples=["libya"])
    to: Shares = Field(examples=["families"])
    amount: Amount = Field(examples=["1_080_000_000"])
    asset: Id = Field(examples=["usd"])
    when: Mapping[Id, Verdicts] = Field(examples=["{un-lift: met}"])
    fund_within: Duration = Field(examples=["14 days"])
    tiers: tuple[Tier, ...] | None = Field(None, examples=["[{from: 0, pays: 0}, {from: 1_000, pays: 250}]"])

    @property
    def obligation(self) -> str:
        """The obligation it hangs on."""
        return next(iter(self.when))

    @property
    def on(self) -> tuple[VerdictWord, ...]:
        """The verdicts that release it."""
        return self.when[self.obligation]


class Phase(Model):
    """One step of exposure; a bond level not given here is that of the party."""

    id: Id = Field(examples=["release"])
    title: Line | None = Field(None, examples=["Release of the tranches"])
    not_before: Time | None = Field(None, examples=["2027-01-31"])
    bonds: Mapping[Id, Amount] = Field({}, examples=["{north: 500_000}"])
    obligations: Mapping[Id, Obligation]
    payments: Mapping[Id, Payment] = Field({})


class Document(Model):
    """The whole deal. `Document.model_validate` holds it to the same rules as `load`, without lines and columns."""

    pyledger: Version = Field(examples=["1"])
    title: Line = Field(examples=["Staged settlement with a deadline"])
    summary: Prose | None = Field(None)
    glossary: Mapping[Line, Prose] = Field({})
    notes: tuple[Prose, ...] = Field(())
    beyond: tuple[Beyond, ...] = Field((), examples=["[{what: Relief ends unless renewed, instead: …}]"])
    instrument: Instrument | None = Field(None, examples=["{level: mou}"])
    ladder: Ladder | None = Field(None, examples=["{to: treaty, kept: 3}"])
    ratification: Ratification | None = Field(None, examples=["{by: [north, south], gate: ratified}"])
    publication: Publication | None = Field(None, examples=["{when: at_signature, open_to: public}"])
    confidential: Confidential | None = Field(None, examples=["{from: delivery, seal: 0x…}"])
    amendment: Amendment | None = Field(None, examples=["{objective_circumstances: true}"])
    comment: Comment | None = Field(None, examples=["{window: 60 days, before: delivery, answered_within: 30 days}"])
    affected_groups: Mapping[Id, AffectedGroup] = Field({}, examples=["{villages: {name: Villages of the forest}}"])
    verifiers: Mapping[Id, Verifier] = Field({}, examples=["{auditor: {kind: auditor}}"])
    benefits: Mapping[Id, Benefit] = Field({})
    assets: Mapping[Id, Asset] = Field({}, examples=["{usd: {symbol: USDX, decimals: 6}}"])
    parties: Mapping[Id, Party] = Field(examples=["{libya: {name: Libya}}"])
    recipients: Mapping[Id, Recipient] = Field({})
    standing: Mapping[Id, Standing] = Field({}, examples=["{villages: {name: Villages of the forest}}"])
    panels: Mapping[Id, Panel] = Field(examples=["{record: {verifiers: [registrar, auditor], threshold: 2}}"])
    arbitration: Arbitration | None = Field(
        None, examples=["{court: arbitral-court, challenge_within: 7 days, ruling_within: 30 days}"]
    )
    min_parties: Whole | None = Field(None, examples=["2"])
    accession: Truth = Field(False, examples=["true"])
    join_within: Duration | None = Field(None, examples=["14 days"])
    join_by: Time | None = Field(None, examples=["2027-01-31"])
    long_stop: Time | None = Field(None, examples=["2030-01-31"])
    long_stop_after: Duration | None = Field(None, examples=["3 years"])
    top_up_within: Duration = Field(7 * units.DAY, examples=["7 days"])
    default_forfeits: Percent = Field(WHOLE, examples=["100%"])
    phases: tuple[Phase, ...] = Field(examples=["[{id: release, obligations: {…}}]"])
    estimates: Estimates | None = Field(None)
    waivers: tuple[Waiver, ...] = Field((), examples=["[{finding: CRE5, because: …}]"])

    @model_validator(mode="after")
    def _holds_together(self, info: ValidationInfo) -> Document:
        declared = (info.context or {}).get("declared") or Declared.of(self)
        if found := problems(self, declared):
            raise Inconsistent(found)
        return self

    def phase(self, phase_id: str) -> Phase:
        """The phase of that id, or `KeyError`."""
        for phase in self.phases:
            if phase.id == phase_id:
                return phase
        raise KeyError(phase_id)

    @property
    def needed_parties(self) -> int:
        """How many parties must have accepted for the agreement to begin."""
        return len(self.parties) if self.min_parties is None else self.min_parties

    @property
    def open_phases(self) -> int:
        """How many phases anybody may know from the beginning: all, unless those from one on are confidential."""
        if self.confidential is None:
            return len(self.phases)
        return [phase.id for phase in self.phases].index(self.confidential.from_)

    @property
    def contest_time(self) -> int:
        """How long a verdict can at most take to become final (seconds): both windows, or none without a court."""
        return self.arbitration.challenge_within + self.arbitration.ruling_within if self.arbitration else 0

    def measure(self, obligation: Obligation) -> Measure | None:
        """What the value that verifiers attest on an obligation is counted in; None where they attest none."""
        return obligation.value.measure(self.assets) if obligation.value else None

    def bond_level(self, party: str, phase: Phase) -> Decimal:
        """What `party` must hold as bond in `phase`, in units of its bond's asset."""
        bond = self.parties[party].bond
        return phase.bonds.get(party, bond.amount if bond else Decimal(0))
