"""PAN: panels after the model of an existing body, and what of that body is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pyledger.document.presets import PRESETS
from pyledger.document.risks.rule import Hit, Rule, rule

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["PANELS"]


@rule(
    "PAN1",
    "info",
    "a preset says less than its model",
    why="On chain a panel is equal votes, a threshold, and a quota for each chamber. What else the model's rules "
    "have is not in the terms, and nobody should think that it is.",
    mend="say in `beyond` what is lost and what stands in for it, or waive this with the reason",
    source="Statutes of the Forest Stewardship Council, the Extractive Industries Transparency Initiative and the "
    "Executive Board of the Kyoto mechanism.",
)
def _pan1(document: Document) -> Iterator[Hit]:
    for name, panel in document.panels.items():
        if panel.preset:
            message = f"the terms keep the majorities of {panel.preset}, and cannot say {PRESETS[panel.preset].lost}"
            yield Hit(("panels", name, "preset"), message)


@rule(
    "PAN2",
    "warning",
    "unequal chambers that should weigh the same",
    why="The model gives each chamber the same weight whatever its size. Here each seat has one vote, so that "
    "the largest chamber counts for most in the threshold.",
    mend="give each chamber the same number of seats",
    source="Forest Stewardship Council: a third of the votes for each chamber.",
)
def _pan2(document: Document) -> Iterator[Hit]:
    for name, panel in document.panels.items():
        sizes = {chamber: len(it.verifiers) for chamber, it in (panel.chambers or {}).items()}
        if panel.preset and len(set(sizes.values())) > 1:
            said = ", ".join(f"`{chamber}` {size}" for chamber, size in sizes.items())
            message = f"under {panel.preset} chambers weigh the same, and here they have unequal seats: {said}"
            yield Hit(("panels", name, "chambers"), message)


PANELS: Final[tuple[Rule, ...]] = (_pan1, _pan2)
