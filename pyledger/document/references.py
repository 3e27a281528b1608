"""Whether what surrounds a deal names things that are there: benefits, verifiers, groups, gates, estimates, waivers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pyledger.document.benefits import FRONTIER_NEEDS, KINDS
from pyledger.document.problem import Declared, Location, Problem
from pyledger.document.rules import amount, count, known, positive

if TYPE_CHECKING:
    from pyledger.document.benefits import Benefit
    from pyledger.document.estimates import Estimates
    from pyledger.document.model import Document

__all__ = ["references"]

MAX_BENEFITS = 64
MAX_GROUPS = 64
MAX_WAIVERS = 100


def references(document: Document, declared: Declared) -> Iterator[Problem]:
    """Everything that names nothing, in the order of the document's parts."""
    yield from count(("benefits",), len(document.benefits), 0, MAX_BENEFITS, "benefits")
    yield from count(("affected_groups",), len(document.affected_groups), 0, MAX_GROUPS, "affected groups")
    yield from count(("waivers",), len(document.waivers), 0, MAX_WAIVERS, "waivers")
    for name, benefit in document.benefits.items():
        yield from _benefit(("benefits", name), benefit, document, declared)
    yield from _verifiers(document, declared)
    yield from _voices(document, declared)
    if document.estimates:
        yield from _estimates(("estimates",), document.estimates, document, declared)


def _benefit(at: Location, benefit: Benefit, document: Document, declared: Declared) -> Iterator[Problem]:
    accounts = (*declared.accounts, *declared.standing, *document.affected_groups)
    yield from known((*at, "from"), benefit.from_, accounts, "party or recipient")
    yield from _each((*at, "to"), benefit.to, accounts, "party, recipient or affected group")
    if benefit.kind and benefit.kind not in KINDS[benefit.cluster]:
        kinds = ", ".join(KINDS[benefit.cluster])
        message = f"`{benefit.kind}` is no kind of the cluster {benefit.cluster}"
        yield Problem((*at, "kind"), message, f"known there: {kinds}")
    if benefit.phase:
        yield from known((*at, "phase"), benefit.phase, tuple(phase.id for phase in document.phases), "phase")
    yield from _each((*at, "verified_by"), benefit.verified_by, _obligations(declared), "obligation")
    yield from _worth(at, benefit, document, declared)
    if benefit.revocability.by:
        yield from known((*at, "revocability", "by"), benefit.revocability.by, (*accounts, *declared.panels), "party")
    if benefit.cluster == "frontier_ai":
        for key in FRONTIER_NEEDS:
            if getattr(benefit, key) is None:
                message = f"`{key}` is missing, which a benefit of the cluster frontier_ai must say"
                field = type(benefit).model_fields[key]
                yield Problem((*at, key), message, f"write for example `{key}: {(field.examples or ['…'])[0]}`")


def _worth(at: Location, benefit: Benefit, document: Document, declared: Declared) -> Iterator[Problem]:
    if (benefit.value is None) != (benefit.asset is None):
        missing = "asset" if benefit.asset is None else "value"
        yield Problem((*at, missing), f"`{missing}` is missing", "give `value` and `asset` together, or neither")
    elif benefit.value is not None and benefit.asset is not None:
        yield from known((*at, "asset"), benefit.asset, declared.assets, "asset")
        yield from amount((*at, "value"), benefit.value, benefit.asset, document)


def _verifiers(document: Document, declared: Declared) -> Iterator[Problem]:
    if len(document.panels) < len(declared.panels):
        return
    sitting = {verifier for panel in document.panels.values() for verifier, _ in panel.seats}
    for name, verifier in document.verifiers.items():
        at: Location = ("verifiers", name)
        yield from known(at, name, tuple(sorted(sitting)), "verifier on a panel", at_key=True)
        everybody = (*declared.accounts, *document.affected_groups, *declared.standing)
        yield from _each((*at, "affiliated_with"), verifier.affiliated_with, everybody, "party, recipient or group")
        yield from _each((*at, "paid_by"), verifier.paid_by, everybody, "party, recipient or group")


def _voices(document: Document, declared: Declared) -> Iterator[Problem]:
    sitting = tuple(sorted({name for panel in document.panels.values() for name, _ in panel.seats}))
    for name, group in document.affected_groups.items():
        at: Location = ("affected_groups", name)
        if group.standing:
            yield from known((*at, "standing"), group.standing, declared.standing, "entry of `standing`")
        if len(document.panels) == len(declared.panels):
            yield from _each((*at, "seats"), group.seats, sitting, "verifier on a panel")
        yield from _each((*at, "reserved"), group.reserved, _obligations(declared), "obligation")
    if (comment := document.comment) is not None:
        yield from positive(("comment", "window"), comment.window)
        if comment.before:
            phases = tuple(phase.id for phase in document.phases)
            yield from known(("comment", "before"), comment.before, (*phases, *_obligations(declared)), "phase")
        told = (*declared.accounts, *declared.standing, *document.affected_groups)
        yield from _each(("comment", "notice_to"), comment.notice_to, told, "party, recipient or group")
    if (ratification := document.ratification) is not None:
        yield from _each(("ratification", "by"), ratification.by, declared.parties, "party")
        yield from known(("ratification", "gate"), ratification.gate, _obligations(declared), "obligation")


def _estimates(at: Location, estimates: Estimates, document: Document, declared: Declared) -> Iterator[Problem]:
    yield from known((*at, "asset"), estimates.asset, declared.assets, "asset")
    yield from _each((*at, "prices"), estimates.prices, declared.assets, "asset", at_key=True)
    yield from _each((*at, "values"), estimates.values, _obligations(declared), "obligation", at_key=True)
    yield from _each((*at, "panels"), estimates.panels, declared.panels, "panel", at_key=True)
    yield from _each((*at, "parties"), estimates.parties, declared.parties, "party", at_key=True)
    phases = tuple(phase.id for phase in document.phases)
    yield from _each((*at, "phases"), estimates.phases, phases, "phase", at_key=True)
    for phase, stakes in estimates.phases.items():
        yield from _each((*at, "phases", phase), stakes, declared.parties, "party", at_key=True)


def _obligations(declared: Declared) -> tuple[str, ...]:
    return tuple(name for phase in declared.obligations for name in phase)


def _each(
    at: Location, found: Iterable[str], names: tuple[str, ...], what: str, *, at_key: bool = False
) -> Iterator[Problem]:
    for index, name in enumerate(found):
        yield from known((*at, name if at_key else index), name, names, what, at_key=at_key)
