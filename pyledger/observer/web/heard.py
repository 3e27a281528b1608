"""Who was heard, as a page shows it: the latest remarks, how the duty to answer stands, and what went to court."""

from __future__ import annotations

from collections import Counter
from typing import Final, get_args

from pyledger.observer.hearing import Duty, hearing
from pyledger.observer.reading import Reading
from pyledger.observer.web.agreement_views import ChallengeRow, DutyCount, HearingView, RemarkRow

__all__ = ["REMARKS", "hearing_view", "link_in"]

REMARKS: Final = 100
"""So many of the latest remarks are on an agreement's page."""

_LINK: Final = ("https://", "http://", "ipfs://")
_LONGEST_LINK: Final = 2_000


def hearing_view(found: Reading) -> HearingView:
    """What is shown of the hearing of an agreement, as of the last block read."""
    told = hearing(found.reader, found.standing.events, found.standing.times, found.now)
    counts = Counter(each.duty for each in told.remarks)
    return HearingView(
        open_until=told.open_until,
        answer_within=told.answer_within,
        duties=tuple(DutyCount(duty, counts[duty]) for duty in get_args(Duty) if counts[duty]),
        remarks=tuple(
            RemarkRow(each, found.cursor.finality(each.block), link_in(each.text), link_in(each.link))
            for each in told.remarks[-REMARKS:]
        ),
        more_remarks=max(len(told.remarks) - REMARKS, 0),
        challenges=tuple(ChallengeRow(each, found.cursor.finality(each.block)) for each in told.challenges),
    )


def link_in(text: str | None) -> str | None:
    """A stranger's text if it is an address that may be shown as a link, else None."""
    if text is None or len(text) > _LONGEST_LINK or not text.startswith(_LINK):
        return None
    return text if text.isascii() and text.isprintable() and " " not in text else None
