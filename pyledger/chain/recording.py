"""What has happened in an agreement, told by its events, as the steps of a scenario that plays it again.

The format is that of `pyledger whatif --scenario`: what everybody does unasked (pay in, settle) goes without saying, so
that what is told are verifiers' voices, concessions, defaults, disputes, consents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from pyledger.chain.events import (
    Accepted,
    Attested,
    Challenged,
    Decided,
    Ended,
    Event,
    Extended,
    Funded,
    Paid,
    PhaseOpened,
    PhaseSettled,
    Ruled,
    ToppedUp,
)
from pyledger.chain.named_account import NamedAccount
from pyledger.document.units import say_amount, say_duration, say_percent
from pyledger.terms.state import Cause, Status
from pyledger.terms.structs import BPS, Verdict

__all__ = ["Recording", "Step", "recording_of", "scenario_of", "steps_of"]

Step = Mapping[str, Any]
"""A step as it is written: what happens, with what belongs to it; a `note` alone is what no step can say."""

_PLAIN: Final = re.compile(r"[A-Za-z./][\w./-]*")
"""Paths that YAML reads as they are written."""

_WORDS: Final = {Verdict.MET: "met", Verdict.BREACHED: "breached", Verdict.LAPSED: "lapsed"}


class Recording(NamedTuple):
    """What has happened in an agreement: when it began (Unix seconds), who did not join, and the steps."""

    title: str
    start: int | None
    absent: Sequence[str]
    steps: Sequence[Step]

    def text(self, *, document: str | None = None) -> str:
        """The scenario file; `document` is what it calls what is played, as a path from where the file will be."""
        lines = [f"# {' '.join(self.title.split())}"]
        if document is not None:
            lines.append(f"document: {document if _PLAIN.fullmatch(document) else json.dumps(document)}")
        if self.start is not None:
            lines.append(f"start: {datetime.fromtimestamp(self.start, UTC):%Y-%m-%dT%H:%M:%S+00:00}")
        if self.absent:
            lines.append(f"absent: [{', '.join(self.absent)}]")
        lines.append("steps:")
        lines += [f"  # {each['note']}" if "note" in each else f"  - {_written(each)}" for each in self.steps]
        return "\n".join(lines) + ("\n" if lines[-1] != "steps:" else " []\n")


def recording_of(account: NamedAccount) -> Recording:
    """All that has happened in an agreement. Raises what reading its events raises."""
    events = account.events
    numbers = sorted({each.origin.block for each in events})
    times = dict(zip(numbers, (block.time for block in account.connection.blocks(numbers)), strict=True))
    absent, steps = absent_of(account, events), steps_of(account, events, times)
    return Recording(account.document.title, account.bindings.start, absent, steps)


def scenario_of(account: NamedAccount, *, document: str | None = None) -> str:
    """The scenario file of all that has happened in an agreement. Raises what reading its events raises."""
    return recording_of(account).text(document=document)


def absent_of(account: NamedAccount, events: Iterable[Event]) -> list[str]:
    """Who had not joined when the agreement came into force, or when joining failed."""
    joined: set[int] = set()
    for event in events:
        if isinstance(event, Accepted):
            joined.add(event.party)
        if isinstance(event, PhaseOpened) or (isinstance(event, Ended) and event.status is Status.VOID):
            return [name for index, name in enumerate(account.names.parties) if index not in joined]
    return []


def steps_of(account: NamedAccount, events: Sequence[Event], times: Mapping[int, int]) -> list[Step]:
    """The steps that some events are, in their order; `times` are those of their blocks, in Unix seconds."""
    return _Teller(account, times).tell(events)


def _written(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return str(value[0]) if len(value) == 1 else "[" + ", ".join(map(_written, value)) + "]"
    return str(value)


class _Teller:
    """Goes through the events and remembers what a later one needs."""

    def __init__(self, account: NamedAccount, times: Mapping[int, int]) -> None:
        self._account, self._names, self._times = account, account.names, times
        self._phase = self._opened_at = self._first = 0
        self._in_force = False
        self._short: set[int] = set()
        self._funded: set[int] = set()
        self._members: frozenset[int] = frozenset()
        self._steps: list[Step] = []

    def tell(self, events: Sequence[Event]) -> list[Step]:
        for event in events:
            self._take(event, events)
        return self._steps

    def _take(self, event: Event, events: Sequence[Event]) -> None:
        match event:
            case Accepted() if self._in_force:
                self._add(event, {"join": self._names.parties[event.party]})
            case PhaseOpened():
                self._in_force, self._phase, self._opened_at = True, event.phase, event.opened_at
                self._short, self._funded, self._first = set(event.short), set(), len(self._steps)
                self._members = event.members
            case ToppedUp():
                self._short.discard(event.party)
            case Funded():
                self._funded |= event.payments
            case Attested():
                self._voice(event)
            case Decided(conceded=True):
                self._add(event, {"concede": self._obligation(event.obligation)})
            case Challenged():
                by = self._names.who(event.by) or "0x" + event.by.hex()
                self._add(event, {"challenge": self._obligation(event.obligation), "by": by})
            case Ruled():
                self._add(event, {"ruling": _WORDS[event.verdict], "on": self._obligation(event.obligation)})
            case Extended():
                known = self._names.payments if event.payment else self._names.obligations
                name = known[event.phase][event.index]
                self._add(event, {"extend": name, "to": say_duration(event.to)})
            case PhaseSettled():
                self._settled(event)
            case Ended(status=Status.DISSOLVED):
                self._add(event, self._dissolution(events))
            case _:
                pass

    def _add(self, event: Event, step: Step) -> None:
        self._steps.append(step if "note" in step else self._dated(event, step))

    def _dated(self, event: Event, step: Step) -> Step:
        """A step at its time from the phase's opening."""
        return {**step, "at": say_duration(self._times[event.origin.block] - self._opened_at)}

    def _voice(self, event: Attested) -> None:
        """What a verifier says is told with what the ones before it said in the same moment, if that is the same."""
        name = self._obligation(event.obligation)
        who = self._names.seats[self._account.terms.phases[event.phase].obligations[event.obligation].panel][event.seat]
        measure = self._account.document.measure(self._account.document.phases[event.phase].obligations[name])
        value = (
            {"value": say_amount(Decimal(event.value).scaleb(-measure.decimals)).replace(",", "")} if measure else {}
        )
        several = sum(name in names for names in self._names.obligations) > 1
        phase = {"phase": self._names.phases[event.phase]} if several else {}
        step = self._dated(event, {_WORDS[event.verdict]: name, **value, **phase, "by": [who]})
        if self._steps and (last := self._steps[-1]) == {**step, "by": last.get("by")}:
            self._steps[-1] = {**last, "by": [*last["by"], who]}
        else:
            self._steps.append(step)

    def _settled(self, event: PhaseSettled) -> None:
        """Who was in default by then is said where the phase begins, before anybody pays in."""
        payments = self._account.terms.phases[event.phase].payments
        for party in sorted(event.defaults):
            unpaid = any(each.payer == party and index not in self._funded for index, each in enumerate(payments))
            on = {(True, False): "bond", (False, True): "payments"}.get((party in self._short, unpaid), "anything")
            self._steps.insert(self._first, {"default": self._names.parties[party], "on": on})
        for index, each in enumerate(payments):
            if index not in self._funded and each.payer in self._members - event.defaults:
                name = self._names.payments[event.phase][index]
                self._steps.append({"note": f"{name} was not paid in by then, and was not due: no step says that"})
        self._steps.append({"settle": "true"})

    def _dissolution(self, events: Sequence[Event]) -> Step:
        """The shares that the payments of a dissolution were made by, if they can be told from the amounts."""
        parts: dict[bytes, dict[str, int]] = {}
        for each in events:
            if isinstance(each, Paid) and each.cause is Cause.SPLIT:
                who = self._names.who(each.to) or "0x" + each.to.hex()
                shares = parts.setdefault(each.asset, {})
                shares[who] = shares.get(who, 0) + each.amount
        split: dict[str, dict[str, str]] = {}
        for asset, shares in parts.items():
            whole = sum(shares.values())
            points = {who: round(amount * BPS / whole) for who, amount in shares.items()}
            if sum(points.values()) != BPS:
                return {"note": "dissolved by consent, in shares that its payments do not tell"}
            split[self._names.what(asset) or "0x" + asset.hex()] = {who: say_percent(p) for who, p in points.items()}
        return {"dissolve": split}

    def _obligation(self, index: int) -> str:
        return self._names.obligations[self._phase][index]
