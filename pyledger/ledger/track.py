"""What an account's past agreements show of it, and nothing that their events do not say.

An obligation counts where its account was a member as its phase opened, by the verdict that stood when the phase was
settled: kept, breached, or lapsed, which is nobody's fault and says nothing. Late is what was found kept only after its
time, within its grace: the events say when it was decided, not when it was done. One that was challenged, or conceded,
counts as that besides. Being named in somebody's terms is nothing an account has done, and counts for nothing.

How often an account keeps what it promises is estimated from kept and breached obligations alone, with the Wilson score
interval at 95 % (Wilson 1927, Journal of the American Statistical Association 22:209). It takes cases to be alike and
independent, which those between the same few parties are not: `counterparties` says how many there were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

from pyledger.chain.events import (
    Accepted,
    Challenged,
    Decided,
    Disclosed,
    Ended,
    Event,
    Extended,
    Opened,
    PhaseDisclosed,
    PhaseOpened,
    PhaseSettled,
)
from pyledger.terms.state import Status
from pyledger.terms.structs import Phase, Terms, Verdict

__all__ = ["AGES", "Duty", "Part", "Record", "Tally", "part", "record", "wilson"]

AGES: Final[tuple[int | None, ...]] = (90, 365, 3 * 365, None)
"""Ages that a record is told by: at most so many days since the phase opened, None for any."""

_DAY: Final = 86_400
_Z: Final = Decimal("1.959963984540054")
"""The standard normal quantile of 97.5 %."""


class Duty(NamedTuple):
    """One obligation of an account, and what became of it.

    `verdict` is that of the settlement, UNDECIDED where there was none. `stake` is what a breach forfeits of the bond,
    in the smallest unit of `asset`; `opened_at` when the phase opened (Unix seconds).
    """

    phase: int
    obligation: int
    verdict: Verdict
    late: bool
    disputed: bool
    conceded: bool
    asset: bytes
    stake: int
    opened_at: int


@dataclass(slots=True)
class Part:
    """An account's part in one agreement: whether it joined, and in how many phases it was in default of money."""

    agreement: bytes
    others: frozenset[bytes]
    status: Status = Status.OPEN
    joined: bool = False
    defaults: int = 0
    duties: list[Duty] = field(default_factory=list)


class Tally(NamedTuple):
    """Obligations by what became of them; late ones are among those kept, disputed and conceded ones among all."""

    kept: int = 0
    breached: int = 0
    lapsed: int = 0
    undecided: int = 0
    late: int = 0
    disputed: int = 0
    conceded: int = 0

    @property
    def decided(self) -> int:
        """The cases that say something: kept and breached."""
        return self.kept + self.breached


class Record(NamedTuple):
    """An account's track record.

    `named` counts agreements with it as a party, `joined` those that it joined, by how they stand. `by_asset` has for
    each asset the stakes of obligations that were kept and of those that were breached (smallest unit), `by_age` the
    tally of those of an age of AGES, each counted once.
    """

    named: int
    joined: dict[Status, int]
    counterparties: int
    defaults: int
    whole: Tally
    by_asset: dict[bytes, tuple[int, int]]
    by_age: list[tuple[int | None, Tally]]


def part(account: bytes, events: Iterable[Event], times: Mapping[int, int]) -> Part | None:
    """An account's part in the agreement of some events, in the order of the chain; None if it is no party of it.

    `times` are those of the events' blocks, in Unix seconds.
    """
    found: _Reading | None = None
    for event in events:
        if isinstance(event, Opened) and found is None:
            accounts = [party.account for party in event.terms.parties]
            if account not in accounts:
                return None
            own = Part(event.agreement, frozenset(accounts) - {account})
            found = _Reading(own, accounts.index(account), event.terms, list(event.disclosed))
        elif found is not None:
            found.take(event, times)
    return None if found is None else found.ended()


def record(parts: Iterable[Part], now: int) -> Record:
    """The record that an account's parts come to; `now` in Unix seconds."""
    every = list(parts)
    joined = [each for each in every if each.joined]
    duties = [duty for each in joined for duty in each.duties]
    states = sorted(each.status for each in joined)
    stakes: dict[bytes, tuple[int, int]] = {}
    for duty in duties:
        kept, breached = stakes.get(duty.asset, (0, 0))
        more = {Verdict.MET: (duty.stake, 0), Verdict.BREACHED: (0, duty.stake)}.get(duty.verdict)
        if more is not None:
            stakes[duty.asset] = (kept + more[0], breached + more[1])
    return Record(
        named=len(every),
        joined={state: states.count(state) for state in dict.fromkeys(states)},
        counterparties=len(frozenset[bytes]().union(*(each.others for each in joined))),
        defaults=sum(each.defaults for each in joined),
        whole=_tally(duties),
        by_asset=stakes,
        by_age=list(_by_age(duties, now)),
    )


def wilson(kept: int, decided: int) -> tuple[Decimal, Decimal] | None:
    """Between which shares (0 to 1) the true one lies, at 95 %; None where there is no case."""
    if not decided:
        return None
    with localcontext(prec=20):
        share, count, square = Decimal(kept) / decided, Decimal(decided), _Z * _Z
        middle = share + square / (2 * count)
        spread = _Z * (share * (1 - share) / count + square / (4 * count * count)).sqrt()
        whole = 1 + square / count
        low, high = (middle - spread) / whole, (middle + spread) / whole
    return max(low, Decimal(0)).quantize(Decimal("0.0001")), min(high, Decimal(1)).quantize(Decimal("0.0001"))


def _tally(duties: Sequence[Duty]) -> Tally:
    verdicts = [duty.verdict for duty in duties]
    return Tally(
        kept=verdicts.count(Verdict.MET),
        breached=verdicts.count(Verdict.BREACHED),
        lapsed=verdicts.count(Verdict.LAPSED),
        undecided=verdicts.count(Verdict.UNDECIDED),
        late=sum(duty.late for duty in duties),
        disputed=sum(duty.disputed for duty in duties),
        conceded=sum(duty.conceded for duty in duties),
    )


def _by_age(duties: Sequence[Duty], now: int) -> Iterable[tuple[int | None, Tally]]:
    ages: dict[int | None, list[Duty]] = {days: [] for days in AGES}
    for duty in duties:
        ages[next(days for days in AGES if days is None or now - duty.opened_at <= days * _DAY)].append(duty)
    return ((days, _tally(own)) for days, own in ages.items())


@dataclass(slots=True)
class _Reading:
    """One agreement's events as they are read: `open` are the account's obligations of the phase at hand."""

    own: Part
    party: int
    terms: Terms
    phases: list[Phase]
    open: dict[int, Duty] = field(default_factory=dict)
    within: dict[int, int] = field(default_factory=dict)

    def take(self, event: Event, times: Mapping[int, int]) -> None:
        match event:
            case Accepted(party=self.party):
                self.own.joined = True
            case PhaseDisclosed(phase=phase) if phase == len(self.phases):
                self.phases.append(event.content)
            case Disclosed():
                self.phases += event.disclosed[len(self.phases) :]
            case PhaseOpened():
                self._close(None)
                self._begin(event)
            case Extended(payment=False) if event.index in self.open:
                self.within[event.index] = event.to
            case Challenged() if event.obligation in self.open:
                self._mark(event.obligation, disputed=True)
            case Decided() if event.obligation in self.open:
                due = self.open[event.obligation].opened_at + self.within[event.obligation]
                late = event.verdict is Verdict.MET and times[event.origin.block] > due
                self._mark(event.obligation, late=late, conceded=event.conceded)
            case PhaseSettled():
                self.own.defaults += self.party in event.defaults
                self._close(event)
            case Ended():
                self.own.status = event.status

    def ended(self) -> Part:
        """The part, with what is open still."""
        self._close(None)
        return self.own

    def _begin(self, event: PhaseOpened) -> None:
        self.own.status = Status.IN_FORCE
        if event.phase >= len(self.phases) or self.party not in event.members:
            return
        phase, party = self.phases[event.phase], self.terms.parties[self.party]
        bond = phase.bonds[self.party] if phase.bonds else party.bond
        for index, each in enumerate(phase.obligations):
            if each.obligor == self.party:
                stake = bond * each.forfeitBps // 10_000
                self.within[index] = each.within
                self.open[index] = Duty(
                    event.phase, index, Verdict.UNDECIDED, False, False, False, party.asset, stake, event.opened_at
                )

    def _mark(self, obligation: int, **changed: Any) -> None:
        self.open[obligation] = self.open[obligation]._replace(**changed)

    def _close(self, settled: PhaseSettled | None) -> None:
        for index, duty in self.open.items():
            verdict = settled.verdict(index) if settled else Verdict.UNDECIDED
            late = duty.late and verdict is Verdict.MET
            self.own.duties.append(duty._replace(verdict=verdict, late=late))
        self.open, self.within = {}, {}
