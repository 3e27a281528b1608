"""Refusals of the settlement model in words, for whoever writes scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pyledger.document.units import say_duration, say_time
from pyledger.errors import Refused
from pyledger.terms.structs import Verdict

__all__ = ["why"]

_Say = Callable[[int], str]
"""Says a moment (Unix seconds)."""
_WORDS: Final[Mapping[str, Callable[[Mapping[str, Any], str, _Say], str]]] = {
    "TooLate": lambda values, now, say: f"{now} is too late: the last moment was {say(values['deadline'])}",
    "TooEarly": lambda values, now, say: f"{now} is too early: it can be from {say(values['start'])} on",
    "PastCutOff": lambda values, _, say: f"a default or a material breach ended the deal at {say(values['cutOff'])}",
    "AlreadyDecided": lambda values, *_: f"it is decided already: {Verdict(values['verdict']).name.lower()}",
    "NotLater": lambda values, *_: f"it has {say_duration(values['start'])} from the phase's opening already",
    "NoArbitrator": lambda *_: "the deal has no court, so a verdict cannot be contested",
    "NotDecided": lambda *_: "there is no verdict on it yet",
    "AlreadyChallenged": lambda *_: "it has been contested already",
    "AssetNotSplit": lambda *_: "an asset that is held is not among those that are split",
    "SharesMalformed": lambda *_: "the shares of an asset are not 100% in all, or more than eight",
    "AlreadyAccepted": lambda *_: "this party has joined already",
    "VerdictNotAllowed": lambda *_: "this verdict cannot be given on it",
    "NoStanding": lambda *_: "only a party that has joined, or whoever has standing, may contest a verdict",
    "WrongStatus": lambda *_: "the deal is in force, and the document does not say `accession: true`",
    "TooManyShares": lambda *_: "there are more shares than a dissolution can pay",
    "PhaseFlawed": lambda values, *_: (
        "a payment cannot be due after the deadline of what it hangs on"
        if values["flaw"] == "due"
        else "no deadline can be so late"
    ),
}

_OTHER_TIME: Final = "have it happen at another time, or leave the step out"
_NEXT: Final[Mapping[str, str]] = {
    "TooLate": _OTHER_TIME,
    "TooEarly": _OTHER_TIME,
    "PastCutOff": _OTHER_TIME,
    "NotDecided": "write the verdict before it",
    "NotLater": "write a longer time, or leave the step out",
    "PhaseFlawed": "write a shorter time",
    "AssetNotSplit": "say who gets each asset that is held",
    "SharesMalformed": "write at most eight shares of each asset, 100% together",
    "TooManyShares": "write fewer shares",
}


def why(error: Refused, now: int, opened: int = 0) -> tuple[str, str]:
    """Why a move was refused at `now`, and what to do next, in a phase that was `opened` then (Unix seconds; 0: none).

    Moments are said as scenarios give them, too: by how long they come after the opening of their phase.
    """

    def say(moment: int) -> str:
        after = f" ({say_duration(moment - opened)} after the phase opened)" if 0 < opened <= moment else ""
        return f"{say_time(moment)}{after}"

    words = _WORDS.get(error.name)
    said = words(error.values, say(now), say) if words else f"the terms do not allow it: {error.what}"
    return said, _NEXT.get(error.name, "leave the step out")
