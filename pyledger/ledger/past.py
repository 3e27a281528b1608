"""What has become of the phases of an agreement: when each opened, for whom, and what was found in it.

A state only knows the phase at hand; this is the rest of what its events tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyledger.chain.events import Challenged, Decided, Ended, Event, PhaseOpened, PhaseSettled, Ruled
from pyledger.terms.structs import Verdict

__all__ = ["Past", "past"]


@dataclass(frozen=True, slots=True)
class Past:
    """An agreement's phases, by number. Times are Unix seconds.

    `opened` says from when their clocks run and `members` who is bound by them; `settled` when those that are over were
    closed, `verdicts` their final verdicts by (phase, obligation). `spoken` is when a verdict was last given or changed
    by somebody: a panel, the obligor or the court. `ended_at` is when the agreement ended, None if it has not;
    `cut_off` is the cut-off by which the last phase settled was, None if there was none.
    """

    opened: Mapping[int, int] = field(default_factory=dict)
    members: Mapping[int, frozenset[int]] = field(default_factory=dict)
    settled: Mapping[int, int] = field(default_factory=dict)
    verdicts: Mapping[tuple[int, int], Verdict] = field(default_factory=dict)
    spoken: Mapping[tuple[int, int], int] = field(default_factory=dict)
    ended_at: int | None = None
    cut_off: int | None = None


def past(events: Iterable[Event], times: Mapping[int, int]) -> Past:
    """What one agreement's events tell of its phases; `times` are those of their blocks (Unix seconds)."""
    opened: dict[int, int] = {}
    members: dict[int, frozenset[int]] = {}
    settled: dict[int, int] = {}
    verdicts: dict[tuple[int, int], Verdict] = {}
    spoken: dict[tuple[int, int], int] = {}
    ended_at = cut_off = None
    for event in events:
        now = times.get(event.origin.block, 0)
        match event:
            case PhaseOpened():
                opened[event.phase], members[event.phase] = event.opened_at, event.members
            case Decided() | Challenged() | Ruled():
                spoken[event.phase, event.obligation] = now
            case PhaseSettled():
                settled[event.phase], cut_off = now, event.cut_off or None
                found = ((index, event.verdict(index)) for index in range(event.verdicts.bit_length() // 2 + 1))
                verdicts |= {(event.phase, index): each for index, each in found if each is not Verdict.UNDECIDED}
            case Ended():
                ended_at = now
    return Past(opened, members, settled, verdicts, spoken, ended_at, cut_off)
