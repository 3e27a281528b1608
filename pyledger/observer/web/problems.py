"""What a server answers when it cannot show what it was asked for."""

from __future__ import annotations

__all__ = ["Busy", "Missing", "NotAllowed", "Problem", "TooLong", "Unreadable", "WrongQuery"]


class Problem(Exception):
    """Told as a page, or as JSON after RFC 9457: `status` of HTTP, what happened, and what to do next."""

    status = 500
    title = "Something is wrong here"

    def __init__(self, detail: str, hint: str | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.headers = headers or {}


class Missing(Problem):
    """There is nothing at this address."""

    status = 404
    title = "Not found"


class WrongQuery(Problem):
    """What was asked for cannot be understood."""

    status = 400
    title = "Not understood"


class TooLong(Problem):
    """The address asked for is longer than any that there is."""

    status = 414
    title = "Address too long"


class NotAllowed(Problem):
    """Something else than reading was asked for."""

    status = 405
    title = "Only reading is possible here"


class Unreadable(Problem):
    """What the node said of this cannot be true, so that nothing is shown of it."""

    status = 502
    title = "What the node said cannot be true"


class Busy(Problem):
    """The store does not answer, or there are too many listeners."""

    status = 503
    title = "Not at present"
