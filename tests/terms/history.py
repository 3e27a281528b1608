"""One agreement played in the model and on a node at once, and held together after every move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from pyledger.errors import Refused
from pyledger.terms import settlement
from pyledger.terms.outcome import cut_off, judgement, level, phase_at_hand, turning_points
from pyledger.terms.settlement import Move
from pyledger.terms.state import Flow, Split, State, Status
from pyledger.terms.structs import NATIVE, OUTSIDE, Phase, Terms, Verdict
from tests.terms.player import COURT, FEE, NEVER, WALL, Game, Player, bits, owed, predicted, refusal

ALL: Final = 2**256 - 1

played: Final[Counter[str]] = Counter()
"""How often each move succeeded or was refused, and with what, in this run."""


def unreachable(to: bytes, asset: bytes) -> bool:
    return to == WALL and asset == NATIVE


class History:
    """What has been played of one agreement. Times are Unix seconds; `tick` is how long each move takes."""

    def __init__(self, player: Player, terms: Terms, tick: int) -> None:
        player.rewind()
        self.player, self.terms, self.tick = player, terms, tick
        self.now = player.start
        self.state = State()
        self.gained: Counter[tuple[bytes, bytes]] = Counter()
        self.game = Game(player, terms)

    @property
    def phase(self) -> Phase:
        return phase_at_hand(self.state, self.terms)

    # playing and comparing

    def _move(
        self, model: Callable[[], Move], name: str, *values: Any, sender: bytes = b"", value: int = 0, fee: int = 0
    ) -> bool:
        before = self.state
        return self._both(
            model, lambda: self.game.play(before, name, *values, now=self.now, sender=sender, value=value),
            name, sender=sender, fee=fee,
        )  # fmt: skip

    def _both(
        self, model: Callable[[], Move], contract: Callable[[], str], name: str, *, sender: bytes = b"", fee: int = 0
    ) -> bool:
        expected = ""
        flows: tuple[Flow, ...] = ()
        try:
            self.state, flows = model()
        except Refused as error:
            expected = refusal(error)
        actual = contract()
        assert actual == expected, f"{name} at {self.now}"
        played[f"{name} {actual.partition('(')[0]}"] += 1
        self.now += self.tick
        if actual:
            return False
        for flow in flows:
            if not flow.credited:
                self.pay(flow.to or self.game.address, sender if not flow.to else self.game.address, flow)
        if fee:
            self.pay(COURT, sender, Flow(COURT, NATIVE, fee, None, 0))
        self.compare()
        return True

    def pay(self, to: bytes, payer: bytes, flow: Flow) -> None:
        """Money goes from one account to another; those that nobody watches are left out."""
        for account, amount in ((to, flow.amount), (payer, -flow.amount)):
            if account in self.game.accounts:
                self.gained[account, flow.asset] += amount

    def compare(self) -> None:
        """The contract tells what the model says, and every account has what it should have."""
        told, gained = self.game.seen(self.state)
        assert told == predicted(self.state, self.terms)
        assert gained == {key: amount for key, amount in self.gained.items() if amount}
        held = {asset: amount for (who, asset), amount in gained.items() if who == self.game.address}
        assert held == owed(self.state, self.terms)

    # joining

    def open(self) -> None:
        self.game.open(now=self.now)
        self.now += self.tick

    def launch(self, party: int, payments: Collection[int], surplus: int) -> bool:
        coin = self._coin_of(payments) + surplus
        caller = b""
        if party < len(self.terms.parties):
            caller = self.terms.parties[party].account
            coin += self._bond_coin(party)
        return self._both(
            lambda: settlement.launch(
                self.terms, party=party, payments=payments, now=self.now, unreachable=unreachable
            ),
            lambda: self.game.launch(party, payments, now=self.now, value=coin), "launch", sender=caller,
        )  # fmt: skip

    def accept(self, party: int) -> None:
        """By signature as long as that counts; in an agreement in force it is the party's own call."""
        signature, sender, coin = b"", b"", 0
        if party < len(self.terms.parties):
            coin = self._bond_coin(party)
            if self.state.status is Status.IN_FORCE:
                sender = self.terms.parties[party].account
            else:
                signature = self.game.acceptance(party)
        self._move(
            lambda: settlement.accept(self.state, self.terms, party=party, now=self.now, unreachable=unreachable),
            "accept", party, signature, sender=sender, value=coin,
        )  # fmt: skip

    def _bond_coin(self, party: int) -> int:
        return self.terms.parties[party].bond if self.terms.parties[party].asset == NATIVE else 0

    def enter(self) -> None:
        self._move(lambda: settlement.enter(self.state, self.terms, now=self.now, unreachable=unreachable), "enter")

    def void(self) -> None:
        self._move(lambda: settlement.void(self.state, self.terms, now=self.now, unreachable=unreachable), "void")

    # paying in

    def unfunded(self) -> frozenset[int]:
        return frozenset(range(len(self.phase.payments))) - self.state.funded

    def fund(self, payments: Collection[int], surplus: int = 0) -> None:
        self._move(
            lambda: settlement.fund(self.state, self.terms, payments=payments, now=self.now),
            "fund", bits(payments), value=self._coin_of(payments) + surplus,
        )  # fmt: skip

    def _coin_of(self, payments: Collection[int]) -> int:
        known = enumerate(self.phase.payments)
        return sum(each.amount for index, each in known if index in payments and each.asset == NATIVE)

    def top_up(self, party: int, surplus: int = 0) -> None:
        coin = surplus
        if party in self.state.short and self.terms.parties[party].asset == NATIVE:
            coin += level(self.terms, self.phase, party) - self.state.short[party]
        self._move(
            lambda: settlement.top_up(self.state, self.terms, party=party, now=self.now), "topUp", party, value=coin
        )

    # deciding

    def attest(self, obligation: int, verdict: Verdict, value: int, seats: Sequence[int], pay: Collection[int]) -> None:
        panel = self._panel(obligation)
        self._move(
            lambda: settlement.attest(
                self.state, self.terms, obligation=obligation, given=verdict, seats=seats, value=value,
                pay=pay, now=self.now, unreachable=unreachable,
            ),
            "attest", obligation, verdict, value,
            self.game.voices(self.state.phase, obligation, verdict, value, panel, seats), bits(pay),
        )  # fmt: skip

    def _panel(self, obligation: int) -> int:
        known = obligation < len(self.phase.obligations)
        return self.phase.obligations[obligation].panel if known else 0

    def seats(self, obligation: int) -> range:
        return range(len(self.terms.panels[self._panel(obligation)].seats))

    def hanging_on(self, obligation: int) -> set[int]:
        """Payments in escrow that the verdict on an obligation decides."""
        escrow = self.state.funded - self.state.paid
        return {index for index in escrow if self.phase.payments[index].obligation == obligation}

    def concede(self, obligation: int) -> None:
        sender = b""
        if obligation < len(self.phase.obligations) and self.phase.obligations[obligation].obligor != OUTSIDE:
            sender = self.terms.parties[self.phase.obligations[obligation].obligor].account
        self._move(
            lambda: settlement.concede(self.state, self.terms, obligation=obligation, now=self.now),
            "concede", obligation, sender=sender,
        )  # fmt: skip

    def challenge(self, obligation: int, by: bytes, dispute: int, surplus: int) -> None:
        self.player.number_disputes(dispute)
        self._move(
            lambda: settlement.challenge(
                self.state, self.terms, obligation=obligation, by=by, dispute=dispute, now=self.now
            ),
            "challenge", obligation, sender=by, value=FEE + surplus, fee=FEE,
        )  # fmt: skip

    def rule(self, dispute: int, ruling: int) -> None:
        self._move(
            lambda: settlement.rule(self.state, dispute=dispute, ruling=ruling, now=self.now),
            "rule", dispute, ruling, sender=COURT,
        )  # fmt: skip

    def comment(self, by: bytes) -> None:
        self._move(lambda: settlement.comment(self.state, self.terms, by=by), "comment", 3, "note", sender=by)

    # closing

    def release(self, payments: Collection[int]) -> None:
        self._move(
            lambda: settlement.release(
                self.state, self.terms, payments=payments, now=self.now, unreachable=unreachable
            ),
            "release", bits(payments),
        )  # fmt: skip

    def settle(self) -> None:
        self._move(lambda: settlement.settle(self.state, self.terms, now=self.now, unreachable=unreachable), "settle")

    def settles(self, moment: int) -> bool:
        """Whether the model would have the phase settled at a moment."""
        try:
            settlement.settle(self.state, self.terms, now=moment)
        except Refused:
            return False
        return True

    def unwind(self) -> None:
        self._move(lambda: settlement.unwind(self.state, self.terms, now=self.now, unreachable=unreachable), "unwind")

    def dissolve(self, splits: Sequence[Split], expiry: int = NEVER) -> None:
        self._move(
            lambda: settlement.dissolve(
                self.state, self.terms, splits=splits, now=self.now, expiry=expiry, agreement=self.game.address,
                unreachable=unreachable,
            ),
            "dissolve", splits, expiry, self.game.dissolution(self.state, splits, expiry),
        )  # fmt: skip

    def extend(self, payment: bool, index: int, to: int, expiry: int = NEVER) -> None:
        start = self._time_of(payment, index)
        self._move(
            lambda: settlement.extend(
                self.state, self.terms, payment=payment, index=index, to=to, now=self.now, expiry=expiry
            ),
            "extend", payment, index, to, expiry,
            self.game.extension(self.state, payment, index, start, to, expiry),
        )  # fmt: skip

    def _time_of(self, payment: bool, index: int) -> int:
        times = [each.due for each in self.phase.payments] if payment else [o.within for o in self.phase.obligations]
        return times[index] if index < len(times) else 0

    # taking what is credited

    def withdraw(self, *, delivered: bool, amount: int = ALL) -> None:
        """The wall takes what it is owed, or some of it, to another account; or is taken down and has it delivered."""
        sink = WALL if delivered else self.terms.parties[0].account
        moved = settlement.withdraw(self.state, account=WALL, asset=NATIVE, amount=None if delivered else amount)
        if delivered:
            self.player.wall(standing=False)
            refused = self.game.play(self.state, "deliver", WALL, NATIVE, now=self.now)
            self.player.wall(standing=True)
        else:
            refused = self.game.play(self.state, "withdraw", NATIVE, sink, amount, now=self.now, sender=WALL)
        assert not refused
        played["withdraw "] += 1
        self.state = moved.state
        self.now += self.tick
        self.pay(sink, self.game.address, moved.flows[0])
        self.compare()

    def withdraw_nothing(self, account: bytes) -> None:
        self._move(
            lambda: settlement.withdraw(self.state, account=account, asset=NATIVE),
            "withdraw", NATIVE, account, ALL, sender=account,
        )  # fmt: skip

    # time

    def moments(self) -> list[int]:
        """What lies ahead: the seconds in which deadlines and windows end, and those after."""
        turning = turning_points(self.state, self.terms)
        turning |= {heard.until for heard in self.state.hearings.values() if not heard.ruled}
        return sorted(each for moment in turning for each in (moment, moment + 1) if each > self.now)

    def contestable(self) -> list[int]:
        """Obligations with a verdict that can still change, challenged or not."""
        cut = cut_off(self.state, self.terms, self.now)
        verdicts = [
            judgement(self.state, self.terms, index, self.now, cut) for index in range(len(self.phase.obligations))
        ]
        return [index for index, verdict in enumerate(verdicts) if verdict.final_at >= self.now]

    def pending(self) -> list[int]:
        """Disputes that the court can still rule on."""
        hearings = self.state.hearings.items()
        return [number for number, heard in hearings if not heard.ruled and heard.until >= self.now]
