"""What the gateway says itself, when it does not pass on what the service says."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

__all__ = ["STATUS", "Turned"]

STATUS: Final = {
    "unsigned": 401,
    "not-signed-by-holder": 401,
    "expired": 401,
    "future-dated": 401,
    "lasts-too-long": 401,
    "signed-before-start": 401,
    "replayed": 401,
    "body-altered": 401,
    "not-a-holder": 403,
    "not-entitled": 403,
    "cut": 403,
    "too-many-requests": 429,
    "too-many-at-once": 429,
    "bad-target": 400,
    "bad-body": 400,
    "bad-method": 405,
    "too-large": 413,
    "too-slow": 408,
    "closed": 503,
    "full": 503,
    "not-monitored": 503,
    "upstream-unreachable": 502,
    "upstream-too-slow": 504,
}
"""Every reason for which a request is turned away, and the HTTP status that goes with it."""


class Turned(Exception):
    """A request is turned away: the reason's short name, which decides the status, and words for people."""

    def __init__(self, reason: str, what: str, *, hint: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.answer = Answer(reason, what, hint, retry_after)


class Answer(NamedTuple):
    """Why a request is turned away; `retry_after` is in seconds."""

    reason: str
    what: str
    hint: str | None
    retry_after: float | None

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.reason]

    def body(self) -> bytes:
        """One JSON object."""
        said = {"reason": self.reason, "what": self.what}
        return (json.dumps({"error": said | ({"hint": self.hint} if self.hint else {})}) + "\n").encode()
