"""What is bounded: how often a signature counts (once), requests a second, requests at once, and speed."""

from __future__ import annotations

from typing import NamedTuple

from pyledger.document.benefits import Throttle
from pyledger.document.limits import WHOLE
from pyledger.gateway.answers import Turned

__all__ = ["Allowance", "Pace", "Replays", "Throttles"]


class Replays:
    """The requests that have counted already, each remembered until it has expired anyway.

    Bounded: when `most` are remembered, nothing is admitted until some have expired.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: set[tuple[bytes, bytes]] = set()
        self._window: dict[int, list[tuple[bytes, bytes]]] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def use(self, holder: bytes, nonce: bytes, *, expires: int, now: int) -> None:
        """Lets a request count. Turned if it has, or if too many are remembered. Times are Unix seconds."""
        for moment in [moment for moment in self._window if moment < now]:
            self._seen.difference_update(self._window.pop(moment))
        key = (holder, nonce)
        if key in self._seen:
            raise Turned("replayed", "this request has been made already", hint="sign each request anew")
        if len(self._seen) >= self._most:
            raise Turned("full", "more requests are still valid than can be remembered", retry_after=1)
        self._seen.add(key)
        self._window.setdefault(expires, []).append(key)


class Allowance:
    """How much one holder may ask for: `rate` requests a second, as many at once in a burst; `parallel` in flight."""

    def __init__(self, throttle: Throttle | None) -> None:
        self.rate = throttle.requests_per_second if throttle else None
        self.parallel = throttle.parallel if throttle else None
        self._left = float(self.rate or 0)
        self._at: float | None = None
        self.flying = 0

    def take(self, now: float) -> None:
        """Lets one request go; Turned if it may not. `now` is in seconds, of a clock that never goes back."""
        if self.parallel is not None and self.flying >= self.parallel:
            raise Turned("too-many-at-once", f"at most {self.parallel} requests at once", retry_after=1)
        if self.rate is not None:
            passed = 0.0 if self._at is None else now - self._at
            self._left, self._at = min(self._left + passed * self.rate, float(self.rate)), now
            if self._left < 1:
                wait = (1 - self._left) / self.rate if self.rate else 3600.0
                raise Turned("too-many-requests", f"at most {self.rate} requests a second", retry_after=wait)
            self._left -= 1
        self.flying += 1

    def give_back(self) -> None:
        """A request has been answered."""
        self.flying -= 1


class Throttles:
    """An allowance for each holder."""

    def __init__(self, throttle: Throttle | None) -> None:
        self._throttle = throttle
        self._by_holder: dict[bytes, Allowance] = {}

    def of(self, holder: bytes) -> Allowance:
        """The allowance of one holder (20 bytes)."""
        if holder not in self._by_holder:
            self._by_holder[holder] = Allowance(self._throttle)
        return self._by_holder[holder]


class Pace(NamedTuple):
    """A share of full speed, in basis points: what the service has in a second, the holder has that much later."""

    speed: int = WHOLE

    @property
    def full(self) -> bool:
        """Whether nothing is held back."""
        return self.speed >= WHOLE

    def due(self, spent: float) -> float:
        """Seconds after which the holder gets what took the service `spent` seconds."""
        return spent if self.full else spent * WHOLE / max(self.speed, 1)
