"""Pledges as documents: a new one from what a person says, and the draft clause that kept ones lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from pyledger.document.circumstances import InstrumentLevel
from pyledger.document.load import Draft, read_draft
from pyledger.document.rewrite import written
from pyledger.errors import UsageError

__all__ = ["Deposit", "Wish", "clause", "pledge"]

Plain = dict[str, Any]

_MERGED: Final = ("assets", "recipients", "standing", "verifiers")
"""Parts that several pledges may share, if they say the same of them."""

_JOIN_WITHIN: Final = "60 days"
_LONG_STOP: Final = "10 years"
"""What a draft clause begins with, to be negotiated."""

_WIDTH: Final = 80
"""Mappings that are longer when written on one line are written in a block."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """What a maker can lose: an amount in units of an asset, and who receives it."""

    amount: Decimal
    symbol: str
    decimals: int
    to: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A pledge as a person says it: names and sentences, durations as documents write them.

    `metric` and `unit` say what number measures it, `target` the level that counts as kept, at most that with `most`;
    `ladder` is where it leads, as documents write it.
    """

    maker: str
    promise: str
    review_in: str
    referees: tuple[str, ...]
    evidence: str
    metric: str | None = None
    unit: str | None = None
    target: Decimal | None = None
    most: bool = False
    deposit: Deposit | None = None
    ladder: Mapping[str, object] | None = None


def pledge(wish: Wish, *, file: str) -> Draft:
    """The document of a pledge; `file` is what errors call it.

    A majority of the referees decides. Without a deposit silence lapses, as nobody should be found in breach by it for
    nothing; with one silence counts as a breach. DocumentError where what was said makes no document.
    """
    maker, deposit = _id(wish.maker), wish.deposit
    names = {_id(referee): referee for referee in wish.referees}
    value: Plain = {"what": wish.metric, "unit": wish.unit or "points", "target": wish.target}
    value |= {"counts": "bad"} if wish.most else {}
    obligation: Plain = {
        "by": maker,
        "what": wish.promise,
        "within": wish.review_in,
        "decided_by": "referees",
        "if_silent": "breach" if deposit else "lapse",
        **({"forfeit": "100%"} if deposit else {}),
        **({"value": {key: each for key, each in value.items() if each is not None}} if wish.metric else {}),
        "evidence": wish.evidence,
    }
    party: Plain = {"name": wish.maker}
    data: Plain = {
        "pyledger": 1,
        "title": f"Pledge of {wish.maker}",
        "instrument": {"level": "soft_pledge"},
        **({"ladder": wish.ladder} if wish.ladder else {}),
        "publication": {"when": "immediate", "open_to": "public"},
    }
    if deposit:
        to = _id(deposit.to)
        data["assets"] = {deposit.symbol.lower(): {"symbol": deposit.symbol, "decimals": deposit.decimals}}
        party |= {"bond": {"amount": deposit.amount, "asset": deposit.symbol.lower()}, "forfeits_to": to}
        data["recipients"] = {to: {"name": deposit.to}}
    data |= {
        "parties": {maker: party},
        "verifiers": {name: {"name": referee} for name, referee in names.items()},
        "panels": {"referees": {"verifiers": list(names), "threshold": len(names) // 2 + 1}},
        "join_within": "30 days",
        "long_stop_after": _LONG_STOP,
        "phases": [{"id": "pledged", "obligations": {"promise": obligation}}],
    }
    return read_draft("\n".join(_lines(data)) + "\n", file=file)


def clause(pledges: Sequence[Draft], to: InstrumentLevel, *, file: str) -> Draft:
    """A draft agreement of all makers together: their promises side by side, phase by phase, each decided as before.

    What several pledges share has to be said alike in each. Joining and the long stop are left to be negotiated.
    UsageError where the pledges do not go together, DocumentError where together they make no document.
    """
    data: Plain = {
        "pyledger": 1,
        "title": "Draft clause from pledges that were kept",
        "instrument": {"level": to},
        "notes": [f"Grown from the pledge: {each.document.title}" for each in pledges],
    }
    plain = [_plain(each) for each in pledges]
    for part in _MERGED:
        if merged := _merged(part, pledges, plain):
            data[part] = merged
    data["parties"] = _parties(pledges, plain)
    data["panels"] = {
        _of(maker, name): panel for maker, each in _by_maker(plain) for name, panel in each["panels"].items()
    }
    data |= {"join_within": _JOIN_WITHIN, "long_stop_after": _LONG_STOP}
    count = max(len(each["phases"]) for each in plain)
    data["phases"] = [_phase(index, plain) for index in range(count)]
    return read_draft("\n".join(_lines(data)) + "\n", file=file)


def _plain(draft: Draft) -> Plain:
    found = draft.root.plain()
    assert isinstance(found, dict), "a document is a mapping"
    if len(draft.document.parties) != 1:
        raise UsageError(
            f"{draft.file} has {len(draft.document.parties)} parties, and a pledge has one",
            hint="give pledges, as `pyledger pledge new` writes them",
        )
    return found


def _by_maker(plain: Iterable[Plain]) -> Iterator[tuple[str, Plain]]:
    for each in plain:
        (maker,) = each["parties"]
        yield maker, each


def _merged(part: str, pledges: Sequence[Draft], plain: Sequence[Plain]) -> Plain:
    found: Plain = {}
    for draft, each in zip(pledges, plain, strict=True):
        for name, said in each.get(part, {}).items():
            if found.setdefault(name, said) != said:
                raise UsageError(
                    f"{draft.file} says something else of `{name}`, under `{part}`, than a pledge before it",
                    hint="give it another name in one of them, or say the same in both",
                )
    return found


def _parties(pledges: Sequence[Draft], plain: Sequence[Plain]) -> Plain:
    found: Plain = {}
    for draft, (maker, each) in zip(pledges, _by_maker(plain), strict=True):
        if found.setdefault(maker, each["parties"][maker]) is not each["parties"][maker]:
            raise UsageError(
                f"{draft.file} is of the maker `{maker}`, like a pledge before it",
                hint="give one pledge of each maker, or another name if they are two",
            )
    return found


def _phase(index: int, plain: Iterable[Plain]) -> Plain:
    """What all pledges have in their phase of that number; ids carry the maker's, so that none are alike."""
    obligations: Plain = {}
    payments: Plain = {}
    bonds: Plain = {}
    for maker, each in _by_maker(plain):
        phase = each["phases"][index] if index < len(each["phases"]) else {"obligations": {}}
        bonds |= phase.get("bonds") or {}
        for name, said in phase["obligations"].items():
            obligations[_of(maker, name)] = said | {"decided_by": _of(maker, said["decided_by"])}
        for name, said in (phase.get("payments") or {}).items():
            when = {_of(maker, on): verdicts for on, verdicts in said["when"].items()}
            payments[_of(maker, name)] = said | {"when": when}
    parts = {"bonds": bonds, "obligations": obligations, "payments": payments}
    return {"id": f"step-{index + 1}"} | {key: part for key, part in parts.items() if part}


def _of(maker: str, name: str) -> str:
    return f"{maker}-{name}"


def _id(name: str) -> str:
    """An id from a name: "Laboratory of the North" is `laboratory-of-the-north`."""
    found = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not found or not found[0].isalpha():
        raise UsageError(f"no short name can be made of `{name}`", hint="begin with a letter from a to z")
    return found[:40].rstrip("-")


def _nested(value: Mapping[str, Any]) -> bool:
    return any(isinstance(each, dict) for each in value.values())


def _lines(data: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A mapping as YAML: what is nested or long in blocks, everything else on a line of its own."""
    for key, value in data.items():
        if isinstance(value, dict) and (_nested(value) or len(written(value)) > _WIDTH):
            yield f"{indent}{key}:"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
            yield f"{indent}{key}:"
            for each in value:
                first, *rest = _lines(each, f"{indent}    ")
                yield f"{indent}  - {first.lstrip()}"
                yield from rest
        else:
            yield f"{indent}{key}: {written(value)}"
