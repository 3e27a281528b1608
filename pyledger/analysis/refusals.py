"""Refusals of the settlement model in words, for whoever writes scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pyledger.document.units import say_duration, say_time
from pyledger.errors import Refused
from pyledger.terms.structs import Verdict

__all__ = ["why"]

_WORDS: Final[Mapping[str, Callable[[Mapping[str, Any], str], str]]] = {
    "TooLate": lambda values, now: f"{now} is too late: the last moment was {say_time(values['deadline'])}",
    "TooEarly": lambda values, now: f"{now} is too early: it can be from {say_time(values['start'])} on",
    "PastCutOff": lambda values, _: f"a default or a material breach ended the deal at {say_time(values['cutOff'])}",
    "AlreadyDecided": lambda values, _: f"it is decided already: {Verdict(values['verdict']).name.lower()}",
    "NotLater": lambda values, _: f"it has {say_duration(values['start'])} from the phase's opening already",
    "NoArbitrator": lambda _, __: "the deal has no court, so a verdict cannot be contested",
    "NotDecided": lambda _, __: "there is no verdict on it yet",
    "AlreadyChallenged": lambda _, __: "it has been contested already",
    "AssetNotSplit": lambda _, __: "an asset that is held is not among those that are split",
    "SharesMalformed": lambda _, __: "the shares of an asset are not 100% in all, or more than eight",
    "AlreadyAccepted": lambda _, __: "this party has joined already",
    "VerdictNotAllowed": lambda _, __: "this verdict cannot be given on it",
    "NoStanding": lambda _, __: "only a party that has joined, or whoever has standing, may contest a verdict",
    "WrongStatus": lambda _, __: "the deal is in force, and the document does not say `accession: true`",
    "TooManyShares": lambda _, __: "there are more shares than a dissolution can pay",
    "PhaseFlawed": lambda values, _: (
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


def why(error: Refused, now: int) -> tuple[str, str]:
    """Why a move was refused at `now` (Unix seconds), and what to do next."""
    words = _WORDS.get(error.name)
    said = words(error.values, say_time(now)) if words else f"the terms do not allow it: {error.what}"
    return said, _NEXT.get(error.name, "leave the step out")
