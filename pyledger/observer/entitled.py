"""What is said of a benefit and its holder, and of a step that can be undone: plain frozen values.

Times are Unix seconds, durations seconds, shares basis points. `pyledger.observer.rights` says what they follow from.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

from pyledger.document.benefits import Benefit
from pyledger.document.explain.words import CHOICES, choice
from pyledger.document.units import say_duration, say_percent

__all__ = ["Confirmation", "Entitlement", "Levers", "Revocation", "Undoing"]

_LABELS: Final = {
    "delivery": "delivered as {}",
    "monitoring": "watched: {}",
    "restriction": "restricted by {}",
    "generality": "{}",
    "domain": "for {}",
    "compute_use": "computing: {}",
    "training_below": "training below {}",
    "hem": "controls built into the hardware",
    "input": "the recipient puts in {}",
    "meta_info": "told of the model: {}",
    "onward_transfer": "passing it on: {}",
    "requests_per_second": "{:,} requests a second",
    "parallel": "{:,} at once",
    "veto": "a veto",
}
"""How each lever is said."""


@dataclass(frozen=True, slots=True)
class Levers:
    """How far a benefit goes: what its document says, None where it says nothing. `speed` is in basis points."""

    delivery: str | None
    monitoring: str | None
    restriction: str | None
    generality: str | None
    domain: str | None
    generation_lag: int | None
    compute_use: str | None
    training_below: str | None
    hem: bool | None
    input: str | None
    meta_info: str | None
    onward_transfer: str | None
    requests_per_second: int | None
    parallel: int | None
    speed: int | None
    vote_share: int | None
    veto: bool

    @classmethod
    def of(cls, benefit: Benefit) -> Levers:
        """Those of a benefit."""
        own = {"requests_per_second", "parallel", "speed"}
        said: dict[str, Any] = {
            each.name: getattr(benefit.throttle if each.name in own else benefit, each.name, None)
            for each in fields(cls)
        }
        return cls(**said)

    def in_words(self) -> tuple[str, ...]:
        """Each lever that is set, in plain English."""
        found = []
        if (lag := self.generation_lag) is not None:
            found.append(f"{lag} generation{'' if lag == 1 else 's'} behind the frontier" if lag else "the frontier")
        for name, label in _LABELS.items():
            if (value := getattr(self, name)) is not None and value not in (False, "none"):
                found.append(label.format(choice(name, value) if name in CHOICES else value))
        if self.speed is not None:
            found.append(f"{say_percent(self.speed)} of full speed")
        if self.vote_share is not None:
            found.append(f"{say_percent(self.vote_share)} of the votes")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Revocation:
    """Who may take a benefit back, with how many seconds' notice, on what grounds (None: the document does not say)."""

    class_: str
    by: str | None
    notice: int | None
    grounds: str | None

    def in_words(self) -> str:
        """The rule in one sentence, the grounds as the document has them."""
        words = choice("revocability", self.class_)
        if self.by is not None:
            words += f", by {self.by}"
        if self.notice is not None:
            words += f", with {say_duration(self.notice)} of notice"
        return f"{words}; grounds: {self.grounds}" if self.grounds else words


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An obligation whose verdict confirms a benefit, and that verdict as it stands (None: undecided)."""

    obligation: str
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One benefit for one of those it is for. Times are Unix seconds.

    `stands` is one of: not yet, holds, over; `why` says why, in words. It holds, or did, from `since`; `until` is the
    last second at which it is sure to hold if nobody does anything, or at which it did (None: no such moment is known,
    as for what is given for good). `account` is the holder's address, None where the document gives it none.
    `confirmed` says whether every obligation in `confirmations` is met as it stands.
    """

    benefit: str
    what: str
    cluster: str
    kind: str | None
    phase: str | None
    giver: str
    holder: str
    account: str | None
    stands: str
    why: str
    since: int | None
    until: int | None
    confirmed: bool
    confirmations: tuple[Confirmation, ...]
    levers: Levers
    revocation: Revocation

    @property
    def holds(self) -> bool:
        """Whether it holds now."""
        return self.stands == "holds"


@dataclass(frozen=True, slots=True)
class Undoing:
    """A step that was found met and that its owner `by` may undo, the agreement having ended without being completed.

    `class_` is `reversible` or `partly_reversible`; to restore what was takes `restored_within` seconds and brings back
    `recovers` basis points of the cost, as the document has it (None: it does not say). It may be undone from `since`.
    """

    obligation: str
    phase: str
    by: str
    account: str
    what: str
    class_: str
    restored_within: int | None
    recovers: int | None
    undone_by: str | None
    since: int
