"""Entitlements: which benefits of a document hold now, for whom, how far; and what may be undone after an end.

Nothing is said here that document and state do not say. The rules, for one benefit and one of those it is for:

- It begins when its phase opens; where the document names no phase, with the first one that binds both sides. Whoever
  gives it, and whoever has it if that is a party, must be a member by then: nobody else is bound.
- It holds while that phase is at hand (without a phase: while the agreement is in force), and ends by itself, whether
  or not anybody has settled: with a verdict `breached` on an obligation of its holder there, with a cut-off, with the
  long stop, with the end of the phase or of the agreement.
- A verdict counts as it stands, by silence as by anybody, also while it can still be contested: what it takes away
  comes back if the court overrules it.
- `verified_by` says who confirms that a benefit was given. It does not make the benefit begin: what is not given yet
  cannot be verified. A benefit that the document makes irrevocable, and of which every such obligation is met, is given
  for good: it holds whatever comes.
- `revocability` is the revoker's own right, shown with notice and grounds. No event tells of its use, so it ends
  nothing here; nor does an end by the rules above need notice.

They are those of `contracts/src/entitlements`, which answers the same for other contracts as far as the chain knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from pyledger.document import Document
from pyledger.document.benefits import Benefit
from pyledger.ledger.past import Past
from pyledger.observer.entitled import Confirmation, Entitlement, Levers, Revocation, Undoing
from pyledger.observer.reader import word
from pyledger.terms import outcome
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names
from pyledger.terms.state import State, Status
from pyledger.terms.structs import Terms, Verdict

__all__ = ["Confirmation", "Entitlement", "Levers", "Revocation", "Undoing", "entitlements", "undoings"]

_OVER: Final[Mapping[Status, str]] = {
    Status.COMPLETED: "the agreement is completed",
    Status.TERMINATED: "the agreement was terminated",
    Status.VOID: "the agreement never came into force",
    Status.UNWOUND: "the agreement was unwound",
    Status.DISSOLVED: "all members have dissolved the agreement",
}


_CUT_SHORT: Final = (Status.TERMINATED, Status.UNWOUND, Status.DISSOLVED)
"""Ends after which nobody is bound to what has been done any longer, other than that all was done."""


class _Span(NamedTuple):
    """How a benefit stands at one moment: see Entitlement."""

    stands: str
    why: str
    since: int | None
    until: int | None = None


def entitlements(
    document: Document, names: Names, terms: Terms, state: State, past: Past, now: int
) -> tuple[Entitlement, ...]:
    """Every benefit of a document, for each of those it is for, as it stands at `now` (Unix seconds).

    `names`, `terms` and `state` are the agreement's; `past` (`pyledger.ledger.past`) is what has become of its phases.
    """
    matter = _Matter(document, names, terms, state, past)
    at = _at(matter, now)
    return tuple(
        _entitlement(at, name, benefit, holder) for name, benefit in document.benefits.items() for holder in benefit.to
    )


def undoings(document: Document, names: Names, terms: Terms, state: State, past: Past) -> tuple[Undoing, ...]:
    """What may be undone: nothing before an agreement has ended, nor where it was completed or never began.

    Only steps that were found met: of others nothing says that they were taken.
    """
    if state.status not in _CUT_SHORT or past.ended_at is None:
        return ()
    at = _at(_Matter(document, names, terms, state, past), past.ended_at)
    return tuple(
        Undoing(
            obligation=name,
            phase=phase.id,
            by=found.by,
            account=checksum(names.account(found.by)),
            what=found.what,
            class_=found.reversibility.class_,
            restored_within=found.reversibility.restored_within,
            recovers=found.reversibility.recovers,
            undone_by=found.reversibility.undone_by,
            since=past.ended_at,
        )
        for number, phase in enumerate(document.phases)
        for index, (name, found) in enumerate(phase.obligations.items())
        if found.by in names.parties
        and found.reversibility is not None
        and found.reversibility.class_ != "irreversible"
        and at.verdict(number, index) is Verdict.MET
    )


class _Matter(NamedTuple):
    """An agreement, its words, and what has become of it."""

    document: Document
    names: Names
    terms: Terms
    state: State
    past: Past

    def bound(self, name: str, phase: int) -> bool:
        """Whether somebody takes part in a phase: a party as a member, anybody else by being named."""
        return name not in self.names.parties or self.names.party(name) in self.past.members[phase]


class _Moment(NamedTuple):
    """A matter at one moment, with the cut-off that there is by then and the verdicts of its phase at hand."""

    matter: _Matter
    now: int
    cut: int | None
    verdicts: tuple[Verdict, ...]

    def verdict(self, phase: int, obligation: int) -> Verdict:
        """The verdict on an obligation as it stands: final where its phase is over."""
        state, past = self.matter.state, self.matter.past
        if phase in past.settled:
            return past.verdicts.get((phase, obligation), Verdict.UNDECIDED)
        return self.verdicts[obligation] if phase == state.phase else Verdict.UNDECIDED

    def confirming(self, benefit: Benefit) -> dict[str, Verdict]:
        """The verdicts that confirm a benefit, by obligation."""
        found = {}
        for name in benefit.verified_by:
            phase, names = next((at, each) for at, each in enumerate(self.matter.names.obligations) if name in each)
            found[name] = self.verdict(phase, names.index(name))
        return found

    def breaches(self, holder: str, phases: Iterable[int]) -> Iterator[tuple[int, str]]:
        """Obligations of a holder that stand breached in some phases, and since when."""
        matter = self.matter
        if holder not in matter.names.parties:
            return
        party = matter.names.party(holder)
        for phase in phases:
            for index, each in enumerate(matter.terms.phases[phase].obligations):
                if each.obligor == party and self.verdict(phase, index) is Verdict.BREACHED:
                    yield self._found_at(phase, index), matter.names.obligations[phase][index]

    def _found_at(self, phase: int, obligation: int) -> int:
        """When a verdict was given: by somebody, else by silence, else at the settlement."""
        state, past = self.matter.state, self.matter.past
        if (phase, obligation) in past.spoken:
            return past.spoken[phase, obligation]
        if phase in past.settled:
            return past.settled[phase]
        return outcome.deadline(state, outcome.phase_at_hand(state, self.matter.terms).obligations[obligation])


def _at(matter: _Matter, now: int) -> _Moment:
    state, terms = matter.state, matter.terms
    if state.status is not Status.IN_FORCE:
        return _Moment(matter, now, None, state.verdicts)
    cut = outcome.cut_off(state, terms, now)
    count = len(outcome.phase_at_hand(state, terms).obligations)
    verdicts = tuple(outcome.verdict(state, terms, index, now, cut) for index in range(count))
    return _Moment(matter, now, cut, verdicts)


def _entitlement(at: _Moment, name: str, benefit: Benefit, holder: str) -> Entitlement:
    verdicts, span = at.confirming(benefit), _span(at, benefit, holder)
    account = at.matter.names.accounts.get(_known_as(at.matter.document, holder))
    rule = benefit.revocability
    return Entitlement(
        benefit=name,
        what=benefit.what,
        cluster=benefit.cluster,
        kind=benefit.kind,
        phase=benefit.phase,
        giver=benefit.from_,
        holder=holder,
        account=checksum(account) if account is not None else None,
        stands=span.stands,
        why=span.why,
        since=span.since,
        until=_until(at, benefit, holder) if span.stands == "holds" else span.until,
        confirmed=all(each is Verdict.MET for each in verdicts.values()),
        confirmations=tuple(
            Confirmation(each, None if found is Verdict.UNDECIDED else word(found)) for each, found in verdicts.items()
        ),
        levers=Levers.of(benefit),
        revocation=Revocation(rule.class_, rule.by, rule.notice, rule.grounds),
    )


def _known_as(document: Document, holder: str) -> str:
    """The name under which somebody has an account: an affected group has that of its standing."""
    group = document.affected_groups.get(holder)
    return group.standing if group is not None and group.standing is not None else holder


def _span(at: _Moment, benefit: Benefit, holder: str) -> _Span:
    matter = at.matter
    opened = [number for number in sorted(matter.past.opened) if benefit.phase in (None, matter.names.phases[number])]
    phases = [each for each in opened if matter.bound(benefit.from_, each) and matter.bound(holder, each)]
    if not phases:
        return _not_begun(at, benefit, holder, opened)
    since = matter.past.opened[phases[0]]
    if since > at.now:
        return _Span("not yet", "its phase has not opened yet", since)
    if benefit.revocability.class_ == "irrevocable" and all(
        each is Verdict.MET for each in at.confirming(benefit).values()
    ):
        return _Span("holds", "it was given, and cannot be taken back", since)
    ends = sorted(_ends(at, benefit, holder, phases), key=lambda end: end[0])
    if ends:
        return _Span("over", ends[0][1], since, ends[0][0])
    return _Span("holds", f"phase {matter.names.phases[matter.state.phase]} is at hand", since)


def _not_begun(at: _Moment, benefit: Benefit, holder: str, opened: Sequence[int]) -> _Span:
    matter = at.matter
    if matter.past.ended_at is not None:
        return _Span("over", f"{_OVER[matter.state.status]} before it began", None, matter.past.ended_at)
    if not matter.past.opened:
        return _Span("not yet", "the agreement is not in force", None)
    if not opened:
        return _Span("not yet", f"phase {benefit.phase} has not opened", None)
    absent = next(each for each in (benefit.from_, holder) if not matter.bound(each, opened[-1]))
    return _Span("not yet", f"{absent} is no member, and bound to nothing", None)


def _ends(at: _Moment, benefit: Benefit, holder: str, phases: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Everything that has ended a benefit by now: the last second at which it could hold, and what ended it."""
    matter, past = at.matter, at.matter.past
    yield from ((moment, f"{name} is breached") for moment, name in at.breaches(holder, phases))
    cut = at.cut if matter.state.status is Status.IN_FORCE else past.cut_off
    if cut is not None and matter.state.phase in phases:
        yield cut, "the phase is cut off"
    if at.now > matter.terms.longStop:
        yield matter.terms.longStop, "the long stop has passed"
    if past.ended_at is not None:
        yield past.ended_at, _OVER[matter.state.status]
    if benefit.phase is not None and phases[-1] in past.settled:
        yield past.settled[phases[-1]], f"phase {benefit.phase} is over"


def _until(at: _Moment, benefit: Benefit, holder: str) -> int | None:
    """The last second at which what holds now is sure to, if nobody does anything."""
    matter = at.matter
    ahead = sorted(each for each in outcome.turning_points(matter.state, matter.terms) if each >= at.now)
    return next((each for each in ahead if _span(_at(matter, each + 1), benefit, holder).stands != "holds"), None)
