"""How figures are taken and told: side by side in one run, as medians with their spread, and as ratios."""

import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")

__all__ = ["Taken", "compared", "in_turn", "ratio", "say", "taken_by", "usual"]


class Taken(NamedTuple):
    """What a program took: seconds by the clock, and of CPU time with that of its own programs."""

    clock: float
    cpu: float


def say(name: str, figures: Sequence[float], unit: str, digits: int = 0) -> None:
    """One line: the median, and the spread."""
    low, high = _ends(figures)
    print(f"  {name:<56}{statistics.median(figures):>9,.{digits}f} {unit}   ({low:,.{digits}f} to {high:,.{digits}f})")


def ratio(ours: str, theirs: str, figures: Mapping[str, Sequence[float]], *, rates: bool = False) -> None:
    """How much faster one was than another, pair by pair. More is better of `rates`, less of what something took."""
    pairs = [
        mine / other if rates else other / mine for mine, other in zip(figures[ours], figures[theirs], strict=True)
    ]
    middle, low, high = (f"{each:,.{1 if each >= 1 else 2}f}" for each in (statistics.median(pairs), *_ends(pairs)))
    print(f"    {ours}: {middle} times as fast as {theirs}   ({low} to {high})")


def compared(
    figures: Mapping[str, Sequence[float]], unit: str, digits: int, *, ours: str = "pyledger", rates: bool = False
) -> None:
    """All that was measured side by side, and how much faster the one was than each of the others."""
    for name, found in figures.items():
        say(name, found, unit, digits)
    for name in figures:
        if name != ours:
            ratio(ours, name, figures, rates=rates)


def _ends(figures: Sequence[float]) -> tuple[float, float]:
    return min(figures), max(figures)


def in_turn(makers: Mapping[str, Callable[[], T]], times: int, *, warm: bool = True) -> dict[str, list[T]]:
    """Each in turn, so often: what else the machine does falls on all alike.

    To `warm` up there is a round that is not counted: Python compiles, and the system reads from disk, what they keep.
    """
    found: dict[str, list[T]] = {name: [] for name in makers}
    for make in makers.values() if warm else ():
        make()
    for _ in range(times):
        for name, make in makers.items():
            found[name].append(make())
    return found


def usual(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of programs that are measured: Python keeps what it has compiled, as it does for its users."""
    found = {**os.environ, **(more or {})}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def taken_by(
    words: Sequence[str], *, where: Path, environment: Mapping[str, str] | None = None, ends: int = 0
) -> Taken:
    """What a program takes from its start to its end. Raises SystemExit, with what it said, if it ends otherwise."""
    with tempfile.TemporaryFile("w+") as said:
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            words, stdout=said, stderr=subprocess.STDOUT, check=False, cwd=where, env=usual(environment)
        )
        clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != ends:
            said.seek(0)
            raise SystemExit(f"{' '.join(words)} ended with {done.returncode}:\n{said.read()[-3000:]}")
    return Taken(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
