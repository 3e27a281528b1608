"""A scenario played on a throwaway chain, and what is not as it expects."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from typing import NamedTuple

from pyledger.analysis.scenario import run
from pyledger.analysis.script import Script, Unmet, unmet
from pyledger.analysis.stage import Stage
from pyledger.cli.performing import Performed, Seen
from pyledger.cli.replay import Playhouse
from pyledger.document.problem import Location
from pyledger.document.units import say_amount
from pyledger.terms.facts import Facts

__all__ = ["Played", "play_script"]


class Played(NamedTuple):
    """One scenario on a chain: what is not as expected, in the order of the file, and what it took.

    `end` is how it stood in the end, None if it did not come to that.
    """

    problems: tuple[Unmet, ...]
    end: Facts | None
    transactions: int
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.problems


def play_script(house: Playhouse, script: Script) -> Played:
    """Plays one scenario; the chain is then as it was before. Raises what a node that fails raises."""
    began = time.monotonic()
    start = run(script.deal, script.scenario).deal.start
    with house.staging(script.deal.document, start=start) as stage:
        model = run(stage.deal, script.scenario.model_copy(update={"start": None}))
        performed = stage.perform(model.acts)
    end = performed.end.facts if performed.end else None
    problems = sorted(_problems(script, model, performed), key=lambda each: each.line)
    return Played(tuple(problems), end, performed.transactions, time.monotonic() - began)


def _problems(script: Script, model: Stage, performed: Performed) -> Iterator[Unmet]:
    if performed.end is None:
        step = bisect_right(model.begun, performed.act) - 1
        at: Location = ("steps", step) if step >= 0 else ()
        yield Unmet(script.line(at), f"it could not be played: {performed.refused}", "", "")
    yield from unmet(script, [each.facts for each in performed.seen], performed.end.facts if performed.end else None)
    looks: list[Location] = [("steps", n) for n, step in enumerate(script.scenario.steps) if step.expect is not None]
    facts = zip(looks, performed.seen, model.seen, strict=False)
    ends = [(("expect",), performed.end, model.facts())] if performed.end is not None else []
    for where, seen, told in [*facts, *ends]:
        yield from _unsound(script.line(where), seen, told)


def _unsound(line: int, seen: Seen, model: Facts) -> Iterator[Unmet]:
    """What must be true whatever is expected: no money is lost or made, and the chain does what the model says."""
    for asset, (wanted, held) in seen.losses.items():
        words = [f"{say_amount(Decimal(each))} of the smallest unit" for each in (wanted, held)]
        yield Unmet(line, f"{asset} held by the agreement", *words)
    for field in fields(Facts):
        by_model, by_chain = getattr(model, field.name), getattr(seen.facts, field.name)
        if by_model != by_chain:
            what = f"`{field.name}` on the chain, by the model (a defect of pyledger: please report it)"
            yield Unmet(line, what, str(by_model), str(by_chain))
