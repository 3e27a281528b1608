"""Whether a benefit is shared wealth or shared power, by which rule, and what would change that.

| rule | fires where |
|---|---|
| `P1` | weights are handed over at most one generation behind the frontier |
| `P2` | it serves offence |
| `P3` | it carries a veto, or votes enough to block a two-thirds majority |
| `P4` | general capability at the frontier is watched little or not at all |
| `P5` | computing may be used to train anything, on machines that cannot be governed |
| `P6` | irrevocable money is worth at least 1 percent of a recipient's yearly product (`estimates`) |
| `P7` | algorithms or experts of the frontier are handed over |

One rule makes it `power`. Otherwise two or more signs (`SIGNS`) make it `mixed`, and fewer leave it a `benefit`. The
rules follow the examples given in writing on sharing artificial intelligence: weights, offensive technology and vetoes
on one side, monitored access to older generations on the other. Limits and signs are conventions of this program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from pyledger.document.benefits import Benefit
from pyledger.document.limits import WHOLE

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["RULES", "SIGNS", "Change", "Class", "Classified", "classify", "classify_all"]

Class = Literal["benefit", "mixed", "power"]

_LAG: Final = 1
"""Generations behind the frontier up to which weights are power."""
_WEALTH: Final = 100
"""Share of a recipient's yearly product (basis points) from which on irrevocable money is power."""
_RANK: Final[Mapping[Class, int]] = {"benefit": 0, "mixed": 1, "power": 2}
_MOST_CHANGES: Final = 3
"""Most changes that are tried together; a benefit with more wrong is told one change for each rule."""

RULES: Final[Mapping[str, str]] = {
    "P1": "weights at most one generation behind the frontier",
    "P2": "serves offence",
    "P3": "a veto, or votes enough to block",
    "P4": "general, at the frontier, and hardly monitored",
    "P5": "unrestricted training on machines that cannot be governed",
    "P6": "irrevocable money of 1% or more of a recipient's yearly product",
    "P7": "algorithms or experts of the frontier",
}

SIGNS: Final[Mapping[str, str]] = {
    "frontier": "at the frontier",
    "unmonitored": "not monitored in real time",
    "irrevocable": "irrevocable",
    "dual use": "of high dual use",
    "training": "training allowed below a limit",
}


class Change(NamedTuple):
    """One attribute of the benefit and what to write for it: `monitoring`, `realtime`."""

    attribute: str
    value: str


class Classified(NamedTuple):
    """A benefit's class, the rules or signs that made it so, and each smallest set of changes that lowers it."""

    name: str
    class_: Class
    fired: tuple[str, ...]
    flips: tuple[tuple[Change, ...], ...]


def classify_all(document: Document) -> tuple[Classified, ...]:
    """Every benefit of a document, in its order."""
    return tuple(classify(document, name) for name in document.benefits)


def classify(document: Document, name: str) -> Classified:
    """One benefit of a document; `KeyError` when there is none of that name."""
    benefit = document.benefits[name]
    wealth = _least_wealth(document, benefit)
    found, fired = _class(benefit, wealth)
    return Classified(name, found, fired, tuple(_flips(benefit, wealth, found)))


def _class(benefit: Benefit, wealth: Decimal | None) -> tuple[Class, tuple[str, ...]]:
    if fired := tuple(key for key, test in _TESTS.items() if test(benefit, wealth)):
        return "power", fired
    signs = tuple(_signs(benefit))
    return ("mixed" if len(signs) >= 2 else "benefit"), signs


def _least_wealth(document: Document, benefit: Benefit) -> Decimal | None:
    """The smallest yearly product among the recipients, where estimates and benefit count in the same asset."""
    estimates = document.estimates
    if estimates is None or benefit.asset != estimates.asset:
        return None
    known = (estimates.parties[name].gdp for name in benefit.to if name in estimates.parties)
    return min((gdp.likely for gdp in known if gdp), default=None)


def _p3(benefit: Benefit, _: Decimal | None) -> bool:
    return benefit.veto or 3 * (benefit.vote_share or 0) > WHOLE


def _p4(benefit: Benefit, _: Decimal | None) -> bool:
    watched_little = benefit.monitoring in ("none", "minimal")
    return benefit.generality == "general" and benefit.generation_lag == 0 and watched_little


def _p6(benefit: Benefit, wealth: Decimal | None) -> bool:
    lasting = benefit.cluster == "financial_resource" and benefit.revocability.class_ == "irrevocable"
    return lasting and bool(wealth) and (benefit.value or 0) * WHOLE >= (wealth or 0) * _WEALTH


def _p7(benefit: Benefit, _: Decimal | None) -> bool:
    know_how = benefit.input in ("algorithm", "human_capital") or benefit.kind in ("algorithm", "expertise")
    return know_how and benefit.generation_lag == 0


_TESTS: Final[Mapping[str, Callable[[Benefit, Decimal | None], bool]]] = {
    "P1": lambda it, _: it.delivery == "weights" and it.generation_lag is not None and it.generation_lag <= _LAG,
    "P2": lambda it, _: it.offence_defence == "offence",
    "P3": _p3,
    "P4": _p4,
    "P5": lambda it, _: it.compute_use == "training_unrestricted" and not it.hem,
    "P6": _p6,
    "P7": _p7,
}


def _signs(benefit: Benefit) -> Iterator[str]:
    if benefit.generation_lag == 0:
        yield "frontier"
    if benefit.monitoring not in (None, "realtime"):
        yield "unmonitored"
    if benefit.revocability.class_ == "irrevocable":
        yield "irrevocable"
    if benefit.dual_use == "high":
        yield "dual use"
    if benefit.compute_use == "training_below":
        yield "training"


def _flips(benefit: Benefit, wealth: Decimal | None, now: Class) -> Iterator[tuple[Change, ...]]:
    """Each smallest set of changes after which the class is a lower one."""
    if now == "benefit":
        return
    possible = tuple(_changes(benefit, wealth))
    for size in range(1, _MOST_CHANGES + 1):
        lower = [
            tuple(change for change, _ in chosen)
            for chosen in combinations(possible, size)
            if len({change.attribute for change, _ in chosen}) == size
            and _RANK[_class(_changed(benefit, chosen), wealth)[0]] < _RANK[now]
        ]
        if lower:
            yield from lower
            return
    yield tuple({change.attribute: change for change, _ in reversed(possible)}.values())[::-1]


def _changed(benefit: Benefit, changes: tuple[tuple[Change, Any], ...]) -> Benefit:
    return benefit.model_copy(update={change.attribute: value for change, value in changes})


def _changes(benefit: Benefit, wealth: Decimal | None) -> Iterator[tuple[Change, Any]]:
    """Every change of one attribute that a drafter could make to have less power change hands."""
    if benefit.delivery == "weights":
        yield Change("delivery", "api"), "api"
    if benefit.generation_lag is not None and benefit.generation_lag <= _LAG:
        enough = _LAG + 1 if benefit.delivery == "weights" else 1
        if benefit.generation_lag < enough:
            yield Change("generation_lag", str(enough)), enough
    if benefit.offence_defence == "offence":
        yield Change("offence_defence", "neutral"), "neutral"
    if benefit.veto:
        yield Change("veto", "false"), False
    if 3 * (benefit.vote_share or 0) > WHOLE:
        yield Change("vote_share", "33.33%"), 3_333
    if benefit.monitoring not in (None, "realtime"):
        yield Change("monitoring", "realtime"), "realtime"
    if benefit.generality == "general":
        yield Change("generality", "broad"), "broad"
    if benefit.compute_use in ("training_unrestricted", "training_below"):
        yield Change("compute_use", "inference_only"), "inference_only"
    if benefit.compute_use == "training_unrestricted":
        yield Change("hem", "true"), True
    if benefit.revocability.class_ == "irrevocable":
        softer = benefit.revocability.model_copy(update={"class_": "revocable_with_notice"})
        yield Change("revocability", "revocable_with_notice"), softer
    if _p6(benefit, wealth) and wealth:
        yield Change("value", f"below {wealth * _WEALTH / WHOLE:f}"), Decimal(0)
    if benefit.input in ("algorithm", "human_capital"):
        yield Change("input", "none"), "none"
    if benefit.dual_use == "high":
        yield Change("dual_use", "low"), "low"
