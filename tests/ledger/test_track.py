"""A track record says what events say, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import select

from pyledger.chain.connect import Connection
from pyledger.chain.event_records import (
    Accepted,
    Challenged,
    Decided,
    Ended,
    Event,
    Extended,
    Opened,
    Origin,
    PhaseOpened,
    PhaseSettled,
)
from pyledger.ledger.projection import logs_of
from pyledger.ledger.reading import parts
from pyledger.ledger.store import Store
from pyledger.ledger.sync import sync
from pyledger.ledger.tables import AGREEMENT, MEMBER
from pyledger.ledger.track import Record, Tally, part, record, wilson
from pyledger.terms.state import Status
from pyledger.terms.structs import Obligation, Panel, Party, Phase, Seat, Terms, Verdict
from tests.ledger.stores import MOVES
from tests.terms.player import Player
from tests.terms.test_settlement_on_chain import run

AGREEMENT_AT = bytes.fromhex("ab" * 20)
PAYER, WORKER, STRANGER = (bytes([number]) * 20 for number in (1, 2, 3))
TOKEN = bytes.fromhex("cd" * 20)
OPENED = 1_800_000_000
DUE, GRACE = 1_000, 500


def obligation(obligor: int, forfeit: int = 5_000) -> Obligation:
    return Obligation(obligor, 0, Verdict.LAPSED, False, DUE, GRACE, forfeit)


PHASE = Phase(bytes(32), 0, (), (obligation(1), obligation(1, 2_500), obligation(0), obligation(1)), ())
TERMS = Terms(
    bytes(32), bytes(20), OPENED, OPENED * 2, 2, False, 0, 0, 0, 0, bytes(20), b"",
    (Party(PAYER, TOKEN, 10, ()), Party(WORKER, TOKEN, 1_000, ())),
    (Panel(1, (), (Seat(STRANGER, 0),)),), (), (PHASE,),
)  # fmt: skip


class Told:
    """Events in the order in which they are told, each in a block of its own, at a time."""

    def __init__(self, *joined: int) -> None:
        self.events: list[Event] = []
        self.times: dict[int, int] = {}
        self.tell(Opened, AGREEMENT_AT, bytes(32), TERMS, (bytes(32),), (PHASE,), bytes(32))
        for party in joined:
            self.tell(Accepted, party, PAYER, 0)

    def tell(self, kind: type[Event], *values: object, after: int = 0) -> Told:
        block = len(self.events)
        self.times[block] = OPENED + after
        self.events.append(kind(Origin(block, 0, AGREEMENT_AT, bytes(32), bytes(32)), *values))
        return self

    def record(self, account: bytes, *, now: int = OPENED) -> Record:
        found = part(account, self.events, self.times)
        return record([found] if found else [], now)


def in_force(*members: int) -> Told:
    return Told(0, 1).tell(PhaseOpened, 0, OPENED, frozenset(members or (0, 1)), frozenset())


def verdicts(*given: Verdict) -> int:
    return sum(verdict << 2 * index for index, verdict in enumerate(given))


def settled(told: Told, *given: Verdict, defaults: frozenset[int] = frozenset()) -> Told:
    return told.tell(PhaseSettled, 0, verdicts(*given), defaults, 0)


MIXED = (Verdict.MET, Verdict.BREACHED, Verdict.BREACHED, Verdict.LAPSED)


def test_each_obligation_counts_for_its_obligor_as_it_was_settled() -> None:
    told = settled(in_force(), *MIXED)
    found = told.record(WORKER)
    assert found.whole == Tally(kept=1, breached=1, lapsed=1)
    assert found.by_asset == {TOKEN: (500, 250)}
    assert told.record(PAYER).whole == Tally(breached=1)
    assert told.record(STRANGER).named == 0


def test_silence_and_concession_count_by_the_settlement_and_what_was_said_before_it_does_not() -> None:
    told = in_force().tell(Decided, 0, 0, Verdict.BREACHED, 0, True).tell(Decided, 0, 1, Verdict.MET, 0, False)
    told.tell(Challenged, 0, 1, PAYER, Verdict.MET, 7, OPENED)
    assert settled(told, *MIXED).record(WORKER).whole == Tally(1, 1, 1, disputed=1, conceded=1)


@pytest.mark.parametrize(("after", "late"), [(DUE, 0), (DUE + 1, 1)])
def test_late_is_what_was_found_kept_after_its_time(after: int, late: int) -> None:
    told = in_force().tell(Decided, 0, 0, Verdict.MET, 0, False, after=after)
    assert settled(told, *MIXED).record(WORKER).whole.late == late


def test_more_time_given_by_all_members_is_time() -> None:
    told = in_force().tell(Extended, 0, False, 0, DUE + 100)
    told.tell(Decided, 0, 0, Verdict.MET, 0, False, after=DUE + 100)
    assert settled(told, *MIXED).record(WORKER).whole.late == 0


def test_being_named_binds_nobody() -> None:
    told = Told(0)
    found = told.record(WORKER)
    assert (found.named, found.joined, found.whole, found.counterparties) == (1, {}, Tally(), 0)
    only = settled(Told(0).tell(PhaseOpened, 0, OPENED, frozenset({0}), frozenset()), *MIXED)
    assert only.record(WORKER).whole == Tally()


def test_who_was_not_bound_in_a_phase_has_no_obligation_in_it() -> None:
    assert settled(in_force(0), *MIXED).record(WORKER).whole == Tally()


def test_what_never_was_settled_is_undecided() -> None:
    found = in_force().tell(Ended, Status.DISSOLVED).record(WORKER)
    assert found.whole == Tally(undecided=3)
    assert found.joined == {Status.DISSOLVED: 1}
    assert wilson(found.whole.kept, found.whole.decided) is None


def test_defaults_of_money_are_told_apart() -> None:
    told = settled(in_force(), *MIXED, defaults=frozenset({0}))
    assert (told.record(PAYER).defaults, told.record(WORKER).defaults) == (1, 0)


@pytest.mark.parametrize(("days", "place"), [(90, 0), (91, 1), (365, 1), (366, 2), (1_096, 3)])
def test_age_is_counted_from_the_opening_of_the_phase(days: int, place: int) -> None:
    found = settled(in_force(), *MIXED).record(WORKER, now=OPENED + days * 86_400)
    assert [index for index, (_, tally) in enumerate(found.by_age) if any(tally)] == [place]


@pytest.mark.parametrize(
    ("kept", "decided", "low", "high"),
    [
        (0, 1, "0.0000", "0.7935"),
        (1, 1, "0.2065", "1.0000"),
        (9, 10, "0.5958", "0.9821"),
        (81, 263, "0.2553", "0.3662"),
    ],
)
def test_the_interval_is_the_one_in_the_books(kept: int, decided: int, low: str, high: str) -> None:
    """81 of 263: the example of Newcombe 1998, Statistics in Medicine 17:857."""
    assert wilson(kept, decided) == (Decimal(low), Decimal(high))


def settlements(store: Store, source: int) -> Iterator[tuple[bytes, int, Verdict]]:
    """Who owed what was settled how, read off the events alone."""
    with store.reading() as database:
        for agreement in database.scalars(select(AGREEMENT.c.address)).all():
            events = list(logs_of(database, source, agreement))
            (opened,) = (each for each in events if isinstance(each, Opened))
            phases = [*opened.disclosed, *(each.content for each in events if hasattr(each, "content"))]
            bound = {each.phase: each.members for each in events if isinstance(each, PhaseOpened)}
            for each in events:
                if isinstance(each, PhaseSettled):
                    for index, owed in enumerate(phases[each.phase].obligations):
                        if owed.obligor in bound[each.phase]:
                            account = opened.terms.parties[owed.obligor].account
                            yield account, each.phase, each.verdict(index)


def test_records_of_real_agreements_add_up(player: Player, connection: Connection, store: Store) -> None:
    dice, seen = Random(9), 0
    for _ in range(6):
        run(player, dice.randbytes(3 * MOVES))
        source = sync(store, connection, player.factory, depth=10_000).cursor.source
        told = list(settlements(store, source))
        with store.reading() as database:
            accounts = set(database.scalars(select(MEMBER.c.account).where(MEMBER.c.role == "party")))
            for account in accounts:
                whole = record(parts(database, source, account), 2_000_000_000).whole
                own = [verdict for who, _, verdict in told if who == account]
                kept, breached = own.count(Verdict.MET), own.count(Verdict.BREACHED)
                assert (whole.kept, whole.breached, whole.lapsed) == (kept, breached, own.count(Verdict.LAPSED))
                seen += kept + breached
    assert seen
