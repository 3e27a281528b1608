"""The door by itself, under a clock that does as it is told."""

from __future__ import annotations

import secrets

import pytest

from pyledger.document.benefits import Throttle
from pyledger.gateway.answers import Turned
from pyledger.gateway.door import Clock, Door, Times
from pyledger.gateway.limits import Allowance, Replays
from pyledger.gateway.reading import NodeReader
from pyledger.gateway.signed import EMPTY_BODY, Signed
from tests.gateway.houses import House

START = 1_700_000_000


class Hands:
    """Both hands of a clock."""

    def __init__(self) -> None:
        self.wall, self.steady = float(START), 0.0

    def go(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.steady)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def door(house: House, hands: Hands) -> Door:
    """Open, a hundred seconds after it was made."""
    return opened(house, hands, after=100)


def opened(house: House, hands: Hands, *, after: float, stale_after: float = 5) -> Door:
    times = Times(stale_after=stale_after, oldest_head=None)
    made = Door("api", None, times=times, most=1_000, clock=hands.clock)
    hands.go(after)
    reading = NodeReader(house.connection, house.guarded(), steady=lambda: hands.steady).read()
    assert reading is not None
    made.update(reading, begun=hands.steady)
    return made


def signed(house: House, issued: float, *, lasts: int = 30) -> Signed:
    """By the host, as if its signature had been found good."""
    holder, nonce = house.signer("host").address, secrets.token_bytes(32)
    return Signed(holder, EMPTY_BODY, int(issued), int(issued) + lasts, nonce, bytes(65))


def turned(door: Door, said: Signed) -> str:
    with pytest.raises(Turned) as found:
        door.admit(said)
    return found.value.answer.reason


def test_to_the_last_second(door: Door, house: House, hands: Hands) -> None:
    door.admit(signed(house, hands.wall - 30))
    assert turned(door, signed(house, hands.wall - 31)) == "expired"
    door.admit(signed(house, hands.wall + 5))
    assert turned(door, signed(house, hands.wall + 6)) == "future-dated"
    door.admit(signed(house, hands.wall, lasts=60))
    assert turned(door, signed(house, hands.wall, lasts=61)) == "lasts-too-long"


def test_what_was_signed_in_the_second_of_the_start_does_not_count(house: House, hands: Hands) -> None:
    door = opened(house, hands, after=10)
    assert turned(door, signed(house, START)) == "signed-before-start"
    door.admit(signed(house, START + 1))


def test_a_clock_that_is_set_back_makes_nothing_count_again(door: Door, house: House, hands: Hands) -> None:
    said = signed(house, hands.wall)
    door.admit(said)
    hands.wall += 100
    assert turned(door, said) == "expired"
    with pytest.raises(Turned):
        door.admit(signed(house, hands.wall - 31))  # by now it has been forgotten
    hands.wall -= 100
    assert turned(door, said) == "expired"


def test_shut_to_the_moment(door: Door, house: House, hands: Hands) -> None:
    hands.go(5)
    door.admit(signed(house, hands.wall))
    hands.steady += 0.001
    assert turned(door, signed(house, hands.wall)) == "closed"


def test_time_ends_access_to_the_second_between_two_readings(house: House, hands: Hands) -> None:
    door = opened(house, hands, after=10, stale_after=10**9)
    assert door.reading is not None
    left = house.agreement.terms.longStop - door.reading.block.time
    hands.steady += left
    admitted, _ = door.admit(signed(house, hands.wall))
    told: list[str] = []
    admitted.cut = told.append
    hands.steady += 1
    assert turned(door, signed(house, hands.wall)) == "not-entitled"
    door.review()
    assert told == ["host is entitled to `api` no longer: its time is over"]


def test_shut_before_anything_was_read(house: House, hands: Hands) -> None:
    fresh = Door("api", None, times=Times(oldest_head=None), most=10, clock=hands.clock)
    hands.go(10)
    assert turned(fresh, signed(house, hands.wall)) == "closed"


def test_who_is_inside_is_cut_off_when_it_closes_and_learns_why(door: Door, house: House, hands: Hands) -> None:
    admitted, _ = door.admit(signed(house, hands.wall))
    told: list[str] = []
    admitted.cut = told.append
    door.review()
    assert told == []
    door.close("the chain was reorganised")
    assert told == ["the chain was reorganised"]
    assert not door.inside


def test_what_has_counted_is_forgotten_when_it_has_expired_and_not_before() -> None:
    replays = Replays(2)
    replays.use(b"holder", b"1", expires=100, now=70)
    replays.use(b"holder", b"2", expires=101, now=70)
    with pytest.raises(Turned, match="can be remembered"):
        replays.use(b"holder", b"3", expires=101, now=100)
    with pytest.raises(Turned, match="made already"):
        replays.use(b"holder", b"1", expires=100, now=100)
    replays.use(b"holder", b"3", expires=130, now=101)
    assert len(replays) == 2


def test_the_same_nonce_of_two_holders_is_two_requests() -> None:
    replays = Replays(10)
    replays.use(b"one", b"1", expires=100, now=70)
    replays.use(b"other", b"1", expires=100, now=70)
    assert len(replays) == 2


def test_an_allowance_fills_again_as_time_passes() -> None:
    allowance = Allowance(Throttle(requests_per_second=2, parallel=None, speed=None))
    for _ in range(2):
        allowance.take(10.0)
    with pytest.raises(Turned) as found:
        allowance.take(10.0)
    assert found.value.answer.retry_after == pytest.approx(0.5)
    allowance.take(10.5)
    with pytest.raises(Turned):
        allowance.take(10.75)
    for _ in range(2):
        allowance.take(100.0)
    with pytest.raises(Turned):
        allowance.take(100.0)


def test_nothing_at_all_may_be_allowed() -> None:
    allowance = Allowance(Throttle(requests_per_second=0, parallel=None, speed=None))
    with pytest.raises(Turned):
        allowance.take(1.0)
