"""The settlement model against the contract on a node: the same histories, to the last unit.

After every step of a random history the contract's whole state, every balance and every refusal must be what the model
says. `PYLEDGER_HISTORIES` sets how many histories are played.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import closing
from itertools import count, pairwise
from typing import Any

from eth_hash.auto import keccak
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pyledger.chain.anvil import Anvil
from pyledger.errors import Refused
from pyledger.terms import settlement
from pyledger.terms.outcome import deadline, end, level
from pyledger.terms.settlement import Move
from pyledger.terms.state import Flow, State, Status
from pyledger.terms.structs import (
    NATIVE,
    OUTSIDE,
    Obligation,
    Panel,
    Party,
    Payment,
    Phase,
    Seat,
    Share,
    Terms,
    Verdict,
)
from pyledger.terms.typed_data import agenda
from tests.terms.player import WALL, Game, Player, owed, predicted, refusal

HISTORIES = int(os.environ.get("PYLEDGER_HISTORIES", "300"))
STEPS = 24
PUBLIC_FUND = bytes.fromhex("00000000000000000000000000000000000fe3d5")
VERDICTS = (Verdict.MET, Verdict.BREACHED, Verdict.LAPSED)

_player: list[Player] = []
_serial = count()


def unreachable(to: bytes, asset: bytes) -> bool:
    return to == WALL and asset == NATIVE


@st.composite
def shares(draw: st.DrawFn, recipients: list[bytes]) -> tuple[Share, ...]:
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=3)))
    bounds = [0, *cuts, 10_000]
    sizes = [high - low for low, high in pairwise(bounds)]
    return tuple(Share(draw(st.sampled_from(recipients)), size) for size in sizes)


@st.composite
def panels(draw: st.DrawFn, verifiers: list[bytes]) -> Panel:
    seats = draw(st.lists(st.sampled_from(verifiers), min_size=1, max_size=4, unique=True))
    chambers = draw(st.integers(0, 2))
    placed = tuple(Seat(seat, draw(st.integers(0, max(chambers - 1, 0)))) for seat in seats)
    sizes = [sum(seat.chamber == chamber for seat in placed) for chamber in range(chambers)]
    quotas = tuple(draw(st.integers(0, size)) for size in sizes)
    return Panel(draw(st.integers(1, len(seats))), quotas, placed)


@st.composite
def phases(draw: st.DrawFn, parties: int, panel_count: int, start: int, assets: list[bytes], to: list[bytes]) -> Phase:
    def obligation() -> Obligation:
        obligor = draw(st.sampled_from([*range(parties), OUTSIDE]))
        return Obligation(
            obligor=obligor,
            panel=draw(st.integers(0, panel_count - 1)),
            presumption=draw(st.sampled_from(VERDICTS)),
            material=draw(st.sampled_from([False, False, True])),
            within=draw(st.sampled_from([60, 75, 90, 120, 150, 0])),
            grace=draw(st.integers(0, 20)),
            forfeitBps=0 if obligor == OUTSIDE else draw(st.sampled_from([0, 1, 3_333, 5_000, 10_000])),
        )

    obligations = tuple(obligation() for _ in range(draw(st.integers(1, 3))))

    def payment() -> Payment:
        on = draw(st.integers(0, len(obligations) - 1))
        return Payment(
            payer=draw(st.integers(0, parties - 1)),
            obligation=on,
            on=draw(st.sampled_from([2, 2, 4, 8, 6, 10, 14])),
            asset=draw(st.sampled_from(assets)),
            amount=draw(st.integers(1, 1_000)),
            due=draw(st.sampled_from([3, 2, 1])) * (obligations[on].within + obligations[on].grace) // 3,
            payees=draw(shares(to)),
            tiers=(),
        )

    return Phase(
        salt=bytes(32),
        notBefore=draw(st.sampled_from([0, 0, 0, start + 90])),
        bonds=draw(st.sampled_from([(), tuple(draw(st.integers(0, 1_500)) for _ in range(parties))])),
        obligations=obligations,
        payments=tuple(payment() for _ in range(draw(st.integers(0, 3)))),
    )


@st.composite
def deals(draw: st.DrawFn) -> Terms:
    player = _player[0]
    start = player.start
    assets = [NATIVE, *player.tokens]
    accounts = [key.address for key in player.parties][: draw(st.integers(1, 5))]
    to = [*accounts, WALL, PUBLIC_FUND]
    panel_list = tuple(draw(panels([key.address for key in player.seats])) for _ in range(draw(st.integers(1, 2))))
    return Terms(
        document=keccak(str(next(_serial)).encode()),
        predecessor=bytes(20),
        joinBy=start + 30,
        longStop=start + draw(st.sampled_from([100, 400, 2_000, 2_000])),
        minParties=len(accounts),
        accession=False,
        challengeWindow=0,
        rulingWindow=0,
        topUpWithin=draw(st.sampled_from([0, 20, 60])),
        defaultForfeitBps=draw(st.sampled_from([0, 2_500, 10_000])),
        arbitrator=bytes(20),
        arbitratorData=b"",
        parties=tuple(
            Party(account, draw(st.sampled_from(assets)), draw(st.integers(0, 1_000)), draw(shares(to)))
            for account in accounts
        ),
        panels=panel_list,
        standing=(),
        phases=tuple(
            draw(phases(len(accounts), len(panel_list), start, assets, to)) for _ in range(draw(st.integers(1, 4)))
        ),
    )


class Histories(RuleBasedStateMachine):
    @initialize(terms=deals(), joins=st.sampled_from([True, True, True, True, False]))
    def open(self, terms: Terms, joins: bool) -> None:
        player = _player[0]
        player.rewind()
        self.terms = terms
        self.now = player.start
        self.state = State()
        self.gained: dict[tuple[bytes, bytes], int] = {}
        self.game = Game(player, terms, self.now)
        self.now += 3
        for party in range(len(terms.parties)) if joins else ():
            self._accept(party)

    # moves

    def _move(self, model: Callable[[], Move], name: str, *values: Any, sender: bytes = b"", value: int = 0) -> None:
        expected = ""
        flows: tuple[Flow, ...] = ()
        before = self.state
        try:
            self.state, flows = model()
        except Refused as error:
            expected = refusal(error)
        actual = self.game.play(before, name, *values, now=self.now, sender=sender, value=value)
        assert actual == expected, f"{name}{values} at {self.now}"
        self.now += 1
        for flow in flows:
            self._gain(self.game.address, flow.asset, -flow.amount if flow.to and not flow.credited else 0)
            if not flow.to:
                self._gain(self.game.address, flow.asset, flow.amount)
            elif not flow.credited:
                self._gain(flow.to, flow.asset, flow.amount)

    def _gain(self, account: bytes, asset: bytes, amount: int) -> None:
        self.gained[account, asset] = self.gained.get((account, asset), 0) + amount

    def _accept(self, party: int) -> None:
        known = party < len(self.terms.parties)
        bond = self.terms.parties[party].bond if known and self.terms.parties[party].asset == NATIVE else 0
        signature = self.game.acceptance(party) if known else b""
        self._move(
            lambda: settlement.accept(self.state, self.terms, party=party, now=self.now, unreachable=unreachable),
            "accept", party, signature, value=bond,
        )  # fmt: skip

    @property
    def phase(self) -> Phase:
        return self.terms.phases[self.state.phase]

    @rule(party=st.integers(0, 5))
    @precondition(lambda self: self.state.status is Status.OPEN)
    def accept(self, party: int) -> None:
        self._accept(party)

    @rule(data=st.data())
    @precondition(lambda self: self.state.status is Status.IN_FORCE)
    def fund(self, data: st.DataObject) -> None:
        payments = data.draw(st.sets(st.integers(0, len(self.phase.payments)), max_size=4))
        self._fund(payments)

    @rule(data=st.data())
    @precondition(lambda self: self.state.status is Status.IN_FORCE and self._unfunded())
    def fund_what_is_missing(self, data: st.DataObject) -> None:
        self._fund(data.draw(st.sets(st.sampled_from(sorted(self._unfunded())), min_size=1)))

    def _unfunded(self) -> frozenset[int]:
        return frozenset(range(len(self.phase.payments))) - self.state.funded

    def _fund(self, payments: Collection[int]) -> None:
        coin = sum(
            payment.amount
            for index, payment in enumerate(self.phase.payments)
            if index in payments and payment.asset == NATIVE
        )
        self._move(
            lambda: settlement.fund(self.state, self.terms, payments=payments, now=self.now),
            "fund", _bits(payments), value=coin,
        )  # fmt: skip

    @rule(data=st.data())
    @precondition(lambda self: self.state.status is Status.IN_FORCE)
    def top_up(self, data: st.DataObject) -> None:
        self._top_up(data.draw(st.sampled_from(sorted(self.state.short) or [0])))

    def _top_up(self, party: int) -> None:
        coin = 0
        if party in self.state.short and self.terms.parties[party].asset == NATIVE:
            coin = level(self.terms, self.phase, party) - self.state.short[party]
        self._move(
            lambda: settlement.top_up(self.state, self.terms, party=party, now=self.now), "topUp", party, value=coin
        )

    @rule(data=st.data(), value=st.sampled_from([0, 0, 7]))
    @precondition(lambda self: self.state.status is Status.IN_FORCE)
    def attest(self, data: st.DataObject, value: int) -> None:
        obligation = data.draw(st.integers(0, len(self.phase.obligations)))
        verdict = data.draw(st.sampled_from((*VERDICTS, Verdict.UNDECIDED)))
        self._attest(data, obligation, verdict, value, data.draw(st.booleans()))

    @rule(data=st.data())
    @precondition(lambda self: self.state.status is Status.IN_FORCE)
    def attest_by_all(self, data: st.DataObject) -> None:
        open_ones = [i for i, _ in enumerate(self.phase.obligations) if self.state.verdicts[i] is Verdict.UNDECIDED]
        obligation = data.draw(st.sampled_from(open_ones or [0]))
        verdict = data.draw(st.sampled_from(VERDICTS))
        self._attest(data, obligation, verdict, 0, everybody=True)

    def _attest(self, data: st.DataObject, obligation: int, verdict: Verdict, value: int, everybody: bool) -> None:
        known = obligation < len(self.phase.obligations)
        panel = self.phase.obligations[obligation].panel if known else 0
        size = len(self.terms.panels[panel].seats)
        drawn = list(range(size)) if everybody else data.draw(st.lists(st.integers(0, size), max_size=4, unique=True))
        hanging = {
            index
            for index, payment in enumerate(self.phase.payments)
            if payment.obligation == obligation and index in self.state.funded - self.state.paid
        }
        pay = data.draw(st.sampled_from([set(), hanging]))
        self._move(
            lambda: settlement.attest(
                self.state, self.terms, obligation=obligation, given=verdict, seats=drawn, value=value,
                pay=pay, now=self.now, unreachable=unreachable,
            ),
            "attest", obligation, verdict, value,
            self.game.voices(self.state.phase, obligation, verdict, value, panel, drawn), _bits(pay),
        )  # fmt: skip

    @rule(data=st.data())
    @precondition(lambda self: self.state.status is Status.IN_FORCE)
    def concede(self, data: st.DataObject) -> None:
        obligation = data.draw(st.integers(0, len(self.phase.obligations)))
        sender = self.game.player.relayer
        if obligation < len(self.phase.obligations) and self.phase.obligations[obligation].obligor != OUTSIDE:
            sender = self.terms.parties[self.phase.obligations[obligation].obligor].account
        self._move(
            lambda: settlement.concede(self.state, self.terms, obligation=obligation, now=self.now),
            "concede", obligation, sender=sender,
        )  # fmt: skip

    @rule(data=st.data())
    @precondition(lambda self: self.state.status is Status.IN_FORCE)
    def release(self, data: st.DataObject) -> None:
        likely = st.sets(st.sampled_from(sorted(self.state.funded - self.state.paid) or [0]))
        payments = data.draw(st.one_of(likely, st.sets(st.integers(0, len(self.phase.payments)), max_size=3)))
        self._move(
            lambda: settlement.release(
                self.state, self.terms, payments=payments, now=self.now, unreachable=unreachable
            ),
            "release", _bits(payments),
        )  # fmt: skip

    @rule()
    @precondition(lambda self: self.state.status is Status.IN_FORCE)
    def settle(self) -> None:
        self._settle()

    def _settle(self) -> None:
        following = self.terms.phases[self.state.phase + 1 : self.state.phase + 2]
        after = agenda(self.game.hashes, self.state.phase + 2) if following else bytes(32)
        self._move(
            lambda: settlement.settle(self.state, self.terms, now=self.now, unreachable=unreachable),
            "settle", following, after,
        )  # fmt: skip

    @rule(data=st.data())
    @precondition(lambda self: self.state.status is Status.IN_FORCE)
    def play_the_phase(self, data: st.DataObject) -> None:
        """Everybody pays, every obligation is decided or left to silence, and the phase is settled."""
        self.now = max(self.now, self.state.opened_at)
        for party in sorted(self.state.short):
            self._top_up(party)
        self._fund(self._unfunded())
        for index, obligation in enumerate(self.phase.obligations):
            options = [Verdict.UNDECIDED, Verdict.BREACHED]
            if obligation.presumption != Verdict.MET:
                options += [Verdict.MET, Verdict.MET, Verdict.MET, Verdict.LAPSED]
            verdict = data.draw(st.sampled_from(options))
            if verdict is not Verdict.UNDECIDED:
                self._attest(data, index, verdict, 0, everybody=True)
            else:
                self.now = max(self.now, deadline(self.state, obligation) + data.draw(st.sampled_from([1, 1, 0])))
        self._settle()

    @rule()
    @precondition(lambda self: self.state.status is Status.IN_FORCE and self.now > self.terms.longStop - 5)
    def unwind(self) -> None:
        self._unwind()

    def _unwind(self) -> None:
        self._move(lambda: settlement.unwind(self.state, self.terms, now=self.now, unreachable=unreachable), "unwind")

    @rule()
    @precondition(lambda self: self.state.status is Status.OPEN)
    def void(self) -> None:
        self._void()

    def _void(self) -> None:
        self._move(lambda: settlement.void(self.state, self.terms, now=self.now, unreachable=unreachable), "void")

    @rule(data=st.data())
    @precondition(lambda self: self.state.status is not Status.IN_FORCE)
    def act_out_of_turn(self, data: st.DataObject) -> None:
        """Whatever asks for an agreement in force is refused before and after; so is joining again."""
        moves: dict[str, Callable[[], None]] = {
            "settle": self._settle,
            "unwind": self._unwind,
            "fund": lambda: self._fund(()),
            "top up": lambda: self._top_up(0),
        }
        if self.state.status is not Status.OPEN:
            moves["accept"] = lambda: self._accept(0)
        if self.state.phase == 0:
            moves["void"] = self._void
        moves[data.draw(st.sampled_from(sorted(moves)))]()

    @rule(data=st.data())
    @precondition(lambda self: self.state.credits)
    def withdraw(self, data: st.DataObject) -> None:
        before = self.state
        moved = settlement.withdraw(before, account=WALL, asset=NATIVE)
        sink = self.terms.parties[0].account
        assert self.game.play(before, "withdraw", NATIVE, sink, now=self.now, sender=WALL) == ""
        self.state = moved.state
        self.now += 1
        self._gain(self.game.address, NATIVE, -moved.flows[0].amount)
        self._gain(sink, NATIVE, moved.flows[0].amount)

    # time

    @rule(seconds=st.integers(1, 8))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(data=st.data(), offset=st.sampled_from([0, 0, 1]))
    def wait_for_a_deadline(self, data: st.DataObject, offset: int) -> None:
        moments = [self.terms.joinBy, self.terms.longStop, end(self.terms)]
        if self.state.status is Status.IN_FORCE:
            moments += [self.state.opened_at, self.state.opened_at + self.terms.topUpWithin]
            moments += [deadline(self.state, obligation) for obligation in self.phase.obligations]
            moments += [self.state.opened_at + payment.due for payment in self.phase.payments]
        ahead = sorted({moment + offset for moment in moments if moment + offset > self.now})
        if ahead:
            self.now = data.draw(st.sampled_from(ahead[:3]))

    # what must hold

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "game"):
            return
        assert self.game.stored() == predicted(self.state)
        assert self.game.received() == {key: amount for key, amount in self.gained.items() if amount}
        assert self.game.credit(WALL, NATIVE) == self.state.credits.get((WALL, NATIVE), 0)

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "game"):
            return
        held = {asset: amount for (who, asset), amount in self.gained.items() if who == self.game.address and amount}
        assert held == owed(self.state, self.terms)


def _bits(indices: Collection[int]) -> int:
    return sum(1 << index for index in indices)


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
