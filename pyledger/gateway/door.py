"""Who may pass now: the one place where it is decided, by the newest reading of the agreement.

Closed unless there is a reading that is fresh: begun no longer ago than `stale_after` seconds, of a block no older than
`oldest_head` seconds. Every decision is taken in one step, with nothing awaited in it, so none is taken on a reading
that has been replaced; and whoever is not entitled any more when a reading comes in, or the door closes, is cut off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pyledger.document.benefits import Throttle
from pyledger.gateway.answers import Turned
from pyledger.gateway.limits import Allowance, Replays, Throttles
from pyledger.gateway.reading import Reading
from pyledger.gateway.signed import Signed
from pyledger.observer.rights import Entitlement
from pyledger.terms.addresses import checksum

__all__ = ["Admitted", "Clock", "Door", "Times"]

_AHEAD: Final = 5
"""Seconds by which a holder's clock may be ahead of the gateway's."""


class Clock(NamedTuple):
    """Unix seconds, for what holders sign; and seconds of a clock that never goes back, for everything else."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic


class Times(NamedTuple):
    """What is too old, in seconds: a reading, a head (None: any age will do), and how long a signature may count."""

    stale_after: float = 5.0
    oldest_head: float | None = 60.0
    longest: int = 60


def _nothing(why: str) -> None:
    """What becomes of a request that nobody has taken on yet."""


@dataclass(eq=False, slots=True)
class Admitted:
    """A request that was let in, until it has been answered: `cut` ends it, with words that say why.

    `name` is the holder's in the document, `block` the number of the block by which it was let in.
    """

    id: str
    holder: bytes
    name: str
    block: int
    cut: Callable[[str], None] = field(default=_nothing)


class Door:
    """Whom the agreement lets in. All of it runs in one thread."""

    def __init__(
        self, benefit: str, throttle: Throttle | None, *, times: Times, most: int, clock: Clock | None = None
    ) -> None:
        self.clock = clock or Clock()
        self._benefit = benefit
        self._times = times
        self._replays = Replays(most)
        self._throttles = Throttles(throttle)
        self._latest = self.clock.wall()
        self._started = int(self._latest)
        self._numbers = 0
        self._reading: Reading | None = None
        self._begun = 0.0
        self._closed: str | None = "the agreement has not been read yet"
        self.inside: set[Admitted] = set()

    # Readings

    def update(self, reading: Reading, *, begun: float) -> None:
        """Takes a reading that was begun at this moment of the steady clock."""
        self._reading, self._begun, self._closed = reading, begun, None
        self.review()

    def close(self, why: str) -> None:
        """Lets nobody in, and everybody out, until there is a new reading."""
        self._closed = why
        self.review()

    def review(self) -> None:
        """Cuts off everybody inside who may not be there any more."""
        for each in tuple(self.inside):
            try:
                self.entitled(each.holder)
            except Turned as turned:
                self.leave(each)
                each.cut(turned.answer.what)

    @property
    def reading(self) -> Reading | None:
        """The newest reading."""
        return self._reading

    def shut(self) -> str | None:
        """Why nobody is let in; None while the door is open."""
        if self._closed is not None or self._reading is None:
            return self._closed
        if self.clock.steady() - self._begun > self._times.stale_after:
            return f"the node has not said anything new for more than {self._times.stale_after:g} seconds"
        age, oldest = self.clock.wall() - self._reading.block.time, self._times.oldest_head
        if oldest is not None and age > oldest:
            return f"the chain's newest block is {int(age)} seconds old, and more than {oldest:g} is too old"
        return None

    def entitled(self, holder: bytes) -> Entitlement:
        """The entitlement by which an account is let in now. Turned if it has none, or the door is closed."""
        if (why := self.shut()) is not None:
            raise Turned("closed", why, retry_after=1)
        assert self._reading is not None, "an open door has a reading"
        found = self._reading.holders.get(holder)
        if found is None:
            raise Turned("not-a-holder", f"`{self._benefit}` is not for {checksum(holder)}")
        if not found.holds:
            raise Turned("not-entitled", f"{found.holder} is not entitled to `{self._benefit}`: {found.why}")
        if found.until is not None and self._reading.chain_time(self.clock.steady()) > found.until:
            raise Turned("not-entitled", f"{found.holder} is entitled to `{self._benefit}` no longer: its time is over")
        return found

    # Requests

    def _now(self) -> float:
        """Unix seconds, which never go back: what has expired stays so, and need not be remembered."""
        self._latest = max(self._latest, self.clock.wall())
        return self._latest

    def timely(self, signed: Signed) -> None:
        """Turned unless a signature counts now."""
        now = self._now()
        if signed.expires < now:
            raise Turned("expired", f"the request counted until {signed.expires}, and it is {int(now)}")
        if signed.issued > now + _AHEAD:
            raise Turned("future-dated", f"the request is signed for {signed.issued}, and it is {int(now)}")
        if signed.expires - signed.issued > self._times.longest:
            raise Turned("lasts-too-long", f"a request may count for {self._times.longest} seconds at most")
        if signed.issued <= self._started:
            raise Turned("signed-before-start", "the request was signed before this gateway began", hint="sign it anew")

    def admit(self, signed: Signed) -> tuple[Admitted, Allowance]:
        """Lets a request in whose signature has been checked: once, if its holder is entitled and within its limits.

        Turned otherwise. Whoever gets in must `leave`, and give the allowance back.
        """
        found = self.entitled(signed.holder)
        self.timely(signed)
        self._replays.use(signed.holder, signed.nonce, expires=signed.expires, now=int(self._now()))
        allowance = self._throttles.of(signed.holder)
        allowance.take(self.clock.steady())
        self._numbers += 1
        assert self._reading is not None, "an open door has a reading"
        admitted = Admitted(
            f"{self._started:x}-{self._numbers}", signed.holder, found.holder, self._reading.block.number
        )
        self.inside.add(admitted)
        return admitted, allowance

    def leave(self, admitted: Admitted) -> None:
        """A request has been answered, or cut off."""
        self.inside.discard(admitted)
