"""What a gateway's record says, checked and summed up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

from pyledger.cli.output import Screen, clock
from pyledger.errors import UsageError
from pyledger.gateway.answers import STATUS
from pyledger.gateway.audit import Problem, check_log, line_hash

__all__ = ["summed_up"]

_EVENTS = ("started", "opened", "closed", "gained", "lost", "stopped")
"""What is told line by line. Requests are counted as the tallies say, which know those, too, that leave no line; by
their lines where a gateway was broken off before it wrote a tally, or has not yet written one."""

_COUNTED = frozenset({"admitted", "answered", "cut", *STATUS})

_SHOWN: Final = 10
"""How many bad lines are told one by one: behind the first there may be thousands."""


def summed_up(log: Path, last: str | None, screen: Screen) -> bool:
    """Shows it; whether all of it holds."""
    problems: list[Problem] = []
    told: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    listed: Counter[str] = Counter()  # since the last tally
    found, lines = last is None, 0
    try:
        for raw, line in check_log(log):
            lines += 1
            found = found or line_hash(raw) == last
            if isinstance(line, Problem):
                problems.append(line)
                continue
            event = str(line.get("event"))
            if event in _EVENTS:
                told.append(line)
            if event in ("tally", "started"):
                counts += listed | _tallied(line)
                listed.clear()
            elif (what := str(line.get("reason") if event == "turned" else event)) in _COUNTED:
                listed[what] += 1
    except OSError as error:
        raise UsageError(f"the record {log} cannot be read: {error.strerror}", hint="check the path") from error
    counts += listed
    holds = not problems and found
    screen.data(
        {
            "log": str(log),
            "lines": lines,
            "holds": holds,
            "problems": [each._asdict() for each in problems],
            "last_found": found if last else None,
            "events": told,
            "counts": dict(counts),
        }
    )
    _show(log, lines, told, counts, problems, screen)
    if not found:
        screen.say(f"no line has the hash {last}: its end was cut off, or it is another record", "bold red")
    return holds


def _tallied(line: dict[str, Any]) -> Counter[str]:
    """What a tally says; nothing of another line."""
    return Counter({key: value for key, value in line.items() if key in _COUNTED and isinstance(value, int)})


def _show(
    log: Path,
    lines: int,
    told: list[dict[str, Any]],
    counts: Counter[str],
    problems: list[Problem],
    screen: Screen,
) -> None:
    screen.say(f"{log}: {lines:,} lines", "bold")
    screen.table(
        ((_when(each), str(each.get("event")), _words(each)) for each in told), fold=(2,), styles={0: "dim", 1: "cyan"}
    )
    if counts:
        screen.heading("requests")
        screen.table(((what, f"{count:,}") for what, count in sorted(counts.items())), right=(1,))
    screen.say()
    for each in problems[:_SHOWN]:
        screen.say(f"line {each.line}: {each.what}", "bold red")
    if len(problems) > _SHOWN:
        screen.say(f"and {len(problems) - _SHOWN:,} lines more, which --json lists", "bold red")
    if not lines:
        screen.say("it is empty: no gateway has written into it", "yellow")
    elif not problems:
        screen.say("every line follows from the one before", "green")


def _when(line: dict[str, Any]) -> str:
    at = line.get("at")
    return clock(int(at)) if isinstance(at, int | float) else ""


def _words(line: dict[str, Any]) -> str:
    if line.get("event") in ("gained", "lost"):
        return f"{line.get('holder')} (block {line.get('block')}): {line.get('why')}"
    if line.get("event") == "started":
        return f"{line.get('benefit')} at {line.get('origin')}, before {line.get('upstream')}"
    return str(line.get("why") or "")
