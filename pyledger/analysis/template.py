"""The estimates that a document could have, as text to paste into it, with its own names filled in."""

from __future__ import annotations

from collections.abc import Iterator

from pyledger.document import Document

__all__ = ["template"]


def template(document: Document) -> str:
    """A block `estimates` with every panel, party and phase of the document; the numbers are to be replaced.

    Only what a party promises in a phase is asked for. A document without assets has nothing to count in: the block
    says so, and names one that must be added.
    """
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    assets = list(document.assets)
    yield "# Fill in what your side believes. A number, or a range: {low: 30, likely: 40, high: 60}."
    yield "# Amounts are in units of `asset`. Whatever is left out counts as nothing; chances count as certain."
    yield "estimates:"
    yield f"  asset: {assets[0]}" if assets else "  asset: usd  # the document has no asset yet: add one under `assets`"
    yield "  source: Who believes this, and since when"
    yield "  discount_rate: 5%  # how much less next year counts"
    yield "  capital_cost: 3%  # what locking money in costs a year"
    if len(assets) > 1:
        yield f"  prices: {{{', '.join(f'{each}: 1' for each in assets[1:])}}}  # of one unit, in units of {assets[0]}"
    yield "  panels:"
    for panel in document.panels:
        yield f"    {panel}: {{detection: 80%, attribution: 95%, ruling: 95%, false_positive: 2%, lag: 30 days}}"
    yield "  parties:  # what a breach that is found costs elsewhere; `wealth` would limit what a party can lock in"
    for party in document.parties:
        yield f"    {party}: {{reputation: 0}}"
    yield "  phases:  # gains and costs if all perform; what breaching gains; what it has if the deal ends before"
    for phase in document.phases:
        yield f"    {phase.id}:"
        for party in document.parties:
            owes = any(each.by == party for each in phase.obligations.values())
            tempted = ", temptation: {low: 0, likely: 0, high: 0}" if owes else ""
            yield f"      {party}: {{value: 0, cost: 0, outside_option: 0{tempted}}}"
