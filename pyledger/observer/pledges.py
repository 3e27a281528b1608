"""Pledges: agreements with one party. What each promises, how it is measured, and what has become of it.

A pledge binds by being seen. The register shows for every promise what was promised, the number it is measured by, what
will show it, when it is reviewed and by whom, and what the events say of it; nothing is inferred beyond them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from pyledger.document.model import Obligation
from pyledger.ledger.events import Attested, Decided, PhaseSettled, Ruled
from pyledger.ledger.past import Past, past
from pyledger.observer.reading import Reading
from pyledger.observer.shapes import Measured, Money
from pyledger.terms import outcome
from pyledger.terms.addresses import checksum
from pyledger.terms.state import Status
from pyledger.terms.structs import OUTSIDE, Verdict

__all__ = ["Pledge", "Progress", "Promise", "PromiseStatus", "pledge_of", "progress"]

PromiseStatus = Literal["kept", "missed", "lapsed", "open", "overdue", "defaulted", "withdrawn"]
"""What a promise can be: found kept, found broken, ended without anybody's fault; not decided yet, before or after its
review date; cut off before it was decided, as its maker did not pay in what was due; or given up before it was decided,
as the pledge was ended or never came into force."""

_BY_VERDICT: Final[dict[Verdict, PromiseStatus]] = {
    Verdict.MET: "kept",
    Verdict.BREACHED: "missed",
    Verdict.LAPSED: "lapsed",
}


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of a pledge.

    `review_by` is when it is due (Unix seconds; None before its phase opens); `target` and
    `attested` are what it is measured by, `evidence` is what is to show it, `shown` the hashes of what was. `by_number`
    is what the number that was signed says by the document's target, whatever was signed with it.
    """

    name: str
    what: str
    metric: str | None
    target: Measured | None
    attested: Measured | None
    evidence: str | None
    shown: tuple[str, ...]
    review_by: int | None
    referees: tuple[str, ...]
    status: PromiseStatus
    by_number: Literal["kept", "missed"] | None


@dataclass(frozen=True, slots=True)
class Pledge:
    """An agreement with one party; `deposit` is what it can lose, or could before it ended; None for nothing.

    `undisclosed` is how many phases there are of which only the maker knows what they promise.
    """

    agreement: str
    title: str
    maker: str
    account: str
    document: str
    state: str
    deposit: Money | None
    undisclosed: int
    promises: tuple[Promise, ...]


class Progress(NamedTuple):
    """How far pledges have come up a ladder: promises kept, and accounts that have kept one."""

    kept: int
    makers: int


def pledge_of(found: Reading) -> Pledge | None:
    """The pledge that an agreement is; None where more than one party is named."""
    if len(found.standing.terms.parties) != 1:
        return None
    view = found.view
    (party,) = view.parties
    return Pledge(
        agreement=view.agreement,
        title=view.title,
        maker=party.label,
        account=checksum(found.standing.terms.parties[0].account),
        document=view.document,
        state=view.state,
        deposit=_deposit(found) if party.bond else None,
        undisclosed=len(view.undisclosed),
        promises=tuple(_promises(found)),
    )


def _deposit(found: Reading) -> Money:
    state, terms = found.standing.state, found.named.terms
    asked = terms.parties[0].bond
    if state.status is not Status.OPEN:
        asked = outcome.level(terms, outcome.phase_at_hand(state, terms), 0)
    return found.reader.money(terms.parties[0].asset, asked)


def progress(pledges: Iterable[Pledge]) -> Progress:
    """How many promises are kept, and by how many makers; what its own number says was missed does not count."""
    kept = [
        pledge.account
        for pledge in pledges
        for promise in pledge.promises
        if promise.status == "kept" and promise.by_number != "missed"
    ]
    return Progress(len(kept), len(set(kept)))


def _promises(found: Reading) -> Iterator[Promise]:
    gone = past(found.standing.events, found.standing.times)
    for phase, each in enumerate(found.named.terms.phases):
        for index, obligation in enumerate(each.obligations):
            if obligation.obligor != OUTSIDE:
                yield _promise(found, gone, phase, index)


def _promise(found: Reading, gone: Past, phase: int, index: int) -> Promise:
    terms, names, reader = found.named.terms, found.named.names, found.reader
    obligation, name = terms.phases[phase].obligations[index], names.obligations[phase][index]
    said = reader.document.phases[phase].obligations[name] if reader.document else None
    value, measure = said.value if said else None, reader.measure(phase, index)
    opened = gone.opened.get(phase)
    review_by = opened + obligation.within if opened is not None else None
    target = measure.integer(value.target) if measure and value and value.target is not None else None
    status = _status(found, gone, phase, index, review_by)
    attested = _attested(found, phase, index) if status in ("kept", "missed") else None
    return Promise(
        name=name,
        what=reader.what(phase, index),
        metric=value.what if value else None,
        target=None if target is None else reader.measured(phase, index, target),
        attested=reader.measured(phase, index, attested) if measure and attested is not None else None,
        evidence=said.evidence if said else None,
        shown=_shown(found, phase, index),
        review_by=review_by,
        referees=tuple(dict.fromkeys(names.seats[obligation.panel])),
        status=status,
        by_number=_by_number(said, target, attested) if attested or status == "kept" else None,
    )


def _by_number(said: Obligation | None, target: int | None, attested: int | None) -> Literal["kept", "missed"] | None:
    """What a number says: of a breach a 0 says nothing, as who finds one need not sign a number."""
    if target is None or attested is None:
        return None
    bad = said is not None and said.value is not None and said.value.counts == "bad"
    return "kept" if (attested <= target if bad else attested >= target) else "missed"


def _status(found: Reading, gone: Past, phase: int, index: int, review_by: int | None) -> PromiseStatus:
    state, verdict = found.standing.state, _final(found, gone, phase, index)
    if verdict is Verdict.LAPSED and (phase, index) not in gone.spoken and _in_default(found):
        verdict = None
    if verdict is not None:
        return _BY_VERDICT[verdict]
    if _in_default(found):
        return "defaulted"
    if state.status not in (Status.OPEN, Status.IN_FORCE):
        return "withdrawn"
    return "overdue" if review_by is not None and review_by < found.now else "open"


def _final(found: Reading, gone: Past, phase: int, index: int) -> Verdict | None:
    """The verdict that nothing can change any more, if there is one."""
    state, at_hand = found.standing.state, found.view.phase
    if (verdict := gone.verdicts.get((phase, index))) is not None:
        return verdict
    if state.status is Status.IN_FORCE and phase == state.phase and at_hand is not None:
        seen = next(each for each in at_hand.obligations if each.name == found.named.names.obligations[phase][index])
        if seen.stage == "final" and seen.verdict is not None:
            return Verdict[seen.verdict.upper()]
    return None


def _in_default(found: Reading) -> bool:
    """Whether the maker has not paid in what was due, which ends the whole pledge."""
    state, terms = found.standing.state, found.named.terms
    if any(isinstance(each, PhaseSettled) and each.defaults for each in found.standing.events):
        return True
    if state.status is not Status.IN_FORCE:
        return False
    return bool(outcome.defaults(state, terms, outcome.cut_off(state, terms, found.now)))


def _attested(found: Reading, phase: int, index: int) -> int | None:
    """The number that was signed with the verdict, as long as no court has put another verdict in its place."""
    told = (each for each in found.standing.events if isinstance(each, Decided | Ruled))
    last = next((each for each in reversed([*told]) if (each.phase, each.obligation) == (phase, index)), None)
    return last.value if isinstance(last, Decided) else None


def _shown(found: Reading, phase: int, index: int) -> tuple[str, ...]:
    told = (each for each in found.standing.events if isinstance(each, Attested))
    hashes = (each.evidence for each in told if (each.phase, each.obligation) == (phase, index) and any(each.evidence))
    return tuple(dict.fromkeys("0x" + each.hex() for each in hashes))
