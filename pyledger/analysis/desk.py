"""A deal being played in the settlement model, everybody acting as soon as it can.

Members pay in when something first happens in a phase, unless they are said to default; when nothing more happens,
silence decides what is left and the phase is settled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyledger.analysis.acts import Accept, Act, Book, Enter, Fund, Settle, TopUp, Unwind, Void, apply
from pyledger.analysis.courses import Fail, settle_promptly
from pyledger.document.problem import did_you_mean
from pyledger.errors import Refused
from pyledger.terms.facts import Facts, Moved, facts_of
from pyledger.terms.outcome import cut_off, deadline, defaults, end, given, phase_at_hand, verdict
from pyledger.terms.settlement import Move
from pyledger.terms.state import Flow, State, Status
from pyledger.terms.structs import Phase, Verdict

if TYPE_CHECKING:
    from pyledger.analysis.stand_ins import Deal

__all__ = ["Desk", "StepFails"]


class StepFails(Exception):
    """A step that cannot happen: why, what to do, and which key of which step (None: `absent`) it is about."""

    def __init__(
        self, message: str, hint: str | None = None, *, at: tuple[str, ...] = (), step: int | None = None
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.message, self.hint, self.at, self.step = message, hint, at, step


class Desk:
    """What has been played so far: `state`, `now` (Unix seconds), `acts`, and who gained what (`Book.places`).

    `told` is what became of each obligation (phase, number, verdict, value), `silent` those of them (phase, number)
    that nobody decided and that count as the document says of silence, `defaulters` who ended it by default.
    """

    def __init__(self, deal: Deal, absent: tuple[str, ...] = ()) -> None:
        self.deal, self.terms, self.names = deal, deal.terms, deal.names
        self.book = Book(deal.terms, _everybody(deal))
        self.state, self.now = State(), deal.start
        self.gained = list(self.book.nothing)
        self.acts: list[Act] = []
        self.flows: list[Flow] = []
        self.told: list[tuple[int, int, Verdict, int]] = []
        self.silent: set[tuple[int, int]] = set()
        self.defaulters: frozenset[int] = frozenset()
        self._moved: list[Moved] = []
        self._settled: dict[tuple[int, int], Verdict] = {}
        self._fails: dict[int, Fail] = {}
        self._paid_in = -1
        self._join(absent)

    # beginning and end

    def _join(self, absent: tuple[str, ...]) -> None:
        for name in absent:
            if name not in self.names.parties:
                raise StepFails(f"`{name}` is no party", did_you_mean(name, self.names.parties), at=("absent",))
        joining = [index for index, name in enumerate(self.names.parties) if name not in absent]
        for party in joining:
            self._do(Accept(self.now, party))
        if absent:
            self.now = self.terms.joinBy + 1
            enough = len(joining) >= max(self.terms.minParties, 1)
            self._do(Enter(self.now) if enough else Void(self.now))
        self._opened()

    def finish(self) -> None:
        """Silence decides what is left, phase by phase."""
        while self.state.status is Status.IN_FORCE:
            self.close()

    def close(self) -> None:
        """Silence decides what is left of the phase at hand, and it is settled."""
        self._pay_in()
        phase = phase_at_hand(self.state, self.terms)
        try:
            settled, move = settle_promptly(self.state, self.terms, self.now)
        except Refused:
            unwinding = Unwind(max(end(self.terms), self.now) + 1)
            self._tell(unwinding.at)
            self._do(unwinding)
            return
        self._tell(settled.at)
        self._record(phase, settled, move)
        self._opened()

    def _tell(self, now: int) -> None:
        """Keeps what has become of each obligation of the phase that is closed, with its value, and who defaulted."""
        cut = cut_off(self.state, self.terms, now)
        self.defaulters = defaults(self.state, self.terms, cut)
        for item in range(len(self._phase().obligations)):
            found = verdict(self.state, self.terms, item, now, cut)
            self.told.append((self.state.phase, item, found, self.state.attested.get(item, 0)))
            if given(self.state, self.terms, item).verdict is Verdict.UNDECIDED and self._waited_for(item, cut):
                self.silent.add((self.state.phase, item))

    def _waited_for(self, item: int, cut: int | None) -> bool:
        """Whether the time for an obligation of the phase at hand was up before the deal ended."""
        last = self.terms.longStop if cut is None else min(cut, self.terms.longStop)
        return deadline(self.state, self._phase().obligations[item]) <= last

    def _opened(self) -> None:
        if self.state.status is Status.IN_FORCE:
            self.now = max(self.now, self.state.opened_at)

    def facts(self) -> Facts:
        """What has become of the deal so far."""
        settled = self.state.status is not Status.UNWOUND or (self.state.phase, 0) in self._settled
        return facts_of(
            self.names,
            self.terms,
            self.state,
            moved=self._moved,
            settled=self._settled,
            defaults=self.defaulters if settled else (),
        )

    # what steps are made of

    def _phase(self) -> Phase:
        return phase_at_hand(self.state, self.terms)

    def _pay_in(self) -> None:
        """Who has not said that it will not, pays in; once in a phase."""
        if self._paid_in == self.state.phase:
            return
        self._paid_in, fails, state = self.state.phase, self._fails, self.state
        for party in sorted(state.short):
            if party not in fails or fails[party].tops_up:
                self._do(TopUp(self.now, party))
        paid = [
            index
            for index, payment in enumerate(self._phase().payments)
            if payment.payer in state.members and (payment.payer not in fails or fails[payment.payer].funds)
        ]
        if paid:
            self._do(Fund(self.now, tuple(paid)))

    def _do(self, act: Act) -> None:
        self._record(self._phase(), act, apply(self.state, self.terms, act))

    def _record(self, phase: Phase, act: Act, move: Move) -> None:
        self.acts.append(act)
        self.now = max(self.now, act.at)
        self.flows += move.flows
        self.gained = [*map(int.__add__, self.gained, self.book.entries(phase, act, move.flows))]
        self._moved += (self._movement(phase, act, flow) for flow in move.flows)
        if isinstance(act, Settle):
            self._settled |= {
                (number, item): found for number, item, found, _ in self.told if number == self.state.phase
            }
        self.state = move.state

    def _movement(self, phase: Phase, act: Act, flow: Flow) -> Moved:
        """What a flow moved: money that is paid in comes from a payment's payer, or from the party."""
        account = flow.to
        if flow.cause is None:
            payer = phase.payments[flow.item].payer if isinstance(act, Fund) else flow.item
            account = self.terms.parties[payer].account
        return Moved(self.state.phase, account, flow.asset, flow.amount, flow.cause, flow.item)


def _everybody(deal: Deal) -> list[tuple[bytes, bytes]]:
    """Whoever a dissolution may give something to, in the assets that there are."""
    people = [account for name, account in deal.names.accounts.items() if name != deal.names.court]
    assets = dict.fromkeys(asset for _, asset in Book(deal.terms).places)
    return [(account, asset) for account in dict.fromkeys(people) for asset in assets]
