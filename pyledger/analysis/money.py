"""What a phase pays to whom by its verdicts, from the settlement model itself: exact, in each asset's smallest unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyledger.analysis.stand_ins import deal_of
from pyledger.document import Document
from pyledger.terms.names import Names
from pyledger.terms.outcome import bonds, forfeitures, has_court, split
from pyledger.terms.settlement import settle
from pyledger.terms.state import Contest, Flow, State, Status
from pyledger.terms.structs import OUTSIDE, Terms, Verdict

__all__ = ["Ledger", "Payoffs", "payoffs"]

_START = 1_800_000_000
"""When a phase opens that has no date; nothing that is paid depends on it."""

Ledger = Mapping[tuple[str, str], int]
"""By (name, asset's name): how much richer somebody is after than before, in the asset's smallest unit."""


@dataclass(frozen=True, slots=True)
class Payoffs:
    """A document compiled with stand-ins for addresses, so that it can be settled before anybody signs it."""

    document: Document
    terms: Terms
    names: Names

    def outcome(self, phase: int, verdicts: Sequence[Verdict], values: Mapping[int, int] | None = None) -> Ledger:
        """What settling a phase changes, all payments funded and all bonds at their level when it opens.

        `verdicts` are one for each obligation, `values` those attested, by obligation. A bond's moving to the level of
        the next phase changes nobody's wealth: it is still theirs.
        """
        state = self._decided(phase, verdicts, values or {})
        after = settle(state, self.terms, now=state.opened_at + 1)
        return self._wealth(state, after.state, after.flows)

    def default(self, phase: int, party: int) -> Ledger:
        """What a party loses, and others gain, if it does not pay in for a phase; nothing is funded by then."""
        lost = forfeitures(State(phase=phase), self.terms, (), (party,))[party]
        found: dict[tuple[str, str], int] = {}
        if lost:
            asset = self._asset(self.terms.parties[party].asset)
            self._add(found, self.names.parties[party], asset, -lost)
            for to, part in split(self.terms.parties[party].forfeiture, lost):
                self._add(found, self._who(to), asset, part)
        return found

    def _decided(self, phase: int, verdicts: Sequence[Verdict], values: Mapping[int, int]) -> State:
        subject = self.terms.phases[phase]
        opened = max(subject.notBefore, _START)
        fatal = any(
            each.material and given is Verdict.BREACHED
            for each, given in zip(subject.obligations, verdicts, strict=True)
        )
        court = has_court(self.terms)
        return State(
            status=Status.IN_FORCE,
            phase=phase,
            members=frozenset(range(len(self.terms.parties))),
            opened_at=opened,
            verdicts=(*verdicts, *State().verdicts[len(verdicts) :]),
            funded=frozenset(range(len(subject.payments))),
            attested={index: value for index, value in values.items() if value},
            cut_off=opened if fatal and not court else 0,
            contests={index: Contest(opened, 0, opened) for index in range(len(verdicts))} if court else {},
        )

    def _wealth(self, before: State, after: State, flows: Sequence[Flow]) -> Ledger:
        found: dict[tuple[str, str], int] = {}
        for payment in self.terms.phases[before.phase].payments:
            self._add(found, self.names.parties[payment.payer], self._asset(payment.asset), -payment.amount)
        for flow in flows:
            self._add(found, self._who(flow.to), self._asset(flow.asset), flow.amount)
        held = zip(bonds(before, self.terms), bonds(after, self.terms), strict=True)
        for index, (then, now) in enumerate(held):
            asset = self.terms.parties[index].asset
            if now != then:
                self._add(found, self.names.parties[index], self._asset(asset), now - then)
        return {key: amount for key, amount in found.items() if amount}

    def _who(self, account: bytes) -> str:
        return self.names.who(account) or "0x" + account.hex()

    def _asset(self, asset: bytes) -> str:
        return self.names.what(asset) or ""

    @staticmethod
    def _add(found: dict[tuple[str, str], int], who: str, asset: str, amount: int) -> None:
        found[who, asset] = found.get((who, asset), 0) + amount

    def verdicts(self, phase: int, *, breached_by: int | None = None) -> tuple[Verdict, ...]:
        """Everything met in a phase, or everything but what one party owes, which is breached."""
        return tuple(
            Verdict.BREACHED if breached_by is not None and each.obligor == breached_by != OUTSIDE else Verdict.MET
            for each in self.terms.phases[phase].obligations
        )


def payoffs(document: Document) -> Payoffs:
    """What a document pays, before anybody has bound it to addresses."""
    deal = deal_of(document)
    return Payoffs(document, deal.terms, deal.names)
