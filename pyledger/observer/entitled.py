"""What is said of a benefit and its holder, and of a step that can be undone: plain frozen values.

Times are Unix seconds, durations seconds, shares basis points. `pyledger.observer.rights` says what they follow from.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from pyledger.document.benefits import Benefit

__all__ = ["Confirmation", "Entitlement", "Levers", "Revocation", "Undoing"]


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


@dataclass(frozen=True, slots=True)
class Revocation:
    """Who may take a benefit back, with how many seconds' notice, on what grounds (None: the document does not say)."""

    class_: str
    by: str | None
    notice: int | None
    grounds: str | None


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
