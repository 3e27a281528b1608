"""What has become of an agreement, from what its contract has said and holds: the facts that scenarios expect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyledger.chain.account import Account
from pyledger.chain.events import Accepted, Event, Funded, Paid, PhaseOpened, PhaseSettled, ToppedUp
from pyledger.chain.reading import Snapshot, assets_of
from pyledger.terms.facts import Facts, Moved, facts_of
from pyledger.terms.names import Names
from pyledger.terms.outcome import holdings
from pyledger.terms.state import Cause
from pyledger.terms.structs import Terms, Verdict

__all__ = ["Story", "read_story"]


class Story:
    """One agreement's events and state at one block, summed up."""

    def __init__(self, events: Sequence[Event], snapshot: Snapshot, terms: Terms, names: Names) -> None:
        self.events, self.snapshot, self.terms, self.names = events, snapshot, terms, names
        self.moved = tuple(_movements(events, terms))

    @property
    def facts(self) -> Facts:
        """What has become of it."""
        settled = [event for event in self.events if isinstance(event, PhaseSettled)]
        return facts_of(
            self.names,
            self.terms,
            self.snapshot.state,
            moved=self.moved,
            settled={place: found for event in settled for place, found in _verdicts(event, self.terms)},
            defaults={party for event in settled for party in event.defaults},
        )

    def losses(self) -> Mapping[str, tuple[int, int]]:
        """Where money is missing, or there is too much: by asset, what there should be and what there is.

        What came in less what went out must be there, and be what the account owes. On a chain of one's own, where
        nobody sends it anything besides.
        """
        found: dict[str, tuple[int, int]] = {}
        for asset in assets_of(self.terms):
            held = self.snapshot.balances.get((self.snapshot.address, asset), 0)
            for wanted in (self._owed(asset), self._left(asset)):
                if held != wanted:
                    found[self.names.what(asset) or "0x" + asset.hex()] = wanted, held
        return found

    def _owed(self, asset: bytes) -> int:
        state = self.snapshot.state
        held = sum(each.bond + each.escrow for (_, what), each in holdings(state, self.terms).items() if what == asset)
        return held + sum(amount for (_, what), amount in state.credits.items() if what == asset)

    def _left(self, asset: bytes) -> int:
        credited = sum(amount for (_, what), amount in self.snapshot.state.credits.items() if what == asset)
        mine = (each for each in self.moved if each.asset == asset)
        return credited + sum(each.amount if each.cause is None else -each.amount for each in mine)


def read_story(account: Account, names: Names) -> Story:
    """The story of an agreement so far. Raises what reading it raises."""
    return Story(account.events(), account.snapshot(), account.terms, names)


def _verdicts(event: PhaseSettled, terms: Terms) -> Iterator[tuple[tuple[int, int], Verdict]]:
    for item in range(len(terms.phases[event.phase].obligations)):
        yield (event.phase, item), event.verdict(item)


def _movements(events: Iterable[Event], terms: Terms) -> Iterator[Moved]:
    """All money in and out. What a settlement moves is of the phase it closes, though the next has opened by then."""
    phase, closing = 0, (b"", 0)
    for event in events:
        match event:
            case PhaseOpened():
                phase = event.phase
            case PhaseSettled():
                closing = event.origin.transaction, event.phase
            case Accepted():
                party = terms.parties[event.party]
                yield Moved(phase, party.account, party.asset, event.bond, None, event.party)
            case ToppedUp():
                party = terms.parties[event.party]
                yield Moved(phase, party.account, party.asset, event.amount, None, event.party)
            case Funded():
                for index in sorted(event.payments):
                    payment = terms.phases[event.phase].payments[index]
                    account = terms.parties[payment.payer].account
                    yield Moved(event.phase, account, payment.asset, payment.amount, None, index)
            case Paid() if event.cause is not Cause.SURPLUS:
                of = closing[1] if closing[0] == event.origin.transaction else phase
                yield Moved(of, event.to, event.asset, event.amount, event.cause, event.index)
            case _:
                pass
