"""What became of scenarios: a table for people, an object for programs, cases for continuous integration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from pyledger.analysis.script import Script
from pyledger.cli.junit import Case
from pyledger.cli.output import Screen
from pyledger.cli.playing import Played
from pyledger.errors import DocumentError, PyledgerError

__all__ = ["Result", "as_cases", "as_data", "show"]

_FOLDS: Final = 24
"""Up to how many scenarios all are listed; of more, those that failed."""

_TOLD: Final = 10
"""How many things that are not as expected are told of one scenario."""


class Result(NamedTuple):
    """A scenario, and how it went: played, or not fit to be."""

    name: str
    script: Script | None
    played: Played | None
    error: PyledgerError | None

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return self.played is not None and self.played.passed

    @property
    def title(self) -> str:
        """What it is called."""
        return self.script.title if self.script else ""

    def problems(self) -> Iterator[tuple[int | None, str, str, str]]:
        """What was not as it must be: line, what, expected and actual, the last two empty for a file that is wrong."""
        if isinstance(self.error, DocumentError):
            for finding in self.error.findings:
                hint = f" ({finding.hint})" if finding.hint else ""
                line = finding.line if self.error.file == self.name else None
                yield line, f"{_place(self, finding.path)}{finding.message}{hint}", "", ""
        elif self.error is not None:
            yield None, self.error.what, "", ""
        yield from self.played.problems if self.played else ()


def _place(result: Result, path: str) -> str:
    """Where in the document something is wrong, if it is not in the scenario itself."""
    error = result.error
    other = f"{error.file}: " if isinstance(error, DocumentError) and error.file != result.name else ""
    return f"{other}{path}: " if path else other


def show(results: Sequence[Result], seconds: float, screen: Screen, *, everything: bool) -> None:
    """The table, what was not as expected, and the sum."""
    failed = [each for each in results if not each.passed]
    rows = results if everything or len(results) <= _FOLDS else failed
    screen.table(
        [(*_row(each),) for each in rows],
        columns=("scenario", "is", "what it tells, or what was wrong first"),
        fold=(0, 2) if max((len(each.name) for each in rows), default=0) > screen.width // 2 else (2,),
        styles={0: "cyan"},
    )
    for each in failed:
        screen.heading(each.name)
        problems = list(each.problems())
        for line, what, expected, actual in problems[:_TOLD]:
            screen.say(f"{each.name}{f':{line}' if line else ''}: {what}", "red", indent=2)
            if expected or actual:
                screen.say(f"expected  {expected}", indent=4)
                screen.say(f"actual    {actual}", indent=4)
        if len(problems) > _TOLD:
            screen.say(f"and {len(problems) - _TOLD} more", indent=2)
    screen.say()
    counts = f"{len(results) - len(failed)} passed" + (f", {len(failed)} failed" if failed else "")
    screen.say(f"{counts}, in {seconds:.1f} seconds", "bold red" if failed else "bold green")


def _row(result: Result) -> tuple[str, str, str]:
    if result.passed:
        return result.name, "passed", result.title
    line, what, expected, actual = next(result.problems())
    found = f": {actual}, not {expected}" if expected else ""
    return result.name, "FAILED", f"{f'line {line}: ' if line else ''}{what}{found}"


def as_data(results: Sequence[Result], seconds: float) -> dict[str, Any]:
    """The same for programs."""
    return {
        "passed": sum(each.passed for each in results),
        "failed": sum(not each.passed for each in results),
        "seconds": round(seconds, 3),
        "scenarios": [
            {
                "file": each.name,
                "title": each.title,
                "document": each.script.named if each.script else None,
                "passed": each.passed,
                "transactions": each.played.transactions if each.played else 0,
                "seconds": round(each.played.seconds, 3) if each.played else 0,
                "problems": [
                    {"line": line, "what": what, "expected": expected, "actual": actual}
                    for line, what, expected, actual in each.problems()
                ],
            }
            for each in results
        ],
    }


def as_cases(results: Sequence[Result]) -> list[Case]:
    """The same for continuous integration: a test case for each scenario."""
    return [
        Case(
            of=each.script.named if each.script else "",
            name=each.name,
            file=each.name,
            seconds=each.played.seconds if each.played else 0.0,
            said=[_sentence(each.name, *problem) for problem in each.problems()],
            kind="failure" if each.played else "error",
        )
        for each in results
    ]


def _sentence(name: str, line: int | None, what: str, expected: str, actual: str) -> str:
    compared = f": expected {expected}, actual {actual}" if expected or actual else ""
    return f"{name}{f':{line}' if line else ''}: {what}{compared}"
