"""The settlement model against the contracts on a node: the same histories, to the last unit.

After every move of a random history everything that the contract stores, every balance and every refusal must be what
the model says. `PYLEDGER_HISTORIES` sets how many histories are played.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from pyledger.chain.anvil import Anvil
from pyledger.errors import Refused
from pyledger.terms import settlement
from pyledger.terms.outcome import end, given
from pyledger.terms.state import Split, Status
from pyledger.terms.structs import NATIVE, Share, Verdict
from tests.terms.history import History
from tests.terms.player import NEVER, STANDING, STRANGER, Player
from tests.terms.strategies import PUBLIC_FUND, VALUES, VERDICTS, deals, shares

HISTORIES = int(os.environ.get("PYLEDGER_HISTORIES", "300"))
STEPS = 24

_player: list[Player] = []


def in_force(machine: Histories) -> bool:
    return machine.play.state.status is Status.IN_FORCE


def is_open(machine: Histories) -> bool:
    return machine.play.state.status is Status.OPEN


class Histories(RuleBasedStateMachine):
    """Random moves at random times; some rules play what random moves seldom come to."""

    play: History

    @initialize(data=st.data(), tick=st.sampled_from([0, 1, 1, 3]), joins=st.sampled_from(["all", "all", "some", "-"]))
    def open(self, data: st.DataObject, tick: int, joins: str) -> None:
        terms = data.draw(deals(_player[0]))
        self.play = History(_player[0], terms, tick)
        if data.draw(st.sampled_from([False, False, True])):
            payments = data.draw(st.sets(st.integers(0, len(terms.phases[0].payments)), max_size=2))
            launched = self.play.launch(data.draw(st.integers(0, len(terms.parties))), payments, 5)
        else:
            launched = False
        if not launched:
            self.play.open()
        for party in range(len(terms.parties)) if joins == "all" else ():
            if party not in self.play.state.members:
                self.play.accept(party)
        if joins == "some":
            for party in sorted(data.draw(st.sets(st.integers(0, len(terms.parties) - 1), min_size=1))):
                self.play.accept(party)
            if is_open(self):
                self.play.now = max(self.play.now, terms.joinBy + data.draw(st.sampled_from([1, 1, 0])))
                self.play.enter()

    # joining

    @rule(party=st.integers(0, 5))
    @precondition(lambda self: is_open(self) or self.play.terms.accession)
    def accept(self, party: int) -> None:
        self.play.accept(party)

    @rule(data=st.data())
    @precondition(lambda self: in_force(self) and self.play.terms.accession and self.absent())
    def accede(self, data: st.DataObject) -> None:
        self.play.accept(data.draw(st.sampled_from(sorted(self.absent()))))

    def absent(self) -> set[int]:
        return set(range(len(self.play.terms.parties))) - self.play.state.members - self.play.state.joining

    @rule()
    @precondition(is_open)
    def enter(self) -> None:
        self.play.enter()

    @rule()
    @precondition(is_open)
    def void(self) -> None:
        self.play.void()

    # paying in

    @rule(data=st.data())
    @precondition(in_force)
    def fund(self, data: st.DataObject) -> None:
        self.play.fund(data.draw(st.sets(st.integers(0, len(self.play.phase.payments)), max_size=4)))

    @rule(data=st.data())
    @precondition(lambda self: in_force(self) and self.play.unfunded())
    def fund_what_is_missing(self, data: st.DataObject) -> None:
        self.play.fund(data.draw(st.sets(st.sampled_from(sorted(self.play.unfunded())), min_size=1)))

    @rule(data=st.data())
    @precondition(in_force)
    def top_up(self, data: st.DataObject) -> None:
        self.play.top_up(data.draw(st.sampled_from(sorted(self.play.state.short) or [0])))

    # deciding

    @rule(data=st.data(), value=st.sampled_from([0, 0, 7]))
    @precondition(in_force)
    def attest(self, data: st.DataObject, value: int) -> None:
        obligation = data.draw(st.integers(0, len(self.play.phase.obligations)))
        verdict = data.draw(st.sampled_from((*VERDICTS, Verdict.UNDECIDED)))
        count = len(self.play.seats(obligation))
        seats = data.draw(st.lists(st.integers(0, count), max_size=4, unique=True))
        pay = data.draw(st.sampled_from([set(), self.play.hanging_on(obligation)]))
        self.play.attest(obligation, verdict, value, seats, pay)

    @rule(data=st.data())
    @precondition(in_force)
    def attest_by_all(self, data: st.DataObject) -> None:
        undecided = [
            index
            for index in range(len(self.play.phase.obligations))
            if given(self.play.state, self.play.terms, index).verdict is Verdict.UNDECIDED
        ]
        obligation = data.draw(st.sampled_from(undecided or [0]))
        self._attest(data, obligation, data.draw(st.sampled_from(VERDICTS)))

    def _attest(self, data: st.DataObject, obligation: int, verdict: Verdict) -> None:
        pay = data.draw(st.sampled_from([set(), set(), self.play.hanging_on(obligation)]))
        self.play.attest(obligation, verdict, data.draw(st.sampled_from(VALUES)), self.play.seats(obligation), pay)

    @rule(data=st.data())
    @precondition(in_force)
    def concede(self, data: st.DataObject) -> None:
        self.play.concede(data.draw(st.integers(0, len(self.play.phase.obligations))))

    @rule(data=st.data(), surplus=st.sampled_from([0, 4]))
    @precondition(in_force)
    def challenge(self, data: st.DataObject, surplus: int) -> None:
        """Anybody contests anything, at any time or in the last second of a window."""
        state, terms = self.play.state, self.play.terms
        beyond = len(self.play.phase.obligations)
        obligation = data.draw(st.sampled_from([*self.play.decided() * 3, beyond, 0]))
        accounts = [party.account for party in terms.parties]
        by = data.draw(st.sampled_from([*accounts, *accounts, *STANDING, STRANGER, terms.panels[0].seats[0].verifier]))
        dispute = data.draw(st.sampled_from([len(state.hearings), len(state.hearings), len(state.hearings), 0]))
        last = given(state, terms, obligation).final_at if obligation < beyond else 0
        if last > self.play.now and data.draw(st.booleans()):
            self.play.now = last + data.draw(st.sampled_from([0, 0, 1]))
        self.play.challenge(obligation, by, dispute, surplus)

    @rule(data=st.data(), ruling=st.integers(0, 4))
    @precondition(lambda self: self.play.state.hearings)
    def rule_on_it(self, data: st.DataObject, ruling: int) -> None:
        hearings = self.play.state.hearings
        dispute = data.draw(st.sampled_from([*hearings, *hearings, len(hearings)]))
        if dispute in hearings and hearings[dispute].until > self.play.now and data.draw(st.booleans()):
            self.play.now = hearings[dispute].until + data.draw(st.sampled_from([0, 0, 1]))
        self.play.rule(dispute, ruling)

    @rule(data=st.data())
    def comment(self, data: st.DataObject) -> None:
        terms = self.play.terms
        seats = [seat.verifier for panel in terms.panels for seat in panel.seats]
        self.play.comment(data.draw(st.sampled_from([terms.parties[-1].account, *STANDING, STRANGER, *seats[:2]])))

    # closing

    @rule(data=st.data())
    @precondition(in_force)
    def release(self, data: st.DataObject) -> None:
        likely = st.sets(st.sampled_from(sorted(self.play.state.funded - self.play.state.paid) or [0]))
        anything = st.sets(st.integers(0, len(self.play.phase.payments)), max_size=3)
        self.play.release(data.draw(st.one_of(likely, anything)))

    @rule()
    @precondition(in_force)
    def settle(self) -> None:
        self.play.settle()

    @rule(offset=st.sampled_from([0, 0, 0, -1]))
    @precondition(in_force)
    def settle_as_soon_as_possible(self, offset: int) -> None:
        """Nobody does anything until the phase can be settled."""
        for moment in [self.play.now, *self.play.moments()]:
            try:
                settlement.settle(self.play.state, self.play.terms, now=moment)
            except Refused:
                continue
            self.play.now = max(self.play.now, moment + offset)
            self.play.settle()
            return

    @rule(data=st.data())
    @precondition(in_force)
    def play_the_phase(self, data: st.DataObject) -> None:
        """Everybody pays, and every obligation is decided or left to silence."""
        self.play.now = max(self.play.now, self.play.state.opened_at)
        for party in sorted(self.play.state.short):
            self.play.top_up(party)
        self.play.fund(self.play.unfunded())
        for index, obligation in enumerate(self.play.phase.obligations):
            options = [Verdict.UNDECIDED, Verdict.BREACHED]
            if obligation.presumption != Verdict.MET:
                options += [Verdict.MET, Verdict.MET, Verdict.MET, Verdict.LAPSED]
            verdict = data.draw(st.sampled_from(options))
            if verdict is not Verdict.UNDECIDED:
                self._attest(data, index, verdict)

    @rule(offset=st.integers(0, 1))
    @precondition(lambda self: in_force(self) and self.play.now > self.play.terms.longStop - 50)
    def unwind(self, offset: int) -> None:
        self.play.now = max(self.play.now, end(self.play.terms) + offset)
        self.play.unwind()

    @rule(data=st.data())
    @precondition(in_force)
    def dissolve(self, data: st.DataObject) -> None:
        """Seldom well formed and complete, as that ends it."""
        assets = sorted({NATIVE, *self.play.player.tokens})
        to = [PUBLIC_FUND, self.play.terms.parties[0].account, self.play.terms.parties[-1].account]
        if data.draw(st.sampled_from([True, False, False])):
            assets = data.draw(st.lists(st.sampled_from(assets), max_size=2))
        splits = [Split(asset, data.draw(shares(to))) for asset in assets]
        if splits and data.draw(st.sampled_from([True, False, False])):
            first = data.draw(st.sampled_from([(), (Share(to[0], 9_999),), (Share(bytes(20), 10_000),)]))
            splits[0] = splits[0]._replace(shares=first)
        self.play.dissolve(splits, data.draw(st.sampled_from([NEVER, self.play.now, self.play.now - 1])))

    @rule(data=st.data(), payment=st.booleans(), more=st.sampled_from([10, 10, 1, 0, 2**31]))
    @precondition(in_force)
    def extend(self, data: st.DataObject, payment: bool, more: int) -> None:
        phase = self.play.phase
        times = [each.due for each in phase.payments] if payment else [each.within for each in phase.obligations]
        index = data.draw(st.integers(0, len(times)))
        to = (times[index] if index < len(times) else 0) + more
        self.play.extend(
            payment, index, to, data.draw(st.sampled_from([NEVER, NEVER, self.play.now, self.play.now - 1]))
        )

    @rule(data=st.data())
    @precondition(lambda self: not is_open(self))
    def act_out_of_turn(self, data: st.DataObject) -> None:
        """What asks for an agreement that is open, or in force, is refused before and after."""
        play = self.play
        account = play.terms.parties[0].account
        moves: dict[str, Callable[[], None]] = {
            "void": play.void, "enter": play.enter, "withdraw": lambda: play.withdraw_nothing(account),
        }  # fmt: skip
        if not in_force(self):
            moves |= {
                "accept": lambda: play.accept(0), "settle": play.settle, "unwind": play.unwind,
                "fund": lambda: play.fund(()), "top up": lambda: play.top_up(0), "release": lambda: play.release({0}),
                "challenge": lambda: play.challenge(0, account, 99, 0), "dissolve": lambda: play.dissolve([]),
                "extend": lambda: play.extend(False, 0, 10), "concede": lambda: play.concede(0),
            }  # fmt: skip
        moves[data.draw(st.sampled_from(sorted(moves)))]()

    @rule(delivered=st.booleans())
    @precondition(lambda self: self.play.state.credits)
    def withdraw(self, delivered: bool) -> None:
        self.play.withdraw(delivered=delivered)

    # time

    @rule(seconds=st.integers(1, 8))
    def wait(self, seconds: int) -> None:
        self.play.now += seconds

    @rule(data=st.data())
    def wait_for_a_moment(self, data: st.DataObject) -> None:
        ahead = self.play.moments()
        if ahead:
            self.play.now = data.draw(st.sampled_from(ahead[:6]))


def test_model_and_contract_agree() -> None:
    with Anvil(timestamp=1_800_000_000) as node, closing(Player(node.url)) as player:
        _player.append(player)
        try:
            run_state_machine_as_test(
                Histories,
                settings=settings(
                    max_examples=HISTORIES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    print_blob=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            _player.clear()
