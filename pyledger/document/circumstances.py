"""What surrounds a deal and no contract can hold: who verifies for whom, whom it affects, how it is heard and ratified.

None of it reaches the terms; all of it is part of the document's hash, and what the risk findings are drawn from.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from pyledger.document.fields import Duration, Id, Ids, Line, Model, Percent, Prose, Truth, Whole

__all__ = [
    "AffectedGroup",
    "Amendment",
    "Beyond",
    "Comment",
    "Instrument",
    "InstrumentLevel",
    "Ladder",
    "Publication",
    "Ratification",
    "Reversibility",
    "ReversibilityField",
    "Topic",
    "Verifier",
    "Waiver",
]

Topic = Literal["delivery", "glossary", "pause", "ratification", "safety", "security", "panel_formed", "payment"]
"""What an obligation is about, as far as the findings ask."""

InstrumentLevel = Literal["soft_pledge", "mou", "executive_agreement", "treaty"]
"""What kind of paper it is, weakest first."""


class Reversibility(Model):
    """Whether an act can be undone, in what time (seconds), how much of its cost comes back (basis points), and how."""

    class_: Literal["reversible", "partly_reversible", "irreversible"] = Field(
        alias="class", examples=["partly_reversible"]
    )
    restored_within: Duration | None = Field(None, examples=["3 months"])
    recovers: Percent | None = Field(None, examples=["80%"])
    undone_by: Prose | None = Field(None, examples=["The seals are broken and the machines restarted"])


def _one_word(value: object) -> object:
    return {"class": value} if isinstance(value, str) else value


ReversibilityField = Annotated[Reversibility, BeforeValidator(_one_word)]


class Verifier(Model):
    """Who sits on a panel: what it is, whose side it is on, who pays and who sent it."""

    name: Line | None = Field(None, examples=["International Inspectorate"])
    kind: (
        Literal["treaty_body", "agency", "auditor", "hem_attestation", "public_record", "formula", "person"] | None
    ) = Field(None, examples=["agency"])
    constituency: Id | None = Field(None, examples=["civil-society"])
    region: Literal["north", "south"] | None = Field(None, examples=["south"])
    nominated_by: Id | None = Field(None, examples=["civil-society"])
    affiliated_with: Ids = Field((), examples=["[north]"])
    paid_by: Ids = Field((), examples=["[north, south]"])
    paid_from_forfeits: Truth = Field(False, examples=["false"])


class AffectedGroup(Model):
    """Who is touched by the deal without signing it; `standing` and `seats` say how they are heard.

    `reserved` names the obligations that are theirs to decide: nobody should outvote them there.
    """

    name: Line = Field(examples=["Villages of the forest"])
    kind: Literal["community", "state", "workers", "public"] = Field("community", examples=["community"])
    standing: Id | None = Field(None, examples=["villages"])
    seats: Ids = Field((), examples=["[village-council]"])
    reserved: Ids = Field((), examples=["[mine-opened]"])
    across_borders: Truth = Field(False, examples=["true"])


class Comment(Model):
    """Notice and comment: how long (seconds) a draft or a decision is open for comment, and when answers are due."""

    window: Duration = Field(examples=["60 days"])
    before: Id | None = Field(None, examples=["delivery"])
    answered_within: Duration | None = Field(None, examples=["30 days"])
    notice_to: Ids = Field((), examples=["[villages]"])
    published: Line | None = Field(None, examples=["weekly, four times"])


class Instrument(Model):
    """What kind of paper the deal is."""

    level: InstrumentLevel = Field(examples=["mou"])
    name: Line | None = Field(None, examples=["Memorandum of 9 November 2009"])


class Ratification(Model):
    """Who must ratify before what: the gate is an obligation whose verdict says that it is done."""

    by: Ids = Field(examples=["[north, south]"])
    gate: Id = Field(examples=["ratified"])


class Ladder(Model):
    """Where a pledge leads: after how many promises kept, or makers who kept one, a clause of what paper is drafted."""

    to: InstrumentLevel = Field(examples=["treaty"])
    kept: Whole | None = Field(None, examples=["3"])
    makers: Whole | None = Field(None, examples=["2"])

    def reached(self, *, kept: int, makers: int) -> bool:
        """Whether so many promises kept, or so many makers who kept one, are enough."""
        return (self.kept is not None and kept >= self.kept) or (self.makers is not None and makers >= self.makers)


class Publication(Model):
    """When the deal becomes public, to whom its papers are open, and the words that the parties say together."""

    when: Literal["immediate", "at_signature", "when_in_force", "after_completion", "never"] = Field(
        examples=["at_signature"]
    )
    open_to: Literal["public", "parties_and_panel", "parties"] | None = Field(None, examples=["public"])
    joint_framing: Prose | None = Field(None, examples=["Each side gains from the other's safety"])


class Amendment(Model):
    """Whether circumstances that nobody chose may change the deal, and by what way."""

    objective_circumstances: Truth = Field(examples=["true"])
    how: Prose | None = Field(None, examples=["All members extend, or dissolve and open a successor"])


class Beyond(Model):
    """What the real agreement has and these terms cannot express, said rather than hidden."""

    what: Prose = Field(examples=["Relief ends unless the Council votes to continue it"])
    instead: Prose | None = Field(None, examples=["The panel's breach ends it"])


class Waiver(Model):
    """A risk that the parties have seen and accept: which finding, where, and why."""

    finding: Line = Field(examples=["CRE5"])
    at: Line | None = Field(None, examples=["phases.second.payments.fuel"])
    because: Prose = Field(examples=["The second phase is insured elsewhere"])
